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
from neuroevo.neat.kernels.distances import distances as measured
from neuroevo.neat.kernels.distances import room_size
from neuroevo.neat.pool import GenePool
from neuroevo.neat.settings import GenomeSettings

_LARGE = 1 << 20
"""Bytes."""

Places = Sequence[int] | npt.NDArray[np.int64]


def rules_of(settings: GenomeSettings) -> tuple[npt.NDArray[np.float64], bool, bool, int]:
    """Return what a kernel that measures needs to know of the settings.

    Returns:
        (4,) coefficients of disjoint and excess genes, weights, and enabled flags that differ;
        whether node genes count; whether the weight term is the mean over matching genes; below
        how many connections counts are not divided.
    """
    coefficients = [
        settings.compatibility_disjoint_coefficient,
        settings.excess_coefficient,
        settings.compatibility_weight_coefficient,
        settings.compatibility_enable_penalty,
    ]
    return (
        np.array(coefficients, dtype=np.float64),
        settings.compatibility_include_node_genes,
        settings.compatibility_weight_term == "mean",
        settings.compatibility_small_genome_size,
    )


def room_for(
    block_size: int, num_rows: int, num_others: int
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float64]]:
    """Return the room that a kernel needs to compare so many genomes with so many others.

    Args:
        block_size: that are compared at a time.
        num_rows: of the innovation table.
        num_others: that they are compared with.
    """
    slots = np.zeros(num_rows + 1, np.uint32)
    return slots, _memory(room_size(block_size, len(slots), num_others))


def _memory(size: int) -> npt.NDArray[np.float64]:
    """Return (size,) float64; what is never written takes no memory.

    A large one is the system's again when nobody has it, while a freed array may stay with the
    process: megabytes beside a population.
    """
    num_bytes = 8 * size
    if num_bytes < _LARGE:
        return np.empty(size)
    return np.frombuffer(mmap.mmap(-1, num_bytes), np.float64)


def distances(
    few: GenePool, which: Places, many: GenePool, others: Places, settings: GenomeSettings
) -> npt.NDArray[np.float64]:
    """Return the distances of some genomes to some others of the same run.

    Args:
        few: holds the first ones.
        which: (r,) places in it.
        many: holds the others; its innovation table must know all genomes.
        others: (k,) places in it.
        settings: of the distance.

    Returns:
        (r, k) float64.
    """
    rows, columns = np.array(which, np.int64), np.array(others, np.int64)
    out = np.empty((len(rows), len(columns)))
    slots, memory = room_for(len(rows), many.table.num_rows, len(columns))
    measured(few.genes, rows, many.genes, columns, slots, memory, *rules_of(settings), out)
    return out


def distance(first: Genome, second: Genome, settings: GenomeSettings) -> float:
    """Return the compatibility distance of two genomes; symmetric, 0 for equal genes."""
    pool = GenePool.of([first, second])
    return float(distances(pool, [0], pool, [1], settings)[0, 0])
