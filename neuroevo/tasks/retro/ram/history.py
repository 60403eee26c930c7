"""Work RAM over a play, in the order of addresses: what a search for variables reads.

Only the bytes that ever change are kept per frame, so minutes of play fit into little memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.human.play_log import LoggedPlay, read_log
from neuroevo.tasks.retro.human.playing import POWER_ON, Play
from neuroevo.tasks.retro.human.recording import read_sheet
from neuroevo.tasks.retro.human.replaying import check_archive, movie_masks, open_movie, run_apart

SWAPPED_CONSOLES = frozenset({"Genesis", "32x", "SCD", "Saturn"})
"""Their cores keep each 16-bit word in the order of the computer they run on, a little-endian one;
stable-retro's tables call it the overlay ``["=", ">", 2]``. The byte at an address lies beside."""

UInt8Array = npt.NDArray[np.uint8]
Int64Array = npt.NDArray[np.int64]
Marks = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class RamHistory:
    """One play.

    Attributes:
        first_address: of work RAM.
        first: (num_bytes,) uint8, all of work RAM at frame 0, by address.
        columns: (num_columns,) int64, which bytes change during the play, rising.
        values: (num_frames, num_columns) uint8, their values; row 0 is frame 0, before any button.
        buttons: of frames 1 to the last: one fewer than rows.
        marks: (frame, word) that the player set.
    """

    first_address: int
    first: UInt8Array
    columns: Int64Array
    values: UInt8Array
    buttons: tuple[tuple[str, ...], ...]
    marks: Marks = ()

    def bytes_of(self, columns: Int64Array) -> UInt8Array:
        """Return (num_frames, len(columns)) uint8 for any bytes, those that never change too."""
        out = np.repeat(self.first[columns][None], len(self.values), axis=0)
        own = np.flatnonzero(np.isin(columns, self.columns))
        out[:, own] = self.values[:, np.searchsorted(self.columns, columns[own])]
        return out


class HistoryWriter:
    """Collects a history frame by frame; keeps what changed since the frame before."""

    def __init__(self, emulator: Emulator) -> None:
        """Take frame 0 from a game that has just been reset."""
        self._emulator = emulator
        self._order = byte_order(emulator)
        self._first = self._last = self._read()
        self._places: list[Int64Array] = []
        self._changes: list[UInt8Array] = []
        self._buttons: list[tuple[str, ...]] = []

    def after_frame(self, buttons: Sequence[str]) -> None:
        """Take the frame that has just run with these buttons held."""
        ram = self._read()
        places = np.flatnonzero(ram != self._last)
        self._places.append(places)
        self._changes.append(ram[places])
        self._buttons.append(tuple(buttons))
        self._last = ram

    def history(self, marks: Marks = ()) -> RamHistory:
        """Return what was collected."""
        changed = [places for places in self._places if len(places)]
        columns = np.unique(np.concatenate(changed)) if changed else np.zeros(0, np.int64)
        values = np.empty((len(self._places) + 1, len(columns)), np.uint8)
        values[0] = self._first[columns]
        for row, (places, change) in enumerate(zip(self._places, self._changes, strict=True), 1):
            values[row] = values[row - 1]
            values[row, np.searchsorted(columns, places)] = change
        return RamHistory(
            first_address=self._emulator.ram_address(),
            first=self._first,
            columns=columns,
            values=values,
            buttons=tuple(self._buttons),
            marks=marks,
        )

    def _read(self) -> UInt8Array:
        ram = self._emulator.work_ram()
        return ram if self._order is None else ram[self._order]


def byte_order(emulator: Emulator) -> Int64Array | None:
    """Return which byte of :meth:`Emulator.work_ram` lies at each address; None: in order."""
    if emulator.console not in SWAPPED_CONSOLES:
        return None
    return np.arange(len(emulator.work_ram()), dtype=np.int64) ^ 1


def play_histories(
    game: str, plays: Sequence[Path], integrations: Sequence[str] = ()
) -> tuple[str, list[RamHistory]]:
    """Play logs and movies again and return work RAM of each.

    Args:
        game: with or without the version suffix.
        plays: ``.csv`` of ``neuroevo play --log`` or ``.bk2``.
        integrations: further folders of games.

    Returns:
        The console's name and one history per play.

    Raises:
        TaskError: a file is neither, or does not fit the game.
    """
    if not plays:
        raise TaskError("plays: must be at least one .csv or .bk2; got none. Record one.")
    return run_apart(plays[0], _histories_here, game, tuple(plays), tuple(integrations))


def _histories_here(
    game: str, plays: Sequence[Path], integrations: Sequence[str]
) -> tuple[str, list[RamHistory]]:
    found = games.resolve_game(game, integrations)
    with Emulator.open(found) as emulator:
        return emulator.console, [_history(emulator, path) for path in plays]


def _history(emulator: Emulator, path: Path) -> RamHistory:
    if path.suffix == ".bk2":
        return _movie_history(emulator, path)
    if path.suffix == ".csv":
        return _log_history(emulator, path)
    raise TaskError(
        f"{path}: a play must be a .csv of `neuroevo play --log` or a .bk2; got {path.suffix!r}. "
        f"Record one with `neuroevo play`."
    )


def _movie_history(emulator: Emulator, path: Path) -> RamHistory:
    check_archive(path)
    movie, sheet = open_movie(path), read_sheet(path)
    emulator.reset(movie.get_state())
    writer = HistoryWriter(emulator)
    for mask in movie_masks(movie, len(emulator.buttons)):
        emulator.set_buttons(mask)
        emulator.step_frame()
        names = zip(emulator.buttons, mask.tolist(), strict=True)
        writer.after_frame([name for name, held in names if held and name])
    return writer.history(sheet.marks if sheet else ())


def _log_history(emulator: Emulator, path: Path) -> RamHistory:
    log = read_log(path)
    with _errors_of(path):
        play = Play(emulator, None if log.state == POWER_ON else log.state, allow_start=True)
        writer = HistoryWriter(emulator)
        _check_row(log, play, 0)
        for frame, buttons in enumerate(log.buttons, 1):
            play.frame(buttons)
            _check_row(log, play, frame)
            writer.after_frame(buttons)
    return writer.history(log.marks)


def _check_row(log: LoggedPlay, play: Play, frame: int) -> None:
    """Refuse a log that this game does not repeat; it was another ROM, state or file."""
    for name, values in log.variables.items():
        # A variable that data.json has lost since says nothing against the play.
        if name in play.variables and play.variables[name] != values[frame]:
            raise TaskError(
                f"must be repeated by the game as it was logged; got {name} = "
                f"{play.variables[name]} at frame {frame}, the log has {values[frame]}. It was "
                f"played on another ROM, from another state or with another data.json."
            )


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    try:
        yield
    except TaskError as error:
        raise TaskError(f"{path}: {error}") from error
