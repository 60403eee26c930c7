"""Folders of games on disk: which names there are, and which file of a game is in force.

Owns the search: the user's integration folders first, then those that come with neuroevo, then the
games that stable-retro ships; file by file, so that a folder that holds only ``scenario.json``
overlays an imported game. Knows nothing of what is in the files but that they are JSON.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from neuroevo.errors import TaskError
from neuroevo.shipped import integrations_folder

MAX_JSON_BYTES = 1_000_000
"""Of a file that defines a game; the largest that stable-retro ships has 21 kilobytes."""
MAX_NAME = 200
"""Of a file; file systems end at 255 bytes."""
MAX_DEPTH = 32
"""Of brackets in brackets; the deepest that it ships has 6. Thousands end the process."""

_BRACKET_OR_TEXT = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class GameFolders:
    """Where the files of one game lie, the most important folder first."""

    name: str
    folders: tuple[Path, ...]

    def find(self, file: str) -> Path | None:
        """Return the first existing file of that name; none outside the game's own folders."""
        if Path(file).is_absolute() or ".." in Path(file).parts or len(file) > MAX_NAME:
            return None
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


def resolve_game(
    game: str, integrations: Sequence[str | Path] = (), *, by_title: bool = True
) -> GameFolders:
    """Find a game by its name with or without the version suffix, in any case.

    Args:
        game: its name.
        integrations: further folders of games, absolute.
        by_title: a name without the console will do where only one game has it: ``Airstriker``.

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
    if found is None and by_title:
        titled = [name for name in names if base_name(name).rpartition("-")[0].lower() == folded]
        found = titled[0] if len(titled) == 1 else None
    if not game or found is None:
        raise TaskError(
            f"[Retro] game: must be a game of stable-retro or of the integrations; got "
            f"{game[:MAX_NAME]!r}. "
            f"{suggest(game, names)}See `neuroevo games list{_filter_of(game, names)}`."
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
    # Path.glob takes ten times as long for the thousand games of stable-retro.
    found = {
        entry.name
        for root in roots
        for entry in os.scandir(root)
        if os.path.exists(f"{entry.path}/data.json")  # noqa: PTH110
    }
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


def read_json(path: Path, max_bytes: int = MAX_JSON_BYTES) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        TaskError: it cannot be read, is too large or too deeply nested, holds NaN, or is no
            object.
    """
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
        if len(data) > max_bytes:
            raise ValueError(f"more than {max_bytes:,} bytes")
        text = data.decode("utf-8")
        _check_depth(text)
        value = json.loads(text, parse_constant=_no_constant)
    except (OSError, ValueError, RecursionError) as error:
        raise TaskError(f"{path}: must be readable JSON; got {error}. Mend the file.") from error
    if not isinstance(value, dict):
        raise TaskError(f"{path}: must hold a JSON object; got {type(value).__name__}. Mend it.")
    return value


def _check_depth(text: str) -> None:
    depth = 0
    for found in _BRACKET_OR_TEXT.finditer(text):
        if found[0][0] != '"':
            depth += 1 if found[0] in "[{" else -1
            if depth > MAX_DEPTH:
                raise ValueError(f"more than {MAX_DEPTH} brackets in brackets")


def _no_constant(name: str) -> None:
    raise ValueError(f"the number {name}, which JSON does not have")


def read_metadata(game: GameFolders) -> dict[str, Any]:
    """Return metadata.json; empty where the game has none."""
    path = game.find("metadata.json")
    return read_json(path) if path else {}


def suggest(name: str, names: Iterable[str]) -> str:
    """Return ``Did you mean ...? `` with the nearest names, or ''.

    Near are names that begin with it, then those that hold it; without any, those that look
    like it.
    """
    all_names = list(names)
    by_folded = {}
    for known in all_names:
        by_folded[known.lower()] = by_folded[base_name(known).lower()] = known
    close = difflib.get_close_matches(name[:MAX_NAME].lower(), by_folded, n=4, cutoff=0.5)
    near = names_like(name[:MAX_NAME], all_names) or [by_folded[folded] for folded in close]
    unique = list(dict.fromkeys(near))[:3]
    return f"Did you mean {' or '.join(unique)}? " if unique else ""


def names_like(word: str, names: Iterable[str]) -> list[str]:
    """Return the names that begin with a word, then those that hold it; of letters alone."""
    wanted = _letters(word)
    found = [name for name in names if wanted in _letters(name)] if len(wanted) > 1 else []
    return sorted(found, key=lambda name: not _letters(name).startswith(wanted))


def _filter_of(game: str, names: Iterable[str]) -> str:
    """Return what lists the games whose names hold this one, or ''."""
    is_plain = re.fullmatch(r"[\w-]{2,60}", game)
    return f" --all {game}" if is_plain and names_like(game, names) else ""


def _letters(text: str) -> str:
    """Return the letters and digits of a name, in lower case: ``sonic the`` finds SonicThe..."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


@lru_cache(maxsize=1)
def _stable_retro_root() -> Path:
    from stable_retro import data

    return Path(data.path()) / "stable"


def _folders(name: str, roots: Iterable[Path]) -> tuple[Path, ...]:
    names = dict.fromkeys((name, base_name(name)))
    return tuple(root / n for root in roots for n in names if (root / n).is_dir())
