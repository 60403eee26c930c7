"""The population: ask and tell, exact continuation, extinction, and what is never lost."""

from dataclasses import replace

import numpy as np
import pytest
from builders.neat_genomes import (
    NO_MUTATION,
    drawn_fitnesses,
    fingerprint,
    genome_settings,
    neat_settings,
    told,
)

from neuroevo.errors import ExtinctionError, PopulationError
from neuroevo.neat.genome import check_genome, same_genes
from neuroevo.neat.population import Population
from neuroevo.neat.settings import (
    EnabledSettings,
    ReproductionSettings,
    SpeciesSettings,
    StagnationSettings,
)

EVERYTHING = neat_settings(
    genome_settings(3, 2, num_hidden=1, feed_forward=False),
    species=SpeciesSettings(1.0, target_num_species=5, representative="random"),
    stagnation=StagnationSettings(max_stagnation=4, population_max_stagnation=3),
    reproduction=ReproductionSettings(
        elitism=1,
        champion_min_species_size=5,
        mutate_only_prob=0.25,
        mate_only_prob=0.1,
        interspecies_crossover_prob=0.2,
    ),
    reset_on_extinction=True,
)
MANY_SPECIES = SpeciesSettings(1e-9)


def test_ask_is_pure():
    population = Population(neat_settings(), seed=1)
    before = fingerprint(population.state())
    assert population.ask() is population.ask()
    assert fingerprint(population.state()) == before


def test_state_is_pure_and_later_generations_do_not_change_it():
    population = told(Population(EVERYTHING, seed=1), 3)
    state = population.state()
    before = fingerprint(state)
    assert fingerprint(population.state()) == before
    told(population, 3)
    assert fingerprint(state) == before


def test_one_seed_gives_one_run_and_another_seed_another():
    runs = [fingerprint(told(Population(EVERYTHING, seed), 5).state()) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize(
    "fitnesses",
    [
        [1.0] * 19,
        [1.0] * 21,
        [[1.0]] * 20,
        1.0,
        [],
        None,
        "fitnesses",
        [None] * 20,
        ["1.0"] * 20,
        [1.0] * 19 + ["best"],
        [1.0] * 19 + [None],
        [1.0] * 19 + [[2.0]],
        [1.0] * 19 + [float("nan")],
        [1.0] * 19 + [float("inf")],
        [float("-inf")] + [1.0] * 19,
        [1j] * 20,
        [True] * 20,
        [10**400] * 20,
        dict.fromkeys(range(20), 1.0),
        {1.0},
        [np.datetime64("2000-01-01")] * 20,
    ],
    ids=lambda f: repr(f)[-24:],
)
def test_tell_refuses_what_is_no_fitness_and_nothing_changes(fitnesses):
    population = told(Population(EVERYTHING, seed=1), 2)
    before = fingerprint(population.state())
    with pytest.raises(PopulationError, match=r"^fitnesses: .*; got "):
        population.tell(fitnesses)
    assert fingerprint(population.state()) == before
    told(population, 1)
    assert population.generation == 3


def test_tell_names_the_genomes_without_a_finite_fitness():
    population = Population(neat_settings(), seed=1)
    with pytest.raises(PopulationError, match=r"got 2 that are not .*genome 3: nan, genome 5: inf"):
        population.tell([1.0, 1.0, float("nan"), 1.0, float("inf")] + [1.0] * 15)


@pytest.mark.parametrize("kind", [list, tuple, np.float32, np.int64])
def test_tell_takes_any_finite_numbers(kind):
    population = Population(neat_settings(), seed=1)
    values = [-3] * 10 + [4] * 10
    is_dtype = isinstance(kind, type) and issubclass(kind, np.generic)
    stats = population.tell(np.array(values, kind) if is_dtype else kind(values))
    assert (stats.best_fitness, stats.mean_fitness, stats.min_fitness) == (4.0, 0.5, -3.0)


def test_the_largest_finite_fitnesses_keep_the_population_whole():
    population = Population(neat_settings(species=SpeciesSettings(1.0)), seed=1)
    huge = np.finfo(np.float64).max
    with np.errstate(all="ignore"):
        for values in ([huge, -huge] * 10, [-huge] * 10 + [1.0] * 10, [huge] * 20):
            population.tell(values)
            assert len(population.ask()) == 20


@pytest.mark.parametrize("cut", [0, 1, 5, 9])
def test_a_restored_population_continues_bit_by_bit(cut):
    whole = Population(EVERYTHING, seed=3)
    told(whole, cut)
    restored = Population.from_state(EVERYTHING, whole.state())
    for _ in range(12 - cut):
        assert fingerprint(restored.state()) == fingerprint(whole.state())
        told(whole, 1)
        told(restored, 1)
    assert fingerprint(restored.state()) == fingerprint(whole.state())


def test_two_populations_from_one_state_do_not_disturb_each_other():
    state = told(Population(EVERYTHING, seed=3), 2).state()
    before = fingerprint(state)
    first = Population.from_state(EVERYTHING, state)
    second = Population.from_state(EVERYTHING, state)
    told(first, 4)
    assert fingerprint(second.state()) == fingerprint(state) == before
    assert fingerprint(told(second, 4).state()) == fingerprint(first.state())


def test_a_long_run_keeps_every_invariant():
    population = Population(EVERYTHING, seed=5)
    marks: dict[int, tuple[int, int]] = {}
    for generation in range(25):
        genomes = population.ask()
        ids = [genome.id for genome in genomes]
        assert population.generation == generation
        assert len(genomes) == 20
        assert ids == sorted(set(ids))
        state = population.state()
        assert sorted(i for s in state.species for i in s.member_ids) == ids
        assert [s.id for s in state.species] == sorted({s.id for s in state.species})
        for genome in genomes:
            check_genome(genome, 3, 2)
            pairs = zip(genome.source.tolist(), genome.target.tolist(), strict=True)
            for number, pair in zip(genome.innovation.tolist(), pairs, strict=True):
                assert marks.setdefault(number, pair) == pair
        told(population, 1)
    assert len(set(marks.values())) == len(marks) > 15


@pytest.mark.parametrize("minimum", [1, 2, 30])
@pytest.mark.parametrize("elitism", [0, 2])
def test_the_population_size_is_exact_with_a_species_for_each_genome(minimum, elitism):
    reproduction = ReproductionSettings(elitism=elitism, min_species_size=minimum)
    settings = neat_settings(species=MANY_SPECIES, reproduction=reproduction)
    population = Population(settings, seed=1)
    for _ in range(6):
        assert len(population.ask()) == 20
        assert len(population.state().species) == 20
        stats = population.tell(drawn_fitnesses(population))
        assert sum(row.num_offspring for row in stats.species) == 20


def constant(population):
    return np.ones(len(population.ask()))


@pytest.mark.parametrize("sizes", [{"num_inputs": 0}, {"num_inputs": 1}, {"num_outputs": 0}])
def test_a_state_is_not_restored_with_sizes_that_its_genomes_do_not_fit(sizes):
    settings = neat_settings()
    state = Population(settings, seed=1).state()
    wrong = replace(settings, genome=replace(settings.genome, **sizes))
    with pytest.raises(PopulationError, match="must fit the sizes in the settings; got 2 inputs"):
        Population.from_state(wrong, state)


def stale(**changes):
    """A population of one species that is told the same fitness until it must die out."""
    settings = neat_settings(
        stagnation=StagnationSettings(max_stagnation=3), species=SpeciesSettings(1e6), **changes
    )
    population = Population(settings, seed=1)
    for _ in range(3):
        population.tell(constant(population))
    return population


def test_extinction_without_reset_is_an_error_and_the_population_can_still_be_saved():
    population = stale()
    before = fingerprint(population.state())
    with pytest.raises(ExtinctionError, match="generation 3: all 1 species are stagnant") as end:
        population.tell(constant(population))
    assert fingerprint(population.state()) == before
    stats = end.value.stats
    assert (stats.generation, stats.species[0].num_offspring) == (3, 0)
    assert stats.events == (
        "species 1 removed: no improvement since generation 0",
        f"extinction: {end.value}",
    )


def test_extinction_with_reset_starts_anew_and_keeps_the_best():
    population = stale(reset_on_extinction=True)
    told_genomes, best = population.ask(), population.best
    stats = population.tell(constant(population) - 5.0)
    assert any("extinction" in event for event in stats.events)
    assert [row.num_offspring for row in stats.species] == [0]
    new = population.ask()
    assert len(new) == 20
    assert min(g.id for g in new) > max(g.id for g in told_genomes)
    assert all(g.num_nodes == 1 and g.num_connections == 2 for g in new)
    assert population.best is best
    assert population.generation == 4
    assert min(s.id for s in population.state().species) > 1
    for _ in range(3):
        population.tell(constant(population))
    assert population.best is best


def test_a_population_started_anew_is_not_cut_to_two_species_for_the_old_ones_failure():
    settings = neat_settings(
        species=MANY_SPECIES,
        stagnation=StagnationSettings(max_stagnation=3, population_max_stagnation=3),
        reset_on_extinction=True,
    )
    population = Population(settings, seed=1)
    events: list[str] = []
    while not any("extinction" in event for event in events):
        events += population.tell(constant(population)).events
    for _ in range(2):
        stats = population.tell(constant(population))
        assert sum(row.num_offspring > 0 for row in stats.species) > 2


def test_the_best_genome_is_never_lost():
    population = Population(EVERYTHING, seed=7)
    best = float("-inf")
    for _ in range(15):
        fitnesses = drawn_fitnesses(population, seed=4)
        leader = population.ask()[int(np.argmax(fitnesses))]
        generation = population.generation
        population.tell(fitnesses)
        assert population.best is not None
        if fitnesses.max() > best:
            best = fitnesses.max()
            assert same_genes(population.best.genome, leader)
            assert (population.best.generation, population.best.genome.id) == (
                generation,
                leader.id,
            )
        assert population.best.fitness == best


def test_the_best_of_equals_is_the_first_that_came():
    population = Population(neat_settings(), seed=1)
    population.tell(constant(population))
    assert (population.best.genome.id, population.best.generation) == (1, 0)
    population.tell(constant(population))
    assert (population.best.genome.id, population.best.generation) == (1, 0)


def test_elites_of_every_species_pass_unchanged_with_their_id():
    reproduction = ReproductionSettings(elitism=2, spawn_method="proportional")
    settings = neat_settings(species=SpeciesSettings(1.0), reproduction=reproduction, pop_size=40)
    population = Population(settings, seed=1)
    for _ in range(5):
        state, fitnesses = population.state(), drawn_fitnesses(population)
        by_id = dict(zip((g.id for g in state.genomes), fitnesses, strict=True))
        stats = population.tell(fitnesses)
        after = {genome.id: genome for genome in population.ask()}
        before = {genome.id: genome for genome in state.genomes}
        for s, row in zip(state.species, stats.species, strict=True):
            elites = sorted(s.member_ids, key=lambda i: by_id[i], reverse=True)[:2]
            for genome_id in elites[: row.num_offspring]:
                assert same_genes(after[genome_id], before[genome_id])


@pytest.mark.parametrize("representative", ["nearest", "random"])
def test_feed_forward_populations_stay_without_cycles(representative):
    from naive.neat import has_cycle

    genome = genome_settings(3, 2, num_hidden=2, enabled=EnabledSettings(mutate_rate=0.3))
    settings = neat_settings(genome, species=SpeciesSettings(2.0, representative=representative))
    population = told(Population(settings, seed=2), 15)
    for g in population.ask():
        assert not has_cycle(zip(g.source.tolist(), g.target.tolist(), strict=True))


@pytest.mark.parametrize(("criterion", "value"), [("max", 4.0), ("min", -3.0), ("mean", 0.5)])
def test_the_fitness_criterion_is_compared_with_the_threshold(criterion, value):
    fitnesses = [-3.0] * 10 + [4.0] * 10
    for threshold, is_reached in ((value, True), (value + 1e-9, False)):
        settings = neat_settings(fitness_criterion=criterion, fitness_threshold=threshold)
        stats = Population(settings, seed=1).tell(fitnesses)
        assert stats.criterion_fitness == value
        assert stats.reached_threshold is is_reached


@pytest.mark.parametrize("changes", [{"no_fitness_termination": True}, {"fitness_threshold": None}])
def test_without_a_threshold_in_force_it_is_never_reached(changes):
    settings = neat_settings(**({"fitness_threshold": 0.0} | changes))
    assert Population(settings, seed=1).tell([1.0] * 20).reached_threshold is False


def test_statistics_are_those_of_the_fitnesses_told():
    population = Population(neat_settings(species=MANY_SPECIES), seed=1)
    values = np.arange(20.0)
    genomes = population.ask()
    stats = population.tell(values)
    assert (stats.generation, stats.best_fitness, stats.min_fitness) == (0, 19.0, 0.0)
    assert (stats.mean_fitness, stats.median_fitness) == (9.5, 9.5)
    assert stats.fitness_quartiles == (4.75, 14.25)
    assert stats.fitness_stdev == pytest.approx(np.sqrt(33.25))
    assert stats.champion.id == genomes[19].id
    assert same_genes(stats.champion, genomes[19])
    assert stats.mean_num_nodes == 1.0
    assert stats.mean_num_connections == 2.0
    assert [row.fitness for row in stats.species] == values.tolist()
    assert {(row.size, row.age, row.stagnation) for row in stats.species} == {(1, 0, 0)}


def test_only_the_two_fittest_species_breed_when_the_population_stagnates():
    settings = neat_settings(
        genome_settings(3, 2, **NO_MUTATION),
        species=SpeciesSettings(1.5),
        stagnation=StagnationSettings(max_stagnation=9999, population_max_stagnation=2),
    )
    population = Population(settings, seed=1)
    refocused = []
    for generation in range(8):
        species = population.state().species
        ranks = {i: -float(s.id) for s in species for i in s.member_ids}
        # The champion's fitness never rises; species with low ids are the fittest.
        fitnesses = np.array([ranks[g.id] for g in population.ask()])
        stats = population.tell(fitnesses - fitnesses.max())
        breeding = [row.id for row in stats.species if row.num_offspring > 0]
        if any("only species" in event for event in stats.events):
            refocused.append(generation)
            assert breeding == [species[0].id, species[1].id]
            assert len(species) > 2
        else:
            assert breeding == [s.id for s in species]
    assert refocused[0] == 3  # more than 2 generations after generation 0


def test_after_a_cut_to_two_species_the_population_gets_as_long_before_the_next():
    stagnation = StagnationSettings(max_stagnation=9999, population_max_stagnation=2)
    settings = neat_settings(species=MANY_SPECIES, stagnation=stagnation)
    population = Population(settings, seed=1)
    events = [population.tell(constant(population)).events for _ in range(10)]
    assert [generation for generation, found in enumerate(events) if found] == [3, 6, 9]


def test_the_id_of_a_species_that_died_out_is_never_given_again():
    # Representatives stay where they were drawn, so species often lose all their members.
    species = SpeciesSettings(2.6, representative="random", assignment="first")
    stagnation = StagnationSettings(max_stagnation=2, species_elitism=1)
    for seed in range(4):
        settings = neat_settings(species=species, stagnation=stagnation)
        population = Population(settings, seed)
        last_seen: dict[int, int] = {}
        for generation in range(25):
            for s in population.state().species:
                assert last_seen.get(s.id, generation - 1) == generation - 1
                last_seen[s.id] = generation
            told(population, 1)


def test_stagnant_species_are_removed_and_named():
    settings = neat_settings(
        species=SpeciesSettings(1.5),
        stagnation=StagnationSettings(max_stagnation=2, species_elitism=1),
    )
    population = Population(settings, seed=1)
    first = population.state().species
    assert len(first) > 2
    for _ in range(2):
        assert population.tell(constant(population)).events == ()
    present = [s for s in population.state().species if s.created == 0]
    stats = population.tell(constant(population))
    removed = {row.id for row in stats.species if row.num_offspring == 0}
    assert removed
    assert removed <= {s.id for s in present}
    assert len(stats.events) == len(removed)
    assert all("no improvement since generation 0" in event for event in stats.events)
    assert not removed & {s.id for s in population.state().species}
