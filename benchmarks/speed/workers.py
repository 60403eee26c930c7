"""Workers: what it costs to have a generation evaluated, beside neat-python 2.0.0.

150 genomes of 1120 inputs and 12 outputs, some 6,700 connections each, go through two workers for a
fitness that takes no time; and a real run on Airstriker shows what a generation takes beside its
episodes. Wall time, since processes work side by side.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import neat
import numpy as np

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "tests")]

from builders import nothing_task
from builders.neat_python import as_neat_python, config_of
from speed.measuring import ROOT, Row, Spread, side_by_side

from neuroevo.config import load
from neuroevo.evaluation.pool import ProcessEvaluator
from neuroevo.neat.genome import Genome
from neuroevo.neat.population import Population
from neuroevo.tasks.factory import task_settings_to_json
from neuroevo.tasks.settings import XorSettings

GAME = ("Task.name=retro", "Retro.game=Airstriker-Genesis", "Buttons.outputs=console")
SETTINGS = ROOT / "tests" / "data" / "seed-2021.cfg"


def rows(*, is_quick: bool) -> Iterator[Row]:
    """Yield the rows of this group."""
    with tempfile.TemporaryDirectory() as name:
        yield trivial_fitness(10 if is_quick else 150, 2 if is_quick else 7, Path(name))
        yield outside_episodes(Path(name), is_quick=is_quick)


def trivial_fitness(size: int, rounds: int, folder: Path) -> Row:
    """Return a generation through two workers, all of it but the fitness itself."""
    settings = load(SETTINGS, [f"NEAT.pop_size={size}"]).settings.neat
    genomes = Population(settings, seed=1).ask()
    os.environ["PYTHONPATH"] = nothing_task.install(folder)
    task = task_settings_to_json(XorSettings())
    ours = ProcessEvaluator(task, 1, feed_forward=False, num_workers=2)
    theirs = neat.ParallelEvaluator(2, no_fitness)
    twins = [(genome.id, as_neat_python(genome)) for genome in genomes]
    config = config_of(SETTINGS, size, folder)
    ours.describe()
    ours.evaluate(genomes[:2], 0)
    try:
        return side_by_side(
            f"a generation of {size} of 1120 x 12 through 2 workers, trivial fitness",
            lambda: evaluated(ours, genomes),
            "neat-python's ParallelEvaluator, 2 workers",
            lambda: theirs.evaluate(twins, config),
            rounds=rounds,
            goal=200,
            clock="wall",
            note="ours compiles each network and steps it once, theirs makes none",
        )
    finally:
        theirs.close()
        ours.close()


def evaluated(evaluator: ProcessEvaluator, genomes: tuple[Genome, ...]) -> None:
    """Have the genomes evaluated."""
    evaluator.evaluate(genomes, 0)


def no_fitness(genome: object, config: object) -> float:  # noqa: ARG001 - neat-python's signature
    """Return a fitness that takes no time."""
    return 1.0


def outside_episodes(folder: Path, *, is_quick: bool) -> Row:
    """Return what generations of a real run take outside ``evaluate``, by what they take in it."""
    size, generations, frames = (4, 2, 40) if is_quick else (150, 3, 2000)
    run = folder / "run"
    overrides = [f"NEAT.pop_size={size}", f"Fitness.max_frames={frames}", *GAME]
    words = [word for override in overrides for word in ("--set", override)]
    subprocess.run(
        [
            *(sys.executable, "-m", "neuroevo", "evolve", "seed-2021", "--out", run, *words),
            *("--workers", "2", "--seed", "1", "--generations", str(generations)),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"},
        check=True,
        capture_output=True,
    )
    records = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()][1:]
    inside = [record["evaluation_seconds"] for record in records]
    outside = [record["generation_seconds"] - record["evaluation_seconds"] for record in records]
    return Row(
        f"tell, digest, log and checkpoint, population {size} of 1120 x 12",
        Spread.of(outside),
        len(records),
        "the evaluation of the generation, 2 workers, Airstriker",
        Spread.of(inside),
        Spread.of((np.array(outside) / np.array(inside)).tolist()),
        goal=0.02,
        is_limit=True,
        clock="wall",
        note="ratio: ours by the episodes'; sending, compiling and answering are in the row above",
    )


if __name__ == "__main__":
    for row in rows(is_quick=False):
        print(row)
