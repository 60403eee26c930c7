"""XOR, the smallest task that a network without hidden nodes cannot solve.

Owns the four patterns and their fitness (Stanley & Miikkulainen 2002, section 4.1).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.settings import XorSettings
from neuroevo.tasks.task import EpisodeSeeds, Evaluation, FitnessCases, Network, TaskDescription

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
        shown = [(first, second, *bias) for first, second, _ in _PATTERNS]
        self.cases = FitnessCases(np.array(shown), settings.activations)

    def describe(self) -> TaskDescription:
        """Return 2 or 3 inputs, 1 output; deterministic."""
        num_cases, num_inputs = self.cases.inputs.shape
        return TaskDescription(
            name="xor",
            num_inputs=num_inputs,
            num_outputs=1,
            is_deterministic=True,
            max_frames=num_cases * self.cases.num_steps,
        )

    def evaluate(self, network: Network, seeds: EpisodeSeeds) -> Evaluation:  # noqa: ARG002
        """Show one network the patterns, and :meth:`judge` it; the seeds play no part."""
        return self.judge(self.cases.show(network)[np.newaxis])[0]

    def judge(self, answers: npt.NDArray[np.float64]) -> Sequence[Evaluation]:
        """Return fitness (4 - sum |error|)^2, in 0 to 16, per network.

        Outputs outside 0 to 1 can make the sum larger than 4; the fitness is 0 then, since the
        square would reward the larger error. Solved: every output is on its side of 0.5.

        Args:
            answers: (num_networks, 4, 1) float64.
        """
        errors, num_correct = np.zeros(len(answers)), np.zeros(len(answers))
        for pattern, (_, _, target) in enumerate(_PATTERNS):
            outputs = answers[:, pattern, 0]
            with np.errstate(over="ignore"):  # of two errors too large to be added
                errors += abs(outputs - target)
            num_correct += (outputs > 0.5) == (target > 0.5)
        num_frames = len(_PATTERNS) * self.cases.num_steps
        return [
            Evaluation(
                fitness=max(0.0, 4.0 - error) ** 2,
                metrics={"num_correct": count, "error": error},
                num_frames=num_frames,
                solved=count == len(_PATTERNS),
            )
            for error, count in zip(errors.tolist(), num_correct.tolist(), strict=True)
        ]

    def test(self, network: Network) -> Evaluation:
        """Evaluate; XOR has no champion test of its own."""
        return self.evaluate(network, EpisodeSeeds(0, 0, 0))

    def close(self) -> None:
        """Nothing to release."""
