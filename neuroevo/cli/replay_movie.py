"""``neuroevo replay``: play a bk2 movie again and check it."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("replay")
@click.argument("movie", type=click.Path(path_type=Path))
@click.option("--game", default="", help="To play it on [the game that the movie names].")
@click.option("--integrations", multiple=True, type=click.Path(resolve_path=True, exists=True),
              help="A further folder of games.")  # fmt: skip
@click.option("--film", type=click.Path(path_type=Path), metavar="FILE.png",
              help="Write an animated picture, which any browser plays.")  # fmt: skip
@click.option("--strict", is_flag=True,
              help="End with 3 where nothing was recorded to compare with.")  # fmt: skip
@click.pass_context
def command(
    ctx: click.Context,
    movie: Path,
    game: str,
    integrations: tuple[str, ...],
    film: Path | None,
    strict: bool,
) -> None:
    """Play MOVIE, a bk2, again; say whether it is the play that was recorded.

    Compares work RAM with the check sheet that `neuroevo play --record` writes beside a movie.
    Ends with 1 when the play differs. Without a sheet that cannot be told, nor whether the movie
    was cut short: then it ends with 0, or with 3 if --strict.

    \b
    Example:  neuroevo replay mine.bk2 --film mine.png
    """
    from neuroevo.cli.tables import variables_text
    from neuroevo.tasks.retro.human.replaying import check_movie

    replayed, verdict = check_movie(movie, game, integrations, film)
    seconds = replayed.num_frames / replayed.frame_rate
    click.echo(f"game         {replayed.game}, core {replayed.core}")
    click.echo(f"length       {replayed.num_frames} frames, {seconds:.1f} s")
    click.echo(f"verdict      {verdict.sentence}")
    click.echo(f"at the end   {variables_text(replayed.variables)}")
    if film is not None:
        click.echo(f"film         {film}")
    if verdict.is_same is None:
        ctx.exit(3 if strict else 0)
    ctx.exit(0 if verdict.is_same else 1)
