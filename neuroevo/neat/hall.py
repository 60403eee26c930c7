"""The hall of fame: the best champions of a run, which an evolution can go on from."""

from __future__ import annotations

from neuroevo.neat.genome import Genome, same_genes
from neuroevo.neat.state import BestGenome

SIZE = 10
"""Champions that are kept."""


def with_champion(
    hall: tuple[BestGenome, ...], champion: Genome, fitness: float, generation: int
) -> tuple[BestGenome, ...]:
    """Return the hall with the champion of a generation, if it is good and new enough for it.

    Args:
        hall: best first.
        champion: of the generation.
        fitness: its fitness.
        generation: that was told.

    Returns:
        At most ``SIZE`` champions, best first, the older first among equals. One with the genes of
        another counts once, with the higher fitness.
    """
    for index, old in enumerate(hall):
        if same_genes(old.genome, champion):
            if fitness <= old.fitness:
                return hall
            hall = hall[:index] + hall[index + 1 :]
            break
    grown = [*hall, BestGenome(champion, fitness, generation)]
    return tuple(sorted(grown, key=lambda kept: -kept.fitness)[:SIZE])  # stable: older first
