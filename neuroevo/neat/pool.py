"""The gene pool: the genomes of a run that one innovation table knows.

A population lives in one pool per generation. Genomes are views of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TypeGuard

import numpy as np
import numpy.typing as npt

from neuroevo.neat.gene_block import GeneBlock, block_that_holds, genes_of, joined
from neuroevo.neat.genome import Genome, Holder, genome_heads, num_packed_bytes
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.kernels.arrays import Genes, Scratch
from neuroevo.neat.kernels.packing import fingerprints, pack

Integers = npt.NDArray[np.int64]

_CHUNK = 1 << 20
"""About so many bytes are packed at a time, so that a large population is never there twice."""


class GenePool(GeneBlock):
    """Genes of many genomes; nobody writes to them once the pool is made.

    Attributes:
        table: what the slots are rows of.
    """

    __slots__ = ("table",)

    def __init__(self, ids: Integers, genes: Genes, table: InnovationTable) -> None:
        """Take the arrays; they may be longer than what is used."""
        super().__init__(ids, genes)
        self.table = table

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
        return home, [genome.place for genome in genomes]

    @property
    def rows(self) -> Integers:
        """What the slots lead to, and room for more; the table may have got more since."""
        return self.table.marks.connections.rows

    def largest(self) -> tuple[int, int]:
        """Return the most nodes, and the most connections, that a genome has; 0, 0 without any."""
        offsets = self.genes.offsets
        sizes = offsets[:, 1:] - offsets[:, :-1]
        nodes, connections = np.maximum.reduce(sizes, axis=1, initial=0).tolist()
        return nodes, connections

    def packed(self) -> Iterator[memoryview]:
        """Yield the bytes of all genomes, some genomes at a time.

        Each is the length of its bytes (8 bytes, little-endian), then :func:`genome_to_bytes`.
        """
        if not len(self):
            return
        heads, ends = genome_heads(self.ids, *np.diff(self.genes.offsets)), self.packed_ends()
        marks, first = self.table.marks.connections.rows, 0
        while first < len(self):
            last = int(np.searchsorted(ends, ends[first] + _CHUNK, "right")) - 1
            last = max(last, first + 1)
            out = np.empty(ends[last] - ends[first], np.uint8)
            pack(self.genes, marks, heads, first, last, out)
            yield out.data
            first = last

    def packed_ends(self) -> Integers:
        """Return where each genome begins in all bytes of :meth:`packed`, and where they end.

        Returns:
            (num_genomes + 1,) int64.
        """
        empty = num_packed_bytes(0, 0)
        ends: Integers = num_packed_bytes(*self.genes.offsets) - empty
        ends += (8 + empty) * np.arange(len(self) + 1)
        return ends

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
