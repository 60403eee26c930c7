"""The first generation, compared with the genomes that neat-python 2.0.0 starts with."""

import random

import numpy as np
import pytest
from builders.neat_genomes import arrows, genome_settings
from builders.neat_python import new_genome

from neuroevo.neat import initial
from neuroevo.neat.genome import ACTIVATIONS, AGGREGATIONS, Genome, check_genome, same_genes
from neuroevo.neat.initial import initial_genomes
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.settings import (
    ChoiceAttributeSettings,
    EnabledSettings,
    FloatAttributeSettings,
    GenomeSettings,
)

SIZES = [
    {"num_hidden": num_hidden, "feed_forward": feed_forward}
    for num_hidden in (0, 3)
    for feed_forward in (True, False)
]


def created(settings: GenomeSettings, count: int = 20, seed: int = 1) -> tuple[Genome, ...]:
    table = InnovationTable(settings.num_outputs + settings.num_hidden)
    pool = initial_genomes(range(1, count + 1), settings, table, np.random.default_rng(seed))
    return pool.genomes()


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("kind", ["unconnected", "full_nodirect", "full", "full_direct"])
def test_full_kinds_join_the_same_pairs_as_neat_python(kind, sizes):
    settings = genome_settings(3, 2, initial_connection=kind, **sizes)
    theirs = new_genome(settings)
    for genome in created(settings, 3):
        check_genome(genome, 3, 2)
        assert sorted(arrows(genome)) == sorted(theirs.connections)
        assert genome.node_ids.tolist() == sorted(theirs.nodes)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("kind", ["partial_nodirect", "partial", "partial_direct"])
def test_partial_kinds_have_as_many_connections_as_neat_python(kind, fraction, sizes):
    settings = genome_settings(3, 2, initial_connection=kind, connection_fraction=fraction, **sizes)
    full = genome_settings(3, 2, initial_connection=kind.replace("partial", "full"), **sizes)
    random.seed(3)
    expected = len(new_genome(settings).connections)
    allowed = set(new_genome(full).connections)
    genomes = created(settings)
    for genome in genomes:
        check_genome(genome, 3, 2)
        assert genome.num_connections == expected
        assert set(arrows(genome)) <= allowed
    if fraction in (0.3, 0.5):
        assert {pair for genome in genomes for pair in arrows(genome)} == allowed


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("kind", ["fs_neat_nohidden", "fs_neat", "fs_neat_hidden"])
def test_fs_neat_kinds_join_one_input_to_the_targets_of_neat_python(kind, sizes):
    settings = genome_settings(3, 2, initial_connection=kind, **sizes)
    random.seed(3)
    targets = sorted(target for _, target in new_genome(settings).connections)
    genomes = created(settings, 40)
    for genome in genomes:
        assert len(set(genome.source.tolist())) == 1
        assert sorted(genome.target.tolist()) == targets
    assert {int(genome.source[0]) for genome in genomes} == {-1, -2, -3}


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("numbers_at_a_time", [1, 40, 1 << 14])
@pytest.mark.parametrize("kind", ["unconnected", "full", "full_direct"])
def test_genomes_drawn_at_once_are_those_drawn_one_by_one(
    kind, numbers_at_a_time, sizes, monkeypatch
):
    rules = FloatAttributeSettings(init_mean=0.5, init_stdev=2.0, min_value=-2.0, max_value=1.5)
    enabled = EnabledSettings(default="false")
    settings = GenomeSettings(
        3, 2, initial_connection=kind, bias=rules, time_constant=rules, enabled=enabled, **sizes
    )
    assert initial._draws_normals_alone(settings)
    monkeypatch.setattr(initial, "_CHUNK", numbers_at_a_time)
    at_once = created(settings)
    monkeypatch.setattr(initial, "_draws_normals_alone", lambda settings: False)
    assert all(map(same_genes, at_once, created(settings)))


@pytest.mark.parametrize(
    "other",
    [
        {"weight": FloatAttributeSettings(init_type="uniform")},
        {"bias": FloatAttributeSettings(init_type="uniform")},
        {"activation": ChoiceAttributeSettings("random", ("tanh", "sigmoid"))},
        {"enabled": EnabledSettings(default="random")},
        {"initial_connection": "partial"},
        {"initial_connection": "fs_neat"},
    ],
    ids=str,
)
def test_a_genome_that_draws_more_than_normals_is_drawn_by_itself(other, monkeypatch):
    settings = GenomeSettings(3, 2, num_hidden=2, **other)
    monkeypatch.setattr(initial, "_draw_at_once", None)  # would raise
    for genome in created(settings):
        check_genome(genome, 3, 2)


def test_the_same_pair_has_the_same_number_in_all_genomes():
    settings = genome_settings(
        4, 3, num_hidden=2, initial_connection="partial_direct", connection_fraction=0.4
    )
    marks = {
        (pair, number)
        for genome in created(settings)
        for pair, number in zip(arrows(genome), genome.innovation.tolist(), strict=True)
    }
    assert len(marks) == len({pair for pair, _ in marks}) == len({number for _, number in marks})


def test_genomes_differ_in_weights_and_keep_the_ids_they_are_given():
    genomes = created(genome_settings(), 5)
    assert [genome.id for genome in genomes] == [1, 2, 3, 4, 5]
    assert len({genome.weight.tobytes() for genome in genomes}) == 5


def test_activation_and_aggregation_are_the_default_or_drawn():
    names = ("tanh", "gauss", "relu"), ("max", "mean")
    for defaults in (("gauss", "mean"), ("random", "max"), ("tanh", "random")):
        activation, aggregation = map(ChoiceAttributeSettings, defaults, names)
        settings = genome_settings(2, 2, activation=activation, aggregation=aggregation)
        genomes = created(settings, 30)
        found = [
            {ACTIVATIONS[code] for genome in genomes for code in genome.activation},
            {AGGREGATIONS[code] for genome in genomes for code in genome.aggregation},
        ]
        for default, options, seen in zip(defaults, names, found, strict=True):
            assert seen == (set(options) if default == "random" else {default})
        assert all(genome.node_ids.tolist() == [0, 1] for genome in genomes)


def test_genomes_made_after_an_extinction_are_valid_with_older_marks():
    settings = genome_settings(2, 1, num_hidden=2, initial_connection="full_direct")
    table = InnovationTable(3)
    table.connection(2, 0)  # an evolved mark that comes before those of the first pairs
    pool = initial_genomes(range(1, 4), settings, table, np.random.default_rng(1))
    for genome in pool.genomes():
        check_genome(genome, 2, 1)
        assert genome.innovation[0] == 0
        assert (genome.source[0], genome.target[0]) == (2, 0)
