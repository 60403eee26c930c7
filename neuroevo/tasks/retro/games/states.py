"""Save states and scenarios of a game: their names, their files, their bytes."""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.games.folders import (
    MAX_NAME,
    GameFolders,
    read_json,
    read_metadata,
    suggest,
)

MAX_STATE_BYTES = 64 << 20
"""More than the memory of any console; a hostile file unpacks to more."""


def state_names(game: GameFolders) -> tuple[str, ...]:
    """Return the names of the game's save states, without the suffix, in natural order.

    That is Level2 before Level10, and Level1 before Level1-a.
    """
    names = [p.stem for p in game.glob("*.state") if not p.name.startswith("_")]
    return tuple(sorted(names, key=_natural))


def default_state(game: GameFolders) -> str | None:
    """Return the state that metadata.json starts one player from; None is power-on."""
    metadata = read_metadata(game)
    players = metadata.get("default_player_state")
    if isinstance(players, list) and players:
        return str(players[0])
    state = metadata.get("default_state")
    return None if state is None else str(state)


def load_state(game: GameFolders, name: str, where: str = "") -> bytes:
    """Return the bytes of a save state, by name or absolute path; see :func:`state_path`.

    Raises:
        TaskError: there is no such state, or it is not a gzip file.
    """
    return read_state(state_path(game, name, where))


def state_path(game: GameFolders, name: str, where: str = "") -> Path:
    """Return the file of a save state.

    Args:
        game: whose states count.
        name: with or without the suffix.
        where: who named it, for the message; '' takes metadata.json if it names that state.

    Raises:
        TaskError: there is no such state.
    """
    path = Path(name) if Path(name).is_absolute() else game.find(f"{_stem(name, '.state')}.state")
    if path is None or not path.is_file():
        raise TaskError(
            f"{where or _namer(game, name)}: must be a save state of {game.name}; got "
            f"{name[:MAX_NAME]!r}. "
            f"{states_advice(game, name)}"
        )
    return path


def read_state(path: Path) -> bytes:
    """Return what a save state unpacks to.

    Raises:
        TaskError: it is not a gzip file, empty, or unpacks to more than any console has.
    """
    try:
        with gzip.open(path) as file:
            state = file.read(MAX_STATE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise TaskError(
            f"{path}: a state must be a gzip file; got {error}. Save it again with stable-retro."
        ) from error
    if not state:
        raise TaskError(
            f"{path}: a state must hold a machine; got nothing. Save it again with stable-retro."
        )
    if len(state) > MAX_STATE_BYTES:
        raise TaskError(
            f"{path}: a state must have at most {MAX_STATE_BYTES:,} bytes; got more. Save it again."
        )
    return state


def states_advice(game: GameFolders, name: str) -> str:
    """Return the nearest names to a state that is not there, and all states that are."""
    names = state_names(game)
    return f"{suggest(Path(name).stem, names)}It has: {', '.join(names) or 'none'}."


def _natural(name: str) -> tuple[list[tuple[str, int]], str]:
    """Return a key that sorts numbers within names as numbers, and letters in any case."""
    parts = re.findall(r"(\D*)(\d*)", name.casefold())
    return [(letters, int(digits or 0)) for letters, digits in parts], name


def _namer(game: GameFolders, name: str) -> str:
    metadata = game.find("metadata.json")
    return f"{metadata} default_state" if metadata and default_state(game) == name else "state"


def scenario_names(game: GameFolders) -> tuple[str, ...]:
    """Return the names of the JSON files that define a reward or an end."""
    return tuple(p.stem for p in game.glob("*.json") if _is_scenario(p))


def scenario_path(game: GameFolders, scenario: str) -> Path:
    """Return the file of a scenario by name or absolute path; '' is the default one.

    Raises:
        TaskError: there is no such file. stable-retro itself would go on without reward and end.
    """
    if Path(scenario).is_absolute():
        path: Path | None = Path(scenario)
    else:
        path = game.find(f"{_stem(scenario or 'scenario', '.json')}.json")
    if path is None or not path.is_file():
        names = scenario_names(game)
        raise TaskError(
            f"[Retro] scenario: must be a scenario of {game.name} or an absolute path; got "
            f"{scenario or 'scenario'!r}. {suggest(scenario, names)}"
            f"It has: {', '.join(names) or 'none'}."
        )
    return path


def _is_scenario(path: Path) -> bool:
    try:
        keys = read_json(path)
    except TaskError:
        return False
    return any(k in keys for k in ("reward", "rewards", "done"))


def _stem(name: str, suffix: str) -> str:
    return name[: -len(suffix)] if name.endswith(suffix) else name
