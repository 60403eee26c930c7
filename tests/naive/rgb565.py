"""The slow twin of what a core's picture is: colours pixel by pixel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from neuroevo.tasks.retro.live.picture import Words


def colours(picture: Words) -> npt.NDArray[np.uint8]:
    """Return (height, width, 3) uint8 RGB: 5, 6 and 5 bits as the upper ones of a byte each."""
    lines, width = picture
    out = np.zeros((len(lines), width, 3), np.uint8)
    for y in range(len(lines)):
        for x in range(width):
            bits = f"{int(lines[y, x]):016b}"
            red, green, blue = bits[:5], bits[5:11], bits[11:]
            out[y, x] = [int(each.ljust(8, "0"), 2) for each in (red, green, blue)]
    return out
