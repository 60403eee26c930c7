"""XOR, the smallest task that a network without hidden nodes cannot solve.

Owns the four patterns and their fitness (Stanley & Miikkulainen 2002, section 4.1).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.evaluations import Evaluations
from neuroevo.tasks.settings import XorSettings
from neuroevo.tasks.task import EpisodeSeeds, Evaluation, FitnessCases, Network, TaskDescription

_PATTERNS = ((0.0, 0.0, 0.0), (0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0))
"""Rows (first input, second input, wanted output)."""

_TARGETS = np.array([target for _, _, target in _PATTERNS])
_IS_ONE = _TARGETS > 0.5


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

    def judge(self, answers: npt.NDArray[np.float64]) -> Evaluations:
        """Return fitness (4 - sum |error|)^2, in 0 to 16, per network.

        Outputs outside 0 to 1 can make the sum larger than 4; the fitness is 0 then, since the
        square would reward the larger error. Solved: every output is on its side of 0.5.

        Args:
            answers: (num_networks, 4, 1) float64.
        """
        outputs = answers[:, :, 0]
        with np.errstate(over="ignore"):  # of two errors too large to be added
            first, *others = abs(outputs - _TARGETS).T
            errors = sum(others, start=first)
        is_correct = (outputs > 0.5) == _IS_ONE
        num_correct = np.add.reduce(is_correct, axis=1, dtype=np.float64)
        # Of nan, 0. Python's square and not NumPy's, which may differ in the last bit.
        fitness = np.array([rest**2 for rest in np.fmax(4.0 - errors, 0.0).tolist()])
        num_frames = len(_PATTERNS) * self.cases.num_steps
        return Evaluations(
            fitness,
            metrics={"num_correct": num_correct, "error": errors},
            endings={},
            num_frames=np.full(len(answers), num_frames),
            solved=num_correct == len(_PATTERNS),
        )

    def test(self, network: Network) -> Evaluation:
        """Evaluate; XOR has no champion test of its own."""
        return self.evaluate(network, EpisodeSeeds(0, 0, 0))

    def close(self) -> None:
        """Nothing to release."""
