"""``neuroevo games``: which games there are and what they offer.

The commands that check and import are in :mod:`neuroevo.cli.games_files`.
"""

from __future__ import annotations

from pathlib import Path

import click

from neuroevo.cli.games_files import check_command, import_command, lint_command


@click.group("games")
def command() -> None:
    """List and show games, import ROMs, check what is there.

    \b
    Example:  neuroevo games show Airstriker-Genesis
    """


command.add_command(import_command)
command.add_command(check_command)
command.add_command(lint_command)


@command.command("list")
@click.argument("word", default="")
@click.option("--all", "show_all", is_flag=True, help="Also games whose ROM is not here.")
@click.option("--integrations", multiple=True, type=click.Path(resolve_path=True, exists=True),
              help="A further folder of games.")  # fmt: skip
def list_games_command(word: str, show_all: bool, integrations: tuple[str, ...]) -> None:
    """List the games that can be played here, or those of them whose names hold WORD.

    \b
    Example:  neuroevo games list --all
              neuroevo games list --all sonic
    """
    from neuroevo.cli.tables import games_table
    from neuroevo.tasks.retro.games import list_games
    from neuroevo.tasks.retro.games.folders import names_like

    games = list_games(integrations)
    if word:
        found = set(names_like(word, [game.name for game in games]))
        games = [game for game in games if game.name in found]
    shown = [game for game in games if show_all or game.has_rom]
    click.echo(games_table(shown))
    click.echo(f"{len(shown)} games; {len(games) - len(shown)} more without a ROM here (--all).")


@command.command("show")
@click.argument("game")
@click.option("--integrations", multiple=True, type=click.Path(resolve_path=True, exists=True),
              help="A further folder of games.")  # fmt: skip
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the screen beside what a network sees of it, after four seconds.",
)
@click.option("--scale", type=click.IntRange(1), default=8, show_default=True,
              help="Of the observation in the picture.")  # fmt: skip
def show_game_command(
    game: str, integrations: tuple[str, ...], picture: Path | None, scale: int
) -> None:
    """Show variables, states, buttons, screen and input counts of GAME.

    \b
    Example:  neuroevo games show Airstriker-Genesis --picture see.png
    """
    from neuroevo.cli.tables import game_text
    from neuroevo.tasks.retro.check.overview import show_game

    click.echo(game_text(show_game(game, integrations)))
    if picture is not None:
        from neuroevo.tasks.retro.pictures.saving import save_observation_picture

        rows, columns = save_observation_picture(
            game, picture, scale=scale, frames=240, integrations=integrations
        )
        click.echo(f"picture    {picture}: the screen, and its {rows} x {columns} observation")
