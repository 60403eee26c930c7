"""Movies: recorded play is repeated frame by frame, and a difference is found and placed."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from builders.command_line import neuroevo
from builders.plays import airstriker_moves, hold, record, wickling_moves

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.human import recording, replaying
from neuroevo.tasks.retro.human.playing import Play, PlayFiles
from neuroevo.tasks.retro.human.recording import RamDigest, read_sheet, sheet_path
from neuroevo.tasks.retro.human.replaying import check_movie, compare, replay_movie

GAME = "Wickling-Nes"


@pytest.fixture(scope="module")
def movie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("movie")
    return record(GAME, folder, wickling_moves).with_suffix(".bk2")


@pytest.fixture
def own_movie(movie: Path, tmp_path: Path) -> Path:
    """A copy, with its sheet, that a test may spoil."""
    for path in (movie, sheet_path(movie)):
        shutil.copy(path, tmp_path)
    return tmp_path / movie.name


def rewrite(movie: Path, change: dict[str, bytes]) -> None:
    """Replace members of the archive; None drops one."""
    with zipfile.ZipFile(movie) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(movie, "w") as archive:
        for name, data in {**members, **change}.items():
            if data is not None:
                archive.writestr(name, data)


def test_a_recorded_play_is_repeated_exactly(movie: Path, tmp_path: Path) -> None:
    replayed, verdict = check_movie(movie)
    assert verdict.is_same is True
    assert verdict.sentence.startswith("identical")
    rows = movie.with_suffix(".csv").read_text().splitlines()
    assert replayed.num_frames == len(rows) - 2
    last = dict(zip(rows[0].split(","), rows[-1].split(","), strict=True))
    assert {name: str(value) for name, value in replayed.variables.items()}.items() <= last.items()


def test_a_genesis_game_is_repeated_exactly(tmp_path: Path) -> None:
    log = record("Airstriker-Genesis", tmp_path, airstriker_moves)
    assert check_movie(log.with_suffix(".bk2"))[1].is_same is True


def test_stable_retro_itself_plays_the_movie_to_the_same_end(movie: Path) -> None:
    import stable_retro

    film = stable_retro.Movie(str(movie))
    film.step()
    folder = str(games.resolve_game(GAME).folders[-1].parent)
    stable_retro.data.Integrations.add_custom_path(folder)
    env = stable_retro.make(
        film.get_game(),
        state=stable_retro.State.NONE,
        inttype=stable_retro.data.Integrations.CUSTOM_ONLY,
        use_restricted_actions=stable_retro.Actions.ALL,
        render_mode=None,
    )
    try:
        env.initial_state = film.get_state()
        env.reset()
        while film.step():
            env.step([film.get_key(i, 0) for i in range(env.num_buttons)])
        values = dict(env.data.lookup_all())
    finally:
        env.close()
    del env
    assert values == replay_movie(movie).variables


def test_one_other_button_is_found_in_its_second(own_movie: Path) -> None:
    with zipfile.ZipFile(own_movie) as archive:
        lines = archive.read("Input Log.txt").splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if line.startswith(b"|"))
    frame = 130  # the line of the reset comes first
    row = first + frame
    assert b"R" in lines[row]
    lines[row] = lines[row].replace(b"R", b".")
    rewrite(own_movie, {"Input Log.txt": b"".join(lines)})
    _, verdict = check_movie(own_movie)
    assert verdict.is_same is False
    assert "between frame 120 and 180, 2 s after the start" in verdict.sentence


def test_a_shorter_movie_and_another_rom_are_different(own_movie: Path) -> None:
    sheet, replayed = read_sheet(own_movie), replay_movie(own_movie)
    assert sheet is not None
    assert compare(sheet, replayed).is_same
    assert "frames were recorded" in compare(replace(sheet, num_frames=5), replayed).sentence
    assert "another ROM" in compare(replace(sheet, rom_sha1="0"), replayed).sentence
    end = (*sheet.digests[:-1], (sheet.num_frames, "0" * 64))
    assert compare(replace(sheet, digests=end), replayed).is_same is False


def test_without_a_sheet_it_says_what_cannot_be_told(own_movie: Path) -> None:
    sheet_path(own_movie).unlink()
    _, verdict = check_movie(own_movie)
    assert verdict.is_same is None
    assert "played twice" in verdict.sentence


def test_a_digest_covers_every_frame_up_to_it() -> None:
    import numpy as np

    def digests(changed: int | None) -> dict[int, str]:
        digest = RamDigest()
        for frame in range(131):
            digest.add(np.full(4, frame == changed, np.uint8))
        return dict(digest.digests())

    plain = digests(None)
    assert list(plain) == [60, 120, 130]
    for changed, first in ((0, 60), (60, 60), (61, 120), (120, 120), (121, 130), (130, 130)):
        other = digests(changed)
        assert min(frame for frame in plain if plain[frame] != other[frame]) == first


def test_the_sheet_says_what_it_was_played_on(movie: Path) -> None:
    document = json.loads(sheet_path(movie).read_text())
    assert document["game"] == "Wickling-Nes-v0"
    assert document["core"] == "fceumm"
    assert document["state"] == "Practice"
    assert [word for _, word in document["marks"] if word == "died"] == ["died", "died"]
    sheet = read_sheet(movie)
    assert sheet is not None
    assert sheet.num_frames == document["num_frames"] == sheet.digests[-1][0]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"format": "other"}', '{"format": "neuroevo-movie-1"}', "\x00",
     '{"format": "neuroevo-movie-1", "game": 1, "state": 1, "rom_sha1": 1, "core": 1, '
     '"stable_retro": 1, "num_frames": "x", "digests": 3, "marks": []}'],
)  # fmt: skip
def test_a_sheet_that_is_none_is_refused(own_movie: Path, text: str) -> None:
    sheet_path(own_movie).write_text(text)
    with pytest.raises(TaskError, match=r"play.json: must"):
        read_sheet(own_movie)


def test_files_that_are_no_movie_are_refused(own_movie: Path, tmp_path: Path, monkeypatch) -> None:
    other = tmp_path / "other.bk2"
    other.write_bytes(b"no zip")
    for wrong in (other, tmp_path / "none.bk2", tmp_path):
        with pytest.raises(TaskError, match="must be a bk2 movie"):
            check_movie(wrong)
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("../evil.txt", "x")
    with pytest.raises(TaskError, match=r"must hold Input Log\.txt"):
        check_movie(other)
    whole = own_movie.read_bytes()
    own_movie.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TaskError, match="must be a bk2 movie"):
        check_movie(own_movie)
    own_movie.write_bytes(whole)
    monkeypatch.setattr(replaying, "MOST_BYTES", 100)
    with pytest.raises(TaskError, match="must unpack to at most 100 bytes"):
        check_movie(own_movie)


@pytest.mark.parametrize("state", [None, b"", b"\x00" * 20, b"garbage" * 5000])
def test_a_spoiled_state_is_an_error_and_no_crash(own_movie: Path, state: bytes | None) -> None:
    rewrite(own_movie, {"Core.bin": state})
    with pytest.raises(TaskError):
        check_movie(own_movie)


def test_a_movie_of_another_game_is_refused(own_movie: Path) -> None:
    with pytest.raises(TaskError, match="must accept the save state"):
        check_movie(own_movie, game="Airstriker-Genesis")
    rewrite(own_movie, {"Header.txt": b"MovieVersion Retro\nPlatform NES\nGameName NoGame-Nes\n"})
    with pytest.raises(TaskError, match="got 'NoGame-Nes'"):
        check_movie(own_movie)


def test_a_child_that_dies_is_an_error_and_no_hang(tmp_path: Path) -> None:
    import os

    with pytest.raises(TaskError, match="its process died"):
        replaying.run_apart(tmp_path / "bad.bk2", os._exit, 11)


def test_the_film_is_an_animation_of_the_whole_play(movie: Path, tmp_path: Path) -> None:
    from PIL import Image

    film = tmp_path / "film.png"
    replayed, _ = check_movie(movie, film=film)
    with Image.open(film) as picture:
        assert picture.size == (240, 224)
        seconds = 0.0
        for frame in range(picture.n_frames):
            picture.seek(frame)
            seconds += picture.info["duration"] / 1000
    assert seconds == pytest.approx(replayed.num_frames / replayed.frame_rate, rel=0.03)
    with pytest.raises(TaskError, match=r"must end in \.png"):
        check_movie(movie, film=tmp_path / "film.mp4")


def test_a_long_film_is_thinned_out(monkeypatch, movie: Path) -> None:
    monkeypatch.setattr(replaying, "MOST_PICTURES", 10)
    screens = replaying._Screens(is_wanted=True)
    with Emulator.open(games.resolve_game(GAME)) as emulator:
        for _ in range(200):
            screens.add(emulator)
    assert 5 <= len(screens._screens) <= 10
    assert screens._stride == 32


def test_the_movie_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new.bk2"
    with Emulator.open(games.resolve_game(GAME)) as emulator:
        play = Play(emulator, "Practice", PlayFiles(movie=path))
        hold(play, 10, "RIGHT")
        assert not path.exists()
        play.close()
        assert sorted(file.name for file in tmp_path.iterdir()) == ["new.bk2", "new.json"]
        for name, words in (("x.zip", "must end in .bk2"), ("no/x.bk2", "must be a folder")):
            with pytest.raises(TaskError, match=words):
                Play(emulator, "Practice", PlayFiles(movie=tmp_path / name))


def test_recording_changes_nothing_in_the_game(tmp_path: Path) -> None:
    rams = []
    with Emulator.open(games.resolve_game(GAME)) as emulator:
        for files in (PlayFiles(), PlayFiles(tmp_path / "a.bk2", tmp_path / "a.csv")):
            with Play(emulator, "Level1", files) as play:
                hold(play, 60, "RIGHT", "B")
                rams.append(emulator.work_ram().tobytes())
    assert rams[0] == rams[1]
    assert recording.DIGEST_EVERY == 60


def test_the_command_says_what_is_so_and_ends_accordingly(own_movie: Path) -> None:
    ended = neuroevo("replay", own_movie)
    assert ended.returncode == 0, ended.stderr
    assert "verdict      identical" in ended.stdout
    assert "lives=" in ended.stdout
    sheet = json.loads(sheet_path(own_movie).read_text())
    sheet["digests"][3][1] = "0" * 64
    sheet_path(own_movie).write_text(json.dumps(sheet))
    ended = neuroevo("replay", own_movie)
    assert ended.returncode == 1
    assert "different: work RAM differs first between frame 180 and 240" in ended.stdout
    sheet_path(own_movie).unlink()
    for options, code in ((), 0), (("--strict",), 3):
        ended = neuroevo("replay", own_movie, *options)
        assert ended.returncode == code
        assert "cannot be told" in ended.stdout
    ended = neuroevo("replay", own_movie.with_name("none.bk2"))
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
