"""The clock and the frames of a generation are about the same work."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from neuroevo import evolve
from neuroevo.cli.console import ConsoleObserver
from neuroevo.config import load
from neuroevo.evaluation.evaluator import SerialEvaluator
from neuroevo.neat.genome import Genome
from neuroevo.shipped import find_config
from neuroevo.storage.run_log import read_log
from neuroevo.tasks.task import Evaluation

PAUSE_SECONDS = 0.5


def test_the_seconds_of_an_evaluation_count_the_champion_test_as_its_frames_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, tested = SerialEvaluator.test, []

    def slow(self: SerialEvaluator, genome: Genome) -> Evaluation:
        time.sleep(PAUSE_SECONDS)
        tested.append(plain(self, genome))
        return tested[-1]

    monkeypatch.setattr(SerialEvaluator, "test", slow)
    overrides = ["Run.seed=1", "Run.workers=0", "Run.generations=1", "NEAT.pop_size=10"]
    with ConsoleObserver("run") as observer:
        evolve.start(load(find_config("double-pole-hidden"), overrides), tmp_path / "run", observer)
    (record,) = read_log(tmp_path / "run" / "log.jsonl")
    assert tested[0].num_frames > 0
    assert record["num_frames"] > tested[0].num_frames
    assert PAUSE_SECONDS <= record["evaluation_seconds"] <= record["generation_seconds"]
