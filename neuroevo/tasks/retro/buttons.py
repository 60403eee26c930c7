"""What the outputs press: outputs of a network to button masks of a console.

Owns which buttons may be pressed at all, and which together. A mask is (num_buttons,) uint8, in
the console's order. Knows nothing of games and emulators.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.settings import ButtonSettings

FORBIDDEN = frozenset({"START", "SELECT", "MODE", "RESET", "PAUSE", "RUN"})
"""Buttons of the machine, not of the player: a menu or a restart is no way to play."""

OPPOSITES = (("UP", "DOWN"), ("LEFT", "RIGHT"))

UInt8Array = npt.NDArray[np.uint8]
Float64Array = npt.NDArray[np.float64]
Masks = tuple[UInt8Array, UInt8Array]


class ButtonMapper:
    """Turns the outputs of one decision into two masks.

    The first mask is held for the first half of the decision's frames, the second for the rest;
    they differ in the autofire buttons only.

    Attributes:
        num_outputs: how many outputs a network must give.
    """

    def __init__(
        self,
        settings: ButtonSettings,
        buttons: Sequence[str | None],
        groups: Iterable[Sequence[int]] = (),
    ) -> None:
        """Check the settings against a console.

        Args:
            settings: which outputs press what.
            buttons: the console's buttons in its own order; None where a place has none.
            groups: per group of buttons that exclude each other, the legal patterns (bit i is
                button i); a pattern that is not listed cannot be pressed.

        Raises:
            TaskError: an unknown or forbidden button, an illegal combination, no output.
        """
        self._bits = {name: 1 << i for i, name in enumerate(buttons) if name is not None}
        self._num_buttons = len(buttons)
        self._groups = _with_opposites(groups, self._bits)
        self._threshold = settings.threshold
        self._autofire = self._pattern("autofire", settings.autofire)
        self._pairs: dict[int, Masks] = {}
        self._legal: dict[int, bool] = {}
        self._outputs = self._output_bits(settings)
        self._is_combos = settings.mode == "combos"
        self.num_outputs = len(self._outputs)
        if not self._outputs:
            raise TaskError("[Buttons] must give at least one output; got none. Name buttons.")

    def masks(self, outputs: Float64Array) -> Masks:
        """Return the masks (first half, second half) of a decision.

        Args:
            outputs: (num_outputs,) float64; NaN presses nothing.
        """
        values = outputs.tolist()
        if self._is_combos:
            return self._pair(self._highest(values))
        pattern = 0
        for value, bit in zip(values, self._outputs, strict=True):
            if value > self._threshold:
                pattern |= bit
        if not self._is_legal(pattern):
            pattern = self._resolve(pattern, values)
        return self._pair(pattern)

    def pressed(self, mask: UInt8Array) -> tuple[str, ...]:
        """Return the names of the buttons of a mask."""
        return tuple(name for name, bit in self._bits.items() if mask[bit.bit_length() - 1])

    def _output_bits(self, settings: ButtonSettings) -> list[int]:
        if settings.mode == "combos":
            return [self._combo(combo) for combo in settings.combos]
        if settings.mode != "threshold":
            raise TaskError(
                f"[Buttons] mode: must be threshold or combos; got {settings.mode!r}. Choose one."
            )
        named = settings.buttons or tuple(b for b in self._bits if b not in FORBIDDEN)
        chosen = self._pattern("buttons", named)
        if settings.outputs == "console":
            return [chosen & (1 << i) for i in range(self._num_buttons)]
        if settings.outputs != "buttons":
            raise TaskError(
                f"[Buttons] outputs: must be buttons or console; got {settings.outputs!r}. "
                f"Choose one."
            )
        if len(set(named)) < len(named):
            raise TaskError(
                f"[Buttons] buttons: must name each button once; got {', '.join(named)}. "
                f"Remove the repeated one."
            )
        return [self._bits[name] for name in named]

    def _pattern(self, key: str, names: Iterable[str]) -> int:
        pattern = 0
        for name in names:
            if name in FORBIDDEN:
                raise TaskError(
                    f"[Buttons] {key}: must not press {', '.join(sorted(FORBIDDEN))}; got {name}. "
                    f"It leaves the game for a menu or restarts it: remove it."
                )
            if name not in self._bits:
                raise TaskError(
                    f"[Buttons] {key}: must name buttons of the console; got {name!r}. "
                    f"{self._nearest(name)}It has: {', '.join(self._players_buttons())}."
                )
            pattern |= self._bits[name]
        return pattern

    def _combo(self, names: Sequence[str]) -> int:
        pattern = self._pattern("combos", names)
        if not self._is_legal(pattern):
            raise TaskError(
                f"[Buttons] combos: must be pressable together; got {'+'.join(names)}. "
                f"stable-retro would press nothing of it: split it."
            )
        return pattern

    def _players_buttons(self) -> list[str]:
        return [name for name in self._bits if name not in FORBIDDEN]

    def _nearest(self, name: str) -> str:
        close = difflib.get_close_matches(name.upper(), self._players_buttons(), 1, 0.5)
        return f"Did you mean {close[0]}? " if close else ""

    def _is_legal(self, pattern: int) -> bool:
        legal = self._legal.get(pattern)
        if legal is None:
            legal = all(pattern & everything in members for everything, members in self._groups)
            self._legal[pattern] = legal
        return legal

    def _highest(self, values: list[float]) -> int:
        """Return the combination of the highest output, the first one of equals."""
        best, pattern = -math.inf, None
        for value, combo in zip(values, self._outputs, strict=True):
            if value > best or (pattern is None and value == best):
                best, pattern = value, combo
        return pattern or 0

    def _resolve(self, pattern: int, values: list[float]) -> int:
        """In each group that is pressed illegally, keep the legal part with the highest outputs."""
        margins = {
            bit: value - self._threshold
            for bit, value in zip(self._outputs, values, strict=True)
            if bit
        }
        for everything, members in self._groups:
            if pattern & everything not in members:
                kept = _best_part(pattern & everything, members, margins)
                pattern = pattern & ~everything | kept
        return pattern

    def _pair(self, pattern: int) -> Masks:
        pair = self._pairs.get(pattern)
        if pair is None:
            pair = self._mask(pattern), self._mask(pattern & ~self._autofire)
            self._pairs[pattern] = pair
        return pair

    def _mask(self, pattern: int) -> UInt8Array:
        mask = np.array([pattern >> i & 1 for i in range(self._num_buttons)], np.uint8)
        mask.flags.writeable = False
        return mask


def _with_opposites(
    groups: Iterable[Sequence[int]], bits: dict[str, int]
) -> list[tuple[int, tuple[int, ...]]]:
    """Return (all buttons, legal patterns) per group; opposite directions always exclude."""
    found = []
    for members in groups:
        everything = 0
        for member in members:
            everything |= member
        found.append((everything, tuple(members)))
    for names in OPPOSITES:
        one, other = (bits.get(name, 0) for name in names)
        if one and other and not any(everything & one for everything, _ in found):
            found.append((one | other, (0, one, other)))
    return found


def _best_part(pressed: int, members: Sequence[int], margins: dict[int, float]) -> int:
    """Choose the legal part of ``pressed`` whose outputs rise highest above the threshold.

    Equal single buttons cancel (up and down at the same height: neither); of larger equal
    combinations the first one listed is kept.
    """
    parts = [member for member in members if member and member & pressed == member]
    if not parts:
        return 0
    totals = [sum(m for bit, m in margins.items() if bit & part) for part in parts]
    best = max(totals)
    highest = [part for part, total in zip(parts, totals, strict=True) if total == best]
    singles = all(part.bit_count() == 1 for part in highest)
    return 0 if singles and len(highest) > 1 else highest[0]
