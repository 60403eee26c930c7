"""``neuroevo plot``: the charts of one run, or of several laid over each other."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("plot")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder [plots/ of the run; several: comparison].",
)
def command(runs: tuple[Path, ...], out: Path | None) -> None:
    """Draw fitness, time, species and complexity of RUNS as PNG and SVG.

    \b
    Example:  neuroevo plot runs/a runs/b --out comparison
    """
    from neuroevo.plots.figures import plot_run_directories
    from neuroevo.storage.run_directory import RunDirectory

    opened = [RunDirectory.open(path) for path in runs]
    folder = out or (opened[0].plots if len(opened) == 1 else Path("comparison"))
    for file in plot_run_directories([run.path for run in opened], folder):
        click.echo(file)
