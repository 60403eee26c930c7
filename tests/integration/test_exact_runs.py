"""The same seed gives the same digests: any number of workers, resumed, killed, observed or not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from builders.command_line import neuroevo, started
from builders.real_runs import oldest_worker

from neuroevo.storage.run_log import read_log

XOR = ("xor", "--seed", 5, "--set", "Run.stop_when_solved=false")
AIRSTRIKER = (
    *("airstriker", "--seed", 5, "--set", "NEAT.pop_size=10"),
    *("--set", "Fitness.max_frames=500"),
)
TASKS = pytest.mark.parametrize("task", [XOR, AIRSTRIKER], ids=["xor", "airstriker"])


def digests(run: Path) -> list[str]:
    shown = neuroevo("digest", run)
    assert shown.returncode == 0, shown.stderr
    return shown.stdout.splitlines()


def evolved(task: tuple[object, ...], run: Path, generations: int, *options: object) -> list[str]:
    ended = neuroevo("evolve", *task, "--out", run, "--generations", generations, *options)
    assert ended.returncode == 0, ended.stderr
    lines = digests(run)
    assert len(lines) == generations
    return lines


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[object, ...], list[str]]:
    """Six generations of each task with one worker: what everything else is compared with."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    return {task: evolved(task, folder / task[0], 6, "--workers", 1) for task in (XOR, AIRSTRIKER)}


def log_lines(run: Path) -> int:
    log = run / "log.jsonl"
    return log.read_bytes().count(b"\n") if log.exists() else 0


def wait_for_lines(process: subprocess.Popen[str], run: Path, count: int) -> None:
    limit = time.monotonic() + 60
    while log_lines(run) < count and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.001)


@TASKS
def test_two_workers_give_the_same_run_as_one(task, uninterrupted, tmp_path):
    assert evolved(task, tmp_path / "run", 6, "--workers", 2) == uninterrupted[task]


@TASKS
def test_three_generations_and_resume_to_six_are_one_run_of_six(task, uninterrupted, tmp_path):
    first = evolved(task, tmp_path / "run", 3, "--workers", 2)
    assert first == uninterrupted[task][:3]
    resumed = neuroevo("resume", tmp_path / "run", "--generations", 6, "--workers", 1)
    assert resumed.returncode == 0, resumed.stderr
    assert digests(tmp_path / "run") == uninterrupted[task]


@TASKS
def test_a_run_killed_in_generation_four_resumes_to_the_same_end(task, uninterrupted, tmp_path):
    run = tmp_path / "run"
    process = started("evolve", *task, "--out", run, "--generations", 2000, "--workers", 2)
    wait_for_lines(process, run, 4)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    resumed = neuroevo("resume", run, "--generations", max(6, log_lines(run)))
    assert resumed.returncode == 0, resumed.stderr
    assert digests(run)[:6] == uninterrupted[task]


def test_a_run_whose_workers_are_killed_is_the_same_run_and_says_so(uninterrupted, tmp_path):
    run = tmp_path / "run"
    process = started("evolve", *AIRSTRIKER, "--out", run, "--generations", 12, "--workers", 2)
    for generation in (1, 3):
        wait_for_lines(process, run, generation)
        os.kill(oldest_worker(process.pid), signal.SIGKILL)
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert digests(run)[:6] == uninterrupted[AIRSTRIKER]
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    assert sum(event["kind"] == "worker" and "died" in event["text"] for event in events) == 2


def test_the_hash_seed_of_python_changes_nothing(uninterrupted, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "77")
    assert evolved(XOR, tmp_path / "run", 6, "--workers", 0) == uninterrupted[XOR]


def test_rare_checkpoints_change_nothing(uninterrupted, tmp_path):
    options = ("--set", "Run.checkpoint_every=4")
    assert evolved(XOR, tmp_path / "run", 6, *options) == uninterrupted[XOR]


def test_another_seed_gives_another_run(uninterrupted, tmp_path):
    other = ("xor", "--seed", 6, *XOR[3:])
    assert set(evolved(other, tmp_path / "run", 6)).isdisjoint(uninterrupted[XOR])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_and_sigterm_save_and_exit_without_a_traceback(
    number, code, tmp_path, uninterrupted
):
    run = tmp_path / "run"
    process = started("evolve", *AIRSTRIKER, "--out", run, "--generations", 60, "--workers", 2)
    wait_for_lines(process, run, 2)
    os.killpg(process.pid, number)  # as a terminal does: workers get it, too
    began = time.monotonic()
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, time.monotonic() - began < 5) == (code, True)
    assert "Traceback" not in errors
    resumed = neuroevo("resume", run, "--generations", 6)
    assert resumed.returncode == 0, resumed.stderr
    assert digests(run)[:6] == uninterrupted[AIRSTRIKER]


def test_a_budget_of_frames_counts_over_all_sessions_of_a_run(uninterrupted, tmp_path):
    run = tmp_path / "run"
    first = neuroevo("evolve", *XOR, "--out", run, "--frames", 1000)
    assert "all frames are run" in first.stdout
    spent = [record["num_frames"] for record in read_log(run / "log.jsonl")]
    assert sum(spent[:-1]) < 1000 <= sum(spent)
    assert "1,000 frames are run" in neuroevo("resume", run).stdout
    assert neuroevo("resume", run, "--frames", sum(spent) + 1).returncode == 0
    assert digests(run) == uninterrupted[XOR][: len(spent) + 1]


def test_a_run_directory_can_be_moved_and_resumed(uninterrupted, tmp_path):
    evolved(XOR, tmp_path / "old", 3)
    (tmp_path / "elsewhere").mkdir()
    moved = (tmp_path / "old").rename(tmp_path / "elsewhere" / "new")
    assert neuroevo("resume", moved, "--generations", 6).returncode == 0
    assert digests(moved) == uninterrupted[XOR]
