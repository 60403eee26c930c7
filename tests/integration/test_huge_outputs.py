"""A champion with a metric that no file can hold does not end a run."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from builders.command_line import neuroevo

from neuroevo import evolve
from neuroevo.cli.console import ConsoleObserver
from neuroevo.config import load
from neuroevo.evaluation.evaluator import SerialEvaluator
from neuroevo.neat.genome import Genome
from neuroevo.shipped import find_config
from neuroevo.storage.run_log import read_log
from neuroevo.tasks.task import Evaluation

HUGE = (
    "activation_default=identity", "activation_options=identity",
    "weight_init_mean=1e308", "weight_max_value=1.7e308", "weight_min_value=-1.7e308",
    "bias_init_mean=1e308", "bias_max_value=1.7e308",
)  # fmt: skip


def test_errors_too_large_to_be_added_are_left_out_of_the_log(tmp_path: Path) -> None:
    settings = [word for value in HUGE for word in ("--set", f"DefaultGenome.{value}")]
    run = tmp_path / "run"
    ended = neuroevo(
        "evolve", "xor", "--seed", 1, "--generations", 2, "--workers", 0, "--out", run, *settings
    )
    assert ended.returncode == 0, ended.stderr
    for record in read_log(run / "log.jsonl"):
        assert record["best_fitness"] == 0.0
        assert "error" not in record["best_metrics"] | record["mean_metrics"]
        assert "num_correct" in record["best_metrics"]
    assert neuroevo("verify", run).returncode == 0
    assert neuroevo("resume", run, "--generations", 3).returncode == 0


def test_errors_whose_sum_is_too_large_are_left_out_of_the_log(tmp_path: Path) -> None:
    alike = (
        "activation_default=identity", "activation_options=identity",
        "weight_init_mean=0", "weight_init_stdev=0", "bias_init_mean=4e307", "bias_init_stdev=0",
        "bias_max_value=1.7e308", "bias_min_value=-1.7e308",
    )  # fmt: skip
    settings = [word for value in alike for word in ("--set", f"DefaultGenome.{value}")]
    run = tmp_path / "run"
    ended = neuroevo(
        "evolve", "xor", "--seed", 1, "--generations", 1, "--workers", 0, "--out", run, *settings
    )
    assert ended.returncode == 0, ended.stderr
    (record,) = read_log(run / "log.jsonl")
    assert math.isfinite(record["best_metrics"]["error"])
    assert "error" not in record["mean_metrics"]


def test_a_champion_test_with_a_number_that_is_none_does_not_end_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(self: SerialEvaluator, genome: Genome) -> Evaluation:
        return Evaluation(1.0, {"wins": math.nan, "tries": 3.0}, num_frames=7)

    monkeypatch.setattr(SerialEvaluator, "test", odd)
    overrides = ["Run.seed=1", "Run.workers=0", "Run.generations=1", "NEAT.pop_size=10"]
    with ConsoleObserver("run") as observer:
        evolve.start(load(find_config("double-pole-hidden"), overrides), tmp_path / "run", observer)
    (record,) = read_log(tmp_path / "run" / "log.jsonl")
    assert record["best_metrics"]["tries"] == 3.0
    assert "wins" not in record["best_metrics"]
