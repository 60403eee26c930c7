"""What a line of the run log must hold: one rule, whoever reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from neuroevo.errors import StorageError
from neuroevo.storage.record_shape import ALWAYS, check_record
from neuroevo.storage.run_log import read_generations

LINE: dict[str, Any] = {
    "generation": 0, "digest": "ab", "best_fitness": 1, "mean_fitness": 0.5, "num_frames": 7,
    "num_species": 2,
}  # fmt: skip


def logged(folder: Path, **values: Any) -> Path:
    path = folder / "log.jsonl"
    lines = [LINE, {**LINE, "generation": 1, **values}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_log_of_these_keys_alone_is_read(tmp_path: Path) -> None:
    assert set(LINE) == set(ALWAYS)
    assert [r["generation"] for r in read_generations(logged(tmp_path))] == [0, 1]


@pytest.mark.parametrize("value", [False, True, None, [], {}, 1 << 63])
@pytest.mark.parametrize("key", ALWAYS)
def test_what_is_no_number_is_refused_with_its_line_and_key(
    tmp_path: Path, key: str, value: Any
) -> None:
    path = logged(tmp_path, **{key: value})
    with pytest.raises(StorageError) as told:
        read_generations(path)
    assert str(told.value).startswith(f"{path} line 2: must be the record of a generation, with")
    assert f"with {key} as " in str(told.value)
    with pytest.raises(StorageError, match=f"with {key} as "):
        check_record("somewhere", {**LINE, key: value}, [key])


def test_a_missing_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps({k: v for k, v in LINE.items() if k != "digest"}) + "\n")
    with pytest.raises(StorageError, match=r"line 1: .* with digest as text; got 'None'"):
        read_generations(path)
