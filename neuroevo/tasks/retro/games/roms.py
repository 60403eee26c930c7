"""ROMs on disk: where a game's ROM lies, which console it is for, and whether it is the right one.

Brings no ROM anywhere: that is :mod:`neuroevo.tasks.retro.games.importing`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.games.folders import (
    GameFolders,
    console_table,
    named_console,
    read_metadata,
)

NES_HEADER_BYTES = 16
NES_MAGIC = b"NES\x1a"
MAX_ROM_BYTES = 1 << 30
"""More than a disc of any console that stable-retro runs."""


def rom_path(game: GameFolders) -> Path:
    """Return the ROM, its hash checked.

    Raises:
        TaskError: the ROM is missing, or is another one than the game's rom.sha names.
    """
    path = find_rom(game)
    if path is None:
        raise TaskError(
            f"{game.name}: the ROM must be imported; got no rom file in {game.folders[-1]}. Run "
            f"`neuroevo games import FOLDER` on the folder that holds your own copy."
        )
    size = path.stat().st_size
    if not 0 < size <= MAX_ROM_BYTES:
        raise TaskError(
            f"{path}: a ROM must have 1 to {MAX_ROM_BYTES:,} bytes; got {size:,}. It is damaged, "
            f"or no ROM: import your own copy."
        )
    _check_hash(game, path)
    return path


def find_rom(game: GameFolders) -> Path | None:
    """Return the ROM as it lies there, unchecked; None without one."""
    original = read_metadata(game).get("original_rom_name")
    if isinstance(original, str) and (path := game.find(original)):
        return path
    suffixes = rom_suffixes()
    return next((path for path in game.glob("rom.*") if path.suffix[1:] in suffixes), None)


def rom_suffixes() -> dict[str, str]:
    """Return the console by suffix of a ROM, without the dot, as stable-retro has them."""
    found: dict[str, str] = {}
    for console, core in console_table().items():
        for suffix in core["ext"]:
            found.setdefault(suffix, console)
    return found


def console_of_rom(path: Path) -> str:
    """Return the console that stable-retro picks for the suffix of a ROM."""
    suffix = path.suffix[1:]
    console = rom_suffixes().get(suffix)
    if console is None:
        raise TaskError(
            f"{path}: the suffix must be one of a known console; got {suffix!r}. Rename."
        )
    return console


def console_of(game: GameFolders) -> str:
    """Return the console of a game: its ROM's, or the one its name ends with."""
    rom = find_rom(game)
    return console_of_rom(rom) if rom else named_console(game.name)


def known_hashes(folder: Path) -> tuple[str, ...]:
    """Return the sha1 values, lower case, that the rom.sha of a game's folder names."""
    try:
        text = (folder / "rom.sha").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ()
    return tuple(text.lower().split())


def hash_of_rom(rom: Path) -> str:
    """Return the sha1 that a rom.sha names: on the NES without the 16-byte header of the file."""
    data = rom.read_bytes()
    return hashlib.sha1(data[NES_HEADER_BYTES:] if rom.suffix == ".nes" else data).hexdigest()


def _check_hash(game: GameFolders, rom: Path) -> None:
    expected = game.find("rom.sha")
    known = known_hashes(expected.parent) if expected else ()
    if not known:  # an own integration need not name its ROM
        return
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
