"""What the files of games say: one line each, and the variables of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.games.folders import (
    GameFolders,
    all_games,
    read_json,
)
from neuroevo.tasks.retro.games.roms import console_of, find_rom
from neuroevo.tasks.retro.games.states import state_names


@dataclass(frozen=True, slots=True)
class GameSummary:
    """One line of the list of games."""

    name: str
    console: str
    has_rom: bool
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GameVariable:
    """A variable of data.json.

    Attributes:
        name: of the variable.
        address: of its first byte.
        type: as stable-retro spells it, e.g. ``>u2``.
        mask: of the bits that count, None where all do.
    """

    name: str
    address: int
    type: str
    mask: int | None = None


def list_games(integrations: Sequence[str | Path] = ()) -> list[GameSummary]:
    """Return every game that stable-retro or ``integrations`` define, sorted by name."""
    return [
        GameSummary(game.name, console_of(game), find_rom(game) is not None, state_names(game))
        for game in all_games(integrations)
    ]


def read_variables(game: GameFolders) -> tuple[GameVariable, ...]:
    """Return the variables of data.json, sorted by name.

    Raises:
        TaskError: the file is not laid out as data.json has to be.
    """
    path = game.need("data.json")
    info = read_json(path).get("info", {})
    try:
        return tuple(_variable(name, info[name]) for name in sorted(info))
    except (LookupError, TypeError, ValueError) as error:
        raise TaskError(
            f"{path}: every variable must have an address and a type; got {error!r}. "
            f"`neuroevo games lint {path}` says where."
        ) from error


def _variable(name: str, node: Mapping[str, Any]) -> GameVariable:
    return GameVariable(name, int(node["address"]), str(node["type"]), node.get("mask"))
