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
@click.pass_context
def command(
    ctx: click.Context, movie: Path, game: str, integrations: tuple[str, ...], film: Path | None
) -> None:
    """Play MOVIE, a bk2, again; say whether it is the play that was recorded.

    Compares work RAM with the check sheet that `neuroevo play --record` writes beside a movie.
    Ends with 1 when the play differs.

    \b
    Example:  neuroevo replay mine.bk2 --film mine.png
    """
    from neuroevo.tasks.retro.human.replaying import check_movie

    replayed, verdict = check_movie(movie, game, integrations, film)
    seconds = replayed.num_frames / replayed.frame_rate
    click.echo(f"game         {replayed.game}, core {replayed.core}")
    click.echo(f"length       {replayed.num_frames} frames, {seconds:.1f} s")
    click.echo(f"verdict      {verdict.sentence}")
    values = (f"{name}={value}" for name, value in sorted(replayed.variables.items()))
    click.echo(f"at the end   {', '.join(values)}")
    if film is not None:
        click.echo(f"film         {film}")
    ctx.exit(1 if verdict.is_same is False else 0)
