"""The line of the run log for a generation, but for what a clock and the counters add to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from neuroevo.neat.state import GenerationStats
from neuroevo.tasks.evaluations import Evaluations
from neuroevo.tasks.task import Evaluation


def log_line(
    stats: GenerationStats,
    evaluations: Evaluations,
    verdict: Evaluation,
    terms: Sequence[str],
) -> dict[str, Any]:
    """Return what the log says of a generation, as JSON values.

    Args:
        stats: of the generation.
        evaluations: of its genomes.
        verdict: the champion's evaluation, its champion test included.
        terms: the metrics that make up the fitness.
    """
    return {
        "generation": stats.generation,
        "best_fitness": stats.best_fitness,
        "mean_fitness": stats.mean_fitness,
        "median_fitness": stats.median_fitness,
        "min_fitness": stats.min_fitness,
        "fitness_stdev": stats.fitness_stdev,
        "fitness_quartiles": list(stats.fitness_quartiles),
        "num_species": len(stats.species),
        "best_genome_id": stats.champion.id,
        "best_num_nodes": stats.champion.num_nodes,
        "best_num_connections": stats.champion.num_enabled,
        "mean_num_nodes": stats.mean_num_nodes,
        "mean_num_connections": stats.mean_num_connections,
        "compatibility_threshold": stats.compatibility_threshold,
        "species": [species._asdict() for species in stats.species],
        "endings": evaluations.num_endings(),
        "best_metrics": dict(verdict.metrics),
        "mean_metrics": evaluations.mean_metrics(),
        "terms": list(terms),
        "solved": verdict.solved,
        "reached_threshold": stats.reached_threshold,
        "events": list(stats.events),
    }
