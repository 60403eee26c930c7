"""A film of a network at play: the screen of every decision beside what the network saw.

Knows no files: :mod:`neuroevo.tasks.retro.pictures` writes the film.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from neuroevo.tasks.retro.emulator import Emulator

Picture = npt.NDArray[np.uint8]
Float64Array = npt.NDArray[np.float64]

MOST_PICTURES = 600  # about 200 MB; a longer game is shown in coarser steps


class Film:
    """Collects pictures: give it to :meth:`RetroTask.evaluate` as ``watch``.

    Attributes:
        screens: (height, width, 3) uint8 each, in the order of play.
        views: what the network saw, (rows, columns) float64 each.
        stride: decisions from one picture to the next.
    """

    def __init__(self) -> None:
        """Begin with no picture."""
        self.screens: list[Picture] = []
        self.views: list[Float64Array] = []
        self.stride = 1
        self._num_decisions = 0

    def __call__(self, emulator: Emulator, inputs: Float64Array, shape: tuple[int, int]) -> None:
        """Keep this decision, if it is one of those that are shown."""
        is_shown = self._num_decisions % self.stride == 0
        self._num_decisions += 1
        if not is_shown:
            return
        self.screens.append(emulator.screen().copy())
        self.views.append(inputs.reshape(shape).copy())
        if len(self.screens) > MOST_PICTURES:
            self.screens, self.views = self.screens[::2], self.views[::2]
            self.stride *= 2
