"""Beside the population in a checkpoint: the run's own comes back, all else is refused."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from neuroevo.errors import StorageError
from neuroevo.storage.checkpoint_extra import read_extra
from neuroevo.tasks.task import Evaluation

EVALUATION = {"fitness": 1.5, "metrics": {"error": 0.5, "won": 1}, "endings": {"stalled": 2},
              "num_frames": 4, "solved": False}  # fmt: skip
SOUND = {
    "log_offset": 12,
    "known": {"7": EVALUATION},
    "fingerprint": {"rom_sha1": "ab", "state_Höhle_sha256": "cd"},
    "curriculum": {"stage": 1, "wins": [True, False]},
    "fitnesses": {"7": 1.5, "8": -2},
}


def changed(place: str, value: Any) -> dict[str, Any]:
    """Return a sound one with another value at ``a/b/c``; None as value removes it."""
    extra = deepcopy(SOUND)
    *above, last = place.split("/")
    table: Any = extra
    for key in above:
        table = table[key]
    if value is None:
        del table[last]
    else:
        table[last] = value
    return extra


def test_what_a_run_saved_comes_back() -> None:
    extra = read_extra("file", SOUND)
    assert extra.known == {7: Evaluation(1.5, {"error": 0.5, "won": 1}, {"stalled": 2}, 4, False)}
    assert (extra.log_offset, extra.fingerprint) == (12, SOUND["fingerprint"])
    assert extra.fitnesses == SOUND["fitnesses"]
    assert extra.curriculum(2) == SOUND["curriculum"]


def test_the_first_versions_had_neither_curriculum_nor_fitnesses() -> None:
    old = {key: SOUND[key] for key in ("log_offset", "known", "fingerprint")}
    extra = read_extra("file", old)
    assert (extra.curriculum(0), extra.fitnesses) == ({"stage": 0, "wins": []}, {})


FORGED = {
    "no offset": ("log_offset", None, "log_offset as a count"),
    "offset null": ("log_offset", [], "log_offset as a count"),
    "an offset below the file": ("log_offset", -1, "log_offset as a count"),
    "an offset no file has": ("log_offset", 2**63, "log_offset as a count"),
    "an offset of true": ("log_offset", True, "log_offset as a count"),
    "no known": ("known", None, "known as a table"),
    "known a list": ("known", [1], "known as a table"),
    "a genome called a": ("known/a", EVALUATION, "known by genome id"),
    "a genome twice": ("known/07", EVALUATION, "known by genome id"),
    "a genome of Arabic digits": ("known/٧", EVALUATION, "known by genome id"),
    "an id of a thousand digits": ("known/" + "9" * 5000, EVALUATION, "known by genome id"),
    "an evaluation of text": ("known/7", "good", "known as evaluations"),
    "an evaluation without frames": ("known/7/num_frames", None, "known as evaluations"),
    "an evaluation with more": ("known/7/__class__", "Task", "known as evaluations"),
    "a fitness of text": ("known/7/fitness", "1", "known as evaluations"),
    "a fitness of infinity": ("known/7/fitness", float("inf"), "known as evaluations"),
    "a fitness of 400 digits": ("known/7/fitness", 10**400, "known as evaluations"),
    "metrics of a list": ("known/7/metrics", [], "known as evaluations"),
    "a metric of text": ("known/7/metrics/error", "x", "known as evaluations"),
    "an ending never counted": ("known/7/endings/stalled", -1, "known as evaluations"),
    "solved by text": ("known/7/solved", "yes", "known as evaluations"),
    "a fingerprint of 3": ("fingerprint", 3, "fingerprint as a table"),
    "a print of 3": ("fingerprint/rom_sha1", 3, "fingerprint as texts"),
    "a print that moves the cursor": ("fingerprint/rom_sha1", "\x1b[2J", "fingerprint as texts"),
    "a name that moves the cursor": ("fingerprint/\x1b[2J", "ab", "fingerprint by name"),
    "a print without end": ("fingerprint/rom_sha1", "a" * 10**6, "fingerprint as texts"),
    "a curriculum of text": ("curriculum", "hard", "curriculum as a table"),
    "a stage of text": ("curriculum/stage", "2", "stage as a count"),
    "no stage": ("curriculum/stage", None, "stage as a count"),
    "wins of a number": ("curriculum/wins", 2, "a list of wins"),
    "a win of text": ("curriculum/wins", ["yes"], "a list of wins"),
    "fitnesses of a list": ("fitnesses", [1.0], "fitnesses as a table"),
    "a fitness of a list": ("fitnesses/7", [1.0], "fitnesses as numbers"),
    "fitnesses by name": ("fitnesses/best", 1.0, "fitnesses by genome id"),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_is_forged_is_refused_in_one_line(name: str) -> None:
    place, value, message = FORGED[name]
    with pytest.raises(StorageError, match=message) as refused:
        read_extra("some/file.npz", changed(place, value))
    line = str(refused.value)
    assert line.startswith("some/file.npz: expected ")
    assert "; got " in line
    assert len(line) < 300
    assert line.isprintable()


@pytest.mark.parametrize(("stage", "num_stages"), [(1, 0), (1, 1), (2, 2), (10**12, 3)])
def test_a_stage_that_the_task_does_not_have_is_refused(stage: int, num_stages: int) -> None:
    extra = read_extra("file", changed("curriculum/stage", stage))
    with pytest.raises(StorageError, match=rf"a stage below {max(1, num_stages)}; got {stage}\."):
        extra.curriculum(num_stages)


def test_the_checked_reader_says_the_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"generation-1\.npz: expected known as a table"):
        read_extra(str(tmp_path / "generation-1.npz"), {"log_offset": 0})
