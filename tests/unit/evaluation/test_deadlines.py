"""How long an evaluation may take before its worker counts as hung."""

from __future__ import annotations

import mmap
import os
from types import SimpleNamespace

import numpy as np
import pytest
from builders.genomes import random_genome

from neuroevo.evaluation import deadlines, memory, messages
from neuroevo.evaluation.deadlines import Speed
from neuroevo.evaluation.pool import ProcessEvaluator
from neuroevo.evaluation.slots import Job, Slot
from neuroevo.tasks.factory import make_task, task_settings_to_json
from neuroevo.tasks.settings import DoublePoleSettings, XorSettings
from neuroevo.tasks.task import Evaluation, TaskDescription

TASK = TaskDescription("t", 2, 1, True, max_frames=1000, max_test_frames=30_000)


def limit(
    kind: int, num_deaths: int = 0, timeout: float | None = None, task: TaskDescription = TASK
) -> float:
    """Return the limit of one job at 100 frames per second."""
    evaluator = ProcessEvaluator(
        task_settings_to_json(XorSettings()), 1, feed_forward=True, num_workers=1,
        timeout_seconds=timeout,
    )  # fmt: skip
    evaluator._description = task
    evaluator._speed.add(Evaluation(0.0, num_frames=1000), 10.0)
    genome = random_genome(np.random.default_rng(1), 2, 1, 0, 2)
    job = Job(0, genome, kind, 0, num_deaths=num_deaths)
    slot = Slot(SimpleNamespace(), is_ready=True)  # type: ignore[arg-type]
    slot.jobs.append(job)
    try:
        return evaluator._limit(slot)
    finally:
        evaluator.close()


def test_a_derived_deadline_is_five_times_the_longest_and_doubles_at_each_retry() -> None:
    assert limit(messages.EVALUATE) == pytest.approx(50.0)
    assert limit(messages.EVALUATE, num_deaths=1) == pytest.approx(100.0)
    assert limit(messages.EVALUATE, num_deaths=2) == pytest.approx(200.0)


def test_a_deadline_of_the_user_is_that_at_every_retry() -> None:
    assert limit(messages.EVALUATE, timeout=4.0) == 4.0
    assert limit(messages.EVALUATE, num_deaths=2, timeout=4.0) == 4.0


def test_a_champion_test_gets_more_by_as_much_as_it_has_more_frames() -> None:
    assert limit(messages.TEST) == pytest.approx(1500.0)
    assert limit(messages.TEST, timeout=4.0) == pytest.approx(120.0)
    unknown = TaskDescription("t", 2, 1, True)
    assert limit(messages.TEST, task=unknown) == deadlines.UNKNOWN_TIMEOUT_SECONDS
    assert limit(messages.TEST, timeout=4.0, task=unknown) == deadlines.UNKNOWN_TIMEOUT_SECONDS


def test_a_test_on_fewer_frames_than_an_evaluation_gets_no_less_than_the_user_said() -> None:
    short = TaskDescription("t", 2, 1, True, max_frames=1000, max_test_frames=10)
    assert limit(messages.TEST, timeout=4.0, task=short) == 4.0


def test_a_speed_of_long_ago_fades() -> None:
    speed = Speed()
    for _ in range(10_000):
        speed.add(Evaluation(0.0, num_frames=6000), 1.0)
    assert speed.timeout(36_000) == pytest.approx(30.0)
    for _ in range(600):
        speed.add(Evaluation(0.0, num_frames=1000), 1.0)
    assert speed.timeout(36_000) > 150.0


def test_frames_of_the_long_test_of_double_poles_are_known() -> None:
    task = make_task(DoublePoleSettings(velocities=False))
    description = task.describe()
    assert description.max_test_frames == 100_000 + 625 * 1000


def test_memory_that_is_shared_is_not_the_workers_own() -> None:
    before = memory.megabytes_of(os.getpid())
    if before is None:
        pytest.skip("nobody says here what a process takes")
    size = 200 << 20
    shared, own = mmap.mmap(-1, size), bytearray(0)
    for start in range(0, size, mmap.PAGESIZE):
        shared[start] = 1
    after = memory.megabytes_of(os.getpid())
    assert after is not None
    assert after - before < 50
    own = bytearray(b"1") * size
    grown = memory.megabytes_of(os.getpid())
    assert grown is not None
    assert grown - after > 150
    assert len(own) == size
