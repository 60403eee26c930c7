"""How an episode ends without a win or a death: no progress, rocking to and fro, or time.

Owns the stall rule. ``Progress`` is told the value of the quantity that must rise; what that
quantity is, the scorer knows.
"""

from __future__ import annotations

import math

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.fitness.counters import Ground
from neuroevo.tasks.retro.settings import FitnessSettings

ENDINGS = ("won", "died", "terminated", "stalled", "rocking", "max_frames")
"""All names, in the order in which they are looked for."""


class Progress:
    """Follows the quantity whose new maximum is progress."""

    def __init__(self, settings: FitnessSettings) -> None:
        """Take the limits.

        Raises:
            TaskError: a limit that could never be reached, or has nothing to work on.
        """
        _check(settings)
        self._stall_frames, self._growth = settings.stall_frames, settings.stall_growth
        self._turns_allowed = settings.rocking_turns
        jump = settings.max_jump if settings.stall_expression else None
        self._ground = None if jump is None else Ground(jump)

    def begin(self, value: float) -> None:
        """Start an episode."""
        self._best = self._last = value
        self._best_frame = 0
        self._turns, self._direction = 0, 0
        if self._ground is not None:
            self._ground.begin(value)
            self._best = 0.0

    def frame(self, value: float, frames: int) -> str | None:
        """Return ``stalled`` or ``rocking`` when the episode ends so, else None.

        Args:
            value: of the quantity now.
            frames: played so far, this one included.
        """
        reached = value if self._ground is None else self._ground.frame(value)
        if self._turns_allowed is not None:
            self._count_turn(value)
        if reached > self._best:
            self._best, self._best_frame, self._turns = reached, frames, 0
        limit = self._stall_frames
        if limit is not None and frames - self._best_frame >= limit + self._growth * frames:
            return "stalled"
        is_rocking = self._turns_allowed is not None and self._turns >= self._turns_allowed
        return "rocking" if is_rocking else None

    def earliest_ending(self, frames: int) -> float:
        """Return the first frame in which :meth:`frame` might end the episode; maybe never does.

        Args:
            frames: told so far.
        """
        earliest = math.inf
        if self._stall_frames is not None and self._growth < 1.0:
            waited = (self._best_frame + self._stall_frames) / (1.0 - self._growth)
            earliest = math.floor(waited) - 1  # to be sure, whatever rounding does
        if self._turns_allowed is not None:
            earliest = min(earliest, frames + self._turns_allowed - self._turns)
        return earliest

    def _count_turn(self, value: float) -> None:
        """Count a change of direction, standing still left out."""
        change, self._last = value - self._last, value
        if change:
            direction = 1 if change > 0 else -1
            self._turns += direction == -self._direction
            self._direction = direction


def _check(settings: FitnessSettings) -> None:
    if settings.rocking_turns is not None and not settings.stall_expression:
        raise TaskError(
            "[Fitness] rocking_turns: must come with stall_expression, whose turns it counts; got "
            "none. Add e.g. stall_expression = x."
        )
    if settings.stall_growth and settings.stall_frames is None:
        raise TaskError(
            "[Fitness] stall_growth: must come with stall_frames; got none. Add it, or remove "
            "stall_growth."
        )
    for key in ("stall_growth", "rocking_turns", "max_jump"):
        value = getattr(settings, key)
        least = 0 if key == "stall_growth" else 1
        if value is not None and not least <= value < float("inf"):
            raise TaskError(f"[Fitness] {key}: must be at least {least}; got {value}. Raise it.")
