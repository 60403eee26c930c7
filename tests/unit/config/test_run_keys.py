"""The keys of [Run] that say how workers are looked after."""

from __future__ import annotations

import pytest

from neuroevo.config import loads
from neuroevo.errors import ConfigError

XOR = "[NEAT]\npop_size = 10\n[DefaultGenome]\n[Task]\nname = xor\n"


@pytest.mark.parametrize(
    ("given", "read"), [("", None), ("worker_memory = auto", None), ("worker_memory = 0", 0),
                        ("worker_memory = 2048", 2048)],
)  # fmt: skip
def test_worker_memory_is_megabytes_or_a_share_or_no_limit(given: str, read: int | None) -> None:
    assert loads(f"{XOR}[Run]\n{given}\n").settings.run.worker_memory == read


@pytest.mark.parametrize("given", ["-1", "1.5", "1 GB", "none"])
def test_worker_memory_that_is_no_number_of_megabytes_is_refused(given: str) -> None:
    with pytest.raises(ConfigError, match="worker_memory"):
        loads(f"{XOR}[Run]\nworker_memory = {given}\n")
