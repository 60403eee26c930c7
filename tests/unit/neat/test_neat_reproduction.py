"""Sharing, offspring counts and breeding."""

import numpy as np
import pytest
from builders import neat_genomes
from builders.neat_genomes import NO_MUTATION, genome_settings, make_genome
from naive import neat as naive

from neuroevo.neat.genome import check_genome, same_genes
from neuroevo.neat.reproduction import adjusted_fitnesses, offspring_counts, ranked
from neuroevo.neat.settings import FloatAttributeSettings, ReproductionSettings

STILL = genome_settings(1, 1, **NO_MUTATION)
MOVING = genome_settings(
    1, 1, **(NO_MUTATION | {"weight": FloatAttributeSettings(mutate_rate=1.0)})
)


def point(genome_id, weight):
    """A genome whose bias and weight are the same number, its trace."""
    return make_genome(
        [(0, -1, 0, weight, True)], genome_id=genome_id, bias=np.array([float(weight)])
    )


def family(first_id, size, weight_step=1):
    """A species: genome i has weight i and fitness i."""
    ids = range(first_id, first_id + size)
    return [point(i, i * weight_step) for i in ids], ids


def bred(species, counts, genome=STILL, seed=1, **reproduction):
    settings = (genome, ReproductionSettings(**reproduction))
    return neat_genomes.bred(species, counts, settings, np.random.default_rng(seed))


def children_of(genomes):
    return [g for g in genomes if g.id >= 1000]


def test_members_are_ranked_by_fitness_then_newest():
    ids, fitnesses = np.array([7, 11, 12, 13, 14]), np.array([9.0, 2.0, 5.0, 5.0, -1.0])
    places = ranked(np.array([1, 2, 3, 4]), fitnesses)
    assert ids[places].tolist() == [13, 12, 11, 14]


@pytest.mark.parametrize("sharing", ["normalized", "canonical"])
@pytest.mark.parametrize("shift", [-10.0, 0.0, 10.0])
def test_sharing_is_that_of_the_twin(shift, sharing):
    rng = np.random.default_rng(1)
    for _ in range(20):
        sizes = rng.integers(1, 6, size=rng.integers(1, 6))
        species = [np.sort(rng.normal(shift, 3, size))[::-1] for size in sizes]
        expected = naive.adjusted_fitnesses([s.tolist() for s in species], sharing)
        result = adjusted_fitnesses(species, sharing)
        np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-12)
        assert (result >= -1e-12).all()


def test_small_fitness_differences_select_between_species():
    # neat-python divides by a range of at least 1.0, so these would be nearly equal.
    adjusted = adjusted_fitnesses([np.array([0.001]), np.array([0.003, 0.002])], "normalized")
    assert adjusted.tolist() == pytest.approx([0.0, 0.75])


def test_equal_fitnesses_share_alike_in_the_normalised_form():
    assert adjusted_fitnesses([np.full(3, 7.0), np.full(2, 7.0)], "normalized").tolist() == [1, 1]


@pytest.mark.parametrize("method", ["smoothed", "proportional"])
def test_no_other_rounding_is_nearer_to_the_wanted_offspring(method):
    rng = np.random.default_rng(2)
    for _ in range(60):
        num_species = int(rng.integers(1, 5))
        pop_size = int(rng.integers(num_species, 12))
        minimum = int(rng.integers(0, pop_size // num_species + 1))
        sizes = rng.integers(1, 8, num_species).tolist()
        adjusted = rng.random(num_species) * rng.integers(0, 2, num_species)
        settings = ReproductionSettings(min_species_size=minimum, spawn_method=method)
        counts = offspring_counts(adjusted, sizes, pop_size, settings)
        wanted = naive.wanted_offspring(adjusted.tolist(), sizes, pop_size, minimum, method)
        best = naive.best_rounding_cost(wanted, minimum, pop_size)
        assert sum(counts) == pop_size
        assert min(counts) >= minimum
        assert naive.rounding_cost(counts, wanted) == pytest.approx(best, abs=1e-9)


def test_proportional_gives_each_species_its_share():
    settings = ReproductionSettings(spawn_method="proportional")
    assert offspring_counts(np.array([1.0, 3.0]), [50, 50], 100, settings) == (25, 75)


def test_smoothed_goes_half_the_way():
    settings = ReproductionSettings(spawn_method="smoothed")
    assert offspring_counts(np.array([1.0, 4.0]), [50, 50], 100, settings) == (35, 65)


def test_elitism_raises_the_minimum():
    settings = ReproductionSettings(elitism=3, min_species_size=1, spawn_method="proportional")
    assert offspring_counts(np.array([0.0, 1.0]), [5, 5], 10, settings) == (3, 7)


def test_species_above_the_minimum_pay_for_those_at_it_as_evenly_as_they_can():
    settings = ReproductionSettings(min_species_size=3, spawn_method="proportional")
    # Scaled to a sum of 20 the last two want 4.5 and 8; the first four take 12 all the same.
    adjusted = np.array([0.0, 0.0, 0.0, 0.0, 0.36, 0.64])
    assert offspring_counts(adjusted, [1] * 6, 20, settings) == (3, 3, 3, 3, 3, 5)


def test_too_many_species_for_the_minimum_share_what_there_is():
    settings = ReproductionSettings(min_species_size=4)
    counts = offspring_counts(np.linspace(0, 1, 7), [1] * 7, 10, settings)
    assert sum(counts) == 10
    assert min(counts) >= 1


def test_elites_are_the_fittest_and_keep_their_id_and_genes():
    species = family(1, 6)
    genomes = bred([species], [6], MOVING, elitism=2)
    assert [g.id for g in genomes[:2]] == [5, 6]
    assert same_genes(genomes[0], species[0][4])
    assert len(children_of(genomes)) == 4


def test_elites_never_exceed_the_offspring_count():
    assert [g.id for g in bred([family(1, 6)], [1], elitism=3)] == [6]


@pytest.mark.parametrize(("size", "is_copied"), [(5, False), (6, True)])
def test_the_champion_of_a_species_larger_than_the_limit_is_copied(size, is_copied):
    genomes = bred([family(1, size)], [10], MOVING, champion_min_species_size=5)
    assert [g.id for g in genomes if g.id < 1000] == [size] * is_copied
    assert len(genomes) == 10


def test_only_the_surviving_fraction_has_children_and_at_least_two_do():
    for threshold, survivors in ((0.2, {9, 10}), (0.3, {8, 9, 10}), (0.31, {7, 8, 9, 10})):
        genomes = bred([family(1, 10)], [80], survival_threshold=threshold)
        assert {float(g.weight[0]) for g in children_of(genomes)} == survivors
    assert {float(g.weight[0]) for g in bred([family(1, 4)], [80], survival_threshold=0.0)} == {
        3.0,
        4.0,
    }


def is_mixed(genome):
    return float(genome.weight[0]) != float(genome.bias[0])


def test_mutate_only_children_have_one_parent():
    two_parents = bred([family(1, 4)], [60], survival_threshold=1.0)
    one_parent = bred([family(1, 4)], [60], survival_threshold=1.0, mutate_only_prob=1.0)
    assert any(is_mixed(g) for g in two_parents)
    assert not any(is_mixed(g) for g in one_parent)


def test_mutate_only_children_are_mutated_even_when_mated_ones_are_not():
    settings = {"mutate_only_prob": 1.0, "mate_only_prob": 1.0}
    genomes = bred([family(1, 4)], [30], MOVING, **settings)
    assert all(float(g.weight[0]) % 1 != 0 for g in genomes)


@pytest.mark.parametrize(("prob", "is_mutated"), [(0.0, True), (1.0, False)])
def test_mate_only_children_are_not_mutated(prob, is_mutated):
    genomes = bred([family(1, 4)], [30], MOVING, mate_only_prob=prob)
    assert all((float(g.weight[0]) % 1 != 0) is is_mutated for g in genomes)


def test_the_second_parent_comes_from_another_species_only_when_interspecies():
    species = [family(1, 4), family(101, 4), family(201, 4)]
    counts, everyone = [0, 60, 0], {"survival_threshold": 1.0}
    home = bred(species, counts, **everyone)
    assert {float(g.bias[0]) // 100 for g in home} == {1.0}
    abroad = bred(species, counts, **everyone, interspecies_crossover_prob=1.0)
    pairs = {(float(g.bias[0]) // 100, float(g.weight[0]) // 100) for g in abroad}
    assert {kind for pair in pairs for kind in pair} == {0.0, 1.0, 2.0}
    assert (0.0, 2.0) not in pairs
    assert (2.0, 0.0) not in pairs


def test_a_lone_species_mates_with_itself_when_interspecies():
    genomes = bred([family(1, 4)], [20], interspecies_crossover_prob=1.0)
    assert len(genomes) == 20


def test_the_fitter_parent_gives_the_structure_whichever_was_drawn_first():
    fit = make_genome([(0, -1, 0, 1, True), (1, -2, 0, 1, True)], genome_id=1)
    unfit = make_genome([(0, -1, 0, 1, True), (2, -3, 0, 1, True)], genome_id=2)
    pair = ([fit, unfit], [2.0, 1.0])
    children = bred([pair], [200], survival_threshold=1.0)
    unfit_only = [g for g in children if g.innovation.tolist() == [0, 2]]
    assert all(g.innovation.tolist() in ([0, 1], [0, 2]) for g in children)
    # The less fit structure comes only from mating with itself: a quarter, not half.
    assert 25 <= len(unfit_only) <= 78  # 50 expected, 4.5 standard deviations either way


def test_a_genome_mated_with_itself_is_not_enabled_anew():
    only = ([make_genome([(0, -1, 0, 1, False)])], [1.0])
    assert not any(g.enabled[0] for g in bred([only], [50]))


def test_children_have_new_ids_in_order_and_sound_genes():
    genomes = bred([family(1, 3), family(11, 3)], [5, 6], genome_settings(1, 1), elitism=1)
    ids = [g.id for g in genomes]
    assert ids == [3, 13, *range(1000, 1009)]
    for genome in genomes:
        check_genome(genome, 1, 1)


def test_the_same_seed_breeds_the_same_children():
    runs = [bred([family(1, 6)], [20], genome_settings(1, 1), seed=9) for _ in range(2)]
    assert all(same_genes(a, b) for a, b in zip(*runs, strict=True))
    other = bred([family(1, 6)], [20], genome_settings(1, 1), seed=10)
    assert not all(same_genes(a, b) for a, b in zip(runs[0], other, strict=True))
