"""The bytes that master and workers exchange: compact genomes one way, JSON the other.

Nothing here can run code on the other side: no object is ever serialised, only numbers and text.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict
from typing import Any

from neuroevo.neat.genome import Genome, genome_from_bytes, genome_to_bytes
from neuroevo.tasks.task import Evaluation, TaskDescription

EVALUATE = 1
TEST = 2

_REQUEST = struct.Struct("<BqI")


def setup_message(task_json: str, run_seed: int, *, feed_forward: bool) -> bytes:
    """Return the first message to a worker: which task to hold."""
    return json.dumps([task_json, run_seed, feed_forward]).encode()


def read_setup(data: bytes) -> tuple[str, int, bool]:
    """Inverse of :func:`setup_message`."""
    task_json, run_seed, feed_forward = json.loads(data)
    return task_json, run_seed, feed_forward


def request_message(kind: int, generation: int, stage: int, genome: Genome) -> bytes:
    """Return a request to evaluate or test one genome."""
    return _REQUEST.pack(kind, generation, stage) + genome_to_bytes(genome)


def read_request(data: bytes) -> tuple[int, int, int, Genome]:
    """Inverse of :func:`request_message`: (kind, generation, stage, genome)."""
    kind, generation, stage = _REQUEST.unpack_from(data)
    return kind, generation, stage, genome_from_bytes(data[_REQUEST.size :])


def description_message(description: TaskDescription) -> bytes:
    """Return a worker's answer to the setup message."""
    return json.dumps({"description": asdict(description)}).encode()


def evaluation_message(genome_id: int, evaluation: Evaluation) -> bytes:
    """Return a worker's answer to a request; floats survive exactly (repr round trip)."""
    return json.dumps({"genome_id": genome_id, "evaluation": asdict(evaluation)}).encode()


def error_message(kind: str, text: str) -> bytes:
    """Return a worker's answer when the task refuses: an error for the user, not a crash."""
    return json.dumps({"error": [kind, text]}).encode()


def read_answer(data: bytes) -> dict[str, Any]:
    """Return an answer with its values restored: ``description``, ``evaluation`` or ``error``."""
    answer: dict[str, Any] = json.loads(data)
    if "description" in answer:
        answer["description"] = TaskDescription(**answer["description"])
    if "evaluation" in answer:
        answer["evaluation"] = Evaluation(**answer["evaluation"])
    return answer
