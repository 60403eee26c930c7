"""How speeds are measured: two things side by side, in turns, and what comes of it as a ratio.

A time alone says little on a machine that others use too. So each round measures both sides, one
right after the other and in changing order; a round gives one ratio, and the median of the rounds
counts. CPU time where cores are shared, wall time only where processes work side by side.
"""

from __future__ import annotations

import gc
import json
import math
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"
PACKAGES = ("neuroevo", "numpy", "numba", "stable-retro", "opencv-python", "neat-python")
Side = Callable[[], float | None]
"""Does the work once; returns what it took, in seconds, or None to be timed from outside."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and quartiles of several rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return those of at least one value."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0])
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Attributes:
        what: was measured.
        ours: seconds of ours (or another unit, where ``unit`` says so).
        against: what it is compared with; '' for nothing.
        theirs: of the other side; None without one.
        ratio: per round, the other's by ours (or as ``what`` says); None without one.
        goal: the least (or greatest, where ``is_limit``) median of the ratio, or of ours without
            one; None where there is no goal.
        rounds: how many.
        clock: ``cpu`` or ``wall``.
        note: what a reader must know.
        extra: further figures for the file.
    """

    what: str
    ours: Spread
    rounds: int
    against: str = ""
    theirs: Spread | None = None
    ratio: Spread | None = None
    goal: float | None = None
    is_limit: bool = False
    clock: str = "cpu"
    unit: str = "s"
    note: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None without a goal."""
        if self.goal is None:
            return None
        value = (self.ratio or self.ours).median
        return value <= self.goal if self.is_limit else value >= self.goal


def side_by_side(
    what: str,
    ours: Side,
    against: str,
    theirs: Side,
    *,
    rounds: int = 9,
    goal: float | None = None,
    is_limit: bool = False,
    clock: str = "cpu",
    note: str = "",
    is_share: bool = False,
    our_repeats: int = 1,
    their_repeats: int = 1,
    **extra: Any,
) -> Row:
    """Measure two sides in turns after one unmeasured turn of each.

    Args:
        what: goes to the table.
        ours: one turn of ours.
        against: what the other side is.
        theirs: one turn of the other.
        rounds: of both sides.
        goal: see :class:`Row`.
        is_limit: the ratio must not exceed the goal, rather than reach it.
        clock: ``cpu`` (of this process) or ``wall``.
        note: goes to the table.
        is_share: the ratio is ours by the other's instead of the other's by ours.
        our_repeats: times that ``ours`` is called per turn; the time is that of one call.
        their_repeats: the same of ``theirs``.
        **extra: further figures for the file.
    """
    sides = ((ours, our_repeats), (theirs, their_repeats))
    taken: tuple[list[float], list[float]] = ([], [])
    for side, _ in sides:
        timed(side, 1, clock)
    for turn in range(rounds):
        for index in (0, 1) if turn % 2 == 0 else (1, 0):
            taken[index].append(timed(*sides[index], clock))
    ratios = [a / b if is_share else b / a for a, b in zip(*taken, strict=True)]
    return Row(
        what, Spread.of(taken[0]), rounds, against, Spread.of(taken[1]), Spread.of(ratios),
        goal, is_limit, clock, note=note, extra=extra,
    )  # fmt: skip


def alone(what: str, side: Side, *, rounds: int = 9, clock: str = "cpu", **rest: Any) -> Row:
    """Measure one thing that nothing is compared with; ``rest`` goes to the row."""
    timed(side, 1, clock)
    return Row(
        what,
        Spread.of([timed(side, 1, clock) for _ in range(rounds)]),
        rounds,
        clock=clock,
        **rest,
    )


def timed(side: Side, repeats: int, clock: str) -> float:
    """Return the seconds of one call, the mean of ``repeats``, without garbage collection."""
    now = time.process_time if clock == "cpu" else time.perf_counter
    gc.collect()
    gc.disable()
    try:
        told: float | None = None
        began = now()
        for _ in range(repeats):
            told = side()
        seconds = now() - began
    finally:
        gc.enable()
    return seconds / repeats if told is None else told


def growth(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the exponent b of seconds = a * size ** b, by least squares on the logarithms."""
    xs, ys = [math.log(size) for size in sizes], [math.log(second) for second in seconds]
    return statistics.linear_regression(xs, ys).slope


def commit() -> str:
    """Return the short name of the commit, with a plus where files were changed since."""
    name = _git("rev-parse", "--short=7", "HEAD")
    return name + ("+" if _git("status", "--porcelain", "--", "neuroevo") else "")


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "load": [round(load, 2) for load in os.getloadavg()],
    }


def write(name: str, command: str, rows: Sequence[Row]) -> Path:
    """Write rows to ``benchmarks/results/<name>-<date>-<commit>.json``; return the path."""
    today = datetime.now(timezone.utc).date().isoformat()
    path = RESULTS / f"{name}-{today}-{commit()}.json"
    document = {
        "date": today,
        "commit": commit(),
        "command": command,
        "machine": machine(),
        "rows": [{**asdict(row), "is_met": row.is_met} for row in rows],
    }
    path.write_text(json.dumps(document, indent=1) + "\n")
    return path


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
