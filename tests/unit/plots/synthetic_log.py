"""Run logs made up for tests of the plots, in the shape of real ones; the product makes none."""

from __future__ import annotations

from typing import Any

import numpy as np

POPULATION = 150


def synthetic_log(num_generations: int = 60, seed: int = 1) -> list[dict[str, Any]]:
    """Return a log in which eight species come and go, one is removed, the population stalls."""
    generator = np.random.default_rng(seed)
    records: list[dict[str, Any]] = []
    ever = -np.inf
    # (born, dies) of each species; the third and fifth are removed for stagnation.
    lives = [(0, 24), (0, 60), (4, 19), (9, 41), (17, 33), (25, 60), (36, 52), (44, 60)]
    for g in range(num_generations):
        fitnesses = generator.gamma(2.0, 60 + 6 * g, POPULATION) + (400 if g > 30 else 0)
        ever = max(ever, float(fitnesses.max()))
        alive = [i for i, (born, dies) in enumerate(lives) if born <= g < dies]
        weights = np.array([1.5 + np.sin(g / 6 + 2 * i) for i in alive])
        sizes = np.floor(weights / weights.sum() * POPULATION).astype(int)
        sizes[0] += POPULATION - sizes.sum()
        events = [
            f"species {i + 1} removed: no improvement since generation {g - 15}"
            for i in (2, 4)
            if g == lives[i][1] - 1
        ]
        if g == 52:
            events.append("population stagnant for 20 generations: only species 2 and 6 breed")
        evaluation = 3 + 0.05 * g + float(generator.gamma(2.0, 0.4))
        stalled, died = int(40 + g), int(90 - g)
        low, median, high = np.quantile(fitnesses, (0.25, 0.5, 0.75)).tolist()
        records.append(
            {
                "generation": g,
                "best_fitness": float(fitnesses.max()),
                "mean_fitness": float(fitnesses.mean()),
                "median_fitness": median,
                "min_fitness": float(fitnesses.min()),
                "fitness_stdev": float(fitnesses.std()),
                "fitness_quartiles": [low, high],
                "num_species": len(alive),
                "species": [
                    {
                        "id": i + 1,
                        "age": g - lives[i][0],
                        "size": int(size),
                        "fitness": 1.0,
                        "best_fitness": 1.0,
                        "stagnation": 0,
                        "num_offspring": int(size),
                    }
                    for i, size in zip(alive, sizes, strict=True)
                ],
                "generation_seconds": evaluation + 0.6 + 0.02 * g,
                "evaluation_seconds": evaluation,
                "num_evaluations": POPULATION if g == 0 else POPULATION - 10,
                "num_frames": int(evaluation * 9_000),
                "best_genome_id": 1 + g * 140,
                "best_num_nodes": 12 + g // 3 + int(generator.integers(0, 3)),
                "best_num_connections": 900 + 4 * g + int(generator.integers(0, 20)),
                "mean_num_nodes": 12 + g / 4,
                "mean_num_connections": 900 + 3.1 * g,
                "compatibility_threshold": 3.0,
                "endings": {
                    "died": died,
                    "frame cap": POPULATION - stalled - died,
                    "stalled": stalled,
                },
                "best_metrics": {"score": float(fitnesses.max())},
                "best_ever_fitness": ever,
                "solved": False,
                "events": events,
                "digest": f"{g:064x}",
            }
        )
    return records
