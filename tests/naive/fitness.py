"""Fitness rules spelled out slowly, on the whole recorded sequence of an episode at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise


def unwrapped(values: Sequence[int], modulus: int) -> list[int]:
    """Return the counter going on: of all numbers that look alike, the nearest to the last one."""
    result = [values[0]]
    for value in values[1:]:
        whole = round((result[-1] - value) / modulus)
        near = [value + (whole + k) * modulus for k in (-1, 0, 1)]
        result.append(min(near, key=lambda number: abs(number - result[-1])))
    return result


def ground(values: Sequence[int], max_jump: int) -> int:
    """Return how many pixels above the start were entered, walking to the right, at least once."""
    entered: set[int] = set()
    for before, now in pairwise(values):
        if 0 < now - before <= max_jump:
            entered |= {pixel for pixel in range(before, now) if pixel >= values[0]}
    return len(entered)


def milestones(values: Sequence[float]) -> int:
    """Return how many whole numbers above the start were reached."""
    highest, reached = max(values), 0
    number = math.floor(values[0]) + 1
    while number <= highest:
        reached += 1
        number += 1
    return reached


def stall_ending(
    values: Sequence[float],
    stall_frames: int | None,
    growth: float = 0.0,
    rocking_turns: int | None = None,
) -> tuple[str | None, int]:
    """Return the ending and its frame, looking back over the whole episode at every frame."""
    for frame in range(1, len(values)):
        past = values[: frame + 1]
        best_at = past.index(max(past))
        if stall_frames is not None and frame - best_at >= stall_frames + growth * frame:
            return "stalled", frame
        if rocking_turns is not None and _turns(past, best_at) >= rocking_turns:
            return "rocking", frame
    return None, len(values) - 1


def _turns(past: Sequence[float], best_at: int) -> int:
    moves = [(i, b - a) for i, (a, b) in enumerate(pairwise(past), 1) if a != b]
    signs = [(i, change > 0) for i, change in moves]
    return sum(a[1] != b[1] and b[0] > best_at for a, b in pairwise(signs))
