"""Random integers inside kernels: numpy's own, bit by bit."""

import sys

import numpy as np
import pytest
from builders.neat_genomes import neat_settings, told
from numba import njit

from neuroevo.neat.kernels.draws import addresses_of, generator_at
from neuroevo.neat.kernels.operators import draw_below
from neuroevo.neat.population import Population

COUNTS = [1, 2, 3, 7, 150, 6_726, 2**16, 2**31 - 1, 2**31, 2**32 - 1]


@pytest.mark.parametrize("count", COUNTS)
def test_integers_are_those_of_numpy_and_leave_its_generator_where_numpy_does(count):
    ours, numpys = np.random.default_rng(5), np.random.default_rng(5)
    drawn = [draw_below(ours, count) for _ in range(999)]  # odd: half a word is kept
    assert drawn == [int(numpys.integers(0, count)) for _ in range(999)]
    assert ours.bit_generator.state == numpys.bit_generator.state


def test_integers_between_other_draws_are_those_of_numpy():
    ours, numpys = np.random.default_rng(6), np.random.default_rng(6)
    for count in np.random.default_rng(7).integers(1, 100, 500).tolist():
        assert draw_below(ours, count) == numpys.integers(0, count)
        assert ours.random() == numpys.random()
        assert ours.standard_normal() == numpys.standard_normal()


@njit
def drawn(addresses):
    generator = generator_at(addresses)
    return generator.random(), generator.standard_normal(), generator.random()


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.PCG64DXSM, np.random.SFC64])
def test_a_generator_found_by_its_addresses_draws_as_itself(kind):
    ours, numpys = np.random.Generator(kind(8)), np.random.Generator(kind(8))
    for _ in range(100):
        expected = numpys.random(), numpys.standard_normal(), numpys.random()
        assert drawn(addresses_of(ours)) == expected
        assert draw_below(ours, 9) == numpys.integers(0, 9)
    assert str(ours.bit_generator.state) == str(numpys.bit_generator.state)


def test_kernels_give_the_generator_back():
    population = Population(neat_settings(), seed=1)
    before = sys.getrefcount(population._generator)
    told(population, 3)
    after = sys.getrefcount(population._generator)
    assert after == before
