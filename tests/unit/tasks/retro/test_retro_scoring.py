from __future__ import annotations

import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.fitness.scenario import ScenarioRules
from neuroevo.tasks.retro.fitness.scoring import Scorer
from neuroevo.tasks.retro.settings import FitnessSettings, FitnessTerm

X = FitnessTerm("progress", "new_max", "x", 1.0)


def play(settings, *values, scenario=None, name="x"):
    """Feed the values of one variable, the first at the start; return (ending, scorer, frames)."""
    frames = [{name: value} for value in values]
    scorer = Scorer(settings, frames[0], scenario)
    scorer.begin(frames[0])
    for count, frame in enumerate(frames[1:], 1):
        if (ending := scorer.frame(frame)) is not None:
            return ending, scorer, count
    return None, scorer, len(values) - 1


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("new_max", 6), ("gain", 13), ("loss", 10), ("value", 8), ("change", 3), ("per_frame", 40)],
)
def test_each_kind_measures_what_it_says(kind, expected):
    settings = FitnessSettings(terms=(FitnessTerm("t", kind, "x", 2.0),))
    _, scorer, _ = play(settings, 5, 3, 11, 10, 5, 3, 8)
    assert scorer.score().fitness == 2.0 * expected
    assert scorer.score().contributions == {"t": 2.0 * expected}


def test_per_frame_without_an_expression_counts_frames():
    settings = FitnessSettings(terms=(FitnessTerm("time", "per_frame", "", -0.5),))
    assert play(settings, 0, 0, 0, 0)[1].score().fitness == -1.5


def test_a_new_episode_starts_from_nothing():
    scorer = Scorer(FitnessSettings(terms=(X,)), {"x": 0})
    for _ in range(2):
        scorer.begin({"x": 0})
        scorer.frame({"x": 4})
        assert scorer.score().fitness == 4.0


def test_conditions_end_the_episode_relative_to_the_start():
    settings = FitnessSettings(terms=(X,), died="x < start.x")
    assert play(settings, 3, 3, 4, 2)[::2] == ("died", 3)


def test_won_comes_before_died_and_earns_the_bonus():
    settings = FitnessSettings(terms=(X,), won="x == 9", died="x == 9", won_bonus=100.0)
    ending, scorer, _ = play(settings, 0, 9)
    assert ending == "won"
    assert scorer.score().contributions == {"progress": 9.0, "won_bonus": 100.0}


def test_died_comes_before_terminated_and_that_before_stalled_and_max_frames():
    scenario = ScenarioRules({"done": {"variables": {"x": {"op": "zero"}}}}, {"x": 0}, "s")
    both = FitnessSettings(terms=(X,), died="x == 0", stall_frames=1, max_frames=1)
    assert play(both, 1, 0, scenario=scenario)[0] == "died"
    ended = FitnessSettings(terms=(X,), stall_frames=1, max_frames=1)
    assert play(ended, 1, 0, scenario=scenario)[0] == "terminated"
    assert play(ended, 1, 1, scenario=scenario)[0] == "stalled"


def test_stalled_counts_frames_since_the_last_new_maximum():
    settings = FitnessSettings(terms=(X,), stall_frames=3)
    assert play(settings, 0, 1, 0, 1, 1, 1)[::2] == ("stalled", 4)


def test_rocking_to_and_fro_is_no_progress_but_time_terms_do_not_hide_a_stall():
    terms = (X, FitnessTerm("time", "per_frame", "", 1.0))
    settings = FitnessSettings(terms=terms, stall_frames=4)
    assert play(settings, 0, 5, 0, 5, 0, 5, 0)[::2] == ("stalled", 5)


def test_the_stall_expression_replaces_the_terms():
    settings = FitnessSettings(terms=(X,), stall_expression="-x", stall_frames=2)
    assert play(settings, 0, 1, 2, 3)[::2] == ("stalled", 2)


def test_max_frames_ends_on_that_very_frame():
    settings = FitnessSettings(terms=(X,), stall_frames=None, max_frames=3)
    assert play(settings, 0, 0, 0, 0, 0)[::2] == ("max_frames", 3)


def test_the_scenarios_reward_is_a_contribution_and_progress():
    scenario = ScenarioRules({"reward": {"variables": {"x": {"reward": 1}}}}, {"x": 0}, "s")
    settings = FitnessSettings(use_scenario_reward=True, stall_frames=2)
    ending, scorer, frames = play(settings, 0, 1, 2, 2, 2, scenario=scenario)
    assert (ending, frames) == ("stalled", 4)
    assert scorer.score().contributions == {"scenario_reward": 2.0}


@pytest.mark.parametrize(
    "settings",
    [
        FitnessSettings(),
        FitnessSettings(use_scenario_reward=True),
        FitnessSettings(terms=(FitnessTerm("t", "newmax", "x", 1.0),)),
        FitnessSettings(terms=(FitnessTerm("t", "gain", "", 1.0),)),
        FitnessSettings(terms=(FitnessTerm("t", "gain", "x", float("nan")),)),
        FitnessSettings(terms=(X,), died="y == 0"),
    ],
)
def test_settings_that_cannot_be_scored_are_refused(settings):
    with pytest.raises(TaskError, match=r"\[Fitness\]"):
        Scorer(settings, {"x": 0})
