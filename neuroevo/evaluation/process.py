"""One worker process as its master sees it: start, connection, end."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from multiprocessing.connection import Connection

from neuroevo.errors import EvaluationError
from neuroevo.evaluation.forked import HAS_FORK_SERVER, PATIENCE_SECONDS, ForkedProcess, ForkServer
from neuroevo.tasks.factory import task_settings_to_json
from neuroevo.tasks.settings import TaskSettings

_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)

PATIENCE = struct.pack("ll", 10, 0)
"""Ten seconds, as a C timeval: how long a worker may take over a message it has begun."""


class Starter:
    """How a pool's workers come to be: as copies of a fork server, or each as a program."""

    def __init__(self, task_json: str) -> None:
        """Begin to load what workers need, where that can be done before there are any.

        Args:
            task_json: from ``task_settings_to_json``, what the workers will be set up for.

        Raises:
            OSError: no process can be started.
        """
        self._task_json = task_json
        self._server = self._new_server() if HAS_FORK_SERVER else None

    def start(self, stderr_fd: int, *descriptors: int) -> subprocess.Popen[bytes] | ForkedProcess:
        """Start a worker with its file descriptors: socket, lifeline, genes.

        Raises:
            OSError: no process can be started.
        """
        if self._server is None:
            return subprocess.Popen(
                [sys.executable, "-m", "neuroevo.evaluation.worker", *map(str, descriptors)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr_fd,
                pass_fds=descriptors,
                env=_environment(),
            )
        if not self._server.is_running():
            self._server.close()
            self._server = self._new_server()
        return self._server.fork(stderr_fd, *descriptors)

    def close(self) -> None:
        """End what is left when all workers have ended; may be called twice."""
        if self._server is not None:
            self._server.close()

    def _new_server(self) -> ForkServer:
        return ForkServer(self._task_json, _environment())


def _environment() -> dict[str, str]:
    return {**os.environ, **dict.fromkeys(_ONE_THREAD, "1")}


def starter_for(task: TaskSettings | None, num_workers: int) -> Starter | None:
    """Begin to load what the workers of a run will need; None where it has none.

    For a program that has much to load itself before it can build an evaluator.

    Raises:
        EvaluationError: no process can be started.
    """
    if task is None or num_workers == 0:
        return None
    try:
        return Starter(task_settings_to_json(task))
    except OSError as problem:
        raise EvaluationError(
            f"workers: must start; got {problem.strerror}. Close other programs."
        ) from problem


class WorkerProcess:
    """A running worker.

    Attributes:
        index: its number in the pool, from 0; a replacement has the number of the dead.
        connection: bytes in both directions; closed by the worker's death.
    """

    def __init__(self, index: int, starter: Starter, genomes_fd: int) -> None:
        """Start a worker with one thread per library.

        Args:
            index: its number in the pool.
            starter: of the pool.
            genomes_fd: of the shared memory that genomes lie in.
        """
        self.index = index
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
        ours, theirs = socket.socketpair()
        lifeline_theirs, self._lifeline = os.pipe()
        try:
            self._process = starter.start(
                self._stderr.fileno(), theirs.fileno(), lifeline_theirs, genomes_fd
            )
        except OSError:
            os.close(self._lifeline)
            raise
        finally:
            theirs.close()
            os.close(lifeline_theirs)
        # A worker that stops in the middle of a message must not stop the master.
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            ours.setsockopt(socket.SOL_SOCKET, option, PATIENCE)
        self.connection = Connection(ours.detach())

    @property
    def pid(self) -> int | None:
        """Process id; None while a fork server loads."""
        return self._process.pid

    def learn_pid(self) -> None:
        """Wait for the process id of a worker that has spoken: its server is about to say it."""
        if isinstance(self._process, ForkedProcess):
            self._process.server.read_births(PATIENCE_SECONDS)

    def hang_up(self) -> None:
        """Close connection and lifeline: the worker ends, as it does when its master is gone."""
        if not self.connection.closed:
            self.connection.close()
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    def reap(self, seconds: float) -> int:
        """Wait for the end, at most so long, then kill; return the exit code (-9: killed)."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            return self._process.wait()

    def kill(self, patience_seconds: float = 1.0) -> int:
        """End the worker, whatever state it is in; return its exit code.

        A worker that died by itself keeps its own exit code (-11: segmentation fault): that may
        come to be known a moment after its socket is closed.
        """
        try:
            returncode = self._process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            returncode = self._process.wait()
        self.hang_up()
        return returncode

    def forget(self) -> None:
        """Close what the dead worker wrote."""
        self._stderr.close()

    def last_words(self) -> str:
        """Return the last line the worker wrote to stderr, '' if there is none."""
        self._stderr.seek(0)
        words = self._stderr.read()
        if not words and isinstance(self._process, ForkedProcess):
            words = self._process.last_words()
        lines = words.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""
