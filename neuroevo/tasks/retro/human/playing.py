"""A person plays: buttons in, one frame at a time; saves states, records, writes a log.

Owns what a person may press and the file of scripted keys. Knows no window: that is
:mod:`neuroevo.tasks.retro.human.window`, which calls :meth:`Play.frame` as a script does.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.buttons.pad import FORBIDDEN, OPPOSITES
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.human.play_log import PlayLog
from neuroevo.tasks.retro.human.recording import MovieRecorder

MOST_SCRIPTED_FRAMES = 1_000_000
"""More than four hours: a longer script is a slip of the finger."""
POWER_ON = "power-on"
"""Stands for no save state: the machine just switched on."""
_STATE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")

UInt8Array = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """One line of a keys file.

    Attributes:
        number: of the line, from 1.
        kind: ``hold``, ``save`` or ``mark``.
        frames: hold: how long.
        buttons: hold: what is held.
        word: save: name of the state; mark: what happened.
    """

    number: int
    kind: str
    frames: int = 0
    buttons: tuple[str, ...] = ()
    word: str = ""


@dataclass(frozen=True, slots=True)
class PlayFiles:
    """Where a play goes; None is nowhere.

    Attributes:
        movie: a new ``.bk2``.
        log: a new ``.csv``.
        states: folder of saved states; None is the game's own.
    """

    movie: Path | None = None
    log: Path | None = None
    states: Path | None = None


class Play:
    """A game under way, from a save state on.

    Attributes:
        num_frames: frames played since the start.
        variables: those of data.json after the last frame.
    """

    def __init__(
        self,
        emulator: Emulator,
        state: str | None,
        files: PlayFiles | None = None,
        *,
        allow_start: bool = False,
    ) -> None:
        """Reset the game to a state and open the files.

        Args:
            emulator: a running game; who opened it closes it.
            state: a save state by name or absolute path; None is the machine just switched on.
            files: what to write.
            allow_start: buttons such as START may be pressed.

        Raises:
            TaskError: the state is unknown or refused, or a file cannot be new.
        """
        self._emulator, self._allow_start = emulator, allow_start
        self._files = files or PlayFiles()
        self._places = {b: i for i, b in enumerate(emulator.buttons) if b is not None}
        data = emulator.start_state(state)
        emulator.reset(data)
        self.num_frames = 0
        self.variables = emulator.variables()
        name = state or POWER_ON
        self._movie = (
            MovieRecorder(emulator, self._files.movie, name, data) if self._files.movie else None
        )
        self._log = self._open_log(name)

    def __enter__(self) -> Play:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the files; those of a play that failed before its first frame are taken away."""
        self.close()
        if kind is not None and not self.num_frames:
            for file in (self._log, self._movie):
                if file is not None:
                    file.discard()

    @property
    def buttons(self) -> tuple[str, ...]:
        """The buttons that may be pressed here."""
        return tuple(b for b in self._places if self._allow_start or b not in FORBIDDEN)

    def check_buttons(self, names: Collection[str], where: str) -> None:
        """Refuse a button that the console has not, or that must be allowed first.

        Raises:
            TaskError: names the button.
        """
        for name in names:
            if name not in self._places:
                raise TaskError(
                    f"{where}: must press buttons of the console; got {name!r}. "
                    f"It has: {', '.join(self._places)}."
                )
            if name not in self.buttons:
                raise TaskError(
                    f"{where}: {name} must be allowed, for it leads to menus and restarts; got no "
                    f"leave. Pass --allow-start."
                )

    def frame(self, pressed: Collection[str]) -> None:
        """Hold ``pressed`` for one frame; opposite directions together are neither.

        Raises:
            TaskError: see :meth:`check_buttons`.
        """
        self.check_buttons(pressed, "play")
        held = _without_opposites(frozenset(pressed))
        mask = np.zeros(len(self._emulator.buttons), np.uint8)
        mask[[self._places[name] for name in held]] = 1
        self.press(mask, [name for name in self._places if name in held])

    def press(self, mask: UInt8Array, names: Sequence[str]) -> None:
        """Run one frame with a mask whose buttons have these names."""
        if self._movie is not None:
            self._movie.press(mask)
        self._emulator.set_buttons(mask)
        self._emulator.step_frame()
        self.num_frames += 1
        self.variables = self._emulator.variables()
        if self._movie is not None:
            self._movie.after_frame()
        if self._log is not None:
            self._log.frame(names, self.variables)

    def mark(self, word: str) -> None:
        """Write into log and movie that something happened at this frame, e.g. ``died``."""
        for file in (self._log, self._movie):
            if file is not None:
                file.mark(word)

    def save_state(self, name: str | None = None) -> Path:
        """Save the machine as it is; never overwrites.

        Args:
            name: of the state; None takes the next free number, ``play-001``.

        Returns:
            The new file: gzip, as stable-retro reads it.

        Raises:
            TaskError: the name is taken or unusable, or the folder cannot be written.
        """
        folder = self._files.states or self._emulator.game.folders[0]
        data = gzip.compress(self._emulator.save_state(), mtime=0)
        if name is not None:
            return write_new(folder / f"{checked_name(name)}.state", data)
        return write_new(next(_free_names(folder)), data)

    def run(self, script: Sequence[ScriptLine], where: str) -> Iterator[str]:
        """Play a script; yields a sentence for every state it saves.

        Raises:
            TaskError: a line presses what may not be pressed.
        """
        for line in script:
            self.check_buttons(line.buttons, f"{where}:{line.number}")
        for line in script:
            if line.kind == "save":
                yield f"frame {self.num_frames}: saved {self.save_state(line.word)}"
            elif line.kind == "mark":
                self.mark(line.word)
            for _ in range(line.frames):
                self.frame(line.buttons)

    def _open_log(self, state_name: str) -> PlayLog | None:
        if self._files.log is None:
            return None
        try:
            return PlayLog(self._files.log, state_name, self.variables)
        except TaskError:
            if self._movie is not None:
                self._movie.discard()
            raise

    def close(self) -> None:
        """Finish the files; may be called twice."""
        for file in (self._log, self._movie):
            if file is not None:
                file.close()


def read_script(path: Path) -> tuple[ScriptLine, ...]:
    """Read a file of scripted keys.

    One line each: ``frames BUTTON+BUTTON`` (no button: frames alone), ``save NAME``,
    ``mark WORD``; ``#`` begins a comment.

    Raises:
        TaskError: the file cannot be read, or a line is none of these.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise TaskError(f"{path}: must be a readable text; got {error}. Check the path.") from error
    script = [
        _script_line(f"{path}:{number}", number, words)
        for number, line in enumerate(lines, 1)
        if (words := line.partition("#")[0].split())
    ]
    total = sum(line.frames for line in script)
    if not 0 < total <= MOST_SCRIPTED_FRAMES:
        raise TaskError(
            f"{path}: must hold 1 to {MOST_SCRIPTED_FRAMES:,} frames in all; got {total:,}. "
            f"A line is e.g. `120 RIGHT+B`."
        )
    return tuple(script)


def write_new(path: Path, data: bytes) -> Path:
    """Write a file that must not exist yet, and return its path.

    Raises:
        TaskError: it exists, or cannot be written.
    """
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise TaskError(f"{path}: must be a new file; it exists. Choose another name.") from error
    except OSError as error:
        raise TaskError(f"{path}: must be writable; got {error}. Choose another folder.") from error
    return path


def checked_name(name: str) -> str:
    """Return the name of a state, if it is one.

    Raises:
        TaskError: it would be hidden, or leave its folder.
    """
    if not _STATE_NAME.fullmatch(name) or name == POWER_ON:
        raise TaskError(
            f"state {name!r}: must begin with a letter or digit and hold letters, digits, "
            f"dot, minus and underscore only, and not be {POWER_ON}. Choose e.g. before-the-pit."
        )
    return name.removesuffix(".state")


def start_of(game: games.GameFolders, state: str | None) -> str | None:
    """Return the state to begin from: the given one, a file as its full path, or the default."""
    if state is None:
        return games.default_state(game)
    if state == POWER_ON:
        return None
    path = Path(state)
    return str(path.resolve()) if path.suffix == ".state" and path.is_file() else state


def _script_line(where: str, number: int, words: list[str]) -> ScriptLine:
    if words[0] in ("save", "mark") and len(words) == 2:
        return ScriptLine(number, words[0], word=words[1])
    if words[0].isascii() and words[0].isdigit() and len(words) <= 2:
        buttons = tuple(b for b in "".join(words[1:]).split("+") if b not in ("", "-"))
        return ScriptLine(number, "hold", int(words[0]), buttons)
    raise TaskError(
        f"{where}: must be `frames BUTTON+BUTTON`, `save NAME` or `mark WORD`; got "
        f"{' '.join(words)[:60]!r}. Write e.g. `120 RIGHT+B`."
    )


def _without_opposites(pressed: frozenset[str]) -> frozenset[str]:
    for pair in OPPOSITES:
        if pressed.issuperset(pair):
            pressed -= frozenset(pair)
    return pressed


def _free_names(folder: Path) -> Iterator[Path]:
    paths = (folder / f"play-{number:03d}.state" for number in range(1, 1_000_000))
    return (path for path in paths if not path.exists())
