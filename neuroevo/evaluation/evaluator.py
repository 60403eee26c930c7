"""What an evaluator is, and the one that works in this process.

Owns the protocol and :class:`Scorer`, the three steps every evaluator does with a genome
(compile, seed, run). Knows no game, no file, no settings file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Protocol

from neuroevo.neat.genome import Genome
from neuroevo.tasks.evaluations import Evaluations
from neuroevo.tasks.task import (
    CaseTask,
    EpisodeSeeds,
    Evaluation,
    Network,
    Task,
    TaskDescription,
)

GIVEN_UP = "worker died"
"""The ending of a genome that no worker survived; its fitness is NaN."""

Progress = Callable[[int, int], None]
"""Called with (number of genomes done, number of genomes) whenever some are done."""


class Evaluator(Protocol):
    """Turns genomes into evaluations, which depend on genome, generation and stage alone."""

    def describe(self) -> TaskDescription:
        """Return what the task says of itself; waits until the task is set up.

        Raises:
            TaskError: the task cannot be set up.
            EvaluationError: no worker comes up.
        """

    def evaluate(
        self,
        genomes: Sequence[Genome],
        generation: int,
        on_progress: Progress | None = None,
        *,
        stage: int = 0,
    ) -> Sequence[Evaluation]:
        """Return one evaluation per genome, in the order of ``genomes``.

        Args:
            genomes: any number.
            generation: counted from 0; seeds depend on it.
            on_progress: told after each evaluation, or after all that are asked for at once.
            stage: of the task's curriculum, from 0.
        """

    def test(self, genome: Genome) -> Evaluation:
        """Run the task's champion test."""

    def close(self) -> None:
        """Release workers and task; may be called twice."""


class Scorer:
    """A task together with what it takes to turn a genome into its network and seeds."""

    def __init__(self, task: Task, run_seed: int, *, feed_forward: bool) -> None:
        """Keep the task; ``feed_forward`` says which kind of network genomes become."""
        self._task = task
        self._case_task = task if isinstance(task, CaseTask) else None
        self._run_seed = run_seed
        self._feed_forward = feed_forward
        self._description: TaskDescription | None = None

    def describe(self) -> TaskDescription:
        """Set the task up, compile all kernels, and return the task's description."""
        if self._description is None:
            from neuroevo.network.compile import compile_network, warm_up

            warm_up()
            description = self._description = self._task.describe()
            self._compiled = partial(
                compile_network,
                num_inputs=description.num_inputs,
                num_outputs=description.num_outputs,
                feed_forward=self._feed_forward,
            )
            if self._case_task is not None:
                from neuroevo.network import batch

                batch.warm_up()
                self._answers = partial(
                    batch.answers,
                    cases=self._case_task.cases.inputs,
                    num_outputs=description.num_outputs,
                    num_steps=self._case_task.cases.num_steps,
                    feed_forward=self._feed_forward,
                )
        return self._description

    def evaluate(self, genome: Genome, generation: int, stage: int = 0) -> Evaluation:
        """Score one genome."""
        seeds = EpisodeSeeds(self._run_seed, generation, genome.id, stage)
        return self._task.evaluate(self._network(genome), seeds)

    def evaluations(
        self, genomes: Sequence[Genome], generation: int, stage: int = 0
    ) -> Iterable[Evaluation]:
        """Return the score of each genome.

        Returns:
            All, from a task of fitness cases, which is asked for all at once; from another one, an
            iterator that scores each genome when it is asked for it.
        """
        self.describe()
        if self._case_task is not None:
            return self._case_task.judge(self._answers(genomes))
        return (self.evaluate(genome, generation, stage) for genome in genomes)

    def test(self, genome: Genome) -> Evaluation:
        """Run the champion test on one genome."""
        return self._task.test(self._network(genome))

    def close(self) -> None:
        """Close the task."""
        self._task.close()

    def _network(self, genome: Genome) -> Network:
        if self._description is None:
            self.describe()
        return self._compiled(genome)


class SerialEvaluator:
    """Evaluates in this process: no start-up cost, no protection from a crashing emulator."""

    def __init__(self, task: Task, run_seed: int, *, feed_forward: bool) -> None:
        """Take the task; it is closed with the evaluator."""
        self._scorer = Scorer(task, run_seed, feed_forward=feed_forward)

    def describe(self) -> TaskDescription:
        """See :class:`Evaluator`."""
        return self._scorer.describe()

    def evaluate(
        self,
        genomes: Sequence[Genome],
        generation: int,
        on_progress: Progress | None = None,
        *,
        stage: int = 0,
    ) -> Sequence[Evaluation]:
        """See :class:`Evaluator`."""
        found = self._scorer.evaluations(genomes, generation, stage)
        if isinstance(found, (Evaluations, Sequence)):  # the first is found sooner
            if on_progress is not None and len(found):
                on_progress(len(found), len(genomes))
            return found
        evaluations = []
        for evaluation in found:
            evaluations.append(evaluation)
            if on_progress is not None:
                on_progress(len(evaluations), len(genomes))
        return tuple(evaluations)

    def test(self, genome: Genome) -> Evaluation:
        """See :class:`Evaluator`."""
        return self._scorer.test(genome)

    def close(self) -> None:
        """See :class:`Evaluator`."""
        self._scorer.close()
