"""The key table for people: rows of ``config explain``, and the page ``docs/config.md``."""

from __future__ import annotations

from dataclasses import dataclass

from neuroevo.config.key import Key
from neuroevo.config.loading import NEAT_DEFAULT, Config, Entry
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
        "What a network sees. `source = grey`: the screen as a small grey picture, one input per"
        " pixel, from 0 to 1. `source = tiles`: the square of tiles around the player, row by row,"
        " 1 solid, -1 enemy or hazard, 0 air. A key whose meaning begins with one of"
        " the two has no effect with the other."
    ),
    "Buttons": "What the outputs of a network press.",
    "Fitness": "What counts, and when an episode ends. The first ending that applies closes it.",
    "Run": "How long and on how many processes to run. Only `seed` changes what is evolved.",
    "NEAT": "The population.",
    "DefaultGenome": "Networks: their sizes, the mutation of their genes, and their distance.",
    "DefaultSpeciesSet": "How genomes are grouped into species.",
    "DefaultStagnation": "When a species has stopped to improve.",
    "DefaultReproduction": "Who breeds, and how much.",
}

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
| `gain` | the sum of its increases |
| `loss` | the sum of its decreases, as a positive number |
| `value` | its value at the end |
| `change` | its value at the end minus that at the start |
| `per_frame` | its sum over all frames; without an expression, the number of frames |
"""
