"""The names of endings, what leads to each, and the traps between them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import fitness as naive

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.fitness.endings import ENDINGS
from neuroevo.tasks.retro.fitness.scenario import ScenarioRules
from neuroevo.tasks.retro.fitness.scoring import Scorer
from neuroevo.tasks.retro.settings import FitnessSettings, FitnessTerm

TERMS = (FitnessTerm("progress", "new_max", "x", 1.0),)
NEVER = {"stall_frames": None, "max_frames": 10_000}


def ending(frames, scenario=None, **settings):
    """Return the ending of an episode with these variables, and its frame."""
    scorer = Scorer(FitnessSettings(terms=TERMS, **settings), frames[0], scenario)
    scorer.begin(frames[0])
    for count, frame in enumerate(frames[1:], 1):
        if (name := scorer.frame(frame)) is not None:
            return name, count
    return None, len(frames) - 1


def of_x(xs, **settings):
    return ending([{"x": x} for x in xs], stall_expression="x", **{**NEVER, **settings})


def of_lives(lives, died):
    return ending([{"x": 0, "lives": n} for n in lives], died=died, **NEVER)


def test_endings_are_looked_for_in_their_order():
    """All six are due in the same frame; one after the other is switched off."""
    xs = [{"x": x} for x in (5, 7, 6)]
    due = {
        "won": {"won": "x == 6"},
        "died": {"died": "x == 6"},
        "terminated": {},
        "stalled": {"stall_frames": 1, "stall_expression": "x"},
        "rocking": {"rocking_turns": 1, "stall_expression": "x"},
        "max_frames": {"max_frames": 2},
    }
    rules = ScenarioRules({"done": {"variables": {"x": {"op": "equal", "reference": 6}}}}, "x", "s")
    names = list(due)
    assert tuple(names) == ENDINGS
    for index, name in enumerate(names):
        settings = {"stall_frames": None, "use_scenario_done": index <= 2}
        for other in names[index:]:
            settings |= due[other]
        assert ending(xs, rules, **settings) == (name, 2)


# Rocking


def test_rocking_ends_after_so_many_turns_without_a_new_maximum():
    assert of_x([0, 5, 3, 4, 4, 2, 4], rocking_turns=3) == ("rocking", 5)


def test_standing_still_is_no_turn_and_a_new_maximum_forgets_all_turns():
    assert of_x([0, 5, 4, 4, 4, 5, 4, 6, 5, 6, 5], rocking_turns=4)[0] is None
    assert of_x([0, 5, 4, 4, 4, 5, 4, 5, 5, 5, 4], rocking_turns=4) == ("rocking", 7)


def test_going_back_for_a_run_up_is_two_turns():
    there_and_back = [*range(50), *range(50, 20, -1), *range(20, 90)]
    assert of_x(there_and_back, rocking_turns=3)[0] is None
    assert of_x(there_and_back, rocking_turns=2)[0] == "rocking"


def test_who_rocks_does_not_wait_for_the_stall():
    xs = [0, *(10 + n % 2 for n in range(400))]
    assert of_x(xs, stall_frames=300)[0] == "stalled"
    assert of_x(xs, stall_frames=300, rocking_turns=20) == ("rocking", 22)


@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=60),
    st.one_of(st.none(), st.integers(1, 8)),
    st.sampled_from([0.0, 0.25, 1.0]),
    st.one_of(st.none(), st.integers(1, 6)),
)
def test_stalled_and_rocking_are_those_of_the_slow_twin(xs, stall_frames, growth, turns):
    growth = growth if stall_frames is not None else 0.0
    got = of_x(xs, stall_frames=stall_frames, stall_growth=growth, rocking_turns=turns)
    assert got == naive.stall_ending(xs, stall_frames, growth, turns)


def test_the_next_episode_starts_without_turns_and_without_a_maximum():
    settings = FitnessSettings(terms=TERMS, stall_expression="x", rocking_turns=3, **NEVER)
    scorer = Scorer(settings, {"x": 0})
    for _ in range(2):
        scorer.begin({"x": 0})
        got = [scorer.frame({"x": x}) for x in (-5, -4, -5, -4)]
        assert got == [None, None, None, "rocking"]


# The stall that grows


def test_the_growing_stall_is_the_time_out_of_marios():
    """MarI/O: 20 left at each new rightmost, one less per frame, plus a quarter of all frames."""
    xs = [*range(200), *[199] * 200]
    timeout, rightmost = 20, xs[0]
    for frame, x in enumerate(xs[1:], 1):
        if x > rightmost:
            rightmost, timeout = x, 20
        else:
            timeout -= 1
        if timeout + frame / 4 <= 0:
            break
    assert of_x(xs, stall_frames=20, stall_growth=0.25) == ("stalled", frame)
    assert frame == 199 + 93  # 20 and a quarter of 292 frames


# Lives


def test_a_life_won_on_the_way_hides_a_death_from_the_start_but_not_from_fell():
    lives = [3, 3, 4, 4, 3, 3]
    assert of_lives(lives, "lives < start.lives")[0] is None
    assert of_lives(lives, "fell(lives)") == ("died", 4)


def test_winning_a_life_is_no_death():
    assert of_lives([3, 4, 5, 5], "fell(lives)")[0] is None


def test_a_literal_number_of_lives_is_wrong_in_another_state():
    from_five_lives, from_two = [5, 5, 4, 4], [2, 2]
    assert of_lives(from_five_lives, "lives == 2")[0] is None  # died, but goes on
    assert of_lives(from_two, "lives == 2") == ("died", 1)  # over before it began
    assert of_lives(from_five_lives, "fell(lives)") == ("died", 2)
    assert of_lives(from_two, "fell(lives)")[0] is None


def test_a_fall_is_seen_in_the_very_first_frame():
    assert of_lives([3, 2], "fell(lives)") == ("died", 1)


def test_what_fell_before_the_episode_is_no_fall_in_it():
    scorer = Scorer(FitnessSettings(terms=TERMS, died="fell(x)", **NEVER), {"x": 0})
    scorer.begin({"x": 9})
    assert scorer.frame({"x": 8}) == "died"
    scorer.begin({"x": 3})
    assert scorer.frame({"x": 3}) is None


# Garbage in the first frames

SONIC = [
    {"x": 96, "screen_x": 0, "screen_x_end": 0},  # memory of what was before
    {"x": 96, "screen_x": 0, "screen_x_end": 0},
    *({"x": 96 + 5 * n, "screen_x": 5 * n, "screen_x_end": 3000} for n in range(700)),
]


def sonic_win(won):
    return ending(SONIC, won=won, **NEVER)


def test_garbage_at_the_start_wins_at_once_unless_the_win_waits_for_some_way_or_time():
    assert sonic_win("screen_x >= screen_x_end") == ("won", 1)
    assert sonic_win("screen_x >= screen_x_end and screen_x > start.screen_x + 1000")[1] == 602
    assert sonic_win("frames > 60 and screen_x >= screen_x_end")[1] == 602


# Settings that make no sense


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"rocking_turns": 3}, "rocking_turns"),
        ({"rocking_turns": 0, "stall_expression": "x"}, "rocking_turns"),
        ({"stall_growth": 0.25, "stall_frames": None}, "stall_growth"),
        ({"stall_growth": -1.0}, "stall_growth"),
        ({"stall_growth": float("inf")}, "stall_growth"),
        ({"stall_growth": float("nan")}, "stall_growth"),
        ({"max_jump": 0}, "max_jump"),
        ({"max_jump": float("nan")}, "max_jump"),
    ],
)
def test_endings_that_could_never_be_are_refused(settings, where):
    with pytest.raises(TaskError, match=rf"\[Fitness\] {where}: must"):
        Scorer(FitnessSettings(terms=TERMS, **settings), {"x": 0})
