"""Trying something in a copy of the process: what becomes of the copy is told, and only that."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from neuroevo.tasks.retro import trial

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing is tried elsewhere")


def hang() -> None:
    while True:
        pass


def refuse() -> None:
    raise ValueError("comes again in the parent")


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL, signal.SIGBUS])
def test_the_signal_that_ended_the_copy_is_named(number: signal.Signals) -> None:
    assert trial.fails(lambda: os.kill(os.getpid(), number)) == f"died of {number.name}"


def test_a_copy_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "CPU_SECONDS", 1)
    assert trial.fails(hang) == "did not come to an end within 1 seconds"


def test_a_copy_that_sleeps_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "WALL_SECONDS", 1)
    assert trial.fails(lambda: time.sleep(60)) is not None


def test_an_exception_is_not_told_here_and_changes_of_memory_stay_in_the_copy() -> None:
    kept: list[int] = []
    assert trial.fails(lambda: kept.append(1)) is None
    assert trial.fails(refuse) is None
    assert kept == []


def test_the_copy_says_nothing_and_holds_no_file_open(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    here, there = os.pipe()

    def act() -> None:
        os.write(1, b"noise")
        os.write(2, b"noise")
        os.write(there, b"held")  # raises: it is closed

    assert trial.fails(act) is None
    os.close(there)
    assert os.read(here, 10) == b""
    os.close(here)
    assert capfd.readouterr() == ("", "")
