"""What a task is: the thing a network is scored on.

Owns the protocol, the result of one evaluation and the seeds of episodes. Knows no task in
particular, and no genome: a task receives anything with ``reset`` and ``activate``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt


class Network(Protocol):
    """What a task needs of a network."""

    def reset(self) -> None:
        """Forget all state: called at the start of every episode."""

    def activate(self, inputs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Do one activation step; (num_inputs,) float64 in, (num_outputs,) float64 out.

        The returned array may be reused by the next call.
        """


@dataclass(frozen=True, slots=True)
class EpisodeSeeds:
    """Where the random numbers of an evaluation come from.

    They depend on the run's seed, the generation, the genome and the episode, and on nothing
    else: not on the worker, the order in which workers finish, or a crash in between.

    Attributes:
        stage: of a curriculum: which lesson to play, from 0. Random numbers do not depend on it.
    """

    run_seed: int
    generation: int
    genome_id: int
    stage: int = 0

    def generator(
        self, episode: int, *, per_genome: bool = True, stream: int = 0
    ) -> np.random.Generator:
        """Return a generator of one episode.

        Args:
            episode: counted from 0.
            per_genome: False gives all genomes of a generation the same numbers, so that
                they are compared on the same starts.
            stream: episodes that draw for several purposes take one stream for each.
        """
        key = (self.generation, self.genome_id if per_genome else 0, episode)
        more = (stream,) if stream else ()  # the first stream has always been without a number
        return np.random.default_rng(np.random.SeedSequence(self.run_seed, spawn_key=key + more))


@dataclass(slots=True)
class Evaluation:
    """The result for one genome; nobody changes it.

    Not frozen, for then making one would take twice as long, of a small task a tenth of the run.

    Attributes:
        fitness: float64, higher is better; over all episodes.
        metrics: named numbers a person wants to see, means over episodes (score, distance, ...).
        endings: how often each ending closed an episode, e.g. ``{"stalled": 1}``.
        num_frames: emulator frames or simulation steps consumed, all episodes together.
        solved: the task's own success criterion (a level won, all XOR patterns right, ...).
    """

    fitness: float
    metrics: Mapping[str, float] = field(default_factory=dict)
    endings: Mapping[str, int] = field(default_factory=dict)
    num_frames: int = 0
    solved: bool = False


@dataclass(frozen=True, slots=True)
class TaskDescription:
    """What the loop must know of a task before it can build a population.

    Attributes:
        name: as in ``[Task] name``.
        num_inputs: length of the vector a network receives.
        num_outputs: length of the vector a network must give.
        is_deterministic: the same network always gets the same evaluation, whatever the seeds;
            then a genome evaluated once is not evaluated again.
        max_frames: upper bound of ``num_frames`` of one evaluation, None if unknown.
        has_champion_test: generations' champions are tested by ``test``.
        max_test_frames: upper bound of ``num_frames`` of one such test, None if unknown.
        test_every: generations from one such test to the next.
        is_test_decisive: the test says whether the task is solved; otherwise it only informs.
        stage_names: lessons of a curriculum, played one after the other; [] is none.
        stage_wins: the next lesson begins when so many champions have won,
        stage_window: of those of so many last generations.
        terms: names of the metrics that the fitness of an episode is the sum of; [] is unknown.
        fingerprint: hashes and names that must be equal for a resumed run to be exact
            (ROM, state, data.json, ...).
    """

    name: str
    num_inputs: int
    num_outputs: int
    is_deterministic: bool
    max_frames: int | None = None
    has_champion_test: bool = False
    max_test_frames: int | None = None
    test_every: int = 1
    is_test_decisive: bool = True
    stage_names: list[str] = field(default_factory=list)
    stage_wins: int = 1
    stage_window: int = 1
    terms: list[str] = field(default_factory=list)
    fingerprint: Mapping[str, str] = field(default_factory=dict)


class Task(Protocol):
    """One instance lives in one worker for a whole run."""

    def describe(self) -> TaskDescription:
        """Return the sizes and properties; may start the emulator.

        Raises:
            TaskError: the task cannot be set up on this machine.
        """

    def evaluate(self, network: Network, seeds: EpisodeSeeds) -> Evaluation:
        """Run the episodes of one evaluation."""

    def test(self, network: Network) -> Evaluation:
        """Run the champion test; only called when ``has_champion_test``."""

    def close(self) -> None:
        """Release emulator and files; may be called twice."""


@dataclass(frozen=True, slots=True)
class FitnessCases:
    """What a task of fitness cases (the term is Koza's, 1992) shows every network.

    Attributes:
        inputs: (num_cases, num_inputs) float64; each case goes to a network that was reset.
        num_steps: activation steps that a case is shown for; the answer is what the outputs are
            after the last one.
    """

    inputs: npt.NDArray[np.float64]
    num_steps: int

    def show(self, network: Network) -> npt.NDArray[np.float64]:
        """Return a network's answers, (num_cases, num_outputs) float64."""
        answers = []
        for case in self.inputs:
            network.reset()
            for _ in range(self.num_steps):
                outputs = network.activate(case)
            answers.append(outputs.copy())
        return np.stack(answers)


@runtime_checkable
class CaseTask(Task, Protocol):
    """A task that shows all networks the same cases, so that they can be asked together.

    Attributes:
        cases: what it shows.
    """

    cases: FitnessCases

    def judge(self, answers: npt.NDArray[np.float64]) -> Sequence[Evaluation]:
        """Return the evaluations of networks from their answers alone.

        Args:
            answers: (num_networks, num_cases, num_outputs) float64.
        """
