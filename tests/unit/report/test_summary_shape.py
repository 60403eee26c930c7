"""A summary of a log of ill will is refused in one line; the soak found what breaks it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from neuroevo.errors import StorageError
from neuroevo.report.summary import summarise, summary_text
from neuroevo.storage.run_directory import RunDirectory

GOOD: dict[str, Any] = {
    "generation": 0, "digest": "0", "best_fitness": 1.0, "mean_fitness": 0, "num_frames": 5,
    "num_species": 1, "best_genome_id": 1, "best_num_nodes": 1, "best_num_connections": 2,
    "best_metrics": {"score": 1.0}, "mean_metrics": {"score": 1.0}, "terms": ["score"],
    "solved": False, "endings": {"died": 3}, "num_evaluations": 4, "generation_seconds": 0.5,
    "species": [{"id": 1, "age": 0, "size": 4, "fitness": 0.5, "stagnation": 0}], "events": ["x"],
}  # fmt: skip
VALUES = ("missing", "x", 10**400, True, [1], {"a": "b"}, [{}])
OPTIONAL = {"terms", "mean_metrics"}


def run_with(tmp_path: Path, record: dict[str, Any]) -> Path:
    RunDirectory.create(tmp_path / "run", "").close()
    (tmp_path / "run" / "log.jsonl").write_text(json.dumps(record) + "\n")
    return tmp_path / "run"


def test_a_good_log_is_summed_up(tmp_path: Path) -> None:
    assert "score 1" in summary_text(summarise(run_with(tmp_path, GOOD)))


@pytest.mark.parametrize("key", sorted(set(GOOD) - {"digest"}))
@pytest.mark.parametrize(
    "value", ["missing", "x", 10**400, True, [1], {"a": "b"}, [{}]], ids=lambda v: str(v)[:9]
)
def test_a_value_of_another_kind_is_refused_or_shown(tmp_path: Path, key: str, value: Any) -> None:
    record = {k: v for k, v in GOOD.items() if k != key}
    if value != "missing":
        record[key] = value
    run = run_with(tmp_path, record)
    is_fine = (value == "missing" and key in OPTIONAL) or (value is True and key == "solved")
    if is_fine:
        summary_text(summarise(run))
        return
    with pytest.raises(StorageError, match=rf"log\.jsonl line 1: .*{key}"):
        summary_text(summarise(run))
