"""Folders of games on disk: which names there are, and which file of a game is in force.

Owns the search: the user's integration folders first, then those that come with neuroevo, then the
games that stable-retro ships; file by file, so that a folder that holds only ``scenario.json``
overlays an imported game. Knows nothing of what is in the files but that they are JSON.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from neuroevo.errors import TaskError
from neuroevo.shipped import integrations_folder


@dataclass(frozen=True, slots=True)
class GameFolders:
    """Where the files of one game lie, the most important folder first."""

    name: str
    folders: tuple[Path, ...]

    def find(self, file: str) -> Path | None:
        """Return the first existing file of that name."""
        return next((f / file for f in self.folders if (f / file).is_file()), None)

    def glob(self, pattern: str) -> list[Path]:
        """Return the matching files of all folders, sorted by name, the overlay's first."""
        found: dict[str, Path] = {}
        for folder in self.folders:
            for path in folder.glob(pattern):
                found.setdefault(path.name, path)
        return [found[name] for name in sorted(found)]

    def need(self, file: str) -> Path:
        """Return the file, or raise TaskError."""
        path = self.find(file)
        if path is None:
            raise TaskError(
                f"{self.name}: the game's folder must hold {file}; got none in "
                f"{', '.join(map(str, self.folders))}. Add the file."
            )
        return path


def resolve_game(game: str, integrations: Sequence[str | Path] = ()) -> GameFolders:
    """Find a game by its name with or without the version suffix, in any case.

    Raises:
        TaskError: no game has this name; the message names the nearest ones.
    """
    roots = game_roots(integrations)
    names = game_names(roots)
    by_folded = {name.lower(): name for name in names}
    by_base: dict[str, str] = {}
    for name in names:
        by_base.setdefault(base_name(name).lower(), name)
    folded = game.lower()
    found = by_folded.get(folded) or by_base.get(base_name(folded))
    if not game or found is None:
        raise TaskError(
            f"[Retro] game: must be a game of stable-retro or of the integrations; got {game!r}. "
            f"{suggest(game, names)}See `neuroevo games list`."
        )
    return GameFolders(found, _folders(found, roots))


def all_games(integrations: Sequence[str | Path] = ()) -> list[GameFolders]:
    """Return the folders of every game, sorted by name."""
    roots = game_roots(integrations)
    return [GameFolders(name, _folders(name, roots)) for name in game_names(roots)]


def game_roots(integrations: Sequence[str | Path] = ()) -> tuple[Path, ...]:
    """Return the folders that hold the folders of games, the most important first.

    Raises:
        TaskError: one of ``integrations`` is relative, or not a folder.
    """
    roots = [Path(folder) for folder in integrations]
    for folder in roots:
        if not folder.is_absolute() or not folder.is_dir():
            raise TaskError(
                f"[Retro] integrations: must be existing absolute folders of game folders; got "
                f"{str(folder)!r}. Check the path."
            )
    return (*roots, integrations_folder(), _stable_retro_root())


def game_names(roots: Iterable[Path]) -> list[str]:
    """Return the names of all games, sorted.

    A folder without a version suffix overlays the game that has one: it is no game of its own.
    """
    found = {p.parent.name for root in roots for p in root.glob("*/data.json")}
    versioned = {base_name(name) for name in found if base_name(name) != name}
    return sorted(name for name in found if name not in versioned)


def base_name(name: str) -> str:
    """Strip a version suffix such as ``-v0``."""
    base, _, version = name.rpartition("-")
    return base if base and version[:1] == "v" and version[1:].isdigit() else name


@lru_cache(maxsize=1)
def console_table() -> dict[str, dict[str, Any]]:
    """Return what stable-retro's cores say of each console: buttons, suffixes of ROMs, and more."""
    from stable_retro import data

    return dict(data.EMU_INFO)


def console_buttons(console: str) -> tuple[str, ...]:
    """Return the named buttons of a console in its own order; () for an unknown console."""
    buttons = console_table().get(console, {}).get("buttons", [])
    return tuple(b for b in buttons if b is not None)


def named_console(name: str) -> str:
    """Return the console that a game's name ends with, e.g. ``Nes`` of ``Wickling-Nes-v0``."""
    return base_name(name).rpartition("-")[2]


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object, or raise TaskError."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise TaskError(f"{path}: must be readable JSON; got {error}. Mend the file.") from error
    if not isinstance(value, dict):
        raise TaskError(f"{path}: must hold a JSON object; got {type(value).__name__}. Mend it.")
    return value


def read_metadata(game: GameFolders) -> dict[str, Any]:
    """Return metadata.json; empty where the game has none."""
    path = game.find("metadata.json")
    return read_json(path) if path else {}


def suggest(name: str, names: Iterable[str]) -> str:
    """Return ``Did you mean ...? `` with the nearest names, or ''."""
    by_folded = {}
    for known in names:
        by_folded[known.lower()] = by_folded[base_name(known).lower()] = known
    close = difflib.get_close_matches(name.lower(), by_folded, n=4, cutoff=0.5)
    unique = list(dict.fromkeys(by_folded[folded] for folded in close))[:3]
    return f"Did you mean {' or '.join(unique)}? " if unique else ""


@lru_cache(maxsize=1)
def _stable_retro_root() -> Path:
    from stable_retro import data

    return Path(data.path()) / "stable"


def _folders(name: str, roots: Iterable[Path]) -> tuple[Path, ...]:
    names = dict.fromkeys((name, base_name(name)))
    return tuple(root / n for root in roots for n in names if (root / n).is_dir())
