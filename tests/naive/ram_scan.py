"""The judgement of one byte as a position, written as loops; imports nothing of the package."""

from __future__ import annotations

from itertools import pairwise

RISES, FALLS, STILL = 1, -1, 0


def judge(
    values: list[int], motion: list[int], judged: list[bool], window: int
) -> dict[int, list[int]]:
    """Count what a byte does over windows of frames whose label stays the same.

    Args:
        values: of the byte, per frame.
        motion: label per frame.
        judged: per step from a frame to the next; the first step of a window decides.
        window: frames.

    Returns:
        Label -> [windows, moves, moves upward modulo 256].
    """
    counts = {RISES: [0, 0, 0], FALLS: [0, 0, 0], STILL: [0, 0, 0]}
    for frame in range(len(values) - window):
        label = motion[frame]
        if label not in counts or not judged[frame]:
            continue
        if any(motion[frame + i] != label for i in range(1, window + 1)):
            continue
        change = (values[frame + window] - values[frame]) % 256
        counts[label][0] += 1
        counts[label][1] += change != 0
        counts[label][2] += 0 < change < 128
    return counts


def wraps(values: list[int]) -> list[int]:
    """Return 1 where a byte passes 255 upward, -1 where it passes 0 downward, else 0; per step."""
    found = []
    for before, after in pairwise(values):
        change = (after - before) % 256
        up = 0 < change < 128
        found.append(1 if up and after < before else -1 if not up and after > before else 0)
    return found


def falls_never(values: list[list[int]]) -> bool:
    """Tell whether a number never falls; each frame's bytes, the most significant first."""
    return all(a <= b for a, b in pairwise(values))
