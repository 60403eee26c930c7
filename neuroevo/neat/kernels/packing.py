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
_EIGHT = np.uint64(8)
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
    genes: Genes, marks: Integers, heads: Codes, first: int, last: int, out: Codes
) -> None:  # fmt: skip
    """Write genomes one after the other, each a head and then its arrays.

    Args:
        genes: the arrays.
        marks: (3, r) int64, rows of the innovation table.
        heads: (n, h) uint8, what comes before the arrays of each genome of the pool.
        first: place of the first genome.
        last: place after the last one.
        out: written; as long as all of it.
    """
    floats, weights = genes.node_floats.view(np.uint64), genes.weight.view(np.uint64)
    columns = (VALUE, FIRST, SECOND)
    at = ZERO
    for place in range(first, last):
        for value in heads[place]:
            out[at] = value
            at += 1
        start, stop = genes.offsets[NODES, place], genes.offsets[NODES, place + 1]
        for i in range(start, stop):
            at = _put(np.uint64(genes.node_ids[i]), at, out)
        for kind in range(3):
            for i in range(start, stop):
                at = _put(floats[kind, i], at, out)
        for kind in range(2):
            for i in range(start, stop):
                out[at] = genes.node_codes[kind, i]
                at += 1
        start, stop = genes.offsets[CONNECTIONS, place], genes.offsets[CONNECTIONS, place + 1]
        for column in columns:
            for i in range(start, stop):
                at = _put(np.uint64(marks[column, row_in(genes.link[i])]), at, out)
        for i in range(start, stop):
            at = _put(weights[i], at, out)
        for i in range(start, stop):
            out[at] = flag_in(genes.link[i])
            at += 1


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
def fingerprints(genes: Genes, out: Words) -> None:
    """Write a number for each genome that is the same for the same genes, and seldom for others.

    Args:
        genes: the arrays.
        out: (num_genomes,) uint64, written.
    """
    floats, weights = genes.node_floats.view(np.uint64), genes.weight.view(np.uint64)
    for place in range(len(out)):
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
        out[place] = mark


@inner
def _mixed(mark: np.uint64, word: np.uint64) -> np.uint64:
    mark = (mark ^ word) * _FACTOR
    return mark ^ (mark >> _SHIFT)
