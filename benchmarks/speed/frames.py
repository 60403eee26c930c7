"""Frames: a whole generation against the bare emulator, on the same states with the same masks.

    python benchmarks/speed/frames.py [--quick]

First the generation is played once and every mask written down (``Tape``). Then each genome is
measured twice in a row, in changing order: as a run evaluates it (its network compiled from the
genome, every frame looked at, thought about and judged), and its tape on stable-retro's emulator,
which runs the frames and nothing else. Asking for and breeding a generation counts as ours.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from speed.measuring import Row, Spread

from neuroevo import evolve
from neuroevo.config import Config, load, resolve_sizes
from neuroevo.evaluation.evaluator import Scorer
from neuroevo.neat.genome import Genome
from neuroevo.neat.population import Population
from neuroevo.network.compile import compile_network
from neuroevo.shipped import find_config, integrations_folder
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Move
from neuroevo.tasks.retro.profile import Tape
from neuroevo.tasks.retro.settings import RetroSettings
from neuroevo.tasks.retro.task import RetroTask
from neuroevo.tasks.task import EpisodeSeeds

GOAL = 0.93
ENV_STEP_TAPES, ENV_STEP_ROUNDS = 6, 3


@dataclass(frozen=True)
class Case:
    """What is played, and how many rounds of it."""

    what: str
    config: str
    overrides: tuple[str, ...]
    generations: int  # evolved before the one that is measured
    rounds: int


CASES = (
    Case("Airstriker, grey 14 x 20", "airstriker",
         ("Retro.frame_skip=4", "NEAT.pop_size=12"), 2, 11),
    Case("Airstriker, grey 28 x 40", "airstriker",
         ("Retro.frame_skip=4", "NEAT.pop_size=8", "Observation.scale=8"), 1, 11),
    Case("Wickling, tiles 13 x 13", "wickling", ("NEAT.pop_size=40",), 6, 15),
    Case("Wickling, grey 28 x 30", "wickling",
         ("NEAT.pop_size=40", "Observation.source=grey"), 6, 15),
)  # fmt: skip
QUICK = ("NEAT.pop_size=4", "Fitness.max_frames=120")


def rows(*, is_quick: bool) -> Iterator[Row]:
    """Yield one row per measurement."""
    for case in CASES[::3] if is_quick else CASES:
        yield from _rows_of_one(shortened(case, is_quick=is_quick))


def shortened(case: Case, *, is_quick: bool) -> Case:
    """Return the case, or a moment of it."""
    if not is_quick:
        return case
    return Case(case.what, case.config, (*case.overrides, *QUICK), 0, 1)


class Generation:
    """A generation of some age, its tapes, and the task in this process."""

    def __init__(self, case: Case) -> None:
        """Evolve it with the run's own means, and write down what it presses."""
        self.config = evolve.with_seed(load(find_config(case.config), case.overrides))
        task = self.config.settings.task
        assert isinstance(task, RetroSettings)
        self.settings, self.task = task, RetroTask(task)
        self.config = resolve_sizes(self.config, self.task.describe())
        self.scorer = make_scorer(self.config, self.task)
        self.population = Population(self.config.settings.neat, evolve.run_seed(self.config))
        for number in range(case.generations):
            fitnesses = [self.scorer.evaluate(g, number).fitness for g in self.population.ask()]
            self.population.tell(np.array(fitnesses))
        self.genomes = self.population.ask()
        self.tapes, self.fitnesses, self.num_frames = [], [], 0
        for genome in self.genomes:
            self._record(genome)

    def _record(self, genome: Genome) -> None:
        sizes, tape = self.task.describe(), Tape()
        feed_forward = self.config.settings.neat.genome.feed_forward
        network = compile_network(
            genome, sizes.num_inputs, sizes.num_outputs, feed_forward=feed_forward
        )
        seeds = EpisodeSeeds(evolve.run_seed(self.config), self.population.generation, genome.id)
        evaluation = self.task.evaluate(network, seeds, record=tape)
        self.tapes.append(tape)
        self.fitnesses.append(evaluation.fitness)
        self.num_frames += evaluation.num_frames

    def breed(self) -> float:
        """Return the seconds of asking for and telling a generation, on a copy."""
        copy = Population.from_state(self.config.settings.neat, self.population.state())
        began = time.process_time()
        copy.ask()
        copy.tell(np.array(self.fitnesses))
        return time.process_time() - began


def make_scorer(config: Config, task: RetroTask) -> Scorer:
    """Return what a worker holds."""
    feed_forward = config.settings.neat.genome.feed_forward
    return Scorer(task, evolve.run_seed(config), feed_forward=feed_forward)


def _rows_of_one(case: Case) -> Iterator[Row]:
    generation = Generation(case)
    try:
        generation.breed()  # loads the kernels
        ours, theirs = zip(
            *(_one_round(generation, turn) for turn in range(case.rounds)), strict=True
        )
        yield row_of(
            f"a generation of {case.what}, frame skip 4, one worker", ours,
            "the bare emulator, same states and masks", theirs, generation.num_frames, goal=GOAL,
            genomes=len(generation.genomes),
        )  # fmt: skip
    finally:
        generation.task.close()
    ours, theirs = _env_step(case, generation)
    yield row_of(
        f"a loop on env.step, {case.what}: it neither sees, nor thinks, nor judges", ours,
        "the bare emulator, same states and masks", theirs,
        sum(tape.num_frames for tape in generation.tapes[:ENV_STEP_TAPES]),
    )  # fmt: skip


def _one_round(generation: Generation, turn: int) -> tuple[float, float]:
    """Return the seconds of one generation and of its frames on the bare emulator."""
    gc.collect()
    ours, theirs = generation.breed(), 0.0
    number = generation.population.generation
    for index, (genome, tape) in enumerate(zip(generation.genomes, generation.tapes, strict=True)):
        for is_ours in (True, False) if (index + turn) % 2 else (False, True):
            began = time.process_time()
            if is_ours:
                generation.scorer.evaluate(genome, number)
                ours += time.process_time() - began
            else:
                tape.play()
                theirs += time.process_time() - began
    return ours, theirs


def _env_step(case: Case, generation: Generation) -> tuple[list[float], list[float]]:
    """Return seconds of ``env.step`` and of ``em.step`` on the same tapes, episode by episode."""
    import stable_retro

    integrations = stable_retro.data.Integrations
    integrations.add_custom_path(str(integrations_folder()))
    env = stable_retro.make(
        games.resolve_game(generation.settings.game).name, inttype=integrations.ALL,
        use_restricted_actions=stable_retro.Actions.ALL, render_mode=None,
    )  # fmt: skip
    ours, theirs = [], []
    try:
        for _ in range(min(case.rounds, ENV_STEP_ROUNDS)):
            sums = [0.0, 0.0]
            for tape in generation.tapes[:ENV_STEP_TAPES]:
                for side, play in enumerate((_play_env, _play_em)):
                    began = time.process_time()
                    play(env, tape.moves)
                    sums[side] += time.process_time() - began
            ours.append(sums[0])
            theirs.append(sums[1])
    finally:
        env.close()
    return ours, theirs


def _play_env(env: Any, moves: Sequence[Move]) -> None:
    held = np.zeros(env.num_buttons, np.uint8)
    for move in moves:
        if move is None:
            env.step(held)
        elif isinstance(move, bytes):
            env.initial_state = move
            env.reset()
            held = np.zeros(env.num_buttons, np.uint8)
        else:
            held = move


def _play_em(env: Any, moves: Sequence[Move]) -> None:
    em, released = env.em, np.zeros(env.num_buttons, np.uint8)
    for move in moves:
        if move is None:
            em.step()
        elif isinstance(move, bytes):
            em.set_state(move)
            em.set_button_mask(released, 0)
            em.step()
        else:
            em.set_button_mask(move, 0)


def row_of(
    what: str, ours: Sequence[float], against: str, theirs: Sequence[float], num_frames: int,
    *, goal: float | None = None, clock: str = "cpu", **extra: Any,
) -> Row:  # fmt: skip
    """Return a row of seconds, one number per round and side."""
    ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
    return Row(
        what, Spread.of(list(ours)), len(ours), against, Spread.of(list(theirs)),
        Spread.of(ratios), goal, clock=clock, note=f"{num_frames:,} frames", extra=extra,
    )  # fmt: skip


if __name__ == "__main__":
    for found in rows(is_quick="--quick" in sys.argv):
        print({**asdict(found), "is_met": found.is_met}, flush=True)
