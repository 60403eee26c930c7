"""Chooses the evaluator: worker processes, or none."""

from __future__ import annotations

from collections.abc import Callable

from neuroevo.evaluation.evaluator import Evaluator, SerialEvaluator
from neuroevo.evaluation.pool import ProcessEvaluator
from neuroevo.evaluation.process import Starter
from neuroevo.tasks.factory import make_task, task_settings_to_json
from neuroevo.tasks.settings import TaskSettings


def build_evaluator(
    task: TaskSettings,
    run_seed: int,
    *,
    feed_forward: bool,
    num_workers: int,
    timeout_seconds: float | None = None,
    worker_memory: int | None = None,
    one_first: bool = False,
    starter: Starter | None = None,
    on_event: Callable[[str], None] | None = None,
) -> Evaluator:
    """Return an evaluator for a task; ``num_workers = 0`` evaluates in this process.

    The other arguments are those of :class:`~neuroevo.evaluation.pool.ProcessEvaluator`.
    """
    if num_workers == 0:
        return SerialEvaluator(make_task(task), run_seed, feed_forward=feed_forward)
    return ProcessEvaluator(
        task_settings_to_json(task),
        run_seed,
        feed_forward=feed_forward,
        num_workers=num_workers,
        timeout_seconds=timeout_seconds,
        worker_memory=worker_memory,
        one_first=one_first,
        starter=starter,
        on_event=on_event,
    )
