"""Judging late, beside a scorer that judges each frame at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from builders.small_core import core_of
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroevo.tasks.retro.fitness.late import MOST, judge_late
from neuroevo.tasks.retro.fitness.scenario import ScenarioRules
from neuroevo.tasks.retro.fitness.scoring import Scorer
from neuroevo.tasks.retro.live.ram import Number, find_ram
from neuroevo.tasks.retro.settings import FitnessSettings, FitnessTerm

WAY = FitnessTerm("way", "new_max", "x", 1.0)
NUMBERS = {
    "x": Number(0, 2, is_signed=False, is_big_endian=False),
    "lives": Number(2, 1, is_signed=True, is_big_endian=True),
    "goal": Number(3, 1, is_signed=False, is_big_endian=True),
    "score": Number(4, 4, is_signed=False, is_big_endian=True),
}
TERMS = (
    FitnessTerm("way", "new_max", "x", 1.0),
    FitnessTerm("points", "gain", "score", 0.5),
    FitnessTerm("back", "loss", "x", 0.25),
    FitnessTerm("time", "per_frame", "", -0.05),
    FitnessTerm("held", "per_frame", "x > before.x", 0.125),
    FitnessTerm("late", "per_frame", "frames * goal", 0.5),
    FitnessTerm("end", "value", "lives", 2.0),
    FitnessTerm("won", "on_win", "score + x", 3.0),
)
SCENARIO = {
    "done": {"condition": "any", "variables": {
        "lives": {"op": "equal", "reference": -1},
        "goal": {"measurement": "delta", "op": "positive"},
    }},
    "reward": {"variables": {"score": {"reward": 0.5}, "x": {"reward": 0.25, "penalty": 0.5}}},
}  # fmt: skip


def walk(seed, num_frames, pace):
    """Return the values of all variables frame by frame; most frames change few of them."""
    generator = np.random.default_rng(seed)
    now, frames = {"x": 100, "lives": 3, "goal": 0, "score": 0}, []
    for _ in range(num_frames):
        now = dict(now)
        if generator.random() < pace:
            now["x"] = int(np.clip(now["x"] + generator.integers(-3, 6), 0, 65535))
        if generator.random() < 0.05:
            now["score"] += int(generator.integers(1, 40))
        if generator.random() < 0.02:
            now["lives"] += int(generator.integers(-1, 2))
        if generator.random() < 0.01:
            now["goal"] = int(generator.integers(0, 3))
        frames.append(now)
    return frames


def write(ram, values):
    for name, (address, size, is_signed, is_big_endian) in NUMBERS.items():
        order = "big" if is_big_endian else "little"
        own = values[name].to_bytes(size, order, signed=is_signed)
        ram[address : address + size] = np.frombuffer(own, np.uint8)


def scorer_of(fitness, has_scenario):
    rules = ScenarioRules(SCENARIO, NUMBERS, "scenario.json") if has_scenario else None
    return Scorer(fitness, NUMBERS, rules)


def at_once(scorer, frames):
    scorer.begin(frames[0])
    for count, values in enumerate(frames[1:], 1):
        ending = scorer.frame({name: values[name] for name in scorer.variables})
        if ending is not None:
            return ending, count, scorer.score()
    return None, None, None


def late(scorer, frames):
    """Return the same, and how often something was judged."""
    ram = np.zeros(8, np.uint8)
    watch = find_ram(core_of(ram), lambda: {0: ram.tobytes()}, 1).watch(
        {name: NUMBERS[name] for name in scorer.variables}
    )
    times, values_of = [], watch.values
    watch = watch._replace(values=lambda glance: times.append(1) or values_of(glance))
    write(ram, frames[0])
    scorer.begin(frames[0])
    judge = judge_late(scorer, watch, scorer.ending_rule)
    for count, values in enumerate(frames[1:], 1):
        write(ram, values)
        ending = judge()
        if ending is not None:
            return ending, count, scorer.score()
    return None, None, None


CONDITIONS = st.sampled_from([
    "", "goal == 1", "fell(lives)", "lives < start.lives", "x > 180 and goal", "rose(score)",
    "before.goal == 1", "not fell(lives) and before.lives < start.lives",
])  # fmt: skip
FITNESS = st.builds(
    FitnessSettings,
    terms=st.lists(st.sampled_from(TERMS), max_size=4, unique=True).map(
        lambda terms: (FitnessTerm("place", "value", "x", 1.0), *terms)  # one that needs a variable
    ),
    won=CONDITIONS,
    died=CONDITIONS,
    won_bonus=st.sampled_from([0.0, 10.0]),
    stall_expression=st.sampled_from(["", "x", "x + frames // 9", "before.x"]),
    stall_frames=st.sampled_from([None, 1, 7, 40, 150]),
    max_frames=st.sampled_from([1, 2, 63, 64, 65, 300]),
    unwrap=st.sampled_from([(), (("x", 256),)]),
    use_scenario_reward=st.booleans(),
    use_scenario_done=st.booleans(),
)


@given(
    fitness=FITNESS, extra=st.sampled_from(["", "growth", "rocking", "jumps"]),
    seed=st.integers(0, 10_000), pace=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
)  # fmt: skip
@settings(deadline=None, max_examples=400)
def test_the_ending_its_frame_and_the_score_are_those_of_judging_at_once(
    fitness, extra, seed, pace
):
    if extra == "growth" and fitness.stall_frames is not None:
        fitness = replace(fitness, stall_growth=0.3)
    if extra == "rocking" and fitness.stall_expression:
        fitness = replace(fitness, rocking_turns=4)
    if extra == "jumps":
        fitness = replace(fitness, max_jump=3.0)
    has_scenario = fitness.use_scenario_reward or fitness.use_scenario_done
    frames = walk(seed, 302, pace)
    expected = at_once(scorer_of(fitness, has_scenario), frames)
    assert expected[0] is not None
    assert late(scorer_of(fitness, has_scenario), frames) == expected


def test_a_scenario_that_looks_back_may_end_the_frame_after_a_change():
    rules = {
        "done": {"condition": "all", "variables": {
            "lives": {"op": "equal", "reference": 2},
            "score": {"measurement": "delta", "op": "zero"},
        }},
    }  # fmt: skip
    fitness = FitnessSettings(terms=(WAY,), use_scenario_done=True, max_frames=200)
    frames = still(300, lives=(30, 2), score=(30, 5))
    ends = []
    for play in (at_once, late):
        ends.append(play(Scorer(fitness, NUMBERS, ScenarioRules(rules, NUMBERS, "")), frames))
    assert ends[0] == ends[1]
    assert ends[0][:2] == ("terminated", 31)


def calls_of(fitness, frames):
    """Return after which frames something was judged."""
    scorer, ram, counts = scorer_of(fitness, has_scenario=False), np.zeros(8, np.uint8), []
    write(ram, frames[0])
    watch = find_ram(core_of(ram), lambda: {0: ram.tobytes()}, 1).watch(
        {name: NUMBERS[name] for name in scorer.variables}
    )
    scorer.begin(frames[0])
    judge, before = judge_late(scorer, watch, scorer.ending_rule), 0
    for values in frames[1:]:
        write(ram, values)
        ending = judge()
        if scorer._past.frames > before:
            counts.append(scorer._past.frames)
            before = scorer._past.frames
        if ending is not None:
            break
    return counts


def still(num_frames, **changes):
    """Return frames in which x grows and nothing else changes but what is named: frame, value."""
    frames = [{"x": i, "lives": 3, "goal": 0, "score": 0} for i in range(num_frames)]
    for name, (first, value) in changes.items():
        for frame in frames[first:]:
            frame[name] = value
    return frames


@pytest.mark.parametrize(("died", "expected"), [
    ("lives < 0", [1, 65, 129, 150, 200]),
    ("lives + score < 0", [1, 65, 70, 134, 150, 200]),
    ("fell(lives) and lives < 0", [1, 2, 66, 130, 150, 151, 200]),
])  # fmt: skip
def test_frames_wait_until_something_could_end_the_episode(died, expected):
    frames = still(300, lives=(150, 2), score=(70, 5))
    fitness = FitnessSettings(terms=(WAY,), died=died, max_frames=200)
    assert calls_of(fitness, frames) == expected
    assert MOST == 64


def test_frames_wait_no_longer_than_the_rules_of_time_allow():
    standing = [{"x": 5, "lives": 3, "goal": 0, "score": 0}] * 100
    fitness = FitnessSettings(terms=(WAY,), stall_frames=20, max_frames=1000)
    assert calls_of(fitness, standing)[-1] == 20


@pytest.mark.parametrize("settings_of", [
    {"won": "frames > 30 and goal"}, {"died": "rose(frames)"},
])  # fmt: skip
def test_what_counts_frames_may_end_any_of_them(settings_of):
    fitness = FitnessSettings(terms=(WAY,), max_frames=100, **settings_of)
    assert scorer_of(fitness, has_scenario=False).ending_rule is None


def test_stable_retros_own_scenario_cannot_be_asked_later():
    class Native:
        variables = ending_variables = frozenset()
        is_of_variables = is_steady = False

    fitness = FitnessSettings(terms=(WAY,), max_frames=100, use_scenario_reward=True)
    assert Scorer(fitness, NUMBERS, Native()).ending_rule is None
