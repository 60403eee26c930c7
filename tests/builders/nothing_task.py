"""A task that does nothing: what is left of an evaluation is the evaluator's own work.

Workers make the tasks that settings name, and no settings name this one: see :func:`install`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from neuroevo.tasks import factory
from neuroevo.tasks.task import EpisodeSeeds, Evaluation, Network, TaskDescription

NUM_INPUTS, NUM_OUTPUTS = 1120, 12


class NothingTask:
    """One activation; its first output is the fitness."""

    def __init__(self, settings: Any) -> None:
        """Take the picture that every network sees."""
        self._picture = np.linspace(0.0, 1.0, NUM_INPUTS)

    def describe(self) -> TaskDescription:
        """Return the sizes."""
        return TaskDescription("nothing", NUM_INPUTS, NUM_OUTPUTS, is_deterministic=True)

    def evaluate(self, network: Network, seeds: EpisodeSeeds) -> Evaluation:
        """Activate the network once."""
        return Evaluation(float(network.activate(self._picture)[0]), num_frames=1)

    def test(self, network: Network) -> Evaluation:
        """Activate the network once."""
        return self.evaluate(network, EpisodeSeeds(0, 0, 0))

    def close(self) -> None:
        """Nothing to release."""


def register() -> None:
    """Let this process make this task, whatever the settings name."""
    factory.make_task = NothingTask  # type: ignore[assignment]


def install(folder: Path, module: str = __name__) -> str:
    """Let every Python that starts with the returned PYTHONPATH make this task alone.

    Args:
        folder: an empty one.
        module: whose ``register`` is called.
    """
    (folder / "sitecustomize.py").write_text(f"import {module} as it\nit.register()\n")
    tests = Path(__file__).parents[1]
    return os.pathsep.join([str(folder), str(tests), str(tests.parent)])
