"""Save states and scenarios of a game: their names, their files, their bytes."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.games.folders import GameFolders, read_metadata, suggest

MAX_STATE_BYTES = 256 << 20
"""More than the memory of any console; a hostile file unpacks to more."""


def state_names(game: GameFolders) -> tuple[str, ...]:
    """Return the names of the game's save states, without the suffix."""
    return tuple(p.stem for p in game.glob("*.state") if not p.name.startswith("_"))


def default_state(game: GameFolders) -> str | None:
    """Return the state that metadata.json starts one player from; None is power-on."""
    metadata = read_metadata(game)
    players = metadata.get("default_player_state")
    if isinstance(players, list) and players:
        return str(players[0])
    state = metadata.get("default_state")
    return None if state is None else str(state)


def load_state(game: GameFolders, name: str) -> bytes:
    """Return the bytes of a save state, by name or absolute path.

    Raises:
        TaskError: there is no such state, or it is not a gzip file.
    """
    path = Path(name) if Path(name).is_absolute() else game.find(f"{_stem(name, '.state')}.state")
    if path is None or not path.is_file():
        names = state_names(game)
        raise TaskError(
            f"[Retro] state: must be a save state of {game.name}; got {name!r}. "
            f"{suggest(name, names)}It has: {', '.join(names) or 'none'}."
        )
    try:
        with gzip.open(path) as file:
            state = file.read(MAX_STATE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise TaskError(
            f"{path}: a state must be a gzip file; got {error}. Save it again with stable-retro."
        ) from error
    if len(state) > MAX_STATE_BYTES:
        raise TaskError(
            f"{path}: a state must have at most {MAX_STATE_BYTES:,} bytes; got more. Save it again."
        )
    return state


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
        keys = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(keys, dict) and any(k in keys for k in ("reward", "rewards", "done"))


def _stem(name: str, suffix: str) -> str:
    return name[: -len(suffix)] if name.endswith(suffix) else name
