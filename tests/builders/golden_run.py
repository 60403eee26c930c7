"""The small evolution behind the golden files: exact arithmetic only, so every machine agrees."""

from __future__ import annotations

import math

import numpy as np

from neuroevo.neat.genome import Genome
from neuroevo.neat.population import Population
from neuroevo.neat.settings import (
    GenomeSettings,
    NeatSettings,
    ReproductionSettings,
    SpeciesSettings,
)
from neuroevo.storage.digest import state_digest

SETTINGS = NeatSettings(
    genome=GenomeSettings(3, 2, num_hidden=1, feed_forward=False, initial_connection="full_direct"),
    species=SpeciesSettings(compatibility_threshold=1.5),
    reproduction=ReproductionSettings(elitism=1, min_species_size=2),
    pop_size=20,
)
NUM_GENERATIONS = 6


def fitness(genome: Genome) -> float:
    """Reward weights that sum to 3; no function of the C library takes part."""
    return -abs(math.fsum(genome.weight.tolist()) - 3.0) + 0.125 * genome.num_nodes


def evolved() -> tuple[Population, list[str]]:
    """Return the population after six generations, and the digest of each."""
    population = Population(SETTINGS, seed=2002)
    digests = []
    for _ in range(NUM_GENERATIONS):
        fitnesses = np.array([fitness(genome) for genome in population.ask()])
        population.tell(fitnesses)
        digests.append(state_digest(population.state(), fitnesses))
    return population, digests
