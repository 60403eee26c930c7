"""Which states a run plays, how often, and what becomes of many episodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from builders.controllers import Constant

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.settings import (
    ButtonSettings,
    FitnessSettings,
    FitnessTerm,
    ObservationSettings,
    RetroSettings,
)
from neuroevo.tasks.retro.task import RetroTask
from neuroevo.tasks.task import EpisodeSeeds

SEEDS = EpisodeSeeds(run_seed=1, generation=2, genome_id=3)
SETTINGS = RetroSettings(
    "Wickling-Nes",
    states=("Practice", "Level1", "Level2"),
    observation=ObservationSettings(source=("tiles",)),
    buttons=ButtonSettings(buttons=("RIGHT",)),
    fitness=FitnessSettings(terms=(FitnessTerm("progress", "new_max", "x", 1.0),), max_frames=120),
)
RIGHT = Constant([1.0])


@pytest.fixture
def play() -> Iterator[object]:
    tasks: list[RetroTask] = []

    def open_task(settings: RetroSettings) -> RetroTask:
        for task in tasks:
            task.close()
        tasks.append(RetroTask(settings))
        return tasks[-1]

    yield open_task
    for task in tasks:
        task.close()


def alone(play, state: str, settings: RetroSettings = SETTINGS) -> float:
    return play(replace(settings, states=(state,))).evaluate(RIGHT, SEEDS).fitness


def test_mean_min_and_median_of_the_states(play) -> None:
    each = [alone(play, state) for state in SETTINGS.states]
    assert len(set(each)) > 1
    for combine, wanted in (("mean", np.mean), ("min", np.min), ("median", np.median)):
        found = play(replace(SETTINGS, combine=combine)).evaluate(RIGHT, SEEDS)
        assert found.fitness == pytest.approx(float(wanted(each)), rel=1e-15)
        assert found.metrics["progress"] == pytest.approx(float(np.mean(each)))
        assert sum(found.endings.values()) == 3


def test_all_is_every_state_of_the_game_but_the_held_out_ones(play) -> None:
    heldout = ("heldout-Level1", "heldout-Level2")
    settings = replace(SETTINGS, states=("all",), heldout_states=heldout)
    prints = play(settings).describe().fingerprint
    assert sum(name.startswith("state_") for name in prints) == 21
    played = play(settings).evaluate(RIGHT, SEEDS)
    assert sum(played.endings.values()) == 19


def test_held_out_states_are_played_by_the_test_alone(play) -> None:
    settings = replace(SETTINGS, states=("Practice",), heldout_states=("Level1", "Level2"))
    expected = {name: alone(play, name) for name in ("Level1", "Level2")}
    task = play(settings)
    description = task.describe()
    assert (description.has_champion_test, description.is_test_decisive) == (True, False)
    assert sum(task.evaluate(RIGHT, SEEDS).endings.values()) == 1
    tested = task.test(RIGHT)
    assert tested.metrics == {
        "heldout_fitness": np.mean(list(expected.values())),
        "heldout_won": 0.0,
        **{f"heldout_fitness:{name}": value for name, value in expected.items()},
    }
    assert not play(replace(settings, heldout_states=())).describe().has_champion_test


def test_episodes_of_one_state_start_differently_and_are_the_same_for_all_genomes(play) -> None:
    settings = replace(SETTINGS, states=("Level1",), noops=30, episodes=3)
    task = play(settings)
    first = task.evaluate(RIGHT, SEEDS)
    assert sum(first.endings.values()) == 3
    # 120 frames of play each; the idle frames before them were drawn for each episode.
    assert first.num_frames > 3 * 120
    assert task.evaluate(RIGHT, replace(SEEDS, genome_id=99)) == first
    assert task.evaluate(RIGHT, replace(SEEDS, generation=3)) != first


def test_a_stage_of_a_curriculum_is_one_state(play) -> None:
    each = [alone(play, state) for state in SETTINGS.states]
    task = play(replace(SETTINGS, curriculum=(1, 2)))
    assert task.describe().stage_names == list(SETTINGS.states)
    assert (task.describe().stage_wins, task.describe().stage_window) == (1, 2)
    found = [task.evaluate(RIGHT, replace(SEEDS, stage=stage)).fitness for stage in range(3)]
    assert found == each


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"states": ("Level1", "Level1")}, "each state once"),
        ({"heldout_states": ("Level2", "Level2")}, "each state once"),
        ({"heldout_states": ("Level1.state",)}, "must not be trained on"),
        ({"heldout_states": ("Levle1",)}, "Did you mean"),
        ({"episodes": 2}, "set noops or sticky_prob"),
        ({"episodes": 0}, "at least 1"),
        ({"states": ("Level1",), "curriculum": (1, 1)}, "two states or more"),
    ],
)
def test_starts_that_cannot_be_are_refused(play, change: dict[str, object], words: str) -> None:
    with pytest.raises(TaskError, match=words):
        play(replace(SETTINGS, **change)).describe()
