"""A task that some genomes do not survive: their worker kills itself, as a broken core would."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from builders import nothing_task

from neuroevo.tasks import factory
from neuroevo.tasks.task import EpisodeSeeds, Evaluation, Network, TaskDescription

NUM_INPUTS, NUM_OUTPUTS = 2, 1
VARIABLE = "DEADLY_GENOMES"


class DeadlyTask(nothing_task.NothingTask):
    """A genome's fitness is its id, if it is not one of those in the environment."""

    def describe(self) -> TaskDescription:
        """Return the sizes."""
        return TaskDescription("deadly", NUM_INPUTS, NUM_OUTPUTS, is_deterministic=True)

    def evaluate(self, network: Network, seeds: EpisodeSeeds) -> Evaluation:
        """Return the id, or die."""
        if str(seeds.genome_id) in os.environ[VARIABLE].split():
            os.kill(os.getpid(), signal.SIGKILL)
        return Evaluation(float(seeds.genome_id), num_frames=1)


def register() -> None:
    """Let this process make this task, whatever the settings name."""
    factory.make_task = DeadlyTask  # type: ignore[assignment]


def install(folder: Path) -> str:
    """See :func:`builders.nothing_task.install`."""
    return nothing_task.install(folder, __name__)
