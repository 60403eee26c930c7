"""Speciation: which genome belongs to which species, and the threshold that decides it.

The default follows neat-python: each old species keeps the genome nearest to its representative,
the others join the nearest species within the threshold. The paper's way (section 3.3: a random
member of the last generation represents, the first compatible species takes) is a setting.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from neuroevo.neat.distance import Measure
from neuroevo.neat.genome import Genome
from neuroevo.neat.kernels.distances import LANES
from neuroevo.neat.pool import GenePool
from neuroevo.neat.settings import GenomeSettings, SpeciesSettings
from neuroevo.neat.state import SpeciesState


def speciate(
    pool: GenePool,
    old_species: Sequence[SpeciesState],
    threshold: float,
    generation: int,
    next_species_id: int,
    settings: tuple[GenomeSettings, SpeciesSettings],
    generator: np.random.Generator,
) -> tuple[tuple[SpeciesState, ...], list[npt.NDArray[np.int64]]]:
    """Place every genome into exactly one species.

    Args:
        pool: the genomes, in ascending order of id.
        old_species: those that may continue, by id; one that finds no member dies out.
        threshold: a genome is compatible below this distance.
        generation: in which the genomes will be evaluated; new species are created in it.
        next_species_id: id of the first new species; further ones count up.
        settings: of the distance and of the species.
        generator: draws the representatives when they are random.

    Returns:
        Species by id, none empty, and the places of each one's members in the pool, ascending.
    """
    genome_settings, rules = settings
    placement = _Placement(pool, Measure(pool, genome_settings), threshold)
    if rules.representative == "nearest":
        representatives = placement.continue_with_nearest(old_species)
    else:
        representatives = placement.continue_with(old_species)
    lives = [(s.id, s.created, s.last_improved, s.best_fitness) for s in old_species]
    lives = lives[: len(representatives)]
    placement.place_rest(is_first=rules.assignment == "first")
    for number, place in enumerate(placement.founders):
        representatives.append(placement.genome(place))
        lives.append((next_species_id + number, generation, generation, -math.inf))
    return placement.with_members(
        lives, representatives, generator, is_random=rules.representative == "random"
    )


def adjusted_threshold(threshold: float, num_species: int, settings: SpeciesSettings) -> float:
    """Return the threshold for the next speciation, one step nearer to the target number."""
    if settings.target_num_species is None or num_species == settings.target_num_species:
        return threshold
    is_more = num_species > settings.target_num_species
    step = settings.threshold_adjust_rate if is_more else -settings.threshold_adjust_rate
    return min(max(threshold + step, settings.threshold_min), settings.threshold_max)


class _Placement:
    """Genomes on their way into species, which are counted from 0 here.

    Attributes:
        founders: places of the genomes that found new species, in order.
    """

    def __init__(self, pool: GenePool, measure: Measure, threshold: float) -> None:
        self._pool, self._measure, self._threshold = pool, measure, threshold
        self._chosen = np.full(len(pool), -1)  # species of each genome
        self._num_old = 0
        self._free = np.arange(len(pool))  # places of the genomes yet to be placed
        # (species, free genomes): distance of the representatives to them.
        self._rows = np.empty((0, len(pool)))
        self.founders: list[int] = []

    def genome(self, place: int) -> Genome:
        return Genome.of_pool(int(self._pool.ids[place]), self._pool, place)

    def continue_with_nearest(self, old: Sequence[SpeciesState]) -> list[Genome]:
        """Let the free genome nearest to each representative represent its species from now on."""
        everyone = np.arange(len(self._pool))
        rows = self._measure.distances(*_located(old, self._pool), everyone)
        new: list[int] = []
        for row in rows[: len(everyone)]:
            place = int(row.argmin())
            if self._chosen[place] >= 0:  # infinitely far, as all that is free
                place = int(np.flatnonzero(self._chosen < 0)[0])
            self._chosen[place] = len(new)
            rows[:, place] = np.inf
            new.append(place)
        self._open(self._pool, new)
        return [self.genome(place) for place in new]

    def continue_with(self, old: Sequence[SpeciesState]) -> list[Genome]:
        """Keep the representatives, which need not be alive."""
        self._open(*_located(old, self._pool))
        return [species.representative for species in old]

    def _open(self, home: GenePool, representatives: Sequence[int]) -> None:
        self._num_old = len(representatives)
        self._free = np.flatnonzero(self._chosen < 0)
        self._rows = self._measure.distances(home, representatives, self._free)

    def place_rest(self, *, is_first: bool) -> None:
        """Place each free genome into a compatible species, or let it found one."""
        free = self._free
        chosen, distance = self._among_old(is_first=is_first)
        rows: dict[int, npt.NDArray[np.float64]] = {}
        while True:
            outside = np.flatnonzero(chosen < 0)
            if not len(outside):
                break
            founder = int(outside[0])
            chosen[founder] = self._num_old + len(self.founders)
            # Those before the founder are settled; of those after it, the first compatible
            # species has taken what it takes, a nearer one may still come.
            rest = outside[1:] if is_first else np.arange(founder + 1, len(free))
            if founder not in rows:  # the next ones may found species, too: together they cost less
                likely = outside[:LANES]
                found = self._measure.distances(self._pool, free[likely], free)
                rows = dict(zip(likely.tolist(), found, strict=True))
            row = rows[founder][rest]
            is_taken = (row < self._threshold) & (row < distance[rest])
            chosen[rest[is_taken]] = chosen[founder]
            distance[rest[is_taken]] = row[is_taken]
            self.founders.append(int(free[founder]))
        self._chosen[free] = chosen

    def _among_old(
        self, *, is_first: bool
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return for each free genome the old species that takes it, or -1, and its distance."""
        num_free = len(self._free)
        if not self._num_old:
            return np.full(num_free, -1), np.full(num_free, np.inf)
        rows = self._rows
        best = (rows < self._threshold).argmax(axis=0) if is_first else rows.argmin(axis=0)
        distance = rows[best, np.arange(num_free)]
        is_outside = ~(distance < self._threshold)
        best[is_outside], distance[is_outside] = -1, np.inf
        return best, distance

    def with_members(
        self,
        lives: Sequence[tuple[int, int, int, float]],
        representatives: Sequence[Genome],
        generator: np.random.Generator,
        *,
        is_random: bool,
    ) -> tuple[tuple[SpeciesState, ...], list[npt.NDArray[np.int64]]]:
        """Return the species that have members, and where these are.

        Args:
            lives: what :class:`SpeciesState` begins with, per species.
            representatives: what the species were filled by.
            generator: draws the representatives from now on when they are random.
            is_random: a random member represents.
        """
        order = np.argsort(self._chosen, kind="stable")
        bounds = np.searchsorted(self._chosen[order], np.arange(len(lives) + 1)).tolist()
        ids = self._pool.ids[order].tolist()
        result, places = [], []
        for index, (life, genome) in enumerate(zip(lives, representatives, strict=True)):
            start, stop = bounds[index], bounds[index + 1]
            if start == stop:
                continue
            representative = genome
            if is_random:
                drawn = start + int(generator.integers(stop - start))
                representative = self.genome(int(order[drawn]))
            result.append(SpeciesState(*life, representative, tuple(ids[start:stop])))
            places.append(order[start:stop])
        return tuple(result), places


def _located(species: Sequence[SpeciesState], pool: GenePool) -> tuple[GenePool, Sequence[int]]:
    """Return a pool of the run that holds all representatives, and their places in it."""
    genomes = [each.representative for each in species]
    if not genomes:
        return pool, ()
    held = GenePool.holding(genomes, pool.table)
    return held or (GenePool.of(genomes, pool.table), range(len(genomes)))
