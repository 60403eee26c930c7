"""The traps of fitness rules on a real game: Wickling, with a byte poked where it needs luck."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from builders.wickling import Machine, Playground, at, read_way

from neuroevo.config import loads
from neuroevo.tasks.retro.fitness.scoring import Scorer
from neuroevo.tasks.retro.settings import FitnessSettings, FitnessTerm

WAY = read_way("Practice").frames
TO_THE_PIT = [*WAY[:78], *["RIGHT+B"] * 400]
X = "256 * xscrollHi + xscrollLo"
NO_END = FitnessSettings(terms=(), stall_frames=None, max_frames=100_000)


def term(kind, expression, label="t"):
    return FitnessTerm(label, kind, expression, 1.0)


@pytest.fixture(scope="module")
def machine():
    with Machine() as machine:
        yield machine


def record(machine, play, change=None):
    """Return the variables of every frame; ``change`` may poke before each."""
    machine.reset(machine.level_start(0))
    frames = [machine.variables()]
    for number, buttons in enumerate(play, 1):
        if change is not None:
            change(number)
        machine.step(buttons)
        frames.append(machine.variables())
    return frames


def score(frames, **settings):
    """Return (ending, frame, contributions) of recorded frames."""
    scorer = Scorer(replace(NO_END, **settings), frames[0])
    scorer.begin(frames[0])
    for number, frame in enumerate(frames[1:], 1):
        if (ending := scorer.frame(frame)) is not None:
            return ending, number, scorer.score().contributions
    return None, len(frames) - 1, scorer.score().contributions


def test_the_low_byte_of_the_screen_unwraps_to_the_way_that_both_bytes_tell(machine):
    frames = record(machine, WAY)
    terms = (term("new_max", X, "both"), term("new_max", "xscrollLo", "low"))
    wrapped = score(frames, terms=terms)[2]
    assert wrapped["low"] <= 255 < wrapped["both"]
    unwrapped = score(frames, terms=terms, unwrap=(("xscrollLo", 256),))[2]
    assert unwrapped["low"] == wrapped["both"]


def test_a_free_life_hides_the_death_from_the_start_but_not_from_fell(machine):
    def win_a_life(number):
        if number == 40:
            machine.poke(at.LIVES, machine.variables()["lives"] + 1)

    frames = record(machine, TO_THE_PIT, win_a_life)
    lives = [frame["lives"] for frame in frames]
    assert sorted(set(lives)) == [2, 3]  # two at the start, one won, one lost
    terms = (term("new_max", "x"),)
    assert score(frames, terms=terms, died="lives < start.lives")[0] is None
    ending, number, _ = score(frames, terms=terms, died="fell(lives)")
    assert (ending, lives[number - 1 : number + 1]) == ("died", [3, 2])
    assert score(frames, terms=terms, died="lives == 2")[:2] == ("died", 1)  # the literal count


def test_a_respawn_gains_nothing_twice(machine):
    """Into the pit, back to the start, and the same way again."""
    frames = record(machine, [*TO_THE_PIT, *WAY[:78]])
    xs = [frame["x"] for frame in frames]
    falls = [a - b for a, b in pairwise(xs) if a - b > 64]
    assert len(falls) == 1
    assert falls[0] > 200
    terms = (term("new_max", "x", "once"), term("gain", "x", "twice"))
    plain = score(frames, terms=terms)[2]
    assert plain["once"] == max(xs) - xs[0]
    assert plain["twice"] > plain["once"] + 100
    assert score(frames, terms=terms, max_jump=64)[2]["once"] == plain["once"]


def test_a_pipe_far_forward_and_back_earns_what_was_walked(machine):
    world = Playground(machine)
    names = world.names

    def walk(frames):
        walked = []
        for _ in range(frames):
            machine.step("RIGHT")
            walked.append(machine.variables())
        return walked

    def pipe(pages):
        for name in ("player_page", "cam_page"):  # the edge of the screen is a wall
            machine.poke(names[name], world.ram[names[name]] + pages)

    seen = [machine.variables(), *walk(60)]
    pipe(+3)
    seen += walk(60)
    pipe(-3)
    seen += walk(60)
    xs = [frame["x"] for frame in seen]
    jumps = [b - a for a, b in pairwise(xs) if abs(b - a) > 64]
    assert [round(jump / 256) for jump in jumps] == [3, -3]
    terms = (term("new_max", "x"),)
    walked = xs[60] - xs[0] + xs[120] - xs[61] + xs[180] - xs[121]
    assert score(seen, terms=terms, max_jump=64)[2]["t"] == walked
    assert score(seen, terms=terms)[2]["t"] > 3 * 256


def test_rocking_before_a_wall_is_named_and_ends_before_the_stall(machine):
    play = [*["RIGHT"] * 60, *(["LEFT"] * 12 + ["RIGHT"] * 12) * 20]
    frames = record(machine, play)
    rules = {"terms": (term("new_max", "x"),), "stall_expression": "x", "stall_frames": 400}
    stalled = score(frames, **rules)
    rocking = score(frames, **rules, rocking_turns=10)
    assert (stalled[0], rocking[0]) == ("stalled", "rocking")
    assert rocking[1] < stalled[1] - 100
    assert (
        score(record(machine, WAY), **rules, rocking_turns=10)[0] is None
    )  # the way is no rocking


# The presets for Super Mario Bros., whose memory has the same map


def preset(name):
    """Return the settings of a preset as a settings file gives them."""
    text = (
        "[Task]\nname = retro\n[Retro]\ngame = Wickling-Nes\n[Fitness]\n"
        f"preset = {name}\n[NEAT]\npop_size = 10\nfitness_criterion = max\n"
        "fitness_threshold = none\nreset_on_extinction = True\n"
        "[DefaultGenome]\nnum_inputs = auto\nnum_outputs = auto\n"
    )
    return loads(text).settings.task.fitness


def play_on(machine, play, frames=900):
    """Record a play and what follows it without buttons."""
    return record(machine, [*play, *[""] * frames])


def first_ending(settings, frames):
    """Return (ending, frame, score) of recorded frames."""
    scorer = Scorer(settings, frames[0])
    scorer.begin(frames[0])
    for number, frame in enumerate(frames[1:], 1):
        if (ending := scorer.frame(frame)) is not None:
            return ending, number, scorer.score()
    raise AssertionError("no ending")


@pytest.mark.parametrize("name", ["mario", "mario-io"])
def test_the_way_to_the_next_level_is_won_under_the_rules_for_mario(machine, name):
    frames = play_on(machine, WAY)
    ending, number, _ = first_ending(preset(name), frames)
    assert ending == "won"
    assert frames[number]["levelLo"] == frames[0]["levelLo"] + 1


def test_marios_own_score_is_rightmost_minus_half_the_frames_and_a_thousand(machine):
    frames = play_on(machine, WAY)
    ending, number, got = first_ending(preset("mario-io"), frames)
    screens = [256 * f["xscrollHi"] + f["xscrollLo"] for f in frames[: number + 1]]
    assert ending == "won"
    assert got.fitness == max(screens) - screens[0] - number / 2 + 1000


def test_mario_io_times_out_a_death_after_twenty_frames_and_a_quarter(machine):
    frames = play_on(machine, TO_THE_PIT)
    ending, number, got = first_ending(preset("mario-io"), frames)
    reached = [
        256 * f["xscrollHi"] + f["xscrollLo"] + f["score"] + min(n, 100)
        for n, f in enumerate(frames[: number + 1])
    ]
    last_new = reached.index(max(reached))
    assert ending == "stalled"
    assert number - last_new >= 20 + number / 4 > number - 1 - last_new - 0.25
    assert got.contributions["time"] == -number / 2


def test_the_mario_preset_names_the_death(machine):
    ending, number, got = first_ending(preset("mario"), play_on(machine, TO_THE_PIT))
    assert ending == "died"
    assert got.fitness == pytest.approx(got.contributions["progress"] - 0.05 * number)
