"""The pad of a console: which of its buttons may be pressed, and which together.

A pattern is an integer, bit i of it is button i of the console's own order. Knows nothing of
networks and settings.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError

FORBIDDEN = frozenset({"START", "SELECT", "MODE", "RESET", "PAUSE", "RUN"})
"""Buttons of the machine, not of the player: a menu or a restart is no way to play."""

OPPOSITES = (("UP", "DOWN"), ("LEFT", "RIGHT"))

UInt8Array = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Group:
    """Buttons that exclude each other in some way.

    Attributes:
        whole: all of them.
        members: the legal patterns, as they are listed.
    """

    whole: int
    members: tuple[int, ...]
    _parts: dict[int, tuple[tuple[int, tuple[int, ...]], ...]] = field(default_factory=dict)

    def allows(self, pattern: int) -> bool:
        """Say whether the buttons of this group in a pattern may be pressed; none always may."""
        pressed = pattern & self.whole
        return not pressed or pressed in self.members

    def parts(self, pressed: int) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Return the legal parts of a pattern and the buttons of each; most buttons first."""
        if pressed not in self._parts:
            parts = [part for part in self.members if part and part & pressed == part]
            parts.sort(key=int.bit_count, reverse=True)  # stable: else as they are listed
            self._parts[pressed] = tuple((part, _bits_of(part)) for part in parts)
        return self._parts[pressed]


class Pad:
    """The buttons of one console.

    Attributes:
        num_buttons: places in a mask, those without a button included.
    """

    def __init__(self, buttons: Sequence[str | None], groups: Iterable[Sequence[int]] = ()) -> None:
        """Learn the console.

        Args:
            buttons: in the console's own order; None where a place has none.
            groups: per group of buttons that exclude each other, the legal patterns; a pattern
                that is not listed cannot be pressed, nor a button that stands in none of them.
                Opposite directions exclude each other. () lets all else through.
        """
        self.num_buttons = len(buttons)
        self._bits = {name: 1 << i for i, name in enumerate(buttons) if name is not None}
        self._opposites = self._find_opposites()
        listed = tuple(groups)
        self._groups = self._with_opposites(listed)
        # stable-retro lets no button through that stands in none of its groups.
        self._passed = _union(map(_union, listed)) if listed else (1 << self.num_buttons) - 1
        self._legal: dict[int, bool] = {}

    @property
    def players_buttons(self) -> tuple[str, ...]:
        """The names of the buttons that may be pressed, in the console's order."""
        return tuple(name for name in self.names(self._passed) if name not in FORBIDDEN)

    def pattern(self, key: str, names: Iterable[str]) -> int:
        """Return the pattern of these buttons.

        Args:
            key: the key of ``[Buttons]`` that names them, for messages.
            names: of buttons.

        Raises:
            TaskError: a button that the console does not have, or one that is forbidden.
        """
        pattern = 0
        for name in names:
            if name in FORBIDDEN:
                raise TaskError(
                    f"[Buttons] {key}: must not press {', '.join(sorted(FORBIDDEN))}; got {name}. "
                    f"It leaves the game for a menu or restarts it: remove it."
                )
            if name not in self.players_buttons:
                raise TaskError(
                    f"[Buttons] {key}: must name buttons that a player has on this console; got "
                    f"{name!r}. {self._nearest(name)}It has: {', '.join(self.players_buttons)}."
                )
            pattern |= self._bits[name]
        return pattern

    def combination(self, key: str, names: Sequence[str]) -> int:
        """Return the pattern of buttons that are pressed together.

        Raises:
            TaskError: as :meth:`pattern`, or the console cannot press them together.
        """
        pattern = self.pattern(key, names)
        if not self.is_legal(pattern):
            raise TaskError(
                f"[Buttons] {key}: must be pressable together; got {'+'.join(names)}. "
                f"stable-retro would press nothing of it: split it."
            )
        return pattern

    def is_legal(self, pattern: int) -> bool:
        """Say whether the console lets all buttons of the pattern through."""
        legal = self._legal.get(pattern)
        if legal is None:
            legal = not pattern & ~self._passed
            legal = legal and all(group.allows(pattern) for group in self._groups)
            self._legal[pattern] = legal
        return legal

    def legal_part(self, pattern: int, heights: Mapping[int, float]) -> int:
        """Return what is left of a pattern so that it is legal.

        In each group that is pressed illegally, the legal part with the largest sum of heights
        stays; of equal parts the one with more buttons, of those the first one listed. Opposite
        directions of equal height cancel.

        Args:
            pattern: of any buttons.
            heights: how much each of its buttons is wanted, by the button's bit.
        """
        for group in self._groups:
            if not group.allows(pattern):
                kept = self._best_part(group, pattern & group.whole, heights)
                pattern = pattern & ~group.whole | kept
        return pattern

    def first_clash(self, choices: Sequence[Sequence[int]]) -> tuple[int, ...]:
        """Return one combination per choice that cannot be pressed together, () if all can.

        Args:
            choices: per choice its combinations, each one legal by itself.
        """
        for group in self._groups:
            for pattern, example in _unions(choices, group.whole).items():
                if not group.allows(pattern):
                    return tuple(one for one in example if one & group.whole)
        return ()

    def mask(self, pattern: int) -> UInt8Array:
        """Return the pattern as (num_buttons,) uint8 of 0 and 1, read-only."""
        mask = np.array([pattern >> i & 1 for i in range(self.num_buttons)], np.uint8)
        mask.flags.writeable = False
        return mask

    def names(self, pattern: int) -> tuple[str, ...]:
        """Return the names of the buttons of a pattern, in the console's order."""
        return tuple(name for name, bit in self._bits.items() if pattern & bit)

    def _nearest(self, name: str) -> str:
        close = difflib.get_close_matches(name.upper(), self.players_buttons, 1, 0.5)
        return f"Did you mean {close[0]}? " if close else ""

    def _find_opposites(self) -> tuple[int, ...]:
        pairs = ([self._bits.get(name, 0) for name in names] for names in OPPOSITES)
        return tuple(one | other for one, other in pairs if one and other)

    def _with_opposites(self, listed: Iterable[Sequence[int]]) -> tuple[_Group, ...]:
        """Return the groups of the console, and one per opposite pair that has none."""
        groups = []
        for members in listed:
            groups.append(_Group(_union(members), tuple(members)))
        for both in self._opposites:
            one = both & -both
            if not any(group.whole & one for group in groups):
                groups.append(_Group(both, (0, one, both ^ one)))
        return tuple(groups)

    def _best_part(self, group: _Group, pressed: int, heights: Mapping[int, float]) -> int:
        best, highest, is_tie = 0, 0.0, False
        for part, bits in group.parts(pressed):
            height = 0.0
            for bit in bits:  # not sum(), which rounds differently from Python 3.12 on
                height += heights[bit]
            if not best or height > highest:
                best, highest, is_tie = part, height, False
            else:
                is_tie = is_tie or height == highest
        return 0 if is_tie and pressed in self._opposites else best


def _union(patterns: Iterable[int]) -> int:
    union = 0
    for pattern in patterns:
        union |= pattern
    return union


def _bits_of(pattern: int) -> tuple[int, ...]:
    return tuple(1 << i for i in range(pattern.bit_length()) if pattern >> i & 1)


def _unions(choices: Sequence[Sequence[int]], whole: int) -> dict[int, tuple[int, ...]]:
    """Return what one combination per choice can add up to within ``whole``, with an example."""
    unions: dict[int, tuple[int, ...]] = {0: ()}
    for combinations in choices:
        added: dict[int, tuple[int, ...]] = {}
        for pattern, example in unions.items():
            for one in combinations:
                added.setdefault(pattern | one & whole, (*example, one))
        unions = added
    return unions
