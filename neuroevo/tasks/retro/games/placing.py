"""Where an imported ROM is put: whole or not at all, never over another file, never elsewhere."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.games.folders import GameFolders, console_table, read_metadata
from neuroevo.tasks.retro.games.roms import NES_HEADER_BYTES, known_hashes


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of a game whose rom.sha names a ROM; ``root`` holds the folders of games."""

    game: str
    console: str
    folder: Path
    root: Path


def place(data: bytes, home: Home, *, is_dry_run: bool) -> tuple[str, str]:
    """Put a ROM into its game's folder.

    Returns:
        Status and note, see :class:`neuroevo.tasks.retro.games.importing.ImportResult`.
    """
    try:
        targets = _targets(home)
        missing = [target for target in targets if not target.exists()]
        others = [target for target in targets if target.exists() and not _fits(target, data, home)]
        if others:
            note = (
                f"{others[0]} must not be overwritten; got another file there, whose sha1 rom.sha "
                f"does not name. Move it away, then import again."
            )
            return "not overwritten", note
        if not missing:
            return "already there", f"{targets[0]}."
        if not is_dry_run:
            for target in missing:
                _write_new(target, data)
        return "would import" if is_dry_run else "imported", f"to {missing[0]}."
    except (OSError, TaskError) as error:
        return "failed", _failure(home, error)


def _failure(home: Home, error: Exception) -> str:
    if isinstance(error, OSError):
        got = error.strerror or str(error)
        return f"{home.folder} must be writable; got {got}. Change its rights, or import elsewhere."
    return str(error)


def _targets(home: Home) -> list[Path]:
    """Return where the ROM has to lie; arcade games want the name of their archive as well."""
    if home.folder.resolve().parent != home.root.resolve():
        raise TaskError(
            f"{home.folder}: must lie in {home.root}; got a link to {home.folder.resolve()}. "
            f"Put the folder itself there."
        )
    suffixes = console_table().get(home.console, {}).get("ext")
    if home.console == "Arcade":
        suffixes = ["zip"]
    if not suffixes:
        raise TaskError(
            f"{home.folder}: its name must end with a console; got {home.console!r}. Rename it, "
            f"for example to MyGame-Nes."
        )
    original = _original_name(home)
    names = [original] if original else []
    return [home.folder / name for name in (*names, f"rom.{suffixes[0]}")]


def _original_name(home: Home) -> str:
    name = read_metadata(GameFolders(home.game, (home.folder,))).get("original_rom_name", "")
    if not isinstance(name, str) or name != Path(name).name or name.startswith("."):
        raise TaskError(
            f"{home.folder / 'metadata.json'} original_rom_name: must be the name of a file in "
            f"that folder; got {name!r}. Mend it."
        )
    return name


def _fits(target: Path, data: bytes, home: Home) -> bool:
    """Tell whether the file that is there will do as well."""
    there = target.read_bytes()
    stripped = there[NES_HEADER_BYTES:] if target.suffix == ".nes" else there
    hashes = {hashlib.sha1(there).hexdigest(), hashlib.sha1(stripped).hexdigest()}
    return there == data or bool(hashes & set(known_hashes(home.folder)))


def _write_new(target: Path, data: bytes) -> None:
    """Write beside the target, then link it there: linking fails where a file has appeared."""
    handle, name = tempfile.mkstemp(prefix=".importing-", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        try:
            os.link(temporary, target)
        except FileExistsError:
            raise
        except OSError:  # a file system without links: the moment between is the best there is
            if target.exists():
                raise
            temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
