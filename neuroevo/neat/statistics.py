"""What a generation looked like, in numbers; observes only."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from neuroevo.neat.genome import ENABLED, Genome
from neuroevo.neat.kernels.arrays import CONNECTIONS, NODES
from neuroevo.neat.pool import GenePool
from neuroevo.neat.settings import NeatSettings
from neuroevo.neat.stagnation import mean
from neuroevo.neat.state import GenerationStats, SpeciesState, SpeciesStats

_CHUNK = 1 << 16

_CRITERIA: Mapping[str, Callable[[npt.NDArray[np.float64]], float]] = {
    "max": np.max,
    "min": np.min,
    "mean": np.mean,
}


def species_table(
    species: Sequence[SpeciesState],
    scores: Sequence[float],
    counts: Sequence[int],
    generation: int,
) -> tuple[SpeciesStats, ...]:
    """Return one row per species: its size, fitness and age, and the offspring it was allotted."""
    return tuple(
        SpeciesStats(
            id=s.id,
            age=generation - s.created,
            size=len(s.member_ids),
            fitness=score,
            best_fitness=s.best_fitness,
            stagnation=generation - s.last_improved,
            num_offspring=count,
        )
        for s, score, count in zip(species, scores, counts, strict=True)
    )


def generation_stats(
    generation: int,
    told: tuple[GenePool, Genome],
    fitnesses: npt.NDArray[np.float64],
    species: tuple[SpeciesStats, ...],
    threshold: float,
    settings: NeatSettings,
    events: Sequence[str],
) -> GenerationStats:
    """Summarise a generation.

    Args:
        generation: counted from 0.
        told: the genomes that were evaluated, and the best of them.
        fitnesses: (num_genomes,) float64, in their order.
        species: the table of :func:`species_table`.
        threshold: compatibility threshold in force.
        settings: for the fitness criterion and its threshold.
        events: what a person should know.
    """
    pool, champion = told
    num_nodes = int(pool.genes.offsets[NODES, -1])
    links = pool.genes.link[: pool.genes.offsets[CONNECTIONS, -1]]
    enabled = num_enabled(links)
    criterion = float(_CRITERIA[settings.fitness_criterion](fitnesses))
    limit = None if settings.no_fitness_termination else settings.fitness_threshold
    low, median, high = quartiles(fitnesses)
    average = mean(fitnesses)
    return GenerationStats(
        generation=generation,
        best_fitness=float(fitnesses.max()),
        mean_fitness=average,
        median_fitness=median,
        min_fitness=float(fitnesses.min()),
        fitness_stdev=math.sqrt(mean(np.square(fitnesses - average))),
        fitness_quartiles=(low, high),
        criterion_fitness=criterion,
        reached_threshold=limit is not None and criterion >= limit,
        champion=champion,
        mean_num_nodes=num_nodes / len(pool),
        mean_num_connections=enabled / len(pool),
        compatibility_threshold=threshold,
        species=species,
        events=tuple(events),
    )


def num_enabled(links: npt.NDArray[np.uint32]) -> int:
    """Count enabled connections, some at a time: all flags at once take as much memory as links."""
    parts = (links[first : first + _CHUNK] for first in range(0, len(links), _CHUNK))
    return sum(int(np.count_nonzero(part & ENABLED)) for part in parts)


def quartiles(values: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Return lower quartile, median and upper quartile, to the last bit those of ``np.quantile``.

    That takes as long as breeding a small population does.
    """
    last = len(values) - 1
    if last == 0:
        return float(values[0]), float(values[0]), float(values[0])
    places = [fraction * last for fraction in (0.25, 0.5, 0.75)]
    bounds = [(int(place), min(int(place) + 1, last)) for place in places]
    # Sorted no further than there, so that -0.0 and 0.0 come in the same order, too.
    wanted = [0, -1, *(low for low, _ in bounds), *(high for _, high in bounds)]
    ordered = np.partition(values, wanted)
    found = []
    for place, (below, above) in zip(places, bounds, strict=True):
        weight = place - below
        low, high = ordered.item(below), ordered.item(above)
        step = high - low
        found.append(high - step * (1 - weight) if weight >= 0.5 else low + step * weight)
    return found[0], found[1], found[2]
