"""Stagnation of species, beside neat-python's DefaultStagnation on the same numbers."""

from types import SimpleNamespace

import numpy as np
import pytest
from builders.neat_genomes import make_genome
from neat.species import Species
from neat.stagnation import DefaultStagnation

from neuroevo.neat.settings import StagnationSettings
from neuroevo.neat.stagnation import (
    is_stagnant,
    long_stagnation,
    species_fitness,
    with_improvement,
)
from neuroevo.neat.state import BestGenome, SpeciesState, milestone

NEVER = float("-inf")


def new_species(species_id, created=0):
    return SpeciesState(species_id, created, created, NEVER, make_genome([]), ())


@pytest.mark.parametrize("function", ["mean", "median", "max", "min"])
@pytest.mark.parametrize("elitism", [0, 1, 2, 6, 9])
@pytest.mark.parametrize("seed", range(3))
def test_the_same_species_are_removed_as_by_neat_python(seed, elitism, function):
    rng = np.random.default_rng(seed)
    settings = StagnationSettings(function, max_stagnation=3, species_elitism=elitism)
    theirs = DefaultStagnation(settings, None)
    their_set = SimpleNamespace(species={i: Species(i, 0) for i in range(1, 7)})
    ours = [new_species(i) for i in range(1, 7)]
    num_removed = 0
    for generation in range(20):
        # Whole numbers: equal fitnesses within and between species are common.
        drawn = {s.id: rng.integers(0, 9, rng.integers(1, 5)).astype(float) for s in ours}
        for species_id, fitnesses in drawn.items():
            members = {i: SimpleNamespace(fitness=f) for i, f in enumerate(fitnesses.tolist())}
            their_set.species[species_id].members = members
        expected = {i for i, _, gone in theirs.update(their_set, generation) if gone}
        scores = [species_fitness(drawn[s.id], settings) for s in ours]
        ours = [
            with_improvement(s, score, generation) for s, score in zip(ours, scores, strict=True)
        ]
        flags = is_stagnant(ours, scores, generation, settings)
        assert {s.id for s, gone in zip(ours, flags, strict=True) if gone} == expected
        for s in ours:
            assert s.last_improved == their_set.species[s.id].last_improved
        ours = [s for s, gone in zip(ours, flags, strict=True) if not gone]
        for species_id in expected:
            del their_set.species[species_id]
        num_removed += len(expected)
    assert num_removed == max(0, 6 - elitism)


@pytest.mark.parametrize(
    ("function", "expected"), [("mean", 3.0), ("median", 3.0), ("max", 7.0), ("min", -1.0)]
)
def test_species_fitness_is_the_named_function(function, expected):
    values = np.array([7.0, -1.0, 3.0, 3.0])
    assert species_fitness(values, StagnationSettings(function)) == expected


def test_the_median_of_an_even_number_is_the_upper_middle_as_in_neat_python():
    assert species_fitness(np.array([4.0, 1.0, 2.0, 3.0]), StagnationSettings("median")) == 3.0


def test_improvement_must_be_strict():
    species = with_improvement(new_species(1), 2.0, 0)
    assert with_improvement(species, 2.0, 5).last_improved == 0
    better = with_improvement(species, 2.5, 5)
    assert (better.best_fitness, better.last_improved) == (2.5, 5)


def test_a_negative_first_fitness_is_an_improvement():
    assert with_improvement(new_species(1), -1e9, 3).best_fitness == -1e9


def test_a_species_is_removed_after_exactly_max_stagnation_generations():
    species = with_improvement(new_species(1), 2.0, 0)
    settings = StagnationSettings(max_stagnation=4)
    assert is_stagnant([species], [2.0], 3, settings) == (False,)
    assert is_stagnant([species], [2.0], 4, settings) == (True,)


def told_at(every, generations, **changes):
    settings = StagnationSettings(**changes)
    best = BestGenome(make_genome([]), 7.5, 100)
    texts = {g: long_stagnation(g, best, every, settings) for g in range(100, 100 + generations)}
    return {g - 100: text for g, text in texts.items() if text is not None}


def test_a_long_stagnation_is_told_once_and_again_at_each_doubling():
    assert list(told_at(50, 900)) == [50, 100, 200, 400, 800]
    assert list(told_at(1, 9)) == [1, 2, 4, 8]


def test_zero_never_tells_of_a_stagnation():
    assert told_at(0, 900) == {}


def test_a_stagnation_says_since_when_and_which_keys_may_help():
    (text,) = told_at(50, 60).values()
    assert milestone(text) == "stagnation"
    assert "7.5 for 50 generations, since generation 100" in text
    assert "[NEAT] pop_size" in text
    assert "population_max_stagnation" in text
    (text,) = told_at(50, 60, population_max_stagnation=20).values()
    assert "population_max_stagnation" not in text


def test_only_what_a_person_must_see_is_a_milestone():
    assert milestone("extinction: all 3 species were stagnant; started anew") == "extinction"
    assert milestone("population stagnant for 20 generations: ...") == "stagnation"
    assert milestone("species 3 removed: no improvement since generation 0") is None
