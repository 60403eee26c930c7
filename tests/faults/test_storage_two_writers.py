"""One writer per run: the second one is told who is at it, and a kill -9 frees the run at once."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from builders.command_line import environment, neuroevo, started
from builders.watched import Watched

from neuroevo.config import load
from neuroevo.errors import StorageError
from neuroevo.storage.lock import HeldError, Lock
from neuroevo.storage.run_directory import RunDirectory

ENDLESS = ("xor", "--seed", 5, "--workers", 2, "--generations", 10**6,
           "--set", "Run.stop_when_solved=false")  # fmt: skip


def refused(run: Path, command: str, *options: object) -> str:
    ended = neuroevo(command, *options)
    assert ended.returncode == 2, ended.stdout
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert str(run) in ended.stderr
    return ended.stderr


def test_a_run_resumed_twice_has_one_writer_who_is_named_and_killed_leaves_it_free(
    tmp_path: Path,
) -> None:
    run = tmp_path / "run"
    with Watched("evolve", *ENDLESS, "--out", run) as evolving:
        evolving.wait_for_generations(2)
        pid = evolving.process.pid
        told = refused(run, "resume", run)
        assert f"must have one writer; got a run that is still going, process {pid}." in told
        assert "neuroevo resume" in refused(run, "evolve", "xor", "--out", run)
        evolving.process.send_signal(signal.SIGKILL)
        evolving.process.wait()
        with RunDirectory.open(run, writing=True) as opened:  # its workers may still be ending
            assert opened.log.exists()
    with Watched("resume", run) as first:
        first.wait_for_generations(1)
        assert f"process {first.process.pid}." in refused(run, "resume", run)
        first.wait_for_generations(1)


def test_three_runs_begun_at_once_are_three_runs(tmp_path: Path) -> None:
    processes = [
        started(
            "evolve", "xor", "--seed", seed, "--workers", 0, "--generations", 1, folder=tmp_path
        )
        for seed in (1, 2, 3)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=240)
        assert process.returncode == 0, errors
    seeds = {load(run / "config.ini").settings.run.seed for run in (tmp_path / "runs").iterdir()}
    assert seeds == {1, 2, 3}


def test_a_run_that_cannot_start_leaves_no_folder(tmp_path: Path) -> None:
    changes = ("--set", "Task.id=NoSuchGame-v0", "--workers", 0)
    ended = neuroevo("evolve", "cartpole", *changes, folder=tmp_path)
    assert ended.returncode == 2
    assert "NoSuchGame" in ended.stderr
    assert list((tmp_path / "runs").iterdir()) == []
    (tmp_path / "own").mkdir()
    neuroevo("evolve", "cartpole", *changes, "--out", tmp_path / "own")
    assert (tmp_path / "own").exists(), "a folder that the user made is the user's"


STOPPED_WHILE_SETTING_UP = """
import os, signal, sys
from pathlib import Path
from neuroevo.cli import stopping

stopping.install()
stopping.nothing_to_save_yet()
folder = Path(sys.argv[1])
stopping.leave_no_empty(folder)
os.kill(os.getpid(), signal.SIGINT)
"""


@pytest.mark.parametrize("is_empty", [True, False])
def test_ctrl_c_before_anything_has_begun_leaves_no_empty_folder(
    tmp_path: Path, is_empty: bool
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    if not is_empty:
        (folder / "config.ini").write_text("")
    words = [sys.executable, "-c", STOPPED_WHILE_SETTING_UP, str(folder)]
    ended = subprocess.run(words, env=environment(), capture_output=True, check=False)
    assert ended.returncode == 130
    assert folder.exists() is not is_empty


def test_a_lock_names_its_holder_while_it_is_held_only(tmp_path: Path) -> None:
    held, other = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    (tmp_path / "lock").write_text("1\n")  # left by a process that was killed
    held.acquire()
    held.acquire()
    with pytest.raises(HeldError, match=r"process \d+"):
        other.acquire()
    held.release()
    held.release()
    other.acquire()
    assert (tmp_path / "lock").read_text().strip().isdigit()
    other.release()
    assert (tmp_path / "lock").read_text() == ""


@pytest.mark.parametrize("text", ["", "no number", "-4", "0", "99999999999999999999999", "\0"])
def test_a_lock_file_of_other_contents_names_nobody(tmp_path: Path, text: str) -> None:
    RunDirectory.create(tmp_path / "run", "").close()
    with RunDirectory.open(tmp_path / "run", writing=True):
        (tmp_path / "run" / "lock").write_text(text)
        with pytest.raises(StorageError, match=r"still going\. Wait for it"):
            RunDirectory.open(tmp_path / "run", writing=True)
