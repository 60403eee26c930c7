"""A film of a network at play: the screen of every decision beside what the network saw.

Knows no files: :mod:`neuroevo.tasks.retro.pictures.saving` writes the film.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from neuroevo.tasks.retro.observation.observer import Observer
from neuroevo.tasks.retro.observation.parts import Float64Array, Moment, View

Picture = npt.NDArray[np.uint8]

MOST_PICTURES = 600  # about 200 MB; a longer game is shown in coarser steps


class Film:
    """Collects pictures: give it to :meth:`RetroTask.evaluate` as ``watch``.

    Attributes:
        screens: (height, width, 3) uint8 each, in the order of play.
        inputs: what the network got, (num_inputs,) float64 each.
        stride: decisions from one picture to the next.
    """

    def __init__(self) -> None:
        """Begin with no picture."""
        self.screens: list[Picture] = []
        self.inputs: list[Float64Array] = []
        self.stride = 1
        self._num_decisions = 0
        self._observer: Observer | None = None

    def __call__(self, moment: Moment, inputs: Float64Array, observer: Observer) -> None:
        """Keep this decision, if it is one of those that are shown."""
        self._observer = observer
        is_shown = self._num_decisions % self.stride == 0
        self._num_decisions += 1
        if not is_shown:
            return
        self.screens.append(moment.emulator.screen())
        self.inputs.append(inputs.copy())
        if len(self.screens) > MOST_PICTURES:
            self.screens, self.inputs = self.screens[::2], self.inputs[::2]
            self.stride *= 2

    def moments(self) -> Iterator[tuple[Picture, list[View]]]:
        """Yield the screen and the views of each picture, in the order of play."""
        if self._observer is not None:
            for screen, inputs in zip(self.screens, self.inputs, strict=True):
                yield screen, self._observer.views(inputs)
