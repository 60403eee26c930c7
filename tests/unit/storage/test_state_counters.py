"""Counters beyond int64 in a checkpoint whose sums are right; the soak found them to hang numba."""

from __future__ import annotations

import pytest
from builders.neat_genomes import neat_settings

from neuroevo.errors import StorageError
from neuroevo.neat.population import Population
from neuroevo.storage.state_arrays import pack_state, unpack_state

COUNTERS = ("generation", "next_genome_id", "next_species_id", "last_improved",
            "next_innovation", "next_node_id")  # fmt: skip


@pytest.mark.parametrize("value", [2**62, 2**63, 10**400])
@pytest.mark.parametrize("name", COUNTERS)
def test_a_counter_that_no_array_can_hold_is_refused(name: str, value: int) -> None:
    arrays, content = pack_state(Population(neat_settings(), seed=1).state())
    with pytest.raises(StorageError, match=rf"x\.npz: expected {name} as a count"):
        unpack_state("x.npz", arrays, {**content, name: value})
