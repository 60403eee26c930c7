"""A pool is made of stretches of other pools and of single genomes, whatever their order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from builders.neat_genomes import neat_settings, tangled_genome, told

from neuroevo.neat.genome import Genome, genome_to_bytes
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.pool import GenePool
from neuroevo.neat.population import Population


def own(genome: Genome) -> Genome:
    """Return the genome with arrays of its own."""
    return genome.changed(id=genome.id)


def tangled(count: int, first_id: int = 1) -> list[Genome]:
    sizes = np.random.default_rng(first_id).integers(0, 9, (count, 2)).tolist()
    return [
        tangled_genome(
            np.random.default_rng(first_id + i), num_hidden=size[0], num_connections=3 * size[1],
            genome_id=first_id + i,
        )
        for i, size in enumerate(sizes)
    ]  # fmt: skip


def check_same(pool: GenePool, genomes: Sequence[Genome]) -> None:
    assert [genome_to_bytes(g) for g in pool.genomes()] == [genome_to_bytes(g) for g in genomes]


def test_genomes_of_pools_of_one_table_of_another_one_and_of_none_come_together() -> None:
    first, second, third = tangled(5), tangled(4, 20), tangled(3, 40)
    table = InnovationTable.of_genomes([*first, *second, *third])
    a, b = GenePool.of(first, table).genomes(), GenePool.of(second, table).genomes()
    foreign = GenePool.of(third).genomes()
    mixed = [*a[1:4], b[2], *a[3:], *foreign, b[3], a[0], a[0], first[2], first[3], *b[::-1]]
    check_same(GenePool.of(mixed, table), mixed)


def test_a_whole_pool_is_copied_without_looking_at_its_genomes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    genomes = GenePool.of(tangled(6)).genomes()
    home = genomes[0].pool
    assert isinstance(home, GenePool)
    monkeypatch.setattr(GenePool, "arrays", None)
    monkeypatch.setattr("neuroevo.neat.gene_block.look_up", None)
    copied = GenePool.of([*genomes, genomes[2]], home.table)
    for one, other in zip(home.genes[1:], copied.genes[1:], strict=True):
        assert np.array_equal(one, other[..., : one.shape[-1]])
    assert copied.genes.offsets[:, 6].tolist() == home.genes.offsets[:, 6].tolist()


def test_a_pool_that_is_longer_than_what_is_used_gives_what_is_used() -> None:
    population = told(Population(neat_settings(), seed=3), 3)
    genomes = population.ask()
    home = genomes[0].pool
    assert isinstance(home, GenePool)
    assert len(home.genes.weight) > home.genes.offsets[1, -1]
    pool = GenePool.of(genomes, home.table)
    assert len(pool.genes.weight) == home.genes.offsets[1, -1]
    check_same(pool, [own(genome) for genome in genomes])
