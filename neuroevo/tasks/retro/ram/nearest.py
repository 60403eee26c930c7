"""When nothing fits: what came nearest, and which labels it breaks.

One wrong label is enough to leave no candidate. What breaks that one alone, and keeps all others,
tells which it is. Pure numpy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from neuroevo.tasks.retro.ram.labels import FALLS, RISES, STILL
from neuroevo.tasks.retro.ram.scan import KINDS, numbers
from neuroevo.tasks.retro.ram.scene import DEATH_AFTER, DEATH_BEFORE, Int64Array, Scene
from neuroevo.tasks.retro.ram.values import Part, all_readings

MOST_SHOWN = 2
"""Broken labels that are named."""
UNLABELLED = 99
"""Of a frame near a death: it is not judged."""
ADVICE = "Check the labels, or play longer."

Known = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Near:
    """What almost fits.

    Attributes:
        place: addresses and types.
        num_broken: of the labels.
        num_labels: at least one.
        detail: how it breaks them.
        labels: what a label is here, in the plural.
    """

    place: str
    num_broken: int
    num_labels: int
    detail: str
    labels: str = "labels"


def no_candidate(scene: Scene, name: str, kind: str) -> str:
    """Say that a search found nothing, what came nearest and how many labels that breaks.

    Args:
        scene: the plays, in which :data:`KINDS` found no candidate.
        name: of the variable.
        kind: a key of :data:`KINDS`.
    """
    near = (_by_values(scene, name, kind) if scene.known_of(name) else None) or _by_way(scene, kind)
    if near is None:
        return f"no candidate, and nothing near. {ADVICE}"
    return (
        f"no candidate; the nearest is {near.place}, which breaks {near.num_broken} of "
        f"{near.num_labels} {near.labels}: {near.detail}. {ADVICE}"
    )


def _by_values(scene: Scene, name: str, kind: str) -> Near | None:
    """Return what does all that its kind must do, and has the most of the values known."""
    known = scene.known_of(name)
    read = _numbers_read(scene, name, kind) if kind in ("counts", "ticks") else (
        _candidates_read(scene, name, kind))  # fmt: skip
    nearest, least = None, (len(known) + 1, 0)
    for place, values in read:
        broken = [(frame, value) for frame, value in known if values[frame] != value]
        distance = sum(abs(int(values[frame]) - value) for frame, value in broken)
        if (len(broken), distance) < least:  # of equals the one whose values are nearer
            least = len(broken), distance
            detail = _instead(scene, values, broken) or "it changes too often"
            nearest = Near(place, len(broken), len(known), detail)
    return nearest


def _numbers_read(scene: Scene, name: str, kind: str) -> Iterable[tuple[str, Int64Array]]:
    free = np.ones(scene.num_frames - 1, np.bool_) if kind == "counts" else ~scene.near_death()
    for number in numbers(scene, 1 if kind == "counts" else -1, free):
        for reading in all_readings(number, scene.width_of(name)):
            yield _place((reading.part(),)), reading.values()


def _candidates_read(scene: Scene, name: str, kind: str) -> Iterable[tuple[str, Int64Array]]:
    for candidate in KINDS[kind].find(replace(scene, known=()), name):
        values = np.zeros(scene.num_frames, np.int64)
        for part in candidate.parts:  # a pair: the high byte first
            values = values * 256 + _values(scene, part)
        yield _place(candidate.parts), values


def _values(scene: Scene, part: Part) -> Int64Array:
    """Return what a number of bytes without a sign holds, (num_frames,); small ones have none."""
    order = range(int(part.type[-1]))
    total = np.zeros(scene.num_frames, np.int64)
    for index in order if part.type[0] == ">" else reversed(order):
        byte = part.address - scene.first_address + index
        column = scene.place.get(byte)
        constant = scene.constant(byte) or 0
        total = total * 256 + (constant if column is None else scene.values[:, column])
    return total


def _instead(scene: Scene, values: Int64Array, broken: Known) -> str:
    said = [
        f"{values[frame]} at {_frame(scene, frame)}, not {value}"
        for frame, value in broken[:MOST_SHOWN]
    ]
    return ", ".join([*said, "..."] if len(broken) > MOST_SHOWN else said)


def _frame(scene: Scene, frame: int) -> str:
    """Name a frame as the labels count it: from the start of its own play."""
    play = int(scene.play[frame])
    own = frame - int(np.flatnonzero(scene.play == play)[0])
    return f"frame {own} of play {play + 1}" if scene.play[-1] else f"frame {own}"


def _by_way(scene: Scene, kind: str) -> Near | None:
    """Return the byte that comes nearest to doing what its kind must do."""
    if kind == "rises":
        return _wrong_ways(scene)
    if kind == "falls":
        return _falls_at_deaths(scene)
    return _turns(scene, 1 if kind == "counts" else -1)


def _wrong_ways(scene: Scene) -> Near | None:
    """Of bytes that go right and left as labelled at times, the one that errs least."""
    labels = np.where(scene.near_death(), UNLABELLED, scene.motion[1:])
    ways = {RISES: scene.steps > 0, FALLS: scene.steps < 0}
    rises, falls = (labels == RISES)[:, None], (labels == FALLS)[:, None]
    right = (ways[RISES] & rises).sum(axis=0) + (ways[FALLS] & falls).sum(axis=0)
    wrong = (ways[FALLS] & rises).sum(axis=0) + (ways[RISES] & falls).sum(axis=0)
    wrong += ((scene.steps != 0) & (labels == STILL)[:, None]).sum(axis=0)
    num_labels = int(np.isin(labels, (RISES, FALLS, STILL)).sum())
    column = _least(wrong, right > 0)
    if column is None:
        return None
    detail = f"moves as labelled in {right[column]}"
    return Near(_byte(scene, column), int(wrong[column]), num_labels, detail, "labelled frames")


def _falls_at_deaths(scene: Scene) -> Near | None:
    """Of bytes that fall near deaths, though by more than one, the one that does so most often."""
    falls = np.zeros(len(scene.columns), np.int64)
    for death in scene.deaths:
        window = scene.steps[max(0, death - DEATH_BEFORE) : death + DEATH_AFTER]
        falls += (window < 0).any(axis=0)
    changes = np.count_nonzero(scene.steps, axis=0)
    column = _least(changes - (changes.max() + 1) * falls, falls > 0)
    if column is None:
        return None
    count = len(scene.deaths)
    detail = f"falls near {falls[column]} of them, but never by one"
    return Near(_byte(scene, column), count, count, detail, "deaths")


def _turns(scene: Scene, sign: int) -> Near | None:
    """Of bytes that rise at times (sign 1), the one that falls least often; or turned round."""
    way = np.diff(scene.values.astype(np.int16), axis=0) * sign
    way[scene.steps == 0] = 0
    against = np.count_nonzero(way < 0, axis=0)
    column = _least(against, np.count_nonzero(way > 0, axis=0) > 0)
    if column is None:
        return None
    verb = "falls" if sign > 0 else "rises"
    count = int(against[column])
    return Near(_byte(scene, column), count, len(way), f"it {verb} there", "frames")


def _least(values: npt.NDArray[np.int64], allowed: npt.NDArray[np.bool_]) -> int | None:
    columns = np.flatnonzero(allowed)
    return int(columns[values[columns].argmin()]) if len(columns) else None


def _byte(scene: Scene, column: int) -> str:
    return _place((Part(scene.address(column), "|u1"),))


def _place(parts: tuple[Part, ...]) -> str:
    return " ".join(f"0x{part.address:X} {part.type}" for part in parts)
