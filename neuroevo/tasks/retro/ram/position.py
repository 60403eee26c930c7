"""Which bytes of work RAM could be a position.

A low byte is judged by its change over a few frames, modulo 256, so that it may wrap; its high byte
is the one that counts each wrap, wherever it lies. Pure numpy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.ram.labels import FALLS, RISES, STILL
from neuroevo.tasks.retro.ram.scene import Int8Array, Int64Array, Scene
from neuroevo.tasks.retro.ram.values import Candidate, Part, byte_or_word

WINDOW = 4
"""Frames over which a change is measured: up to 31 pixels a frame, down to a quarter of one."""
LEAST_WINDOWS = 8
"""Of one label; fewer say nothing."""
LEAP = 32
"""Pixels in a frame; nothing walks so fast."""
MOST_LOW_BYTES = 64
LEAST_AGREEMENT = 0.7
"""Of a high byte's changes with the low byte's wraps."""
ALONE = 0.8
"""The worth of a low byte that wraps when no byte counts its wraps."""

Float64Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Shares:
    """How the bytes follow the labels; None: no such label, or too little of it.

    Attributes:
        rises: (num_columns, 2): the share of frames labelled so in which a byte moves at all, and
            the share of those moves that go the right way.
        falls: the same.
        still: (num_columns,), the share of frames in which it rests.
    """

    rises: Float64Array | None
    falls: Float64Array | None
    still: Float64Array | None

    def score(self) -> Float64Array:
        """Return 0 to 1, (num_columns,).

        The geometric mean of what is known, for what never falls to the left is no x. A wall keeps
        a body from moving, but never moves it back: the way counts in full, moving at all little.
        """
        known = [
            np.clip(2.0 * s[:, 1] - 1.0, 0.0, 1.0) * s[:, 0] ** 0.25
            for s in (self.rises, self.falls)
            if s is not None
        ]
        if self.still is not None:
            known.append(self.still)
        product: Float64Array = np.prod(known, axis=0)
        return product ** (1.0 / len(known))

    def words(self, column: int) -> str:
        """Say the shares of one byte."""
        parts = (("right", self.rises), ("left", self.falls))
        said = [
            f"{word}: moves in {s[column, 0]:.0%} of frames, {s[column, 1]:.0%} of them so"
            for word, s in parts
            if s is not None
        ]
        if self.still is not None:
            said.append(f"still: rests in {self.still[column]:.0%}")
        return "; ".join(said)


def find_positions(scene: Scene, name: str) -> list[Candidate]:
    """Rank bytes, and pairs of bytes, that rise to the right and fall to the left.

    Raises:
        TaskError: the play goes neither to the right nor to the left.
    """
    shares = _shares(scene)
    if shares.rises is None and shares.falls is None:
        raise TaskError(
            f"{name}: a position must be looked for where it changes; got no direction held for "
            f"long and no label. Walk right, stand, walk left; or give --labels."
        )
    # Of equals the steadiest: a scratch byte holds a position now and then, and other things too.
    leaps = np.count_nonzero(np.abs(scene.steps.astype(np.int16)) > LEAP, axis=0)
    scores = shares.score() / (1.0 + leaps / scene.num_frames)
    order = np.argsort(-scores, kind="stable")[:MOST_LOW_BYTES]
    totals = np.count_nonzero(scene.steps[~scene.near_death()], axis=0)
    found = [
        _candidate(scene, c, float(scores[c]), shares.words(c), totals, scene.known_of(name))
        for c in order.tolist()
        if scores[c] > 0
    ]
    kept = [candidate for candidate in found if candidate is not None]
    return sorted(kept, key=lambda c: -c.score)


def _shares(scene: Scene) -> _Shares:
    change = (scene.values[WINDOW:] - scene.values[:-WINDOW]).view(np.int8)
    motion = scene.motion
    steady = np.ones(len(change), np.bool_)
    for i in range(1, WINDOW + 1):
        steady &= motion[i : len(motion) - WINDOW + i] == motion[: len(change)]
    steady &= scene.play[WINDOW:] == scene.play[:-WINDOW]
    steady &= ~scene.near_death()[: len(change)]  # whoever starts again is moved, not moving
    label = np.where(steady, motion[: len(change)], 99)
    rests = change[label == STILL] == 0
    return _Shares(
        rises=_way(change[label == RISES]),
        falls=_way(-change[label == FALLS]),
        still=rests.mean(axis=0) if len(rests) >= LEAST_WINDOWS else None,
    )


def _way(change: Int8Array) -> Float64Array | None:
    """Return how often a byte moves and how many of its moves are positive, (num_columns, 2)."""
    if len(change) < LEAST_WINDOWS:
        return None
    moves, rises = np.count_nonzero(change, axis=0), np.count_nonzero(change > 0, axis=0)
    return np.column_stack([moves / len(change), rises / np.maximum(1, moves)])


def _candidate(
    scene: Scene,
    low: int,
    score: float,
    why: str,
    totals: Int64Array,
    known: list[tuple[int, int]],
) -> Candidate | None:
    """Return the candidate of one low byte; None when it has not the values known."""
    carries = _carries(scene, low)
    frames = np.flatnonzero(carries)
    high = _high_byte(scene, low, carries, frames, totals) if len(frames) else None
    if not _has(scene, low, high, known):
        return None
    if high is not None:
        column, agreement = high
        why += f"; {len(frames)} wraps, counted at 0x{scene.address(column):X}"
        return Candidate(_parts(scene, low, column), score * (0.9 + 0.1 * agreement), why)
    if len(frames):
        return Candidate(
            (Part(scene.address(low), "|u1"),),
            score * ALONE,
            f"{why}; {len(frames)} wraps, counted nowhere",
        )
    return Candidate((byte_or_word(scene, low, "u"),), score * 0.9, f"{why}; never wraps")


def _carries(scene: Scene, low: int) -> Int8Array:
    """Return (num_frames - 1,) int8: 1 where the byte wraps upward, -1 where downward."""
    values, step = scene.values[:, low], scene.steps[:, low]
    up = (step > 0) & (values[1:] < values[:-1])
    down = (step < 0) & (values[1:] > values[:-1])
    carries = up.astype(np.int8) - down.astype(np.int8)
    carries[scene.near_death()] = 0
    return carries


def _high_byte(
    scene: Scene, low: int, carries: Int8Array, frames: Int64Array, totals: Int64Array
) -> tuple[int, float] | None:
    """Return the byte that counts the wraps, and how well; of equals a neighbour, the nearest.

    Args:
        scene: the plays.
        low: column of the low byte.
        carries: see :func:`_carries`.
        frames: where it wraps.
        totals: (num_columns,) how often each byte changes.
    """
    there = scene.steps[frames]
    agree = np.count_nonzero(there == carries[frames, None], axis=0)
    others = totals - np.count_nonzero(there, axis=0)
    agreement = agree / (len(frames) + others)
    agreement[low] = 0.0
    best = float(agreement.max())
    if best < LEAST_AGREEMENT:
        return None
    equal = np.flatnonzero(agreement == best)
    distance = np.abs(scene.columns[equal] - scene.columns[low])
    return int(equal[distance.argmin()]), best


def _has(
    scene: Scene, low: int, high: tuple[int, float] | None, known: list[tuple[int, int]]
) -> bool:
    values = scene.values[:, low].astype(np.int64)
    if high is not None:
        values += 256 * scene.values[:, high[0]].astype(np.int64)
    return all(values[frame] == value for frame, value in known)


def _parts(scene: Scene, low: int, high: int) -> tuple[Part, ...]:
    low_at, high_at = scene.address(low), scene.address(high)
    if high_at == low_at + 1:
        return (Part(low_at, "<u2"),)
    if high_at == low_at - 1:
        return (Part(high_at, ">u2"),)
    return Part(high_at, "|u1", "Hi"), Part(low_at, "|u1", "Lo")
