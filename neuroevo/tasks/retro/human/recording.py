"""Movies of play: the bk2 file that stable-retro writes, and a check sheet beside it.

A bk2 holds the start and the buttons of every frame, no picture. The check sheet, a JSON file of
the same name, says which ROM and core it was played on and holds digests of work RAM, so that a
replay can tell whether it is the same play (:mod:`neuroevo.tasks.retro.human.replaying`). States
are never hashed: the core leaves some of their bytes undefined.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.games import read_json

if TYPE_CHECKING:
    from neuroevo.tasks.retro.emulator import Emulator

SHEET_FORMAT = "neuroevo-movie-1"
DIGEST_EVERY = 60
"""Frames from one digest to the next: about a second."""

MAX_SHEET_BYTES = 16_000_000
"""Two days of play."""

UInt8Array = npt.NDArray[np.uint8]
Digests = tuple[tuple[int, str], ...]


class RamDigest:
    """A running sha256 of work RAM, one picture of it per frame.

    Frame 0 is the moment before the first button. Two plays with the same digest at a frame were
    the same in all frames up to it.
    """

    def __init__(self) -> None:
        """Begin before frame 0."""
        self._hash = hashlib.sha256()
        self._kept: list[tuple[int, str]] = []
        self._frame = -1

    def add(self, ram: UInt8Array) -> None:
        """Take work RAM, (num_bytes,) uint8, after the next frame."""
        self._frame += 1
        self._hash.update(ram.tobytes())
        if self._frame and self._frame % DIGEST_EVERY == 0:
            self._kept.append((self._frame, self._hash.hexdigest()))

    def digests(self) -> Digests:
        """Return (frame, sha256 in hex), one per :data:`DIGEST_EVERY` frames and one of the end."""
        end = (self._frame, self._hash.hexdigest())
        return tuple(self._kept if self._kept[-1:] == [end] else [*self._kept, end])


@dataclass(frozen=True, slots=True)
class CheckSheet:
    """What a replay must reproduce.

    Attributes:
        game: its full name.
        state: name of the save state it began from, for people; the movie holds its bytes.
        rom_sha1: of the ROM file.
        core: name of the emulator core.
        stable_retro: its version.
        num_frames: frames played after the reset.
        digests: (frame, sha256 of work RAM from frame 0 to this one), rising.
        marks: (frame, word) that the player set, e.g. ``(912, "died")``.
    """

    game: str
    state: str
    rom_sha1: str
    core: str
    stable_retro: str
    num_frames: int
    digests: Digests
    marks: tuple[tuple[int, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object of the file."""
        return {
            "format": SHEET_FORMAT,
            **{name: getattr(self, name) for name in CheckSheet.__slots__},
        }


class MovieRecorder:
    """Records the play of an emulator that has just been reset to ``state``."""

    def __init__(self, emulator: Emulator, path: Path, state_name: str, state: bytes) -> None:
        """Begin a movie.

        Args:
            emulator: right after :meth:`Emulator.reset` with ``state``.
            path: a new file that ends in ``.bk2``.
            state_name: for people.
            state: the bytes that the game was reset to.

        Raises:
            TaskError: the name does not end in ``.bk2``, the file or its sheet is there already,
                or the folder is not.
        """
        import stable_retro

        _check_new(path)
        self._path, self._state_name, self._emulator = path, state_name, emulator
        self._part = path.with_name(f".{path.stem}.part.bk2")
        self._movie: Any = stable_retro.Movie(str(self._part), True, 1)
        emulator.configure_movie(self._movie)
        self._movie.set_state(state)
        self._movie.step()  # stands for the idle frame of the reset; players of bk2 skip it
        self._num_frames = 0
        self._marks: list[tuple[int, str]] = []
        self._digest = RamDigest()
        self._digest.add(emulator.work_ram())

    def press(self, mask: UInt8Array) -> None:
        """Write the buttons of the frame that is about to run, (num_buttons,) uint8."""
        for index, value in enumerate(mask.tolist()):
            self._movie.set_key(index, bool(value), 0)
        self._movie.step()
        self._num_frames += 1

    def after_frame(self) -> None:
        """Take work RAM of the frame that has just run."""
        self._digest.add(self._emulator.work_ram())

    def mark(self, word: str) -> None:
        """Remember that something happened at this frame."""
        self._marks.append((self._num_frames, word))

    def close(self) -> None:
        """Write the movie and its sheet; may be called twice."""
        if self._movie is None:
            return
        self._movie.close()  # the file exists only from here on
        self._movie = None
        self._part.replace(self._path)
        text = json.dumps(self._sheet().to_json(), indent=1)
        sheet_path(self._path).write_text(text + "\n", encoding="utf-8")

    def discard(self) -> None:
        """Forget the movie: no file stays."""
        self.close()
        self._path.unlink(missing_ok=True)
        sheet_path(self._path).unlink(missing_ok=True)

    def _sheet(self) -> CheckSheet:
        import stable_retro

        return CheckSheet(
            game=self._emulator.game.name,
            state=self._state_name,
            rom_sha1=rom_sha1(self._emulator),
            core=self._emulator.core,
            stable_retro=stable_retro.__version__.strip(),
            num_frames=self._num_frames,
            digests=self._digest.digests(),
            marks=tuple(self._marks),
        )


def rom_sha1(emulator: Emulator) -> str:
    """Return the sha1 of the whole ROM file, header and all, in hex."""
    return hashlib.sha1(emulator.rom.read_bytes()).hexdigest()


def sheet_path(movie: Path) -> Path:
    """Return where the check sheet of a movie lies: ``play.bk2`` has ``play.json``."""
    return movie.with_suffix(".json")


def read_sheet(movie: Path) -> CheckSheet | None:
    """Read the check sheet of a movie; None when it has none.

    Raises:
        TaskError: the file is there, but is no check sheet.
    """
    path = sheet_path(movie)
    if not path.exists():
        return None
    document = read_json(path, MAX_SHEET_BYTES)
    try:
        return _sheet_of(document)
    except (KeyError, TypeError, ValueError) as error:
        raise TaskError(
            f"{path}: must be a check sheet of format {SHEET_FORMAT}; got {error!r}. Move it away "
            f"to replay the movie unchecked."
        ) from error


def _sheet_of(document: Mapping[str, Any]) -> CheckSheet:
    if document["format"] != SHEET_FORMAT:
        raise ValueError(f"format {document['format']!r}")
    return CheckSheet(
        **{name: str(document[name]) for name in CheckSheet.__slots__[:5]},
        num_frames=int(document["num_frames"]),
        digests=_pairs(document["digests"]),
        marks=_pairs(document["marks"]),
    )


def _pairs(rows: Any) -> tuple[tuple[int, str], ...]:
    return tuple((int(frame), str(text)) for frame, text in rows)


def _check_new(path: Path) -> None:
    if path.suffix != ".bk2":
        raise TaskError(f"{path}: a movie must end in .bk2; got {path.suffix!r}. Rename it.")
    for file in (path, sheet_path(path)):
        if file.exists():
            raise TaskError(f"{file}: must be a new file; it exists. Choose another name.")
    if not path.parent.is_dir():
        raise TaskError(f"{path.parent}: must be a folder; got none. Make it first.")
