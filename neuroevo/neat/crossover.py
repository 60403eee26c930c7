"""Crossover: the child has the structure of the fitter parent, matching genes from either.

Stanley & Miikkulainen 2002, section 3.2; attributes of a matching gene are chosen one by one, as
neat-python does. A generation is crossed inside one kernel; this is the same for two genomes.
"""

from __future__ import annotations

import numpy as np

from neuroevo.neat.gene_block import empty_genes
from neuroevo.neat.genome import Genome
from neuroevo.neat.kernels import operators
from neuroevo.neat.kernels.arrays import Draft
from neuroevo.neat.pool import GenePool, scratch_for

_MIXED = (
    "bias", "response", "time_constant", "activation", "aggregation", "weight", "enabled",
)  # fmt: skip


def crossover(
    child_id: int,
    fitter: Genome,
    other: Genome,
    inherit_disabled_prob: float,
    generator: np.random.Generator,
) -> Genome:
    """Return a child with the fitter parent's structure.

    Disjoint and excess genes come from ``fitter`` (a caller that finds both equally fit passes
    the first it drew). A matching gene disabled in either parent is disabled in the child with
    ``inherit_disabled_prob``, else enabled.
    """
    parents = GenePool.of([fitter, other])
    genes = empty_genes(1, fitter.num_nodes, fitter.num_connections)
    genes.offsets[:, 1] = fitter.num_nodes, fitter.num_connections
    draft = Draft(genes, np.zeros(4, dtype=np.int64))
    scratch = scratch_for(max(parents.largest()), parents.table)
    operators.cross(parents.genes, 0, 1, float(inherit_disabled_prob), draft, scratch, generator)
    child = GenePool(np.array([child_id]), genes, parents.table).genomes()[0]
    return fitter.changed(id=child_id, **{name: getattr(child, name) for name in _MIXED})
