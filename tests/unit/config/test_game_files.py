"""A settings file against its game: names that are not there, and rewards that mislead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders.command_line import neuroevo

from neuroevo.config import advice, check_game, load, loads
from neuroevo.errors import ConfigError
from neuroevo.shipped import find_config, shipped_configs

HEAD = "[NEAT]\npreset = games\n[Task]\nname = retro\n[Retro]\ngame = Own-Nes\n"
WRONG = (
    "[Observation]\nsource = variables\nvariables = nosuch / 2\n"  # lines 8 to 10
    "[Buttons]\ncombos = L+R, A\n"
    "[Fitness]\nunwrap = xscrolLo 256\ndied = fell(live)\nterms =\n   way: new_max x x 1.0\n"
)


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a game of two variables, whose scenario pays for one byte."""
    game = tmp_path / "Own-Nes"
    game.mkdir()
    info = {"x": {"address": 134, "type": "|u1"}, "lives": {"address": 1882, "type": "|i1"}}
    (game / "data.json").write_text(json.dumps({"info": info}))
    scenario = {"reward": {"variables": {"x": {"reward": 1}}}}
    (game / "scenario.json").write_text(json.dumps(scenario))
    return tmp_path


def written(folder: Path, text: str) -> Path:
    path = folder / "my.ini"
    path.write_text(f"{HEAD}integrations = .\n{text}")
    return path


def test_every_wrong_name_is_refused_at_once_with_its_line(folder):
    path = written(folder, WRONG)
    with pytest.raises(ConfigError) as caught:
        check_game(load(path))
    assert [problem.partition("; got ")[0] for problem in caught.value.problems] == [
        f"{path}:10 [Observation] variables: must use variables of data.json",
        f"{path}:12 [Buttons] combos: must name buttons that a player has on this console",
        f"{path}:12 [Buttons] combos: must name buttons that a player has on this console",
        f"{path}:14 [Fitness] unwrap: must use variables of data.json",
        f"{path}:15 [Fitness] died: must use variables of data.json",
    ]


def test_a_wrong_name_of_a_preset_or_of_set_stands_where_it_was_chosen(folder):
    path = written(folder, "[Buttons]\npreset = sonic\n[Fitness]\nterms = way: new_max x x 1\n")
    config = load(path, ["Fitness.died=fell(live)"])
    with pytest.raises(ConfigError) as caught:
        check_game(load(path, ["Buttons.preset=fighter-snes", "Fitness.died=fell(live)"]))
    assert all(problem.startswith("--set [") for problem in caught.value.problems)
    with pytest.raises(ConfigError) as caught:
        check_game(config)
    assert caught.value.problems[0].startswith("--set [Fitness] died: must use")
    genesis = load(path, ["Buttons.preset=none"])
    check_game(genesis)


@pytest.mark.parametrize("command", [("config", "check"), ("evolve",), ("random",)])
def test_the_commands_say_them_all(folder, command):
    ended = neuroevo(*command, written(folder, WRONG), folder=folder)
    assert ended.returncode == 2
    assert "5 problems." in ended.stderr
    assert "my.ini:15 [Fitness] died: must use variables" in ended.stderr
    assert not ended.stdout
    assert not (folder / "runs").exists()


def test_the_linter_names_file_and_line_of_a_settings_file(folder):
    path = written(folder, WRONG)
    ended = neuroevo("games", "lint", path)
    assert ended.returncode == 1
    assert f"{path}:15: error [fitness] [Fitness] died: must use variables" in ended.stdout
    assert f"{path}:10: error [observation] [Observation] variables: must" in ended.stdout
    assert f"{path}:12: error [buttons] [Buttons] combos: must" in ended.stdout


def test_what_has_no_game_here_is_left_to_who_plays_it():
    check_game(loads(HEAD, "my.ini"))
    check_game(loads("[NEAT]\npop_size = 9\n[Task]\nname = xor\n", "my.ini"))


@pytest.mark.parametrize("name", shipped_configs())
def test_the_shipped_files_name_nothing_that_their_game_lacks(name):
    config = load(find_config(name))
    check_game(config)
    assert advice(config) == ()


def test_a_reward_of_the_scenario_that_wraps_is_told_of_before_the_run(folder):
    path = written(folder, "")
    (sentence,) = advice(load(path))
    assert sentence.startswith(f"{folder}/Own-Nes/scenario.json:1: warning [wraps] x: a position")
    assert advice(load(path, ["Fitness.terms=way: new_max x x 1"])) == ()
    ended = neuroevo("evolve", path, "--generations", 1, "--out", folder / "run")
    assert sentence in ended.stderr  # then it finds no ROM
    assert ended.returncode == 2


def test_a_reward_of_score_only_or_of_nothing_is_told_of(folder):
    scenario = folder / "Own-Nes" / "scenario.json"
    path = written(folder, "")
    scenario.write_text(json.dumps({"reward": {"variables": {"score": {"reward": 1}}}}))
    assert "[score-only]" in advice(load(path))[0]
    scenario.write_text(json.dumps({"done": {"variables": {"lives": {"op": "zero"}}}}))
    assert "[no-reward]" in advice(load(path))[0]


ALIVE = "[Fitness]\nterms = alive: per_frame 1 x 1\n"


@pytest.mark.parametrize(
    ("fitness", "is_told"),
    [
        (ALIVE, True),
        (f"{ALIVE}stall_frames = 300\n", True),
        ("[Fitness]\nterms = hurt: loss lives x -1\n", True),
        ("[Fitness]\nterms = end: on_win 1 x 9\nwon = x > 90\n", True),
        (f"{ALIVE}stall_frames = none\n", False),
        (f"{ALIVE}stall_frames = 600\nmax_frames = 600\n", False),
        (f"{ALIVE}stall_expression = x\n", False),
        (f"{ALIVE}use_scenario_reward = true\n", False),
        ("[Fitness]\nterms = x: change x x -1\n", False),
        ("[Fitness]\nterms =\n  alive: per_frame 1 x 1\n  x: new_max x x 1\n", False),
    ],
)
def test_a_fitness_without_progress_that_ends_by_standing_still_is_told_of(
    folder, fitness, is_told
):
    told = [line for line in advice(load(written(folder, fitness))) if "stall_frames" in line]
    assert bool(told) == is_told
    if is_told:
        assert "[Fitness] stall_frames: should be none where no term can be progress" in told[0]
