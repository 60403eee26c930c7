"""Files that may be ROMs: found in folders and zip archives, read within limits.

Nothing in here trusts a file: names, sizes and archives may be hostile. Nothing is ever unpacked to
disk, and the name of a member is only shown. Knows no game.
"""

from __future__ import annotations

import io
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from neuroevo.tasks.retro.games.roms import rom_suffixes

MIB = 1 << 20
COPIER_SUFFIXES = frozenset({"smc", "swc", "fig", "smd", "gen", "68k", "sgd", "bin", "unf", "rom"})
"""Endings of ROMs besides those that stable-retro itself uses."""

_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError,
           NotImplementedError, ValueError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """How much to read.

    Attributes:
        rom_bytes: of one ROM; the largest cartridges, of the Nintendo 64, hold 64 MiB.
        disc_bytes: of a ROM whose ending is in ``disc_suffixes``.
        archive_bytes, archive_ratio: all members of an archive together may unpack to as many
            bytes, or to as many times the archive's size if that is more.
        members: of one archive.
        depth: archives within archives.
    """

    rom_bytes: int = 64 * MIB
    disc_bytes: int = 1024 * MIB
    disc_suffixes: frozenset[str] = frozenset({"chd", "nds"})
    archive_bytes: int = 256 * MIB
    archive_ratio: int = 100
    members: int = 10_000
    depth: int = 2

    def of(self, suffix: str) -> int:
        """Return the limit for a file with that ending, without the dot."""
        return self.disc_bytes if suffix in self.disc_suffixes else self.rom_bytes


@dataclass(frozen=True, slots=True)
class RomFile:
    """A file, or a member of an archive, that may be a ROM.

    Attributes:
        name: path as a person may read it: no control characters; a member after the archive.
        suffix: of the file, lower case, without the dot.
        data: its bytes; None where it could not be read.
        problem: why not.
        is_named: the person named this very file, so it has to be spoken of.
        is_archive: its members follow as files of their own.
    """

    name: str
    suffix: str
    data: bytes | None
    problem: str = ""
    is_named: bool = False
    is_archive: bool = False

    @property
    def stem(self) -> str:
        """The file's own name without folders, archive and ending."""
        last = self.name.replace("\\", "/").rstrip("/").rpartition("/")[2]
        return PurePosixPath(last).stem if last else self.name

    @property
    def claims_to_be_rom(self) -> bool:
        """Whether its ending is one that ROMs have."""
        return self.suffix in rom_suffixes() or self.suffix in COPIER_SUFFIXES


def rom_endings() -> tuple[str, ...]:
    """Return the endings that ROMs have outside archives, with their dot, sorted."""
    return tuple(sorted(f".{end}" for end in {*rom_suffixes(), *COPIER_SUFFIXES} - {"zip"}))


def printable(name: str) -> str:
    """Return a name with every control character and broken code point written as an escape."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name
    )


def find_rom_files(paths: Iterable[Path], limits: Limits) -> Iterator[RomFile]:
    """Read every file of ``paths``, folders with all below them, archives with their members.

    Links to folders are not followed, so a loop of links cannot catch it; what is neither a file
    nor a folder (a pipe, a device) is not opened.
    """
    for path in paths:
        if os.path.isdir(path):  # noqa: PTH112 - pathlib's raises where a folder is closed to us
            yield from _read_folder(path, limits)
        else:
            yield from _read(path, limits, is_named=True)


def _read_folder(folder: Path, limits: Limits) -> Iterator[RomFile]:
    errors: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=errors.append, followlinks=False):
        folders.sort()
        for name in sorted(files):
            yield from _read(Path(parent) / name, limits, is_named=False)
    for error in errors:
        yield _unreadable(printable(str(error.filename)), "", error, is_named=True)


def _unreadable(name: str, suffix: str, error: OSError | ValueError, *, is_named: bool) -> RomFile:
    reason = getattr(error, "strerror", None) or error
    return RomFile(name, suffix, None, f"must be readable; got {reason}", is_named)


def _read(path: Path, limits: Limits, *, is_named: bool) -> Iterator[RomFile]:
    name, suffix = printable(str(path)), path.suffix[1:].lower()
    try:
        information = path.stat()
        if not stat.S_ISREG(information.st_mode):
            yield RomFile(name, suffix, None, "must be a file; got something else", is_named)
        elif suffix == "zip":
            yield from _read_archive(path, limits, information.st_size, is_named=is_named)
        elif information.st_size > limits.of(suffix):
            problem = _too_large(information.st_size, limits.of(suffix))
            yield RomFile(name, suffix, None, problem, is_named)
        else:
            yield RomFile(name, suffix, path.read_bytes(), "", is_named)
    except (OSError, ValueError) as error:
        yield _unreadable(name, suffix, error, is_named=is_named)


def _read_archive(path: Path, limits: Limits, size: int, *, is_named: bool) -> Iterator[RomFile]:
    name = printable(str(path))
    if size <= limits.rom_bytes:  # an arcade game's ROM is the archive itself
        yield RomFile(name, "zip", path.read_bytes(), "", is_named=False, is_archive=True)
    budget = _Budget(max(limits.archive_bytes, limits.archive_ratio * size))
    try:
        with path.open("rb") as file:
            yield from _members(file, name, limits, budget, limits.depth)
    except _BROKEN as error:
        yield RomFile(name, "zip", None, _not_a_zip(error), is_named)


@dataclass(slots=True)
class _Budget:
    """Bytes that an archive and the archives in it may still unpack to."""

    left: int


def _members(
    file: IO[bytes], archive: str, limits: Limits, budget: _Budget, depth: int
) -> Iterator[RomFile]:
    with zipfile.ZipFile(file) as opened:
        entries = [entry for entry in opened.infolist() if not entry.is_dir()]
        if len(entries) > limits.members:
            problem = f"must hold at most {limits.members} files; got {len(entries)}"
            yield RomFile(archive, "zip", None, problem, is_named=True)
            return
        for entry in entries:
            name = f"{archive}/{printable(entry.filename)}"
            suffix = PurePosixPath(entry.filename).suffix[1:].lower()
            data, problem = _unpack(opened, entry, limits.of(suffix), budget)
            if suffix != "zip" or data is None:
                yield RomFile(name, suffix, data, problem)
            else:
                yield from _nested(name, data, limits, budget, depth - 1)


def _nested(
    name: str, data: bytes, limits: Limits, budget: _Budget, depth: int
) -> Iterator[RomFile]:
    yield RomFile(name, "zip", data, is_archive=True)
    if depth < 1:
        problem = f"must hold archives at most {limits.depth} deep; got another one"
        yield RomFile(name, "zip", None, problem, is_named=True)
        return
    try:
        yield from _members(io.BytesIO(data), name, limits, budget, depth)
    except _BROKEN as error:
        yield RomFile(name, "zip", None, _not_a_zip(error))


def _unpack(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int, budget: _Budget
) -> tuple[bytes | None, str]:
    """Return the bytes of a member, or None and why not; never reads more than the limits."""
    if entry.file_size > limit:
        return None, _too_large(entry.file_size, limit)
    if entry.file_size > budget.left:
        return None, "must unpack to a sane size; got an archive that unpacks to far too much"
    budget.left -= entry.file_size
    try:
        with archive.open(entry) as member:
            return member.read(entry.file_size + 1), ""
    except _BROKEN as error:
        return None, f"must unpack; got {printable(str(error)) or type(error).__name__}"


def _too_large(size: int, limit: int) -> str:
    return f"must have at most {limit:,} bytes, the largest known ROM; got {size:,}"


def _not_a_zip(error: Exception) -> str:
    return f"must be a zip archive; got {printable(str(error)) or type(error).__name__}"
