"""Ctrl-C, SIGTERM and a closed terminal, through a real process group, at any moment."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders.command_line import environment
from builders.real_runs import (
    WICKLING,
    all_gone,
    end,
    events,
    evolve,
    family,
    linux_only,
    num_lines,
    wait_until,
    workers,
)

from neuroevo.storage.checkpoint import checkpoint_generation, list_checkpoints

pytestmark = linux_only
LONG = ("--set", "Fitness.max_frames=20000")
"""Generations of many seconds: every moment is the middle of one."""

SIGNALS = pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)


@pytest.fixture(autouse=True)
def answered() -> Iterator[None]:
    """Nothing is ignored: a shell starts what runs in the background without Ctrl-C."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    for number, handler in before.items():
        if handler is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def stopped(process: subprocess.Popen[str], number: int) -> tuple[int, float, str]:
    """Send a signal to a run's group; return exit code, seconds and what it said."""
    left = family(process.pid)
    began = time.monotonic()
    os.killpg(process.pid, number)
    _, errors = process.communicate(timeout=20)
    seconds = time.monotonic() - began
    assert all_gone(left, 1.0)
    return process.returncode, seconds, errors


@SIGNALS
def test_a_signal_in_the_middle_of_a_generation_ends_the_run_and_is_noted(
    number: int, code: int, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    process = evolve(run, 60, "--set", "Run.checkpoint_every=50")
    try:
        wait_until(lambda: num_lines(run) >= 2, process)
        returncode, seconds, errors = stopped(process, number)
    finally:
        end(process)
    assert (returncode, seconds < 5) == (code, True)
    assert "Traceback" not in errors
    assert events(run, "worker") == []
    name = {130: "Ctrl-C", 143: "SIGTERM", 129: "SIGHUP"}[code]
    assert [name in text for text in events(run, "stopped")] == [True]
    newest = list_checkpoints(run / "checkpoints")[-1]
    assert checkpoint_generation(newest) == num_lines(run)


def has_handlers(pid: int, numbers: set[int]) -> bool:
    """Tell whether a process has handlers for some signals."""
    caught = re.search(r"^SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return caught is not None and all(int(caught[1], 16) >> (n - 1) & 1 for n in numbers)


@SIGNALS
@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.0, 2.0])
def test_a_signal_while_it_starts_ends_it_and_leaves_nobody(
    seconds: float, number: int, code: int, tmp_path: Path
) -> None:
    process = evolve(tmp_path / "run", 60, *LONG)
    try:
        # Until then Python itself answers; its own handler of SIGINT looks like ours.
        wait_until(lambda: has_handlers(process.pid, {signal.SIGTERM, number}), process)
        time.sleep(seconds)
        returncode, seconds, errors = stopped(process, number)
    finally:
        end(process)
    assert (returncode, seconds < 5) == (code, True)
    assert "Traceback" not in errors


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = evolve(run, 60, *LONG)
    try:
        wait_until(lambda: (run / "manifest.json").exists(), process)
        left = family(process.pid)
        for worker in workers(process.pid):
            os.kill(worker, signal.SIGSTOP)  # the first signal has to wait for them
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGINT)
        began = time.monotonic()
        _, errors = process.communicate(timeout=20)
        assert time.monotonic() - began < 2
        assert all_gone(left, 1.0)
    finally:
        end(process)
    # Python itself lets the signal end it, once it is about to leave anyway.
    assert process.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in errors


def test_the_signal_of_a_shell_and_its_group_together_are_one(tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = evolve(run, 60)
    try:
        wait_until(lambda: num_lines(run) >= 1, process)
        os.kill(process.pid, signal.SIGTERM)
        returncode, _, errors = stopped(process, signal.SIGTERM)
    finally:
        end(process)
    assert returncode == 143
    assert "What is finished is saved" in errors
    assert len(events(run, "stopped")) == 1


def test_a_run_whose_terminal_is_closed_is_saved_and_says_so(tmp_path: Path) -> None:
    run = tmp_path / "run"
    process, terminal = evolve_in_a_terminal(run)
    try:
        wait_until_read(terminal, lambda: num_lines(run) >= 2)
        left = family(process.pid)
        os.close(terminal)
        assert process.wait(20) == 129
        assert all_gone(left, 1.0)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert [text[:6] for text in events(run, "stopped")] == ["SIGHUP"]
    newest = list_checkpoints(run / "checkpoints")[-1]
    assert checkpoint_generation(newest) == num_lines(run)


def test_a_run_that_ignores_the_end_of_its_terminal_goes_on(tmp_path: Path) -> None:
    run = tmp_path / "run"
    process, terminal = evolve_in_a_terminal(run, "trap '' HUP; ")
    try:
        wait_until_read(terminal, lambda: num_lines(run) >= 1)
        os.close(terminal)
        limit = time.monotonic() + 60
        before = num_lines(run)
        while num_lines(run) < before + 2 and time.monotonic() < limit:
            time.sleep(0.05)
        assert process.poll() is None
        assert num_lines(run) >= before + 2
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert not any("SIGHUP" in text for text in events(run, "stopped"))


def evolve_in_a_terminal(run: Path, before: str = "") -> tuple[subprocess.Popen[bytes], int]:
    """Start a run as the foreground of a terminal; return it and the terminal's other end."""
    ours, theirs = pty.openpty()

    def take_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    words = ("evolve", *WICKLING, "--out", run, "--generations", 500)
    process = subprocess.Popen(
        ["sh", "-c", f'{before}exec "$0" "$@"', sys.executable, "-m", "neuroevo", *map(str, words)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**environment(), "TERM": "xterm"},
        preexec_fn=take_terminal,
    )
    os.close(theirs)
    return process, ours


def wait_until_read(terminal: int, holds: object) -> None:
    """Read what a terminal shows until something holds, at most a minute."""
    os.set_blocking(terminal, False)
    limit = time.monotonic() + 60
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < limit
        with contextlib.suppress(BlockingIOError):
            os.read(terminal, 65536)
        time.sleep(0.02)
