"""``neuroevo film``: look at a champion at play."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("film")
@click.argument("genome", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="A .png file [RUN/best/film.png].")
@click.option("--bk2", "is_recorded", is_flag=True,
              help="Record the same game as a movie, too, beside the film.")  # fmt: skip
@click.option("--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE", help="Override.")
def command(genome: Path, out: Path | None, is_recorded: bool, overrides: tuple[str, ...]) -> None:
    """Film GENOME, a genome file or a run directory (its best genome), as it plays once.

    The film shows the game and, beside it, what the network sees: an animated PNG, which any
    browser plays. After a curriculum the champion plays the stage that it was the best in.
    A movie (bk2) holds the buttons of every frame: `neuroevo replay` checks it.

    \b
    Example:  neuroevo film runs/wickling-20260101-220000 --set Retro.states=Level2
              neuroevo film runs/wickling-20260101-220000 --bk2
    """
    click.echo(film_it(genome, out, overrides, is_recorded=is_recorded))


def film_it(
    genome: Path,
    out: Path | None = None,
    overrides: tuple[str, ...] = (),
    *,
    is_recorded: bool = False,
) -> str:
    """Write the film, and movies if wanted; return the lines that say where they are."""
    from neuroevo.replay import film_genome
    from neuroevo.tasks.retro.human.episode_movies import EpisodeMovies

    beside = genome.with_suffix(".film.png") if genome.is_file() else genome / "best" / "film.png"
    path = out or beside
    with EpisodeMovies(path.with_suffix(".bk2"), may_replace=out is None) as movies:
        record = movies if is_recorded else None
        evaluation, states = film_genome(genome, path, overrides=overrides, record=record)
    endings = ", ".join(evaluation.endings)
    film = f"film         {path} ({endings}, {evaluation.num_frames / 60:.0f} s of play)"
    film += f" in {', '.join(states)}" if states else ""
    return "\n".join([film, *(f"movie        {movie}" for movie in movies.paths)])
