"""How long a worker may take, and which seconds count."""

from __future__ import annotations

import time
from dataclasses import dataclass

from neuroevo.tasks.task import Evaluation

SETUP_SECONDS = 180.0
"""A worker that is not ready by then (it may compile kernels for the first time) is dead."""

SLOWEST_FRAMES_PER_SECOND = 20.0
"""Assumed before the first evaluation has shown the real speed."""

MIN_TIMEOUT_SECONDS = 10.0
UNKNOWN_TIMEOUT_SECONDS = 600.0

TICK_SECONDS = 0.5
"""The master looks after its workers at least so often."""

LONGEST_LAP_SECONDS = 2 * TICK_SECONDS
"""A longer one means that the master did not run."""

PAUSE_COUNTS_SECONDS = 0.02
"""What such a lap counts: a pause of an hour kills nobody, but on a machine that stalls at every
tick a hung worker is still found some day."""

FADE_SECONDS = 120.0
"""After so many seconds of evaluations all earlier ones count half: networks grow, and a machine
that was idle may be busy."""

LOT_SECONDS = 0.005
"""Evaluations that take less are handed out so many at a time as fit into it."""

LARGEST_LOT = 64


class Clock:
    """Counts the seconds in which master and workers could work.

    When the machine slept, or somebody stopped and continued the process group or the master
    alone, the time between two looks at the clock says nothing about the workers: they did not
    run, or their answers lie waiting. Such a pause does not count.
    """

    def __init__(self) -> None:
        """Begin a lap."""
        self._began = time.monotonic()

    def begin_lap(self) -> None:
        """Begin a lap."""
        self._began = time.monotonic()

    def lap(self) -> float:
        """Return the seconds of this lap that count, at most :data:`LONGEST_LAP_SECONDS`."""
        seconds = time.monotonic() - self._began
        return seconds if seconds <= LONGEST_LAP_SECONDS else PAUSE_COUNTS_SECONDS


@dataclass(slots=True)
class Speed:
    """Frames and evaluations per second of finished ones, per worker; what is old fades."""

    num_frames: float = 0.0
    num_evaluations: float = 0.0
    seconds: float = 0.0

    def add(self, evaluation: Evaluation, seconds: float) -> None:
        """Count a finished evaluation."""
        if self.seconds > FADE_SECONDS:
            self.num_frames /= 2
            self.num_evaluations /= 2
            self.seconds /= 2
        self.num_frames += evaluation.num_frames
        self.num_evaluations += 1
        self.seconds += seconds

    def lot(self) -> int:
        """Return how many evaluations are handed out at a time; 0 before any was seen."""
        if not self.num_evaluations:
            return 0
        each = max(self.seconds / self.num_evaluations, LOT_SECONDS / LARGEST_LOT)
        return int(LOT_SECONDS / each)

    def timeout(self, max_frames: int | None) -> float:
        """Return the seconds after which an evaluation counts as hung."""
        if max_frames is None:
            return UNKNOWN_TIMEOUT_SECONDS
        rate = self.num_frames / self.seconds if self.seconds > 1 else SLOWEST_FRAMES_PER_SECOND
        return max(MIN_TIMEOUT_SECONDS, 5 * max_frames / max(rate, 1.0))
