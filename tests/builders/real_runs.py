"""Real runs of the real command on a real emulator, and what happens to their processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from builders.command_line import environment, neuroevo, started

WICKLING = (
    *("wickling", "--seed", 5, "--set", "NEAT.pop_size=8", "--set", "Fitness.max_frames=1200"),
    *("--set", "Fitness.stall_frames=none", "--workers", 2),
)
"""Episodes of a fifth of a second and more: long enough to be struck in the middle of one."""

DOOR = """
import os, sys, threading, time
def watch(path):
    while not os.path.exists(path):
        time.sleep(0.02)
    os._exit(7)
def begin():
    if os.path.exists("{folder}/young"):
        os._exit(9)
    door = f"{folder}/{{os.getpid()}}"
    threading.Thread(target=watch, args=(door,), daemon=True).start()
if "neuroevo.evaluation.fork_server" in sys.orig_argv:
    os.register_at_fork(after_in_child=begin)
elif "neuroevo.evaluation.worker" in sys.orig_argv:
    begin()
"""
"""A worker leaves by itself when a file with its process id appears; at once where one says so."""

linux_only = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


def evolve(
    run: Path, generations: int, *options: object, doors: Path | None = None
) -> subprocess.Popen[str]:
    """Start a run on Wickling in a process group of its own.

    Args:
        run: its folder.
        generations: to reach.
        options: more of them.
        doors: an empty folder; the file PID made there has that worker leave by itself.
    """
    words = ("evolve", *WICKLING, "--out", run, "--generations", generations, *options)
    if doors is None:
        return started(*words)
    (doors / "sitecustomize.py").write_text(DOOR.format(folder=doors))
    path = os.pathsep.join([str(doors), environment()["PYTHONPATH"]])
    return subprocess.Popen(
        [sys.executable, "-m", "neuroevo", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment(), "PYTHONPATH": path},
        start_new_session=True,
    )


def digests(run: Path) -> list[str]:
    """Return the digest of every generation."""
    shown = neuroevo("digest", run)
    assert shown.returncode == 0, shown.stderr
    return shown.stdout.splitlines()


def num_lines(run: Path) -> int:
    """Return the number of generations in the log."""
    log = run / "log.jsonl"
    return log.read_bytes().count(b"\n") if log.exists() else 0


def events(run: Path, kind: str) -> list[str]:
    """Return the texts of a run's events of one kind."""
    path = run / "events.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    found: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return [event["text"] for event in found if event["kind"] == kind]


def wait_until(holds: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait until something holds, at most a minute; fail when the process is over before."""
    limit = time.monotonic() + 60
    while not holds():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        time.sleep(0.01)


def wait_for_an_episode(process: subprocess.Popen[str], run: Path) -> None:
    """Wait until a generation is over and both workers are at episodes of the next."""
    wait_until(lambda: num_lines(run) > 0, process)
    before = {pid: cpu_seconds(pid) for pid in workers(process.pid)}
    wait_until(
        lambda: all(cpu_seconds(pid) > seconds + 0.05 for pid, seconds in before.items()), process
    )


def children(pid: int) -> list[int]:
    """Return the processes that a process started and that live."""
    return [child for child in family(pid) - {pid} if parent(child) == pid and is_alive(child)]


def workers(master: int) -> list[int]:
    """Return the workers of a run, which its fork server has started."""
    return [worker for server in children(master) for worker in children(server)]


def family(root: int) -> set[int]:
    """Return a process and all its descendants."""
    parents = {int(folder.name): parent(int(folder.name)) for folder in _processes()}
    found, before = {root}, set[int]()
    while found != before:
        before = set(found)
        found |= {pid for pid, above in parents.items() if above in found}
    return found


def oldest_worker(master: int) -> int:
    """Return the worker that was started first."""
    return min(workers(master), key=lambda child: int((_stat(child) or [0] * 20)[19]))


def parent(pid: int) -> int:
    """Return the parent of a process, 0 when it is gone."""
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process has used."""
    fields = _stat(pid) or ["0"] * 13
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    fields = _stat(pid)
    return bool(fields) and fields[0] not in ("Z", "X")


def all_gone(pids: set[int], seconds: float) -> bool:
    """Tell whether processes are gone within so many seconds."""
    limit = time.monotonic() + seconds
    while any(map(is_alive, pids)) and time.monotonic() < limit:
        time.sleep(0.02)
    return not any(map(is_alive, pids))


def end(process: subprocess.Popen[str]) -> None:
    """Leave nothing of a run's process group behind, however the test went."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _processes() -> list[Path]:
    return list(Path("/proc").glob("[0-9]*"))


def _stat(pid: int) -> list[str]:
    """Return state, parent and what follows; [] when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
