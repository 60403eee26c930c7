"""What a generation looked like, in numbers; observes only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from neuroevo.neat.genome import Genome
from neuroevo.neat.settings import NeatSettings
from neuroevo.neat.state import GenerationStats, SpeciesState, SpeciesStats

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
    genomes: Sequence[Genome],
    fitnesses: npt.NDArray[np.float64],
    species: tuple[SpeciesStats, ...],
    threshold: float,
    settings: NeatSettings,
    events: Sequence[str],
) -> GenerationStats:
    """Summarise a generation.

    Args:
        generation: counted from 0.
        genomes: those evaluated.
        fitnesses: (num_genomes,) float64, in their order.
        species: the table of :func:`species_table`.
        threshold: compatibility threshold in force.
        settings: for the fitness criterion and its threshold.
        events: what a person should know.
    """
    criterion = float(_CRITERIA[settings.fitness_criterion](fitnesses))
    limit = None if settings.no_fitness_termination else settings.fitness_threshold
    low, median, high = (float(q) for q in np.quantile(fitnesses, (0.25, 0.5, 0.75)))
    return GenerationStats(
        generation=generation,
        best_fitness=float(fitnesses.max()),
        mean_fitness=float(fitnesses.mean()),
        median_fitness=median,
        min_fitness=float(fitnesses.min()),
        fitness_stdev=float(fitnesses.std()),
        fitness_quartiles=(low, high),
        criterion_fitness=criterion,
        reached_threshold=limit is not None and criterion >= limit,
        champion=genomes[int(np.argmax(fitnesses))],
        mean_num_nodes=float(np.mean([g.num_nodes for g in genomes])),
        mean_num_connections=float(np.mean([g.num_enabled for g in genomes])),
        compatibility_threshold=threshold,
        species=species,
        events=tuple(events),
    )
