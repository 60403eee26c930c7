"""The slow twin of pictures in colour, of stacks and of differences: from their definitions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from naive.grey import overlaps


def shrink_colours(
    screen: npt.NDArray[np.uint8], crop: tuple[int, int, int, int], num_rows: int, num_columns: int
) -> list[float]:
    """Return red, then green, then blue, each (num_rows * num_columns) floats from 0 to 1."""
    left, top, width, height = crop
    picture = []
    for colour in range(3):
        for row in range(num_rows):
            for column in range(num_columns):
                total, area = Fraction(0), Fraction(0)
                for y, y_share in overlaps(row, num_rows, height):
                    for x, x_share in overlaps(column, num_columns, width):
                        total += y_share * x_share * int(screen[top + y, left + x, colour])
                        area += y_share * x_share
                picture.append(float(total / area / 255))
    return picture


def stacked(pictures: Sequence[Sequence[float]], size: int, *, difference: bool) -> list[float]:
    """Return what is seen of a history of pictures, the newest last: the stack, the difference."""
    filled = [pictures[0]] * size + list(pictures)
    seen = [value for picture in filled[-size:] for value in picture]
    if difference:
        before = pictures[-2] if len(pictures) > 1 else pictures[0]
        seen += [new - old for new, old in zip(pictures[-1], before, strict=True)]
    return seen
