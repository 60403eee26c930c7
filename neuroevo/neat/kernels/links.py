"""A connection in four bytes: where it stands in the innovation table, and whether it is enabled.

A link is twice the row, plus 1 if the connection is enabled. So links ascend as rows do, and a row
may be as large as 2 ** 31 - 1.
"""

from __future__ import annotations

import numpy as np

from neuroevo.compiling import inner
from neuroevo.neat.kernels.arrays import Links

_ONE = np.uint64(1)
_ROW = np.uint64(0xFFFFFFFE)


@inner
def row_in(link: np.uint32) -> np.uint64:
    """Return the row of the innovation table."""
    return np.uint64(link) >> _ONE


@inner
def flag_in(link: np.uint32) -> np.uint64:
    """Return 1 if the connection is enabled, else 0."""
    return np.uint64(link) & _ONE


@inner
def put_link(links: Links, place: int, row: int, is_enabled: bool) -> None:
    """Write a link."""
    links[place] = (np.uint64(row) << _ONE) | np.uint64(is_enabled)


@inner
def put_flag(links: Links, place: int, is_enabled: bool) -> None:
    """Enable a connection or disable it."""
    links[place] = (np.uint64(links[place]) & _ROW) | np.uint64(is_enabled)


@inner
def place_of_row(links: Links, first: int, count: int, row: int) -> int:
    """Return where a row is in ``links[first : first + count]``, counted from 0, or -1."""
    wanted = np.uint64(row)
    low, high = first, first + count
    while low < high:
        middle = (low + high) // 2
        if row_in(links[middle]) < wanted:
            low = middle + 1
        else:
            high = middle
    return low - first if low < first + count and row_in(links[low]) == wanted else -1
