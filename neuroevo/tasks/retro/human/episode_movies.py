"""Movies of the games that a network plays: the bk2 and check sheet of a person's play.

The recorder stands between the player and the emulator, so that it sees every frame as it is
played, late fingers and autofire included; who records nothing pays nothing.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.human.recording import MovieRecorder, read_sheet, sheet_path

UInt8Array = npt.NDArray[np.uint8]


class EpisodeMovies:
    """Records a movie per episode: give it to :meth:`RetroTask.evaluate` as ``record``.

    Attributes:
        paths: of the movies, in the order of play.
    """

    def __init__(self, path: Path, *, may_replace: bool = False) -> None:
        """Take the names.

        Args:
            path: of the first movie; the second of ``film.bk2`` is ``film-2.bk2``.
            may_replace: movies of these names that have a check sheet.
        """
        self._path, self._may_replace = path, may_replace
        self.paths: list[Path] = []
        self._emulator: _RecordedEmulator | None = None

    def __enter__(self) -> EpisodeMovies:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Finish the last movie; one of a game that failed is taken away."""
        if self._emulator is not None:
            self._emulator.end_movie(is_kept=kind is None)

    def __call__(self, emulator: Emulator, state_name: str) -> Emulator:
        """Return the emulator for an episode, which records from its next reset on.

        Raises:
            TaskError: a file of that name is there and may not be replaced, or is no movie.
        """
        if self._emulator is not None:
            self._emulator.end_movie()
        number = len(self.paths) + 1
        path = self._path.with_stem(f"{self._path.stem}-{number}") if self.paths else self._path
        self.paths.append(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        if self._may_replace:
            _make_room(path)
        self._emulator = _RecordedEmulator(emulator, path, state_name)
        return cast("Emulator", self._emulator)


class _RecordedEmulator:
    """An emulator whose frames are written down; all else it does itself."""

    def __init__(self, emulator: Emulator, path: Path, state_name: str) -> None:
        self._emulator, self._path, self._state_name = emulator, path, state_name
        self._held = np.zeros(len(emulator.buttons), np.uint8)
        self._movie: MovieRecorder | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._emulator, name)

    def reset(self, state: bytes) -> None:
        self.end_movie()
        self._emulator.reset(state)
        self._held = np.zeros_like(self._held)
        self._movie = MovieRecorder(self._emulator, self._path, self._state_name, state)

    def set_buttons(self, mask: UInt8Array) -> None:
        self._held = mask.copy()
        self._emulator.set_buttons(mask)

    def step_frame(self) -> None:
        if self._movie is None:
            self._emulator.step_frame()
            return
        self._movie.press(self._held)
        self._emulator.step_frame()
        self._movie.after_frame()

    def end_movie(self, *, is_kept: bool = True) -> None:
        if self._movie is not None:
            self._movie.close() if is_kept else self._movie.discard()
            self._movie = None


def _make_room(path: Path) -> None:
    """Take away a movie that has a check sheet; the recorder refuses to replace any other file."""
    if path.exists() and read_sheet(path) is not None:
        path.unlink()
        sheet_path(path).unlink()
