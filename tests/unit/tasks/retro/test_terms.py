"""What each kind of term measures, and the traps that games set for them."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import fitness as naive

from neuroevo.config.retro_keys import TERM_KINDS
from neuroevo.errors import TaskError
from neuroevo.tasks.retro.fitness.scoring import Scorer
from neuroevo.tasks.retro.fitness.terms import KINDS
from neuroevo.tasks.retro.settings import FitnessSettings, FitnessTerm

walks = st.lists(st.integers(-300, 3000), min_size=1, max_size=60)


def play(settings, frames):
    """Feed the variables of every frame, the first at the start; return (ending, scorer)."""
    scorer = Scorer(settings, frames[0])
    scorer.begin(frames[0])
    for frame in frames[1:]:
        if (ending := scorer.frame(frame)) is not None:
            return ending, scorer
    return None, scorer


def measure(kind, expression, xs, **settings):
    """Return what a term of weight 1 gives when x takes these values."""
    term = FitnessTerm("t", kind, expression, 1.0)
    settings = {"terms": (term,), "stall_frames": None, "max_frames": 10_000, **settings}
    _, scorer = play(FitnessSettings(**settings), [{"x": x} for x in xs])
    assert scorer.score().fitness == scorer.score().contributions["t"]
    return scorer.score().fitness


def test_the_settings_file_knows_every_kind():
    assert tuple(KINDS) == TERM_KINDS


def test_milestones_count_whole_numbers_reached_for_the_first_time():
    assert measure("milestones", "x / 500", [40, 499]) == 0
    assert measure("milestones", "x / 500", [40, 499, 500]) == 1
    assert measure("milestones", "x / 500", [40, 900, 10, 900]) == 1
    assert measure("milestones", "x / 500", [40, 1700]) == 3


def test_a_milestone_that_the_start_stands_on_does_not_count():
    assert measure("milestones", "x / 500", [500, 501, 999]) == 0
    assert measure("milestones", "x / 500", [499, 500]) == 1
    assert measure("milestones", "x / 500", [-700, -300]) == 1  # -1


@given(walks)
def test_milestones_are_those_of_the_slow_twin(xs):
    assert measure("milestones", "x / 100", xs) == naive.milestones([x / 100 for x in xs])


@pytest.mark.parametrize("text", ["x * 1e308 * 10", "x * 1e308 * 10 - x * 1e308 * 10"])
def test_a_milestone_that_is_no_number_is_not_reached(text):
    assert measure("milestones", text, [0, 3, 5]) == 0


def test_on_win_and_on_death_look_at_their_own_ending_only():
    terms = (
        FitnessTerm("won", "on_win", "max(100 - frames, 0)", 2.0),
        FitnessTerm("lost", "on_death", "", -50.0),
    )
    settings = FitnessSettings(terms=terms, won="x == 9", died="x == 0", max_frames=3)
    ends = {
        "won": ([5, 6, 9], {"won": 196.0, "lost": 0.0}),
        "died": ([5, 0], {"won": 0.0, "lost": -50.0}),
        "max_frames": ([5, 6, 7, 8], {"won": 0.0, "lost": 0.0}),
    }
    for expected, (xs, contributions) in ends.items():
        ending, scorer = play(settings, [{"x": x} for x in xs])
        assert ending == expected
        assert scorer.score().contributions == contributions


def test_the_bonus_of_one_episode_is_not_paid_in_the_next():
    settings = FitnessSettings(terms=(FitnessTerm("b", "on_win", "", 7.0),), won="x == 1")
    scorer = Scorer(settings, {"x": 0})
    for x, expected in ((1, 7.0), (0, 0.0)):
        scorer.begin({"x": 0})
        scorer.frame({"x": x})
        assert scorer.score().fitness == expected


def test_the_names_of_contributions_are_those_of_the_score():
    terms = (FitnessTerm("score", "gain", "x", 1.0), FitnessTerm("end", "on_win", "", 1.0))
    settings = FitnessSettings(terms=terms, won_bonus=5.0)
    _, scorer = play(settings, [{"x": 0}, {"x": 1}])
    assert scorer.contribution_names() == list(scorer.score().contributions)
    assert scorer.contribution_names() == ["score_fitness", "end", "won_bonus"]


# Counters that wrap


def test_a_byte_that_wraps_goes_on_in_every_expression():
    xs = [250, 254, 2, 6, 254, 250, 4]  # up over the edge, back over it, and up again
    walk = {"unwrap": (("x", 256),)}
    assert measure("new_max", "x", xs, **walk) == 262 - 250
    assert measure("change", "x", xs, **walk) == 260 - 250
    assert measure("gain", "x", xs, **walk) == 12 + 10
    assert measure("loss", "x", xs, **walk) == 12
    assert measure("new_max", "x", xs) == 4  # without: the edge is a wall


def test_a_win_and_a_stall_see_the_unwrapped_value_too():
    frames = [{"x": x % 256} for x in range(0, 1000, 7)]
    term = (FitnessTerm("t", "change", "x", 1.0),)
    settings = FitnessSettings(
        terms=term, unwrap=(("x", 256),), won="x >= 700", stall_expression="x", stall_frames=3
    )
    ending, scorer = play(settings, frames)
    assert (ending, scorer.score().fitness) == ("won", 700)
    raw = FitnessSettings(terms=term, won="x >= 700", stall_expression="x", stall_frames=3)
    assert play(raw, frames)[0] == "stalled"


@given(st.lists(st.integers(-110, 110), max_size=60), st.integers(0, 255))
def test_unwrapping_gives_back_every_way_of_small_steps(steps, start):
    way = [start]
    for step in steps:
        way.append(way[-1] + step)
    raw = [x % 256 for x in way]
    assert naive.unwrapped(raw, 256) == way
    assert measure("change", "x", raw, unwrap=(("x", 256),)) == way[-1] - start
    assert measure("new_max", "x", raw, unwrap=(("x", 256),)) == max(way) - start


def test_a_signed_counter_wraps_as_well():
    assert measure("change", "x", [120, 127, -128, -120], unwrap=(("x", 256),)) == 16


def test_a_new_episode_starts_with_the_raw_value():
    settings = FitnessSettings(terms=(FitnessTerm("t", "value", "x", 1.0),), unwrap=(("x", 256),))
    scorer = Scorer(settings, {"x": 0})
    for _ in range(2):
        scorer.begin({"x": 250})
        scorer.frame({"x": 3})
        assert scorer.score().fitness == 259


def test_the_games_own_variables_are_left_as_they_are():
    settings = FitnessSettings(terms=(FitnessTerm("t", "value", "x", 1.0),), unwrap=(("x", 256),))
    scorer = Scorer(settings, {"x": 0})
    scorer.begin({"x": 250})
    frame = {"x": 3}
    scorer.frame(frame)
    assert frame == {"x": 3}


def test_a_teleport_of_more_than_half_the_modulus_is_taken_for_a_wrap():
    """The documented limit: a byte cannot tell a way of 200 forward from one of 56 back."""
    assert measure("change", "x", [20, 220], unwrap=(("x", 256),)) == -56


@pytest.mark.parametrize("moduli", [(("y", 256),), (("x", 1),), (("x", -5),)])
def test_counters_that_cannot_be_unwrapped_are_refused(moduli):
    with pytest.raises(TaskError, match=r"\[Fitness\] unwrap: .*must"):
        measure("change", "x", [0], unwrap=moduli)


# Places that jump


def test_a_pipe_far_forward_and_back_earns_what_was_walked():
    xs = [0, 60, 100, 2900, 2950, 3000, 1200, 1260]
    assert measure("new_max", "x", xs, max_jump=64) == 100 + 100 + 60
    assert measure("new_max", "x", xs) == 3000


def test_a_respawn_gains_nothing_twice():
    xs = [0, 50, 100, 150, 200, 50, 100, 150, 200, 210]
    assert measure("new_max", "x", xs, max_jump=64) == 210
    assert measure("new_max", "x", xs) == 210
    assert measure("gain", "x", xs) == 360  # what the wrong kind would pay


def test_a_respawn_behind_a_pipe_gains_nothing_twice_either():
    xs = [0, 50, 2000, 2050, 2100, 2010, 2050, 2100, 2150]
    assert measure("new_max", "x", xs, max_jump=64) == 50 + 100 + 50


def test_a_way_back_behind_the_start_is_no_gain():
    assert measure("new_max", "x", [100, 90, 80, 95, 130], max_jump=64) == 30


@given(walks, st.integers(1, 400))
def test_ground_is_that_of_the_slow_twin_and_never_more_than_the_maximum_without_jumps(xs, jump):
    got = measure("new_max", "x", xs, max_jump=jump)
    assert got == naive.ground(xs, jump)
    longest = max((abs(b - a) for a, b in pairwise(xs)), default=1) or 1
    assert measure("new_max", "x", xs, max_jump=longest) == measure("new_max", "x", xs)


def test_thousands_of_jumps_are_followed_in_no_time():
    xs = [n * 7919 % 65536 + k for n in range(2500) for k in (0, 20)]
    began = time.process_time()
    assert measure("new_max", "x", xs, max_jump=64) == naive.ground(xs, 64)
    assert time.process_time() - began < 5


def test_a_jump_is_no_progress_for_the_stall_rule():
    settings = FitnessSettings(
        terms=(FitnessTerm("t", "value", "x", 1.0),), stall_expression="x", stall_frames=4
    )
    frames = [{"x": x} for x in [0, 2, 4, 900, 900, 900, 900]]
    assert play(settings, frames)[0] is None
    assert play(replace(settings, max_jump=64), frames)[0] == "stalled"
