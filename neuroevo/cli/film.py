"""``neuroevo film``: look at a champion at play."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("film")
@click.argument("genome", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="A .png file [RUN/best/film.png].")
@click.option("--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE", help="Override.")
def command(genome: Path, out: Path | None, overrides: tuple[str, ...]) -> None:
    """Film GENOME, a genome file or a run directory (its best genome), as it plays once.

    The film shows the game and, beside it, what the network sees: an animated PNG, which any
    browser plays.

    \b
    Example:  neuroevo film runs/wickling-20260101-220000 --set Retro.states=Level2
    """
    click.echo(film_it(genome, out, overrides))


def film_it(genome: Path, out: Path | None = None, overrides: tuple[str, ...] = ()) -> str:
    """Write the film; return the line that says where it is and how the game ended."""
    from neuroevo.replay import film_genome

    beside = genome.with_suffix(".film.png") if genome.is_file() else genome / "best" / "film.png"
    path = out or beside
    evaluation = film_genome(genome, path, overrides=overrides)
    endings = ", ".join(evaluation.endings)
    return f"film         {path} ({endings}, {evaluation.num_frames / 60:.0f} s of play)"
