"""Real runs on the emulator whose workers die, hang, stop or lose their master."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from builders.command_line import environment, neuroevo, started
from builders.real_runs import (
    all_gone,
    children,
    cpu_seconds,
    digests,
    end,
    events,
    evolve,
    family,
    is_alive,
    linux_only,
    num_lines,
    oldest_worker,
    wait_for_an_episode,
    wait_until,
    workers,
)
from builders.wickling import FOLDER

pytestmark = linux_only
GENERATIONS = 5


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The digests of a run that nobody disturbs."""
    run = tmp_path_factory.mktemp("undisturbed") / "run"
    process = evolve(run, GENERATIONS)
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert not events(run, "worker")
    return digests(run)


def test_workers_that_are_killed_crash_and_leave_cost_nothing(
    undisturbed: list[str], tmp_path: Path
) -> None:
    doors, run = tmp_path / "doors", tmp_path / "run"
    doors.mkdir()
    process = evolve(run, GENERATIONS, doors=doors)
    try:
        for lines, number in enumerate((signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, 0)):
            wait_until(lambda lines=lines: num_lines(run) > lines, process)
            worker = oldest_worker(process.pid)
            if number:
                os.kill(worker, number)
            else:
                (doors / str(worker)).touch()
        output, errors = process.communicate(timeout=120)
    finally:
        end(process)
    assert process.returncode == 0, errors
    told = events(run, "worker")
    assert [code for code in ("-9", "-11", "-6", "7") if f"(exit {code})" not in str(told)] == []
    assert digests(run) == undisturbed
    assert "replaced" in output


def test_a_stopped_worker_is_replaced_at_its_deadline(
    undisturbed: list[str], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    process = evolve(run, 3, "--set", "Run.evaluation_timeout=4")
    try:
        wait_for_an_episode(process, run)
        os.kill(oldest_worker(process.pid), signal.SIGSTOP)
        _, errors = process.communicate(timeout=120)
    finally:
        end(process)
    assert process.returncode == 0, errors
    assert any("hung for" in text for text in events(run, "worker"))
    assert digests(run) == undisturbed[:3]


SLEEPS = pytest.mark.parametrize("who", ["the group", "the master"])


@SLEEPS
def test_a_stop_that_is_longer_than_the_deadline_kills_no_worker(
    who: str, undisturbed: list[str], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    process = evolve(run, 3, "--set", "Run.evaluation_timeout=4")
    send = os.killpg if who == "the group" else os.kill
    try:
        wait_for_an_episode(process, run)
        send(process.pid, signal.SIGSTOP)
        time.sleep(5)
        send(process.pid, signal.SIGCONT)
        _, errors = process.communicate(timeout=120)
    finally:
        end(process)
    assert process.returncode == 0, errors
    assert events(run, "worker") == []
    assert digests(run) == undisturbed[:3]


@pytest.mark.parametrize("moment", ["starting", "evaluating"])
def test_nobody_is_left_a_second_after_the_masters_kill_minus_nine(
    moment: str, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    process = evolve(run, 500)
    try:
        wait_until(lambda: len(workers(process.pid)) == 2, process)
        if moment == "evaluating":
            wait_until(lambda: num_lines(run) > 0, process)
        left = family(process.pid) - {process.pid}
        process.kill()
        assert all_gone(left, 1.0)
    finally:
        end(process)


LUA = """
function strange()
    if data.x > 100 then
        while true do end
    end
    return 1
end
"""
INI = """[NEAT]
pop_size = 4
[DefaultGenome]
[Task]
name = retro
[Retro]
game = Strange-Nes
integrations = games
allow_scripts = true
[Buttons]
buttons = RIGHT, A
[Fitness]
use_scenario_reward = true
max_frames = 90
[Run]
workers = 1
seed = 1
generations = 2
evaluation_timeout = {timeout}
"""


def game_that_hangs(folder: Path, timeout: int) -> Path:
    """Make settings for a copy of Wickling whose reward never returns to who walks to the right.

    With this seed that is genome 1 of four.
    """
    game = folder / "games" / "Strange-Nes-v0"
    game.mkdir(parents=True)
    for name in ("data.json", "rom.nes", "rom.sha", "Practice.state"):
        shutil.copy(FOLDER / name, game)
    (game / "metadata.json").write_text('{"default_state": "Practice"}')
    scenario = {"reward": {"script": "lua:strange"}, "scripts": ["strange.lua"]}
    (game / "scenario.json").write_text(json.dumps(scenario))
    (game / "strange.lua").write_text(LUA)
    path = folder / "strange.ini"
    path.write_text(INI.format(timeout=timeout))
    return path


def test_a_genome_at_which_the_core_hangs_is_given_up_and_the_run_goes_on(tmp_path: Path) -> None:
    ended = neuroevo("evolve", game_that_hangs(tmp_path, 1), "--out", "run", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    told = events(tmp_path / "run", "worker")
    assert sum("hung for" in text for text in told) == 3
    assert sum("genome 1 given up" in text for text in told) == 1
    assert num_lines(tmp_path / "run") == 2


def test_a_core_that_hangs_is_gone_with_its_master(tmp_path: Path) -> None:
    """It holds Python's lock, so that no thread of the worker can end it."""
    path = game_that_hangs(tmp_path, 600)
    process = started("evolve", path, "--out", tmp_path / "run")
    try:
        wait_until(lambda: is_spinning(process.pid), process)
        left = family(process.pid) - {process.pid}
        process.kill()
        assert all_gone(left, 1.0)
    finally:
        end(process)


def is_spinning(master: int) -> bool:
    """Tell whether its only worker has computed for a while and the master for none."""
    both = (master, *workers(master))
    before = [cpu_seconds(pid) for pid in both]
    time.sleep(1.5)
    after = [cpu_seconds(pid) for pid in both]
    spent = [late - early for early, late in zip(before, after, strict=True)]
    return len(spent) == 2 and spent[0] < 0.1 and spent[1] > 0.3


TRIAL = """
from neuroevo.tasks.retro import trial
trial.fails(lambda: [print("begun", flush=True) or None for _ in iter(int, 1)])
"""


def test_a_trial_in_a_copy_ends_with_the_worker_that_tries(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", TRIAL], env=environment())
    try:
        wait_until(lambda: children(process.pid), process)
        (copy,) = children(process.pid)
        time.sleep(0.3)
        assert is_alive(copy)
        process.kill()
        assert all_gone({copy}, 1.0)
    finally:
        process.kill()
        process.wait()
