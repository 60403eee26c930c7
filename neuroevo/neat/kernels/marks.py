"""The innovation table's loops: find a pair, or give it the next number."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from neuroevo.compiling import ZERO, entry, inner
from neuroevo.neat.kernels.arrays import (
    FIRST,
    NEXT_INNOVATION,
    NEXT_NODE,
    NUM_ROWS,
    NUM_SPLITS,
    SECOND,
    VALUE,
    Integers,
    Marks,
    PairTable,
)


@inner
def _cell(table: PairTable, first: int, second: int) -> int:
    """Return the cell that holds the pair, or the free one where it belongs."""
    mask = len(table.cells) - 1
    # Low bits alone, so that no product overflows.
    mixed = ((first & 0xFFFFFF) * 73856093) ^ ((second & 0xFFFFFF) * 19349663)
    cell = (mixed ^ (mixed >> 15)) & mask
    while table.cells[cell] >= 0:
        row = table.cells[cell]
        if table.rows[FIRST, row] == first and table.rows[SECOND, row] == second:
            break
        cell = (cell + 1) & mask
    return cell


@inner
def row_of(table: PairTable, first: int, second: int) -> int:
    """Return the row of a pair, -1 if it has none."""
    row: int = table.cells[_cell(table, first, second)]
    return row


@entry
def enter(table: PairTable, num_rows: int) -> None:
    """Make the first ``num_rows`` rows known to an empty table."""
    for row in range(num_rows):
        table.cells[_cell(table, table.rows[FIRST, row], table.rows[SECOND, row])] = row


@inner
def _append(table: PairTable, cell: int, row: int, first: int, second: int, value: int) -> None:
    table.rows[FIRST, row] = first
    table.rows[SECOND, row] = second
    table.rows[VALUE, row] = value
    table.cells[cell] = row


@inner
def connection_row(marks: Marks, source: int, target: int) -> int:
    """Return the row of a connection, a new one if need be; there must be room."""
    cell = _cell(marks.connections, source, target)
    row: int = marks.connections.cells[cell]
    if row < 0:
        row = marks.counters[NUM_ROWS]
        _append(marks.connections, cell, row, source, target, marks.counters[NEXT_INNOVATION])
        marks.counters[NUM_ROWS] += 1
        marks.counters[NEXT_INNOVATION] += 1
    return row


@entry
def connection_rows(marks: Marks, pairs: Integers, out: Integers) -> None:
    """Write the rows of many connections.

    Args:
        marks: with room for all of them.
        pairs: (n, 2) int64, source id, target id.
        out: (n,) int64, written.
    """
    for i in range(len(pairs)):
        out[i] = connection_row(marks, pairs[i, 0], pairs[i, 1])


@inner
def place_of(ascending: npt.NDArray[Any], first: int, count: int, value: int) -> int:
    """Return where ``value`` is in ``ascending[first : first + count]``, counted from 0, or -1."""
    low, high = first, first + count
    while low < high:
        middle = (low + high) // 2
        if ascending[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low - first if low < first + count and ascending[low] == value else -1


@inner
def split_node(marks: Marks, innovation: int, ids: Integers, first: int, count: int) -> int:
    """Return the node id of splitting a connection; there must be room for one more.

    Args:
        marks: asked again for the same split, it gives the same id.
        innovation: number of the connection.
        ids: int64, ``ids[first : first + count]`` ascend: the genome's nodes. The first id of this
            connection that is not among them is taken.
        first: see ``ids``.
        count: see ``ids``.
    """
    rank = ZERO
    while True:
        cell = _cell(marks.splits, innovation, rank)
        row = marks.splits.cells[cell]
        if row < 0:
            break
        known: int = marks.splits.rows[VALUE, row]
        if place_of(ids, first, count, known) < 0:
            return known
        rank += 1
    node_id: int = marks.counters[NEXT_NODE]
    _append(marks.splits, cell, marks.counters[NUM_SPLITS], innovation, rank, node_id)
    marks.counters[NUM_SPLITS] += 1
    marks.counters[NEXT_NODE] += 1
    return node_id
