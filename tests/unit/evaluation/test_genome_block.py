"""What a worker reads from shared memory is what the master wrote."""

from __future__ import annotations

import os

import numpy as np
import pytest
from builders.genomes import random_genome

from neuroevo.errors import EvaluationError
from neuroevo.evaluation.genome_block import GenomeReader, GenomeWriter
from neuroevo.neat.genome import CONNECTION_FIELDS, NODE_FIELDS, Genome, genome_to_bytes


def genome(seed: int, num_connections: int = 30) -> Genome:
    draw = np.random.default_rng(seed)
    return random_genome(draw, 9, 2, seed % 7, num_connections, genome_id=seed + 1)


def test_genomes_of_any_size_come_back_bit_for_bit_and_aligned() -> None:
    writer = GenomeWriter()
    reader = GenomeReader(writer.fd)
    written = [genome(seed, seed * 3) for seed in range(40)]
    places = [writer.write(each) for each in written]
    for each, place in zip(written, places, strict=True):
        read = reader.read(each.id, place)
        assert genome_to_bytes(read) == genome_to_bytes(each)
        for name, _ in NODE_FIELDS + CONNECTION_FIELDS:
            array = getattr(read, name)
            assert array.flags.aligned
            assert not array.flags.writeable
    writer.close()


def test_memory_that_grows_after_the_first_look_is_seen() -> None:
    writer = GenomeWriter()
    reader = GenomeReader(writer.fd)
    early = genome(1)
    kept = reader.read(1, writer.write(early))
    large = [genome(seed, 2000) for seed in range(2, 30)]
    for each in large:
        assert genome_to_bytes(reader.read(each.id, writer.write(each))) == genome_to_bytes(each)
    assert kept.weight.tobytes() == early.weight.tobytes()
    writer.close()


def test_a_restart_writes_over_what_was_there() -> None:
    writer = GenomeWriter()
    for seed in range(5):
        writer.restart()
        assert writer.write(genome(seed)).offset == 0
        assert writer.write(genome(seed)).offset % 8 == 0
    writer.close()
    writer.close()


def test_memory_that_cannot_be_written_is_one_clear_error() -> None:
    writer = GenomeWriter()
    os.close(writer.fd)
    with pytest.raises(EvaluationError, match=r"shared memory: must take \d+ bytes of a genome"):
        writer.write(genome(1))
