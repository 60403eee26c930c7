"""Games on disk: names, folders, ROMs, states, scenarios.

Owns the search for files: the user's integration folders first, then those that come with
neuroevo, then the games that stable-retro ships; file by file, so that a folder that holds only
``scenario.json`` overlays an imported game.
Starts no emulator, except to measure the screen for :func:`show_game`.
"""

from __future__ import annotations

import difflib
import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from neuroevo.errors import TaskError
from neuroevo.shipped import integrations_folder

SCALES = (4, 8, 16, 32)
NES_HEADER_BYTES = 16


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
    screen: tuple[int, int] | None = None
    input_counts: Mapping[int, int] = field(default_factory=dict)
    rom_problem: str = ""


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


def list_games(integrations: Sequence[str | Path] = ()) -> list[GameSummary]:
    """Return every game that stable-retro or ``integrations`` define, sorted by name."""
    roots = _roots(integrations)
    return [_summary(GameFolders(name, _folders(name, roots))) for name in _names(roots)]


def resolve_game(game: str, integrations: Sequence[str | Path] = ()) -> GameFolders:
    """Find a game by its name with or without the version suffix, in any case.

    Raises:
        TaskError: no game has this name; the message names the nearest ones.
    """
    roots = _roots(integrations)
    names = _names(roots)
    by_folded = {name.lower(): name for name in names}
    by_base: dict[str, str] = {}
    for name in names:
        by_base.setdefault(_base(name).lower(), name)
    folded = game.lower()
    found = by_folded.get(folded) or by_base.get(_base(folded))
    if not game or found is None:
        raise TaskError(
            f"[Retro] game: must be a game of stable-retro or of the integrations; got {game!r}. "
            f"{_suggest(game, names)}See `neuroevo games list`."
        )
    return GameFolders(found, _folders(found, roots))


def rom_path(game: GameFolders) -> Path:
    """Return the ROM, its hash checked.

    Raises:
        TaskError: the ROM is missing, or is another one than the game's rom.sha names.
    """
    path = _find_rom(game)
    if path is None:
        raise TaskError(
            f"{game.name}: the ROM must be imported; got no rom file in {game.folders[-1]}. Run "
            f"`python -m stable_retro.import FOLDER` on the folder that holds your own copy."
        )
    _check_hash(game, path)
    return path


def state_names(game: GameFolders) -> tuple[str, ...]:
    """Return the names of the game's save states, without the suffix."""
    return tuple(p.stem for p in game.glob("*.state") if not p.name.startswith("_"))


def default_state(game: GameFolders) -> str | None:
    """Return the state that metadata.json starts one player from; None is power-on."""
    metadata = _metadata(game)
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
            f"{_suggest(name, names)}It has: {', '.join(names) or 'none'}."
        )
    try:
        return gzip.decompress(path.read_bytes())
    except (OSError, EOFError) as error:
        raise TaskError(
            f"{path}: a state must be a gzip file; got {error}. Save it again with stable-retro."
        ) from error


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
            f"{scenario or 'scenario'!r}. {_suggest(scenario, names)}"
            f"It has: {', '.join(names) or 'none'}."
        )
    return path


def read_variables(game: GameFolders) -> tuple[GameVariable, ...]:
    """Return the variables of data.json, sorted by name."""
    info = read_json(game.need("data.json")).get("info", {})
    return tuple(
        GameVariable(name, int(info[name]["address"]), str(info[name]["type"]))
        for name in sorted(info)
    )


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object, or raise TaskError."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TaskError(f"{path}: must be readable JSON; got {error}. Mend the file.") from error
    if not isinstance(value, dict):
        raise TaskError(f"{path}: must hold a JSON object; got {type(value).__name__}. Mend it.")
    return value


def show_game(game: str, integrations: Sequence[str | Path] = ()) -> GameInfo:
    """Return all that is known of a game; starts the emulator when its ROM is there."""
    folders = resolve_game(game, integrations)
    console = _console(folders)
    screen, problem = _measure(folders)
    return GameInfo(
        name=folders.name,
        console=console,
        buttons=console_buttons(console),
        variables=read_variables(folders),
        states=state_names(folders),
        default_state=default_state(folders),
        scenarios=scenario_names(folders),
        screen=screen,
        input_counts=_input_counts(screen),
        rom_problem=problem,
    )


def console_buttons(console: str) -> tuple[str, ...]:
    """Return the named buttons of a console in its own order; () for an unknown console."""
    buttons = _console_table().get(console, {}).get("buttons", [])
    return tuple(b for b in buttons if b is not None)


def console_of_rom(path: Path) -> str:
    """Return the console that stable-retro picks for the suffix of a ROM."""
    suffix = path.suffix[1:]
    for console, core in _console_table().items():
        if suffix in core["ext"]:
            return console
    raise TaskError(f"{path}: the suffix must be one of a known console; got {suffix!r}. Rename.")


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


def _roots(integrations: Sequence[str | Path]) -> tuple[Path, ...]:
    roots = [Path(folder) for folder in integrations]
    for folder in roots:
        if not folder.is_absolute() or not folder.is_dir():
            raise TaskError(
                f"[Retro] integrations: must be existing absolute folders of game folders; got "
                f"{str(folder)!r}. Check the path."
            )
    return (*roots, integrations_folder(), _stable_retro_root())


@lru_cache(maxsize=1)
def _stable_retro_root() -> Path:
    from stable_retro import data

    return Path(data.path()) / "stable"


@lru_cache(maxsize=1)
def _console_table() -> dict[str, dict[str, Any]]:
    from stable_retro import data

    return dict(data.EMU_INFO)


def _names(roots: Iterable[Path]) -> list[str]:
    return sorted({p.parent.name for root in roots for p in root.glob("*/data.json")})


def _folders(name: str, roots: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(root / name for root in roots if (root / name).is_dir())


def _summary(game: GameFolders) -> GameSummary:
    return GameSummary(game.name, _console(game), _find_rom(game) is not None, state_names(game))


def _base(name: str) -> str:
    """Strip a version suffix such as ``-v0``."""
    base, _, version = name.rpartition("-")
    return base if base and version[:1] == "v" and version[1:].isdigit() else name


def _console(game: GameFolders) -> str:
    rom = _find_rom(game)
    return console_of_rom(rom) if rom else _base(game.name).rpartition("-")[2]


def _find_rom(game: GameFolders) -> Path | None:
    original = _metadata(game).get("original_rom_name")
    if isinstance(original, str) and (path := game.find(original)):
        return path
    suffixes = {suffix for core in _console_table().values() for suffix in core["ext"]}
    return next((path for path in game.glob("rom.*") if path.suffix[1:] in suffixes), None)


def _metadata(game: GameFolders) -> dict[str, Any]:
    path = game.find("metadata.json")
    return read_json(path) if path else {}


def _check_hash(game: GameFolders, rom: Path) -> None:
    expected = game.find("rom.sha")
    if expected is None:  # an own integration need not name its ROM
        return
    known = expected.read_text(encoding="ascii").split()
    data = rom.read_bytes()
    got = [hashlib.sha1(data).hexdigest()]
    if rom.suffix == ".nes":
        got.insert(0, hashlib.sha1(data[NES_HEADER_BYTES:]).hexdigest())
    if not set(got) & set(known):
        raise TaskError(
            f"{rom}: the ROM's sha1 must be {' or '.join(known)}"
            f"{' (without the 16-byte header)' if len(got) > 1 else ''}; got {got[0]}. "
            f"It is another version of the game, or damaged: import the ROM that matches."
        )


def _is_scenario(path: Path) -> bool:
    try:
        keys = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(keys, dict) and any(k in keys for k in ("reward", "rewards", "done"))


def _stem(name: str, suffix: str) -> str:
    return name[: -len(suffix)] if name.endswith(suffix) else name


def _suggest(name: str, names: Iterable[str]) -> str:
    by_folded = {}
    for known in names:
        by_folded[known.lower()] = by_folded[_base(known).lower()] = known
    close = difflib.get_close_matches(name.lower(), by_folded, n=4, cutoff=0.5)
    unique = list(dict.fromkeys(by_folded[folded] for folded in close))[:3]
    return f"Did you mean {' or '.join(unique)}? " if unique else ""
