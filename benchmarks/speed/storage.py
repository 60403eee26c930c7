"""Checkpoints: save and load a population of the seed project's size, beside neat-python 2.0.0.

150 genomes of 1120 inputs and 12 outputs, some 6,700 connections each, with species and
representatives. Wall time: both sides wait for the disk, ours for fsync of file and folder, too.
neat-python's ``Checkpointer`` compresses and pickles; it neither flushes nor sums.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import neat
import numpy as np

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "tests")]

from builders.neat_python import config_of
from speed.measuring import ROOT, Row, alone, side_by_side

from neuroevo.config import load
from neuroevo.neat.population import Population
from neuroevo.storage.checkpoint import load_checkpoint, save_checkpoint
from neuroevo.storage.digest import state_digest

SETTINGS = ROOT / "tests" / "data" / "seed-2021.cfg"


def rows(*, is_quick: bool) -> Iterator[Row]:
    """Yield the rows of this group."""
    size, rounds = (8, 2) if is_quick else (150, 5)
    with tempfile.TemporaryDirectory() as folder:
        yield from measured(size, rounds, Path(folder))


def measured(size: int, rounds: int, folder: Path) -> Iterator[Row]:
    """Yield save, load and digest of a population of ``size``."""
    population = evolved(size)
    state = population.state()
    path = save_checkpoint(folder, state, {})
    save, load_again = neat_python_sides(size, folder)
    what = f"population {size} of 1120 x 12"
    mib = f"{path.stat().st_size / 2**20:.1f} MiB"
    yield side_by_side(
        f"save a checkpoint, {what}",
        lambda: quiet(save_checkpoint(folder, state, {})),
        "neat-python's Checkpointer",
        save,
        rounds=rounds,
        goal=30,
        clock="wall",
        note=f"{mib}, fsync and checksums included",
    )
    yield side_by_side(
        f"load a checkpoint, {what}",
        lambda: quiet(load_checkpoint(path)),
        "neat-python's Checkpointer.restore_checkpoint",
        load_again,
        rounds=rounds,
        goal=30,
        clock="wall",
        note="every sum and every gene checked",
    )
    fitnesses = np.zeros(size)
    yield alone(
        f"digest of the whole state, {what}",
        lambda: quiet(state_digest(state, fitnesses)),
        rounds=3 * rounds,
    )


def evolved(size: int) -> Population:
    """Return a population some generations old."""
    config = load(SETTINGS, [f"NEAT.pop_size={size}"])
    population, rng = Population(config.settings.neat, 1), np.random.default_rng(0)
    for _ in range(2):
        population.tell(rng.random(size))
    return population


def neat_python_sides(
    size: int, folder: Path
) -> tuple[Callable[[], float | None], Callable[[], float | None]]:
    """Return neat-python's save and load of a population of the same settings and size."""
    population = neat.Population(config_of(SETTINGS, size, folder), seed=1)
    checkpointer = neat.Checkpointer(1, filename_prefix=str(folder / "neat-"))

    def save() -> None:
        with contextlib.redirect_stdout(io.StringIO()):  # it says so each time
            checkpointer.save_checkpoint(
                population.config, population.population, population.species, 0
            )

    save()
    restore = neat.Checkpointer.restore_checkpoint
    return save, lambda: quiet(restore(str(folder / "neat-0")))


def quiet(result: object) -> None:
    """Take a result that a measurement does not need."""
    del result


if __name__ == "__main__":
    for row in rows(is_quick=False):
        print(row)
