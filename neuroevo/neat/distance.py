"""Compatibility distance (Stanley & Miikkulainen 2002, eq. 1, and neat-python's form of it).

Connections: the counts of disjoint and excess genes, each times its coefficient, divided by the
size of the longer genome; plus the weight coefficient times the sum, over matching genes, of the
difference of weights and a penalty for flags that differ, divided by the same size (or by the
number of matching genes). Nodes, in neat-python's form: the same with all attributes.
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from neuroevo.neat.genome import Genome
from neuroevo.neat.kernels.distances import BLOCK, distances, room_size
from neuroevo.neat.pool import GenePool
from neuroevo.neat.settings import GenomeSettings

_LARGE = 1 << 20
"""Bytes."""

Places = Sequence[int] | npt.NDArray[np.int64]


class Measure:
    """Measures the distance of any genomes to those of one pool."""

    def __init__(self, pool: GenePool, settings: GenomeSettings) -> None:
        """Take the pool; its innovation table must know all genomes that are asked for."""
        self._pool = pool
        self._place = np.zeros(pool.table.num_rows + 1, dtype=np.uint32)
        self._memory = np.empty(0)
        self._coefficients = np.array(
            [
                settings.compatibility_disjoint_coefficient,
                settings.excess_coefficient,
                settings.compatibility_weight_coefficient,
                settings.compatibility_enable_penalty,
            ],
            dtype=np.float64,
        )
        self._rules = (
            settings.compatibility_include_node_genes,
            settings.compatibility_weight_term == "mean",
            settings.compatibility_small_genome_size,
        )

    def distances(self, few: GenePool, which: Places, others: Places) -> npt.NDArray[np.float64]:
        """Return the distances of some genomes to chosen ones of the pool.

        Args:
            few: holds the first ones, of the same run.
            which: (r,) places in ``few``.
            others: (k,) places in the pool.

        Returns:
            (r, k) float64.
        """
        rows, columns = np.asarray(which, np.int64), np.asarray(others, np.int64)
        out = np.empty((len(rows), len(columns)))
        for first in range(0, len(rows), BLOCK):
            block = rows[first : first + BLOCK]
            size = len(block), len(self._place), len(columns)
            if len(self._memory) < room_size(*size):
                self._memory = _memory(room_size(*size))
            distances(
                few.genes, block, self._pool.genes, columns, self._place, self._memory,
                self._coefficients, *self._rules, out[first : first + BLOCK],
            )  # fmt: skip
        return out


def _memory(size: int) -> npt.NDArray[np.float64]:
    """Return (size,) float64; what is never written takes no memory.

    A large one is the system's again when nobody has it, while a freed array may stay with the
    process: megabytes beside a population.
    """
    num_bytes = 8 * size
    if num_bytes < _LARGE:
        return np.empty(size)
    return np.frombuffer(mmap.mmap(-1, num_bytes), np.float64)


def distance(first: Genome, second: Genome, settings: GenomeSettings) -> float:
    """Return the compatibility distance of two genomes; symmetric, 0 for equal genes."""
    pool = GenePool.of([first, second])
    return float(Measure(pool, settings).distances(pool, [0], [1])[0, 0])
