from __future__ import annotations

import json

import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.fitness.scenario import ScenarioRules, needs_stable_retro
from neuroevo.tasks.retro.games.native_files import check_scripts


def rules(document, *frames):
    """Return (reward, done) of every frame after the first."""
    scenario = ScenarioRules(document, frames[0], "scenario.json")
    scenario.begin(frames[0])
    return [scenario.advance(frame) for frame in frames[1:]]


def done(spec, before, now):
    return rules({"done": {"variables": {"v": spec}}}, {"v": before}, {"v": now})[0][1]


@pytest.mark.parametrize(
    ("op", "reference", "true", "false"),
    [
        ("equal", 3, 3, 4),
        ("negative-equal", 3, -3, 3),
        ("not-equal", 3, 4, 3),
        ("less-than", 3, 2, 3),
        ("greater-than", 3, 4, 3),
        ("less-or-equal", 3, 3, 4),
        ("greater-or-equal", 3, 3, 2),
        ("nonzero", 0, -1, 0),
        ("zero", 0, 0, 1),
        ("positive", 0, 1, 0),
        ("negative", 0, -1, 0),
        ("sign", 0, 5, -5),
        ("", 0, 1, 0),
    ],
)
def test_each_operation_decides_the_end(op, reference, true, false):
    spec = {"op": op, "reference": reference}
    assert done(spec, 100, true) is True
    assert done(spec, 100, false) is False


def test_a_delta_condition_looks_at_the_change_of_one_frame():
    spec = {"op": "negative", "measurement": "delta"}
    assert done(spec, 3, 2) is True
    assert done(spec, -3, -3) is False


def test_reward_and_penalty_weigh_changes_of_opposite_sign():
    document = {"reward": {"variables": {"v": {"reward": 2.0, "penalty": 3.0}}}}
    got = rules(document, {"v": 10}, {"v": 14}, {"v": 13}, {"v": 13})
    assert [reward for reward, _ in got] == [8.0, -3.0, 0.0]


def test_an_absolute_reward_counts_every_frame_and_time_adds_one():
    document = {
        "reward": {
            "variables": {
                "v": {"op": "equal", "reference": 2, "measurement": "absolute", "reward": 5}
            },
            "time": {"reward": 0.5},
        }
    }
    got = rules(document, {"v": 2}, {"v": 2}, {"v": 3})
    assert [reward for reward, _ in got] == [5.5, 0.5]


def test_nested_nodes_combine_any_and_all():
    document = {
        "done": {
            "variables": {"a": {"op": "equal", "reference": 9}},
            "nodes": {
                "both": {
                    "condition": "all",
                    "variables": {"a": {"op": "zero"}, "b": {"op": "zero"}},
                }
            },
        }
    }
    frames = [{"a": 1, "b": 1}, {"a": 0, "b": 1}, {"a": 0, "b": 0}, {"a": 9, "b": 5}]
    assert [end for _, end in rules(document, *frames)] == [False, True, True]


def test_only_the_first_players_rewards_count():
    document = {
        "rewards": [{"variables": {"v": {"reward": 1}}}, {"variables": {"w": {"reward": 1}}}]
    }
    assert rules(document, {"v": 0, "w": 0}, {"v": 2, "w": 50})[0][0] == 2.0


def test_a_scenario_without_an_end_never_ends():
    assert rules({"reward": {}}, {"v": 0}, {"v": 0}) == [(0.0, False)]


def test_an_unknown_variable_is_refused():
    with pytest.raises(TaskError, match="live"):
        rules({"done": {"variables": {"live": {"op": "zero"}}}}, {"lives": 1})


def test_lua_and_unknown_operations_are_left_to_stable_retro():
    assert needs_stable_retro({"reward": {"script": "lua:f"}, "scripts": ["f.lua"]})
    assert needs_stable_retro({"done": {"nodes": {"n": {"variables": {"v": {"op": "odd"}}}}}})
    assert not needs_stable_retro({"done": {"variables": {"v": {"op": "zero"}}}})


def test_lua_of_strangers_needs_permission(tmp_path):
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps({"reward": {"script": "lua:f"}, "scripts": ["f.lua"]}))
    with pytest.raises(TaskError, match="allow_scripts"):
        check_scripts(path, allow_scripts=False)
    check_scripts(path, allow_scripts=True)


def test_a_script_without_its_file_is_refused(tmp_path):
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps({"done": {"script": "lua:f"}}))
    with pytest.raises(TaskError, match="scripts"):
        check_scripts(path, allow_scripts=True)


def test_variables_of_a_reward_that_nobody_wants_are_not_read_and_end_nothing():
    document = {
        "reward": {"variables": {"score": {"reward": 1.0}}},
        "done": {"variables": {"lives": {"op": "zero"}}},
    }
    names = ["score", "lives"]
    rules = ScenarioRules(document, names, "scenario.json")
    assert (rules.variables, rules.ending_variables) == ({"score", "lives"}, {"lives"})
    rules = ScenarioRules(document, names, "scenario.json", has_reward=False)
    assert (rules.variables, rules.ending_variables) == ({"lives"}, {"lives"})
