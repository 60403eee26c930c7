"""A generation as bytes, in one call, beside genome by genome."""

import numpy as np
import pytest
from builders.neat_genomes import neat_settings, tangled_genome

from neuroevo.neat import pool as pool_module
from neuroevo.neat.genome import genome_to_bytes
from neuroevo.neat.pool import GenePool
from neuroevo.neat.population import Population
from neuroevo.storage.digest import state_digest


def genomes(count, sizes=(0, 3, 12, 20)):
    rng = np.random.default_rng(5)
    return [
        tangled_genome(rng, num_connections=sizes[i % len(sizes)], genome_id=3 * i + 1)
        for i in range(count)
    ]


@pytest.mark.parametrize("chunk", [1, 300, 2000, 1 << 20])
def test_packed_genomes_are_their_bytes_with_the_length_before(monkeypatch, chunk):
    monkeypatch.setattr(pool_module, "_CHUNK", chunk)
    pool = GenePool.of(genomes(9))
    each = [genome_to_bytes(genome) for genome in pool.genomes()]
    expected = b"".join(len(data).to_bytes(8, "little") + data for data in each)
    chunks = [bytes(part) for part in pool.packed()]
    assert b"".join(chunks) == expected
    assert len(chunks) == {1: 9, 1 << 20: 1}.get(chunk, len(chunks))
    assert all(chunks)


def test_an_empty_pool_has_no_bytes():
    assert list(GenePool.of([]).packed()) == []


def test_a_digest_is_the_same_for_genomes_of_a_pool_and_genomes_of_their_own():
    population = Population(neat_settings(), seed=3)
    for _ in range(3):
        population.tell(np.arange(20.0))
    state = population.state()
    own = tuple(genome.changed(id=genome.id) for genome in state.genomes)
    assert GenePool.holding(state.genomes) is not None
    assert GenePool.holding(own) is None
    loose = state.__class__(**{**_fields(state), "genomes": own})
    assert state_digest(loose, np.ones(20)) == state_digest(state, np.ones(20))


def _fields(state):
    return {name: getattr(state, name) for name in state.__dataclass_fields__}


def test_some_of_a_pool_in_another_order_are_not_taken_for_all_of_it():
    pool = GenePool.of(genomes(4))
    first, second, *rest = pool.genomes()
    assert GenePool.holding([second, first, *rest])[1] == [1, 0, 2, 3]
    state = Population(neat_settings(), seed=3).state()
    turned = state.__class__(**{**_fields(state), "genomes": state.genomes[::-1]})
    assert state_digest(turned, np.ones(20)) != state_digest(state, np.ones(20))
