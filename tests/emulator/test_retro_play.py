"""A person's play on real games, without a window: keys, states, logs, and what is refused."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from builders.command_line import environment, neuroevo
from builders.plays import hold

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.human import controls as controls_module
from neuroevo.tasks.retro.human.controls import Controls, button_keys, key_lines, panel
from neuroevo.tasks.retro.human.play_log import read_log
from neuroevo.tasks.retro.human.playing import Play, PlayFiles, read_script, start_of

GAME = "Wickling-Nes"


@pytest.fixture
def wickling():
    with Emulator.open(games.resolve_game(GAME)) as emulator:
        yield emulator


def script(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "keys.txt"
    path.write_text(text)
    return path


def ram_after(play: Play, emulator: Emulator, frames: int, *buttons: str) -> bytes:
    hold(play, frames, *buttons)
    return emulator.work_ram().tobytes()


def test_a_script_plays_what_is_pressed_by_hand(wickling, tmp_path) -> None:
    path = script(tmp_path, "20\n60 RIGHT+B # run\n\n 10 RIGHT+A\n5 -\n")
    by_script = Play(wickling, "Practice")
    assert list(by_script.run(read_script(path), "keys")) == []
    reached = wickling.work_ram().tobytes()
    assert by_script.num_frames == 95
    by_hand = Play(wickling, "Practice")
    for frames, *buttons in ((20,), (60, "RIGHT", "B"), (10, "RIGHT", "A"), (5,)):
        hold(by_hand, frames, *buttons)
    assert wickling.work_ram().tobytes() == reached
    assert by_hand.variables == by_script.variables


def test_opposite_directions_together_are_neither(wickling) -> None:
    both = ram_after(Play(wickling, "Practice"), wickling, 60, "LEFT", "RIGHT", "A")
    assert ram_after(Play(wickling, "Practice"), wickling, 60, "A") == both
    assert ram_after(Play(wickling, "Practice"), wickling, 60, "RIGHT", "A") != both


def test_start_is_pressed_only_with_leave(wickling) -> None:
    with pytest.raises(TaskError, match=r"START must be allowed.*--allow-start"):
        Play(wickling, "Practice").frame(["START"])
    play = Play(wickling, "Practice", allow_start=True)
    hold(play, 5)
    hold(play, 5, "START")
    assert play.variables["paused"] == 1
    with pytest.raises(TaskError, match=r"got 'TURBO'\. It has: B, SELECT, START"):
        play.frame(["TURBO"])


def test_a_saved_state_goes_on_exactly_where_it_was(wickling, tmp_path) -> None:
    play = Play(wickling, "Practice", PlayFiles(states=tmp_path))
    hold(play, 80, "RIGHT", "B")
    saved = play.save_state()
    assert saved.name == "play-001.state"
    assert gzip.decompress(saved.read_bytes())
    hold(play, 1)  # what the reset runs
    assert ram_after(play, wickling, 50, "RIGHT") == ram_after(
        Play(wickling, str(saved)), wickling, 50, "RIGHT"
    )


def test_states_are_numbered_and_never_overwritten(wickling, tmp_path) -> None:
    play = Play(wickling, "Practice", PlayFiles(states=tmp_path))
    (tmp_path / "play-001.state").write_bytes(b"mine")
    assert play.save_state().name == "play-002.state"
    assert play.save_state().name == "play-003.state"
    assert play.save_state("pit").name == "pit.state"
    with pytest.raises(TaskError, match="must be a new file; it exists"):
        play.save_state("pit")
    with pytest.raises(TaskError, match="must be a new file; it exists"):
        play.save_state("pit.state")
    assert (tmp_path / "play-001.state").read_bytes() == b"mine"


@pytest.mark.parametrize(
    "name", ["../pit", "power-on", "a/b", "_hidden", ".pit", "", "a b", "x" * 99, "a\x00"]
)
def test_a_state_cannot_leave_its_folder_or_hide(wickling, tmp_path, name) -> None:
    play = Play(wickling, "Practice", PlayFiles(states=tmp_path))
    with pytest.raises(TaskError, match="must begin with a letter or digit"):
        play.save_state(name)
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_a_state_goes_to_the_game_and_has_a_name_there(tmp_path) -> None:
    own = tmp_path / "Wickling-Nes-v0"
    own.mkdir()
    (own / "data.json").write_text('{"info": {"lives": {"address": 1882, "type": "|i1"}}}')
    (own / "scenario.json").write_text("{}")
    found = games.resolve_game(GAME, [str(tmp_path)])
    with Emulator.open(found) as emulator:
        play = Play(emulator, "Practice")
        assert play.save_state("halfway") == own / "halfway.state"
        assert "halfway" in games.state_names(found)
        assert Play(emulator, "halfway").variables == {"lives": 2}


def test_the_log_loses_nothing(wickling, tmp_path) -> None:
    log = tmp_path / "play.csv"
    seen = []
    with Play(wickling, "Practice", PlayFiles(log=log)) as play:
        seen.append(dict(play.variables))
        play.mark("here")
        for frame in range(90):
            hold(play, 1, "RIGHT", *(("B",) if frame % 2 else ()))
            seen.append(dict(play.variables))
        play.mark("first")
        play.mark("score=0")
    logged = read_log(log)
    assert logged.state == "Practice"
    assert logged.buttons[0] == ("RIGHT",)
    assert set(logged.buttons[1]) == {"B", "RIGHT"}
    assert logged.marks == ((0, "here"), (90, "first"), (90, "score=0"))
    for name, values in logged.variables.items():
        assert list(values) == [row[name] for row in seen]
    with log.open(newline="") as file:
        assert len(list(csv.reader(file))) == 92


@pytest.mark.parametrize(
    ("line", "number"),
    [("RIGHT 30", 1), ("-5 RIGHT", 1), ("30 RIGHT B", 1), ("save", 1), ("save a b", 1),
     ("1e3 A", 1), ("٣ A", 1), ("5 A\nload x", 2)],
)  # fmt: skip
def test_a_line_that_is_no_keys_is_refused_with_its_number(tmp_path, line, number) -> None:
    with pytest.raises(TaskError, match=rf"keys.txt:{number}: must be"):
        read_script(script(tmp_path, line))


def test_a_script_of_no_frames_or_of_too_many_is_refused(tmp_path) -> None:
    for text in ("", "# nothing", "0 A", "save x", "999999999999 A", "600000\n600000\n"):
        with pytest.raises(TaskError, match=r"must hold 1 to 1,000,000 frames"):
            read_script(script(tmp_path, text))
    (tmp_path / "keys.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(TaskError, match="readable text"):
        read_script(tmp_path / "keys.txt")


def test_a_button_that_is_not_there_is_found_before_the_first_frame(wickling, tmp_path) -> None:
    play = Play(wickling, "Practice")
    path = script(tmp_path, "50 RIGHT\n5 C\n")
    with pytest.raises(TaskError, match=r"keys:2: must press buttons of the console; got 'C'"):
        list(play.run(read_script(path), "keys"))
    assert play.num_frames == 0


def test_a_play_that_fails_at_once_leaves_no_files(tmp_path) -> None:
    keys = script(tmp_path, "5 START\n")
    ended = neuroevo("play", "wickling", "--keys", keys, "--log", tmp_path / "a.csv",
                     "--record", tmp_path / "a.bk2")  # fmt: skip
    assert ended.returncode == 2
    assert "keys.txt:1: START must be allowed" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["keys.txt"]


def test_files_that_exist_are_never_overwritten(wickling, tmp_path) -> None:
    for name in ("a.csv", "a.bk2", "b.json"):
        (tmp_path / name).write_text("mine")
    for files in (
        PlayFiles(log=tmp_path / "a.csv"),
        PlayFiles(movie=tmp_path / "a.bk2"),
        PlayFiles(movie=tmp_path / "b.bk2"),  # its check sheet would be b.json
        PlayFiles(movie=tmp_path / "new.bk2", log=tmp_path / "a.csv"),
    ):
        with pytest.raises(TaskError, match="must be a new file; it exists"):
            Play(wickling, "Practice", files)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.bk2", "a.csv", "b.json"]
    assert {path.read_text() for path in tmp_path.iterdir()} == {"mine"}


def test_a_state_is_named_or_a_file_or_none(wickling, tmp_path, monkeypatch) -> None:
    game = games.resolve_game(GAME)
    monkeypatch.chdir(tmp_path)
    Play(wickling, "Level1", PlayFiles(states=tmp_path)).save_state("mine")
    assert start_of(game, None) == games.default_state(game)
    assert start_of(game, "mine.state") == str(tmp_path / "mine.state")
    assert start_of(game, "Level2") == "Level2"
    assert start_of(game, "power-on") is None
    assert Play(wickling, None).num_frames == 0


def test_keys_are_those_of_the_console(airstriker) -> None:
    keys = button_keys("Genesis")
    assert (keys["X"], keys["Z"], keys["ENTER"]) == ("B", "A", "START")
    for console in ("Nes", "Snes", "GameBoy", "Atari2600", "Sms"):
        assert set(button_keys(console)) >= {"UP", "DOWN", "LEFT", "RIGHT", "Z"}
    lines = key_lines(keys, Play(airstriker, "Level1").buttons)
    assert not any("START" in line for line in lines)
    assert any(line.startswith("F5") for line in lines)


def test_the_keyboard_presses_saves_marks_stops_and_ends(wickling, tmp_path) -> None:
    log = tmp_path / "play.csv"
    with Play(wickling, "Practice", PlayFiles(log=log, states=tmp_path)) as play:
        controls = Controls(play, button_keys("Nes"))
        controls.key_down("RIGHT")
        controls.key_down("Q")  # nothing lies on it
        controls.frame()
        controls.key_down("Z")
        controls.frame()
        controls.key_down("F6")
        controls.key_up("RIGHT")
        controls.frame()
        controls.let_go()
        controls.key_down("F5")
        assert "play-001.state" in controls.message
        controls.key_down("P")
        controls.frame()
        assert play.num_frames == 3
        controls.key_down("P")
        controls.frame()
        controls.key_down("ENTER")
        assert controls.message == "START needs --allow-start"
        assert not controls.held
        text = panel(controls, 60.0)
        assert "lives          2" in text
        assert "frame 4" in text
        controls.key_down("ESCAPE")
        assert controls.is_ended
    logged = read_log(log)
    assert [set(names) for names in logged.buttons] == [{"RIGHT"}, {"RIGHT", "B"}, {"B"}, set()]
    assert logged.marks == ((2, "died"),)


def test_a_full_disk_does_not_end_the_game(wickling, tmp_path) -> None:
    play = Play(wickling, "Practice", PlayFiles(states=tmp_path / "gone"))
    controls = Controls(play, button_keys("Nes"))
    controls.key_down("F5")
    assert "must be writable" in controls.message
    controls.frame()
    assert play.num_frames == 1


def test_more_variables_than_fit_are_counted(wickling, monkeypatch) -> None:
    monkeypatch.setattr(controls_module, "MOST_LINES", 5)
    play = Play(wickling, "Practice")
    text = panel(Controls(play, {}), 60.0)
    assert f"and {len(play.variables) - 4} more" in text


def test_without_a_screen_one_line_names_the_way_out(tmp_path, monkeypatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert "DISPLAY" not in environment()
    ended = neuroevo("play", "wickling", "--log", tmp_path / "a.csv")
    assert ended.returncode == 2
    assert "a window must be possible" in ended.stderr
    assert "--keys FILE" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_command_plays_a_config_or_a_game(tmp_path) -> None:
    keys = script(tmp_path, "30 RIGHT\nsave here\n10\n")
    ended = neuroevo("play", "wickling", "--state", "Level1", "--keys", keys, "--save-states", ".",
                     folder=tmp_path)  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "frame 30: saved here.state" in ended.stdout
    assert "played       40 frames" in ended.stdout
    assert "levelLo=1" in ended.stdout
    keys.write_text("10\n")
    ended = neuroevo("play", "Wickling-Nes", "--state", "here.state", "--keys", keys,
                     folder=tmp_path)  # fmt: skip
    assert "played       10 frames" in ended.stdout
    assert "levelLo=1" in ended.stdout
    for wrong, words in (("xor", "must be retro"), ("NoGame", "must be a game")):
        ended = neuroevo("play", wrong, "--keys", keys, folder=tmp_path)
        assert ended.returncode == 2
        assert words in ended.stderr
    ended = neuroevo("play", "airstriker", "--show-keys")
    assert "START" in ended.stdout


def test_a_game_without_variables_says_so_at_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "games" / "Bare-Nes"
    folder.mkdir(parents=True)
    rom = games.rom_path(games.resolve_game(GAME))
    (folder / "rom.nes").write_bytes(rom.read_bytes())
    (folder / "metadata.json").write_text("{}")
    (folder / "data.json").write_text('{"info": {}}')
    keys, movie = script(tmp_path, "3 RIGHT\n"), tmp_path / "bare.bk2"
    own = ("--integrations", tmp_path / "games")
    played = neuroevo("play", "Bare-Nes", "--keys", keys, "--record", movie, *own)
    line = "at the end   no variables: the game's data.json has none"
    assert line in played.stdout.splitlines()
    assert line in neuroevo("replay", movie, *own).stdout.splitlines()
