"""Structural mutation operators, one rule at a time."""

from collections import Counter

import numpy as np
import pytest
from builders.neat_genomes import NO_MUTATION, arrows, genome_settings, make_genome
from naive.neat import has_cycle

from neuroevo.neat.genome import check_genome, same_genes
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.mutation import (
    add_connection,
    add_node,
    delete_connection,
    delete_node,
    mutate,
    mutate_structure,
)


def table_for(*genomes, next_node_id=10):
    """A table that knows the connections of genomes whose innovations count from 0."""
    table = InnovationTable(next_node_id)
    marks = {
        (number, pair)
        for genome in genomes
        for number, pair in zip(genome.innovation.tolist(), arrows(genome), strict=True)
    }
    for number, pair in sorted(marks):
        assert table.connection(*pair) == number
    return table


def test_add_node_puts_a_neutral_node_in_place_of_the_connection():
    genome = make_genome([(0, -1, 0, 2.5, True)])
    child = add_node(genome, genome_settings(), table_for(genome), np.random.default_rng(1))
    check_genome(child, 2, 1)
    assert child.node_ids.tolist() == [0, 10]
    assert child.bias.tolist() == [0, 0]
    assert arrows(child) == [(-1, 0), (-1, 10), (10, 0)]
    assert child.weight.tolist() == [2.5, 1.0, 2.5]
    assert child.enabled.tolist() == [False, True, True]


def test_add_node_chooses_among_all_connections_and_splits_disabled_ones_too():
    genome = make_genome([(0, -1, 0, 1, True), (1, -2, 0, 1, False)])
    table, rng = table_for(genome), np.random.default_rng(1)
    split = {int(add_node(genome, genome_settings(), table, rng).source[2]) for _ in range(30)}
    assert split == {-1, -2}


@pytest.mark.parametrize("is_surer", [True, False])
def test_add_node_without_connections_adds_one_only_when_surer(is_surer):
    genome = make_genome([])
    settings = genome_settings(structural_mutation_surer=is_surer)
    child = add_node(genome, settings, InnovationTable(10), np.random.default_rng(1))
    assert child.num_nodes == 1
    assert child.num_connections == is_surer


def test_delete_node_takes_its_connections_and_leaves_the_rest():
    rows = [(0, -1, 0, 1, True), (1, -1, 5, 1, True), (2, 5, 0, 1, True), (3, 5, 5, 1, True)]
    genome = make_genome(rows, (0, 5))
    settings = genome_settings(1, 1)
    child = delete_node(genome, settings, table_for(genome), np.random.default_rng(1))
    assert child.node_ids.tolist() == [0]
    assert child.innovation.tolist() == [0]
    check_genome(child, 1, 1)


def test_delete_node_leaves_a_genome_without_hidden_nodes_alone():
    genome = make_genome([(0, -1, 0, 1, True)], (0, 1))
    settings = genome_settings(1, 2)
    assert delete_node(genome, settings, table_for(genome), np.random.default_rng(1)) is genome


def test_delete_connection_removes_each_with_equal_chance_and_nothing_else():
    genome = make_genome([(i, -1 - i, 0, 1, True) for i in range(4)])
    rest = (genome_settings(), table_for(genome), np.random.default_rng(1))
    left = [tuple(delete_connection(genome, *rest).innovation.tolist()) for _ in range(400)]
    counts = Counter(left)
    assert set(counts) == {(1, 2, 3), (0, 2, 3), (0, 1, 3), (0, 1, 2)}
    assert min(counts.values()) > 60  # 100 expected; below 60 happens once in a million
    assert delete_connection(make_genome([]), *rest).num_connections == 0


@pytest.mark.parametrize("is_surer", [True, False])
def test_an_existing_connection_is_enabled_only_when_surer(is_surer):
    genome = make_genome([(0, -1, 0, 1, False)])
    settings = genome_settings(1, 1, structural_mutation_surer=is_surer)
    child = add_connection(genome, settings, table_for(genome), np.random.default_rng(1))
    assert child.num_connections == 1
    assert child.enabled.tolist() == [is_surer]


def reachable_pairs(settings, node_ids):
    """All pairs that add_connection ever joins in an unconnected genome."""
    genome, rng = make_genome([], node_ids), np.random.default_rng(1)
    table = InnovationTable(10)
    children = [add_connection(genome, settings, table, rng) for _ in range(600)]
    return {pair for child in children for pair in arrows(child)}


def test_a_feed_forward_genome_joins_inputs_and_hidden_nodes_but_no_output_as_source():
    pairs = reachable_pairs(genome_settings(2, 2, feed_forward=True), (0, 1, 5, 6))
    sources = {-1, -2, 5, 6}
    assert pairs == {(s, t) for s in sources for t in (0, 1, 5, 6) if s != t}


def test_a_recurrent_genome_joins_everything_but_outputs_with_outputs():
    pairs = reachable_pairs(genome_settings(2, 2, feed_forward=False), (0, 1, 5, 6))
    every = {(s, t) for s in (-1, -2, 0, 1, 5, 6) for t in (0, 1, 5, 6)}
    assert pairs == every - {(s, t) for s in (0, 1) for t in (0, 1)}


def test_a_feed_forward_genome_gets_no_cycle_even_through_disabled_connections():
    rows = [(0, -1, 5, 1, True), (1, 5, 6, 1, False), (2, 6, 7, 1, False), (3, 7, 0, 1, True)]
    genome = make_genome(rows, (0, 5, 6, 7))
    settings, rng, table = genome_settings(1, 1), np.random.default_rng(1), table_for(genome)
    for _ in range(500):
        child = add_connection(genome, settings, table, rng)
        assert not has_cycle(arrows(child))
        check_genome(child, 1, 1)


def test_a_new_connection_starts_like_the_first_ones():
    genome = make_genome([])
    settings = genome_settings(1, 1)
    child = add_connection(genome, settings, InnovationTable(1), np.random.default_rng(1))
    assert child.enabled.tolist() == [True]
    assert child.weight[0] not in (0.0, 1.0)


def change(genome, child):
    return (child.num_nodes - genome.num_nodes, child.num_connections - genome.num_connections)


def test_single_structural_mutation_makes_at_most_one_change():
    rows = [(0, -1, 0, 1, True), (1, -1, 5, 1, True), (2, 5, 0, 1, True)]
    genome = make_genome(rows, (0, 5))
    probs = dict.fromkeys(
        ("node_add_prob", "node_delete_prob", "conn_add_prob", "conn_delete_prob"), 1.0
    )
    single = genome_settings(9, 1, single_structural_mutation=True, **probs)
    every = genome_settings(9, 1, **probs)
    rng, table = np.random.default_rng(1), table_for(genome)
    changes = {change(genome, mutate_structure(genome, single, table, rng)) for _ in range(200)}
    # Node added; node deleted with its two connections; connection added, or it was there; deleted.
    assert changes == {(1, 2), (-1, -2), (0, 1), (0, 0), (0, -1)}
    several = {change(genome, mutate_structure(genome, every, table, rng)) for _ in range(50)}
    assert not several & {(1, 2), (-1, -2)}


def test_nothing_changes_when_every_rate_is_zero():
    genome = make_genome([(0, -1, 0, 1, True), (1, -2, 0, 1, False)])
    settings = genome_settings(**NO_MUTATION)
    child = mutate(genome, settings, table_for(genome), np.random.default_rng(1))
    assert same_genes(child, genome)


def test_mutate_keeps_the_id_and_leaves_the_parent_as_it_was():
    genome = make_genome([(0, -1, 0, 1, True)], genome_id=7)
    before = genome.weight.tolist()
    child = mutate(genome, genome_settings(), table_for(genome), np.random.default_rng(1))
    assert child.id == 7
    assert genome.weight.tolist() == before
