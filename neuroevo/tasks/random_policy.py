"""The baseline: a player that stands where a network stands and presses at random."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


class RandomPolicy:
    """Gives uniform outputs, drawn anew for every decision."""

    def __init__(
        self, num_outputs: int, generator: np.random.Generator, highest: float = 1.0
    ) -> None:
        """Take the number of outputs, the only source of randomness, and the end of the range.

        Args:
            num_outputs: of the task.
            generator: drawn from for every decision.
            highest: outputs lie in [0, highest); 2 where only outputs of 1 and more press.
        """
        self._num_outputs, self._generator, self._highest = num_outputs, generator, highest

    def reset(self) -> None:
        """Keep drawing: a policy without state."""

    def activate(
        self,
        inputs: npt.NDArray[np.float64],  # noqa: ARG002 - it plays blind
    ) -> npt.NDArray[np.float64]:
        """Return (num_outputs,) float64, whatever the inputs are."""
        return self._highest * self._generator.random(self._num_outputs)
