"""Import of ROMs: which game a file is, and a copy of it into that game's folder.

A file is known by its sha1, with and without the headers that dumps carry, as the rom.sha of a game
names it. Copies go into the folder that holds this rom.sha and nowhere else; they appear whole or
not at all, and never over another file.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from neuroevo.tasks.retro.games.folders import base_name, game_roots, named_console
from neuroevo.tasks.retro.games.placing import Home, place
from neuroevo.tasks.retro.games.rom_files import Limits, RomFile, find_rom_files
from neuroevo.tasks.retro.games.roms import NES_HEADER_BYTES, NES_MAGIC, known_hashes, rom_suffixes

COPIER_HEADER_BYTES = 512
SMD_BLOCK_BYTES = 0x4000
MOST_NAMED = 10
"""Of the files that are no ROMs, so many are named; there may be thousands."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of one file, or of one game that a file is for.

    Attributes:
        file: its path; a member of an archive after the archive.
        sha1: the one that was found, else the one to look for; '' where nothing could be read.
        status: ``imported``, ``would import``, ``already there``, ``not overwritten``,
            ``unknown``, ``refused`` or ``failed``.
        game: the game, or the nearest one by name; '' without one.
        note: where it went, or what must hold, what came and what to do.
    """

    file: str
    sha1: str
    status: str
    game: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of all files.

    Attributes:
        results: of all that are ROMs, or may be.
        num_others: how many files are no ROMs, neither by their name nor by their sha1.
        others: the names of the first :data:`MOST_NAMED` of them.
    """

    results: tuple[ImportResult, ...]
    num_others: int
    others: tuple[str, ...] = ()

    @property
    def num_imported(self) -> int:
        """How many ROMs were copied, or would be."""
        return sum(r.status in ("imported", "would import") for r in self.results)

    @property
    def num_present(self) -> int:
        """How many were there already."""
        return sum(r.status == "already there" for r in self.results)


@dataclass(frozen=True, slots=True)
class _Variant:
    """One way to read a file: the sha1 that counts, the bytes to keep, what was taken off."""

    sha1: str
    data: bytes
    note: str


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """The folders of games by the sha1 of their ROM, and the names of all these games."""

    homes: Mapping[str, tuple[Home, ...]]
    names: tuple[str, ...]


def import_roms(
    paths: Sequence[Path],
    integrations: Sequence[str | Path] = (),
    *,
    is_dry_run: bool = False,
    limits: Limits | None = None,
) -> ImportReport:
    """Copy every known ROM of ``paths`` into its game's folder.

    Args:
        paths: files, folders with all below them, zip archives.
        integrations: further folders of games, absolute.
        is_dry_run: only say what would be done.
        limits: how much to read; the default fits real ROMs.

    Raises:
        TaskError: a folder of integrations is relative or missing. Nothing in ``paths`` raises.
    """
    catalogue = _catalogue(game_roots(integrations))
    results: list[ImportResult] = []
    others: list[str] = []
    for file in find_rom_files(paths, limits or Limits()):
        found = list(_import_file(file, catalogue, is_dry_run=is_dry_run))
        results += found
        if not found and not file.is_archive:
            others.append(file.name)
    return ImportReport(tuple(results), len(others), tuple(others[:MOST_NAMED]))


def _import_file(
    file: RomFile, catalogue: _Catalogue, *, is_dry_run: bool
) -> Iterator[ImportResult]:
    if file.data is None:
        if file.is_named or file.claims_to_be_rom:
            yield ImportResult(file.name, "", "refused", note=f"{file.problem}. It was left out.")
        return
    known = False
    for variant in _variants(file.data):
        for home in catalogue.homes.get(variant.sha1, ()):
            known = True
            yield _import_into(file, variant, home, is_dry_run=is_dry_run)
    if known or file.is_archive:
        return
    if file.is_named or (file.claims_to_be_rom and not _is_text(file.data)):
        yield _unknown(file, catalogue)


def _import_into(file: RomFile, variant: _Variant, home: Home, *, is_dry_run: bool) -> ImportResult:
    result = ImportResult(file.name, variant.sha1, "refused", home.game)
    if home.console == "Nes" and not variant.data.startswith(NES_MAGIC):
        note = (
            "a NES ROM must begin with its 16-byte iNES header; got the bare contents of the "
            "cartridge. The core cannot start it: use a copy with the header."
        )
        return replace(result, note=note)
    status, note = place(variant.data, home, is_dry_run=is_dry_run)
    return replace(result, status=status, note=f"{note}{variant.note}")


def _variants(data: bytes) -> Iterator[_Variant]:
    """Yield the ways to read a file, the plainest first.

    iNES: 16 bytes and, with bit 2 of byte 6, more that belong to the contents (NESdev wiki,
    "INES"); stable-retro hashes what follows the header and keeps it. Copiers of the SNES and of
    the Genesis put 512 bytes before a ROM, whose size is a multiple of 1,024; the Super Magic
    Drive also interleaves blocks of 16 KiB, odd bytes first (Sega Retro, "Super Magic Drive").
    """
    yield _Variant(_sha1(data), data, "")
    if data.startswith(NES_MAGIC):
        yield _Variant(_sha1(data[NES_HEADER_BYTES:]), data, " The sha1 leaves out the header.")
    if len(data) % 1024 == COPIER_HEADER_BYTES:
        body = data[COPIER_HEADER_BYTES:]
        yield _Variant(_sha1(body), body, " The 512-byte header of a copier is left out.")
        if body and len(body) % SMD_BLOCK_BYTES == 0:
            plain = _deinterleave(body)
            yield _Variant(_sha1(plain), plain, " It was put in order from a copier's file.")


def _deinterleave(body: bytes) -> bytes:
    """Put the bytes of a Super Magic Drive dump in order: even ones are in each second half."""
    halves = np.frombuffer(body, np.uint8).reshape(-1, 2, SMD_BLOCK_BYTES // 2)
    return halves[:, ::-1].transpose(0, 2, 1).tobytes()


def _unknown(file: RomFile, catalogue: _Catalogue) -> ImportResult:
    assert file.data is not None
    variants = list(_variants(file.data))
    sha1 = variants[min(1, len(variants) - 1)].sha1
    if problem := _obvious_problem(file.data):
        return ImportResult(file.name, sha1, "refused", note=problem)
    nearest = _nearest(file, catalogue.names)
    taken_off = " without its header" if len(variants) > 1 else ""
    note = f"its sha1{taken_off} must be one that a rom.sha names; got an unknown one. "
    if nearest:
        note += f"Nearest by name: {nearest}, so it is another revision, or damaged."
    else:
        note += "No game has a name like it: see `neuroevo games list --all`."
    return ImportResult(file.name, sha1, "unknown", nearest, note)


def _obvious_problem(data: bytes) -> str:
    if not data:
        return "must hold a ROM; got 0 bytes. Copy it again."
    if _is_text(data):
        return "must be a ROM; got a text. Name the ROM itself."
    if data.startswith(NES_MAGIC) and (missing := _nes_size(data) - len(data)) > 0:
        return (
            f"must hold the {_nes_size(data):,} bytes that its iNES header announces; got "
            f"{len(data):,}. {missing:,} are missing: it is damaged, copy it again."
        )
    return ""


def _is_text(data: bytes) -> bool:
    """Tell by its beginning whether a file is written for people: a README.md is no Genesis ROM."""
    start = data[:4096]
    return bool(start) and not any(byte < 32 and byte not in b"\t\n\f\r" for byte in start)


def _nes_size(data: bytes) -> int:
    """Return the size that an iNES header announces; 0 for the newer NES 2.0."""
    if len(data) < NES_HEADER_BYTES or data[7] & 0x0C == 0x08:
        return 0
    trainer = 512 if data[6] & 4 else 0
    return NES_HEADER_BYTES + trainer + data[4] * 16384 + data[5] * 8192


def _nearest(file: RomFile, names: Sequence[str]) -> str:
    """Return the game whose name is nearest to a file's; '' if none is near."""
    console = rom_suffixes().get(file.suffix, "")
    same = [name for name in names if named_console(name) == console]
    titles = {_squash(base_name(name).rpartition("-")[0]): name for name in same or names}
    close = difflib.get_close_matches(_squash(_title(file.stem)), titles, n=1, cutoff=0.75)
    return titles[close[0]] if close else ""


def _title(stem: str) -> str:
    """Drop ``(USA)`` and ``[!]``, and turn ``Legend of Zelda, The`` round."""
    title = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", stem).strip()
    match = re.fullmatch(r"(.+?), (The|A|An)\b(.*)", title)
    return f"{match[2]} {match[1]}{match[3]}" if match else title


def _squash(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _catalogue(roots: Sequence[Path]) -> _Catalogue:
    """Read every rom.sha; of one game in several folders the last counts, stable-retro's own."""
    homes: dict[str, dict[str, Home]] = {}
    names: dict[str, None] = {}
    for root in reversed(roots):
        for path in sorted(root.glob("*/rom.sha")):
            folder = path.parent
            names[folder.name] = None
            home = Home(folder.name, named_console(folder.name), folder, root)
            for sha1 in known_hashes(folder):
                homes.setdefault(sha1, {}).setdefault(base_name(folder.name), home)
    return _Catalogue({sha1: tuple(found.values()) for sha1, found in homes.items()}, tuple(names))


def _sha1(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()
