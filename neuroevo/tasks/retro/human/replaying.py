"""A movie played again, and whether it is the same play.

The save state inside a movie comes from anywhere, and a corrupt one can kill the process: so every
replay runs in a process of its own, and its death is reported.
"""

from __future__ import annotations

import multiprocessing
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games, trial
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.human.recording import (
    CheckSheet,
    Digests,
    RamDigest,
    read_sheet,
    rom_sha1,
)

MOST_BYTES = 256 * 2**20
"""Of what a movie unpacks to: a state is a few megabytes at most."""
MOST_LOG_BYTES = 16 * 2**20
"""Of the list of buttons: about five hours of play."""
MOST_PARTS = 64
MOST_PICTURES = 600
"""Of a film; a longer play is shown in coarser steps."""
FILM_STRIDE = 4

UInt8Array = npt.NDArray[np.uint8]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Replayed:
    """One replay of a movie.

    Attributes:
        game: its full name.
        rom_sha1: of the ROM that was played.
        core: name of the emulator core.
        num_frames: frames played after the reset.
        frame_rate: frames per second of the console.
        digests: as :meth:`RamDigest.digests` gives them.
        variables: those of data.json at the end.
    """

    game: str
    rom_sha1: str
    core: str
    num_frames: int
    frame_rate: float
    digests: Digests
    variables: dict[str, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a replay was the recorded play.

    Attributes:
        is_same: None when there is nothing recorded to compare with.
        sentence: for people.
    """

    is_same: bool | None
    sentence: str


def check_movie(
    movie: Path, game: str = "", integrations: Sequence[str] = (), film: Path | None = None
) -> tuple[Replayed, Verdict]:
    """Play a movie again and compare it with its check sheet.

    Without a sheet it is played twice, and the two plays are compared with each other.

    Args:
        movie: a ``.bk2`` of stable-retro, one player.
        game: to play it on; '' takes the one that the movie names.
        integrations: further folders of games.
        film: write an animated picture of the screen here, a ``.png``.

    Raises:
        TaskError: the movie, its sheet or the game is not usable, or the core died of it.
    """
    sheet = read_sheet(movie)
    first = replay_movie(movie, game, integrations, film)
    if sheet is not None:
        return first, compare(sheet, first)
    second = replay_movie(movie, game, integrations)
    return first, _compare_twice(first, second)


def replay_movie(
    movie: Path, game: str = "", integrations: Sequence[str] = (), film: Path | None = None
) -> Replayed:
    """Play a movie once, in a process of its own; see :func:`check_movie`."""
    check_archive(movie)
    if film is not None and film.suffix != ".png":
        raise TaskError(f"{film}: a film must end in .png; got {film.suffix!r}. Rename it.")
    return run_apart(movie, _replay_here, movie, game, tuple(integrations), film)


def run_apart(movie: Path, function: Callable[..., Result], *arguments: object) -> Result:
    """Call a function of this package in a process of its own, which a bad state may kill.

    Raises:
        TaskError: the function's own, or that its process died.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            return pool.submit(function, *arguments).result()
        except BrokenProcessPool as error:
            raise TaskError(
                f"{movie}: the core must survive the movie's save state; its process died. The "
                f"movie is damaged, or made by another version of the core: record it again."
            ) from error


def compare(sheet: CheckSheet, replayed: Replayed) -> Verdict:
    """Say whether a replay is what the sheet recorded, or where it first differs."""
    if sheet.rom_sha1 != replayed.rom_sha1:
        return Verdict(False, "different: it was recorded on another ROM")
    if sheet.num_frames != replayed.num_frames:
        return Verdict(
            False,
            f"different: {sheet.num_frames} frames were recorded, the movie holds "
            f"{replayed.num_frames}",
        )
    return _compare_digests(sheet.digests, replayed)


def movie_masks(movie: Any, num_buttons: int) -> Iterator[UInt8Array]:
    """Yield the mask of every frame of a movie, (num_buttons,) uint8.

    The frame of the reset, which every bk2 begins with, is skipped.
    """
    movie.step()
    while movie.step():
        yield np.array([movie.get_key(i, 0) for i in range(num_buttons)], np.uint8)


def open_movie(path: Path) -> Any:
    """Open a bk2 of one player.

    Raises:
        TaskError: it is no such file, has no save state or has more players.
    """
    import stable_retro

    try:
        movie = stable_retro.Movie(str(path))
    except (RuntimeError, ValueError, IndexError) as error:  # the latter two: no number, too large
        raise TaskError(f"{path}: must be a bk2 movie; got {error}. Record it again.") from error
    if movie.players != 1:
        raise TaskError(
            f"{path}: must be a movie of one player; got {movie.players}. Play it with "
            f"`python -m stable_retro.scripts.playback_movie`."
        )
    if not movie.get_state():
        raise TaskError(
            f"{path}: must hold the save state it begins from, as those of stable-retro do; got "
            f"none. A movie of another emulator cannot be played here."
        )
    return movie


def check_archive(path: Path) -> None:
    """Refuse what is not a movie's archive before the core's reader sees it.

    Raises:
        TaskError: no zip file, no list of inputs, or it unpacks to too much.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise TaskError(f"{path}: must be a bk2 movie; got {error}. Check the path.") from error
    if "Input Log.txt" not in sizes:
        raise TaskError(
            f"{path}: a bk2 movie must hold Input Log.txt; got "
            f"{', '.join(sorted(sizes)[:5]) or 'nothing'}. It is another kind of archive."
        )
    if len(sizes) > MOST_PARTS:
        raise TaskError(
            f"{path}: a bk2 movie must have at most {MOST_PARTS} parts; got {len(sizes):,}. It is "
            f"another kind of archive."
        )
    if sizes["Input Log.txt"] > MOST_LOG_BYTES:
        raise TaskError(
            f"{path}: its list of buttons must have at most {MOST_LOG_BYTES:,} bytes; got "
            f"{sizes['Input Log.txt']:,}. Record shorter movies."
        )
    if sum(sizes.values()) > MOST_BYTES:
        raise TaskError(
            f"{path}: must unpack to at most {MOST_BYTES:,} bytes; got {sum(sizes.values()):,}. "
            f"It is no movie of a console."
        )


def _replay_here(
    path: Path, game: str, integrations: tuple[str, ...], film: Path | None
) -> Replayed:
    death = trial.fails(lambda: open_movie(path))
    if death is not None:
        raise TaskError(f"{path}: must be a bk2 movie; a trial of it {death}. Record it again.")
    movie = open_movie(path)
    found = games.resolve_game(game or movie.get_game(), integrations)
    with Emulator.open(found) as emulator:
        emulator.try_state(movie.get_state(), str(path))
        emulator.reset(movie.get_state())
        digest, screens = RamDigest(), _Screens(is_wanted=film is not None)
        digest.add(emulator.work_ram())
        num_frames = 0
        for mask in movie_masks(movie, len(emulator.buttons)):
            emulator.set_buttons(mask)
            emulator.step_frame()
            num_frames += 1
            digest.add(emulator.work_ram())
            screens.add(emulator)
        if film is not None:
            screens.save(film, emulator.frame_rate())
        return Replayed(
            game=found.name,
            rom_sha1=rom_sha1(emulator),
            core=emulator.core,
            num_frames=num_frames,
            frame_rate=emulator.frame_rate(),
            digests=digest.digests(),
            variables=emulator.variables(),
        )


def _compare_digests(recorded: Digests, replayed: Replayed) -> Verdict:
    played = dict(replayed.digests)
    rate, before = replayed.frame_rate, 0
    for frame, digest in recorded:
        if played.get(frame) != digest:
            second = before / rate
            return Verdict(
                False,
                f"different: work RAM differs first between frame {before} and {frame}, "
                f"{second:.0f} s after the start",
            )
        before = frame
    return Verdict(True, f"identical: {replayed.num_frames} frames, {len(recorded)} digests")


def _compare_twice(first: Replayed, second: Replayed) -> Verdict:
    if _compare_digests(first.digests, second).is_same:
        sentence = (
            "no check sheet beside it: played twice, both plays are the same; whether the recorded "
            "one was the same cannot be told"
        )
        return Verdict(None, sentence)
    return Verdict(False, "played twice, and the two plays differ: this core does not repeat it")


class _Screens:
    """Screens of a replay for a film: at most so many, evenly spaced."""

    def __init__(self, *, is_wanted: bool) -> None:
        self._is_wanted, self._stride, self._num_frames = is_wanted, FILM_STRIDE, 0
        self._screens: list[UInt8Array] = []

    def add(self, emulator: Emulator) -> None:
        """Take the screen of the frame that has just run, if it is one that is shown."""
        self._num_frames += 1
        if not self._is_wanted or self._num_frames % self._stride:
            return
        self._screens.append(emulator.screen().copy())
        if len(self._screens) > MOST_PICTURES:
            self._screens, self._stride = self._screens[1::2], 2 * self._stride

    def save(self, path: Path, frame_rate: float) -> None:
        """Write an animated PNG, which any browser plays."""
        from PIL import Image

        if not self._screens:
            raise TaskError(
                f"{path}: a film must have a picture; the movie ends before frame {FILM_STRIDE}. "
                f"Record more."
            )
        pictures = [Image.fromarray(screen) for screen in self._screens]
        milliseconds = round(1000 * self._stride / frame_rate)
        try:
            pictures[0].save(
                path,
                save_all=True,
                append_images=pictures[1:],
                duration=milliseconds,
                loop=0,
            )
        except OSError as error:
            raise TaskError(f"{path}: must be writable; got {error}. Choose another.") from error
