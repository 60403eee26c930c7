"""A genome that no worker survives."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence

from neuroevo.evaluation.pool import ProcessEvaluator
from neuroevo.evaluation.slots import Job, Round, Slot


def poison(evaluator: ProcessEvaluator, genome_id: int) -> None:
    """Have every worker killed that a genome is sent to, before it can be done with it.

    In the sending thread itself: another one could find a slot whose worker is just replaced.

    Args:
        evaluator: whose workers are ready.
        genome_id: the genome that kills.
    """
    send = evaluator._send

    def send_and_kill(slot: Slot, jobs: Sequence[Job], work: Round) -> None:
        send(slot, jobs, work)
        if genome_id in [job.genome.id for job in jobs]:
            assert slot.worker.pid is not None
            os.kill(slot.worker.pid, signal.SIGKILL)

    evaluator._send = send_and_kill  # type: ignore[method-assign]
