"""Frames of several workers: a generation against as many bare emulators side by side, wall time.

    python benchmarks/speed/cores.py [--quick]

The other side is as many processes that play the tapes of ``frames.py``, each its share of the
frames; it is given their mean time, as if no process ever waited for the other. They play before
and after each of our generations, and the mean of both is what ours is compared with: a shared
machine may be a quarter faster a minute later. One worker and one bare emulator share one core: the
cores of such a machine are not equally fast either.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from speed.frames import Case, Generation, row_of, shortened
from speed.measuring import Row, Spread, growth

from neuroevo import evolve
from neuroevo.evaluation.build import build_evaluator
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator, Move
from neuroevo.tasks.retro.settings import RetroSettings

GOAL_OF_TWO = 0.90
ROUNDS_WITHOUT_GOAL = 3  # of as many workers as no goal is set for

CASES = (
    Case("Wickling, tiles 13 x 13", "wickling", ("NEAT.pop_size=150",), 4, 9),
    Case("Airstriker, grey 14 x 20", "airstriker",
         ("Retro.frame_skip=4", "NEAT.pop_size=40"), 0, 9),
)  # fmt: skip


def rows(*, is_quick: bool) -> Iterator[Row]:
    """Yield one row per measurement."""
    for case in CASES[:1] if is_quick else CASES:
        yield from _rows_of_workers(shortened(case, is_quick=is_quick))


def _rows_of_workers(case: Case) -> Iterator[Row]:
    generation = Generation(case)
    generation.task.close()
    cores = os.cpu_count() or 1
    sizes = sorted({1, 2, *(2**k for k in range(2, 7) if 2**k <= cores), cores})
    medians = []
    for workers in sizes:
        ours, theirs = _with_workers(case, generation, workers)
        yield row_of(
            f"a generation of {len(generation.genomes)}, {case.what}, {workers} workers", ours,
            f"{workers} bare emulators side by side", theirs, generation.num_frames,
            goal=GOAL_OF_TWO if workers == 2 else None, clock="wall",
            frames=[tape.num_frames for tape in generation.tapes],
        )  # fmt: skip
        medians.append(Spread.of(ours).median)
    if len(sizes) > 1:
        exponent = growth(sizes, medians)
        yield Row(
            f"how the time of a generation grows with workers, {case.what}",
            Spread.of([exponent]), 1, clock="wall", unit="(exponent)",
            note=", ".join(f"{n}: {t:.2f} s" for n, t in zip(sizes, medians, strict=True)),
        )  # fmt: skip


def _with_workers(
    case: Case, generation: Generation, workers: int
) -> tuple[list[float], list[float]]:
    """Return wall seconds per round of the process evaluator, and of as many bare emulators."""
    with _one_core() if workers == 1 else nullcontext():
        return _measured(case, generation, workers)


@contextmanager
def _one_core() -> Iterator[None]:
    """Have this process and those that it starts share one core, where the system lets them."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _measured(case: Case, generation: Generation, workers: int) -> tuple[list[float], list[float]]:
    evaluator = build_evaluator(
        generation.settings, evolve.run_seed(generation.config),
        feed_forward=generation.config.settings.neat.genome.feed_forward, num_workers=workers,
    )  # fmt: skip
    bare = _Bare(generation, workers)
    number, ours, theirs = generation.population.generation, [], []
    try:
        evaluator.describe()
        evaluator.evaluate(generation.genomes[: 2 * workers], number)
        theirs.append(bare.play())
        for _ in range(case.rounds if workers == 2 else min(case.rounds, ROUNDS_WITHOUT_GOAL)):
            began = time.perf_counter()
            evaluations = evaluator.evaluate(generation.genomes, number)
            ours.append(time.perf_counter() - began)
            assert [e.fitness for e in evaluations] == generation.fitnesses
            theirs.append(bare.play())
    finally:
        evaluator.close()
        bare.close()
    return ours, [(before + after) / 2 for before, after in pairwise(theirs)]


class _Bare:
    """Processes with one bare emulator each, which wait until they are told to play."""

    def __init__(self, generation: Generation, count: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        longest_first = sorted(generation.tapes, key=lambda tape: -tape.num_frames)
        shares: list[list[Move]] = [[] for _ in range(count)]
        for index, tape in enumerate(longest_first):  # there and back: 0 1 1 0 0 1 1 0
            turn, place = divmod(index, count)
            shares[place if turn % 2 == 0 else -1 - place] += tape.moves
        self._ends: list[Connection] = []
        self._processes = []
        for moves in shares:
            ours, theirs = spawn.Pipe()
            process = spawn.Process(
                target=_serve_bare, args=(generation.settings, moves, theirs), daemon=True
            )
            process.start()
            theirs.close()  # so that a process that dies is missed
            self._ends.append(ours)
            self._processes.append(process)
        for end in self._ends:
            end.recv()

    def play(self) -> float:
        """Return the mean of the seconds that the processes take, side by side."""
        for end in self._ends:
            end.send(None)
        return sum(end.recv() for end in self._ends) / len(self._ends)

    def close(self) -> None:
        for end, process in zip(self._ends, self._processes, strict=True):
            end.close()
            process.join()


def _serve_bare(settings: RetroSettings, moves: list[Move], end: Connection) -> None:
    with Emulator.open(games.resolve_game(settings.game, settings.integrations)) as emulator:
        emulator.play_moves(moves[:200])
        end.send(0.0)
        while True:
            try:
                end.recv()
            except EOFError:
                return
            began = time.perf_counter()
            emulator.play_moves(moves)
            end.send(time.perf_counter() - began)


if __name__ == "__main__":
    for found in rows(is_quick="--quick" in sys.argv):
        print({**asdict(found), "is_met": found.is_met}, flush=True)
