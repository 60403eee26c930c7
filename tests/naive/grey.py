"""The slow twin of the grey observation: exact fractions, straight from the definition.

An output pixel is the mean of the grey of its rectangle of the source, parts of pixels counting
by their area. Grey is 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), black 0 and white 1.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt


def shrink_grey(
    screen: npt.NDArray[np.uint8], crop: tuple[int, int, int, int], num_rows: int, num_columns: int
) -> list[float]:
    """Return (num_rows * num_columns) floats, row by row; crop is (x, y, width, height)."""
    left, top, width, height = crop
    picture = []
    for row in range(num_rows):
        for column in range(num_columns):
            total = Fraction(0)
            for y, y_share in overlaps(row, num_rows, height):
                for x, x_share in overlaps(column, num_columns, width):
                    total += y_share * x_share * grey(screen[top + y, left + x])
            picture.append(
                float(total / (Fraction(height, num_rows) * Fraction(width, num_columns)))
            )
    return picture


def overlaps(index: int, count: int, pixels: int) -> list[tuple[int, Fraction]]:
    """Return the source pixels that an output pixel covers, each with its covered share."""
    start, stop = Fraction(index * pixels, count), Fraction((index + 1) * pixels, count)
    shares = []
    for pixel in range(pixels):
        share = min(stop, Fraction(pixel + 1)) - max(start, Fraction(pixel))
        if share > 0:
            shares.append((pixel, share))
    return shares


def grey(pixel: npt.NDArray[np.uint8]) -> Fraction:
    """Return the grey of one pixel, 0 to 1."""
    red, green, blue = (int(channel) for channel in pixel)
    thousandths = 299 * red + 587 * green + 114 * blue
    return Fraction(thousandths, 1000 * 255)
