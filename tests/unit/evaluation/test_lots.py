"""Which genomes go to a worker together."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
from builders.genomes import random_genome

from neuroevo.evaluation import messages
from neuroevo.evaluation.deadlines import LARGEST_LOT, LOT_SECONDS, Speed
from neuroevo.evaluation.messages import Request
from neuroevo.evaluation.slots import Job, Round
from neuroevo.tasks.task import Evaluation

GENOME = random_genome(np.random.default_rng(1), 3, 2, 1, 5)


def waiting(suspects: str) -> Round:
    """Return a round of jobs; an s is a suspect."""
    jobs = deque(
        Job(i, GENOME, messages.EVALUATE, i, is_suspect=mark == "s")
        for i, mark in enumerate(suspects)
    )
    return Round(0, 0, jobs, [None] * len(jobs), None)


def test_a_suspect_goes_alone_and_nothing_passes_it() -> None:
    work = waiting("..s.ss...")
    taken = []
    while work.waiting:
        taken.append([job.position for job in work.take(3)])
    assert taken == [[0, 1], [2], [3], [4], [5], [6, 7, 8]]
    assert work.take(3) == []


def test_ahead_of_time_no_suspect_is_taken() -> None:
    work = waiting(".s.")
    assert [job.position for job in work.take_unsuspected(3)] == [0]
    assert work.take_unsuspected(3) == []
    assert [job.position for job in work.take(3)] == [1]


@pytest.mark.parametrize(
    ("seconds", "lot"),
    [(LOT_SECONDS * 1.01, 0), (LOT_SECONDS * 0.99, 1), (LOT_SECONDS / 4.5, 4), (0.0, LARGEST_LOT)],
)
def test_a_lot_is_what_fits_into_a_few_milliseconds(seconds: float, lot: int) -> None:
    speed = Speed()
    assert speed.lot() == 0
    for _ in range(3):
        speed.add(Evaluation(1.0, num_frames=10), seconds)
    assert speed.lot() == lot


def test_requests_and_answers_come_back_as_they_were() -> None:
    request = Request(messages.TEST, 1 << 40, 3, 9, (0, 5, (1 << 32) - 1))
    assert messages.read_request(messages.request_message(request)) == request
    told = [
        (7, Evaluation(0.1 + 0.2, {"score": 1e-300}, {"died": 2}, 12, solved=True)),
        (1 << 50, Evaluation(float("nan"))),
    ]
    answer = messages.read_answer(messages.evaluations_message(told))
    assert answer["evaluations"][0] == told[0]
    number, evaluation = answer["evaluations"][1]
    assert number == 1 << 50
    assert np.isnan(evaluation.fitness)


@pytest.mark.parametrize(
    "data", [b"[]", b"{}", b"1", b"\xff", b'{"evaluations": 3}', b'{"evaluations": [[1]]}',
             b'{"evaluations": [["a", [1.0]]]}', b'{"evaluations": [[1, [1, 2, 3, 4, 5, 6]]]}'],
)  # fmt: skip
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    with pytest.raises((ValueError, TypeError)):
        messages.read_answer(data)
