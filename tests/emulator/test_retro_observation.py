"""Observations on real games: who sees what, and the control that sees nothing."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from neuroevo.errors import TaskError
from neuroevo.evaluation.build import build_evaluator
from neuroevo.neat.population import Population
from neuroevo.neat.settings import GenomeSettings, NeatSettings
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.observation.observer import make_observer
from neuroevo.tasks.retro.settings import (
    ButtonSettings,
    FitnessSettings,
    FitnessTerm,
    ObservationSettings,
    RetroSettings,
)
from neuroevo.tasks.retro.task import RetroTask
from neuroevo.tasks.task import EpisodeSeeds

SEEN = RetroSettings(
    "Airstriker-Genesis",
    states=("Level1",),
    observation=ObservationSettings(scale=32),
    buttons=ButtonSettings(mode="combos", combos=(("B",), ("LEFT", "B"), ("RIGHT", "B"))),
    fitness=FitnessSettings(
        terms=(FitnessTerm("points", "gain", "score", 1.0),),
        died="gameover < 3",
        stall_frames=None,
        max_frames=600,
    ),
)
BLIND = replace(SEEN, observation=replace(SEEN.observation, noise=True))
SHORT = replace(BLIND, fitness=replace(BLIND.fitness, max_frames=12))


class Diary:
    """Presses nothing of interest and writes down what it sees."""

    def __init__(self):
        self.pages = []

    def reset(self):
        self.pages.append([])

    def activate(self, inputs):
        self.pages[-1].append(tuple(inputs.tolist()))
        return np.zeros(3)


@pytest.fixture
def seen_by():
    """Play settings with seeds; return the inputs of every decision."""

    def play(settings, **seeds):
        task, diary = RetroTask(settings), Diary()
        try:
            seeds = {"run_seed": 1, "generation": 2, "genome_id": 3} | seeds
            task.evaluate(diary, EpisodeSeeds(**seeds))
        finally:
            task.close()
        return [inputs for page in diary.pages for inputs in page]

    return play


def test_noise_has_the_size_and_the_range_of_what_it_replaces(seen_by):
    decisions = seen_by(BLIND)
    assert {len(inputs) for inputs in decisions} == {7 * 10}
    values = np.array(decisions)
    assert 0.0 <= values.min() < 0.01 < 0.99 < values.max() < 1.0


def test_noise_is_new_in_every_decision_genome_generation_and_run(seen_by):
    played = [
        *seen_by(SHORT),
        *seen_by(SHORT, genome_id=4),
        *seen_by(SHORT, generation=4),
        *seen_by(SHORT, run_seed=4),
    ]
    assert len(played) == len(set(played)) == 4 * 3


def test_noise_is_new_in_every_episode_of_an_evaluation(seen_by, tmp_path):
    source = games.resolve_game("Airstriker-Genesis").folders[-1]
    folder = shutil.copytree(source, tmp_path / "Mine-Genesis")
    shutil.copy(folder / "Level1.state", folder / "Again.state")
    twice = replace(
        SHORT, game="Mine-Genesis", states=("Level1", "Again"), integrations=(str(tmp_path),)
    )
    played = seen_by(twice)
    assert len(played) == len(set(played)) == 2 * 3


def test_equal_seeds_give_equal_noise(seen_by):
    assert seen_by(SHORT) == seen_by(SHORT)


def test_noise_leaves_the_idle_frames_at_the_start_as_they_are():
    for seeds in (EpisodeSeeds(1, 2, 3), EpisodeSeeds(1, 3, 3), EpisodeSeeds(1, 4, 3)):
        frames = []
        for settings in (SHORT, replace(SHORT, observation=SEEN.observation)):
            task = RetroTask(replace(settings, noops=40))
            frames.append(task.evaluate(Diary(), seeds).num_frames)
            task.close()
        assert frames[0] == frames[1]


def test_a_task_with_noise_says_that_it_is_not_deterministic():
    for settings, expected in ((SEEN, True), (BLIND, False)):
        task = RetroTask(settings)
        description = task.describe()
        task.close()
        assert description.is_deterministic is expected
        assert description.num_inputs == 70


def test_noise_gives_the_same_evaluations_in_this_process_and_in_one_and_two_workers():
    neat = NeatSettings(genome=GenomeSettings(70, 3, initial_connection="full"), pop_size=8)
    genomes = Population(neat, seed=3).ask()
    results = []
    for num_workers in (0, 1, 2):
        evaluator = build_evaluator(BLIND, 1, feed_forward=True, num_workers=num_workers)
        try:
            results.append(evaluator.evaluate(genomes, 5))
            other = evaluator.evaluate(genomes, 6) if num_workers == 0 else None
        finally:
            evaluator.close()
        assert other is None or other != results[0]
    assert results[0] == results[1] == results[2]


def test_tiles_of_another_console_are_refused():
    task = RetroTask(replace(SEEN, observation=ObservationSettings(source=("tiles",))))
    with pytest.raises(TaskError, match=r"from a NES game .* Airstriker-Genesis-v0, .* Genesis"):
        task.describe()
    task.close()


def test_an_unknown_source_is_refused(airstriker):
    with pytest.raises(TaskError, match=r"must be some of grey, .*; got 'tile'"):
        make_observer(ObservationSettings(source=("tile",)), airstriker)


def test_work_ram_is_live_and_what_was_read_stays(airstriker):
    airstriker.reset(airstriker.start_state("Level1"))
    before, variables = airstriker.work_ram(), airstriker.variables()
    kept = before.tobytes()
    for _ in range(10):
        airstriker.step_frame()
    assert before.dtype == np.uint8
    assert len(before) == 0x10000
    assert airstriker.work_ram().tobytes() != kept
    assert before.tobytes() == kept
    # The core keeps the bytes of a word exchanged; data.json puts gameover at 0xFF0266.
    assert int(before[0x266]) + 256 * int(before[0x267]) == variables["gameover"] == 9
