"""Which genomes of a generation are the same in all but their number."""

from __future__ import annotations

from collections.abc import Sequence

from neuroevo.neat.genome import Genome, genome_parts, same_genes
from neuroevo.neat.pool import GenePool


def first_of_same_genes(genomes: Sequence[Genome]) -> dict[int, int]:
    """Return, by the id of each genome, the id of the first one with bit-identical genes.

    A child that no mutation touched equals its parent; where a task always gives a network the same
    evaluation, one of them is enough. Genes are compared only where their fingerprints are the
    same, so that a generation without twins costs next to nothing.
    """
    firsts: dict[int, int] = {}
    by_mark: dict[int, Genome] = {}
    others: dict[int, list[Genome]] = {}  # with the mark of another one, and other genes
    for genome, mark in zip(genomes, _fingerprints(genomes), strict=True):
        first = by_mark.setdefault(mark, genome)
        if first is not genome and not same_genes(first, genome):
            namesakes = others.setdefault(mark, [])
            first = next((other for other in namesakes if same_genes(other, genome)), genome)
            if first is genome:
                namesakes.append(genome)
        firsts[genome.id] = first.id
    return firsts


def _fingerprints(genomes: Sequence[Genome]) -> list[int]:
    held = GenePool.holding(genomes)
    if held is None:
        return [hash(b"".join(list(genome_parts(genome))[1:])) for genome in genomes]
    pool, places = held
    marks = pool.fingerprints()
    return [marks[place] for place in places]
