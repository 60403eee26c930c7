"""The bytes that master and workers exchange: places of genomes one way, JSON the other.

Nothing here can run code on the other side: no object is ever serialised, only numbers and text.
Genes go through shared memory (:mod:`neuroevo.evaluation.shared_memory`).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from neuroevo.tasks.task import Evaluation, TaskDescription

EVALUATE = 1
TEST = 2

LONGEST = 1 << 24
"""Bytes of an answer; a spoiled worker may claim more."""

_EVALUATION = tuple(field.name for field in fields(Evaluation))
_ANSWERS = ("description", "evaluations", "error")
_REQUEST = struct.Struct("<BqIq")
_PLACE_BYTES = 4


def setup_message(task_json: str, run_seed: int, *, feed_forward: bool) -> bytes:
    """Return the first message to a worker: which task to hold."""
    return json.dumps([task_json, run_seed, feed_forward]).encode()


def read_setup(data: bytes) -> tuple[str, int, bool]:
    """Inverse of :func:`setup_message`."""
    task_json, run_seed, feed_forward = json.loads(data)
    return task_json, run_seed, feed_forward


@dataclass(frozen=True, slots=True)
class Request:
    """What a worker is asked for.

    Attributes:
        kind: ``EVALUATE`` or ``TEST``.
        generation: counted from 0.
        stage: of the curriculum.
        round: of the shared memory.
        places: of the genomes in it.
    """

    kind: int
    generation: int
    stage: int
    round: int
    places: tuple[int, ...]


def request_message(request: Request) -> bytes:
    """Return a request as bytes."""
    head = _REQUEST.pack(request.kind, request.generation, request.stage, request.round)
    return head + struct.pack(f"<{len(request.places)}I", *request.places)


def read_request(data: bytes) -> Request:
    """Inverse of :func:`request_message`."""
    count = (len(data) - _REQUEST.size) // _PLACE_BYTES
    places = struct.unpack_from(f"<{count}I", data, _REQUEST.size)
    kind, generation, stage, round_number = _REQUEST.unpack_from(data)
    return Request(kind, generation, stage, round_number, places)


def description_message(description: TaskDescription) -> bytes:
    """Return a worker's answer to the setup message."""
    return json.dumps({"description": asdict(description)}).encode()


def evaluations_message(evaluations: Sequence[tuple[int, Evaluation]]) -> bytes:
    """Return a worker's answer: genomes' ids and evaluations; floats survive (repr round trip)."""
    # Not asdict: it would copy deeply, which takes longer than the rest of the message.
    values = [
        [genome_id, [getattr(evaluation, name) for name in _EVALUATION]]
        for genome_id, evaluation in evaluations
    ]
    return json.dumps({"evaluations": values}).encode()


def error_message(kind: str, text: str) -> bytes:
    """Return a worker's answer when the task refuses: an error for the user, not a crash."""
    return json.dumps({"error": [kind, text]}).encode()


def read_answer(data: bytes) -> dict[str, Any]:
    """Return an answer with its values restored: ``description``, ``evaluations`` or ``error``.

    Raises:
        ValueError, TypeError: these are not the bytes of an answer.
    """
    answer: dict[str, Any] = json.loads(data)
    if not isinstance(answer, dict) or answer.keys().isdisjoint(_ANSWERS):
        raise ValueError("no answer")
    if "description" in answer:
        answer["description"] = TaskDescription(**answer["description"])
    if "evaluations" in answer:
        answer["evaluations"] = [(int(n), Evaluation(*v)) for n, v in answer["evaluations"]]
    return answer
