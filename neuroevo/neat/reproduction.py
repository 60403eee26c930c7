"""Reproduction: how many offspring each species gets, and how they are made.

Sharing and counts are pure functions of numbers; breeding draws parents. neat-python's rules are
the default, the paper's are settings; where neat-python's are wrong, docs/decisions/0003 says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from neuroevo.neat.gene_block import empty_genes
from neuroevo.neat.kernels.arrays import Family, Genes, Rates
from neuroevo.neat.kernels.breeding import breed
from neuroevo.neat.kernels.draws import addresses_of
from neuroevo.neat.mutation import CONNECTIONS_PER_CHILD, NODES_PER_CHILD
from neuroevo.neat.pool import GenePool, scratch_for
from neuroevo.neat.settings import ReproductionSettings
from neuroevo.neat.stagnation import mean

Integers = npt.NDArray[np.int64]


def ranked(places: Integers, fitnesses: npt.NDArray[np.float64]) -> Integers:
    """Return members fittest first; a newer genome beats an older one of the same fitness.

    Args:
        places: (k,) of the members, ascending, as their ids do.
        fitnesses: (n,) of all genomes, by place.
    """
    # Ascending and stable, then turned round: of equal ones the last, the newest, comes first.
    return places[fitnesses[places].argsort(kind="stable")[::-1]]


def adjusted_fitnesses(
    species: Sequence[npt.NDArray[np.float64]], sharing: str
) -> npt.NDArray[np.float64]:
    """Return what each species weighs when offspring are allotted, (num_species,) float64 >= 0.

    ``normalized``: mean fitness, mapped to 0..1 over the range of all fitnesses (neat-python,
    without its floor of 1.0 on the range). ``canonical``: the sum of the members' fitnesses, each
    divided by the species' size (Stanley & Miikkulainen 2002, section 3.3); when some fitness is
    negative all are first raised by the lowest one.

    Args:
        species: the (size,) fitnesses of each species' members, the highest first.
        sharing: ``normalized`` or ``canonical``.
    """
    means = np.array([mean(fitnesses) for fitnesses in species])
    lowest = min([fitnesses.item(-1) for fitnesses in species])
    if sharing == "canonical":
        return means - min(lowest, 0.0)
    spread = max([fitnesses.item(0) for fitnesses in species]) - lowest
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
    # Species are few: their numbers one by one take a third of NumPy's time. Not the sums, which
    # NumPy adds up in an order of its own.
    total = float(np.add.reduce(adjusted))
    if total > 0:
        shares = [weight / total for weight in adjusted.tolist()]
    else:
        shares = [size / sum(previous_sizes) for size in previous_sizes]
    wanted = [max(share * pop_size, minimum) for share in shares]
    if settings.spawn_method == "smoothed":
        wanted = [
            max(size + (goal - size) * 0.5, minimum)
            for size, goal in zip(previous_sizes, wanted, strict=True)
        ]
    scale = pop_size / float(np.add.reduce(wanted))
    return _rounded([goal * scale for goal in wanted], minimum, pop_size)


def _rounded(wanted: Sequence[float], minimum: int, total: int) -> tuple[int, ...]:
    """Round to whole numbers >= ``minimum`` that sum to ``total``, nearest to what was wanted."""
    counts = [max(math.floor(goal), minimum) for goal in wanted]
    missing = total - sum(counts)
    if missing > 0:  # fewer than there are numbers above their counts: each gets one at most
        order = sorted(range(len(counts)), key=lambda i: counts[i] - wanted[i])
        for i in order[:missing]:
            counts[i] += 1
    for _ in range(-missing):
        surplus = [
            count - goal if count > minimum else -math.inf
            for count, goal in zip(counts, wanted, strict=True)
        ]
        counts[surplus.index(max(surplus))] -= 1
    return tuple(counts)


def next_generation(
    pool: GenePool,
    fitnesses: npt.NDArray[np.float64],
    species: Sequence[Integers],
    counts: Sequence[int],
    settings: tuple[Rates, ReproductionSettings],
    next_genome_id: int,
    generator: np.random.Generator,
) -> GenePool:
    """Return elites, unchanged, and children of all species, by ascending id.

    A child has two parents, drawn from the survivors of its species (seldom from another's), or
    one; the fitter one gives the structure. Then it is mutated (``kernels/breeding.py``).

    Args:
        pool: the generation that was evaluated, by ascending id.
        fitnesses: (n,) of its genomes.
        species: places of the members, :func:`ranked`.
        counts: of elites and children, per species.
        settings: of mutation and of reproduction.
        next_genome_id: of the first child.
        generator: draws, child after child.
    """
    rates, reproduction = settings
    survivors = [_survivors(members, reproduction) for members in species]
    num_elites = [
        min(_num_elites(len(members), reproduction), count, len(members))
        for members, count in zip(species, counts, strict=True)
    ]
    elites = np.concatenate([m[:k] for m, k in zip(species, num_elites, strict=True)])
    elites.sort()  # places ascend with ids
    family = Family(
        elites=elites,
        parents=np.concatenate(survivors),
        offsets=np.array([0, *accumulate(map(len, survivors))]),
        fitness=fitnesses,
        num_children=np.array([n - k for n, k in zip(counts, num_elites, strict=True)]),
        mutate_only_prob=float(reproduction.mutate_only_prob),
        mate_only_prob=float(reproduction.mate_only_prob),
        interspecies_prob=float(reproduction.interspecies_crossover_prob),
    )
    num_children = sum(counts) - sum(num_elites)
    pool.table.reserve(num_children * CONNECTIONS_PER_CHILD, num_children)
    parents = pool.largest()
    genes = _room_for(len(elites) + num_children, *parents)
    largest = breed(
        pool.genes, family, rates, pool.table.marks,
        scratch_for(max(parents), pool.table), addresses_of(generator), genes,
    )  # fmt: skip
    new_ids = np.arange(next_genome_id, next_genome_id + num_children)
    return GenePool(np.concatenate([pool.ids[elites], new_ids]), genes, pool.table, largest)


def _num_elites(size: int, settings: ReproductionSettings) -> int:
    smallest = settings.champion_min_species_size
    if smallest is not None and size > smallest:
        return max(settings.elitism, 1)
    return settings.elitism


def _survivors(members: Integers, settings: ReproductionSettings) -> Integers:
    """The fittest fraction, at least two: only they become parents."""
    return members[: max(math.ceil(settings.survival_threshold * len(members)), 2)]


def _room_for(num_genomes: int, num_nodes: int, num_connections: int) -> Genes:
    """Return room for so many genomes, were all children of one with so many genes.

    What is never written takes no memory (:func:`empty_genes`).
    """
    nodes, connections = num_nodes + NODES_PER_CHILD, num_connections + CONNECTIONS_PER_CHILD
    return empty_genes(num_genomes, num_genomes * nodes, num_genomes * connections)
