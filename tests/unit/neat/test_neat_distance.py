"""Compatibility distance against hand-made cases, the slow twin and neat-python 2.0.0."""

import numpy as np
import pytest
from builders.neat_genomes import genome_settings, make_genome, plain, tangled_genome
from builders.neat_python import as_neat_python, distance_config
from naive import neat as naive

from neuroevo.neat.distance import distance, distances
from neuroevo.neat.genome import links_of
from neuroevo.neat.kernels.operators import is_reachable
from neuroevo.neat.pool import GenePool


def pair(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers((0, 0), (6, 30), size=(2, 2))
    return [tangled_genome(rng, num_hidden=h, num_connections=c) for h, c in sizes]


@pytest.mark.parametrize("coefficients", [(1.0, 0.5), (1.5, 0.4), (0.0, 1.0)])
def test_the_default_distance_is_that_of_neat_python(coefficients):
    settings = genome_settings(
        compatibility_disjoint_coefficient=coefficients[0],
        compatibility_weight_coefficient=coefficients[1],
    )
    config = distance_config(settings)
    for seed in range(60):
        first, second = pair(seed)
        expected = as_neat_python(first).distance(as_neat_python(second), config)
        assert distance(first, second, settings) == pytest.approx(expected, rel=1e-12, abs=1e-12)


FIRST = make_genome(
    [(1, -1, 0, 1.0, True), (2, -2, 0, 2.0, True), (4, -3, 0, 3.0, True), (5, -4, 0, 1.0, True)]
)
SECOND = make_genome([(1, -1, 0, 3.0, False), (3, -5, 0, 2.0, True), (4, -3, 0, 2.0, True)])
# Matching 1 and 4 (differences 2 and 1, one enabled flag), disjoint 2 and 3, excess 5.


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (3 + 0.5 * 4) / 4),
        ({"compatibility_excess_coefficient": 10.0}, (2 + 10 + 0.5 * 4) / 4),
        ({"compatibility_excess_coefficient": 0.0}, (2 + 0.5 * 4) / 4),
        ({"compatibility_disjoint_coefficient": 2.0}, (6 + 0.5 * 4) / 4),
        ({"compatibility_enable_penalty": 0.0}, (3 + 0.5 * 3) / 4),
        ({"compatibility_weight_term": "mean"}, 3 / 4 + 0.5 * 4 / 2),
        ({"compatibility_small_genome_size": 4}, (3 + 0.5 * 4) / 4),
        ({"compatibility_small_genome_size": 5}, 3 + 0.5 * 4 / 4),
        (
            {"compatibility_small_genome_size": 20, "compatibility_weight_term": "mean"},
            3 + 0.5 * 4 / 2,
        ),
    ],
)
def test_each_term_counts_as_the_formula_says(changes, expected):
    settings = genome_settings(**changes)
    assert distance(FIRST, SECOND, settings) == pytest.approx(expected, rel=1e-15)
    assert distance(SECOND, FIRST, settings) == pytest.approx(expected, rel=1e-15)


def test_node_genes_count_only_when_included():
    first = make_genome([], bias=np.array([1.0]), time_constant=np.array([2.0]))
    second = make_genome([], bias=np.array([4.0]), activation=np.array([3]))
    second = second.changed(aggregation=np.array([1]))
    included = genome_settings(compatibility_include_node_genes=True)
    assert distance(first, second, included) == 0.5 * (3 + 1 + 1 + 1)
    left_out = genome_settings(compatibility_include_node_genes=False)
    assert distance(first, second, left_out) == 0.0


def test_an_empty_genome_is_far_from_a_full_one_and_near_another_empty_one():
    empty = make_genome([])
    settings = genome_settings(compatibility_excess_coefficient=3.0)
    assert distance(empty, FIRST, settings) == 3.0
    assert distance(FIRST, empty, settings) == 3.0
    assert distance(empty, make_genome([], genome_id=2), settings) == 0.0


def test_many_distances_at_once_are_those_one_by_one_in_the_order_asked():
    rng = np.random.default_rng(5)
    genomes = [tangled_genome(rng, num_connections=c) for c in (0, 3, 12, 5, 20)]
    settings = genome_settings()
    pool = GenePool.of(genomes)
    which, others = [1, 3] * 20, [4, 0, 2, 2]  # more than are compared at a time
    expected = [[distance(genomes[i], genomes[j], settings) for j in others] for i in which]
    assert distances(pool, which, pool, others, settings).tolist() == expected


@pytest.mark.parametrize("seed", range(30))
def test_reachability_is_that_of_the_twin(seed):
    genome = tangled_genome(np.random.default_rng(seed), num_connections=seed)
    nodes = genome.node_ids.tolist()
    rows = np.stack([genome.source, genome.target, genome.innovation])
    links = links_of(np.arange(genome.num_connections), genome.enabled)
    edges = list(zip(genome.source.tolist(), genome.target.tolist(), strict=True))
    for start in nodes:
        for goal in nodes:
            expected = naive.is_reachable(edges, start, goal)
            room = np.full(len(nodes), 7, np.uint32)
            assert is_reachable(rows, links, genome.node_ids.copy(), start, goal, room) == expected


def test_the_twin_agrees_with_neat_python_too():
    rule = naive.DistanceRule()
    config = distance_config(genome_settings())
    for seed in range(20):
        first, second = pair(seed)
        expected = as_neat_python(first).distance(as_neat_python(second), config)
        assert naive.distance(plain(first), plain(second), rule) == pytest.approx(expected)
