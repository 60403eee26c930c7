"""The gene pool: the genomes of a run that one innovation table knows.

A population lives in one pool per generation. Genomes are views of it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TypeGuard

import numpy as np
import numpy.typing as npt

from neuroevo.neat.gene_block import GeneBlock, block_that_holds, genes_of, joined
from neuroevo.neat.genome import (
    ID_PLACE,
    SIZES_PLACE,
    Genome,
    Holder,
    PoolGenomes,
    genome_head,
    num_packed_bytes,
)
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.kernels.arrays import Genes, Scratch
from neuroevo.neat.kernels.packing import find_firsts, pack

Integers = npt.NDArray[np.int64]

_ALL_BITS = (1 << 64) - 1

_CHUNK = 1 << 20
"""About so many bytes are packed at a time, so that a large population is never there twice."""

_HEAD = np.frombuffer(genome_head(0, 0, 0), np.uint8)


class GenePool(GeneBlock):
    """Genes of many genomes; nobody writes to them once the pool is made.

    Attributes:
        table: what the slots are rows of.
    """

    __slots__ = ("_largest", "table")

    def __init__(
        self,
        ids: Integers,
        genes: Genes,
        table: InnovationTable,
        largest: tuple[int, int] | None = None,
    ) -> None:
        """Take the arrays; they may be longer than what is used.

        Args:
            ids: of the genomes.
            genes: theirs.
            table: what the slots are rows of.
            largest: what :meth:`largest` returns; None if nobody knows yet.
        """
        super().__init__(ids, genes)
        self.table = table
        self._largest = largest

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
        ids = np.array([genome.id for genome in genomes], dtype=np.int64)
        return cls(ids, joined(genomes, _stretches(genomes, table)), table)

    @classmethod
    def holding(
        cls, genomes: Sequence[Genome], table: InnovationTable | None = None
    ) -> tuple[GenePool, Sequence[int]] | None:
        """Return the pool that all genomes are of and their places, or None if there is no such.

        Args:
            genomes: any.
            table: the pool must be of this run; None for any.
        """
        home = block_that_holds(genomes)
        if not isinstance(home, GenePool) or (table is not None and home.table is not table):
            return None
        if isinstance(genomes, PoolGenomes):
            return home, genomes.places.tolist()
        return home, [genome.place for genome in genomes]

    @classmethod
    def of_all(cls, genomes: Sequence[Genome]) -> GenePool | None:
        """Return the pool whose genomes these are, all of them and by place, or None."""
        if not isinstance(genomes, PoolGenomes) or not genomes.is_whole:
            return None
        return genomes.pool if isinstance(genomes.pool, GenePool) else None

    @property
    def rows(self) -> Integers:
        """What the slots lead to, and room for more; the table may have got more since."""
        return self.table.marks.connections.rows

    def largest(self) -> tuple[int, int]:
        """Return the most nodes, and the most connections, that a genome has; 0, 0 without any."""
        if self._largest is None:
            sizes = np.diff(self.genes.offsets)
            nodes, connections = np.maximum.reduce(sizes, axis=1, initial=0).tolist()
            self._largest = nodes, connections
        return self._largest

    def packed(self) -> Iterator[memoryview]:
        """Yield the bytes of all genomes, some genomes at a time.

        Each is the length of its bytes (8 bytes, little-endian), then :func:`genome_to_bytes`.
        """
        marks, first = self.table.marks.connections.rows, 0
        end = self.packed_start(len(self))
        while first < len(self):
            begin, last = self.packed_start(first), len(self)
            if end - begin > _CHUNK:
                after = range(first + 1, len(self) + 1)
                last = first + max(bisect_right(after, begin + _CHUNK, key=self.packed_start), 1)
            out = np.empty(self.packed_start(last) - begin, np.uint8)
            pack(self.genes, marks, self.ids, _HEAD, ID_PLACE, SIZES_PLACE, first, last, out)
            yield out.data
            first = last

    def packed_start(self, place: int) -> int:
        """Return where a genome begins in all bytes of :meth:`packed`, or where they end."""
        nodes, connections = self.bounds()
        empty = num_packed_bytes(0, 0)
        return num_packed_bytes(nodes[place], connections[place]) - empty + (8 + empty) * place

    def firsts(self, mask: int = _ALL_BITS) -> Integers:
        """Return, by place, that of the first genome with bit-identical genes, (n,) int64.

        Args:
            mask: which bits of a genome's mark are looked at before its genes are.
        """
        count = len(self)
        cells = np.full(1 << (2 * count).bit_length(), -1, np.int64)
        firsts = np.empty(count, np.int64)
        find_firsts(self.genes, np.uint64(mask), cells, np.empty(count, np.uint64), firsts)
        return firsts

    def detached(self, place: int) -> Genome:
        """Return a genome that does not keep the pool alive."""
        genes = self.genes
        (first, last), (begin, end) = genes.offsets[:, place : place + 2].tolist()
        own = Genes(
            np.array([[0, last - first], [0, end - begin]]),
            genes.node_ids[first:last].copy(), genes.node_floats[:, first:last].copy(),
            genes.node_codes[:, first:last].copy(), genes.link[begin:end].copy(),
            genes.weight[begin:end].copy(),
        )  # fmt: skip
        genome_id = int(self.ids[place])
        return Genome.of_pool(genome_id, GenePool(np.array([genome_id]), own, self.table), 0)


def _stretches(
    genomes: Sequence[Genome], table: InnovationTable
) -> Iterator[tuple[Genes, int, int]]:
    """Yield the genes of genomes that lie side by side in one pool of the table: (genes, place of
    the first genome, how many).

    A genome that lies elsewhere is a stretch of its own.
    """

    def neighbours(numbered: tuple[int, Genome]) -> tuple[int, int]:
        index, genome = numbered
        is_here = _is_in(genome.pool, table)
        return (id(genome.pool), genome.place - index) if is_here else (0, index)

    for _, stretch in groupby(enumerate(genomes), neighbours):
        (_, first), *others = stretch
        if _is_in(first.pool, table):
            yield first.pool.genes, first.place, 1 + len(others)
        else:
            yield genes_of(first, table.slots_of(first)), 0, 1


def _is_in(home: Holder | None, table: InnovationTable) -> TypeGuard[GenePool]:
    return isinstance(home, GenePool) and home.table is table


def scratch_for(num_genes: int, table: InnovationTable) -> Scratch:
    """Return room to make genomes of so many genes of a kind, and some more."""
    size = num_genes + 8
    return Scratch(
        np.empty(size, np.uint32),
        np.empty(size, np.uint32),
        np.zeros(table.num_rows + 1, np.uint32),
    )
