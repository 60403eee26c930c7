"""What a network sees: the choice among the observations, and the control that sees nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import grey, tiles
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.settings import ObservationSettings

Float64Array = npt.NDArray[np.float64]


class Observer(Protocol):
    """Turns the present moment of a game into the inputs of a network."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the inputs, for whoever wants to look at them."""

    @property
    def num_inputs(self) -> int:
        """How many inputs the network gets."""

    def observe(self, emulator: Emulator) -> Float64Array:
        """Return (num_inputs,) float64; the array may be reused by the next call."""


class NoiseObserver:
    """Sees nothing: fresh random numbers for every decision, whatever happens in the game.

    A network that plays as well with it as with its eyes has learned the level by heart.
    """

    def __init__(
        self, shape: tuple[int, int], lowest: float, generator: np.random.Generator
    ) -> None:
        """Take how many numbers to draw, uniform from ``lowest`` to below 1, and from where."""
        self._shape, self._lowest, self._generator = shape, lowest, generator

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of what it stands for."""
        return self._shape

    @property
    def num_inputs(self) -> int:
        """How many inputs the network gets."""
        return self._shape[0] * self._shape[1]

    def observe(self, emulator: Emulator) -> Float64Array:  # noqa: ARG002 - it does not look
        """Return (num_inputs,) float64, drawn anew."""
        return self._generator.uniform(self._lowest, 1.0, self.num_inputs)


Watcher = Callable[[Emulator, Float64Array, tuple[int, int]], None]
"""Is shown every decision: the emulator, the inputs, and their rows and columns."""


class WatchedObserver:
    """Another observer, with somebody who looks over its shoulder and changes nothing."""

    def __init__(self, observer: Observer, watch: Watcher) -> None:
        """Take the observer, and whom to call with what it sees."""
        self._observer, self._watch = observer, watch

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the inputs."""
        return self._observer.shape

    @property
    def num_inputs(self) -> int:
        """How many inputs the network gets."""
        return self._observer.num_inputs

    def observe(self, emulator: Emulator) -> Float64Array:
        """Return what the observer sees."""
        inputs = self._observer.observe(emulator)
        self._watch(emulator, inputs, self.shape)
        return inputs


def make_observer(settings: ObservationSettings, emulator: Emulator) -> Observer:
    """Return the observer of a started game.

    Raises:
        TaskError: a size or code is out of range, or the console has no tiles to read.
    """
    if settings.source == "grey":
        return grey.GreyObserver(settings, emulator.screen().shape, emulator.crop_info())
    if settings.source != "tiles":
        raise TaskError(
            f"[Observation] source: must be grey or tiles; got {settings.source!r}. Choose one."
        )
    tiles.check_console(emulator)
    return tiles.TileObserver(settings)


def make_noise(
    settings: ObservationSettings, shape: tuple[int, int], generator: np.random.Generator
) -> NoiseObserver:
    """Return the control for an observation: as many numbers, in the same range."""
    return NoiseObserver(shape, -1.0 if settings.source == "tiles" else 0.0, generator)


def warm_up(settings: ObservationSettings) -> None:
    """Compile the kernels in use, or load them from the cache, before the first episode."""
    room = tiles if settings.source == "tiles" else grey
    room.warm_up()
