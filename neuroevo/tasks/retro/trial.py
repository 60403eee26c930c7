"""Trying something in a copy of this process first, because it may end or hang the process.

The cores are native code: a spoiled save state or ROM can kill whoever loads it, or hang him. A
fork costs a few milliseconds, has the running game in it, and may die in our place. Knows nothing
of games.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable

CPU_SECONDS = 3
"""Far more than any trial needs; counted as processor time, so a machine that sleeps kills none."""
WALL_SECONDS = 120
_HIGHEST_DESCRIPTOR = 256
_SET_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2): the signal that a process gets when its parent ends."""


def fails(action: Callable[[], object]) -> str | None:
    """Call ``action`` in a fork of this process, and tell what became of the fork.

    An exception there is no failure: here it will come again, with its message. Where forks are
    not safe (macOS forbids them to programs that drew a window) nothing is tried.

    Returns:
        None if the fork lived, else what happened to it: ``died of SIGSEGV``.
    """
    if sys.platform != "linux":
        return None
    sys.stdout.flush()
    sys.stderr.flush()
    us = os.getpid()
    child = os.fork()
    if child == 0:
        _act_and_leave(action, us)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        return None
    number = os.WTERMSIG(status)
    if number in (signal.SIGXCPU, signal.SIGALRM):
        return f"did not come to an end within {CPU_SECONDS} seconds"
    return f"died of {signal.Signals(number).name}"


def _act_and_leave(action: Callable[[], object], parent: int) -> None:
    """Be the fork: hold nothing open, so that nobody waits for us, and never return."""
    try:
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # gone before it could take us along
            os._exit(0)
        os.closerange(3, _HIGHEST_DESCRIPTOR)
        for number in (signal.SIGXCPU, signal.SIGALRM, signal.SIGTERM, signal.SIGSEGV,
                       signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL):  # fmt: skip
            signal.signal(number, signal.SIG_DFL)
        signal.alarm(WALL_SECONDS)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, hard))
        _silence()
        action()
    except BaseException:  # noqa: BLE001 - it comes again where it can be told
        pass
    os._exit(0)


def _silence() -> None:
    """Send what a core has to say to nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
