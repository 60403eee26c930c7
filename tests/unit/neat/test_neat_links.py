"""A row of the innovation table and a flag in one number."""

import numpy as np
import pytest
from builders.neat_genomes import tangled_genome
from hypothesis import given
from hypothesis import strategies as st

from neuroevo.neat.genome import flags_of, links_of
from neuroevo.neat.kernels.packing import look_up
from neuroevo.neat.pool import GenePool
from neuroevo.neat.statistics import num_enabled

ROWS = st.lists(st.integers(0, 2**31 - 1), unique=True).map(sorted)


@given(ROWS, st.integers(0, 2**32))
def test_links_hold_rows_and_flags_and_ascend_as_rows_do(rows, seed):
    enabled = np.random.default_rng(seed).random(len(rows)) < 0.5
    links = links_of(np.array(rows, np.int64), enabled)
    assert links.dtype == np.uint32
    assert (links >> 1).tolist() == rows
    assert flags_of(links).tolist() == enabled.tolist()
    assert (np.diff(links.astype(np.int64)) > 0).all()


@pytest.mark.parametrize("dtype", [np.int64, np.uint32])
def test_slots_stay_as_they_are(dtype):
    slots = np.array([3, 8], dtype)
    assert links_of(slots, np.array([True, False])).tolist() == [7, 16]
    assert slots.tolist() == [3, 8]


def test_kernels_take_apart_what_was_put_together():
    marks = np.arange(30).reshape(3, 10)
    slots, enabled = np.array([9, 0, 4]), np.array([False, True, True])
    found, flags = np.empty((3, 3), np.int64), np.empty(3, np.bool_)
    look_up(marks, links_of(slots, enabled), found, flags)
    assert found.tolist() == marks[:, slots].tolist()
    assert flags.tolist() == enabled.tolist()


@pytest.mark.parametrize("count", [0, 1, 2**16, 2**16 + 1, 150_000])
def test_enabled_ones_are_counted_part_by_part(count):
    enabled = np.random.default_rng(count).random(count) < 0.3
    assert num_enabled(links_of(np.arange(count), enabled)) == int(enabled.sum())


@pytest.mark.parametrize("seed", range(5))
def test_a_pool_gives_its_genomes_back_and_takes_twelve_bytes_per_connection(seed):
    genome = tangled_genome(np.random.default_rng(seed), num_connections=20)
    other = tangled_genome(np.random.default_rng(seed + 100), num_connections=9)
    pool = GenePool.of([other, genome])
    _, again = pool.genomes()
    assert again.num_enabled == genome.num_enabled == int(genome.enabled.sum())
    assert again.enabled.tolist() == genome.enabled.tolist()
    assert not again.enabled.flags.writeable
    assert pool.genes.link.itemsize + pool.genes.weight.itemsize == 12
