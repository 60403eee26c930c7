"""What the outputs press: outputs of a network to button masks of a console.

Owns how outputs are read; what a console lets through stands in ``pad.py``. A mask is
(num_buttons,) uint8, in the console's order. Knows nothing of games and emulators.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.buttons.pad import FORBIDDEN, Pad, UInt8Array
from neuroevo.tasks.retro.settings import ButtonSettings

__all__ = ["FORBIDDEN", "ButtonMapper"]

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
        self._pad = Pad(buttons, groups)
        self._autofire = self._pad.pattern("autofire", settings.autofire)
        self._pairs: dict[int, Masks] = {}
        self._outputs: tuple[int, ...] = ()
        self._levels: tuple[float, ...] = ()
        self._pressed_above: tuple[float, ...] = ()
        self._choices: tuple[tuple[slice, tuple[int, ...]], ...] = ()
        self._read_mode(settings)
        self.num_outputs = len(self._outputs)
        if not self._outputs:
            raise TaskError("[Buttons] must give at least one output; got none. Name buttons.")
        self.begin()

    @property
    def usable(self) -> UInt8Array:
        """(num_buttons,) uint8 of 0 and 1, read-only: the buttons that some output presses."""
        pattern = 0
        for bits in self._outputs:
            pattern |= bits
        return self._pad.mask(pattern)

    def begin(self) -> None:
        """Start the counts of an episode."""
        self._decisions = self._saturated = self._wanted = self._dropped = 0

    def counts(self) -> dict[str, float]:
        """Return the counts since :meth:`begin`, as fractions from 0 to 1 and in numbers, ``num_``.

        ``presses_dropped``: of the button presses that outputs asked for, those that the console
        cannot press together with the others. ``outputs_saturated``: of the outputs of all
        decisions, those at 1.0 or beyond, or at -1.0 or beyond: where an activation function ends,
        outputs are equal whatever the network sees.
        """
        outputs = self._decisions * self.num_outputs
        return {
            "presses_dropped": self._dropped / self._wanted if self._wanted else 0.0,
            "outputs_saturated": self._saturated / outputs if outputs else 0.0,
            "num_presses_dropped": float(self._dropped),
            "num_outputs_saturated": float(self._saturated),
        }

    def masks(self, outputs: Float64Array) -> Masks:
        """Return the masks (first half, second half) of a decision, and count it.

        Args:
            outputs: (num_outputs,) float64; NaN presses nothing.
        """
        values: list[float] = outputs.tolist()
        self._decisions += 1
        for value in values:
            if value >= 1.0 or value <= -1.0:
                self._saturated += 1
        if self._choices:
            return self._pair(self._highest(values))
        pattern = 0
        for value, level, bit in zip(values, self._pressed_above, self._outputs, strict=True):
            if value > level:
                pattern |= bit
        self._wanted += pattern.bit_count()
        pair = self._pairs.get(pattern)  # it holds legal patterns only
        if pair is not None:
            return pair
        if not self._pad.is_legal(pattern):
            pattern = self._resolve(pattern, values)
        return self._pair(pattern)

    def pressed(self, mask: UInt8Array) -> tuple[str, ...]:
        """Return the names of the buttons of a mask."""
        return self._pad.names(sum(1 << i for i, bit in enumerate(mask) if bit))

    def _read_mode(self, settings: ButtonSettings) -> None:
        """Set what each output presses, and by which rule."""
        if settings.mode == "combos":
            self._set_choices("combos", (settings.combos,))
        elif settings.mode == "groups":
            self._set_choices("groups", settings.groups)
        elif settings.mode == "threshold":
            self._outputs = self._single_buttons(settings)
            self._levels = _one_each(settings.threshold, len(self._outputs))
            self._pressed_above = self._levels
        elif settings.mode == "saturated":
            self._outputs = self._single_buttons(settings)
            self._levels = (1.0,) * len(self._outputs)
            # int() of 1.0 is 1: what lies above the largest number below 1.0 is pressed.
            self._pressed_above = (math.nextafter(1.0, 0.0),) * len(self._outputs)
        else:
            raise TaskError(
                f"[Buttons] mode: must be threshold, combos, groups or saturated; got "
                f"{settings.mode!r}. Choose one."
            )

    def _set_choices(self, key: str, groups: Sequence[Sequence[Sequence[str]]]) -> None:
        choices = [tuple(self._pad.combination(key, c) for c in group) for group in groups]
        if not all(choices):
            raise TaskError(
                f"[Buttons] {key}: must hold at least one combination each; got an empty one. "
                f"Add for example NONE, or remove it."
            )
        clash = self._pad.first_clash(choices)
        if clash:
            named = " and ".join("+".join(self._pad.names(pattern)) for pattern in clash)
            raise TaskError(
                f"[Buttons] {key}: whatever wins in each group must be pressable together; got "
                f"{named}. Put them into the same group, or drop one of them."
            )
        for number, choice in enumerate(choices, 1):
            start = len(self._outputs)
            self._outputs += choice
            # To the end in the last one, so that an output too many is an error there.
            end = start + len(choice) if number < len(choices) else None
            self._choices += ((slice(start, end), choice),)

    def _single_buttons(self, settings: ButtonSettings) -> tuple[int, ...]:
        """Return the button of each output, 0 where it has none."""
        named = settings.buttons or self._pad.players_buttons
        chosen = self._pad.pattern("buttons", named)
        if settings.outputs == "console":
            return tuple(chosen & (1 << i) for i in range(self._pad.num_buttons))
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
        return tuple(self._pad.pattern("buttons", (name,)) for name in named)

    def _highest(self, values: list[float]) -> int:
        """Return the union of each choice's combination with the highest output."""
        pattern = 0
        for where, combinations in self._choices:
            pattern |= _highest_of(values[where], combinations)
        return pattern

    def _resolve(self, pattern: int, values: list[float]) -> int:
        """Keep the legal part of a pattern whose outputs rise highest, and count the rest."""
        heights = {
            bit: value - level
            for value, level, bit in zip(values, self._levels, self._outputs, strict=True)
            if pattern & bit
        }
        kept = self._pad.legal_part(pattern, heights)
        self._dropped += (pattern ^ kept).bit_count()
        return kept

    def _pair(self, pattern: int) -> Masks:
        pair = self._pairs.get(pattern)
        if pair is None:
            pressed = self._pad.mask(pattern)
            has_autofire = pattern & self._autofire
            # The same object where nothing is let go: whoever holds it has nothing to do.
            pair = pressed, self._pad.mask(pattern & ~self._autofire) if has_autofire else pressed
            self._pairs[pattern] = pair
        return pair


def _one_each(levels: Sequence[float], num_outputs: int) -> tuple[float, ...]:
    """Return one threshold per output from one for all or from as many as there are outputs."""
    if len(levels) == 1:
        return tuple(levels) * num_outputs
    if len(levels) != num_outputs:
        raise TaskError(
            f"[Buttons] threshold: must be one number, or one per output; got {len(levels)} for "
            f"{num_outputs} outputs. Give one, or {num_outputs}."
        )
    return tuple(levels)


def _highest_of(values: Sequence[float], combinations: Sequence[int]) -> int:
    """Return the combination of the highest output, the first one of equals; 0 if all are NaN."""
    best, pattern = -math.inf, None
    for value, combination in zip(values, combinations, strict=True):
        if value > best or (pattern is None and value == best):
            best, pattern = value, combination
    return pattern or 0
