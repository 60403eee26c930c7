"""Which states a run plays, how often, and what becomes of many episodes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from builders.controllers import Constant

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
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
    heldout = ("heldout-Level1", "Level4.state")
    settings = replace(SETTINGS, states=("all",), heldout_states=heldout, curriculum=(1, 1))
    description = play(settings).describe()
    levels = (f"Level{n}{part}" for n in (1, 2, 3, 4) for part in ("", "-a", "-b", "-c"))
    trained = [name for name in (*levels, "Practice") if name != "Level4"]
    assert description.stage_names == trained
    states = {name for name in description.fingerprint if name.startswith("state_")}
    assert states == {f"state_{name}_sha256" for name in (*trained, "heldout-Level1", "Level4")}
    played = play(replace(settings, curriculum=None)).evaluate(RIGHT, SEEDS)
    assert sum(played.endings.values()) == 16


def test_all_leaves_out_what_play_counted_and_takes_what_a_person_named(play, tmp_path) -> None:
    folder = tmp_path / "Wickling-Nes-v0"
    folder.mkdir()
    for name in ("play-001", "play-12", "play-ground", "before-the-pit"):
        shutil.copy(games.state_path(games.resolve_game("Wickling-Nes"), "Level1"), folder)
        (folder / "Level1.state").rename(folder / f"{name}.state")
    settings = replace(SETTINGS, states=("all",), integrations=(str(tmp_path),), curriculum=(1, 1))
    names = play(settings).describe().stage_names
    assert len(names) == 17 + 2
    assert {"play-ground", "before-the-pit"} <= set(names)


def test_all_must_leave_something_to_train_on(play, tmp_path) -> None:
    own = resolve_alone(tmp_path, ("heldout-Level1", "play-001"))
    with pytest.raises(TaskError, match=r"\[Retro\] states: all must leave a state to train on"):
        play(replace(SETTINGS, game=own, states=("all",), integrations=(str(tmp_path),))).describe()


def resolve_alone(folder, states: tuple[str, ...]) -> str:
    """Make a copy of Wickling under another name, with these states only; return its name."""
    game = folder / "Alone-Nes-v0"
    source = games.resolve_game("Wickling-Nes")
    game.mkdir()
    for file in ("data.json", "metadata.json", "rom.nes", "rom.sha", "scenario.json"):
        shutil.copy(source.need(file), game)
    for state in states:
        shutil.copy(games.state_path(source, "Level1"), game / f"{state}.state")
    return game.name


def test_a_state_by_its_path_is_trained_on_and_held_out_as_it_is(play) -> None:
    wickling = games.resolve_game("Wickling-Nes")
    paths = [str(games.state_path(wickling, name)) for name in ("Level1", "Level2")]
    settings = replace(SETTINGS, states=(paths[0],), heldout_states=(paths[1],))
    expected = [alone(play, name) for name in ("Level1", "Level2")]
    task = play(settings)
    assert task.evaluate(RIGHT, SEEDS).fitness == expected[0]
    assert task.test(RIGHT).fitness == expected[1]


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
        ({"states": ("Practice.state", "Practice")}, "each state once"),
        ({"heldout_states": ("heldout-Level1", "heldout-Level1.state")}, "each state once"),
        ({"states": ("Level1.state",), "heldout_states": ("Level1",)}, "must not be trained on"),
        ({"states": ("all", "Level1")}, r"states: all must stand alone; got all, Level1\."),
        ({"states": ("Level1", "all")}, "all must stand alone"),
        ({"states": ("all", "all")}, "all must stand alone"),
        ({"heldout_states": ("all",)}, r"heldout_states: must be states by name; got all\."),
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


def test_a_state_that_is_not_there_is_named_with_its_key_and_the_nearest(play) -> None:
    for wrong, key in (
        (replace(SETTINGS, states=("Levl2",)), r"^\[Retro\] states: "),
        (replace(SETTINGS, heldout_states=("Levl2",)), r"^\[Retro\] heldout_states: "),
    ):
        with pytest.raises(TaskError, match=key) as caught:
            play(wrong).describe()
        assert "got 'Levl2'. Did you mean Level2" in str(caught.value)
        assert "It has: " in str(caught.value)
        assert "Practice" in str(caught.value)


def test_a_default_state_that_is_not_there_is_put_on_the_games_own_file(play, tmp_path) -> None:
    folder = tmp_path / "Wickling-Nes-v0"  # an overlay: its metadata.json comes first
    folder.mkdir()
    (folder / "metadata.json").write_text('{"default_state": "Practise"}')
    own = replace(SETTINGS, states=(), integrations=(str(tmp_path),))
    with pytest.raises(TaskError) as caught:
        play(own).describe()
    assert str(caught.value).startswith(f"{folder / 'metadata.json'} default_state: must be")
    assert "got 'Practise'. Did you mean Practice? It has: " in str(caught.value)
    missing = replace(own, states=(str(tmp_path / "Level2.sate"),))
    with pytest.raises(TaskError, match=r"^\[Retro\] states: .*Did you mean Level2"):
        play(missing).describe()
