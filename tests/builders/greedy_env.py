"""A Gymnasium environment that misbehaves for one genome, and workers that die young.

Both are told by files in a folder, so that a test can change its mind while workers run:

- ``greed``: ``REWARD COUNT KIND``: the genome whose action sums up to the reward takes memory
  (``grow``), gets none (``refused``), leaves (``exit``), sends bytes of no sense to the master
  (``babble``), announces a gigabyte (``boast``) or stops after half an answer (``half``), COUNT
  times.
- ``young``: COUNT: so many workers leave before they have set anything up.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

ID = "Greedy-v0"
FOLDER = "NEUROEVO_TEST_FOLDER"
STEP_BYTES = 80_000_000
NUM_STEPS = 10
_SAID = {
    "babble": struct.pack("!i", 4) + b"junk",
    "boast": struct.pack("!i", 1 << 30) + b"junk",
    "half": struct.pack("!i", 100) + b"{",
}


class GreedyEnv(gymnasium.Env[Any, Any]):
    """One step; the reward is the sum of the action."""

    observation_space = spaces.Box(0.0, 1.0, (3,), np.float64)
    action_space = spaces.Box(0.0, 1.0, (2,), np.float64)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Show the same to everybody."""
        return np.array([0.2, 0.5, 0.9]), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """End, or misbehave first."""
        reward = float(np.sum(action))
        kind = _turn(reward)
        if kind == "exit":
            os._exit(7)
        if kind == "refused":
            raise MemoryError
        if kind == "grow":
            _grow()
        if kind in _SAID:
            os.write(int(sys.argv[1]), _SAID[kind])
        if kind == "half":
            os.kill(os.getpid(), signal.SIGSTOP)
        return np.zeros(3), reward, True, False, {}


def _grow() -> None:
    """Take 800 MB within a second, and keep them for three more."""
    taken = []
    for _ in range(NUM_STEPS):
        taken.append(np.ones(STEP_BYTES // 8))
        time.sleep(0.1)
    time.sleep(3)


def _turn(reward: float) -> str:
    """Return what to do this time; one time less remains."""
    path = _folder() / "greed"
    if not path.exists():
        return ""
    with _one_at_a_time():
        wanted, count, kind = path.read_text().split()
        if float(wanted) != reward or count == "0":
            return ""
        path.write_text(f"{wanted} {int(count) - 1} {kind}")
    return kind


def start() -> None:
    """Make the environment known; a worker may leave, instead."""
    if "neuroevo.evaluation.fork_server" in sys.orig_argv:
        os.register_at_fork(after_in_child=_begin)
    elif "neuroevo.evaluation.worker" in sys.orig_argv:
        _begin()
    gymnasium.register(ID, entry_point=f"{__name__}:GreedyEnv")


def _begin() -> None:
    path = _folder() / "young"
    if path.exists():
        with _one_at_a_time():
            count = int(path.read_text())
            path.write_text(str(max(0, count - 1)))
        if count:
            os._exit(9)


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let no other process read what this one is about to write."""
    with (_folder() / "turn").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _folder() -> Path:
    return Path(os.environ.get(FOLDER, "/nowhere"))


def install(folder: Path) -> dict[str, str]:
    """Return the environment variables with which workers know all this.

    Args:
        folder: an empty one.
    """
    (folder / "sitecustomize.py").write_text(f"import {__name__} as it\nit.start()\n")
    path = os.pathsep.join([str(folder), *map(str, Path(__file__).parents[1:3])])
    return {"PYTHONPATH": path, FOLDER: str(folder)}
