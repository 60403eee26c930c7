"""All plays of a search laid end to end, as arrays that a search can compare at once.

Pure numpy: knows no emulator and no files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.ram.history import RamHistory
from neuroevo.tasks.retro.ram.labels import Known, Labels

DEATH_BEFORE, DEATH_AFTER = 120, 240
"""Frames around a mark ``died`` in which the life may be counted and the level starts again."""

UInt8Array = npt.NDArray[np.uint8]
Int8Array = npt.NDArray[np.int8]
Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scene:
    """The plays, one after the other.

    Attributes:
        first_address: of work RAM.
        first: (num_bytes,) uint8, work RAM at the first frame, by address.
        columns: (num_columns,) int64, the bytes that change, rising; index 0 is first_address.
        values: (num_frames, num_columns) uint8.
        steps: (num_frames - 1, num_columns) int8, change to the next frame modulo 256, -128 to
            127; 0 from one play to the next.
        play: (num_frames,) int64, which play a frame belongs to.
        motion: (num_frames,) int8, see :class:`Labels`.
        deaths: frames.
        known: (frame, name, digits).
        is_big_endian: the console keeps the most significant byte first.
        place: byte -> its column.
    """

    first_address: int
    first: UInt8Array
    columns: Int64Array
    values: UInt8Array
    steps: Int8Array
    play: Int64Array
    motion: Int8Array
    deaths: tuple[int, ...]
    known: Known
    is_big_endian: bool = False
    place: dict[int, int] = field(default_factory=dict)

    @property
    def num_frames(self) -> int:
        """Frames of all plays."""
        return len(self.values)

    def address(self, column: int) -> int:
        """Return the address of a column's byte."""
        return self.first_address + int(self.columns[column])

    def constant(self, byte: int) -> int | None:
        """Return the value of a byte that never changes; None if it changes or is not there."""
        if byte in self.place or not 0 <= byte < len(self.first):
            return None
        return int(self.first[byte])

    def near_death(self) -> BoolArray:
        """Return (num_frames - 1,) bool: the steps around deaths."""
        near = np.zeros(self.num_frames - 1, np.bool_)
        for frame in self.deaths:
            near[max(0, frame - DEATH_BEFORE) : frame + DEATH_AFTER] = True
        return near

    def known_of(self, name: str) -> list[tuple[int, int]]:
        """Return (frame, value) of the numbers known under a name."""
        return [(frame, int(digits)) for frame, known, digits in self.known if known == name]

    def width_of(self, name: str) -> int:
        """Return how many digits the screen shows of a number; 0 when nobody said so."""
        shown = (d for _, known, d in self.known if known == name and d.startswith("0"))
        return max((len(digits) for digits in shown if len(digits) > 1), default=0)


def make_scene(
    histories: Sequence[RamHistory], labels: Sequence[Labels], *, is_big_endian: bool = False
) -> Scene:
    """Lay plays end to end.

    Args:
        histories: at least one, all of the same game.
        labels: one per history.
        is_big_endian: the console keeps the most significant byte first.

    Raises:
        TaskError: nothing changes in work RAM.
    """
    columns = np.unique(np.concatenate([_changing(history, histories) for history in histories]))
    if not len(columns):
        raise TaskError("plays: something must change in work RAM; got none. Play longer.")
    values = np.concatenate([history.bytes_of(columns) for history in histories])
    lengths = [len(history.values) for history in histories]
    starts = np.cumsum([0, *lengths[:-1]]).tolist()
    steps = np.diff(values, axis=0).view(np.int8)
    steps[[start - 1 for start in starts[1:]]] = 0
    return Scene(
        first_address=histories[0].first_address,
        first=histories[0].first,
        columns=columns,
        values=values,
        steps=steps,
        play=np.repeat(np.arange(len(lengths)), lengths),
        motion=np.concatenate([label.motion for label in labels]),
        deaths=tuple(
            start + frame
            for start, label in zip(starts, labels, strict=True)
            for frame in label.deaths
        ),
        known=tuple(
            (start + frame, name, digits)
            for start, label in zip(starts, labels, strict=True)
            for frame, name, digits in label.known
        ),
        is_big_endian=is_big_endian,
        place={byte: column for column, byte in enumerate(columns.tolist())},
    )


def _changing(history: RamHistory, histories: Sequence[RamHistory]) -> Int64Array:
    """Return the bytes that change within a play, or from the first play's start to its own."""
    differs = np.flatnonzero(history.first != histories[0].first)
    return np.union1d(history.columns, differs)
