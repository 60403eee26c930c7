"""The run log: one JSON object per line, on the disk after ``append`` or ``sync``.

A line is complete with its newline. A torn last line, from a crash in the middle of a write, is
ignored by readers and removed by the next writer. Lines that the disk refuses wait in memory, in
order, and follow when it takes them again.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from neuroevo.errors import StorageError, UnwritableError
from neuroevo.storage.atomic import unwritable
from neuroevo.storage.record_shape import ALWAYS, check_record

JSON = Any


class RunLog:
    """The writer of one log file; there must be only one at a time."""

    def __init__(self, path: Path) -> None:
        """Open the log for appending, making it if missing, and drop a torn last line.

        Raises:
            UnwritableError: the file cannot be opened.
        """
        self._path = path
        # Pairs, so that Ctrl-C never falls between two numbers that belong together.
        self._end = (0, 0)  # bytes of the complete lines; lines that this object wrote
        self._synced = (0, 0)  # the same, of what is surely on the disk
        self._kept: tuple[int, list[bytes]] = (0, [])  # lines, and the number of the first of them
        try:
            self._file = path.open("a+b", buffering=0)
            if os.fstat(self._file.fileno()).st_size:  # of a new one there is nothing to flush
                self._cut(self._complete_bytes())
        except OSError as problem:
            raise unwritable(path, problem) from problem

    @property
    def offset(self) -> int:
        """Length in bytes of the complete lines; a checkpoint stores it."""
        return self._end[0]

    @property
    def offset_of_added(self) -> int:
        """What :attr:`offset` will be once every line is written that was added."""
        first, lines = self._kept
        return self._end[0] + sum(map(len, lines[self._end[1] - first :]))

    @property
    def num_added(self) -> int:
        """Lines that were added to this object, written or not."""
        first, lines = self._kept
        return first + len(lines)

    def add(self, record: Mapping[str, JSON]) -> None:
        """Keep a line in memory until :meth:`flush`.

        Raises:
            StorageError: the record is not JSON with finite numbers.
        """
        self._kept[1].append(self._encode(record))

    def flush(self, num_lines: int | None = None, *, is_synced: bool = True) -> None:
        """Write the lines in memory, oldest first; may be called again whatever interrupted it.

        Args:
            num_lines: of all that were added so many; None writes all.
            is_synced: as for :meth:`append`.

        Raises:
            UnwritableError: the disk refuses; whole lines are written, the others stay in memory.
        """
        first, lines = self._kept
        last = self.num_added if num_lines is None else num_lines
        for line in lines[self._end[1] - first : last - first]:
            self._write(line)
        if is_synced and self._end != self._synced:
            self.sync()

    def append(self, record: Mapping[str, JSON], *, is_synced: bool = True) -> None:
        """Write one line, after those in memory, and flush it to the disk.

        Args:
            record: a JSON object with finite numbers.
            is_synced: False leaves the flushing to :meth:`sync`: a killed process loses nothing, a
                power cut what came after the last one.

        Raises:
            StorageError: the record is not JSON with finite numbers.
            UnwritableError: the disk refuses; then nothing of the line remains and the next
                ``append`` may succeed.
        """
        self.add(record)
        try:
            self.flush(is_synced=is_synced)
        except UnwritableError:
            self._kept[1].pop()
            raise

    def sync(self) -> None:
        """Flush what is written to the disk.

        Raises:
            UnwritableError: the disk refuses; the lines are written anew by the next ``flush``,
                since the system may have thrown them away.
        """
        try:
            os.fsync(self._file.fileno())
        except OSError as problem:
            self._end = self._synced
            with contextlib.suppress(OSError):
                self._cut(self._end[0])
            raise unwritable(self._path, problem) from problem
        self._synced = self._end
        first, lines = self._kept
        self._kept = (self._synced[1], lines[self._synced[1] - first :])

    def truncate(self, offset: int) -> None:
        """Forget every line after ``offset``, as a resumed run writes them again.

        Raises:
            StorageError: the log is shorter, or ``offset`` is not between two lines.
        """
        check_offset(self._path, offset)
        try:
            self._cut(offset)
        except OSError as problem:
            raise unwritable(self._path, problem) from problem

    def close(self) -> None:
        """Close the file; may be called twice."""
        self._file.close()

    def _complete_bytes(self) -> int:
        self._file.seek(0)
        return self._file.read().rfind(b"\n") + 1

    def _write(self, line: bytes) -> None:
        """Write a line whole or not at all."""
        offset, num_written = self._end
        try:
            if os.fstat(self._file.fileno()).st_size != offset:  # half a line of an earlier attempt
                self._cut(offset)
            rest = memoryview(line)
            while rest:  # a disk that takes a part says with the next one why
                rest = rest[self._file.write(rest) :]
        except OSError as problem:
            with contextlib.suppress(OSError):
                self._cut(offset)
            raise unwritable(self._path, problem) from problem
        self._end = (offset + len(line), num_written + 1)

    def _cut(self, offset: int) -> None:
        self._file.truncate(offset)
        os.fsync(self._file.fileno())
        self._end = self._synced = (offset, self._end[1])

    def _encode(self, record: Mapping[str, JSON]) -> bytes:
        try:
            text = _TEXT.encode(dict(record))
        except (TypeError, ValueError) as problem:
            raise StorageError(
                f"{self._path}: a record must be JSON with finite numbers; got {problem}. "
                "Replace what is not a number before logging it."
            ) from problem
        return text.encode() + b"\n"


def check_offset(path: Path, offset: int) -> None:
    """See that a log has the lines that a checkpoint counts on; a missing log has none.

    Args:
        path: of the log.
        offset: bytes; of a checkpoint.

    Raises:
        StorageError: the log is shorter, or ``offset`` is not between two lines.
    """
    size = path.stat().st_size if path.exists() else 0
    is_border = 0 <= offset <= size
    if is_border and offset:
        with path.open("rb") as file:
            file.seek(offset - 1)
            is_border = file.read(1) == b"\n"
    if not is_border:
        raise StorageError(
            f"{path}: must have a line that ends at byte {offset}; got {size} bytes of other "
            "lines. The log was changed: restore it from a copy."
        )


def read_log(path: Path) -> list[dict[str, JSON]]:
    """Return all complete records; [] for an empty log.

    Raises:
        StorageError: the file cannot be read, or a line before the last is damaged (its number
            is told).
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as problem:
        raise StorageError(
            f"{path}: must be readable; got {problem.strerror}. Pass the folder of a run."
        ) from problem
    records = []
    complete = lines[:-1]  # what follows the last newline is nothing, or a torn line
    for number, line in enumerate(complete, start=1):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if isinstance(record, dict):
            records.append(record)
        elif number < len(complete):
            raise StorageError(
                f"{path} line {number}: must be one JSON object; got {line[:60]!r}. "
                "Remove the line or restore the log from a copy."
            )
    return records


def read_generations(path: Path) -> list[dict[str, JSON]]:
    """Return the records of a run's log, each seen to be that of a generation.

    Raises:
        StorageError: as :func:`read_log`, or a record is of something else.
    """
    records = read_log(path)
    for number, record in enumerate(records, start=1):
        check_record(f"{path} line {number}", record, ALWAYS)
    return records


def _plain_number(value: object) -> JSON:
    """Return a numpy number as Python's; anything else is no JSON."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a {type(value).__name__}")


_TEXT = json.JSONEncoder(allow_nan=False, default=_plain_number)
