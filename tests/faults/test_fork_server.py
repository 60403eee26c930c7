"""The fork server: dead, stopped or refused a process, it costs a moment and no genome."""

from __future__ import annotations

import errno
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders.real_runs import all_gone, family, linux_only, parent
from contracts.evaluator_contract import CARTPOLE, genomes

from neuroevo.evaluation import forked, pool, process
from neuroevo.evaluation.evaluator import SerialEvaluator
from neuroevo.evaluation.pool import ProcessEvaluator
from neuroevo.evaluation.process import starter_for
from neuroevo.tasks.factory import make_task, task_settings_to_json
from neuroevo.tasks.task import Evaluation

pytestmark = linux_only
ASKED = genomes(4, 2, 12)
EVENTS: list[str] = []

REFUSAL = """
import errno, os, sys
fork = os.fork
def refused():
    if os.path.exists("{folder}/refuse"):
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return fork()
if "neuroevo.evaluation.fork_server" in sys.orig_argv:
    os.fork = refused
"""


@pytest.fixture(scope="module")
def expected() -> tuple[Evaluation, ...]:
    """What one process gets."""
    return SerialEvaluator(make_task(CARTPOLE), 1, feed_forward=True).evaluate(ASKED, 0)


def new_pool(num_workers: int = 2) -> ProcessEvaluator:
    EVENTS.clear()
    return ProcessEvaluator(
        task_settings_to_json(CARTPOLE), 1, feed_forward=True, num_workers=num_workers,
        on_event=EVENTS.append,
    )  # fmt: skip


@pytest.fixture
def evaluator() -> Iterator[ProcessEvaluator]:
    """Two workers that are set up."""
    made = new_pool()
    made.describe()
    while not all(slot.is_ready for slot in made._slots):
        made._tick(None)
    yield made
    made.close()


def server_pid(evaluator: ProcessEvaluator) -> int:
    assert evaluator._starter is not None
    assert evaluator._starter._server is not None
    return evaluator._starter._server._process.pid


def worker_pids(evaluator: ProcessEvaluator) -> list[int]:
    return [slot.worker.pid or 0 for slot in evaluator._slots]


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_workers_are_copies_of_the_server_which_has_one_thread(
    evaluator: ProcessEvaluator, expected: tuple[Evaluation, ...]
) -> None:
    server = server_pid(evaluator)
    for pid in worker_pids(evaluator):
        assert parent(pid) == server
    assert len(list(Path(f"/proc/{server}/task").iterdir())) == 1
    assert evaluator.evaluate(ASKED, 0) == expected
    assert EVENTS == []


def test_a_replacement_is_ready_at_once(evaluator: ProcessEvaluator) -> None:
    slot = evaluator._slots[0]
    old = slot.worker
    os.kill(old.pid or 0, signal.SIGKILL)
    while slot.worker is old or not slot.is_ready:
        evaluator._tick(None)
    # A program of its own needs a second to load; this machine's pauses do not count.
    assert processor_seconds(slot.worker.pid or 0) < 0.5
    assert EVENTS == ["worker 0 died (exit -9); replaced"]


def test_workers_of_a_killed_server_serve_on_and_the_next_one_has_another_server(
    evaluator: ProcessEvaluator, expected: tuple[Evaluation, ...]
) -> None:
    first, before = server_pid(evaluator), worker_pids(evaluator)
    os.kill(first, signal.SIGKILL)
    assert evaluator.evaluate(ASKED, 0) == expected
    assert worker_pids(evaluator) == before
    assert EVENTS == []
    os.kill(before[0], signal.SIGKILL)
    assert evaluator.evaluate(ASKED, 0) == expected
    while not all(slot.is_ready for slot in evaluator._slots):
        evaluator._tick(None)
    assert server_pid(evaluator) != first
    assert EVENTS == ["worker 0 died (exit -9); replaced"]


def test_a_worker_that_hangs_is_killed_though_its_server_is_gone(
    evaluator: ProcessEvaluator, monkeypatch: pytest.MonkeyPatch, expected: tuple[Evaluation, ...]
) -> None:
    evaluator._timeout_seconds = 1.0
    stopped = worker_pids(evaluator)[1]
    os.kill(server_pid(evaluator), signal.SIGKILL)
    os.kill(stopped, signal.SIGSTOP)
    assert evaluator.evaluate(ASKED, 0) == expected
    assert all_gone({stopped}, 1.0)
    assert len(EVENTS) == 1
    assert "worker 1 hung for" in EVENTS[0]


def test_a_stopped_server_is_replaced_when_it_is_needed(
    evaluator: ProcessEvaluator, monkeypatch: pytest.MonkeyPatch, expected: tuple[Evaluation, ...]
) -> None:
    monkeypatch.setattr(forked, "PATIENCE_SECONDS", 0.5)
    first = server_pid(evaluator)
    os.kill(first, signal.SIGSTOP)
    os.kill(worker_pids(evaluator)[0], signal.SIGKILL)
    assert evaluator.evaluate(ASKED, 0) == expected
    while not all(slot.is_ready for slot in evaluator._slots):
        evaluator._tick(None)
    assert server_pid(evaluator) != first
    assert all_gone({first}, 1.0)


def test_a_server_killed_while_it_loads_costs_its_time_only(
    expected: tuple[Evaluation, ...],
) -> None:
    made = new_pool(num_workers=5)  # who die with it
    try:
        os.kill(server_pid(made), signal.SIGKILL)
        assert made.evaluate(ASKED, 0) == expected
    finally:
        made.close()
    assert all("while it started; replaced" in event for event in EVENTS)


def test_a_server_stopped_while_it_loads_is_given_up_at_the_workers_deadline(
    expected: tuple[Evaluation, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool.deadlines, "SETUP_SECONDS", 5.0)
    made = new_pool()
    try:
        os.kill(server_pid(made), signal.SIGSTOP)
        assert made.evaluate(ASKED, 0) == expected
    finally:
        made.close()
    assert "hung for" in EVENTS[0]


def test_where_the_system_refuses_a_process_the_run_waits_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: tuple[Evaluation, ...]
) -> None:
    (tmp_path / "sitecustomize.py").write_text(REFUSAL.format(folder=tmp_path))
    paths = [str(tmp_path), *map(str, Path(__file__).parents[1:3])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setattr(pool, "LONGEST_PAUSE_SECONDS", 0.1)
    made, told = new_pool(), []
    wait = made._wait_for_restart
    monkeypatch.setattr(made, "_wait_for_restart", lambda *a: (told.append(a[2]), wait(*a)))
    try:
        made.describe()
        while not all(slot.is_ready for slot in made._slots):
            made._tick(None)
        (tmp_path / "refuse").touch()
        slot = made._slots[0]
        os.kill(slot.worker.pid or 0, signal.SIGKILL)
        while slot.num_failed_starts < 2:
            assert made.evaluate(ASKED, 0) == expected
        (tmp_path / "refuse").unlink()
        while not slot.is_ready:
            made._tick(None)
        assert made.evaluate(ASKED, 0) == expected
    finally:
        made.close()
    assert set(told) == {"could not start: Resource temporarily unavailable"}
    assert "while it started; tried again in" in EVENTS[1]


def test_hundreds_of_workers_may_be_asked_for_while_it_loads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The system lets only so many descriptors be on their way: its refusal is no end."""
    made = forked.ForkServer(task_settings_to_json(CARTPOLE), dict(os.environ))
    send, refusals = socket.send_fds, [OSError(errno.ETOOMANYREFS, "too many")]

    def refused_once(*given: object) -> int:
        if refusals:
            raise refusals.pop()
        return send(*given)  # type: ignore[arg-type]

    ours = theirs = []
    try:
        pairs = [socket.socketpair() for _ in range(3)]
        ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        lifelines = [os.pipe() for _ in range(3)]
        first = made.fork(2, theirs[0].fileno(), lifelines[0][0], 0)
        monkeypatch.setattr(socket, "send_fds", refused_once)
        second = made.fork(2, theirs[1].fileno(), lifelines[1][0], 0)
        assert first.born  # it waited for those that were on their way
        third = made.fork(2, theirs[2].fileno(), lifelines[2][0], 0)
        made.read_births(30)
        assert len({first.pid, second.pid, third.pid, None}) == 4
    finally:
        for end in [*ours, *theirs]:
            end.close()
        for descriptor in itertools.chain(*lifelines):
            os.close(descriptor)
        made.close()


def test_nothing_is_left_after_close(evaluator: ProcessEvaluator) -> None:
    left = family(server_pid(evaluator))
    assert len(left) == 3
    evaluator.close()
    assert all_gone(left, 1.0)


def test_a_starter_that_no_pool_took_leaves_nothing() -> None:
    starter = starter_for(CARTPOLE, 2)
    assert starter is not None
    assert starter._server is not None
    pid = starter._server._process.pid
    starter.close()
    assert all_gone({pid}, 1.0)
    assert starter_for(CARTPOLE, 0) is None
    assert starter_for(None, 2) is None


MASTER = """
import sys, time
from neuroevo.evaluation.process import Starter
starter = Starter(sys.argv[1])
print(starter._server._process.pid, flush=True)
time.sleep(60)
"""


def test_a_server_dies_with_its_master_even_while_it_loads(tmp_path: Path) -> None:
    sign = tmp_path / "it loads"
    slow = f"import pathlib, time\npathlib.Path({str(sign)!r}).touch()\ntime.sleep(60)\n"
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "numba.py").write_text(slow)
    paths = [str(tmp_path / "slow"), *map(str, Path(__file__).parents[1:3])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    words = [sys.executable, "-c", MASTER, task_settings_to_json(CARTPOLE)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment) as master:
        assert master.stdout is not None
        server = int(master.stdout.readline())
        while not sign.exists():
            time.sleep(0.02)
        master.kill()
    assert all_gone({server}, 1.0)


def test_without_a_fork_server_every_worker_is_a_program_and_does_the_same(
    monkeypatch: pytest.MonkeyPatch, expected: tuple[Evaluation, ...]
) -> None:
    monkeypatch.setattr(process, "HAS_FORK_SERVER", False)
    made = new_pool()
    try:
        made.describe()
        assert [parent(pid) for pid in worker_pids(made)] == [os.getpid()] * 2
        os.kill(worker_pids(made)[0], signal.SIGKILL)
        assert made.evaluate(ASKED, 0) == expected
        while not EVENTS:
            made._tick(None)
        left = set(worker_pids(made))
    finally:
        made.close()
    assert all_gone(left, 1.0)
    assert "died (exit -9)" in EVENTS[0]
