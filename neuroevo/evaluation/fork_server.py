"""The fork server: a process that has loaded what a worker needs; workers are copies of it.

Started as ``python -m neuroevo.evaluation.fork_server SOCKET_FD LIFELINE_FD``, with the settings of
the task (``task_settings_to_json``) on stdin. A program of its own needs a second of processor time
to import numba and an emulator; a copy of one that has done so needs milliseconds, and shares its
memory. The server holds no task and no emulator, and has one thread: what it forks is whole.

Requests on its socket, answered in their order:

- ``FORK`` with the file descriptors of a worker (stderr, socket, lifeline, genes): its process id,
  or 0 where the system has no place for one; its stderr says why.
- ``WAIT``, process id, seconds: its exit code once it is over, ``RUNNING`` if it is not by then.
  Until its exit code was asked for, the process id belongs to nobody else.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import socket
import struct
import sys
import time
import traceback

from neuroevo.evaluation import worker

FORK, WAIT = 1, 2

REQUEST = struct.Struct("<Bqd")
"""What is wanted, process id, seconds."""

ANSWER = struct.Struct("<q")
"""Process id or exit code."""

RUNNING = 1 << 32
"""No exit code."""

NUM_WORKER_FDS = 4

_LOOK_SECONDS = 0.002


def main(socket_fd: int, lifeline_fd: int, task_json: str) -> None:
    """Load, then serve one master until it closes the connection."""
    worker.leave_signals_to_master()
    worker.be_killed_with_master(lifeline_fd)
    if select.select([lifeline_fd], [], [], 0)[0]:  # it was gone before
        return
    gc.disable()
    # What cannot be loaded is reported by the worker that needs it.
    with contextlib.suppress(Exception):
        _load(task_json)
    # What is there by now is never collected: counting it would copy its pages in every worker.
    gc.collect()
    gc.freeze()
    gc.enable()
    with socket.socket(fileno=socket_fd) as connection, contextlib.suppress(ConnectionError):
        _serve(connection, lifeline_fd)


def _load(task_json: str) -> None:
    from neuroevo.evaluation import evaluator, memory, messages, shared_memory  # noqa: F401
    from neuroevo.network.compile import warm_up
    from neuroevo.tasks.factory import preload, task_settings_from_json

    warm_up()
    preload(task_settings_from_json(task_json))


def _serve(connection: socket.socket, lifeline_fd: int) -> None:
    while True:
        data, descriptors, _, _ = socket.recv_fds(connection, REQUEST.size, NUM_WORKER_FDS)
        if not data:
            return
        kind, pid, seconds = REQUEST.unpack(data)
        if kind == WAIT:
            connection.send(ANSWER.pack(_exit_code(pid, seconds)))
            continue
        try:
            pid = os.fork()
            if not pid:
                connection.close()
                os.close(lifeline_fd)
                _become_worker(*descriptors)
        except OSError as problem:
            os.write(descriptors[0], f"could not start: {problem.strerror}".encode())
            pid = 0
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        connection.send(ANSWER.pack(pid))


def _become_worker(stderr_fd: int, *descriptors: int) -> None:
    """Be a worker, and end as a program does whose ``main`` returns or raises."""
    code = 1
    try:
        os.dup2(stderr_fd, sys.stderr.fileno())
        sys.argv[1:] = map(str, descriptors)
        worker.main(*descriptors)
        code = 0
    except BaseException:  # noqa: BLE001 - nothing of the server's must run in the copy
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _exit_code(pid: int, seconds: float) -> int:
    """Wait for a worker, at most so long; negative numbers are signals that ended it."""
    limit = time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        rest = limit - time.monotonic()
        if rest <= 0:
            return RUNNING
        time.sleep(min(rest, _LOOK_SECONDS))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.stdin.read())
