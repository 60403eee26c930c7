"""Speciation: which genome belongs to which species, and the threshold that decides it.

The default follows neat-python: each old species keeps the genome nearest to its representative,
the others join the nearest species within the threshold. The paper's way (section 3.3: a random
member of the last generation represents, the first compatible species takes) is a setting. Who
takes whom is decided in ``kernels/placement.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import count, pairwise

import numpy as np
import numpy.typing as npt

from neuroevo.neat.distance import room_for, rules_of
from neuroevo.neat.genome import Genome
from neuroevo.neat.kernels.distances import BLOCK, LANES
from neuroevo.neat.kernels.placement import place_genomes
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
    bounds, order, first = _placed(pool, old_species, threshold, genome_settings, rules)
    lives = [(s.id, s.created, s.last_improved, s.best_fitness) for s in old_species]
    new_ids = count(next_species_id)
    while len(lives) < len(bounds) - 1:
        lives.append((next(new_ids), generation, generation, -math.inf))
    ids = pool.ids[order].tolist()
    species, places = [], []
    for life, place, (start, stop) in zip(lives, first, pairwise(bounds), strict=False):
        if start == stop:
            continue
        if rules.representative == "random":
            place = order.item(start + int(generator.integers(stop - start)))
        representative = Genome.of_pool(pool.ids.item(place), pool, place)
        species.append(SpeciesState(*life, representative, tuple(ids[start:stop])))
        places.append(order[start:stop])
    return tuple(species), places


def adjusted_threshold(threshold: float, num_species: int, settings: SpeciesSettings) -> float:
    """Return the threshold for the next speciation, one step nearer to the target number."""
    if settings.target_num_species is None or num_species == settings.target_num_species:
        return threshold
    is_more = num_species > settings.target_num_species
    step = settings.threshold_adjust_rate if is_more else -settings.threshold_adjust_rate
    return min(max(threshold + step, settings.threshold_min), settings.threshold_max)


def _placed(
    pool: GenePool,
    old_species: Sequence[SpeciesState],
    threshold: float,
    genome_settings: GenomeSettings,
    rules: SpeciesSettings,
) -> tuple[list[int], npt.NDArray[np.int64], list[int]]:
    """Return who belongs to which species; these are counted from 0, the old ones first.

    Returns:
        Where each species begins, and the last one ends, in what follows; the places of all genomes
        in the pool, species after species, ascending in each; the place of each species'
        representative, unless that is to be drawn.
    """
    few, which = _located(old_species, pool)
    num_old, num_genomes = len(which), len(pool)
    block_size = min(BLOCK, max(num_old, LANES))
    first = np.empty(num_old + num_genomes, np.int64)
    bounds = np.empty(num_old + num_genomes + 1, np.int64)
    order = np.empty(num_genomes, np.int64)
    slots, memory = room_for(block_size, pool.table.num_rows, num_genomes)
    num_species = place_genomes(
        few.genes, np.array(which, np.int64), pool.genes, slots, memory,
        *rules_of(genome_settings), float(threshold),
        rules.representative == "nearest", rules.assignment == "first",
        np.empty((block_size, num_genomes)), np.empty(num_genomes, np.int64),
        np.empty(num_genomes), first, order, bounds,
    )  # fmt: skip
    return bounds[: num_species + 1].tolist(), order, first[:num_species].tolist()


def _located(species: Sequence[SpeciesState], pool: GenePool) -> tuple[GenePool, Sequence[int]]:
    """Return a pool of the run that holds all representatives, and their places in it."""
    genomes = [each.representative for each in species]
    if not genomes:
        return pool, ()
    held = GenePool.holding(genomes, pool.table)
    return held or (GenePool.of(genomes, pool.table), range(len(genomes)))
