"""``neuroevo resume``: continue a run exactly where it stopped."""

from __future__ import annotations

from pathlib import Path

import click

from neuroevo.cli import stopping


@click.command("resume")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--generations", type=click.IntRange(1), help="Total number of generations to reach.")
@click.option("--frames", type=click.IntRange(1), help="Stop once so many have been run in all.")
@click.option("--workers", type=click.IntRange(0), help="Worker processes; 0: none, in-process.")
@click.option("--minutes", type=click.FloatRange(0), help="Stop once so many minutes have passed.")
def command(
    run: Path,
    generations: int | None,
    frames: int | None,
    workers: int | None,
    minutes: float | None,
) -> None:
    """Continue the run in directory RUN.

    \b
    Example:  neuroevo resume runs/airstriker-20260101-220000 --generations 100
    """
    stopping.nothing_to_save_yet()
    from neuroevo.cli.running import run_on

    limits = {"generations": generations, "frames": frames, "workers": workers}
    run_on(run, limits, minutes)
