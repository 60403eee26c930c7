"""The pads of three consoles as stable-retro describes them, for tests without an emulator.

``tests/emulator/test_retro_pad.py`` compares them with stable-retro's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_UP_DOWN = [[], ["UP"], ["DOWN"]]
_LEFT_RIGHT = [[], ["LEFT"], ["RIGHT"]]


def _combos(text: str) -> list[list[str]]:
    return [[], *(combo.split("+") for combo in text.split())]


@dataclass(frozen=True)
class Console:
    """A pad: its buttons in their order, and per group the combinations that it lets through."""

    buttons: Sequence[str | None]
    actions: Sequence[Sequence[Sequence[str]]]

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The legal patterns of each group, ascending, as the emulator gives them."""
        bit = {name: 1 << i for i, name in enumerate(self.buttons)}
        return tuple(
            tuple(sorted({sum(bit[name] for name in combo) for combo in group}))
            for group in self.actions
        )


CONSOLES = {
    "Nes": Console(
        ("B", None, "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT", "A"),
        (_UP_DOWN, _LEFT_RIGHT, _combos("A B A+B")),
    ),
    "Genesis": Console(
        ("B", "A", "MODE", "START", "UP", "DOWN", "LEFT", "RIGHT", "C", "Y", "X", "Z"),
        (_UP_DOWN, _LEFT_RIGHT, _combos("A B C X Y Z A+B B+C A+X B+Y C+Z X+Y Y+Z")),
    ),
    "Snes": Console(
        ("B", "Y", "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT", "A", "X", "L", "R"),
        (
            _UP_DOWN,
            _LEFT_RIGHT,
            _combos("A B X Y A+B B+Y Y+X X+A A+B+Y B+Y+X Y+X+A A+B+Y+X"),
            _combos("L R L+R"),
        ),
    ),
}
