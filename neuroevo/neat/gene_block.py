"""The genes of many genomes in one block of memory, which other processes may see, too.

Owns where each array lies in the block, and how a genome is read from it. 12 bytes per connection:
source, target and innovation number stand in a table of rows that all genomes share.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from neuroevo.neat.genome import ENABLED, Genome, PoolGenomes, links_of, pool_of
from neuroevo.neat.kernels.arrays import CONNECTIONS, FIRST, NODES, SECOND, VALUE, Genes, Slots
from neuroevo.neat.kernels.packing import look_up

Integers = npt.NDArray[np.int64]
Shapes = Mapping[str, tuple[np.dtype[Any], tuple[int, ...]]]

_ALIGNMENT = 64
_LARGE = 1 << 14
"""Genes whose block is of a size that the system takes back."""

_INT64, _FLOAT64, _UINT8, _UINT32 = map(np.dtype, (np.int64, np.float64, np.uint8, np.uint32))


class BlockSize(NamedTuple):
    """How much a block holds: genomes, their genes, and rows of the table."""

    num_genomes: int
    num_nodes: int
    num_connections: int
    num_rows: int


class GeneBlock:
    """Genes of many genomes; nobody writes to them once the block is made.

    Attributes:
        ids: (num_genomes,) int64, of the genomes.
        genes: the arrays.
    """

    __slots__ = ("_bounds", "_rows", "_views", "genes", "ids")

    def __init__(self, ids: Integers, genes: Genes, rows: Integers | None = None) -> None:
        """Take the arrays; they may be longer than what is used.

        Args:
            ids: see above.
            genes: see above.
            rows: see :attr:`rows`; None where a child class knows them.
        """
        self.ids, self.genes = ids, genes
        self._rows = rows
        # Made when they are first asked for, after the genes are written.
        self._views: tuple[Genes, Integers] | None = None
        self._bounds: list[list[int]] = []

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def rows(self) -> Integers:
        """What the slots lead to, (3, num_rows) int64: sources, targets, innovation numbers."""
        assert self._rows is not None
        return self._rows

    def size(self) -> BlockSize:
        """Return what is used."""
        num_nodes, num_connections = self.genes.offsets[:, -1].tolist()
        return BlockSize(len(self), num_nodes, num_connections, self.rows.shape[1])

    def arrays(self, place: int) -> tuple[npt.NDArray[Any], ...]:
        """Return all arrays of the genome at a place, read-only; see :meth:`Genome.arrays`."""
        views, rows = self._views or self._make_views()
        nodes, connections = self._bounds
        own = slice(nodes[place], nodes[place + 1])
        begin, end = connections[place], connections[place + 1]
        (bias, response, time_constant), (activation, aggregation) = (
            views.node_floats[:, own], views.node_codes[:, own],
        )  # fmt: skip
        marks, enabled = np.empty((3, end - begin), np.int64), np.empty(end - begin, np.bool_)
        look_up(rows, views.link[begin:end], marks, enabled)
        marks.setflags(write=False)
        enabled.setflags(write=False)
        source, target, innovation = marks
        return (
            views.node_ids[own], bias, response, time_constant, activation, aggregation,
            innovation, source, target, views.weight[begin:end], enabled,
        )  # fmt: skip

    def layout(self, place: int) -> tuple[Any, ...]:
        """Return where the genes at a place lie; see :meth:`Genome.layout`."""
        views, rows = self._views or self._make_views()
        nodes, connections = self._bounds
        return (
            views.node_ids, views.node_floats, views.node_codes, views.link, views.weight, rows,
            nodes[place], nodes[place + 1], connections[place], connections[place + 1],
        )  # fmt: skip

    def layouts(self) -> tuple[Any, ...]:
        """Return where the genes of all genomes lie; see :meth:`Holder.layouts`."""
        views, rows = self._views or self._make_views()
        offsets, *arrays = views
        return (*arrays, rows, offsets)

    def sizes(self, place: int) -> tuple[int, int]:
        """Return the numbers of node genes and of connection genes of the genome at a place."""
        nodes, connections = self.bounds()
        return nodes[place + 1] - nodes[place], connections[place + 1] - connections[place]

    def num_enabled(self, place: int) -> int:
        """Return the number of enabled connection genes of the genome at a place."""
        begin, end = self.bounds()[CONNECTIONS][place : place + 2]
        return int(np.count_nonzero(self.genes.link[begin:end] & ENABLED))

    def bounds(self) -> list[list[int]]:
        """Return where the nodes of each genome begin, and its connections; and where all end."""
        if not self._bounds:
            self._bounds = self.genes.offsets.tolist()
        return self._bounds

    def genomes(self) -> PoolGenomes:
        """Return all genomes, as views."""
        return PoolGenomes(self)

    def _make_views(self) -> tuple[Genes, Integers]:
        """Return genes and rows for reading alone; kernels are compiled for no other kind."""
        self.bounds()
        views: list[Any] = [array.view() for array in (*self.genes, self.rows)]
        for array in views:
            array.setflags(write=False)
        *genes, rows = views
        self._views = Genes(*genes), rows
        return self._views


def empty_genes(num_genomes: int, num_nodes: int, num_connections: int) -> Genes:
    """Return arrays with room for so many, not yet written.

    Large ones in one block of memory, since that goes back to the system as soon as its generation
    is gone, and what is never written takes no memory. Small ones are sooner made one by one.
    """
    shapes = _gene_shapes(num_genomes, num_nodes, num_connections)
    if num_nodes + num_connections < _LARGE:
        genes = Genes(*[np.empty(shape, dtype) for dtype, shape in shapes.values()])
    else:
        starts = _starts(shapes)
        genes = Genes(**_laid_out(shapes, starts, np.empty(starts[-1], dtype=np.uint8)))
    genes.offsets[:, 0] = 0
    return genes


def joined(genomes: Sequence[Genome], stretches: Iterable[tuple[Genes, int, int]]) -> Genes:
    """Return the genes of genomes one after the other.

    Args:
        genomes: any.
        stretches: where their genes are: (genes, place of the first genome, how many genomes).
    """
    sizes = np.array([(g.num_nodes, g.num_connections) for g in genomes], np.int64).reshape(-1, 2)
    genes = empty_genes(len(genomes), *sizes.sum(axis=0).tolist())
    genes.offsets[:, 1:] = np.cumsum(sizes, axis=0).T
    place = 0
    for own, start, count in stretches:
        _copy(own, start, genes, place, count)
        place += count
    return genes


def genes_of(genome: Genome, slots: Slots) -> Genes:
    """Return the genes of one genome.

    Args:
        genome: any.
        slots: (num_connections,) uint32, where its connections stand in a table.
    """
    node_ids, *floats, activation, aggregation, _, _, _, weight, enabled = genome.arrays()
    offsets = np.array([[0, genome.num_nodes], [0, genome.num_connections]])
    codes = np.stack([activation, aggregation])
    return Genes(offsets, node_ids, np.stack(floats), codes, links_of(slots, enabled), weight)


def _copy(own: Genes, start: int, out: Genes, place: int, count: int) -> None:
    """Copy so many genomes from one place to another that has room; its offsets are there."""
    for kind, names in (
        (NODES, ("node_ids", "node_floats", "node_codes")),
        (CONNECTIONS, ("link", "weight")),
    ):
        here = slice(*own.offsets[kind, [start, start + count]].tolist())
        there = slice(*out.offsets[kind, [place, place + count]].tolist())
        for name in names:
            getattr(out, name)[..., there] = getattr(own, name)[..., here]


def block_that_holds(genomes: Sequence[Genome]) -> GeneBlock | None:
    """Return the block that all genomes are of, or None if there is no such."""
    home = pool_of(genomes)
    return home if isinstance(home, GeneBlock) else None


def block_of(genomes: Sequence[Genome]) -> GeneBlock:
    """Collect genomes that need not be of one run: every connection has a row of its own."""
    ids = np.array([genome.id for genome in genomes], dtype=np.int64)
    rows = np.empty((3, sum(genome.num_connections for genome in genomes)), np.int64)
    stretches, begin = [], 0
    for genome in genomes:
        *_, innovation, source, target, _, _ = genome.arrays()
        slots = np.arange(begin, begin + len(innovation), dtype=np.uint32)
        stretches.append((genes_of(genome, slots), 0, 1))
        for kind, values in ((FIRST, source), (SECOND, target), (VALUE, innovation)):
            rows[kind, begin : begin + len(values)] = values
        begin += len(innovation)
    return GeneBlock(ids, joined(genomes, stretches), rows)


def num_block_bytes(size: BlockSize) -> int:
    """Return the bytes that :func:`write_block` writes."""
    return _starts(_block_shapes(size))[-1]


def write_block(block: GeneBlock, memory: Any) -> None:
    """Copy a block, what is used of it, to the beginning of writeable memory."""
    shapes = _block_shapes(block.size())
    there = _laid_out(shapes, _starts(shapes), memory)
    there["ids"][:], there["rows"][:] = block.ids, block.rows
    for name, array in block.genes._asdict().items():
        there[name][:] = array[..., : there[name].shape[-1]]


def read_block(size: BlockSize, memory: Any) -> GeneBlock:
    """Return the block that lies at the beginning of memory; nothing is copied."""
    shapes = _block_shapes(size)
    arrays = _laid_out(shapes, _starts(shapes), memory)
    ids, rows = arrays.pop("ids"), arrays.pop("rows")
    return GeneBlock(ids, Genes(**arrays), rows)


def _block_shapes(size: BlockSize) -> Shapes:
    *genes, num_rows = size
    own = {"ids": (_INT64, (size.num_genomes,)), "rows": (_INT64, (3, num_rows))}
    return {**own, **_gene_shapes(*genes)}


def _gene_shapes(num_genomes: int, num_nodes: int, num_connections: int) -> Shapes:
    return {
        "offsets": (_INT64, (2, num_genomes + 1)),
        "node_ids": (_INT64, (num_nodes,)),
        "node_floats": (_FLOAT64, (3, num_nodes)),
        "node_codes": (_UINT8, (2, num_nodes)),
        "link": (_UINT32, (num_connections,)),
        "weight": (_FLOAT64, (num_connections,)),
    }


def _starts(shapes: Shapes) -> list[int]:
    """Return where each array begins in a block of memory, and where the last one ends."""
    starts = [0]
    end = 0
    for dtype, shape in shapes.values():
        end += -(-math.prod(shape) * dtype.itemsize // _ALIGNMENT) * _ALIGNMENT
        starts.append(end)
    return starts


def _laid_out(shapes: Shapes, starts: Sequence[int], memory: Any) -> dict[str, npt.NDArray[Any]]:
    """Return arrays that lie in memory, one after the other."""
    return {
        name: np.ndarray(shape, dtype, memory, start)
        for (name, (dtype, shape)), start in zip(shapes.items(), starts, strict=False)
    }
