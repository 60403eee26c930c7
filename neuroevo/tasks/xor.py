"""XOR, the smallest task that a network without hidden nodes cannot solve.

Owns the four patterns and their fitness (Stanley & Miikkulainen 2002, section 4.1).
"""

from __future__ import annotations

import numpy as np

from neuroevo.errors import TaskError
from neuroevo.tasks.settings import XorSettings
from neuroevo.tasks.task import EpisodeSeeds, Evaluation, Network, TaskDescription

_PATTERNS = ((0.0, 0.0, 0.0), (0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0))
"""Rows (first input, second input, wanted output)."""


class XorTask:
    """Scores a network on the four patterns, each from a network without memory of the others."""

    def __init__(self, settings: XorSettings) -> None:
        if settings.activations < 1:
            raise TaskError(
                f"xor activations: must be at least 1; got {settings.activations}. "
                "Use 1 for feed-forward networks, about 4 for recurrent ones."
            )
        bias = () if settings.bias_input is None else (settings.bias_input,)
        self._activations = settings.activations
        self._inputs = np.array([0.0, 0.0, *bias])  # of the pattern that is shown

    def describe(self) -> TaskDescription:
        """Return 2 or 3 inputs, 1 output; deterministic."""
        return TaskDescription(
            name="xor",
            num_inputs=len(self._inputs),
            num_outputs=1,
            is_deterministic=True,
            max_frames=len(_PATTERNS) * self._activations,
        )

    def evaluate(self, network: Network, seeds: EpisodeSeeds) -> Evaluation:  # noqa: ARG002
        """Return fitness (4 - sum |error|)^2, in 0 to 16; the seeds play no part.

        Outputs outside 0 to 1 can make the sum larger than 4; the fitness is 0 then, since the
        square would reward the larger error. Solved: every output is on its side of 0.5.
        """
        error, num_correct = 0.0, 0
        for first, second, target in _PATTERNS:
            output = self._answer(network, first, second)
            error += abs(output - target)
            num_correct += (output > 0.5) == (target > 0.5)
        return Evaluation(
            fitness=max(0.0, 4.0 - error) ** 2,
            metrics={"num_correct": float(num_correct), "error": error},
            num_frames=len(_PATTERNS) * self._activations,
            solved=num_correct == len(_PATTERNS),
        )

    def test(self, network: Network) -> Evaluation:
        """Evaluate; XOR has no champion test of its own."""
        return self.evaluate(network, EpisodeSeeds(0, 0, 0))

    def close(self) -> None:
        """Nothing to release."""

    def _answer(self, network: Network, first: float, second: float) -> float:
        inputs = self._inputs
        inputs[0], inputs[1] = first, second
        network.reset()
        for _ in range(self._activations):
            outputs = network.activate(inputs)
        return float(outputs[0])
