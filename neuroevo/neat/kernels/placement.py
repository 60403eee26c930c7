"""Which species the genomes of a generation belong to.

First, if so set, the genome nearest to each old representative takes its place. Then the old
species take what is compatible with them, each genome to the nearest one or to the first. The
first genome that nobody has taken founds a species, and so on; a later genome that is nearer to a
founder than to who has taken it joins the founder.
"""

from __future__ import annotations

import numpy as np

from neuroevo.compiling import entry, inner, pasted
from neuroevo.neat.kernels.arrays import Floats, Genes, Integers, Slots
from neuroevo.neat.kernels.distances import BLOCK, LANES, measure


@entry
def place_genomes(
    few: Genes, which: Integers, many: Genes, slots: Slots, memory: Floats, coefficients: Floats,
    include_nodes: bool, is_weight_mean: bool, small_size: int, threshold: float, is_nearest: bool,
    is_first: bool, rows: Floats, numbers: Integers, distance: Floats, first: Integers,
    order: Integers, bounds: Integers,
) -> int:  # fmt: skip
    """Place every genome into a species; these are counted from 0, the old ones first.

    Args:
        few: holds the representatives of the old species.
        which: (s,) int64, their positions in ``few``.
        many: holds the n genomes.
        slots: ``place`` of :func:`measure`.
        memory: room for :func:`measure`, for the first axis of ``rows``.
        coefficients: see :func:`measure`, as the next three.
        include_nodes: see there.
        is_weight_mean: see there.
        small_size: see there.
        threshold: a genome is compatible below this distance.
        is_nearest: the genome nearest to each representative takes its place first.
        is_first: the first compatible species takes a genome, not the nearest.
        rows: (BLOCK, n) float64, or as many rows as there are old species if these are fewer, but
            at least LANES; room.
        numbers: (n,) int64, written: the species of each genome.
        distance: (n,) float64, written: to those that represent the species.
        first: (s + n,) int64, written: who represents a species from now on, or founded it; of old
            ones only if ``is_nearest``.
        order: (n,) int64, written: the genomes, species after species.
        bounds: (s + n + 1,) int64, written: where each species begins in ``order``.

    Returns:
        How many species there are; of the old ones no more than n if ``is_nearest``.
    """
    num_genomes, num_old = len(numbers), len(which)
    free = order  # the genomes that do not represent; it is needed for nothing else until the end
    for k in range(num_genomes):
        free[k], numbers[k], distance[k] = k, -1, np.inf
    home = few
    if is_nearest:
        num_old = min(num_old, num_genomes)
        for begin in range(0, num_old, BLOCK):
            block = which[begin : min(begin + BLOCK, num_old)]
            measure(
                few, block, many, free, slots, memory, coefficients, include_nodes,
                is_weight_mean, small_size, rows,
            )  # fmt: skip
            for r in range(len(block)):
                nearest = _nearest(rows[r], numbers)
                numbers[nearest], first[begin + r] = begin + r, nearest
        home, which = many, first[:num_old]
        num_free = 0
        for k in range(num_genomes):
            if numbers[k] < 0:
                free[num_free] = k
                num_free += 1
        free = free[:num_free]
    for begin in range(0, num_old, BLOCK):
        block = which[begin : begin + BLOCK]
        measure(
            home, block, many, free, slots, memory, coefficients, include_nodes,
            is_weight_mean, small_size, rows,
        )  # fmt: skip
        for r in range(len(block)):
            _take(begin + r, rows[r], 0, free, threshold, is_first, numbers, distance)
    num_species = num_old
    likely = np.empty(LANES, np.int64)
    at = 0
    while at < len(free):
        # Those behind a founder may join it or found species, too: together they cost less.
        begin, num_likely = at, 0
        while at < len(free) and num_likely < LANES:
            if numbers[free[at]] < 0:
                likely[num_likely] = free[at]
                num_likely += 1
            at += 1
        if num_likely == 0:
            break  # to measure nobody would still read all genes
        block = likely[:num_likely]
        measure(
            many, block, many, free, slots, memory, coefficients, include_nodes,
            is_weight_mean, small_size, rows,
        )  # fmt: skip
        r = 0
        for k in range(begin, at):
            if r == num_likely or free[k] != likely[r]:
                continue
            if numbers[free[k]] < 0:
                numbers[free[k]], first[num_species] = num_species, free[k]
                _take(num_species, rows[r], k + 1, free, threshold, is_first, numbers, distance)
                num_species += 1
            r += 1
    _sort(numbers, num_species, order, bounds)
    return num_species


@pasted
def _nearest(row: Floats, numbers: Integers) -> int:
    """Return the first of the nearest genomes that have no species."""
    nearest = -1
    for k in range(len(numbers)):
        if numbers[k] < 0 and (nearest < 0 or row[k] < row[nearest]):
            nearest = k
    return nearest


@inner
def _take(
    number: int, row: Floats, begin: int, free: Integers, threshold: float, is_first: bool,
    numbers: Integers, distance: Floats,
) -> None:  # fmt: skip
    """Let a species take what it is the first, or the nearest, to be compatible with."""
    for k in range(begin, len(free)):
        genome = free[k]
        is_free = numbers[genome] < 0 if is_first else row[k] < distance[genome]
        if is_free and row[k] < threshold:
            numbers[genome], distance[genome] = number, row[k]


@pasted
def _sort(numbers: Integers, num_species: int, order: Integers, bounds: Integers) -> None:
    """Put the genomes of species after species, each one's in ascending order."""
    for species in range(num_species + 1):
        bounds[species] = 0
    for k in range(len(numbers)):
        bounds[numbers[k] + 1] += 1
    for species in range(num_species):
        bounds[species + 1] += bounds[species]
    for k in range(len(numbers)):
        order[bounds[numbers[k]]] = k
        bounds[numbers[k]] += 1
    for species in range(num_species, 0, -1):
        bounds[species] = bounds[species - 1]
    bounds[0] = 0
