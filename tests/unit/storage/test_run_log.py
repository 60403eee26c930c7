from __future__ import annotations

import numpy as np
import pytest

from neuroevo.errors import StorageError
from neuroevo.storage.run_log import RunLog, read_log


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.jsonl"


def written(path, *records) -> RunLog:
    log = RunLog(path)
    for record in records:
        log.append(record)
    return log


def test_records_come_back_in_order(path):
    written(path, {"generation": 0, "text": "ü\n"}, {"generation": 1, "x": [0.1, None]}).close()
    assert read_log(path) == [{"generation": 0, "text": "ü\n"}, {"generation": 1, "x": [0.1, None]}]


def test_numbers_of_numpy_are_written_as_numbers(path):
    written(path, {"i": np.int64(3), "f": np.float64(0.5), "s": np.float32(0.5), "b": np.bool_(1)})
    assert read_log(path) == [{"i": 3, "f": 0.5, "s": 0.5, "b": True}]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float32("nan"), {1, 2}, object()])
def test_what_is_not_json_is_refused_and_nothing_is_written(path, value):
    log = written(path, {"a": 1})
    with pytest.raises(StorageError, match="a record must be JSON with finite numbers"):
        log.append({"a": value})
    assert read_log(path) == [{"a": 1}]


def test_the_offset_is_the_length_of_the_file(path):
    log = RunLog(path)
    assert log.offset == 0
    for generation in range(3):
        log.append({"generation": generation, "text": "ü"})
        assert log.offset == path.stat().st_size
    log.close()
    assert RunLog(path).offset == path.stat().st_size


def test_truncate_forgets_what_came_after_the_offset(path):
    log = written(path, {"a": 1})
    offset = log.offset
    log.append({"a": 2})
    log.append({"a": 3})
    log.truncate(offset)
    log.append({"a": 4})
    assert read_log(path) == [{"a": 1}, {"a": 4}]
    log.truncate(0)
    assert read_log(path) == []


@pytest.mark.parametrize("offset", [-1, 3, 10_000])
def test_truncate_to_the_middle_of_a_line_or_beyond_is_refused(path, offset):
    log = written(path, {"a": 1}, {"a": 2})
    with pytest.raises(StorageError, match=f"a line that ends at byte {offset}"):
        log.truncate(offset)
    assert len(read_log(path)) == 2


def test_every_torn_last_line_is_ignored_and_removed_by_the_next_writer(path):
    written(path, {"a": 1}, {"b": [1, 2, {"c": "ü"}]}).close()
    whole = path.read_bytes()
    border = whole.index(b"\n") + 1
    for length in range(border, len(whole)):
        path.write_bytes(whole[:length])
        assert read_log(path) == [{"a": 1}]
        log = written(path, {"d": 1})
        log.close()
        assert read_log(path) == [{"a": 1}, {"d": 1}]


@pytest.mark.parametrize("line", [b'{"a": ', b"[1]", b"\xff\xfe", b"\0\0\0", b"[" * 100_000])
def test_a_damaged_line_in_the_middle_is_told_by_its_number(path, line):
    path.write_bytes(b'{"a": 1}\n' + line + b'\n{"a": 3}\n')
    with pytest.raises(StorageError, match=r"log\.jsonl line 2: must be one JSON object"):
        read_log(path)


def test_a_damaged_last_line_is_ignored(path):
    path.write_bytes(b'{"a": 1}\n\0\0\0\n')
    assert read_log(path) == [{"a": 1}]


def test_a_missing_log_is_named_and_an_empty_one_is_empty(path):
    with pytest.raises(StorageError, match=r"log\.jsonl: must be readable"):
        read_log(path)
    RunLog(path).close()
    assert read_log(path) == []


def test_a_log_in_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(StorageError, match="must be writable"):
        RunLog(tmp_path / "missing" / "log.jsonl")


def test_a_closed_log_may_be_closed_again(path):
    log = RunLog(path)
    log.close()
    log.close()
