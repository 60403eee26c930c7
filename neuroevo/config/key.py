"""One entry of the key table: what a key of a settings file may hold, and what it means.

Owns the shape of the table's rows. The rows stand in ``neat_keys.py``, ``run_keys.py`` and
``retro_keys.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NEUROEVO = "neuroevo"
"""Origin of the keys that neat-python does not have."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of one section.

    Attributes:
        section: with the capitals of the file, e.g. ``DefaultGenome``.
        name: lower case.
        kind: names the reader in ``values.py``: int, float, bool, choice, choices, text,
            expression, connection, list, wins, paths, path, file, codes, buttons, combos,
            groups, numbers, moduli, crop, expressions, addresses or terms.
        default: text as it would stand in a file; None: the key must be given.
        meaning: one sentence for the reference page and ``config explain``.
        origin: the first neat-python version that has the key, or :data:`NEUROEVO`.
        low: smallest number allowed.
        high: largest number allowed.
        choices: names allowed.
        aliases: other spellings of choices.
        words: words that stand in place of the value, e.g. ``auto``; the first is the usual one.
        tasks: the tasks that have the key; () is every task, and none.
        neat_default: neat-python itself fills in this default.
        example: a value for messages where the default is none.
    """

    section: str
    name: str
    kind: str
    default: str | None
    meaning: str
    origin: str = NEUROEVO
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    neat_default: bool = False
    example: str = ""

    @property
    def requirement(self) -> str:
        """What a value must be, as the middle of a sentence: ``a number from 0 to 1``."""
        described = _DESCRIPTIONS.get(self.kind, "") or self._number_or_choice()
        return " or ".join((*self.words[:1], described))

    def _number_or_choice(self) -> str:
        if self.kind in ("choice", "choices"):
            one = "one of" if self.kind == "choice" else "names, separated by spaces, out of"
            return f"{one} {', '.join(self.choices)}"
        noun = "a whole number" if self.kind == "int" else "a number"
        if self.low is not None and self.high is not None:
            high = int(self.high) if self.kind == "int" else f"{self.high:.10g}"
            return f"{noun} from {self.low:g} to {high}"
        return noun if self.low is None else f"{noun}, at least {self.low:g}"


_DESCRIPTIONS: Mapping[str, str] = {
    "bool": "true or false",
    "text": "text on one line",
    "expression": "arithmetic over the game's variables on one line",
    "connection": (
        "unconnected, fs_neat_nohidden, fs_neat, fs_neat_hidden, full_nodirect, full, full_direct,"
        " or partial_nodirect, partial, partial_direct followed by a fraction from 0 to 1"
    ),
    "list": "names separated by commas",
    "wins": "a number of wins of a number of generations, such as 2 of 3",
    "path": "a name or a path",
    "file": "a path",
    "paths": "folders separated by commas",
    "codes": "none, or codes from 0 to 511 and ranges of them, such as 0x10-0x1f, 64",
    "crop": "none, or four whole numbers x, y, width, height",
    "expressions": "none, or arithmetic over the game's variables, separated by commas",
    "addresses": "none, or addresses and ranges of them, such as 0x0-0x1f, 0x7d",
    "buttons": "button names separated by commas",
    "combos": "button combinations separated by commas, such as LEFT, RIGHT+B, NONE",
    "groups": "one group of button combinations per line, such as LEFT, RIGHT, NONE",
    "numbers": "a number, or several separated by commas",
    "moduli": "names with the number of their values, such as hpos 256, time 65536",
    "terms": "one term per line, `label: kind expression x weight`",
}
