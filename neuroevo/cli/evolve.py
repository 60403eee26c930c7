"""``neuroevo evolve``: a new run from a settings file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from neuroevo.cli import stopping


@click.command("evolve")
@click.argument("config")
@click.option("--out", type=click.Path(path_type=Path), help="Run directory [runs/NAME-DATE].")
@click.option("--generations", type=click.IntRange(1), help="Number of generations.")
@click.option("--frames", type=click.IntRange(1), help="Stop once so many have been run in all.")
@click.option("--workers", type=click.IntRange(0), help="Worker processes; 0: none, in-process.")
@click.option("--seed", type=click.IntRange(0), help="Seed of the run; drawn when not given.")
@click.option(
    "--seed-genome",
    type=click.Path(),
    metavar="FILE",
    help="Begin with a genome file, or with a run's best, and mutated copies.",
)
@click.option("--minutes", type=click.FloatRange(0), help="Stop once so many minutes have passed.")
@click.option("--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE", help="Override.")
def command(
    config: str,
    out: Path | None,
    generations: int | None,
    frames: int | None,
    workers: int | None,
    seed: int | None,
    seed_genome: str | None,
    minutes: float | None,
    overrides: tuple[str, ...],
) -> None:
    """Evolve a population from CONFIG, a settings file or a shipped name.

    \b
    Example:  neuroevo evolve airstriker --generations 20 --workers 2 --seed 1
    """
    stopping.nothing_to_save_yet()
    from neuroevo.cli.running import run_new

    given = {
        "generations": generations,
        "frames": frames,
        "workers": workers,
        "seed": seed,
        "seed_genome": seed_genome,
    }
    flags = [f"Run.{key}={value}" for key, value in given.items() if value is not None]
    run_new(config, [*overrides, *flags], out, minutes, sys.argv)
