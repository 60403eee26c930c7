"""Crossover: structure of the fitter parent, matching genes from either."""

import numpy as np
import pytest
from builders.neat_genomes import make_genome, plain, tangled_genome
from naive import neat as naive

from neuroevo.neat.crossover import crossover


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("prob", [0.0, 0.75, 1.0])
def test_the_child_is_the_one_that_the_coin_flips_give(seed, prob):
    rng = np.random.default_rng(seed)
    first, second = tangled_genome(rng), tangled_genome(rng)
    child = crossover(3, first, second, prob, np.random.default_rng(seed))
    coins = np.random.default_rng(seed)
    num_nodes = len(np.intersect1d(first.node_ids, second.node_ids))
    num_matching = len(np.intersect1d(first.innovation, second.innovation))
    attributes = (coins.random(5 * num_nodes + num_matching) < 0.5).tolist()
    disabled = (coins.random(num_matching) < prob).tolist()
    expected = naive.crossover(plain(first), plain(second), iter(attributes), iter(disabled))
    assert plain(child) == expected
    assert child.id == 3


def test_disjoint_and_excess_genes_come_from_the_fitter_alone():
    fitter = make_genome([(0, -1, 0, 1, True), (2, -2, 0, 1, False)])
    other = make_genome([(0, -1, 0, 2, True), (1, -3, 0, 2, True), (9, -4, 5, 2, True)], (0, 5))
    child = crossover(3, fitter, other, 0.0, np.random.default_rng(1))
    assert child.innovation.tolist() == [0, 2]
    assert child.node_ids.tolist() == [0]
    assert child.enabled.tolist() == [True, False]  # a disjoint gene stays as it is


@pytest.mark.parametrize(("prob", "expected"), [(1.0, False), (0.0, True)])
@pytest.mark.parametrize("enabled", [(True, False), (False, True), (False, False)])
def test_a_gene_disabled_in_either_parent_follows_the_probability(prob, expected, enabled):
    first = make_genome([(0, -1, 0, 1, enabled[0])])
    second = make_genome([(0, -1, 0, 1, enabled[1])])
    child = crossover(3, first, second, prob, np.random.default_rng(1))
    assert child.enabled.tolist() == [expected]


def test_a_gene_enabled_in_both_parents_is_enabled():
    genome = make_genome([(0, -1, 0, 1, True)])
    assert crossover(3, genome, genome, 1.0, np.random.default_rng(1)).enabled.all()


def test_attributes_of_one_gene_are_chosen_one_by_one():
    first = make_genome([(0, -1, 0, 1, True)], bias=np.zeros(1), response=np.zeros(1))
    second = make_genome([(0, -1, 0, 2, True)], bias=np.ones(1), response=np.ones(1))
    rng = np.random.default_rng(1)
    children = [crossover(3, first, second, 0.75, rng) for _ in range(100)]
    assert {(float(c.bias[0]), float(c.response[0]), float(c.weight[0])) for c in children} == {
        (b, r, w) for b in (0.0, 1.0) for r in (0.0, 1.0) for w in (1.0, 2.0)
    }
