"""Genes as bytes, and as one number each: a whole generation in one call."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from neuroevo.compiling import ZERO, entry, inner
from neuroevo.neat.kernels.arrays import (
    CONNECTIONS,
    FIRST,
    NODES,
    SECOND,
    VALUE,
    Codes,
    Genes,
    Integers,
    Links,
)
from neuroevo.neat.kernels.links import flag_in, row_in

Words = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

_LOW_BYTE = np.uint64(0xFF)
_EIGHT, _HALF = np.uint64(8), np.uint64(32)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # 2 ** 64 by the golden ratio, as in splitmix64
_SHIFT = np.uint64(29)


@inner
def _put(word: np.uint64, at: int, out: Codes) -> int:
    """Write eight bytes, the lowest first; return the place after them."""
    rest = word
    for _ in range(8):
        out[np.uint64(at)] = rest & _LOW_BYTE
        rest >>= _EIGHT
        at += 1
    return at


@entry
def pack(
    genes: Genes, marks: Integers, ids: Integers, head: Codes, id_place: int, sizes_place: int,
    first: int, last: int, out: Codes,
) -> None:  # fmt: skip
    """Write genomes one after the other, each behind the length of its bytes.

    Args:
        genes: the arrays.
        marks: (3, r) int64, rows of the innovation table.
        ids: (n,) int64, of all genomes.
        head: (h,) uint8, what each begins with, but for the next two.
        id_place: where its id begins there.
        sizes_place: where its numbers of nodes and of connections begin, four bytes each.
        first: place of the first genome.
        last: place after the last one.
        out: written; as long as all of it.
    """
    floats, weights = genes.node_floats.view(np.uint64), genes.weight.view(np.uint64)
    columns = (VALUE, FIRST, SECOND)
    at = ZERO
    for place in range(first, last):
        start, stop = genes.offsets[NODES, place], genes.offsets[NODES, place + 1]
        begin, end = genes.offsets[CONNECTIONS, place], genes.offsets[CONNECTIONS, place + 1]
        front = at + 8  # behind the length, which is known at the end
        for i in range(len(head)):
            out[front + i] = head[i]
        _put(np.uint64(ids[place]), front + id_place, out)
        sizes = np.uint64(stop - start) | np.uint64(end - begin) << _HALF
        _put(sizes, front + sizes_place, out)
        at = front + len(head)
        for i in range(start, stop):
            at = _put(np.uint64(genes.node_ids[i]), at, out)
        for kind in range(3):
            for i in range(start, stop):
                at = _put(floats[kind, i], at, out)
        for kind in range(2):
            for i in range(start, stop):
                out[at] = genes.node_codes[kind, i]
                at += 1
        for column in columns:
            for i in range(begin, end):
                at = _put(np.uint64(marks[column, row_in(genes.link[i])]), at, out)
        for i in range(begin, end):
            at = _put(weights[i], at, out)
        for i in range(begin, end):
            out[at] = flag_in(genes.link[i])
            at += 1
        _put(np.uint64(at - front), front - 8, out)


@entry
def look_up(marks: Integers, links: Links, out: Integers, enabled: Flags) -> None:
    """Write what connections are, from the innovation table and their links.

    Args:
        marks: (3, r) int64, rows of the table.
        links: (n,) uint32.
        out: (3, n) int64, written: their columns.
        enabled: (n,) bool, written.
    """
    for i in range(np.uint64(len(links))):
        row = row_in(links[i])
        for column in range(3):
            out[column, i] = marks[column, row]
        enabled[i] = flag_in(links[i]) != 0


@entry
def find_firsts(
    genes: Genes, mask: np.uint64, cells: Integers, marks: Words, firsts: Integers
) -> None:
    """Write, by place, that of the first genome with bit-identical genes.

    Args:
        genes: the arrays.
        mask: bits of a genome's mark that count; genomes of the same mark are compared.
        cells: (m,) int64, -1, a power of two, at least twice as many as genomes; changed.
        marks: (n,) uint64, room.
        firsts: (n,) int64, written.
    """
    # As words, so that -0.0 is not 0.0.
    floats, weights = genes.node_floats.view(np.uint64), genes.weight.view(np.uint64)
    last = np.uint64(len(cells) - 1)
    for place in range(len(firsts)):
        mark = _mark(genes, floats, weights, place) & mask
        marks[place], firsts[place] = mark, place
        cell = mark & last
        while cells[cell] >= 0:
            other = cells[cell]
            if marks[other] == mark and _are_same(genes, floats, weights, other, place):
                firsts[place] = other
                break
            cell = (cell + np.uint64(1)) & last
        if firsts[place] == place:
            cells[cell] = place


@inner
def _mark(genes: Genes, floats: Words, weights: Words, place: int) -> np.uint64:
    """Return a number that is the same for the same genes, and seldom for others."""
    start, stop = genes.offsets[NODES, place], genes.offsets[NODES, place + 1]
    mark = np.uint64(stop - start)
    for i in range(start, stop):
        mark = _mixed(mark, np.uint64(genes.node_ids[i]))
        for kind in range(3):
            mark = _mixed(mark, floats[kind, i])
        for kind in range(2):
            mark = _mixed(mark, np.uint64(genes.node_codes[kind, i]))
    start, stop = genes.offsets[CONNECTIONS, place], genes.offsets[CONNECTIONS, place + 1]
    for i in range(start, stop):
        mark = _mixed(mark, weights[i] + np.uint64(genes.link[i]) * _FACTOR)
    return mark


@inner
def _are_same(genes: Genes, floats: Words, weights: Words, first: int, second: int) -> bool:
    """Tell whether two genomes have bit-identical genes."""
    here, there = genes.offsets[NODES, first], genes.offsets[NODES, second]
    count = genes.offsets[NODES, first + 1] - here
    if genes.offsets[NODES, second + 1] - there != count:
        return False
    for i in range(count):
        if genes.node_ids[here + i] != genes.node_ids[there + i]:
            return False
        for kind in range(3):
            if floats[kind, here + i] != floats[kind, there + i]:
                return False
        for kind in range(2):
            if genes.node_codes[kind, here + i] != genes.node_codes[kind, there + i]:
                return False
    here, there = genes.offsets[CONNECTIONS, first], genes.offsets[CONNECTIONS, second]
    count = genes.offsets[CONNECTIONS, first + 1] - here
    if genes.offsets[CONNECTIONS, second + 1] - there != count:
        return False
    for i in range(count):
        if genes.link[here + i] != genes.link[there + i]:
            return False
        if weights[here + i] != weights[there + i]:
            return False
    return True


@inner
def _mixed(mark: np.uint64, word: np.uint64) -> np.uint64:
    mark = (mark ^ word) * _FACTOR
    return mark ^ (mark >> _SHIFT)
