"""The gene pool, the innovation table as slots, and the stamp of compiled code."""

import gc
import os
import subprocess
import sys
import textwrap
import weakref

import numpy as np
import pytest
from builders.neat_genomes import genome_settings, make_genome, neat_settings, tangled_genome, told

from neuroevo.errors import PopulationError
from neuroevo.neat.genome import genome_to_bytes, same_genes
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.kernels import (
    attributes,
    breeding,
    distances,
    draws,
    marks,
    packing,
    structure,
)
from neuroevo.neat.pool import GenePool
from neuroevo.neat.population import Population
from neuroevo.neat.state import InnovationState
from neuroevo.neat.statistics import five_numbers


def test_a_genome_of_a_pool_is_the_genome_that_went_in():
    rng = np.random.default_rng(1)
    genomes = [tangled_genome(rng, num_connections=c, genome_id=c) for c in (0, 3, 12, 20)]
    pool = GenePool.of(genomes)
    for place, genome in enumerate(genomes):
        for copy in (pool.genomes()[place], pool.detached(place)):
            assert copy.id == genome.id
            assert same_genes(copy, genome)
            assert genome_to_bytes(copy) == genome_to_bytes(genome)
            assert copy.num_connections == genome.num_connections


@pytest.mark.parametrize("name", ["node_ids", "bias", "activation", "innovation", "weight"])
def test_arrays_of_a_pools_genome_cannot_be_written(name):
    genome = GenePool.of([tangled_genome(np.random.default_rng(1))]).genomes()[0]
    with pytest.raises(ValueError, match="read-only"):
        getattr(genome, name)[0] = 0


def test_a_pools_genome_has_no_other_attributes():
    genome = GenePool.of([make_genome([])]).genomes()[0]
    assert not hasattr(genome, "fitness")


def test_the_champion_and_the_best_genome_do_not_keep_their_generation_alive():
    population = Population(neat_settings(), seed=1)
    block = weakref.ref(population._pool.genes.weight)
    stats = population.tell(np.arange(20.0))
    kept = (stats.champion, population.best, told(population, 2))
    gc.collect()
    assert block() is None
    assert kept[0].num_nodes == 1


@pytest.mark.parametrize("seed", range(3))
def test_breeding_tells_how_large_the_largest_genomes_are(seed):
    population = Population(neat_settings(), seed=seed)
    for _ in range(4):
        told(population, 1)
        sizes = [(g.num_nodes, g.num_connections) for g in population.ask()]
        assert population._pool._largest == tuple(map(max, zip(*sizes, strict=True)))


def test_a_table_gives_the_same_numbers_after_any_number_of_growths():
    table = InnovationTable(1)
    pairs = [(source, target) for source in range(-40, 0) for target in range(30)]
    numbers = [table.connection(*pair) for pair in pairs]
    assert numbers == list(range(1200))
    assert [table.connection(*pair) for pair in pairs] == numbers


@pytest.mark.parametrize("row", [(9, -1, 0), (0, -2, 0), (-5, -1, 0)])
def test_a_genome_that_the_innovation_table_does_not_know_is_refused(row):
    table = InnovationTable(1)
    table.connection(-1, 0)
    genome = make_genome([(*row, 1.0, True)], genome_id=7)
    with pytest.raises(PopulationError, match="genome 7: the innovation table must know"):
        GenePool.of([genome], table)


def test_a_table_of_scattered_numbers_finds_its_rows_and_counts_on():
    rows = np.array([[-1, 0, 10**12], [-2, 0, 5]])
    state = InnovationState(rows, np.empty((0, 2), np.int64), 10**12 + 1, 1)
    table = InnovationTable.from_state(state)
    genome = make_genome([(5, -2, 0, 1.0, True), (10**12, -1, 0, 2.0, True)])
    assert same_genes(GenePool.of([genome], table).genomes()[0], genome)
    assert table.connection(-3, 0) == 10**12 + 1


def test_a_genome_grown_by_every_mutation_fits_into_its_room():
    rules = genome_settings(
        3, 2, feed_forward=False, node_add_prob=1.0, conn_add_prob=1.0,
        node_delete_prob=0.0, conn_delete_prob=0.0,
    )  # fmt: skip
    population = told(Population(neat_settings(rules, pop_size=5), seed=1), 40)
    assert max(genome.num_nodes for genome in population.ask()) > 20


def test_quartiles_are_those_of_numpy_to_the_last_bit():
    rng = np.random.default_rng(1)
    for size in range(1, 200):
        drawn = rng.normal(size=size)
        for values in (drawn, drawn.round(1) * 0.1, -np.zeros(size)):
            least, *quartiles, greatest = five_numbers(values)
            assert repr(quartiles) == repr(np.quantile(values, (0.25, 0.5, 0.75)).tolist())
            assert (least, greatest) == (values.min(), values.max())


def test_mean_and_deviation_are_those_of_numpy_to_the_last_bit():
    rng = np.random.default_rng(1)
    for size in range(1, 200):
        values = rng.normal(3.0, 100.0, size)
        population = Population(neat_settings(pop_size=size), seed=1)
        stats = population.tell(values)
        assert repr(stats.mean_fitness) == repr(float(values.mean()))
        assert repr(stats.fitness_stdev) == repr(float(values.std()))


def test_kept_machine_code_bears_the_source_of_the_whole_room():
    # Should numba rename what this relies on, code compiled from older files would be run.
    script = """
        from pathlib import Path
        from neuroevo.compiling import source_of
        from neuroevo.neat.kernels import breeding, distances
        from neuroevo.network import batch, functions, kernels, layout
        network = functions.aggregate, kernels.step, layout.lay_out, batch.answer
        for kernel in (breeding.breed, distances.distances, *network):
            room = Path(kernel.py_func.__code__.co_filename).parent
            assert source_of(room) in kernel._cache._cache_file._source_stamp
    """
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "0"}
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, env=environment)


@pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled without JIT"
)
def test_what_counts_no_references_returns_no_array():
    # numba compiles it all the same, and memory that is in use would be given back.
    numbers = {"None", "bool", "int", "float", "np.uint64"}
    found = [
        function.py_func.__annotations__["return"]
        for module in (attributes, breeding, distances, draws, marks, packing, structure)
        for function in vars(module).values()
        if getattr(function, "targetoptions", {}).get("_nrt") is False
    ]
    assert len(found) > 20
    assert set(found) <= numbers
