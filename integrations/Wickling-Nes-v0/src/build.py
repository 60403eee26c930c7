"""Build the ROM of Wickling from the texts in this folder.

    python3 build.py                     writes ../rom.nes and ../rom.sha (needs ca65 and ld65)
    python3 build.py --check             compares them with a fresh build and writes nothing
    python3 build.py --only-includes D   writes art.inc, levels.inc and chr.bin into D
    python3 build.py --sheet FILE.png    draws everything with every palette set

Needs Python 3.10 and nothing beside it, and the assembler of the package cc65.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True  # this folder is shipped as it is

from romtool.arttext import read_art  # noqa: E402
from romtool.assembly import art_include, levels_include  # noqa: E402
from romtool.leveltext import describe, read_levels  # noqa: E402
from romtool.patterns import lay_out  # noqa: E402
from romtool.problems import SourceError  # noqa: E402
from romtool.sheet import write_sheet  # noqa: E402

SOURCE = Path(__file__).resolve().parent
GAME = SOURCE.parent
ROM_HEADER = 16
ROM_BYTES = ROM_HEADER + 32 * 1024 + 8 * 1024
INSTALL = "Install cc65: apt-get install cc65 (Debian, Ubuntu) or brew install cc65 (macOS)."


def write_includes(source: Path, target: Path) -> list[str]:
    """Write ``art.inc``, ``levels.inc`` and ``chr.bin``.

    Args:
        source: folder with ``art/`` and ``levels/``.
        target: folder for the three files.

    Returns:
        What was made, line by line.

    Raises:
        SourceError: a text is wrong.
    """
    art = read_art(source / "art")
    patterns = lay_out(art)
    levels = read_levels(source / "levels", len(art.themes))
    target.mkdir(parents=True, exist_ok=True)
    (target / "art.inc").write_text(art_include(art, patterns), encoding="utf-8", newline="\n")
    (target / "levels.inc").write_text(levels_include(levels), encoding="utf-8", newline="\n")
    (target / "chr.bin").write_bytes(patterns.chr_bytes)
    background, sprites = patterns.counts
    told = [f"level {number}, {describe(level)}" for number, level in enumerate(levels)]
    return [*told, f"tiles: {background} of 256 background, {sprites} of 256 sprite"]


def assemble(source: Path, work: Path) -> bytes:
    """Return the bytes of the ROM, made of the engine and the includes.

    Args:
        source: folder with ``main.s`` and ``nrom.cfg``.
        work: folder with the includes, for the files in between.

    Raises:
        SourceError: cc65 is missing, or refuses the sources.
    """
    rom = work / "rom.nes"
    compile_main = [
        *("ca65", "-I", str(work), "-I", str(source), "--bin-include-dir", str(work)),
        *("-o", str(work / "main.o"), str(source / "main.s")),
    ]
    link = ["ld65", "-C", str(source / "nrom.cfg"), "-o", str(rom), str(work / "main.o")]
    for command in (compile_main, link):
        _run(command)
    content = rom.read_bytes()
    if len(content) != ROM_BYTES or content[:4] != b"NES\x1a":
        raise SourceError(
            [
                f"rom.nes: must be {ROM_BYTES} bytes and begin with NES; got {len(content)} bytes "
                f"that begin with {content[:4]!r}. Mend nrom.cfg or the header in main.s."
            ]
        )
    return content


def _run(command: list[str]) -> None:
    """Run a tool of cc65; its own messages become ours."""
    if not shutil.which(command[0]):
        raise SourceError([f"{command[0]}: must be installed; got nothing on the PATH. {INSTALL}"])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise SourceError(
            [
                f"{command[0]}: must accept the sources; got\n{said}\n"
                "Mend the line it names (an overflow of a segment: shorten levels)."
            ]
        )


def checksum(rom: bytes) -> str:
    """Return the text of ``rom.sha``: SHA-1 without the header, as stable-retro wants it."""
    return hashlib.sha1(rom[ROM_HEADER:]).hexdigest() + "\n"


def check(rom: bytes, game: Path) -> None:
    """Compare a fresh ROM with the files of the game's folder.

    Raises:
        SourceError: one of them is missing or differs.
    """
    advice = "Run `make roms` and commit both files."
    problems = []
    for name, fresh in (("rom.nes", rom), ("rom.sha", checksum(rom).encode())):
        path = game / name
        held = path.read_bytes() if path.is_file() else None
        if held != fresh:
            got = (
                "none" if held is None else f"another one (SHA-1 {hashlib.sha1(held).hexdigest()})"
            )
            problems.append(f"{game.name}/{name}: must equal a fresh build; got {got}. {advice}")
    if problems:
        raise SourceError(problems)


def write_rom(rom: bytes, game: Path) -> None:
    """Write ``rom.nes`` and ``rom.sha``."""
    (game / "rom.nes").write_bytes(rom)
    (game / "rom.sha").write_text(checksum(rom), encoding="ascii", newline="\n")


def run(arguments: argparse.Namespace) -> list[str]:
    """Do what the command line asks; return what to print."""
    if arguments.sheet:
        write_sheet(read_art(arguments.source / "art"), arguments.sheet)
        return [f"drew {arguments.sheet}"]
    if arguments.only_includes:
        return write_includes(arguments.source, arguments.only_includes)
    with tempfile.TemporaryDirectory() as folder:
        told = write_includes(arguments.source, Path(folder))
        rom = assemble(arguments.source, Path(folder))
    if arguments.check:
        check(rom, arguments.game)
        return [f"{arguments.game.name}: rom.nes and rom.sha equal a fresh build"]
    write_rom(rom, arguments.game)
    return [*told, f"rom.nes: {len(rom)} bytes, SHA-1 {checksum(rom).strip()}"]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(description="Build the ROM of Wickling.")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="compare with a fresh build")
    action.add_argument("--only-includes", type=Path, metavar="DIR", help="assemble nothing")
    action.add_argument("--sheet", type=Path, metavar="FILE", help="draw all art into a PNG file")
    parser.add_argument("--source", type=Path, default=SOURCE, help="folder of the sources")
    parser.add_argument("--game", type=Path, default=GAME, help="folder of rom.nes and rom.sha")
    try:
        print(*run(parser.parse_args(arguments)), sep="\n")
    except SourceError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
