"""What a worker reads from shared memory is what the master wrote."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from builders.genomes import random_genome

from neuroevo.errors import EvaluationError
from neuroevo.evaluation.shared_memory import GenomeReader, GenomeWriter
from neuroevo.neat.gene_block import num_block_bytes
from neuroevo.neat.genome import CONNECTION_FIELDS, NODE_FIELDS, Genome, genome_to_bytes
from neuroevo.neat.population import Population
from neuroevo.neat.settings import GenomeSettings, NeatSettings


def genome(seed: int, num_connections: int = 30) -> Genome:
    draw = np.random.default_rng(seed)
    return random_genome(draw, 9, 2, seed % 7, num_connections, genome_id=seed + 1)


def evolved() -> Population:
    population = Population(NeatSettings(GenomeSettings(5, 3), pop_size=40), seed=3)
    for _ in range(8):
        population.tell(np.arange(40.0))
    return population


def assert_read(reader: GenomeReader, writer: GenomeWriter, genomes: list[Genome]) -> None:
    """Write genomes, and compare what comes out bit by bit."""
    for each, place in zip(genomes, writer.write(genomes), strict=True):
        read = reader.read(writer.round, place)
        assert genome_to_bytes(read) == genome_to_bytes(each)
        for name, _ in NODE_FIELDS + CONNECTION_FIELDS:
            array = getattr(read, name)
            assert array.flags.aligned
            assert not array.flags.writeable


def test_genomes_of_a_population_come_back_bit_for_bit_whatever_part_is_sent() -> None:
    writer = GenomeWriter()
    reader = GenomeReader(writer.fd)
    population = evolved()
    genomes = population.ask()
    for part in (genomes, genomes[5:9], genomes[::-1], (genomes[7], genomes[7])):
        assert_read(reader, writer, list(part))
    population.tell(np.arange(40.0))
    assert_read(reader, writer, list(population.ask()))
    writer.close()


def test_a_population_is_shared_as_it_lies_and_others_take_a_row_per_connection() -> None:
    population = evolved()
    block = population.ask()[0].pool
    num_connections = sum(genome.num_connections for genome in population.ask())
    num_rows = block.rows.shape[1]  # type: ignore[union-attr]
    num_nodes = sum(genome.num_nodes for genome in population.ask())
    most = 13 * num_connections + 34 * num_nodes + 24 * num_rows + 40 * 24 + 10 * 64
    assert num_block_bytes(block.size()) <= most  # type: ignore[union-attr]


def test_genomes_of_different_runs_may_give_one_number_to_different_connections() -> None:
    writer = GenomeWriter()
    reader = GenomeReader(writer.fd)
    strangers = [genome(seed, seed * 3) for seed in range(40)]
    assert_read(reader, writer, [*strangers, *evolved().ask()])
    assert_read(reader, writer, [genome(3)])
    assert_read(reader, writer, [genome(3).changed(id=4), genome(3).changed(id=5)])
    assert list(writer.write([])) == []
    writer.close()


def test_memory_that_grows_after_the_first_look_is_seen() -> None:
    writer = GenomeWriter()
    reader = GenomeReader(writer.fd)
    for seed in range(1, 30):
        assert_read(reader, writer, [genome(seed, 200 * seed)])
    writer.close()


def test_a_reader_that_comes_late_reads_the_newest_round_and_never_an_old_one() -> None:
    writer = GenomeWriter()
    early = GenomeReader(writer.fd)
    for seed in range(5):
        written = genome(seed)
        place = writer.write([written])[0]
        for reader in (early, GenomeReader(writer.fd)):
            assert genome_to_bytes(reader.read(writer.round, place)) == genome_to_bytes(written)
    writer.close()
    writer.close()


def test_memory_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    writer = GenomeWriter()
    os.close(writer.fd)
    writer.fd = os.open(tmp_path, os.O_RDONLY)  # a folder takes no bytes
    with pytest.raises(EvaluationError, match=r"shared memory: must take \d+ bytes of genes"):
        writer.write([genome(1)])
    writer.close()
