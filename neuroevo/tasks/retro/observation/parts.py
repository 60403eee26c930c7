"""What the parts of an observation share: the moment they look at, and how they show themselves.

A part turns the present moment of a game into some of a network's inputs. It writes them to its own
place in the one array that the network gets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.live.picture import Picture

UInt8Array = npt.NDArray[np.uint8]
Float64Array = npt.NDArray[np.float64]
Bounds = tuple[Float64Array, Float64Array]


class Moment(NamedTuple):
    """All that may be looked at when a decision is due.

    Attributes:
        emulator: for its screen and memory.
        start: the variables of data.json when the policy took over.
        num_frames: frames played since then.
        pressed: (num_buttons,) uint8, what the last decision pressed; zeros before the first.
        earlier_screen: (height, width, 3) uint8, the frame before the present one; None where no
            part asked for it, and before the first decision.
    """

    emulator: Emulator
    start: Mapping[str, int]
    num_frames: int
    pressed: UInt8Array
    earlier_screen: UInt8Array | None = None

    @property
    def variables(self) -> Mapping[str, int]:
        """Those of data.json, now, read anew: most networks see none."""
        return self.emulator.variables()


@dataclass(frozen=True, slots=True)
class Pictures:
    """Inputs to be drawn as pictures of one size.

    Attributes:
        label: e.g. ``grey 28 x 40, last 4``.
        values: (count, rows, columns) or (count, rows, columns, 3) float64, 0 to 1.
    """

    label: str
    values: Float64Array


@dataclass(frozen=True, slots=True)
class Bars:
    """Inputs to be drawn as a row of bars, one below the other.

    Attributes:
        label: e.g. ``variables``.
        names: one per value.
        values: (count,) float64, as the network gets them.
        bounds: of the values: (lowest, highest).
    """

    label: str
    names: tuple[str, ...]
    values: Float64Array
    bounds: tuple[float, float]


View = Pictures | Bars


class Part(Protocol):
    """One source of inputs."""

    @property
    def label(self) -> str:
        """Say in a few words what it is, for people: ``tiles 13 x 13``."""

    @property
    def num_inputs(self) -> int:
        """How many inputs it gives."""

    @property
    def sees_screen(self) -> bool:
        """Whether :meth:`see` needs the screen; getting it takes time."""

    def place(self, out: Float64Array) -> None:
        """Take the (num_inputs,) float64 that :meth:`see` writes to, once and for all."""

    def begin(self) -> None:
        """Forget the last episode."""

    def see(self, moment: Moment, screen: Picture) -> None:
        """Write the inputs.

        Args:
            moment: the present one.
            screen: RGB or as the core made it; empty unless ``sees_screen``.
        """

    def bounds(self) -> Bounds:
        """Return the lowest and the highest value of each input, two (num_inputs,) float64."""

    def view(self, values: Float64Array) -> View:
        """Return ``values``, (num_inputs,) float64, as people can look at them; a copy."""


def equal_bounds(num_inputs: int, lowest: float, highest: float) -> Bounds:
    """Return bounds that are the same for all inputs of a part."""
    return np.full(num_inputs, lowest), np.full(num_inputs, highest)
