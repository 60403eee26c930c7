"""All there is to say of one game, its screen measured on the emulator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.games.folders import GameFolders, console_buttons, resolve_game
from neuroevo.tasks.retro.games.info import GameVariable, read_variables
from neuroevo.tasks.retro.games.roms import console_of
from neuroevo.tasks.retro.games.states import default_state, scenario_names, state_names

SCALES = (4, 8, 16, 32)


@dataclass(frozen=True, slots=True)
class GameInfo:
    """All that is known of one game.

    Attributes:
        files: per folder of the game, the most important first, the names of the files that are
            in force there; a file that an earlier folder overlays is left out.
        screen: (height, width) in pixels after the scenario's crop; None without a ROM.
        input_counts: per scale, how many inputs a network gets; empty without a ROM.
        rom_problem: why the game cannot be played, '' when it can.
    """

    name: str
    console: str
    buttons: tuple[str, ...]
    variables: tuple[GameVariable, ...]
    states: tuple[str, ...]
    default_state: str | None
    scenarios: tuple[str, ...]
    files: Mapping[Path, tuple[str, ...]] = field(default_factory=dict)
    screen: tuple[int, int] | None = None
    input_counts: Mapping[int, int] = field(default_factory=dict)
    rom_problem: str = ""


def show_game(game: str, integrations: Sequence[str | Path] = ()) -> GameInfo:
    """Return all that is known of a game; starts the emulator when its ROM is there."""
    folders = resolve_game(game, integrations)
    console = console_of(folders)
    screen, problem = _measure(folders)
    return GameInfo(
        name=folders.name,
        console=console,
        buttons=console_buttons(console),
        variables=read_variables(folders),
        states=state_names(folders),
        default_state=default_state(folders),
        scenarios=scenario_names(folders),
        files=files_in_force(folders),
        screen=screen,
        input_counts=_input_counts(screen),
        rom_problem=problem,
    )


def files_in_force(game: GameFolders) -> dict[Path, tuple[str, ...]]:
    """Return, per folder of a game, the files that count: the first folder that has one wins."""
    files = game.glob("*")
    return {
        folder: tuple(path.name for path in files if path.parent == folder and path.is_file())
        for folder in game.folders
    }


def _measure(game: GameFolders) -> tuple[tuple[int, int] | None, str]:
    try:
        with Emulator.open(game) as emulator:
            emulator.reset(emulator.start_state(default_state(game)))
            _, _, width, height = emulator.crop()
            return (height, width), ""
    except TaskError as error:
        return None, str(error)


def _input_counts(screen: tuple[int, int] | None) -> dict[int, int]:
    if screen is None:
        return {}
    return {s: max(1, screen[0] // s) * max(1, screen[1] // s) for s in SCALES}
