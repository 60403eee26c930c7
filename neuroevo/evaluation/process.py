"""One worker process as its master sees it: start, connection, end."""

from __future__ import annotations

import os
import signal
import socket
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
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "neuroevo.evaluation.worker"),
                *(str(theirs.fileno()), str(lifeline_theirs), str(genomes_fd)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._stderr,
            pass_fds=(theirs.fileno(), lifeline_theirs, genomes_fd),
            env={**os.environ, **dict.fromkeys(_ONE_THREAD, "1")},
        )
        theirs.close()
        os.close(lifeline_theirs)
        self.connection = Connection(ours.detach())

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def hang_up(self) -> None:
        """Close the connection: an idle worker leaves by itself."""
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

    def kill(self) -> int:
        """End the worker at once, whatever state it is in; return its exit code.

        A worker that died by itself keeps its own exit code (-11: segmentation fault).
        """
        try:
            returncode = self._process.wait(0.2)
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
