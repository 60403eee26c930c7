"""Which genomes of a generation are the same in all but their number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from neuroevo.neat.genome import Genome, genome_parts
from neuroevo.neat.pool import GenePool


def first_of_same_genes(genomes: Sequence[Genome]) -> npt.NDArray[np.int64]:
    """Return, by place, that of the first genome with bit-identical genes, (n,) int64.

    A child that no mutation touched equals its parent; where a task always gives a network the same
    evaluation, one of them is enough.
    """
    pool = GenePool.of_all(genomes)
    if pool is not None:
        return pool.firsts()
    seen: dict[tuple[int, bytes], int] = {}
    genes = [(g.num_nodes, b"".join(list(genome_parts(g))[1:])) for g in genomes]
    return np.array([seen.setdefault(own, place) for place, own in enumerate(genes)], np.int64)
