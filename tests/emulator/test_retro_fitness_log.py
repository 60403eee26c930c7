"""What fitness is made of reaches the log, ``show`` and ``evaluate``, from a real game."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from neuroevo import evolve
from neuroevo.config import load
from neuroevo.replay import evaluate_genome
from neuroevo.report.summary import summarise
from neuroevo.shipped import find_config
from neuroevo.storage.run_log import read_log
from neuroevo.tasks.retro.settings import RetroSettings
from neuroevo.tasks.retro.task import RetroTask
from neuroevo.tasks.task import EpisodeSeeds

TERMS = ["progress", "milestones", "finish", "score_fitness", "won_bonus"]
OVERRIDES = [
    "Retro.states=Practice, Level1",
    "Fitness.terms=progress: new_max x x 1.0\nmilestones: milestones x / 100 x 10\n"
    "finish: on_win x 500\nscore: gain score x 0.01",
    "Fitness.max_frames=240",
    "NEAT.pop_size=8",
    "Run.generations=2",
    "Run.workers=0",
]


class Silent:
    """Watches and says nothing."""

    def started(self, description, generation, generations):
        assert description.terms == TERMS

    def progress(self, num_done, num_genomes):
        pass

    def generation(self, record):
        pass

    def event(self, text):
        pass


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("terms") / "run"
    evolve.start(load(find_config("wickling"), OVERRIDES), path, Silent())
    return path


def test_terms_of_champion_and_population_add_up_to_their_fitness(run: Path) -> None:
    for record in read_log(run / "log.jsonl"):
        assert record["terms"] == TERMS
        for metrics, fitness in (
            ("best_metrics", "best_fitness"),
            ("mean_metrics", "mean_fitness"),
        ):
            total = sum(record[metrics][name] for name in TERMS)
            assert total == pytest.approx(record[fitness])
        assert record["mean_metrics"]["frames"] > 0


def test_show_and_evaluate_tell_of_the_terms(run: Path) -> None:
    assert list(summarise(run)["terms"]) == TERMS
    metrics = evaluate_genome(run, 1, num_workers=0)["metrics"]
    assert set(TERMS) <= set(metrics)


class Rocker:
    """Goes to and fro, ten decisions each way."""

    def reset(self) -> None:
        self._at = 0

    def activate(self, inputs):
        self._at += 1
        return np.array([1.0, 0.0] if self._at // 10 % 2 == 0 else [0.0, 1.0])


def test_rocking_is_counted_among_the_endings_of_an_evaluation() -> None:
    overrides = ["Buttons.buttons=RIGHT, LEFT", "Fitness.rocking_turns=4", *OVERRIDES[:2]]
    config = load(find_config("wickling"), [*overrides, "Fitness.stall_frames=600"])
    assert isinstance(config.settings.task, RetroSettings)
    task = RetroTask(config.settings.task)
    try:
        evaluation = task.evaluate(Rocker(), EpisodeSeeds(1, 0, 0))
    finally:
        task.close()
    assert evaluation.endings == {"rocking": 2}  # one in each state
    assert evaluation.num_frames < 2 * 4 * 120
