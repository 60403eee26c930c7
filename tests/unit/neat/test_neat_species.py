"""Speciation against the slow twin and neat-python 2.0.0; the dynamic threshold."""

import numpy as np
import pytest
from builders.neat_genomes import (
    NO_MUTATION,
    genome_settings,
    make_genome,
    neat_settings,
    plain,
    tangled_genome,
    told,
)
from builders.neat_python import as_neat_python, distance_config, species_set
from naive import neat as naive

from neuroevo.neat.distance import distance
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.kernels.distances import BLOCK
from neuroevo.neat.pool import GenePool
from neuroevo.neat.population import Population
from neuroevo.neat.settings import FloatAttributeSettings, SpeciesSettings
from neuroevo.neat.species import adjusted_threshold, speciate
from neuroevo.neat.state import SpeciesState

GENOME = genome_settings(3, 2)


def crowd(seed, first_id=1, count=25):
    """Genomes of a few kinds, so that species have more than one member."""
    rng = np.random.default_rng(seed)
    kinds = [tangled_genome(rng) for _ in range(5)]
    genomes = []
    for i in range(count):
        kind = kinds[rng.integers(5)]
        weight = kind.weight + rng.normal(scale=0.5, size=kind.num_connections)
        bias = kind.bias + rng.normal(scale=0.5, size=kind.num_nodes)
        genomes.append(kind.changed(id=first_id + i, weight=weight, bias=bias))
    return genomes


def placed(genomes, old, threshold, settings, seed=0):
    rng = np.random.default_rng(seed)
    table = InnovationTable.of_genomes([*genomes, *(s.representative for s in old)])
    pool = GenePool.of(genomes, table)
    species, places = speciate(pool, old, threshold, 1, len(old) + 1, (GENOME, settings), rng)
    assert [pool.ids[own].tolist() for own in places] == [list(s.member_ids) for s in species]
    return species


@pytest.mark.parametrize("threshold", [0.5, 1.5, 3.0, 100.0])
@pytest.mark.parametrize("seed", range(4))
def test_species_are_those_of_neat_python_over_two_generations(seed, threshold):
    theirs = species_set(threshold)
    config = type("Config", (), {"genome_config": distance_config(GENOME)})
    ours: tuple[SpeciesState, ...] = ()
    # neat-python crashes when species outnumber genomes, so the second crowd is larger.
    for generation, genomes in enumerate((crowd(seed, 1, 25), crowd(seed + 50, 26, 40))):
        theirs.speciate(config, {g.id: as_neat_python(g) for g in genomes}, generation)
        ours = placed(genomes, ours, threshold, SpeciesSettings())
        assert [(s.id, s.representative.id, s.member_ids) for s in ours] == [
            (s.key, s.representative.key, tuple(sorted(s.members)))
            for _, s in sorted(theirs.species.items())
        ]


@pytest.mark.parametrize("representative", ["nearest", "random"])
@pytest.mark.parametrize("assignment", ["nearest", "first"])
@pytest.mark.parametrize("threshold", [0.0, 0.3, 1.5, 4.0])
def test_species_are_those_of_the_twin(threshold, assignment, representative):
    settings = SpeciesSettings(representative=representative, assignment=assignment)
    for seed in range(4):
        old = placed(crowd(seed, count=45), (), threshold, settings, seed)
        genomes = [*crowd(seed + 50, 46, count=20), *crowd(seed, 66, count=50)]
        # More than are compared at a time where a species may have members; many founders.
        assert threshold > 0.3 or len(old) > BLOCK
        new = placed(genomes, old, threshold, settings, seed)
        expected = naive.speciate(
            {g.id: plain(g) for g in genomes},
            {s.id: plain(s.representative) for s in old},
            threshold, naive.DistanceRule(), representative=representative, assignment=assignment,
        )  # fmt: skip
        assert [list(s.member_ids) for s in new] == [members for _, members in expected]
        continued = [name for name, _ in expected if isinstance(name, int)]
        assert [s.id for s in new][: len(continued)] == continued
        assert all(s.id > len(old) for s in new[len(continued) :])


def lone(value, genome_id):
    """A genome at a point on a line: distances are 0.5 * |difference of the biases|."""
    return make_genome([], genome_id=genome_id, bias=np.array([value]))


def line(*points):
    return [lone(2.0 * point, i) for i, point in enumerate(points, start=1)]


def old_species(species_id, point):
    return SpeciesState(species_id, 0, 0, 1.0, lone(2.0 * point, 99), ())


def test_first_takes_the_first_compatible_species_and_nearest_the_nearest():
    genomes = line(0.0, 2.5, 1.9)
    members = {}
    for assignment in ("first", "nearest"):
        settings = SpeciesSettings(assignment=assignment)
        members[assignment] = [s.member_ids for s in placed(genomes, (), 2.0, settings)]
    assert members == {"first": [(1, 3), (2,)], "nearest": [(1,), (2, 3)]}


@pytest.mark.parametrize("num_old", [2, 0])
def test_of_two_species_equally_near_the_older_takes_a_genome(num_old):
    old = (old_species(1, 0.0), old_species(2, 3.0))[:num_old]
    members = [s.member_ids for s in placed(line(0.0, 3.0, 1.5), old, 2.0, SpeciesSettings())]
    assert members == [(1, 3), (2,)]


def test_a_genome_exactly_at_the_threshold_is_not_compatible():
    assert len(placed(line(0.0, 2.0), (), 2.0, SpeciesSettings())) == 2
    assert len(placed(line(0.0, 2.0), (), np.nextafter(2.0, 3.0), SpeciesSettings())) == 1


def test_nearest_keeps_every_old_species_alive_and_random_lets_empty_ones_die():
    old = (old_species(1, 0.0), old_species(2, 50.0))
    nearest = placed(line(0.0, 0.1), old, 2.0, SpeciesSettings())
    assert [(s.id, s.member_ids) for s in nearest] == [(1, (1,)), (2, (2,))]
    random = placed(line(0.0, 0.1), old, 2.0, SpeciesSettings(representative="random"))
    assert [(s.id, s.member_ids) for s in random] == [(1, (1, 2))]


def test_more_old_species_than_genomes_do_not_break_speciation():
    old = tuple(old_species(i, float(i)) for i in range(1, 5))
    new = placed(line(0.0, 1.0), old, 2.0, SpeciesSettings())
    assert [s.id for s in new] == [1, 2]


def test_a_random_representative_is_any_member_of_the_species():
    settings = SpeciesSettings(representative="random")
    genomes = line(0.0, 0.1, 0.2, 0.3)
    drawn = {placed(genomes, (), 9.0, settings, seed)[0].representative.id for seed in range(60)}
    assert drawn == {1, 2, 3, 4}


def test_a_species_that_continues_keeps_its_history_and_a_new_one_starts_at_minus_infinity():
    old = SpeciesState(1, 0, 0, 7.5, lone(0.0, 99), ())
    first, second = placed(line(0.0, 50.0), (old,), 2.0, SpeciesSettings())
    assert (first.created, first.last_improved, first.best_fitness) == (0, 0, 7.5)
    assert (second.created, second.last_improved, second.best_fitness) == (1, 1, float("-inf"))


@pytest.mark.parametrize(
    ("threshold", "num_species", "expected"),
    [(3.0, 5, 3.0), (3.0, 6, 3.5), (3.0, 4, 2.5), (1.2, 4, 1.0), (9.8, 6, 10.0), (1.0, 1, 1.0)],
)
def test_the_threshold_moves_one_step_towards_the_target_within_its_bounds(
    threshold, num_species, expected
):
    settings = SpeciesSettings(
        target_num_species=5, threshold_adjust_rate=0.5, threshold_min=1.0, threshold_max=10.0
    )
    assert adjusted_threshold(threshold, num_species, settings) == expected


def test_a_fixed_threshold_stays():
    assert adjusted_threshold(3.0, 99, SpeciesSettings()) == 3.0


@pytest.mark.parametrize("start", [0.2, 20.0])
def test_a_dynamic_threshold_leads_a_population_to_the_target(start):
    species = SpeciesSettings(
        start,
        target_num_species=4,
        threshold_adjust_rate=0.3,
        representative="random",
        assignment="first",
    )
    frozen = NO_MUTATION | {"weight": FloatAttributeSettings(mutate_rate=1.0, replace_rate=0.0)}
    settings = neat_settings(genome_settings(3, 2, **frozen), species=species, pop_size=40)
    population = Population(settings, seed=1)
    before = len(population.state().species)
    told(population, 60)
    after = [len(told(population, 1).state().species) for _ in range(10)]
    assert abs(before - 4) >= 3
    assert abs(np.mean(after) - 4) <= 2.5
    assert population.state().compatibility_threshold != start


def test_distance_to_the_representative_is_below_the_threshold_for_all_but_continuing_ones():
    for s in placed(crowd(3), (), 1.5, SpeciesSettings()):
        by_id = {g.id: g for g in crowd(3)}
        for member in s.member_ids:
            assert distance(s.representative, by_id[member], GENOME) < 1.5


def test_genomes_infinitely_far_from_all_represent_one_species_each():
    huge = 1.7e308  # the difference of two such weights overflows
    one, *_ = crowd(1)
    ends = [one.changed(id=i, weight=np.full(one.num_connections, huge)) for i in (1, 2)]
    old = tuple(
        SpeciesState(number, 0, 0, 0.0, genome, (genome.id,))
        for number, genome in enumerate(ends, start=1)
    )
    genomes = [one.changed(id=i, weight=np.full(one.num_connections, -huge)) for i in (3, 4)]
    species = placed(genomes, old, 3.0, SpeciesSettings())
    assert [(s.id, s.representative.id, s.member_ids) for s in species] == [
        (1, 3, (3,)), (2, 4, (4,)),
    ]  # fmt: skip
