from __future__ import annotations

import hashlib
import json
import shutil

import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.check.overview import show_game
from neuroevo.tasks.retro.settings import FitnessSettings, FitnessTerm, RetroSettings
from neuroevo.tasks.retro.task import RetroTask

FITNESS = FitnessSettings(terms=(FitnessTerm("points", "gain", "score", 1.0),))


@pytest.fixture
def own_game(tmp_path):
    """A copy of Airstriker under another name, in a user's folder of integrations."""
    source = games.resolve_game("Airstriker-Genesis").folders[-1]
    return shutil.copytree(source, tmp_path / "games" / "Mine-Genesis")


@pytest.mark.parametrize(
    "name",
    [
        "Airstriker-Genesis-v0", "Airstriker-Genesis", "airstriker-genesis",
        "Airstriker-genesis-v0", "Airstriker", "airstriker",
    ],
)  # fmt: skip
def test_a_game_is_found_with_and_without_its_version(name):
    assert games.resolve_game(name).name == "Airstriker-Genesis-v0"


def test_an_unknown_game_is_refused_with_the_nearest_ones():
    with pytest.raises(TaskError, match="Did you mean Airstriker-Genesis-v0"):
        games.resolve_game("Airstrikr-Genesis")


def test_names_that_hold_the_word_come_before_those_that_look_like_it():
    with pytest.raises(TaskError) as error:
        games.resolve_game("Sonic")
    first, second = "SonicAndKnuckles-Genesis-v0", "SonicAndKnuckles3-Genesis-v0"
    assert f"Did you mean {first} or {second} or SonicBlast" in str(error.value)
    assert str(error.value).endswith("See `neuroevo games list --all Sonic`.")
    with pytest.raises(TaskError, match="Did you mean SonicTheHedgehog-Genesis-v0 or"):
        games.resolve_game("sonic the hedgehog")
    with pytest.raises(TaskError, match=r"Did you mean Airstriker-Genesis-v0\? "):
        games.resolve_game("irstrike")


def test_a_name_without_console_that_two_games_have_is_refused_with_both():
    with pytest.raises(TaskError, match="Did you mean SonicTheHedgehog-Genesis-v0 or"):
        games.resolve_game("SonicTheHedgehog")


def test_the_list_holds_shipped_and_own_games(own_game):
    listed = {game.name: game for game in games.list_games([own_game.parent])}
    assert len(listed) > 1000
    assert listed["Airstriker-Genesis-v0"].states == ("Level1",)
    assert listed["Mine-Genesis"].has_rom
    assert listed["Mine-Genesis"].console == "Genesis"
    assert not listed["SonicTheHedgehog-Genesis-v0"].has_rom


def test_showing_a_game_tells_sizes_buttons_and_variables():
    info = show_game("Airstriker-Genesis")
    assert info.screen == (224, 320)
    assert info.input_counts[8] == 1120
    assert [(v.name, v.type) for v in info.variables] == [
        ("gameover", ">u2"),
        ("lives", ">u2"),
        ("score", ">u4"),
    ]
    assert info.buttons[:4] == ("B", "A", "MODE", "START")
    assert (info.default_state, info.scenarios, info.rom_problem) == ("Level1", ("scenario",), "")


def test_a_game_without_rom_is_shown_all_the_same():
    info = show_game("SonicTheHedgehog-Genesis")
    assert info.screen is None
    assert "games import" in info.rom_problem
    assert info.variables


def test_a_missing_rom_says_how_to_import_it():
    task = RetroTask(RetroSettings("SonicTheHedgehog-Genesis", fitness=FITNESS))
    with pytest.raises(TaskError, match=r"games import"):
        task.describe()


def test_another_rom_is_refused_before_it_runs(own_game):
    with (own_game / "rom.md").open("ab") as rom:
        rom.write(b"x")
    with pytest.raises(TaskError, match="sha1 must be"):
        games.rom_path(games.resolve_game("Mine-Genesis", [own_game.parent]))


@pytest.mark.parametrize("header", [b"", b"h" * 16])
def test_a_nes_rom_is_hashed_without_its_header(tmp_path, header):
    folder = tmp_path / "Own-Nes"
    folder.mkdir()
    body = b"body of a cartridge"
    (folder / "data.json").write_text('{"info": {}}')
    (folder / "rom.nes").write_bytes(header + body)
    (folder / "rom.sha").write_text(hashlib.sha1(body).hexdigest() + "\n")
    assert games.rom_path(games.resolve_game("Own-Nes", [tmp_path])) == folder / "rom.nes"


def test_an_own_game_plays_and_its_folder_must_be_absolute(own_game):
    folder = str(own_game.parent)
    task = RetroTask(RetroSettings("Mine-Genesis", integrations=(folder,), fitness=FITNESS))
    try:
        assert task.describe().num_inputs == 1120
    finally:
        task.close()
    with pytest.raises(TaskError, match="absolute"):
        games.resolve_game("Mine-Genesis", ["games"])


def test_a_folder_with_only_a_scenario_overlays_a_shipped_game(tmp_path):
    folder = tmp_path / "Airstriker-Genesis-v0"
    folder.mkdir()
    (folder / "speed.json").write_text(json.dumps({"done": {}}))
    game = games.resolve_game("Airstriker-Genesis", [tmp_path])
    assert games.scenario_path(game, "speed") == folder / "speed.json"
    assert games.rom_path(game).name == "rom.md"


@pytest.mark.parametrize("scenario", ["scenarios", "/nowhere/scenario.json"])
def test_a_mistyped_scenario_is_refused(scenario):
    task = RetroTask(RetroSettings("Airstriker-Genesis", scenario=scenario, fitness=FITNESS))
    with pytest.raises(TaskError, match=r"It has: scenario\."):
        task.describe()


def test_an_unknown_state_is_refused_with_the_ones_that_exist():
    task = RetroTask(RetroSettings("Airstriker-Genesis", states=("Level2",), fitness=FITNESS))
    with pytest.raises(TaskError, match=r"Did you mean Level1\?.*It has: Level1\."):
        task.describe()
    RetroTask(RetroSettings("Airstriker-Genesis", fitness=FITNESS)).describe()
