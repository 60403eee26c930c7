"""``neuroevo play``: play a game oneself, or let a script of keys play it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from neuroevo.tasks.retro.emulator import Emulator
    from neuroevo.tasks.retro.human.playing import Play, PlayFiles

_FILE = click.Path(path_type=Path)


@click.command("play")
@click.argument("what", metavar="CONFIG|GAME")
@click.option("--state", help="Save state to begin from, by name or file, or power-on.")
@click.option("--keys", type=_FILE, metavar="FILE",
              help="Script to play: `frames BUTTON+BUTTON`, `save NAME`, `mark WORD`.")  # fmt: skip
@click.option("--record", type=_FILE, metavar="FILE.bk2",
              help="Record a movie, and a check sheet beside it.")  # fmt: skip
@click.option("--log", type=_FILE, metavar="FILE.csv",
              help="Write buttons, marks and variables of every frame.")  # fmt: skip
@click.option("--save-states", type=click.Path(path_type=Path, file_okay=False, exists=True),
              metavar="DIR", help="Folder of saved states [the game's own].")  # fmt: skip
@click.option("--allow-start", is_flag=True, help="START, SELECT and MODE may be pressed.")
@click.option("--show-keys", is_flag=True, help="Print the keys of this console and end.")
@click.option("--integrations", multiple=True, type=click.Path(resolve_path=True, exists=True),
              help="A further folder of games.")  # fmt: skip
def command(
    what: str,
    state: str | None,
    keys: Path | None,
    record: Path | None,
    log: Path | None,
    save_states: Path | None,
    integrations: tuple[str, ...],
    **switches: bool,
) -> None:
    """Play the game of CONFIG, a settings file or shipped name, or GAME itself.

    In the window the arrow keys steer, Z X C A S D Q W are the buttons of the console (--show-keys
    says which), Tab is SELECT and Enter START, F5 saves a state, F6 marks that a life was just
    lost, P stops and goes on, Esc ends. Nothing is ever overwritten.

    \b
    Example:  neuroevo play wickling --state Level1 --record mine.bk2
              neuroevo play Wickling-Nes --keys keys.txt --log play.csv
    """
    from neuroevo.tasks.retro.emulator import Emulator
    from neuroevo.tasks.retro.games import resolve_game
    from neuroevo.tasks.retro.human.playing import Play, PlayFiles, start_of

    game, own_state, own_folders = _game_of(what)
    found = resolve_game(game, (*integrations, *own_folders))
    with Emulator.open(found) as emulator:
        if switches["show_keys"]:
            click.echo(_keys_of(emulator.console, emulator.buttons))
            return
        files = PlayFiles(record, log, save_states)
        start = start_of(found, state or own_state)
        with Play(emulator, start, files, allow_start=switches["allow_start"]) as play:
            _run(play, emulator, keys)
        _say(play, files)


def _game_of(what: str) -> tuple[str, str | None, tuple[str, ...]]:
    """Return game, state and integration folders of a settings file, or the game named."""
    from neuroevo.config import load
    from neuroevo.errors import ConfigError
    from neuroevo.shipped import find_config, shipped_configs
    from neuroevo.tasks.retro.settings import RetroSettings

    if what.removesuffix(".ini") not in shipped_configs() and not Path(what).is_file():
        return what, None, ()
    config = load(find_config(what))
    task = config.settings.task
    if not isinstance(task, RetroSettings):
        raise ConfigError([f"{config.name} [Task] name: must be retro to be played; got another."])
    states = task.states if task.states != ("all",) else ()
    return task.game, next(iter(states), None), task.integrations


def _run(play: Play, emulator: Emulator, keys: Path | None) -> None:
    if keys is not None:
        from neuroevo.tasks.retro.human.playing import read_script

        for sentence in play.run(read_script(keys), str(keys)):
            click.echo(sentence)
        return
    from neuroevo.tasks.retro.human.controls import Controls, button_keys
    from neuroevo.tasks.retro.human.window import play_in_window

    play_in_window(Controls(play, button_keys(emulator.console)), emulator)


def _keys_of(console: str, buttons: Sequence[str | None]) -> str:
    from neuroevo.tasks.retro.human.controls import button_keys, key_lines

    return "\n".join(key_lines(button_keys(console), [b for b in buttons if b]))


def _say(play: Play, files: PlayFiles) -> None:
    from neuroevo.cli.tables import variables_text

    click.echo(f"played       {play.num_frames} frames")
    click.echo(f"at the end   {variables_text(play.variables)}")
    for word, path in (("movie", files.movie), ("log", files.log)):
        if path is not None:
            click.echo(f"{word:13}{path}")
