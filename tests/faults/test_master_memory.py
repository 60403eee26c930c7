"""The memory of the master stays flat over hundreds of generations."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders.command_line import started
from builders.real_runs import end, linux_only, num_lines, wait_until

from neuroevo.evaluation.memory import megabytes_of

pytestmark = linux_only
WARM_UP, LAST = 100, 500
MOST_MEGABYTES = 4.0
XOR = (
    *("xor", "--seed", 5, "--generations", LAST + 2000, "--set", "Run.stop_when_solved=false"),
    *("--set", "NEAT.pop_size=20"),
)
SAME_SIZE = (*("--set", "DefaultGenome.conn_add_prob=0", "--set", "DefaultGenome.node_add_prob=0"),)
"""Genomes that grow take more memory; these do not."""


@pytest.mark.parametrize("workers", [0, 1])
def test_five_hundred_generations_take_no_more_memory_than_one_hundred(
    workers: int, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    process = started("evolve", *XOR, *SAME_SIZE, "--workers", workers, "--out", run)
    try:
        wait_until(lambda: num_lines(run) >= WARM_UP, process)
        before = megabytes_of(process.pid)
        wait_until(lambda: num_lines(run) >= LAST, process)
        after = megabytes_of(process.pid)
    finally:
        end(process)
    assert before is not None
    assert after is not None
    assert after - before < MOST_MEGABYTES
