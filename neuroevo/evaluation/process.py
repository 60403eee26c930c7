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


class WorkerProcess:
    """A running worker.

    Attributes:
        index: its number in the pool, from 0; a replacement has the number of the dead.
        connection: bytes in both directions; closed by the worker's death.
    """

    def __init__(self, index: int, genomes_fd: int) -> None:
        """Start ``python -m neuroevo.evaluation.worker`` with one thread per library.

        Args:
            index: its number in the pool.
            genomes_fd: of the shared memory that genomes lie in.
        """
        self.index = index
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
        ours, theirs = socket.socketpair()
        lifeline_theirs, self._lifeline = os.pipe()
        try:
            self._process = self._popen(theirs.fileno(), lifeline_theirs, genomes_fd)
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

    def _popen(self, *descriptors: int) -> subprocess.Popen[bytes]:
        """Start the program with the file descriptors it takes."""
        return subprocess.Popen(
            [sys.executable, "-m", "neuroevo.evaluation.worker", *map(str, descriptors)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._stderr,
            pass_fds=descriptors,
            env={**os.environ, **dict.fromkeys(_ONE_THREAD, "1")},
        )

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

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
        lines = self._stderr.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""
