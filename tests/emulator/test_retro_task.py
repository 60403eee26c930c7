from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.random_policy import RandomPolicy
from neuroevo.tasks.retro.buttons.mapper import FORBIDDEN, ButtonMapper
from neuroevo.tasks.retro.observation.observer import make_observer
from neuroevo.tasks.retro.observation.parts import Moment
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
TERMS = (FitnessTerm("points", "gain", "score", 1.0),)
SETTINGS = RetroSettings(
    "Airstriker-Genesis",
    buttons=ButtonSettings(
        mode="combos", combos=(("B",), ("LEFT", "B"), ("RIGHT", "B")), autofire=("B",)
    ),
    fitness=FitnessSettings(terms=TERMS, died="gameover < 3", max_frames=700),
)


class Recorder:
    """Gives the same outputs for ever and keeps the size of what it sees."""

    def __init__(self, outputs):
        self.outputs, self.sizes, self.num_resets = np.array(outputs, float), set(), 0

    def reset(self):
        self.num_resets += 1

    def activate(self, inputs):
        assert inputs.min() >= 0.0
        assert inputs.max() <= 1.0
        self.sizes.add(inputs.shape)
        return self.outputs


@pytest.fixture
def make_task():
    tasks = []

    def make(settings=SETTINGS):
        for task in tasks:
            task.close()
        tasks.append(RetroTask(settings))
        return tasks[-1]

    yield make
    for task in tasks:
        task.close()


def random_play(task, seed=0):
    outputs = task.describe().num_outputs
    return task.evaluate(RandomPolicy(outputs, np.random.default_rng(seed)), SEEDS)


def test_the_description_comes_from_the_real_frame_and_console(make_task):
    description = make_task().describe()
    assert (description.num_inputs, description.num_outputs) == (1120, 3)
    assert description.is_deterministic
    assert description.max_frames == 700
    assert description.fingerprint["game"] == "Airstriker-Genesis-v0"
    assert len(description.fingerprint["rom_sha1"]) == 40
    assert len(description.fingerprint["state_Level1_sha256"]) == 64


def test_the_network_sees_28_by_40_pixels_and_is_reset_once_per_episode(make_task):
    policy = Recorder([1, 0, 0])
    task = make_task()
    task.evaluate(policy, SEEDS)
    assert policy.sizes == {(1120,)}
    assert policy.num_resets == 1


def test_the_same_play_gives_the_same_evaluation_twice_and_after_others(make_task):
    task = make_task()
    first = random_play(task)
    other = random_play(task, seed=1)
    assert random_play(task) == first
    assert first != other


def test_another_process_gives_the_same_evaluation(make_task):
    code = (
        "import json, test_retro_task as t\n"
        "e = t.random_play(t.RetroTask(t.SETTINGS))\n"
        "print(json.dumps([e.fitness, dict(e.metrics), dict(e.endings), e.num_frames]))\n"
    )
    here = Path(__file__).parent
    root = here.parent.parent
    paths = f"import sys; sys.path[:0] = [{str(root)!r}, {str(here)!r}]\n"
    done = subprocess.run(
        [sys.executable, "-c", paths + code], capture_output=True, text=True, check=True, cwd=root
    )
    mine = random_play(make_task())
    expected = [mine.fitness, dict(mine.metrics), dict(mine.endings), mine.num_frames]
    assert json.loads(done.stdout) == expected


@pytest.mark.parametrize("outputs", ["buttons", "console"])
def test_start_never_reaches_the_game_with_all_outputs_at_one(make_task, outputs):
    settings = replace(
        SETTINGS,
        buttons=ButtonSettings(outputs=outputs),
        fitness=replace(SETTINGS.fitness, died="", max_frames=300),
    )
    task = make_task(settings)
    num_outputs = task.describe().num_outputs
    assert num_outputs == (12 if outputs == "console" else 10)
    result = task.evaluate(Recorder([1.0] * num_outputs), SEEDS)
    assert result.metrics["score"] < 1000  # START would add 131,072


def test_start_would_be_seen_if_it_reached_the_game(airstriker):
    """The proof that the tests around it can fail: START pauses the game."""
    start = 1 << airstriker.buttons.index("START")
    screens = [play_pattern(airstriker, pattern) for pattern in (0, start)]
    assert not np.array_equal(*screens)


def test_all_outputs_at_one_leave_the_picture_of_a_game_without_start(airstriker):
    mapper = ButtonMapper(ButtonSettings(), airstriker.buttons, airstriker.button_groups)
    mask = mapper.masks(np.ones(mapper.num_outputs))[0]
    pattern = sum(int(bit) << i for i, bit in enumerate(mask))
    allowed = sum(1 << i for i, name in enumerate(airstriker.buttons) if name not in FORBIDDEN)
    assert pattern & allowed == pattern
    got = play_pattern(airstriker, pattern)
    assert np.array_equal(got, play_pattern(airstriker, pattern & allowed))
    start = 1 << airstriker.buttons.index("START")
    assert not np.array_equal(got, play_pattern(airstriker, pattern | start))


def play_pattern(emulator, pattern):
    """Hold a pattern of buttons for 200 frames; return the last screen."""
    emulator.reset(emulator.start_state("Level1"))
    emulator.set_buttons(np.array([pattern >> i & 1 for i in range(12)], np.uint8))
    for _ in range(200):
        emulator.step_frame()
    return emulator.screen().copy()


def test_the_console_of_the_game_has_forbidden_buttons_and_none_has_an_output(airstriker):
    mapper = ButtonMapper(ButtonSettings(), airstriker.buttons, airstriker.button_groups)
    assert set(airstriker.buttons) & FORBIDDEN == {"START", "MODE"}
    for output in np.eye(mapper.num_outputs):
        assert not set(mapper.pressed(mapper.masks(output)[0])) & FORBIDDEN


def test_autofire_shoots_once_per_decision_where_holding_shoots_once(make_task):
    standing = FitnessSettings(terms=TERMS, died="lives < start.lives", stall_frames=None)
    held = ButtonSettings(buttons=("LEFT", "B"))
    fired = replace(held, autofire=("B",))
    scores = []
    for buttons in (held, fired):
        task = make_task(replace(SETTINGS, buttons=buttons, fitness=standing, frame_skip=8))
        scores.append(task.evaluate(Recorder([0.0, 1.0]), SEEDS).metrics["score"])
    assert scores[0] == 0
    assert scores[1] > 0


def test_an_episode_ends_in_the_middle_of_a_decision(make_task):
    fitness = replace(SETTINGS.fitness, max_frames=30, stall_frames=None)
    task = make_task(replace(SETTINGS, frame_skip=8, fitness=fitness))
    result = random_play(task)
    assert (result.num_frames, dict(result.endings)) == (30, {"max_frames": 1})


def test_contributions_add_up_to_the_fitness_and_death_is_named(make_task):
    terms = (*TERMS, FitnessTerm("time", "per_frame", "", 0.01))
    task = make_task(replace(SETTINGS, fitness=replace(SETTINGS.fitness, terms=terms)))
    result = random_play(task)
    assert dict(result.endings) == {"died": 1}
    assert result.fitness == result.metrics["points"] + result.metrics["time"]
    assert result.metrics["score"] == result.metrics["points"]
    assert result.metrics["frames"] == result.num_frames


def test_idle_starts_are_shared_by_a_generation_unless_asked_otherwise(make_task):
    short = replace(SETTINGS, noops=40, fitness=replace(SETTINGS.fitness, max_frames=20))
    task = make_task(short)
    assert not task.describe().is_deterministic
    policy = Recorder([0, 1, 0])

    def frames(genome_id, generation=2):
        seeds = EpisodeSeeds(run_seed=1, generation=generation, genome_id=genome_id)
        return task.evaluate(policy, seeds).num_frames

    assert frames(1) == frames(2)
    assert len({frames(1, generation) for generation in range(5)}) > 1
    task = make_task(replace(short, same_starts=False))
    assert len({task.evaluate(policy, EpisodeSeeds(1, 2, g)).num_frames for g in range(5)}) > 1


def test_a_failed_start_leaves_the_emulator_free_for_the_next_task(make_task):
    broken = replace(SETTINGS, buttons=ButtonSettings(buttons=("START",)))
    with pytest.raises(TaskError, match="must not press"):
        make_task(broken).describe()
    with pytest.raises(TaskError, match=r"data\.json"):
        make_task(replace(SETTINGS, fitness=replace(SETTINGS.fitness, died="live == 0"))).describe()
    assert make_task().describe().num_outputs == 3


@pytest.mark.parametrize(
    "change",
    [{"frame_skip": 0}, {"noops": -1}, {"states": ("Level1", "Level1")}, {"frame_skip": 1}],
)
def test_counts_out_of_range_are_refused_without_an_emulator(change):
    with pytest.raises(TaskError, match="must"):
        RetroTask(replace(SETTINGS, **change))


def test_the_observer_sees_a_real_frame_of_another_scale(airstriker):
    airstriker.reset(airstriker.start_state("Level1"))
    observer = make_observer(ObservationSettings(scale=16), airstriker)
    picture = observer.observe(Moment(airstriker, {}, 0, np.zeros(12, np.uint8)))
    assert picture.shape == (14 * 20,)
    assert picture.max() > picture.min()


def test_a_lua_scenario_of_a_stranger_is_refused_and_runs_when_allowed(make_task, tmp_path):
    script = "function points() return data.score > 0 and 1 or 0 end\n"
    (tmp_path / "own.lua").write_text(script)
    path = tmp_path / "own.json"
    document = {"reward": {"script": "lua:points"}, "scripts": ["own.lua"], "done": {}}
    path.write_text(json.dumps(document))
    fitness = FitnessSettings(use_scenario_reward=True, stall_frames=None, max_frames=600)
    settings = replace(SETTINGS, scenario=str(path), fitness=fitness)
    with pytest.raises(TaskError, match="allow_scripts"):
        make_task(settings).describe()
    result = random_play(make_task(replace(settings, allow_scripts=True)))
    assert 0 < result.metrics["scenario_reward"] < 600
