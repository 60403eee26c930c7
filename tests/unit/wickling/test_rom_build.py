"""The ROM from its sources: the same bytes every time, and the same as those committed."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from builders.rom_tool import (
    GAME,
    SOURCE,
    build,
    contract,
    copy_of_sources,
    level_text,
    leveltext,
    needs_cc65,
    shipped_levels,
)


def run(*arguments: str | Path, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the tool as a person does, with a Python that knows no other package."""
    command = [sys.executable, "-S", str(SOURCE / "build.py"), *map(str, arguments)]
    environment = None if path is None else {"PATH": path}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, timeout=60
    )


@needs_cc65
def test_two_builds_are_byte_identical(tmp_path: Path) -> None:
    copy = copy_of_sources(tmp_path / "elsewhere" / "src")
    for game, source in ((tmp_path / "a", SOURCE), (tmp_path / "b", copy)):
        game.mkdir()
        assert build.main(["--game", str(game), "--source", str(source)]) == 0
    for name in ("rom.nes", "rom.sha"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@needs_cc65
def test_the_committed_rom_equals_a_fresh_build() -> None:
    done = run("--check")
    assert done.returncode == 0, done.stderr


def test_rom_sha_is_the_checksum_without_the_header() -> None:
    rom = (GAME / "rom.nes").read_bytes()
    assert rom[:4] == b"NES\x1a"
    assert len(rom) == 16 + 32 * 1024 + 8 * 1024
    assert (GAME / "rom.sha").read_text(encoding="ascii") == (
        hashlib.sha1(rom[16:]).hexdigest() + "\n"
    )


def test_the_committed_rom_holds_the_drawings_and_levels_of_the_sources(tmp_path: Path) -> None:
    """Without cc65 too: the parts that the texts decide."""
    assert build.main(["--only-includes", str(tmp_path)]) == 0
    rom = (GAME / "rom.nes").read_bytes()
    assert rom[-8192:] == (tmp_path / "chr.bin").read_bytes()
    for level in shipped_levels():
        assert b"".join(level.columns) in rom


@needs_cc65
@pytest.mark.parametrize("name", ["rom.nes", "rom.sha"])
@pytest.mark.parametrize("content", [None, b"other"])
def test_check_fails_when_a_file_is_stale_or_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None
) -> None:
    game = tmp_path / "game"
    game.mkdir()
    assert build.main(["--game", str(game)]) == 0
    assert build.main(["--game", str(game), "--check"]) == 0
    (game / name).unlink()
    if content:
        (game / name).write_bytes(content)
    assert build.main(["--game", str(game), "--check"]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"game/{name}: must equal a fresh build; got ")
    assert "make roms" in told
    assert (game / name).exists() == (content is not None)


@needs_cc65
def test_adding_a_level_file_is_enough(tmp_path: Path) -> None:
    source = copy_of_sources(tmp_path / "src")
    number = len(list((source / "levels").glob("*.txt")))
    (source / "levels" / f"{number}-new-place.txt").write_text(level_text())
    assert build.main(["--game", str(tmp_path), "--source", str(source)]) == 0
    level = leveltext.parse_level(level_text(), "here", 5)
    assert b"".join(level.columns) in (tmp_path / "rom.nes").read_bytes()


def test_only_includes_needs_no_assembler_and_no_other_package(tmp_path: Path) -> None:
    done = run("--only-includes", tmp_path / "new" / "folder", path="")
    assert done.returncode == 0, done.stderr
    made = {path.name: path for path in (tmp_path / "new" / "folder").iterdir()}
    assert set(made) == {"art.inc", "levels.inc", "chr.bin"}
    assert made["chr.bin"].stat().st_size == 8192


def test_a_missing_assembler_is_one_clear_message(tmp_path: Path) -> None:
    done = run("--game", tmp_path, path="")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "apt-get install cc65" in done.stderr
    assert "brew install cc65" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_level_stops_the_build_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = copy_of_sources(tmp_path / "src")
    (source / "levels" / "0-practice.txt").write_text(level_text({(3, 11): "."}))
    assert build.main(["--game", str(tmp_path), "--source", str(source)]) == 1
    assert capsys.readouterr().err.startswith("levels/0-practice.txt:15: ")
    assert not (tmp_path / "rom.nes").exists()


@needs_cc65
def test_a_wrong_engine_stops_the_build_with_the_assemblers_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = copy_of_sources(tmp_path / "src")
    with (source / "main.s").open("a") as engine:
        engine.write("\n    lda nowhere_at_all\n")
    assert build.main(["--game", str(tmp_path), "--source", str(source)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("ca65: must accept the sources; got\n")
    assert "nowhere_at_all" in told


@needs_cc65
def test_levels_that_do_not_fit_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = copy_of_sources(tmp_path / "src")
    longest = level_text().split("\n")
    rows = [row[:30] + row[30] * 210 + row[30:] for row in longest[4:-1]]
    for number in range(len(shipped_levels()), 13):
        text = "\n".join(longest[:4] + rows) + "\n"
        (source / "levels" / f"{number}-long.txt").write_text(text)
    assert build.main(["--game", str(tmp_path), "--source", str(source)]) == 1
    assert "shorten levels" in capsys.readouterr().err


def test_the_tables_of_the_levels_agree_with_their_texts(tmp_path: Path) -> None:
    assert build.main(["--only-includes", str(tmp_path)]) == 0
    text = (tmp_path / "levels.inc").read_text(encoding="utf-8")
    levels = shipped_levels()

    def table(label: str) -> list[int]:
        found = re.search(rf"^{label}:\n\.byte (.+)$", text, re.M)
        assert found
        return [int(value[1:], 16) for value in found[1].split(",")]

    assert f"NUM_LEVELS = {len(levels)}\n" in text
    assert table("level_width") == [len(level.columns) for level in levels]
    assert table("level_goal") == [level.goal for level in levels]
    assert table("level_theme") == [level.theme for level in levels]
    columns, rows = table("level_start_col"), table("level_start_row")
    assert list(zip(columns, rows, strict=True)) == [level.start for level in levels]
    digits = [table(f"level_time_{place}") for place in "hto"]
    times = [100 * h + 10 * t + o for h, t, o in zip(*digits, strict=True)]
    assert times == [level.time for level in levels]


def test_the_sheet_is_a_picture_of_all_themes(tmp_path: Path) -> None:
    from PIL import Image

    assert build.main(["--sheet", str(tmp_path / "sheet.png")]) == 0
    with Image.open(tmp_path / "sheet.png") as sheet:
        colours = sheet.convert("RGB").getcolors(4096)
    assert colours is not None
    assert len(colours) > 20


def test_every_tile_code_of_a_level_has_a_drawing() -> None:
    codes = set(contract.TILE_CHARACTERS.values())
    assert codes <= set(contract.TILE_NAMES)
