"""The baseline: a player that stands where a network stands and presses at random."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


class RandomPolicy:
    """Gives uniform outputs in [0, 1), drawn anew for every decision."""

    def __init__(self, num_outputs: int, generator: np.random.Generator) -> None:
        """Take the number of outputs and the only source of randomness."""
        self._num_outputs, self._generator = num_outputs, generator

    def reset(self) -> None:
        """Keep drawing: a policy without state."""

    def activate(
        self,
        inputs: npt.NDArray[np.float64],  # noqa: ARG002 - it plays blind
    ) -> npt.NDArray[np.float64]:
        """Return (num_outputs,) float64, whatever the inputs are."""
        return self._generator.random(self._num_outputs)
