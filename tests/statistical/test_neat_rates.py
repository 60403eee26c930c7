"""Rates and distributions of the NEAT core.

Every test draws with one fixed seed, so it passes or fails for good. The bounds are those that a
right implementation breaks with probability below ALPHA per check, over the choice of the seed:
two-sided binomial bounds (normal approximation, at least 1,000 draws) and, for whole
distributions, the inequality of Dvoretzky, Kiefer and Wolfowitz with Massart's constant (1990).
"""

import math
from statistics import NormalDist

import numpy as np
import pytest
from builders.neat_genomes import (
    FROZEN,
    NO_MUTATION,
    bred,
    genome_settings,
    make_genome,
)

from neuroevo.neat.attributes import (
    initial_codes,
    initial_enabled,
    initial_floats,
    mutated_codes,
    mutated_enabled,
    mutated_floats,
)
from neuroevo.neat.crossover import crossover
from neuroevo.neat.genome import ACTIVATIONS
from neuroevo.neat.initial import initial_genomes
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.mutation import add_connection, add_node, mutate_structure
from neuroevo.neat.settings import (
    ChoiceAttributeSettings,
    EnabledSettings,
    FloatAttributeSettings,
    ReproductionSettings,
)

ALPHA = 1e-4
SEED = 20020602
MANY = 100_000


def check_rate(is_hit, expected, num_checks=1):
    """Check the fraction of true values; ``num_checks`` shares ALPHA among several checks."""
    count = len(is_hit)
    assert count >= 1000
    z = NormalDist().inv_cdf(1 - ALPHA / 2 / num_checks)
    allowed = z * math.sqrt(expected * (1 - expected) / count)
    assert abs(np.mean(is_hit) - expected) <= allowed


def check_distribution(values, cumulative):
    """Check that values come from the distribution with this cumulative function."""
    ordered = np.sort(values)
    count = len(ordered)
    assert count >= 1000
    expected = np.array([cumulative(v) for v in ordered.tolist()])
    above = np.arange(1, count + 1) / count - expected
    below = expected - np.arange(count) / count
    assert max(above.max(), below.max()) <= math.sqrt(math.log(2 / ALPHA) / 2 / count)


def check_deviation(values, mean, stdev):
    """Check the standard deviation of normal values (their variance is nearly normal)."""
    count = len(values)
    assert count >= 1000
    variance = np.mean((values - mean) ** 2) / stdev**2
    z = NormalDist().inv_cdf(1 - ALPHA / 2)
    assert abs(variance - 1) <= z * math.sqrt(2 / count)


def uniform(low, high):
    return lambda v: min(max((v - low) / (high - low), 0.0), 1.0)


def generator():
    return np.random.default_rng(SEED)


def test_a_wrong_rate_and_a_wrong_distribution_are_seen():
    draws = generator().random(MANY)
    with pytest.raises(AssertionError):
        check_rate(draws < 0.76, 0.75)
    with pytest.raises(AssertionError):
        check_distribution(draws * 1.03, uniform(0, 1))


def test_gaussian_initial_values():
    values = initial_floats(MANY, FloatAttributeSettings(1.5, 2.0), generator())
    check_distribution(values, NormalDist(1.5, 2.0).cdf)


def test_gaussian_initial_values_are_clamped_not_drawn_again():
    settings = FloatAttributeSettings(0.0, 1.0, max_value=0.5, min_value=-1.0)
    values = initial_floats(MANY, settings, generator())
    assert (values.min(), values.max()) == (-1.0, 0.5)
    check_rate(values == 0.5, 1 - NormalDist().cdf(0.5))
    check_rate(values == -1.0, NormalDist().cdf(-1.0))


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(-30, 30, (-3.0, 5.0)), (0, 30, (0, 5)), (-30, 2, (-3, 2))]
)
def test_uniform_initial_values_span_two_deviations_cut_at_the_bounds(low, high, expected):
    settings = FloatAttributeSettings(1.0, 2.0, "uniform", max_value=high, min_value=low)
    values = initial_floats(MANY, settings, generator())
    assert expected[0] <= values.min() <= values.max() <= expected[1]
    check_distribution(values, uniform(*expected))


FAR = FloatAttributeSettings(
    init_mean=1000.0, init_stdev=1.0, replace_rate=0.15, mutate_rate=0.6, mutate_power=0.7,
    max_value=1e6, min_value=-1e6,
)  # fmt: skip
"""Replaced values lie near 1000, perturbed ones near 0."""


def test_values_are_perturbed_replaced_and_left_alone_at_their_rates():
    values = mutated_floats(np.zeros(MANY), FAR, generator())
    check_rate(values == 0.0, 0.25, 3)
    check_rate(values > 900, 0.15, 3)
    check_rate((values != 0.0) & (values < 900), 0.6, 3)
    check_distribution(values[values > 900], NormalDist(1000, 1).cdf)
    perturbed = values[(values != 0) & (values < 900)]
    check_distribution(perturbed, NormalDist(0, 0.7).cdf)
    check_deviation(perturbed, 0.0, 0.7)


def test_rates_that_sum_to_more_than_one_favour_perturbation():
    settings = FloatAttributeSettings(1000.0, 1.0, "gaussian", 0.7, 0.6, 0.7, 1e6, -1e6)
    values = mutated_floats(np.zeros(MANY), settings, generator())
    check_rate(values > 900, 0.4, 2)
    check_rate(np.abs(values) < 900, 0.6, 2)
    assert not (values == 0).any()


def test_uniform_perturbations_fill_the_half_width():
    settings = FloatAttributeSettings(
        mutate_rate=1.0, replace_rate=0.0, mutate_power=0.7, mutate_type="uniform"
    )
    values = mutated_floats(np.full(MANY, 2.0), settings, generator())
    assert np.abs(values - 2.0).max() <= 0.7
    check_distribution(values, uniform(1.3, 2.7))


def test_perturbed_values_stay_within_the_bounds():
    settings = FloatAttributeSettings(mutate_rate=1.0, mutate_power=9.0, max_value=1, min_value=-2)
    values = mutated_floats(np.zeros(MANY), settings, generator())
    assert (values.min(), values.max()) == (-2.0, 1.0)


def test_a_genome_is_spared_as_a_whole():
    settings = FloatAttributeSettings(mutate_rate=0.9, replace_rate=0.1, genome_mutate_prob=0.8)
    rng = generator()
    changed = np.array([mutated_floats(np.zeros(4), settings, rng) != 0 for _ in range(5000)])
    assert (changed.all(axis=1) | ~changed.any(axis=1)).all()
    check_rate(changed[:, 0], 0.8)


@pytest.mark.parametrize("parents", [(True, False), (False, True), (False, False)])
@pytest.mark.parametrize("prob", [0.75, 0.3])
def test_a_gene_disabled_in_either_or_both_parents_stays_disabled_at_the_rate(parents, prob):
    count = 20_000
    rows = [[(i, -1 - i, 0, 1.0, is_on) for i in range(count)] for is_on in parents]
    child = crossover(3, make_genome(rows[0]), make_genome(rows[1]), prob, generator())
    check_rate(~child.enabled, prob)


def test_matching_attributes_come_from_each_parent_half_of_the_time():
    first = make_genome([(i, -1 - i, 0, 0.0, True) for i in range(MANY)])
    second = first.changed(weight=np.ones(MANY))
    check_rate(crossover(3, first, second, 0.75, generator()).weight == 1.0, 0.5)


@pytest.mark.parametrize(("is_on", "changed"), [(True, 0.15), (False, 0.25)])
def test_enabled_flags_flip_at_half_their_rate(is_on, changed):
    # A mutated flag is drawn anew, so half of the mutations change nothing.
    settings = EnabledSettings("true", 0.1, rate_to_true_add=0.4, rate_to_false_add=0.2)
    flags = mutated_enabled(np.full(MANY, is_on), settings, generator())
    check_rate(flags != is_on, changed)


def test_flags_of_both_kinds_each_follow_their_own_rate():
    settings = EnabledSettings("true", 0.0, rate_to_true_add=0.0, rate_to_false_add=0.5)
    before = np.tile([True, False], MANY)
    after = mutated_enabled(before, settings, generator())
    assert not after[~before].any()
    check_rate(after[before], 0.75)


def test_random_enabled_flags_start_on_half_of_the_time():
    check_rate(initial_enabled(MANY, EnabledSettings("random"), generator()), 0.5)
    assert initial_enabled(5, EnabledSettings("true"), generator()).all()
    assert not initial_enabled(5, EnabledSettings("false"), generator()).any()


OPTIONS = ("tanh", "cube", "sigmoid")


def test_random_choices_are_uniform_over_the_options():
    settings = ChoiceAttributeSettings("random", OPTIONS)
    codes = initial_codes(MANY, settings, ACTIVATIONS, generator())
    assert set(codes.tolist()) == {ACTIVATIONS.index(name) for name in OPTIONS}
    for name in OPTIONS:
        check_rate(codes == ACTIVATIONS.index(name), 1 / 3, 3)


def test_a_named_default_is_taken_always():
    codes = initial_codes(9, ChoiceAttributeSettings("cube", OPTIONS), ACTIVATIONS, generator())
    assert set(codes.tolist()) == {ACTIVATIONS.index("cube")}


def test_choices_mutate_at_their_rate_to_any_option_the_old_one_included():
    settings = ChoiceAttributeSettings("tanh", OPTIONS, 0.3)
    before = np.full(MANY, ACTIVATIONS.index("tanh"), np.uint8)
    codes = mutated_codes(before, settings, ACTIVATIONS, generator())
    check_rate(codes == ACTIVATIONS.index("tanh"), 0.8, 3)
    check_rate(codes == ACTIVATIONS.index("cube"), 0.1, 3)
    check_rate(codes == ACTIVATIONS.index("sigmoid"), 0.1, 3)


def structural_changes(count=4000, **probs):
    """What mutation does to a genome on which every operator shows: (nodes, connections)."""
    rows = [(0, -1, 0, 1, True), (1, -1, 5, 1, True), (2, 5, 0, 1, True)]
    genome = make_genome(rows, (0, 5))
    table = InnovationTable(10)
    for _, source, target, _, _ in rows:
        table.connection(source, target)
    # So many inputs that a drawn pair is almost surely a new one: 998 of 1000 sources.
    settings = genome_settings(1000, 1, **(NO_MUTATION | probs))
    rng = generator()
    children = [mutate_structure(genome, settings, table, rng) for _ in range(count)]
    return np.array([(c.num_nodes - 2, c.num_connections - 3) for c in children])


def is_change(changes, nodes, connections):
    return (changes == (nodes, connections)).all(axis=1)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("node_add_prob", (1, 2)),
        ("node_delete_prob", (-1, -2)),
        ("conn_delete_prob", (0, -1)),
    ],
)
def test_each_structural_mutation_happens_at_its_rate(name, change):
    changes = structural_changes(**{name: 0.3})
    check_rate(is_change(changes, *change), 0.3)
    assert (is_change(changes, *change) | is_change(changes, 0, 0)).all()


def test_connections_are_added_at_their_rate():
    changes = structural_changes(conn_add_prob=0.3)
    # Of 1001 sources and 2 targets, 3 pairs are there and 5 -> 5 would be a cycle.
    check_rate(is_change(changes, 0, 1), 0.3 * (1 - 4 / 2002))


def test_several_structural_mutations_are_independent():
    changes = structural_changes(node_add_prob=0.4, conn_delete_prob=0.5)
    check_rate(is_change(changes, 1, 1), 0.2, 2)
    check_rate(is_change(changes, 0, 0), 0.3, 2)


@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_a_single_structural_mutation_is_chosen_in_proportion(scale):
    # Rates that sum to 0.6 are taken as they are; those that sum to 2.4 are divided by 2.4.
    changes = structural_changes(
        single_structural_mutation=True,
        node_add_prob=0.1 * scale,
        node_delete_prob=0.2 * scale,
        conn_delete_prob=0.3 * scale,
    )
    total = max(1.0, 0.6 * scale)
    check_rate(is_change(changes, 1, 2), 0.1 * scale / total, 3)
    check_rate(is_change(changes, -1, -2), 0.2 * scale / total, 3)
    check_rate(is_change(changes, 0, -1), 0.3 * scale / total, 3)


def test_the_connection_to_split_and_the_pair_to_join_are_uniform():
    genome = make_genome([(i, -1 - i, 0, 1.0, True) for i in range(4)])
    rng, table = generator(), InnovationTable(10)
    for i in range(4):
        table.connection(-1 - i, 0)
    children = [add_node(genome, genome_settings(), table, rng) for _ in range(3000)]
    split = np.array([int(np.flatnonzero(~c.enabled)[0]) for c in children])
    empty, settings = make_genome([], (0, 1)), genome_settings(3, 2)
    joined = [add_connection(empty, settings, table, rng) for _ in range(3000)]
    pairs = np.array([(int(c.source[0]), int(c.target[0])) for c in joined])
    for i in range(4):
        check_rate(split == i, 1 / 4, 10)
    for pair in ((s, t) for s in (-1, -2, -3) for t in (0, 1)):
        check_rate((pairs == pair).all(axis=1), 1 / 6, 10)


def test_fs_neat_draws_each_input_alike():
    settings = genome_settings(4, 1, initial_connection="fs_neat_nohidden", bias=FROZEN)
    genomes = initial_genomes(range(4000), settings, InnovationTable(1), generator()).genomes()
    sources = np.array([int(genome.source[0]) for genome in genomes])
    for source in (-1, -2, -3, -4):
        check_rate(sources == source, 1 / 4, 4)


def families(num_species):
    """Species of equally fit genomes; the bias names the species, so does the weight."""
    result = []
    for kind in range(num_species):
        genomes = [
            make_genome(
                [(0, -1, 0, kind, True)], genome_id=10 * kind + i, bias=np.full(1, float(kind))
            )
            for i in range(4)
        ]
        result.append((genomes, np.zeros(4)))
    return result


def children(species, counts, genome=None, **reproduction):
    rules = genome or genome_settings(1, 1, **NO_MUTATION)
    settings = (rules, ReproductionSettings(survival_threshold=1.0, **reproduction))
    return bred(species, counts, settings, generator())


@pytest.mark.parametrize("prob", [0.1, 0.6])
def test_the_second_parent_is_of_another_species_at_the_interspecies_rate(prob):
    genomes = children(families(3), [0, 6000, 0], interspecies_crossover_prob=prob)
    weights = np.array([float(g.weight[0]) for g in genomes])
    for kind in (0, 2):  # half of the weights come from the second parent, one of two species
        check_rate(weights == kind, prob / 4, 2)


def test_mutate_only_and_mate_only_happen_at_their_rates():
    moving = genome_settings(
        1, 1, **(NO_MUTATION | {"weight": FloatAttributeSettings(mutate_rate=1.0)})
    )
    genomes = children(families(1), [6000], moving, mutate_only_prob=0.25, mate_only_prob=0.4)
    is_mutated = np.array([float(g.weight[0]) != 0.0 for g in genomes])
    check_rate(is_mutated, 0.25 + 0.75 * 0.6)


def test_mutate_only_children_are_a_quarter_of_all():
    rows = [
        make_genome([(0, -1, 0, w, True)], genome_id=w, bias=np.full(1, float(w))) for w in (1, 2)
    ]
    pair = [(rows, np.zeros(2))]
    genomes = children(pair, [6000], mutate_only_prob=0.25)
    is_mixed = np.array([float(g.weight[0]) != float(g.bias[0]) for g in genomes])
    check_rate(is_mixed, 0.75 * 0.5 * 0.5)  # two parents, that differ, and give one each
