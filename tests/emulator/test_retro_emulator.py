from __future__ import annotations

import gc

import numpy as np
import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.fitness.scenario import ScenarioRules


def test_one_process_holds_one_emulator_and_closing_frees_it():
    game = games.resolve_game("Airstriker-Genesis")
    with Emulator.open(game), pytest.raises(TaskError, match="at most one emulator"):
        Emulator.open(game)
    Emulator.open(game).close()


def test_an_emulator_that_waits_for_collection_does_not_block_the_next():
    """A native emulator in a cycle of garbage, such as a traceback's, still counts as running."""
    game = games.resolve_game("Airstriker-Genesis")
    gc.disable()
    try:
        emulator = Emulator.open(game)
        cycle = [emulator._em]
        cycle.append(cycle)
        emulator.close()
        del cycle
        Emulator.open(game).close()
    finally:
        gc.enable()


def test_closing_twice_does_no_harm(airstriker):
    airstriker.close()
    airstriker.close()


def test_a_state_that_the_core_refuses_is_an_error(airstriker):
    with pytest.raises(TaskError, match="must accept the save state"):
        airstriker.reset(b"not a state")


def test_the_machine_can_start_from_power_on(airstriker):
    airstriker.reset(airstriker.start_state(None))
    first = airstriker.screen().copy()
    for _ in range(120):
        airstriker.step_frame()
    airstriker.reset(airstriker.start_state(None))
    assert np.array_equal(airstriker.screen(), first)


def test_a_reset_brings_back_variables_and_screen_exactly(airstriker):
    state = airstriker.start_state("Level1")
    airstriker.reset(state)
    screen, variables = airstriker.screen().copy(), airstriker.variables()
    airstriker.set_buttons(np.array([1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], np.uint8))
    for _ in range(200):
        airstriker.step_frame()
    assert not np.array_equal(airstriker.screen(), screen)
    airstriker.reset(state)
    assert np.array_equal(airstriker.screen(), screen)
    assert airstriker.variables() == variables


def test_rules_equal_stable_retro_on_every_frame_of_random_play(airstriker):
    document = games.read_json(airstriker.scenario)
    state = airstriker.start_state("Level1")
    generator = np.random.default_rng(0)
    total_reward, num_done, num_frames = 0.0, 0, 0
    while num_frames < 3000:
        airstriker.reset(state)
        airstriker.update_ram()
        rules = ScenarioRules(document, airstriker.variables(), "scenario.json")
        rules.begin(airstriker.variables())
        done = False
        while not done:
            if num_frames % 4 == 0:
                airstriker.set_buttons(random_mask(generator))
            airstriker.step_frame()
            num_frames += 1
            reward, done = rules.advance(airstriker.variables())
            airstriker.update_ram()
            assert reward == airstriker.scenario_reward()
            assert done == airstriker.scenario_done()
            total_reward += reward
        num_done += 1
    assert total_reward > 0
    assert num_done > 1


def random_mask(generator):
    mask = np.zeros(12, np.uint8)
    mask[[0, 6, 7]] = generator.integers(0, 2, 3)
    return mask


@pytest.mark.parametrize("seed", range(3))
def test_rules_equal_stable_retro_on_invented_scenarios(airstriker, seed, tmp_path):
    """Deltas, nested nodes and penalties that Airstriker's own scenario does not use."""
    import json

    documents = [
        {
            "reward": {
                "variables": {"lives": {"reward": 1, "penalty": 7.5}},
                "time": {"reward": 0.1},
            },
            "done": {"variables": {"lives": {"op": "negative", "measurement": "delta"}}},
        },
        {
            "reward": {
                "variables": {
                    "gameover": {
                        "op": "less-than",
                        "reference": 3,
                        "reward": 0.3,
                        "measurement": "absolute",
                    }
                }
            },
            "done": {
                "condition": "all",
                "variables": {"lives": {"op": "less-than", "reference": 3}},
                "nodes": {"n": {"variables": {"gameover": {"op": "equal", "reference": 1}}}},
            },
        },
        {
            "rewards": [{"variables": {"score": {"op": "sign", "reward": 2, "penalty": 1}}}],
            "done": {"variables": {"score": {"op": "greater-or-equal", "reference": 20}}},
        },
    ]
    path = tmp_path / "own.json"
    path.write_text(json.dumps(documents[seed]))
    airstriker.close()
    with Emulator.open(games.resolve_game("Airstriker-Genesis"), str(path)) as emulator:
        emulator.reset(emulator.start_state("Level1"))
        emulator.update_ram()
        rules = ScenarioRules(documents[seed], emulator.variables(), "own.json")
        rules.begin(emulator.variables())
        generator = np.random.default_rng(seed)
        rewards, ends = set(), set()
        for frame in range(900):
            if frame % 4 == 0:
                emulator.set_buttons(random_mask(generator))
            emulator.step_frame()
            got = rules.advance(emulator.variables())
            emulator.update_ram()
            assert got == (emulator.scenario_reward(), emulator.scenario_done()), frame
            rewards.add(got[0])
            ends.add(got[1])
        assert len(rewards) > 1
        assert len(ends) > 1
