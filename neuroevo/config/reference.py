"""The key table for people: rows of ``config explain``, and the page ``docs/config.md``."""

from __future__ import annotations

from dataclasses import dataclass

from neuroevo.config.key import Key
from neuroevo.config.loading import NEAT_DEFAULT, Config, Entry
from neuroevo.config.presets import ABOUT_PRESETS, PRESETS
from neuroevo.config.table import KEYS, SECTIONS, find_key


@dataclass(frozen=True, slots=True)
class ExplainedKey:
    """One row of ``config explain``."""

    section: str
    key: str
    value: str
    source: str
    meaning: str
    requirement: str
    origin: str


def explain(config: Config) -> list[ExplainedKey]:
    """Return every resolved key: its value, where it came from and what it means."""
    return [_explained(entry) for entry in config.entries]


def filled_from_neat_python(config: Config) -> list[Entry]:
    """Return the keys that the file leaves out and that got neat-python's default."""
    return [entry for entry in config.entries if entry.source == NEAT_DEFAULT]


def _explained(entry: Entry) -> ExplainedKey:
    key = find_key(entry.section, entry.key)
    assert key is not None, f"an entry without a key: {entry}"
    return ExplainedKey(
        entry.section, entry.key, entry.value, entry.source, key.meaning, key.requirement,
        key.origin,
    )  # fmt: skip


def reference_markdown() -> str:
    """Return ``docs/config.md``, made from the key table."""
    parts = [_INTRODUCTION]
    for section in SECTIONS:
        parts.append(f"## [{section}]\n\n{_ABOUT[section]}\n\n{_table(section)}\n")
        if section == "Buttons":
            parts.append(_BUTTONS)
        if PRESETS.get(section):
            parts.append(_presets(section))
        if section == "Fitness":
            parts.append(_TERMS)
    return "\n".join(parts)


def _table(section: str) -> str:
    keys = [key for key in KEYS if key.section == section]
    rows = ["| key | must be | default | origin | meaning |", "|---|---|---|---|---|"]
    return "\n".join([*rows, *(_row(key) for key in keys)])


def _row(key: Key) -> str:
    default = "required" if key.default is None else f"`{key.default}`"
    owners = f"{' and '.join(key.tasks)}: " if key.section == "Task" and key.tasks else ""
    meaning = owners + key.meaning
    cells = (f"`{key.name}`", key.requirement, default, key.origin, meaning)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _lines(text: str) -> str:
    return " and, on a line of its own, ".join(f"`{line}`" for line in text.split("\n"))


def _presets(section: str) -> str:
    about = ABOUT_PRESETS.get(section, {})
    rows = [f"### Presets of [{section}]", "", "| preset | gives |", "|---|---|"]
    for name, values in PRESETS[section].items():
        gives = "; ".join(f"`{key}` = {_lines(text)}" for key, text in values.items())
        rows.append(f"| `{name}` | {about.get(name, '')}<br>{gives} |")
    return "\n".join([*rows, ""])


_INTRODUCTION = """\
# Every key of a settings file

This page is made from the key table of the program; `make docs` writes it anew.

A settings file is an INI file: sections in brackets, `key = value` below them, comments from `#` or
`;` to the end of the line. Names of keys may have capitals or not. A truth value is `true`, `yes`,
`on`, `1` or `false`, `no`, `off`, `0`. Files of neat-python 0.92 to 2.1 load unchanged: what an old
file leaves out gets neat-python's own default, and `neuroevo config explain FILE` lists it.
`neuroevo config check FILE` shows all mistakes at once. On the command line,
`--set SECTION.KEY=VALUE` replaces a value.
"""

_ABOUT = {
    "Task": "What the networks are scored on. A file without this section loads, but cannot run.",
    "Retro": "The game; for the task `retro` only, like the three sections after it.",
    "Observation": (
        "What a network sees: the inputs of all names in `source`, one after the other, such as"
        " `source = tiles, variables, last_action`. Pictures (`grey`, `rgb`) go row by row, the"
        " oldest of a stack first, and red, green and blue one after the other; `tiles` are the"
        " square around the player, row by row, 1 solid, -1 enemy or hazard, 0 air; `last_action`"
        " is 1 for each button that the last decision pressed, 0 for the others, in the order of"
        " the console. A key whose meaning begins with the name of a source, or with `Pixels` for"
        " `grey` and `rgb`, has no effect without it. `neuroevo evaluate GENOME --dump-observation"
        " DIR` writes pictures of what a network sees, and of which inputs are what."
    ),
    "Buttons": (
        "What the outputs of a network press. START, SELECT, MODE and RESET are never pressed,"
        " whatever the outputs are."
    ),
    "Fitness": "What counts, and when an episode ends. The first ending that applies closes it.",
    "Run": "How long and on how many processes to run. Only `seed` changes what is evolved.",
    "NEAT": "The population.",
    "DefaultGenome": "Networks: their sizes, the mutation of their genes, and their distance.",
    "DefaultSpeciesSet": "How genomes are grouped into species.",
    "DefaultStagnation": "When a species has stopped to improve.",
    "DefaultReproduction": "Who breeds, and how much.",
}

_BUTTONS = """\
### Modes

| mode | outputs | pressed |
|---|---|---|
| `threshold` | one per button | every button whose output is above its threshold |
| `saturated` | one per button | every button whose output is 1.0 or more, as `int(output)` would |
| `combos` | one per combination | the combination with the highest output, the first of equals |
| `groups` | one per combination | in each group the combination with the highest output |

A console does not let every pattern of buttons through: it drops LEFT with RIGHT, or A with C on
the Genesis. In `threshold` and `saturated`, where outputs ask for such a pattern, the part of it
that is possible and whose outputs stand highest above their threshold is pressed; of LEFT and RIGHT
at the same height, neither. In `combos` and `groups`, every combination, and whatever the groups
can add up to, must be possible: if not, the run does not start. Two groups, 5 + 3 outputs, 15
things to press:

```ini
[Buttons]
groups =
    LEFT, RIGHT, UP, DOWN, NONE
    A, B, NONE
```

Two metrics of the log tell whether this goes well. `presses_dropped`: of the presses that outputs
asked for, the fraction that the console cannot press together with the others. `outputs_saturated`:
of all outputs, the fraction at 1.0 or beyond, or at -1.0 or beyond. Many activation functions end
there, and an output that never leaves the end is the same whatever the network sees.
`num_presses_dropped` and `num_outputs_saturated` are the same in numbers, per episode.
"""

_TERMS = """\
### Terms

One term per line, indented below `terms =`:

```ini
[Fitness]
terms =
    distance: new_max 256 * xscrollHi + xscrollLo x 1.0
    score: gain score x 0.1
    time: per_frame x -0.01
```

A line is `label: kind expression x weight`. The label names the term in reports. The expression is
arithmetic over the game's variables (`neuroevo games show GAME` lists them); `start.lives` is the
value of `lives` at the start of the episode. The weight may be left out and is 1.0 then.

| kind | measures |
|---|---|
| `new_max` | how far the expression's maximum rose above its value at the start |
| `milestones` | how many whole numbers above its start it reached: `milestones x / 500 x 10` |
| `gain` | the sum of its increases |
| `loss` | the sum of its decreases, as a positive number |
| `value` | its value at the end |
| `change` | its value at the end minus that at the start |
| `per_frame` | its sum over all frames; without an expression, the number of frames |
| `on_win` | its value in the frame of the win, else 0; without an expression, 1 |
| `on_death` | its value in the frame of the death, else 0; without an expression, 1 |

An expression knows + - * / // %, comparisons, `and`, `or`, `not`, `min`, `max`, `abs` and:

| word | means |
|---|---|
| `start.lives` | the value at the start of the episode |
| `before.lives` | the value one frame ago |
| `fell(lives)`, `rose(lives)` | the value is lower, or higher, than one frame ago |
| `frames` | the frames played so far, unless the game has a variable of that name |

A life is lost when `fell(lives)`: `lives == 2` is wrong in another state, and `lives < start.lives`
does not see the death that takes a life won on the way. In the first frames of a level a variable
can hold what was in memory before. So a win that compares with one waits for some way or time:
`screen_x >= screen_x_end and screen_x > start.screen_x + 1000`, or `frames > 60 and ...`.

### Counters that wrap, places that jump

`unwrap = hpos 256` lets a counter with 256 values, 0 to 255, go on instead of starting anew, in the
expressions of `[Fitness]`: all of them see it so, while `[Observation] variables` see it as it is.
A change of more than half the values within one frame is taken as a wrap.
This cannot work where the game itself moves the counter that far at once (a pipe, a respawn, the
next level). If the game has a byte for the page, take `256 * page + hpos` instead.

`max_jump = 64` is for pipes, warps and respawns. A change of more than 64 within one frame is no
progress for `new_max` terms and `stall_expression`. Each place above the start counts once, when it
is walked over: nothing for what a pipe passes by, and nothing again after a respawn. The number is
in the unit of the expressions; a score that rises by 100 at once wants `gain`.

### Endings

`won`, `died`, `terminated` (by the game's scenario), `stalled`, `rocking` and `max_frames`, looked
for in this order. The log counts each. `stalled`: no new maximum of `stall_expression` for
`stall_frames`, plus `stall_growth` for each frame played; 20 and 0.25 is MarI/O's rule. A growing
limit has no ending of its own, it is `stalled` too. `rocking`: `stall_expression` changed its
direction `rocking_turns` times since its last new maximum.
"""
