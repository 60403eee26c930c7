"""A worker: one process that holds one task, hence one emulator, for as long as the run lasts.

A copy of the fork server (``fork_server.py``), or, where there is none, started as
``python -m neuroevo.evaluation.worker SOCKET_FD LIFELINE_FD GENOMES_FD``. It serves requests from
its socket until the socket closes, and dies at once when the lifeline closes: that happens when
the master is gone, however it went. Genes come through shared memory.
"""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from neuroevo.errors import NeuroevoError

if TYPE_CHECKING:
    from neuroevo.evaluation.evaluator import Scorer
    from neuroevo.evaluation.messages import Request
    from neuroevo.evaluation.shared_memory import GenomeReader
    from neuroevo.tasks.task import Evaluation

ANSWER_SECONDS = 0.002
"""A worker keeps finished evaluations so long; longer ones are answered one by one."""


def main(socket_fd: int, lifeline_fd: int, genomes_fd: int) -> None:
    """Serve one master until it closes the connection."""
    leave_signals_to_master()
    faulthandler.enable()
    be_killed_with_master(lifeline_fd)
    threading.Thread(target=_die_with_master, args=(lifeline_fd,), daemon=True).start()
    connection = Connection(socket_fd)
    # The master closes the connection when the run is over.
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            serve(connection, genomes_fd)
        except MemoryError:
            traceback.print_exc()
            os._exit(1)  # at once: putting things away takes memory, too


def serve(connection: Connection, genomes_fd: int) -> None:
    """Set the task up, then answer requests; an error of the task is an answer, too.

    Raises:
        MemoryError: it ends this process, and the master has another one try again.
    """
    from neuroevo.evaluation import memory, messages
    from neuroevo.evaluation.evaluator import Scorer
    from neuroevo.evaluation.shared_memory import GenomeReader
    from neuroevo.tasks.factory import make_task, task_settings_from_json

    memory.prefer_to_be_killed()
    task_json, run_seed, feed_forward = messages.read_setup(connection.recv_bytes())
    try:
        task = make_task(task_settings_from_json(task_json))
        scorer = Scorer(task, run_seed, feed_forward=feed_forward)
        connection.send_bytes(messages.description_message(scorer.describe()))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - every error is the master's to report
        connection.send_bytes(_refusal(error))
        return
    genomes = GenomeReader(genomes_fd)
    try:
        while True:
            request = messages.read_request(connection.recv_bytes())
            answers = _answers(scorer, genomes, request)
            while True:
                try:
                    answer = next(answers, None)
                except MemoryError:
                    raise
                except Exception as error:  # noqa: BLE001 - as above
                    answer = _refusal(error)
                if answer is None:
                    break
                connection.send_bytes(answer)
    finally:
        scorer.close()


def _answers(scorer: Scorer, genomes: GenomeReader, request: Request) -> Iterator[bytes]:
    """Do what is asked for; yield what is done whenever the master may be waiting for it."""
    from neuroevo.evaluation import messages

    done: list[tuple[int, Evaluation]] = []
    began = time.monotonic()
    asked = [genomes.read(request.round, place) for place in request.places]
    if request.kind == messages.EVALUATE:
        evaluations = scorer.evaluations(asked, request.generation, request.stage)
    else:
        evaluations = map(scorer.test, asked)
    for genome, evaluation in zip(asked, evaluations, strict=True):
        done.append((genome.id, evaluation))
        if time.monotonic() - began > ANSWER_SECONDS:
            yield messages.evaluations_message(done)
            done, began = [], time.monotonic()
    if done:
        yield messages.evaluations_message(done)


def _refusal(error: Exception) -> bytes:
    from neuroevo.evaluation.messages import error_message

    if isinstance(error, NeuroevoError):
        return error_message(type(error).__name__, str(error))
    traceback.print_exc()
    return error_message("EvaluationError", f"worker: {type(error).__name__}: {error}")


def leave_signals_to_master() -> None:
    """Ignore what a whole group of processes gets: it is the master's to answer."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def be_killed_with_master(lifeline_fd: int) -> None:
    """Have the kernel kill this process when the lifeline closes (Linux).

    A core that hangs holds Python's lock, so that no thread of ours could do it.
    """
    if not hasattr(fcntl, "F_SETSIG"):
        return
    fcntl.fcntl(lifeline_fd, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline_fd, fcntl.F_SETSIG, signal.SIGKILL)
    flags = fcntl.fcntl(lifeline_fd, fcntl.F_GETFL)
    fcntl.fcntl(lifeline_fd, fcntl.F_SETFL, flags | os.O_ASYNC)


def _die_with_master(lifeline_fd: int) -> None:
    """Do the same where the kernel does not, or when the master was gone before it was asked."""
    os.read(lifeline_fd, 1)  # blocks until the master's end is closed
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
