"""The gene pool: the genes of many genomes in a few flat arrays.

A population lives in one pool per generation: 13 bytes per connection, since source, target and
innovation number are looked up in the run's innovation table. Genomes are views of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.neat.genome import (
    Genome,
    genome_head,
    genomes_of_pool,
    num_packed_bytes,
)
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.kernels.arrays import (
    CONNECTIONS,
    Genes,
    Scratch,
)
from neuroevo.neat.kernels.packing import fingerprints, look_up, pack

Integers = npt.NDArray[np.int64]

_ALIGNMENT = 64

_CHUNK = 1 << 20
"""About so many bytes are packed at a time, so that a large population is never there twice."""


class GenePool:
    """Genes of many genomes; nobody writes to them once the pool is made.

    Attributes:
        ids: (num_genomes,) int64, of the genomes.
        genes: the arrays.
        table: what the slots are rows of.
    """

    __slots__ = ("_bounds", "_views", "genes", "ids", "table")

    def __init__(self, ids: Integers, genes: Genes, table: InnovationTable) -> None:
        """Take the arrays; they may be longer than what is used."""
        self.ids, self.genes, self.table = ids, genes, table
        # Made when they are first asked for, after the genes are written.
        self._views: Genes | None = None
        self._bounds: list[list[int]] = []

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
        sizes = np.array([(g.num_nodes, g.num_connections) for g in genomes], np.int64).reshape(
            -1, 2
        )
        genes = empty_genes(len(genomes), *sizes.sum(axis=0).tolist())
        genes.offsets[:, 1:] = np.cumsum(sizes, axis=0).T
        pool = cls(np.array([genome.id for genome in genomes], dtype=np.int64), genes, table)
        first = begin = 0
        for genome, (num_nodes, num_connections) in zip(genomes, sizes.tolist(), strict=True):
            last, end = first + num_nodes, begin + num_connections
            node_ids, *floats, activation, aggregation, _, _, _, weight, enabled = genome.arrays()
            genes.node_ids[first:last] = node_ids
            for kind, values in enumerate(floats):
                genes.node_floats[kind, first:last] = values
            genes.node_codes[0, first:last], genes.node_codes[1, first:last] = (
                activation, aggregation,
            )  # fmt: skip
            genes.slot[begin:end] = pool._slots_of(genome)
            genes.weight[begin:end], genes.enabled[begin:end] = weight, enabled
            first, begin = last, end
        return pool

    @classmethod
    def holding(
        cls, genomes: Sequence[Genome], table: InnovationTable | None = None
    ) -> tuple[GenePool, Sequence[int]] | None:
        """Return the pool that all genomes are of and their places, or None if there is no such.

        Args:
            genomes: any.
            table: the pool must be of this run; None for any.
        """
        home = genomes[0].pool if genomes else None
        if not isinstance(home, GenePool) or (table is not None and home.table is not table):
            return None
        if any(genome.pool is not home for genome in genomes):
            return None
        return home, [genome.place for genome in genomes]

    def _slots_of(self, genome: Genome) -> npt.NDArray[np.uint32]:
        home = genome.pool
        if isinstance(home, GenePool) and home.table is self.table:
            begin, end = home.genes.offsets[CONNECTIONS, genome.place : genome.place + 2]
            return home.genes.slot[begin:end]
        return self.table.slots_of(genome)

    def __len__(self) -> int:
        return len(self.ids)

    def arrays(self, place: int) -> tuple[npt.NDArray[Any], ...]:
        """Return all arrays of the genome at a place, read-only; see :meth:`Genome.arrays`."""
        nodes, (innovation, source, target), connections = self._parts(place)
        for marks in (innovation, source, target):
            marks.flags.writeable = False
        return (*nodes, innovation, source, target, *connections)

    def copy_to(self, place: int, out: Sequence[npt.NDArray[Any]]) -> None:
        """Copy the arrays of the genome at a place into others; see :meth:`Genome.copy_to`."""
        nodes, _, connections = self._parts(place, out[6:9])
        for array, own in zip((*out[:6], *out[9:]), (*nodes, *connections), strict=True):
            array[:] = own

    def _parts(
        self, place: int, marks: Sequence[npt.NDArray[np.int64]] | None = None
    ) -> tuple[tuple[npt.NDArray[Any], ...], ...]:
        """Return what is there of nodes, what is looked up, what is there of connections.

        Args:
            place: of the genome.
            marks: three (num_connections,) int64, written: innovation, source, target; None makes
                new ones.
        """
        views = self._views or self._make_views()
        (first, last), (begin, end) = (bounds[place : place + 2] for bounds in self._bounds)
        floats, codes = views.node_floats, views.node_codes
        looked_up = tuple(marks or (np.empty(end - begin, np.int64) for _ in range(3)))
        look_up(self.table.marks.connections.rows, self.genes.slot[begin:end], *looked_up)
        nodes = (
            views.node_ids[first:last], floats[0, first:last], floats[1, first:last],
            floats[2, first:last], codes[0, first:last], codes[1, first:last],
        )  # fmt: skip
        return nodes, looked_up, (views.weight[begin:end], views.enabled[begin:end])

    def sizes(self, place: int) -> tuple[int, int]:
        """Return the numbers of node genes and of connection genes of the genome at a place."""
        if self._views is None:
            self._make_views()
        nodes, connections = self._bounds
        return nodes[place + 1] - nodes[place], connections[place + 1] - connections[place]

    def _make_views(self) -> Genes:
        """Return the same genes for reading alone."""
        self._bounds = self.genes.offsets.tolist()
        views: list[Any] = [array.view() for array in self.genes]
        self._views = Genes(*views)
        for array in self._views:
            array.flags.writeable = False
        return self._views

    def genomes(self) -> tuple[Genome, ...]:
        """Return all genomes, as views."""
        return genomes_of_pool(self.ids.tolist(), self)

    def packed(self) -> Iterator[memoryview]:
        """Yield the bytes of all genomes, some genomes at a time.

        Each is the length of its bytes (8 bytes, little-endian), then :func:`genome_to_bytes`.
        """
        if not len(self):
            return
        sizes = np.diff(self.genes.offsets)
        heads = [
            num_packed_bytes(*size).to_bytes(8, "little") + genome_head(genome_id, *size)
            for genome_id, *size in zip(self.ids.tolist(), *sizes.tolist(), strict=True)
        ]
        head = np.frombuffer(b"".join(heads), np.uint8).reshape(len(self), -1)
        lengths = 8 + num_packed_bytes(*sizes)
        ends = np.concatenate([[0], np.cumsum(lengths)])
        marks, first = self.table.marks.connections.rows, 0
        while first < len(self):
            last = int(np.searchsorted(ends, ends[first] + _CHUNK, "right")) - 1
            last = max(last, first + 1)
            out = np.empty(ends[last] - ends[first], np.uint8)
            pack(self.genes, marks, head, first, last, out)
            yield out.data
            first = last

    def fingerprints(self) -> list[int]:
        """Return a number per genome: the same for the same genes, and seldom for others."""
        out = np.empty(len(self), np.uint64)
        fingerprints(self.genes, out)
        return out.tolist()

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
