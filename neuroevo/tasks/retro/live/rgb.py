"""From 16 bits per pixel to red, green and blue, a byte each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

_ONE, _TWO, _THREE = np.uint64(1), np.uint64(2), np.uint64(3)


@njit(cache=True)
def expand(lines: npt.NDArray[np.uint16], out: npt.NDArray[np.uint8]) -> None:
    """Write the colours of a picture; the lowest bits of each are 0, as stable-retro leaves them.

    Args:
        lines: (height, at least width) uint16, RGB565.
        out: (height, width, 3) uint8.
    """
    width = np.uint64(out.shape[1])
    for y in range(out.shape[0]):
        words, colours = lines[y], out[y].reshape(-1)
        for x in range(width):
            word, at = words[x], _THREE * x
            colours[at] = word >> 11 << 3
            colours[at + _ONE] = (word >> 5 & 63) << 2
            colours[at + _TWO] = (word & 31) << 3
