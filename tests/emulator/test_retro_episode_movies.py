"""A network's game as a bk2: the same game as without, and a replay proves it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders.controllers import Constant
from click.testing import CliRunner

from neuroevo import evolve
from neuroevo.cli.main import main
from neuroevo.config import load
from neuroevo.errors import TaskError
from neuroevo.shipped import find_config
from neuroevo.tasks.random_policy import RandomPolicy
from neuroevo.tasks.retro.human.episode_movies import EpisodeMovies
from neuroevo.tasks.retro.human.recording import read_sheet
from neuroevo.tasks.retro.human.replaying import check_movie
from neuroevo.tasks.retro.settings import (
    ButtonSettings,
    FitnessSettings,
    FitnessTerm,
    ObservationSettings,
    RetroSettings,
)
from neuroevo.tasks.retro.task import RetroTask
from neuroevo.tasks.task import EpisodeSeeds

# Whatever makes a frame's buttons other than a decision's: late fingers, autofire, idle frames.
SETTINGS = RetroSettings(
    "Wickling-Nes",
    states=("Practice", "Level2"),
    noops=9,
    sticky_prob=0.4,
    frame_skip=5,
    observation=ObservationSettings(source=("tiles",)),
    buttons=ButtonSettings(buttons=("RIGHT", "B", "A"), autofire=("A",)),
    fitness=FitnessSettings(
        terms=(FitnessTerm("way", "new_max", "x", 1.0),), stall_frames=None, max_frames=150
    ),
)
SEEDS = EpisodeSeeds(1, 2, 3)


def play(settings: RetroSettings, **given: object) -> object:
    task = RetroTask(settings)
    try:
        player = RandomPolicy(task.describe().num_outputs, np.random.default_rng(5))
        return task.evaluate(player, SEEDS, **given)
    finally:
        task.close()


def test_every_episode_is_a_movie_that_replays_and_recording_changes_nothing(
    tmp_path: Path,
) -> None:
    with EpisodeMovies(tmp_path / "new" / "game.bk2") as movies:
        recorded = play(SETTINGS, record=movies)
    assert recorded == play(SETTINGS)
    assert [path.name for path in movies.paths] == ["game.bk2", "game-2.bk2"]
    frames = 0
    for path, state in zip(movies.paths, SETTINGS.states, strict=True):
        replayed, verdict = check_movie(path)
        assert verdict.is_same, verdict.sentence
        assert read_sheet(path).state == state
        frames += replayed.num_frames
    assert frames == recorded.num_frames  # the idle frames, too
    assert len(list((tmp_path / "new").iterdir())) == 4


def test_a_game_that_fails_leaves_no_movie(tmp_path: Path) -> None:
    class Failing(Constant):
        def activate(self, inputs: np.ndarray) -> np.ndarray:
            raise RuntimeError("no")

    task = RetroTask(SETTINGS)
    try:
        with pytest.raises(RuntimeError), EpisodeMovies(tmp_path / "game.bk2") as movies:
            task.evaluate(Failing([1.0, 0.0, 0.0]), SEEDS, record=movies)
    finally:
        task.close()
    assert list(tmp_path.iterdir()) == []


def test_only_a_movie_with_a_sheet_is_replaced_and_only_if_it_may(tmp_path: Path) -> None:
    path = tmp_path / "game.bk2"
    one = replace(SETTINGS, states=("Practice",))
    with EpisodeMovies(path) as movies:
        play(one, record=movies)
    before = path.read_bytes()
    with pytest.raises(TaskError, match="must be a new file"), EpisodeMovies(path) as movies:
        play(one, record=movies)
    assert path.read_bytes() == before
    with EpisodeMovies(path, may_replace=True) as movies:
        play(replace(one, states=("Level2",)), record=movies)
    assert read_sheet(path).state == "Level2"
    path.with_suffix(".json").unlink()
    own = pytest.raises(TaskError, match="must be a new file")
    with own, EpisodeMovies(path, may_replace=True) as movies:
        play(one, record=movies)
    assert path.exists()


class Nobody:
    """Watches a run and says nothing."""

    def __getattr__(self, name: str) -> object:
        return lambda *given: None


def test_the_command_records_beside_the_film_and_replay_confirms_it(tmp_path: Path) -> None:
    wanted = ["NEAT.pop_size=4", "Run.generations=1", "Run.workers=0", "Fitness.max_frames=120"]
    run = tmp_path / "run"
    evolve.start(load(find_config("wickling"), wanted), run, Nobody())
    for _ in range(2):  # what is filmed anew is recorded anew
        filmed = CliRunner().invoke(main, ["film", str(run), "--bk2"])
        assert filmed.exit_code == 0, filmed.output
    movie = run / "best" / "film.bk2"
    assert f"movie        {movie}" in filmed.output.splitlines()
    assert (run / "best" / "film.png").exists()
    replayed = CliRunner().invoke(main, ["replay", str(movie)])
    assert replayed.exit_code == 0, replayed.output
    assert "verdict      identical: " in replayed.output
    silent = CliRunner().invoke(main, ["film", str(run), "--out", str(tmp_path / "a.png")])
    assert "movie" not in silent.output
    assert not (tmp_path / "a.bk2").exists()
