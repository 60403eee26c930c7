"""What there is to say of games: one line each, or all of one game.

Starts no emulator, except to measure the screen for :func:`show_game`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.game_folders import (
    GameFolders,
    all_games,
    console_buttons,
    read_json,
    resolve_game,
)
from neuroevo.tasks.retro.roms import console_of, find_rom
from neuroevo.tasks.retro.states import default_state, scenario_names, state_names

SCALES = (4, 8, 16, 32)


@dataclass(frozen=True, slots=True)
class GameSummary:
    """One line of the list of games."""

    name: str
    console: str
    has_rom: bool
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GameVariable:
    """A variable of data.json: ``type`` as stable-retro spells it, e.g. ``>u2``."""

    name: str
    address: int
    type: str


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


def list_games(integrations: Sequence[str | Path] = ()) -> list[GameSummary]:
    """Return every game that stable-retro or ``integrations`` define, sorted by name."""
    return [
        GameSummary(game.name, console_of(game), find_rom(game) is not None, state_names(game))
        for game in all_games(integrations)
    ]


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


def read_variables(game: GameFolders) -> tuple[GameVariable, ...]:
    """Return the variables of data.json, sorted by name.

    Raises:
        TaskError: the file is not laid out as data.json has to be.
    """
    path = game.need("data.json")
    info = read_json(path).get("info", {})
    try:
        return tuple(
            GameVariable(name, int(info[name]["address"]), str(info[name]["type"]))
            for name in sorted(info)
        )
    except (LookupError, TypeError, ValueError) as error:
        raise TaskError(
            f"{path}: every variable must have an address and a type; got {error!r}. "
            f"`neuroevo games lint {path}` says where."
        ) from error


def files_in_force(game: GameFolders) -> dict[Path, tuple[str, ...]]:
    """Return, per folder of a game, the files that count: the first folder that has one wins."""
    files = game.glob("*")
    return {
        folder: tuple(path.name for path in files if path.parent == folder and path.is_file())
        for folder in game.folders
    }


def _measure(game: GameFolders) -> tuple[tuple[int, int] | None, str]:
    from neuroevo.tasks.retro.emulator import Emulator  # the emulator imports this module

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
