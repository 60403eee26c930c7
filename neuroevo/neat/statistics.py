"""What a generation looked like, in numbers; observes only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from neuroevo.neat.genome import ENABLED, Genome
from neuroevo.neat.pool import GenePool
from neuroevo.neat.settings import NeatSettings
from neuroevo.neat.stagnation import mean
from neuroevo.neat.state import GenerationStats, SpeciesState, SpeciesStats

_CHUNK = 1 << 16
_SQUARED_AT_MOST = 1e150


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
    num_nodes, num_links = pool.genes.offsets[:, -1].tolist()
    enabled = num_enabled(pool.genes.link[:num_links])
    worst, low, median, high, best = five_numbers(fitnesses)
    average = mean(fitnesses)
    criterion = {"max": best, "min": worst, "mean": average}[settings.fitness_criterion]
    limit = None if settings.no_fitness_termination else settings.fitness_threshold
    return GenerationStats(
        generation=generation,
        best_fitness=best,
        mean_fitness=average,
        median_fitness=median,
        min_fitness=worst,
        fitness_stdev=standard_deviation(fitnesses, average),
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


def standard_deviation(values: npt.NDArray[np.float64], average: float) -> float:
    """Return that of a whole population from its mean; finite, also where squares are not."""
    deviations = values - average
    largest = float(np.maximum.reduce(np.abs(deviations)))
    if largest < _SQUARED_AT_MOST:
        return math.sqrt(mean(deviations * deviations))
    parts = deviations / largest
    return largest * math.sqrt(mean(parts * parts))


def num_enabled(links: npt.NDArray[np.uint32]) -> int:
    """Count enabled connections, some at a time: all flags at once take as much memory as links."""
    if len(links) <= _CHUNK:
        return int(np.count_nonzero(links & ENABLED))
    parts = (links[first : first + _CHUNK] for first in range(0, len(links), _CHUNK))
    return sum(int(np.count_nonzero(part & ENABLED)) for part in parts)


def five_numbers(values: npt.NDArray[np.float64]) -> tuple[float, float, float, float, float]:
    """Return least value, quartiles and greatest value, to the last bit those of NumPy.

    ``np.quantile`` takes as long as breeding a small population does.

    Args:
        values: (n,) float64, at least one, none nan.
    """
    wanted, ranks = _ranks(len(values))
    ordered = values.copy()
    ordered.partition(wanted)
    low, median, high = [
        _between(ordered.item(below), ordered.item(above), weight) for below, above, weight in ranks
    ]
    return ordered.item(0), low, median, high, ordered.item(-1)


@lru_cache(maxsize=8)
def _ranks(count: int) -> tuple[npt.NDArray[np.int64], list[tuple[int, int, float]]]:
    """Return which ranks of so many values are wanted, and per quartile the two it lies between.

    Values are sorted no further than there, so that -0.0 and 0.0 come in the same order as in
    ``np.quantile``, too.
    """
    ranks = []
    for fraction in (0.25, 0.5, 0.75):
        place = fraction * (count - 1)
        below = int(place)
        weight = place - below if count > 1 else 1.0  # NumPy's way; it decides the sign of a zero
        ranks.append((below, min(below + 1, count - 1), weight))
    wanted = [0, count - 1, *(below for below, _, _ in ranks), *(above for _, above, _ in ranks)]
    return np.array(wanted), ranks


def _between(low: float, high: float, weight: float) -> float:
    step = high - low
    return high - step * (1 - weight) if weight >= 0.5 else low + step * weight
