"""A real command that a test watches line by line while it disturbs it."""

from __future__ import annotations

import contextlib
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import IO

from builders.command_line import started


class Watched:
    """Runs ``neuroevo ARGUMENTS``; its output is read as it comes."""

    def __init__(self, *arguments: object, **options: object) -> None:
        self.process: subprocess.Popen[str] = started(*arguments, **options)  # type: ignore[arg-type]
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._queue: queue.Queue[str] = queue.Queue()
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self._queue.put)),
            threading.Thread(target=self._read, args=(self.process.stderr, self.errors.append)),
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: IO[str], take) -> None:  # type: ignore[no-untyped-def]
        for line in stream:
            take(line)
        take("")

    def wait_for(self, word: str, seconds: float = 60) -> str:
        """Return the first new line that holds a word."""
        limit = time.monotonic() + seconds
        while True:
            line = self._queue.get(timeout=max(0.1, limit - time.monotonic()))
            self.lines.append(line)
            if word in line:
                return line
            assert line, f"no {word!r}: {''.join(self.lines[-5:])}{''.join(self.errors)}"

    def wait_for_generations(self, count: int) -> None:
        """Wait until so many more lines of generations are printed."""
        while count:
            self.wait_for(" ")
            count -= self.lines[-1].split()[0].isdigit()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Let the command stand still meanwhile, lest it ends before it was disturbed."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def end(self, seconds: float = 60) -> int:
        """Wait for the end; return the exit code."""
        code = self.process.wait(timeout=seconds)
        for reader in self._readers:
            reader.join()
        while not self._queue.empty():
            self.lines.append(self._queue.get())
        return code

    @property
    def output(self) -> str:
        """All that was printed to stdout and taken so far."""
        return "".join(self.lines)

    @property
    def error(self) -> str:
        """All that was printed to stderr."""
        return "".join(self.errors)

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.end()
