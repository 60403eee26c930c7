"""Slow fingers: with a probability, a decision presses its buttons one frame late."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.settings import (
    ButtonSettings,
    FitnessSettings,
    FitnessTerm,
    RetroSettings,
)
from neuroevo.tasks.retro.task import RetroTask
from neuroevo.tasks.task import EpisodeSeeds

SETTINGS = RetroSettings(
    "Wickling-Nes",
    buttons=ButtonSettings(buttons=("LEFT", "RIGHT")),
    fitness=FitnessSettings(
        terms=(FitnessTerm("way", "change", "x", 1.0),), stall_frames=None, max_frames=240
    ),
)
SEEDS = EpisodeSeeds(run_seed=1, generation=2, genome_id=3)


class BackAndForth:
    """Goes right for three decisions, then left for one, and keeps work RAM of every decision."""

    def __init__(self):
        self.rams = []

    def reset(self):
        self.turn = 0

    def activate(self, inputs):
        self.turn += 1
        return np.array([1.0, 0.0]) if self.turn % 4 == 0 else np.array([0.0, 1.0])

    def __call__(self, moment, inputs, observer):
        self.rams.append(moment.emulator.work_ram().tobytes())


def play(prob, seeds=SEEDS, frame_skip=4, **changes):
    """Return work RAM at every decision."""
    task, player = (
        RetroTask(replace(SETTINGS, sticky_prob=prob, frame_skip=frame_skip, **changes)),
        BackAndForth(),
    )
    try:
        task.evaluate(player, seeds, watch=player)
    finally:
        task.close()
    return player.rams


def play_by_hand(is_late, frame_skip=4):
    """Do the same with an emulator: ``is_late(decision)`` says whose first frame is the old."""
    rams = []
    with Emulator.open(games.resolve_game("Wickling-Nes")) as emulator:
        masks = {
            name: np.array([b == name for b in emulator.buttons], np.uint8)
            for name in ("LEFT", "RIGHT")
        }
        emulator.reset(emulator.start_state(games.default_state(emulator.game)))
        for decision in range(240 // frame_skip):
            rams.append(emulator.work_ram().tobytes())
            mask = masks["LEFT" if decision % 4 == 3 else "RIGHT"]
            if decision == 0 or not is_late(decision):
                emulator.set_buttons(mask)
            for frame in range(frame_skip):
                if frame == 1:
                    emulator.set_buttons(mask)
                emulator.step_frame()
    return rams


def test_with_probability_0_nothing_is_late_and_with_1_every_decision_but_the_first():
    assert play(0.0) == play_by_hand(lambda _: False)
    assert play(1.0) == play_by_hand(lambda _: True)
    assert play(0.0) != play(1.0)


def test_who_decides_on_every_frame_keeps_the_old_buttons_for_a_whole_decision():
    assert play(1.0, frame_skip=1) == play_by_hand(lambda _: True, frame_skip=1)


class Spy:
    """An emulator that notes which buttons are held in each frame."""

    def __init__(self, emulator):
        self.emulator, self.mask, self.frames = emulator, None, []

    def __getattr__(self, name):
        return getattr(self.emulator, name)

    def set_buttons(self, mask):
        self.mask = mask
        self.emulator.set_buttons(mask)

    def step_frame(self):
        self.frames.append(0 if self.mask is None else int(self.mask.any()))
        self.emulator.step_frame()


class Fire:
    """Holds the one button there is."""

    def reset(self):
        pass

    def activate(self, inputs):
        return np.array([1.0])


def held(prob, frame_skip, num_frames):
    """Return, for each frame, whether an autofire button is held that the outputs always want."""
    spies = []

    def record(emulator, _):
        spies.append(Spy(emulator))
        return spies[0]

    task = RetroTask(
        replace(
            SETTINGS,
            sticky_prob=prob,
            frame_skip=frame_skip,
            buttons=ButtonSettings(buttons=("B",), autofire=("B",)),
            fitness=replace(SETTINGS.fitness, max_frames=num_frames),
        )
    )
    try:
        task.evaluate(Fire(), SEEDS, record=record)
    finally:
        task.close()
    return spies[0].frames


@pytest.mark.parametrize(
    ("prob", "frame_skip", "first", "then"),
    [
        (0.0, 2, [1, 0], [1, 0]),
        (1.0, 2, [1, 0], [0, 1]),
        (0.0, 3, [1, 1, 0], [1, 1, 0]),
        (1.0, 3, [1, 1, 0], [0, 1, 0]),
        (1.0, 4, [1, 1, 0, 0], [0, 1, 0, 0]),
    ],
)
def test_slow_fingers_fire_once_per_decision_as_quick_ones_do(prob, frame_skip, first, then):
    assert held(prob, frame_skip, 6 * frame_skip) == first + 5 * then


def test_a_late_shot_of_two_frames_runs_into_one_that_is_in_time():
    drawn = SEEDS.generator(0, stream=2).random(29) < 0.5
    assert 5 < drawn.sum() < 24
    expected = [1, 0]
    for late in drawn:
        expected += [0, 1] if late else [1, 0]
    assert held(0.5, 2, 60) == expected


def test_decisions_are_late_as_the_episodes_own_stream_of_numbers_says():
    drawn = SEEDS.generator(0, stream=2).random(59)
    assert 0.1 < np.mean(drawn < 0.25) < 0.4
    assert play(0.25) == play_by_hand(lambda decision: drawn[decision - 1] < 0.25)


def test_other_seeds_are_late_at_other_times_and_the_same_ones_at_the_same():
    plays = [play(0.25, EpisodeSeeds(*seeds)) for seeds in ((1, 2, 3), (1, 2, 4), (1, 3, 3))]
    assert plays[0] == play(0.25)
    assert plays[0] != plays[1] != plays[2] != plays[0]


def test_slow_fingers_do_not_change_the_idle_frames_at_the_start():
    assert play(0.25, noops=60)[0] == play(0.0, noops=60)[0] != play(0.0)[0]


def test_a_task_with_slow_fingers_is_not_deterministic():
    for prob in (0.0, 0.25):
        task = RetroTask(replace(SETTINGS, sticky_prob=prob))
        assert task.describe().is_deterministic is (prob == 0.0)
        task.close()


@pytest.mark.parametrize("prob", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(prob):
    with pytest.raises(TaskError, match=r"\[Retro\] sticky_prob: must be a probability"):
        RetroTask(replace(SETTINGS, sticky_prob=prob))
