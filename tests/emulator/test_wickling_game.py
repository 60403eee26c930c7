"""Wickling as stable-retro's integration: its memory, states, levels, ways and determinism."""

from __future__ import annotations

import gzip
import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from builders.wickling import (
    FOLDER,
    NUM_LEVELS,
    STATE_NAMES,
    Machine,
    at,
    engine_addresses,
    make_states,
    play_way_in_env,
    random_play,
    read_way,
    replay,
    tile_address,
)

from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator

STARTS = json.loads((FOLDER / "solutions" / "starts.json").read_text(encoding="utf-8"))
ALL_STATES = (*STATE_NAMES, *(start["name"] for start in STARTS))
TILE_OF = {"#": {0x10, 0x11}, "B": {0x12}, "C": {0x13}, "I": {0x14}, "W": {0x15}}
TILE_OF |= {"o": {0x08}, "G": {0x09}, "^": {0x20}, "v": {0x21}, "F": {0x0A}}


@pytest.fixture(scope="module")
def apart():
    """Two processes of their own: an emulator to each."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.fixture(scope="module")
def played(apart):
    """What happens on the stored way through every level, through ``stable_retro.make``."""
    return dict(zip(STATE_NAMES, apart.map(play_way_in_env, STATE_NAMES), strict=True))


@pytest.fixture
def machine():
    with Machine() as machine:
        yield machine


@pytest.fixture
def emulator():
    with Emulator.open(games.resolve_game("Wickling-Nes", [FOLDER.parent])) as emulator:
        yield emulator


def stored_state(name):
    return gzip.decompress((FOLDER / f"{name}.state").read_bytes())


def level_rows(level):
    (path,) = (FOLDER / "src" / "levels").glob(f"{level}-*.txt")
    return path.read_text(encoding="utf-8").split("\n\n", 1)[1].splitlines()


# Ways


@pytest.mark.parametrize("state", STATE_NAMES)
def test_every_level_is_finished_by_its_stored_way_through_stable_retro(played, state):
    result = played[state]
    assert result["at_goal"]["goal"] == 1
    assert result["at_goal"]["state"] == at.BEACON
    assert result["at_goal"]["beacons"] == 1
    assert result["dones"].count(True) == 1, "the episode must end with the way, not before"
    assert result["dones"][-1]


@pytest.mark.parametrize("state", STATE_NAMES)
def test_the_reward_of_a_way_is_its_progress(played, state):
    result = played[state]
    assert result["reward"] == result["at_goal"]["x"] - result["first"]["x"]
    assert result["at_goal"]["x"] >= result["at_goal"]["goal_x"]


def test_every_other_start_has_a_way_to_the_beacon_that_loses_no_life(machine):
    for start in STARTS:
        name, ram = start["name"], b""
        for ram in replay(machine, stored_state(name), read_way(name).frames):
            assert ram[at.LIVES] == 2, name
        assert ram[at.GOAL] == 1, name


@pytest.mark.parametrize("level", range(NUM_LEVELS))
def test_behind_every_beacon_lies_the_next_level_or_the_dawn(played, level):
    after = played[STATE_NAMES[level]]["after"]
    if level < NUM_LEVELS - 1:
        assert (after["levelLo"], after["goal"]) == (level + 1, 0)
    else:
        assert after["state"] == at.ALL_DONE
    assert after["score"] >= 5000


def test_ways_were_last_played_on_this_rom():
    expected = (FOLDER / "rom.sha").read_text(encoding="ascii").split()
    assert {read_way(state).rom for state in ALL_STATES} == set(expected)


# States


def test_every_level_has_its_state_and_all_but_practice_training_and_held_out_starts():
    held_out = [start for start in STARTS if start["held_out"]]
    training = [start for start in STARTS if not start["held_out"]]
    assert [start["level"] for start in held_out] == list(range(1, NUM_LEVELS))
    assert {start["level"] for start in training} == set(range(1, NUM_LEVELS))
    assert len(training) >= 2 * (NUM_LEVELS - 1) > 6
    assert {path.stem for path in FOLDER.glob("*.state")} == set(ALL_STATES)
    assert games.default_state(games.resolve_game("Wickling-Nes", [FOLDER.parent])) == "Practice"


def test_held_out_starts_lie_apart_from_training_starts():
    for held_out in (start for start in STARTS if start["held_out"]):
        others = [s["x"] for s in STARTS if s["level"] == held_out["level"] and s is not held_out]
        assert min(abs(x - held_out["x"]) for x in others) > 100


def test_every_state_is_accepted_alive_in_its_level_and_unlike_the_others(machine):
    levels = {name: level for level, name in enumerate(STATE_NAMES)}
    levels |= {start["name"]: start["level"] for start in STARTS}
    rams, screens = set(), set()
    for name in ALL_STATES:
        machine.reset(stored_state(name))
        ram = machine.ram()
        assert at.is_playing(ram, levels[name]), name
        assert ram[at.INVULNERABLE] == 0, name
        rams.add(ram)
        screens.add(machine.screen().tobytes())
        machine.step("", 20)
        assert not at.is_dead(machine.ram()), name
    assert len(rams) == len(screens) == len(ALL_STATES)


def test_states_lie_where_their_table_says(machine):
    for start in STARTS:
        machine.load(stored_state(start["name"]))
        assert at.player_x(machine.ram()) == start["x"]


def test_states_are_those_that_the_tool_makes(machine):
    """The whole check is ``make_states.py --check``; the level starts alone are quick."""
    for level, name in enumerate(STATE_NAMES):
        path, made = FOLDER / f"{name}.state", machine.level_start(level)
        assert make_states.is_current(machine, path, made), name
        other = machine.level_start((level + 1) % NUM_LEVELS)
        assert not make_states.is_current(machine, path, other), name


# Memory


def test_the_tools_and_the_engine_agree_on_addresses():
    names = engine_addresses()
    pairs = {
        "player_state": at.STATE, "player_air": at.MOTION, "player_facing": at.FACING,
        "player_vx": at.SPEED_X, "player_vy": at.SPEED_Y, "player_page": at.X_PAGE,
        "player_x": at.X_LOW, "player_ypage": at.VERTICAL_PAGE, "player_y": at.Y,
        "obj_active": at.ACTIVE, "obj_kind": at.KIND, "obj_page": at.OBJECT_PAGE,
        "obj_x": at.OBJECT_X, "obj_y": at.OBJECT_Y, "window": at.TILES, "own_x": at.X,
        "own_goal": at.GOAL, "own_on_ground": at.ON_GROUND, "own_beacons": at.BEACONS,
        "own_goal_x": at.GOAL_X, "invulnerable": at.INVULNERABLE, "paused": at.PAUSED,
        "frames": at.FRAME_COUNTER, "cam_page": at.CAMERA_PAGE, "cam_x": at.CAMERA_LOW,
        "power": at.POWER, "lives": at.LIVES, "level": at.LEVEL, "sparks": at.SPARKS,
        "score": at.SCORE, "time": at.TIME,
    }  # fmt: skip
    assert {name: names[name] for name in pairs} == pairs


def test_data_json_keeps_every_variable_of_super_mario_bros():
    from stable_retro import data

    theirs = f"{data.path()}/stable/SuperMarioBros-Nes-v0/data.json"
    with open(theirs, encoding="utf-8") as file:  # noqa: PTH123
        expected = json.load(file)["info"]
    ours = json.loads((FOLDER / "data.json").read_text(encoding="utf-8"))["info"]
    assert {name: ours[name] for name in expected} == expected


@pytest.mark.parametrize("level", range(NUM_LEVELS))
def test_variables_at_the_start_of_a_level(emulator, level):
    emulator.reset(emulator.start_state(STATE_NAMES[level]))
    values = emulator.variables()
    assert values["levelLo"] == level
    assert values["lives"] == 2
    assert 50 <= values["time"] <= 999
    assert values["x"] < 100 < values["goal_x"]
    still = ("levelHi", "coins", "score", "xscrollHi", "xscrollLo", "goal", "beacons", "power")
    assert {values[name] for name in (*still, "speed_x", "speed_y", "paused")} == {0}
    assert (values["state"], values["vertical_page"], values["on_ground"]) == (at.PLAYING, 1, 1)


@pytest.mark.parametrize("level", range(NUM_LEVELS))
def test_memory_keeps_its_promises_all_the_way(machine, level):
    machine.reset(machine.level_start(level))
    cameras, scores = [], []
    for buttons in read_way(STATE_NAMES[level]).frames:
        machine.step(buttons)
        ram = machine.ram()
        x = at.player_x(ram)
        assert ram[at.X_PAGE] << 8 | ram[at.X_LOW] == x
        assert ram[at.ON_GROUND] == (ram[at.MOTION] == 0)
        assert max(ram[at.SCORE : at.SCORE + 6] + ram[at.TIME : at.TIME + 3]) <= 9
        assert all(flag in (0, 1) for flag in ram[at.ACTIVE : at.ACTIVE + at.NUM_SLOTS])
        assert at.camera_x(ram) <= x < at.camera_x(ram) + 256
        cameras.append(at.camera_x(ram))
        scores.append(at.score(ram))
    assert cameras == sorted(cameras)
    assert scores == sorted(scores)
    assert cameras[-1] > 500


@pytest.mark.parametrize("level", range(NUM_LEVELS))
def test_the_tile_window_shows_the_level_text_around_the_camera(machine, level):
    rows, frames = level_rows(level), read_way(STATE_NAMES[level]).frames
    machine.reset(machine.level_start(level))
    for frame, buttons in enumerate(frames):
        if frame % 60 == 0:
            assert_window_is_text(machine.ram(), rows)
        machine.step(buttons)


def assert_window_is_text(ram, rows):
    camera = at.camera_x(ram) // 16
    for column in range(camera, min(camera + 18, len(rows[0]))):
        for row, text in enumerate(rows):
            code = ram[tile_address(column, row)]
            changed = text[column] in "oGC" and code == 0  # taken or broken
            beacon = text[column] == "." and code in (0x0A, 0x0B)
            assert changed or beacon or code in TILE_OF.get(text[column], {0}), (column, row)


def test_creatures_of_the_text_appear_where_it_says(machine):
    """The first one of level 1, read when its slot becomes active at the screen's edge."""
    kinds = {"b": 1, "n": 2, "m": 3, "c": 4, "t": 5, ">": 0x24, "|": 0x25, "_": 0x26}
    rows = level_rows(1)
    column, row = min(
        (column, row)
        for row, text in enumerate(rows)
        for column, character in enumerate(text)
        if character in kinds
    )
    machine.reset(machine.level_start(1))
    for buttons in read_way("Level1").frames:
        if machine.ram()[at.ACTIVE]:
            break
        machine.step(buttons)
    ram = machine.ram()
    assert ram[at.KIND] == kinds[rows[row][column]]
    assert (ram[at.OBJECT_PAGE] << 8 | ram[at.OBJECT_X]) == pytest.approx(column * 16, abs=24)
    assert ram[at.OBJECT_Y] == pytest.approx((row + 1) * 16 + 8, abs=24)


# Determinism


@pytest.mark.parametrize("seed", range(3))
def test_same_state_and_buttons_give_the_same_memory_again_and_elsewhere(apart, seed):
    elsewhere = apart.submit(random_play, seed, 1000)
    here = random_play(seed, 1000)
    assert len(set(here)) > 300
    assert random_play(seed, 1000) == here
    assert elsewhere.result() == here


def test_play_after_loading_a_state_equals_play_that_was_not_interrupted(machine):
    frames = read_way("Level2").frames
    machine.reset(machine.level_start(2))
    for buttons in frames[:300]:
        machine.step(buttons)
    state, expected = machine.save(), []
    for buttons in frames[300:500]:
        machine.step(buttons)
        expected.append((machine.ram(), machine.screen()))
    machine.power_on()
    machine.step("", 50)
    machine.load(state)
    for buttons, (ram, screen) in zip(frames[300:500], expected, strict=True):
        machine.step(buttons)
        assert machine.ram() == ram
        assert np.array_equal(machine.screen(), screen)


def test_the_picture_never_waits_for_the_game(machine):
    """The engine counts frames whose work was not done in time."""
    late = engine_addresses()["lag_frames"]
    for level in (1, 4):
        machine.reset(machine.level_start(level))
        before = machine.ram()[late]
        for buttons in read_way(STATE_NAMES[level]).frames:
            machine.step(buttons)
        assert machine.ram()[late] == before


def test_nobody_leaves_the_first_screen_to_the_left(machine):
    # x is unsigned: one pixel left of 0 would be 65,535, beyond every beacon.
    machine.load(stored_state("Practice"))
    places = []
    for _ in range(120):
        machine.step("LEFT+B")
        places.append(at.player_x(machine.ram()))
    assert places[-1] == 0
    assert max(places) <= 48
    assert machine.ram()[at.STATE] == at.PLAYING
