"""Reproduction: how many offspring each species gets, and how they are made.

Sharing and counts are pure functions of numbers; breeding draws parents. neat-python's rules are
the default, the paper's are settings; where neat-python's are wrong, docs/decisions/0003 says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from neuroevo.neat.crossover import crossover
from neuroevo.neat.genome import Genome
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.mutation import mutate
from neuroevo.neat.settings import GenomeSettings, ReproductionSettings


@dataclass(frozen=True, slots=True)
class RankedSpecies:
    """Members of one species, fittest first (newest first among equals), with their fitnesses."""

    genomes: tuple[Genome, ...]
    fitnesses: npt.NDArray[np.float64]


def ranked(genomes: Sequence[Genome], fitnesses: npt.NDArray[np.float64]) -> RankedSpecies:
    """Sort members by fitness; a newer genome beats an older one of the same fitness."""
    order = sorted(range(len(genomes)), key=lambda i: (-fitnesses[i], -genomes[i].id))
    return RankedSpecies(tuple(genomes[i] for i in order), fitnesses[order])


def adjusted_fitnesses(
    species: Sequence[npt.NDArray[np.float64]], sharing: str
) -> npt.NDArray[np.float64]:
    """Return what each species weighs when offspring are allotted, (num_species,) float64 >= 0.

    ``normalized``: mean fitness, mapped to 0..1 over the range of all fitnesses (neat-python,
    without its floor of 1.0 on the range). ``canonical``: the sum of the members' fitnesses, each
    divided by the species' size (Stanley & Miikkulainen 2002, section 3.3); when some fitness is
    negative all are first raised by the lowest one.

    Args:
        species: the (size,) fitnesses of each species' members.
        sharing: ``normalized`` or ``canonical``.
    """
    everyone = np.concatenate(species)
    means = np.array([np.mean(fitnesses) for fitnesses in species])
    lowest = float(everyone.min())
    if sharing == "canonical":
        return means - min(lowest, 0.0)
    spread = float(everyone.max()) - lowest
    return (means - lowest) / spread if spread > 0 else np.ones(len(species))


def offspring_counts(
    adjusted: npt.NDArray[np.float64],
    previous_sizes: Sequence[int],
    pop_size: int,
    settings: ReproductionSettings,
) -> tuple[int, ...]:
    """Return how many genomes each species gets; the counts sum to ``pop_size`` exactly.

    ``proportional`` gives each species its share (paper); ``smoothed`` moves its size half the
    way there (neat-python). Every species gets at least ``max(min_species_size, elitism)``, or,
    when there are too many species for that, as many as fit.
    """
    minimum = min(max(settings.min_species_size, settings.elitism), pop_size // len(adjusted))
    total = float(adjusted.sum())
    sizes = np.asarray(previous_sizes, dtype=np.float64)
    shares = adjusted / total if total > 0 else sizes / sizes.sum()
    wanted = np.maximum(shares * pop_size, minimum)
    if settings.spawn_method == "smoothed":
        wanted = np.maximum(sizes + (wanted - sizes) * 0.5, minimum)
    return _rounded(wanted * (pop_size / wanted.sum()), minimum, pop_size)


def _rounded(wanted: npt.NDArray[np.float64], minimum: int, total: int) -> tuple[int, ...]:
    """Round to whole numbers >= ``minimum`` that sum to ``total``, nearest to what was wanted."""
    counts = np.maximum(np.floor(wanted).astype(np.int64), minimum)
    while counts.sum() < total:
        counts[np.argmax(wanted - counts)] += 1
    while counts.sum() > total:
        surplus = np.where(counts > minimum, counts - wanted, -np.inf)
        counts[np.argmax(surplus)] -= 1
    return tuple(counts.tolist())


class Breeder:
    """Makes the children of one generation; draws from the run's generator, in a fixed order."""

    def __init__(
        self,
        settings: tuple[GenomeSettings, ReproductionSettings],
        innovations: InnovationTable,
        next_genome_id: int,
        generator: np.random.Generator,
    ) -> None:
        """Take the parts; ``next_genome_id`` is the id of the first child."""
        self._genome, self._reproduction = settings
        self._innovations = innovations
        self._generator = generator
        self.next_genome_id = next_genome_id

    def offspring(
        self, species: Sequence[RankedSpecies], counts: Sequence[int]
    ) -> tuple[Genome, ...]:
        """Return elites, unchanged, and children of all species, by ascending id."""
        parents = [self._survivors(s) for s in species]
        genomes: list[Genome] = []
        for index, count in enumerate(counts):
            elites = species[index].genomes[: min(self._num_elites(species[index]), count)]
            genomes += elites
            genomes += [self._child(parents, index) for _ in range(count - len(elites))]
        return tuple(sorted(genomes, key=lambda g: g.id))

    def _num_elites(self, species: RankedSpecies) -> int:
        settings = self._reproduction
        smallest = settings.champion_min_species_size
        if smallest is not None and len(species.genomes) > smallest:
            return max(settings.elitism, 1)
        return settings.elitism

    def _survivors(self, species: RankedSpecies) -> RankedSpecies:
        """The fittest fraction, at least two: only they become parents."""
        count = math.ceil(self._reproduction.survival_threshold * len(species.genomes))
        count = max(count, 2)
        return RankedSpecies(species.genomes[:count], species.fitnesses[:count])

    def _child(self, parents: Sequence[RankedSpecies], index: int) -> Genome:
        settings, generator = self._reproduction, self._generator
        child_id = self.next_genome_id
        self.next_genome_id += 1
        first, fitness = self._draw(parents[index])
        is_single = generator.random() < settings.mutate_only_prob
        child = first.changed(id=child_id)
        if not is_single:
            second, other_fitness = self._draw(parents[self._partner(len(parents), index)])
            if second is not first:
                if other_fitness > fitness:
                    first, second = second, first
                prob = self._genome.inherit_disabled_prob
                child = crossover(child_id, first, second, prob, generator)
            if generator.random() < settings.mate_only_prob:
                return child
        return mutate(child, self._genome, self._innovations, generator)

    def _partner(self, num_species: int, index: int) -> int:
        """Return the species of the second parent: this one, seldom another."""
        prob = self._reproduction.interspecies_crossover_prob
        if num_species == 1 or self._generator.random() >= prob:
            return index
        other = int(self._generator.integers(num_species - 1))
        return other + (other >= index)

    def _draw(self, parents: RankedSpecies) -> tuple[Genome, float]:
        position = int(self._generator.integers(len(parents.genomes)))
        return parents.genomes[position], float(parents.fitnesses[position])
