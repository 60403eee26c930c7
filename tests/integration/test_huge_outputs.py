"""A champion with a metric that no file can hold does not end a run."""

from __future__ import annotations

from pathlib import Path

from builders.command_line import neuroevo

from neuroevo.storage.run_log import read_log

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
