"""How much memory a process takes, and how much a worker may take.

Read from ``/proc``, as Linux has it; elsewhere nothing is known, and no cap is enforced.
"""

from __future__ import annotations

import os
from pathlib import Path

LEAST_MEGABYTES = 1024
"""No derived cap is smaller: an emulator, numba and OpenCV take 200 to 400 MB."""

SHARE = 0.8
"""Part of the available memory that all workers together may take."""

_PROC = Path("/proc")
_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""What a container may take: control groups of version 2 and 1."""


def megabytes_of(pid: int) -> float | None:
    """Return what a process holds in memory or has swapped out; None where nobody can say.

    What it shares does not count: the genes that it reads are there once, whoever reads them.
    """
    found = _kilobytes(_PROC / str(pid) / "status", (b"RssAnon:", b"RssFile:", b"VmSwap:"))
    return sum(found) / 1024 if found else None


def default_cap(num_workers: int) -> int | None:
    """Return a worker's fair share of the memory that is available now, in megabytes.

    That is 80 % of it (or of the container's limit) divided by the number of workers, at least
    1 GB. None where nobody can say.
    """
    available = _kilobytes(_PROC / "meminfo", (b"MemAvailable:",))
    if not available:
        return None
    kilobytes = min([*available, *_container_limits()])
    return max(LEAST_MEGABYTES, int(SHARE * kilobytes / 1024 / num_workers))


def prefer_to_be_killed() -> None:
    """Have the system, when it runs out of memory, end this process before its master."""
    try:
        descriptor = os.open(_PROC / "self" / "oom_score_adj", os.O_WRONLY)
    except OSError:  # no Linux
        return
    try:
        os.write(descriptor, b"500")
    except OSError:  # it stands higher already
        pass
    finally:
        os.close(descriptor)


def _kilobytes(path: Path, names: tuple[bytes, ...]) -> list[int]:
    """Return the numbers that stand after names at the beginning of lines; [] without a file."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return []
    return [int(line.split()[1]) for line in lines if line.startswith(names)]


def _container_limits() -> list[int]:
    limits = []
    for path in _LIMITS:
        try:
            limits.append(int(path.read_text()) // 1024)
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return limits
