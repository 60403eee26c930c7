"""A lock file that says who holds it; the system frees the lock when that process dies.

The number in the file counts only while somebody holds the lock: it outlives a killed process.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

MAX_PID_BYTES = 20


class HeldError(Exception):
    """Somebody else holds the lock.

    Attributes:
        pid: of the process; None if it did not say.
    """

    def __init__(self, pid: int | None) -> None:
        super().__init__(f"held by process {pid}")
        self.pid = pid


class Lock:
    """One file's lock, for one process; not shared with what the process starts."""

    def __init__(self, path: Path) -> None:
        """Name the file only; :meth:`acquire` makes it."""
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock; nothing happens if this object holds it already.

        Raises:
            HeldError: somebody else holds it, in this process or another one.
            OSError: the file cannot be opened, or its file system has no locks.
        """
        if self._descriptor is not None:
            return
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            pid = _read_pid(descriptor)
            os.close(descriptor)
            raise HeldError(pid) from problem
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        with contextlib.suppress(OSError):  # a full disk keeps the name, not the lock
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)

    def release(self) -> None:
        """Free the lock if this object holds it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
        os.close(descriptor)


def _read_pid(descriptor: int) -> int | None:
    """Return the process that the file names, if there is such a one."""
    try:
        pid = int(os.pread(descriptor, MAX_PID_BYTES, 0))
    except (ValueError, OSError):
        return None
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return None
    except PermissionError:  # of another user
        return pid
    return pid if pid > 0 else None
