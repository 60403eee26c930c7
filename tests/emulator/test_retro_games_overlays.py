"""Overlays: a folder of a game without its ROM, laid over the game that has it."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.check.checkup import CheckupSettings, check_game
from neuroevo.tasks.retro.check.overview import show_game
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.games.folders import all_games
from neuroevo.tasks.retro.settings import FitnessSettings, FitnessTerm, RetroSettings
from neuroevo.tasks.retro.task import RetroTask

SCENARIO = {
    "reward": {"variables": {"points": {"reward": 2}}},
    "done": {"variables": {"lives": {"op": "zero"}}},
}
LAYERS = [("Airstriker-Genesis-v0", "Level1"), ("Wickling-Nes-v0", "Practice")]


@pytest.fixture(params=LAYERS, ids=["Airstriker", "Wickling"])
def overlay(request, tmp_path):
    """Folder of games, name, default state of a game whose score is called points here."""
    name, state = request.param
    below = games.read_json(games.resolve_game(name).need("data.json"))["info"]
    folder = tmp_path / name
    folder.mkdir()
    info = {"points": below["score"], "lives": below["lives"]}
    (folder / "data.json").write_text(json.dumps({"info": info}))
    (folder / "scenario.json").write_text(json.dumps(SCENARIO))
    return tmp_path, name, state


def test_an_overlay_gives_its_files_and_the_game_below_the_rest(overlay):
    root, name, state = overlay
    game = games.resolve_game(name.removesuffix("-v0"), [root])
    assert game.name == name
    assert game.folders[0] == root / name
    assert game.need("data.json").parent == game.need("scenario.json").parent == root / name
    assert games.rom_path(game).parent == game.folders[-1]
    assert games.default_state(game) == state
    assert state in games.state_names(game)


def test_an_overlaid_game_plays_with_its_own_variables_and_scenario(overlay):
    root, name, state = overlay
    game = games.resolve_game(name, [root])
    with Emulator.open(game) as emulator:
        emulator.reset(emulator.start_state(state))
        assert set(emulator.variables()) == {"points", "lives"}
        assert emulator.scenario == root / name / "scenario.json"


def test_a_task_finds_an_overlay_of_its_settings(overlay):
    root, name, _ = overlay
    fitness = FitnessSettings(terms=(FitnessTerm("points", "gain", "points", 1.0),))
    task = RetroTask(RetroSettings(name, integrations=(str(root),), fitness=fitness))
    try:
        assert set(task.start_variables()) == {"points", "lives"}
    finally:
        task.close()


def test_a_checkup_reads_an_overlay(overlay):
    root, name, state = overlay
    checkup = check_game(name, [root], CheckupSettings(seconds=2))
    assert checkup.num_errors == 0
    assert {v.name for v in checkup.variables} == {"points", "lives"}
    assert checkup.scenario == str(root / name / "scenario.json")
    assert checkup.states[0].name == state


def test_the_rom_below_an_overlay_is_still_checked(overlay, tmp_path):
    root, name, _ = overlay
    (root / name / "rom.sha").write_text("0" * 40)
    with pytest.raises(TaskError, match="sha1 must be 0000"):
        games.rom_path(games.resolve_game(name, [root]))


def test_a_state_of_an_overlay_comes_first_and_a_bad_one_is_refused(overlay):
    root, name, state = overlay
    (root / name / f"{state}.state").write_bytes(b"no gzip")
    with pytest.raises(TaskError, match="must be a gzip file"):
        games.load_state(games.resolve_game(name, [root]), state)


def test_a_mistyped_state_names_those_of_all_folders(overlay):
    root, name, state = overlay
    (root / name / "Mine.state").write_bytes(b"")
    with pytest.raises(TaskError, match="Did you mean Mine") as error:
        games.load_state(games.resolve_game(name, [root]), "Mime")
    assert state in str(error.value)


def test_an_overlay_without_the_version_is_the_same_game(overlay):
    root, name, _ = overlay
    (root / name).rename(root / name.removesuffix("-v0"))
    game = games.resolve_game(name, [root])
    assert game.name == name
    assert game.folders[0].name == name.removesuffix("-v0")
    assert games.rom_path(game).exists()
    listed = [found.name for found in all_games([root]) if found.name.startswith(name[:-3])]
    assert listed == [name]


def test_a_whole_game_without_version_keeps_its_name(tmp_path):
    source = games.resolve_game("Wickling-Nes").folders[-1]
    shutil.copytree(source, tmp_path / "Other-Nes", ignore=shutil.ignore_patterns("src", "tools"))
    assert games.resolve_game("Other-Nes", [tmp_path]).name == "Other-Nes"


def test_showing_an_overlaid_game_tells_which_file_comes_from_where(overlay):
    root, name, state = overlay
    info = show_game(name, [root])
    mine, below = info.files[root / name], list(info.files.values())[-1]
    assert mine == ("data.json", "scenario.json")
    assert {"rom.sha", f"{state}.state"} <= set(below)
    assert not {"data.json", "scenario.json"} & set(below)


@pytest.mark.parametrize("text", ['{"info": {"x": {}}}', '{"info": {"x": 5}}', '{"info": [1]}'])
def test_showing_a_game_with_broken_variables_is_one_error(tmp_path, text):
    (tmp_path / "Airstriker-Genesis-v0").mkdir()
    (tmp_path / "Airstriker-Genesis-v0" / "data.json").write_text(text)
    with pytest.raises(TaskError, match="must have an address and a type"):
        show_game("Airstriker-Genesis", [tmp_path])


def test_the_emulator_reads_numbers_of_three_bytes_in_the_order_that_is_written(tmp_path):
    """The score of Super Mario Bros. 3 is >u3: no processor has such numbers."""
    folder = tmp_path / "Wickling-Nes-v0"
    folder.mkdir()
    addresses = (0x84, 0x300, 0x6FE, 0x7DA)
    types = {f"{order}{kind}3" for order in "<>" for kind in "ui"}
    info = {f"{t} {at}": {"address": at, "type": t} for t in types for at in addresses}
    (folder / "data.json").write_text(json.dumps({"info": info}))
    (folder / "scenario.json").write_text("{}")
    seen = set()
    with Emulator.open(games.resolve_game("Wickling-Nes", [tmp_path])) as emulator:
        emulator.reset(emulator.start_state("Practice"))
        emulator.set_buttons(np.array([b == "RIGHT" for b in emulator.buttons], np.uint8))
        for _ in range(120):
            emulator.step_frame()
            ram, values = emulator.work_ram().tobytes(), emulator.variables()
            for name in info:
                kind, at = name.split()
                order = "big" if kind[0] == ">" else "little"
                part = ram[int(at) : int(at) + 3]
                seen.add(part)
                assert values[name] == int.from_bytes(part, order, signed=kind[1] == "i"), name
    assert len([part for part in seen if part != part[::-1]]) > 20
