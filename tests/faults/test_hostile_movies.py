"""Movies of strangers: one clear line, no crash, no hang, and no file that was not asked for."""

from __future__ import annotations

import random
import shutil
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from builders.hostile import GAME_MODULES, Commands
from builders.plays import record, wickling_moves

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    with Commands(*GAME_MODULES) as commands:
        yield commands


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record("Wickling-Nes", tmp_path_factory.mktemp("movie"), wickling_moves).with_suffix(
        ".bk2"
    )


def members_of(movie: Path) -> Members:
    with zipfile.ZipFile(movie) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, members: Members, method: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def without(name: str) -> Callable[[Members], Members]:
    return lambda members: {key: data for key, data in members.items() if key != name}


def other(**changes: bytes) -> Callable[[Members], Members]:
    names = {"log": "Input Log.txt", "state": "Core.bin", "header": "Header.txt"}
    return lambda members: {**members, **{names[key]: data for key, data in changes.items()}}


def spoiled_state(members: Members) -> Members:
    """The state at which the core of the NES never comes back; see test_hostile_games.py."""
    generator, state = random.Random(99), bytearray(members["Core.bin"])
    for _ in range(generator.choice((1, 8, 200))):
        state[generator.randrange(4000)] = generator.randrange(256)
    return {**members, "Core.bin": bytes(state)}


HEADER = b"MovieVersion Retro\nPlatform NES\nGameName %s\n"
CONTENTS: dict[str, tuple[Callable[[Members], Members], str]] = {
    "no inputs": (without("Input Log.txt"), "must hold Input Log.txt"),
    "no state": (without("Core.bin"), "must be a bk2 movie"),
    "no header": (without("Header.txt"), "must be a bk2 movie"),
    "an empty header": (other(header=b""), "game"),
    "inputs without their key": (
        lambda m: {**m, "Input Log.txt": b"[Input]\n" + m["Input Log.txt"].split(b"\n", 2)[2]},
        "must be a bk2 movie",
    ),
    "a game of nobody": (other(header=HEADER % b"Nobody-Nes"), "Nobody-Nes"),
    "a game elsewhere": (other(header=HEADER % b"../../../../etc"), "must be a game"),
    "a game of a megabyte": (other(header=HEADER % (b"x" * 1_000_000)), "game"),
    "another game": (other(header=HEADER % b"Airstriker-Genesis"), "must accept the save state"),
    "a cut state": (lambda m: {**m, "Core.bin": m["Core.bin"][:100]}, "must accept"),
    "a bomb": (lambda m: {**m, "big": bytes(300_000_000)}, "must unpack to at most"),
    "a bomb of inputs": (other(log=b"|..|.........|\n" * 8_000_000), "at most"),
    "a hundred thousand parts": (
        lambda m: {**m, **{f"part{i}": b"" for i in range(30_000)}}, "parts"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTENTS)
def test_a_hostile_movie_is_refused_in_one_line(
    commands: Commands, recorded: Path, tmp_path: Path, name: str
) -> None:
    change, words = CONTENTS[name]
    movie = tmp_path / "strange.bk2"
    write(movie, change(members_of(recorded)))
    ended = commands.run("replay", movie, seconds=60, more_bytes=4 << 30, cwd=tmp_path)
    ended.check_refusal(words)


def test_a_state_that_hangs_the_core_is_told_and_waited_for_by_nobody(
    commands: Commands, recorded: Path, tmp_path: Path
) -> None:
    movie = tmp_path / "strange.bk2"
    write(movie, spoiled_state(members_of(recorded)))
    ended = commands.run("replay", movie, seconds=60, more_bytes=4 << 30, cwd=tmp_path)
    ended.check_refusal("strange.bk2", "survive")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_cut_movie_is_refused(
    commands: Commands, recorded: Path, tmp_path: Path, share: float
) -> None:
    movie, whole = tmp_path / "strange.bk2", recorded.read_bytes()
    movie.write_bytes(whole[: int(share * len(whole))])
    commands.run("replay", movie, seconds=60, cwd=tmp_path).check_refusal("strange.bk2")


def test_names_that_lead_elsewhere_write_nothing(
    commands: Commands, recorded: Path, tmp_path: Path
) -> None:
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    evil = {"../owned": b"x", f"{tmp_path}/owned": b"x", "..\\owned": b"x", "a/../../owned": b"x"}
    movie = inside / "strange.bk2"
    write(movie, {**members_of(recorded), **evil})
    ended = commands.run("replay", movie, seconds=60, more_bytes=4 << 30, cwd=inside)
    assert not ended.is_late
    assert ended.code in (0, 2), ended.stderr
    assert "Traceback" not in ended.stderr
    assert not list(tmp_path.rglob("*owned*"))


@pytest.mark.parametrize("claim", [0, 5, 2**31, 2**32 - 2])
def test_a_size_that_is_a_lie_ends_nobody(
    commands: Commands, recorded: Path, tmp_path: Path, claim: int
) -> None:
    movie = tmp_path / "strange.bk2"
    write(movie, members_of(recorded))
    whole = bytearray(movie.read_bytes())
    place = whole.index(b"PK\x01\x02")
    while whole[place + 46 : place + 46 + 8] != b"Core.bin":
        place = whole.index(b"PK\x01\x02", place + 4)
    whole[place + 24 : place + 28] = struct.pack("<L", claim)
    movie.write_bytes(bytes(whole))
    ended = commands.run("replay", movie, seconds=60, more_bytes=4 << 30, cwd=tmp_path)
    if ended.code != 0:  # a claim that is too small is not believed
        ended.check_refusal("strange.bk2")


def test_a_flipped_byte_anywhere_ends_in_a_verdict_or_one_line(
    commands: Commands, recorded: Path, tmp_path: Path
) -> None:
    generator, whole = random.Random(5), recorded.read_bytes()
    shutil.copy(recorded.with_suffix(".json"), tmp_path / "strange.json")
    for _ in range(8):
        data = bytearray(whole)
        data[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
        (tmp_path / "strange.bk2").write_bytes(bytes(data))
        ended = commands.run("replay", tmp_path / "strange.bk2", seconds=60, more_bytes=4 << 30)
        assert not ended.is_late
        assert ended.code in (0, 1, 2), (ended.code, ended.stderr[-500:])
        assert "Traceback" not in ended.stderr
