"""The gene pool: the genes of many genomes in a few flat arrays.

A population lives in one pool per generation: 13 bytes per connection, since source, target and
innovation number are looked up in the run's innovation table. Genomes are views of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.neat.genome import Genome, genomes_of_pool
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.kernels.arrays import (
    CONNECTIONS,
    FIRST,
    NODES,
    SECOND,
    VALUE,
    Genes,
    Scratch,
)

Integers = npt.NDArray[np.int64]

_FLOATS = {"bias": 0, "response": 1, "time_constant": 2}
_CODES = {"activation": 0, "aggregation": 1}
_MARKS = {"source": FIRST, "target": SECOND, "innovation": VALUE}
_ALIGNMENT = 64


class GenePool:
    """Genes of many genomes; nobody writes to them once the pool is made.

    Attributes:
        ids: (num_genomes,) int64, of the genomes.
        genes: the arrays.
        table: what the slots are rows of.
    """

    __slots__ = ("genes", "ids", "table")

    def __init__(self, ids: Integers, genes: Genes, table: InnovationTable) -> None:
        """Take the arrays; they may be longer than what is used."""
        self.ids, self.genes, self.table = ids, genes, table

    @classmethod
    def of(cls, genomes: Sequence[Genome], table: InnovationTable | None = None) -> GenePool:
        """Collect genomes.

        Args:
            genomes: any.
            table: of their run; None for one that knows these genomes alone.

        Raises:
            PopulationError: the table does not know a connection.
        """
        table = table or InnovationTable.of_genomes(genomes)
        sizes = np.array([(g.num_nodes, g.num_connections) for g in genomes]).reshape(-1, 2)
        genes = empty_genes(len(genomes), *sizes.sum(axis=0).tolist())
        genes.offsets[:, 1:] = np.cumsum(sizes, axis=0).T
        pool = cls(np.array([genome.id for genome in genomes], dtype=np.int64), genes, table)
        for place, genome in enumerate(genomes):
            for name in ("node_ids", *_FLOATS, *_CODES, "weight", "enabled"):
                pool._slice(place, name)[:] = getattr(genome, name)
            pool._slice(place, "slot")[:] = pool._slots_of(genome)
        return pool

    def _slots_of(self, genome: Genome) -> npt.NDArray[np.uint32]:
        home = genome.pool
        if isinstance(home, GenePool) and home.table is self.table:
            return home._slice(genome.place, "slot")
        return self.table.slots_of(genome)

    def __len__(self) -> int:
        return len(self.ids)

    def _slice(self, place: int, name: str) -> npt.NDArray[Any]:
        """Return one array of a genome, writeable."""
        genes = self.genes
        if name in ("slot", "weight", "enabled"):
            start, stop = genes.offsets[CONNECTIONS, place : place + 2]
        else:
            start, stop = genes.offsets[NODES, place : place + 2]
            if name in _FLOATS:
                return genes.node_floats[_FLOATS[name], start:stop]
            if name in _CODES:
                return genes.node_codes[_CODES[name], start:stop]
        array: npt.NDArray[Any] = getattr(genes, name)[start:stop]
        return array

    def column(self, place: int, name: str) -> npt.NDArray[Any]:
        """Return one array of the genome at a place, read-only; ``name`` as in :class:`Genome`."""
        array: npt.NDArray[Any]
        if name in _MARKS:
            column = self.table.marks.connections.rows[_MARKS[name]]
            array = column[self._slice(place, "slot")]
        else:
            array = self._slice(place, name)
        array.flags.writeable = False
        return array

    def genomes(self) -> tuple[Genome, ...]:
        """Return all genomes, as views."""
        return genomes_of_pool(self.ids.tolist(), self)

    def detached(self, place: int) -> Genome:
        """Return a genome that does not keep the pool alive."""
        genes = self.genes
        (first, last), (begin, end) = genes.offsets[:, place : place + 2].tolist()
        own = Genes(
            np.array([[0, last - first], [0, end - begin]]),
            genes.node_ids[first:last].copy(), genes.node_floats[:, first:last].copy(),
            genes.node_codes[:, first:last].copy(), genes.slot[begin:end].copy(),
            genes.weight[begin:end].copy(), genes.enabled[begin:end].copy(),
        )  # fmt: skip
        genome_id = int(self.ids[place])
        return Genome.of_pool(genome_id, GenePool(np.array([genome_id]), own, self.table), 0)


def empty_genes(num_genomes: int, num_nodes: int, num_connections: int) -> Genes:
    """Return arrays with room for so many, in one block of memory, not yet written.

    One block, since a large one goes back to the system as soon as its generation is gone, and
    what is never written takes no memory.
    """
    shapes: dict[str, tuple[Any, ...]] = {
        "offsets": (np.int64, 2, num_genomes + 1),
        "node_ids": (np.int64, num_nodes),
        "node_floats": (np.float64, 3, num_nodes),
        "node_codes": (np.uint8, 2, num_nodes),
        "slot": (np.uint32, num_connections),
        "weight": (np.float64, num_connections),
        "enabled": (np.bool_, num_connections),
    }
    starts = [0]
    for dtype, *shape in shapes.values():
        num_bytes = math.prod(shape) * np.dtype(dtype).itemsize
        starts.append(starts[-1] + -(-num_bytes // _ALIGNMENT) * _ALIGNMENT)
    block = np.empty(starts[-1], dtype=np.uint8)
    arrays = {
        name: np.ndarray(shape, dtype, block, start)
        for (name, (dtype, *shape)), start in zip(shapes.items(), starts, strict=False)
    }
    arrays["offsets"][:, 0] = 0
    return Genes(**arrays)


def scratch_for(genes: Genes, table: InnovationTable) -> Scratch:
    """Return room to make genomes as large as the largest there, and some genes more."""
    size = int(np.diff(genes.offsets).max(initial=0)) + 8
    return Scratch(
        np.empty(size, np.uint32),
        np.empty(size, np.uint32),
        np.zeros(table.num_rows + 1, np.uint32),
    )
