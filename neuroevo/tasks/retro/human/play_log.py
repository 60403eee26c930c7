"""The log of a play: a CSV file with one row per frame.

Columns: ``frame`` (0 is the moment before the first button), ``start`` (the save state it began
from), ``buttons`` (held in this frame, joined by +), ``mark`` (what the player said happened), then
the variables of data.json, as whole numbers. Buttons and start are enough to play it again.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from neuroevo.errors import TaskError

HEAD = ("frame", "start", "buttons", "mark")


class PlayLog:
    """Writes a log, row by row."""

    def __init__(self, path: Path, state: str, variables: Mapping[str, int]) -> None:
        """Open a new file and write the row of frame 0.

        Raises:
            TaskError: the file exists or cannot be written.
        """
        try:
            self._file = path.open("x", encoding="utf-8", newline="")
        except FileExistsError as error:
            raise TaskError(
                f"{path}: must be a new file; it exists. Choose another name."
            ) from error
        except OSError as error:
            raise TaskError(f"{path}: must be writable; got {error}. Choose another.") from error
        self._path = path
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._names, self._state, self._frame = tuple(sorted(variables)), state, 0
        self._writer.writerow((*HEAD, *self._names))
        self._row = self._make_row((), variables)

    def frame(self, buttons: Sequence[str], variables: Mapping[str, int]) -> None:
        """Write the row of the next frame: what was held, and what it led to."""
        self._writer.writerow(self._row)
        self._frame += 1
        self._row = self._make_row(buttons, variables)

    def mark(self, word: str) -> None:
        """Mark the frame that has just been written; several words are joined by a blank."""
        self._row[3] = f"{self._row[3]} {word}".strip()

    def close(self) -> None:
        """Write the last row; may be called twice."""
        if not self._file.closed:
            self._writer.writerow(self._row)
            self._file.close()

    def discard(self) -> None:
        """Take the file away again."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _make_row(self, buttons: Sequence[str], variables: Mapping[str, int]) -> list[object]:
        values = (variables[name] for name in self._names)
        return [self._frame, self._state, "+".join(buttons), "", *values]


@dataclass(frozen=True, slots=True)
class LoggedPlay:
    """A log, read again.

    Attributes:
        state: where it began; a name, an absolute path, or ``power-on``.
        buttons: of frames 1 to the last.
        marks: (frame, word).
        variables: by name, one number per frame from frame 0 on.
    """

    state: str
    buttons: tuple[tuple[str, ...], ...]
    marks: tuple[tuple[int, str], ...]
    variables: Mapping[str, tuple[int, ...]]


def read_log(path: Path) -> LoggedPlay:
    """Read a log.

    Raises:
        TaskError: the file is not a log of ``neuroevo play``, or rows are missing.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    except (OSError, ValueError, csv.Error) as error:
        raise TaskError(f"{path}: must be a readable CSV; got {error}. Check the path.") from error
    if len(rows) < 2 or tuple(rows[0][:4]) != HEAD:
        raise TaskError(
            f"{path}: must be a log of `neuroevo play --log`, whose columns are "
            f"{', '.join(HEAD)} and the variables; got {','.join(rows[0])[:60] if rows else ''!r}. "
            f"Give the log of a play."
        )
    try:
        return _logged(rows[0][4:], rows[1:])
    except (IndexError, ValueError) as error:
        raise TaskError(
            f"{path}: every row must hold the next frame and whole numbers; got {error}. "
            f"The file was cut or edited: play again."
        ) from error


def _logged(names: Sequence[str], rows: Sequence[Sequence[str]]) -> LoggedPlay:
    frames = [int(row[0]) for row in rows]
    if frames != list(range(len(rows))):
        raise ValueError("frames that do not follow each other")
    columns = list(zip(*([int(value) for value in row[4:]] for row in rows), strict=True))
    if len(columns) != len(names):
        raise ValueError(f"{len(columns)} values for {len(names)} variables")
    return LoggedPlay(
        state=rows[0][1],
        buttons=tuple(tuple(b for b in row[2].split("+") if b) for row in rows[1:]),
        marks=tuple((int(row[0]), word) for row in rows for word in row[3].split()),
        variables=dict(zip(names, columns, strict=True)),
    )
