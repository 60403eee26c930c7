"""What Ctrl-C, ``kill`` and a closed terminal do to a command.

The first signal unwinds the command like an error, so that everything is put away; a second one
ends the process at once, and so does a clock when unwinding takes too long. Either way nothing
that was finished is lost: files are replaced whole or not at all.
"""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

UNWINDING_SECONDS = 4.0
"""After so long the process ends as it stands."""

SAME_SECONDS = 0.3
"""Signals that come so soon after the first are the same wish: a shell, ``timeout`` and others
send theirs to the process and to its group."""

_SHOW_CURSOR = b"\x1b[?25h"


class Stopped(BaseException):
    """A signal arrived; no error, so that only the command line answers it.

    Attributes:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(_REASONS[number])
        self.number = number


_REASONS: dict[int, str] = {
    signal.SIGINT: "Ctrl-C",
    signal.SIGTERM: "SIGTERM: somebody ended the process",
    signal.SIGHUP: "SIGHUP: the terminal was closed",
}


def exit_code(stop: BaseException) -> int:
    """Return what shells expect: 128 and the number of the signal."""
    return 128 + (stop.number if isinstance(stop, Stopped) else signal.SIGINT)


def install() -> Callable[[], None]:
    """Answer the three signals from now on; return what gives them back.

    One that is ignored stays so: that is how ``nohup`` lets a run outlive its terminal. In a
    thread of somebody else's program nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    before = {number: signal.getsignal(number) for number in _REASONS}
    numbers = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    answer = _Answer()
    for number in numbers:
        signal.signal(number, answer)

    def give_back() -> None:
        if not answer.is_stopping:  # else the process is about to end, and may not take its time
            for number in numbers:
                signal.signal(number, before[number])

    return give_back


def nothing_to_save_yet() -> None:
    """Have a signal end the process at once, for as long as there is nothing to put away.

    While libraries are loaded and kernels compiled an error out of the blue may strike inside of
    native code that calls back, and that crashed.
    """
    _set_hasty(is_hasty=True)


def leave_no_empty(folder: Path) -> None:
    """Have a signal that ends the process at once remove a folder, if nothing is in it."""
    for number in _REASONS:
        answer = signal.getsignal(number)
        if isinstance(answer, _Answer):
            answer.folder = folder


def something_to_save() -> None:
    """Have a signal unwind from now on, as everywhere else."""
    _set_hasty(is_hasty=False)


def _set_hasty(*, is_hasty: bool) -> None:
    for number in _REASONS:
        answer = signal.getsignal(number)
        if isinstance(answer, _Answer):
            answer.is_hasty = is_hasty


class _Answer:
    """The handler of all three signals.

    Attributes:
        is_hasty: do not unwind.
        folder: to remove then, if it is empty.
    """

    def __init__(self) -> None:
        self.is_hasty = False
        self.folder: Path | None = None
        self._first: float | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Unwind at the first signal, end at a second one."""
        now = time.monotonic()
        if self._first is not None:
            if now - self._first > SAME_SECONDS:
                _end(128 + number)
            return
        self._first = now
        if number == signal.SIGHUP:
            turn_away_from_the_terminal()
        if self.is_hasty:
            with contextlib.suppress(OSError):
                os.write(2, b"\nStopped before anything had begun.\n")
            with contextlib.suppress(OSError):
                if self.folder is not None:
                    self.folder.rmdir()
            _end(128 + number)
        clock = threading.Timer(UNWINDING_SECONDS, _end, [128 + number])
        clock.daemon = True
        clock.start()
        if number == signal.SIGINT:
            raise KeyboardInterrupt(_REASONS[number])
        raise Stopped(number)

    @property
    def is_stopping(self) -> bool:
        """The first signal has come."""
        return self._first is not None


def _end(code: int) -> NoReturn:
    """End this process without another word; its workers and locks go with it."""
    with contextlib.suppress(OSError, ValueError):
        if sys.stdout.isatty():  # the bar of a running generation hides it
            os.write(1, _SHOW_CURSOR)
    os._exit(code)


def turn_away_from_the_terminal() -> None:
    """Send what is still to be said to nowhere, since writing to a closed terminal fails."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.dup2(nowhere, descriptor)
    os.close(nowhere)
