"""The fork server and its workers as their master sees them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque

from neuroevo.evaluation.fork_server import ANSWER, FORK, REQUEST, RUNNING, WAIT

HAS_FORK_SERVER = sys.platform == "linux"
"""Elsewhere libraries that are loaded may not work in a copy of their process."""

LOADING_SECONDS = 60.0
"""A server that has not loaded by then will not: cold kernels take twenty."""

PATIENCE_SECONDS = 10.0
"""A server that has loaded and takes longer to answer is stopped, or worse."""


class ForkServer:
    """A process whose copies are workers. When it is gone, they serve on until they are ended."""

    def __init__(self, task_json: str, environment: dict[str, str]) -> None:
        """Start the process, which loads while the master goes on.

        Args:
            task_json: what the workers will be set up for.
            environment: variables of the process and of the workers.

        Raises:
            OSError: no process can be started.
        """
        self._unborn: deque[ForkedProcess] = deque()
        # In memory, of any length, and nobody waits for the other to read; a disk may be full.
        settings = os.fdopen(os.memfd_create("neuroevo-task"), "w+b")
        settings.write(task_json.encode())
        settings.seek(0)
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the server
        self._last_words = b""
        self._connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        lifeline_theirs, self._lifeline = os.pipe()
        descriptors = (theirs.fileno(), lifeline_theirs)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "neuroevo.evaluation.fork_server", *map(str, descriptors)],
                stdin=settings,
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
                pass_fds=descriptors,
                env=environment,
            )
        except OSError:
            os.close(self._lifeline)
            self._connection.close()
            raise
        finally:
            settings.close()
            theirs.close()
            os.close(lifeline_theirs)

    def is_running(self) -> bool:
        """Tell whether it can start workers."""
        return self._process.poll() is None

    def fork(self, *descriptors: int) -> ForkedProcess:
        """Ask for a worker with these file descriptors: stderr, socket, lifeline, genes.

        It is there when the server has loaded. If that fails, its socket will tell.
        """
        process = ForkedProcess(self)
        if not self._ask_for_one(descriptors):
            # More descriptors are on their way than one may send: hundreds of workers at once.
            self.read_births(LOADING_SECONDS)
            if not self._ask_for_one(descriptors):
                self.kill()
        self._unborn.append(process)
        return process

    def _ask_for_one(self, descriptors: tuple[int, ...]) -> bool:
        try:
            self._connection.settimeout(PATIENCE_SECONDS)
            socket.send_fds(self._connection, [REQUEST.pack(FORK, 0, 0.0)], descriptors)
        except OSError:
            return False
        return True

    def read_births(self, seconds: float = 0.0) -> None:
        """Read which processes have been started; wait for them, at most so long."""
        limit = time.monotonic() + seconds
        while self._unborn:
            pid = self._answer(limit)
            if pid is None:
                return
            self._unborn.popleft().born = pid

    def exit_code(self, pid: int, seconds: float) -> int | None:
        """Wait for a worker, at most so long; return None if it is running, or nobody can say."""
        limit = time.monotonic() + seconds + PATIENCE_SECONDS
        self.read_births(PATIENCE_SECONDS)
        if self._unborn:
            self.kill()
        try:
            self._connection.settimeout(PATIENCE_SECONDS)
            self._connection.send(REQUEST.pack(WAIT, pid, seconds))
        except OSError:
            return None
        code = self._answer(limit)
        if code is None:
            self.kill()
        return None if code == RUNNING else code

    def _answer(self, limit: float) -> int | None:
        """Return the next answer; None if it has not come by then."""
        try:
            self._connection.settimeout(max(0.0, limit - time.monotonic()))
            data = self._connection.recv(ANSWER.size)
        except OSError:
            return None
        return int(ANSWER.unpack(data)[0]) if data else None

    def kill(self) -> None:
        """End a server that does not answer."""
        self._process.kill()
        self._process.wait()

    def returncode(self) -> int | None:
        """Return the server's own exit code, None while it runs."""
        return self._process.poll()

    def last_words(self) -> bytes:
        """Return what the server wrote to stderr."""
        if not self._stderr.closed:
            self._stderr.seek(0)
            self._last_words = self._stderr.read()
        return self._last_words

    def close(self) -> None:
        """End the server; may be called twice."""
        if self._lifeline < 0:
            return
        self.last_words()
        self._connection.close()
        os.close(self._lifeline)
        self._lifeline = -1
        self.kill()
        self._stderr.close()


class ForkedProcess:
    """A worker that a fork server starts; what the pool needs of ``subprocess.Popen``.

    Attributes:
        server: it starts the worker.
        born: process id, None until the server has said it; 0 where it could not start one.
    """

    def __init__(self, server: ForkServer) -> None:
        """Name who starts it."""
        self.server = server
        self.born: int | None = None
        self._exit_code: int | None = None

    @property
    def pid(self) -> int | None:
        """Process id, None while there is none."""
        if self.born is None:
            self.server.read_births()
        return self.born or None

    def wait(self, timeout: float = PATIENCE_SECONDS) -> int:
        """Return the exit code.

        That of a worker whose server is gone is -9: its closed lifeline is the end of it.

        Raises:
            subprocess.TimeoutExpired: it is still running after so many seconds.
        """
        if self._exit_code is None:
            self._exit_code = self._wait(timeout)
        if self._exit_code is None:
            raise subprocess.TimeoutExpired("worker", timeout)
        return self._exit_code

    def _wait(self, timeout: float) -> int | None:
        server = self.server
        if self.born is None:
            server.read_births(timeout)
        if self.born is None:
            return server.returncode()
        if not self.born:
            return 1
        code = server.exit_code(self.born, timeout) if server.is_running() else None
        return -signal.SIGKILL if code is None and not server.is_running() else code

    def last_words(self) -> bytes:
        """Return what the server said if no worker came of it."""
        return self.server.last_words() if self.born is None else b""

    def send_signal(self, number: int) -> None:
        """Send a signal; where no worker has come of its server, to that."""
        pid = self.pid
        if self.born is None:
            self.server.kill()
        elif pid is not None and self._exit_code is None and self.server.is_running():
            os.kill(pid, number)  # its number is nobody else's until it was waited for
