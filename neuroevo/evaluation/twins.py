"""Which genomes of a generation are the same in all but their number."""

from __future__ import annotations

from collections.abc import Iterable

from neuroevo.neat.genome import Genome, same_genes


def first_of_same_genes(genomes: Iterable[Genome]) -> dict[int, int]:
    """Return, by the id of each genome, the id of the first one with bit-identical genes.

    A child that no mutation touched equals its parent; where a task always gives a network the same
    evaluation, one of them is enough. Genes are compared only where biases and the sum of the
    weights are the same, so that a generation without twins costs some microseconds a genome.
    """
    firsts: dict[int, int] = {}
    alike: dict[tuple[bytes, float], list[Genome]] = {}
    for genome in genomes:
        candidates = alike.setdefault((genome.bias.tobytes(), float(genome.weight.sum())), [])
        first = next((other for other in candidates if same_genes(other, genome)), genome)
        if first is genome:
            candidates.append(genome)
        firsts[genome.id] = first.id
    return firsts
