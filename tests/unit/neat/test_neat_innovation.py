"""Historical marks: one number for one change, for the whole run."""

import numpy as np
from builders.neat_genomes import genome_settings, make_genome

from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.mutation import add_node


def test_the_same_connection_has_one_number_whenever_it_appears():
    table = InnovationTable(5)
    assert [table.connection(-1, 0), table.connection(-2, 0), table.connection(-1, 0)] == [0, 1, 0]
    assert table.connections(np.array([[-2, 0], [0, -2], [-1, 0]])).tolist() == [1, 2, 0]


def test_the_same_split_has_one_node_id_in_all_genomes_that_lack_it():
    table = InnovationTable(5)
    assert table.split(3, {0}) == 5
    assert table.split(4, {0}) == 6
    assert table.split(3, {0, 6}) == 5


def test_a_second_split_of_one_connection_by_one_genome_gets_another_id():
    table = InnovationTable(5)
    assert table.split(3, {0}) == 5
    assert table.split(3, {0, 5}) == 6
    assert table.split(3, {0, 5, 6}) == 7
    assert table.split(3, {0, 6}) == 5  # the first is free again once it was deleted
    assert table.split(3, {0, 5}) == 6


def test_two_genomes_that_split_the_same_connection_have_the_same_structure():
    table = InnovationTable(1)
    table.connection(-1, 0)
    first = make_genome([(0, -1, 0, 2.0, True)], genome_id=1)
    second = make_genome([(0, -1, 0, 3.0, True)], genome_id=2)
    children = [
        add_node(genome, genome_settings(), table, np.random.default_rng(seed))
        for seed, genome in enumerate((first, second))
    ]
    for name in ("node_ids", "innovation", "source", "target"):
        assert getattr(children[0], name).tolist() == getattr(children[1], name).tolist()


def test_a_restored_table_continues_where_it_was():
    table = InnovationTable(5)
    for source, target in ((-1, 0), (3, 1), (-2, 4)):
        table.connection(source, target)
    table.split(2, ())
    table.split(0, ())
    table.split(2, {5})
    restored = InnovationTable.from_state(table.state())
    for each in (table, restored):
        assert each.connection(3, 1) == 1
        assert each.connection(9, 9) == 3
        assert [each.split(2, ()), each.split(2, {5}), each.split(0, ())] == [5, 7, 6]
        assert each.split(2, {5, 7}) == 8
    assert restored.state().connections.tolist() == table.state().connections.tolist()
    assert restored.state().splits.tolist() == table.state().splits.tolist()


def test_an_empty_table_round_trips():
    state = InnovationTable(4).state()
    assert state.connections.shape == (0, 3)
    assert state.splits.shape == (0, 2)
    assert InnovationTable.from_state(state).split(0, ()) == 4
