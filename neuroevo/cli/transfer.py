"""``neuroevo transfer``: what champions do in states they were not trained on."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.command("transfer")
@click.argument("genomes", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--states", metavar="A,B", default="",
              help="States, or all [those of the first run, held out or not].")  # fmt: skip
@click.option("--episodes", type=click.IntRange(1), default=1, show_default=True)
@click.option("--noops", type=click.IntRange(0), default=0, show_default=True, metavar="K",
              help="Start each episode with 0 to K idle frames, seeded.")  # fmt: skip
@click.option("--picture", type=click.Path(path_type=Path), metavar="FILE",
              help="Draw the matrix, too (.png or .svg).")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    genomes: tuple[Path, ...],
    states: str,
    episodes: int,
    noops: int,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Play the best genomes of GENOMES (run directories or genome files) from every state.

    \b
    Example:  neuroevo transfer runs/a runs/b --states all --picture transfer.png
    """
    from neuroevo.transfer import transfer, transfer_text

    names = [name.strip() for name in states.split(",") if name.strip()]
    result = transfer(genomes, names, episodes=episodes, noops=noops, on_progress=_show_progress)
    if as_json:
        cells = {key: getattr(result, key).tolist() for key in ("fitness", "won", "is_trained")}
        document = {"champions": result.champions, "states": result.states, **cells}
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(transfer_text(result))
    if picture is not None:
        from neuroevo.plots.transfer import plot_transfer

        names_of = (result.champions, result.states)
        plot_transfer(names_of, result.fitness, result.won, result.is_trained, picture)
        click.echo(f"picture  {picture}", err=as_json)


def _show_progress(num_done: int, num_cells: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{num_done} of {num_cells}", nl=num_done == num_cells, err=True)
