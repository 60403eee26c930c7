"""A population that begins with a genome from another run, and one whose task changes."""

import math

import numpy as np
import pytest
from builders.neat_genomes import NO_MUTATION, fingerprint, genome_settings, neat_settings, told

from neuroevo.errors import GenomeError
from neuroevo.neat.genome import check_genome, same_genes
from neuroevo.neat.population import Population

SETTINGS = neat_settings(genome_settings(3, 2, num_hidden=1, feed_forward=False))


def evolved():
    """Return a genome with a history: of the twentieth generation."""
    population = told(Population(SETTINGS, seed=4), 20)
    return max(population.ask(), key=lambda genome: (len(genome.node_ids), genome.id))


def test_generation_0_is_the_genome_and_mutated_copies_of_it():
    ancestor = evolved()
    genomes = Population(SETTINGS, 9, ancestor).ask()
    assert [genome.id for genome in genomes] == list(range(1, len(genomes) + 1))
    assert same_genes(genomes[0], ancestor)
    assert sum(not same_genes(genome, ancestor) for genome in genomes) > len(genomes) // 2
    for genome in genomes:
        check_genome(genome, 3, 2)
        shared = np.intersect1d(genome.innovation, ancestor.innovation)
        assert len(shared) > 0.5 * len(ancestor.innovation)


def test_without_mutation_all_are_copies():
    settings = neat_settings(genome_settings(3, 2, num_hidden=1, feed_forward=False, **NO_MUTATION))
    ancestor = evolved()
    assert all(same_genes(g, ancestor) for g in Population(settings, 9, ancestor).ask())


def test_one_innovation_number_stands_for_one_connection_ever_after():
    ancestor = evolved()
    population = Population(SETTINGS, 9, ancestor)
    places = {}
    for _ in range(15):
        for genome in population.ask():
            genes = zip(genome.innovation, genome.source, genome.target, strict=True)
            for number, source, target in genes:
                assert places.setdefault(int(number), (source, target)) == (source, target)
        told(population, 1)
    known = zip(ancestor.innovation, ancestor.source, ancestor.target, strict=True)
    assert all(places[int(n)] == (s, t) for n, s, t in known if int(n) in places)
    assert len(set(places.values())) == len(places)


def test_new_nodes_get_ids_that_the_genome_does_not_have():
    ancestor = evolved()
    population = told(Population(SETTINGS, 9, ancestor), 10)
    state = population.state().innovations
    assert state.splits[:, 1].min() > ancestor.node_ids.max()


def test_the_same_seed_and_genome_give_the_same_run():
    runs = [fingerprint(told(Population(SETTINGS, s, evolved()), 5).state()) for s in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize("sizes", [(2, 2), (3, 4)])
def test_a_genome_of_other_sizes_is_refused(sizes):
    with pytest.raises(GenomeError):
        Population(neat_settings(genome_settings(*sizes, feed_forward=False)), 9, evolved())


def test_a_genome_without_connections_is_a_start_too():
    unconnected = genome_settings(3, 2, initial_connection="unconnected", **NO_MUTATION)
    bare = Population(neat_settings(unconnected), 1).ask()[0]
    told(Population(neat_settings(genome_settings(3, 2)), 9, bare), 5)


def test_forgotten_fitness_leaves_the_genomes_and_the_species():
    population = told(Population(SETTINGS, seed=4), 8)
    before = population.state()
    population.forget_fitness()
    after = population.state()
    assert population.best is None
    assert after.last_improved == after.generation == before.generation
    assert after.genomes is before.genomes
    for old, new in zip(before.species, after.species, strict=True):
        assert (new.id, new.member_ids, new.created) == (old.id, old.member_ids, old.created)
        assert (new.best_fitness, new.last_improved) == (-math.inf, after.generation)
    assert after.random_state == before.random_state


def test_after_forgetting_a_lower_fitness_is_a_record_again():
    population = told(Population(SETTINGS, seed=4), 8)
    population.forget_fitness()
    population.tell(np.full(len(population.ask()), -5.0))
    assert population.best is not None
    assert population.best.fitness == -5.0
