"""The bytes that master and workers exchange: places of genomes one way, JSON the other.

Nothing here can run code on the other side: no object is ever serialised, only numbers and text.
Genes go through shared memory (:mod:`neuroevo.evaluation.shared_memory`).
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, fields
from typing import Any

from neuroevo.tasks.task import Evaluation, TaskDescription

EVALUATE = 1
TEST = 2

LONGEST = 1 << 24
"""Bytes of an answer; a spoiled worker may claim more."""

_EVALUATION = tuple(field.name for field in fields(Evaluation))
_ANSWERS = ("description", "evaluation", "error")
_REQUEST = struct.Struct("<BqIqI")


def setup_message(task_json: str, run_seed: int, *, feed_forward: bool) -> bytes:
    """Return the first message to a worker: which task to hold."""
    return json.dumps([task_json, run_seed, feed_forward]).encode()


def read_setup(data: bytes) -> tuple[str, int, bool]:
    """Inverse of :func:`setup_message`."""
    task_json, run_seed, feed_forward = json.loads(data)
    return task_json, run_seed, feed_forward


def request_message(kind: int, generation: int, stage: int, where: tuple[int, int]) -> bytes:
    """Return a request to evaluate or test the genome that lies there: (round, place)."""
    return _REQUEST.pack(kind, generation, stage, *where)


def read_request(data: bytes) -> tuple[int, int, int, tuple[int, int]]:
    """Inverse of :func:`request_message`."""
    kind, generation, stage, *where = _REQUEST.unpack(data)
    return kind, generation, stage, (where[0], where[1])


def description_message(description: TaskDescription) -> bytes:
    """Return a worker's answer to the setup message."""
    return json.dumps({"description": asdict(description)}).encode()


def evaluation_message(genome_id: int, evaluation: Evaluation) -> bytes:
    """Return a worker's answer to a request; floats survive exactly (repr round trip)."""
    # Not asdict: it would copy deeply, which takes longer than the rest of the message.
    values = {name: getattr(evaluation, name) for name in _EVALUATION}
    return json.dumps({"genome_id": genome_id, "evaluation": values}).encode()


def error_message(kind: str, text: str) -> bytes:
    """Return a worker's answer when the task refuses: an error for the user, not a crash."""
    return json.dumps({"error": [kind, text]}).encode()


def read_answer(data: bytes) -> dict[str, Any]:
    """Return an answer with its values restored: ``description``, ``evaluation`` or ``error``.

    Raises:
        ValueError, TypeError: these are not the bytes of an answer.
    """
    answer: dict[str, Any] = json.loads(data)
    if not isinstance(answer, dict) or answer.keys().isdisjoint(_ANSWERS):
        raise ValueError("no answer")
    if "description" in answer:
        answer["description"] = TaskDescription(**answer["description"])
    if "evaluation" in answer:
        answer["evaluation"] = Evaluation(**answer["evaluation"])
    return answer
