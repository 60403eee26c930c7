"""Lua scenarios go through stable-retro's own evaluation, frame by frame as in ``env.step``."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from builders.wickling import FOLDER, mask_of, read_way

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.fitness.scenario import NativeScenario, load_scenario
from neuroevo.tasks.retro.fitness.scoring import Scorer
from neuroevo.tasks.retro.settings import FitnessSettings, RetroSettings
from neuroevo.tasks.retro.task import RetroTask

LUA = Path(__file__).parents[1] / "data" / "wickling_lua.json"
WAY = read_way("Practice").frames
TO_THE_PIT = [*WAY[:78], *["RIGHT+B"] * 400]


def through_env(plays):
    """Play through ``stable_retro.make``, one episode each; return [(reward, done), ...] each."""
    import stable_retro

    stable_retro.data.Integrations.add_custom_path(str(FOLDER.parent))
    custom = stable_retro.data.Integrations.CUSTOM_ONLY
    env = stable_retro.make(
        FOLDER.name, "Practice", scenario=str(LUA), inttype=custom, render_mode=None
    )
    episodes = []
    for play in plays:
        env.reset()
        episodes.append([])
        for buttons in play:
            _, reward, done, _, _ = env.step([int(bit) for bit in mask_of(buttons)])
            episodes[-1].append((reward, bool(done)))
            if done:
                break
    env.close()
    return episodes


@pytest.fixture(scope="module")
def theirs():
    """The rewards and ends of two episodes, from a process of their own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(through_env, [WAY, TO_THE_PIT]).result()


@pytest.fixture
def emulator():
    game = games.resolve_game("Wickling-Nes", [FOLDER.parent])
    with Emulator.open(game, str(LUA), allow_scripts=True) as emulator:
        yield emulator


def episode(emulator, play):
    """Play as a task does; return (reward, done) of every frame, and the score."""
    emulator.reset(emulator.start_state("Practice"))
    scenario = load_scenario(emulator, emulator.variables())
    assert isinstance(scenario, NativeScenario)
    seen = []

    class Watched:
        variables, is_steady = scenario.variables, scenario.is_steady

        def begin(self, variables):
            scenario.begin(variables)

        def advance(self, variables):
            seen.append(scenario.advance(variables))
            return seen[-1]

    settings = FitnessSettings(use_scenario_reward=True, stall_frames=None, max_frames=10_000)
    scorer = Scorer(settings, emulator.variables(), Watched())
    scorer.begin(emulator.variables())
    for buttons in play:
        emulator.set_buttons(mask_of(buttons))
        emulator.step_frame()
        if (ending := scorer.frame(emulator.variables())) is not None:
            return seen, ending, scorer.score().fitness
    return seen, None, scorer.score().fitness


def test_reward_and_end_of_lua_are_those_of_env_step_in_every_frame(emulator, theirs):
    for play, expected in zip((WAY, TO_THE_PIT), theirs, strict=True):
        seen, ending, fitness = episode(emulator, play)
        assert seen == expected
        assert ending == "terminated"
        assert fitness == pytest.approx(sum(reward for reward, _ in expected))
    assert sum(reward for reward, _ in theirs[0]) > 1000
    assert len(theirs[1]) < len(TO_THE_PIT)  # the pit ends it


def test_the_scripts_memory_of_one_episode_is_not_that_of_the_next(emulator):
    first = episode(emulator, TO_THE_PIT)
    other = episode(emulator, WAY)
    assert episode(emulator, TO_THE_PIT) == first
    assert first[0] != other[0][: len(first[0])]


def test_a_task_scores_by_lua_of_strangers_only_when_allowed():
    fitness = FitnessSettings(use_scenario_reward=True, stall_frames=None, max_frames=60)
    strange = RetroSettings("Wickling-Nes", ("Practice",), scenario=str(LUA), fitness=fitness)
    with pytest.raises(TaskError, match="allow_scripts"):
        RetroTask(strange).describe()


@pytest.mark.parametrize(
    "text", ['{"reward": {"script": "lua:f"}}', '{"done": {"script": "lua:f"}}']
)
def test_a_script_without_its_file_is_refused_before_it_can_end_the_process(tmp_path, text):
    path = tmp_path / "scenario.json"
    path.write_text(text)
    fitness = FitnessSettings(use_scenario_reward=True)
    task = RetroTask(
        RetroSettings("Wickling-Nes", scenario=str(path), allow_scripts=True, fitness=fitness)
    )
    with pytest.raises(TaskError, match="scripts"):
        task.describe()


@pytest.mark.parametrize("name", ["scenaro", "wickling-lua", "/nowhere/wickling.json"])
def test_a_mistyped_scenario_is_refused_which_stable_retro_takes_for_none(name):
    fitness = FitnessSettings(use_scenario_reward=True)
    with pytest.raises(TaskError, match=r"scen|nowhere"):
        RetroTask(RetroSettings("Wickling-Nes", scenario=name, fitness=fitness)).describe()
