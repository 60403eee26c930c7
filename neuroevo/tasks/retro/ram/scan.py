"""Which bytes of work RAM could be the position, the lives, the score, the time.

Every candidate gets a score from 0 to 1 and the reasons for it: how often it does in the plays
what its kind must do. The search is over bytes, over numbers of several bytes in both orders, over
decimal digits, and over pairs of a high and a low byte anywhere. Pure numpy; positions are in
:mod:`neuroevo.tasks.retro.ram.position`, counters here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.ram.labels import STILL
from neuroevo.tasks.retro.ram.position import find_positions
from neuroevo.tasks.retro.ram.scene import (
    DEATH_AFTER,
    DEATH_BEFORE,
    BoolArray,
    Int64Array,
    Scene,
)
from neuroevo.tasks.retro.ram.values import Candidate, Number, byte_or_word, readings

MOST_NUMBERS = 400
"""Of one kind, looked at closely."""
MOST_BYTES = 6
"""Of a number: six digits, or what is left of four bytes is told by its size."""
CARRY_SHARE = 0.8
"""Where the upper byte of a number counts on, the lower one must start anew: so often."""

Float64Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a variable does.

    Attributes:
        word: the option of the command line.
        meaning: for people.
        find: the search.
    """

    word: str
    meaning: str
    find: Callable[[Scene, str], list[Candidate]]


def find_lives(scene: Scene, name: str) -> list[Candidate]:
    """Rank bytes that fall by one at every death and change at no other time.

    Raises:
        TaskError: no death is marked.
    """
    if not scene.deaths:
        raise TaskError(
            f"{name}: lives must be looked for where a life is lost; got no mark `died`. Write "
            f"`died FRAME` into the labels, or `mark died` into the keys."
        )
    changes = np.count_nonzero(scene.steps, axis=0)
    falls = np.count_nonzero(scene.steps[scene.near_death()] == -1, axis=0)
    matched = np.zeros(len(scene.columns), np.int64)
    for death in scene.deaths:
        window = scene.steps[max(0, death - DEATH_BEFORE) : death + DEATH_AFTER]
        matched += (window == -1).any(axis=0)
    matched = np.minimum(matched, falls)  # windows overlap: one fall is one death's
    scores = matched / (len(scene.deaths) + changes - matched)
    starts = scene.values[0].astype(np.int64)
    scores *= np.select([starts == 0, starts <= 9, starts <= 99], [0.8, 1.0, 0.8], 0.5)
    order = np.argsort(-scores, kind="stable")[:MOST_NUMBERS]
    return [
        Candidate(
            (byte_or_word(scene, c, "i"),),
            float(scores[c]),
            f"falls by one at {matched[c]} of {len(scene.deaths)} deaths, "
            f"{changes[c] - matched[c]} other changes, {starts[c]} at first",
        )
        for c in order.tolist()
        if scores[c] > 0 and _equals(scene, name, scene.values[:, c].astype(np.int64))
    ]


def find_scores(scene: Scene, name: str) -> list[Candidate]:
    """Rank numbers that never fall, rise now and then, and rest while the player rests."""
    free = np.ones(scene.num_frames - 1, np.bool_)
    found = (_score_candidate(scene, name, number) for number in numbers(scene, 1, free))
    return _ranked(found)


def find_timers(scene: Scene, name: str) -> list[Candidate]:
    """Rank numbers that fall by the same step again and again, at equal intervals."""
    free = ~scene.near_death()
    found = (_timer_candidate(scene, name, n, free) for n in numbers(scene, -1, free))
    return _ranked(found)


KINDS = {
    kind.word: kind
    for kind in (
        Kind("rises", "rises to the right, falls to the left: a position", find_positions),
        Kind("falls", "falls by one at every death: lives", find_lives),
        Kind("counts", "never falls: a score", find_scores),
        Kind("ticks", "falls regularly: a time", find_timers),
    )
}


def numbers(scene: Scene, sign: int, free: BoolArray) -> list[Number]:
    """Return the numbers that only rise (sign 1) or only fall (-1) at the steps ``free``.

    The most significant byte that changes does so alone; from it the number is continued upward
    and downward in addresses as long as it stays so.
    """
    signed = np.diff(scene.values.astype(np.int16), axis=0) * sign
    signed[scene.steps == 0] = 0  # from one play to the next
    judged = signed[free]
    leads = np.flatnonzero((judged >= 0).all(axis=0) & (judged > 0).any(axis=0))
    found: dict[tuple[int, ...], Number] = {}
    for lead in leads.tolist():
        for direction in (1,) if scene.is_big_endian else (1, -1):
            columns = _continued(scene, lead, direction, sign, free)
            found.setdefault(tuple(columns), Number(scene, tuple(columns), direction))
    shorter = {c[i:] for c in found for i in range(1, len(c))}
    shorter |= {c[:i] for c in found for i in range(1, len(c))}
    return [number for columns, number in found.items() if columns not in shorter]


def _continued(scene: Scene, lead: int, direction: int, sign: int, free: BoolArray) -> list[int]:
    columns = [lead]
    value = scene.values[:, lead].astype(np.int64)
    while len(columns) < MOST_BYTES:
        byte = int(scene.columns[columns[-1]]) + direction
        column = scene.place.get(byte)
        if column is None:
            break
        low = scene.values[:, column].astype(np.int64)
        if not _goes_on(sign * value, sign * low, free & (np.diff(scene.play) == 0)):
            break
        columns.append(column)
        value = value * 256 + low
    return columns


def _goes_on(high: Int64Array, low: Int64Array, free: BoolArray) -> bool:
    """Tell whether a lower byte continues a number whose upper part is ``high``.

    Both are already turned round for a falling number, so that it should rise here.
    """
    up, along = np.diff(high)[free], np.diff(low)[free]
    if np.any((up == 0) & (along < 0)):
        return False
    carries = int(np.count_nonzero(up > 0))
    share = int(np.count_nonzero((up > 0) & (along < 0))) / max(1, carries)
    is_digits = bool((np.abs(low) <= 9).all())
    return share >= (0.3 if is_digits else CARRY_SHARE)


def _score_candidate(scene: Scene, name: str, number: Number) -> Candidate | None:
    known = scene.known_of(name)
    reading = next(iter(readings(number, known, scene.width_of(name))), None)
    if reading is None:
        return None
    changes = _changes(scene, reading.values())
    rises = np.flatnonzero(changes)
    still = scene.motion[1:] == STILL
    quiet = 1.0 - int(np.count_nonzero(changes[still])) / max(1, int(np.count_nonzero(still)))
    rare = 1.0 - min(1.0, 2.0 * len(rises) / scene.num_frames)
    unit = int(np.gcd.reduce(changes[rises]))
    score = rare * quiet * {1: 0.4, 2: 0.7, 3: 0.9}.get(len(rises), 1.0)
    if not known:
        score *= 1.0 if len(number.columns) > 1 else 0.9
        score *= 1.0 if unit >= 5 or reading.type != "u" else 0.9
    why = f"never falls, rises {len(rises)} times, by {unit} or a multiple"
    why += f"; has the {len(known)} values known" if known else _zeros_behind(reading)
    return Candidate((reading.part(),), float(score), why)


def _zeros_behind(number: Number) -> str:
    """Say when digits that are always 0 follow: whether they belong to it cannot be told."""
    count = next((n for n in (3, 2, 1) if number.with_zeros(n)), 0) if number.type == "n" else 0
    return f"; {count} zeros follow, perhaps its last digits" if count else ""


def _timer_candidate(scene: Scene, name: str, number: Number, free: BoolArray) -> Candidate | None:
    reading = next(iter(readings(number, scene.known_of(name), scene.width_of(name))), None)
    if reading is None:
        return None
    changes = np.where(free, _changes(scene, reading.values()), 0)
    falls = np.flatnonzero(changes)
    gaps = _gaps(falls, free, scene.play)
    if len(gaps) < 2:
        return None
    usual = float(np.median(gaps))
    regular = float(np.mean(np.abs(gaps - usual) <= max(1.0, 0.1 * usual)))
    sizes, counts = np.unique(changes[falls], return_counts=True)
    same = float(counts.max() / len(falls))
    running = min(1.0, usual * (len(falls) + 1) / np.count_nonzero(free))
    score = regular * same * running * min(1.0, len(falls) / 6) * (0.5 if usual < 2 else 1.0)
    why = (
        f"falls {len(falls)} times, by {-int(sizes[counts.argmax()])} in {same:.0%}, every "
        f"{usual:.0f} frames in {regular:.0%}"
    )
    return Candidate((reading.part(),), float(score), why)


def _changes(scene: Scene, values: Int64Array) -> Int64Array:
    changes = np.diff(values)
    changes[np.diff(scene.play) != 0] = 0
    return changes


def _gaps(frames: Int64Array, free: BoolArray, play: Int64Array) -> Float64Array:
    """Return the frames from one fall to the next, where all between them is judged."""
    blocked = np.concatenate([[0], np.cumsum(~free | (np.diff(play) != 0))])
    whole = blocked[frames[1:]] == blocked[frames[:-1]]
    gaps: Float64Array = np.diff(frames)[whole].astype(np.float64)
    return gaps


def _equals(scene: Scene, name: str, values: Int64Array) -> bool:
    return all(values[frame] == value for frame, value in scene.known_of(name))


def _ranked(found: Iterable[Candidate | None]) -> list[Candidate]:
    kept = [candidate for candidate in found if candidate is not None and candidate.score > 0]
    return sorted(kept, key=lambda c: (-c.score, c.parts[0].address))
