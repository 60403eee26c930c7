"""The screen as a small picture, grey or coloured: exact area averaging in one compiled pass.

All sums are integers (grey = 299 R + 587 G + 114 B thousandths, ITU-R BT.601, weighted by the
overlap of areas), and each output pixel takes one division at the end. So a result is the correctly
rounded one, and does not depend on the order of summation or on the machine.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

RED, GREEN, BLUE = 299, 587, 114
FULL_SCALE = 255 * (RED + GREEN + BLUE)
MAX_BLOCK_ROWS = 257  # 257 * 255 is the largest sum of bytes that uint16 holds
_RED_SHIFT, _GREEN_SHIFT = np.uint16(11), np.uint16(5)
_GREEN_BITS, _BLUE_BITS = np.uint16(63), np.uint16(31)
_ONE, _TWO, _THREE = np.uint64(1), np.uint64(2), np.uint64(3)


@njit(cache=True)
def shrink_blocks(
    pixels: npt.NDArray[np.uint8],
    line_bytes: int,
    first_byte: int,
    block_height: int,
    block_width: int,
    num_columns: int,
    white: int,
    sums: npt.NDArray[np.uint16],
    out: npt.NDArray[np.float64],
) -> None:
    """Average whole blocks: for pictures whose size divides the screen's.

    Lines are added four at a time, which spares three of four passes over the sums; indices are
    unsigned, which spares the check for negative ones.

    Args:
        pixels: (height * width * 3,) uint8, the whole screen, RGB, row by row.
        line_bytes: bytes of a line of the screen.
        first_byte: where the crop begins.
        block_height: rows of a block, at most 257.
        block_width: columns of a block.
        num_columns: columns of the picture.
        white: sum of a white pixel that counts as 1: ``FULL_SCALE``, or less for more.
        sums: (num_columns * block_width * 3,) uint16, scratch.
        out: (num_rows * num_columns,) float64, row by row.
    """
    num_rows = out.shape[0] // num_columns
    size, line, start = np.uint64(sums.shape[0]), np.uint64(line_bytes), np.uint64(first_byte)
    area = block_height * block_width * white
    k = np.uint64(0)
    for _ in range(num_rows):
        sums[:] = 0
        for _ in range(block_height // 4):
            a, b = pixels[start : start + size], pixels[start + line : start + line + size]
            start += _TWO * line
            c, d = pixels[start : start + size], pixels[start + line : start + line + size]
            start += _TWO * line
            for i in range(size):
                above, below = np.uint16(a[i]) + np.uint16(b[i]), np.uint16(c[i]) + np.uint16(d[i])
                sums[i] += np.uint16(above) + np.uint16(below)
        for _ in range(block_height % 4):
            for i in range(size):
                sums[i] += pixels[start + i]
            start += line
        at = np.uint64(0)
        for _ in range(num_columns):
            red, green, blue = np.uint32(0), np.uint32(0), np.uint32(0)
            for _ in range(block_width):
                red += sums[at]
                green += sums[at + _ONE]
                blue += sums[at + _TWO]
                at += _THREE
            total = RED * np.int64(red) + GREEN * np.int64(green) + BLUE * np.int64(blue)
            out[k] = total / area
            k += _ONE


@njit(cache=True)
def shrink_words(
    words: npt.NDArray[np.uint16],
    line_words: int,
    first_word: int,
    block_height: int,
    block_width: int,
    num_columns: int,
    white: int,
    sums: npt.NDArray[np.uint16],
    out: npt.NDArray[np.float64],
) -> None:
    """Average whole blocks of a picture as the core made it; the result is that of its colours.

    Those are the words' bits with zeros behind them, so sums of the bits are enough.

    Args:
        words: (height * line_words,) uint16, RGB565, the whole screen row by row.
        line_words: words of a line.
        first_word: where the crop begins.
        block_height: rows of a block, at most 257.
        block_width: columns of a block.
        num_columns: columns of the picture.
        white: as for :func:`shrink_blocks`.
        sums: (3, num_columns * block_width) uint16, scratch: red, green, blue.
        out: (num_rows * num_columns,) float64, row by row.
    """
    num_rows = out.shape[0] // num_columns
    size, line, start = np.uint64(sums.shape[1]), np.uint64(line_words), np.uint64(first_word)
    reds, greens, blues = sums[0], sums[1], sums[2]
    area = block_height * block_width * white
    k = np.uint64(0)
    for _ in range(num_rows):
        sums[:] = 0
        for _ in range(block_height):
            row = words[start : start + size]
            for i in range(size):
                word = row[i]
                reds[i] += word >> _RED_SHIFT
                greens[i] += word >> _GREEN_SHIFT & _GREEN_BITS
                blues[i] += word & _BLUE_BITS
            start += line
        at = np.uint64(0)
        for _ in range(num_columns):
            red, green, blue = np.uint32(0), np.uint32(0), np.uint32(0)
            for _ in range(block_width):
                red += reds[at]
                green += greens[at]
                blue += blues[at]
                at += _ONE
            total = (
                8 * RED * np.int64(red) + 4 * GREEN * np.int64(green) + 8 * BLUE * np.int64(blue)
            )
            out[k] = total / area
            k += _ONE


@njit(cache=True)
def shrink_any(
    screen: npt.NDArray[np.uint8],
    top: int,
    left: int,
    height: int,
    width: int,
    white: int,
    line: npt.NDArray[np.int32],
    sums: npt.NDArray[np.int64],
    out: npt.NDArray[np.float64],
) -> None:
    """Average areas with fractional edges: for pictures of any size.

    A source pixel is ``num_rows`` by ``num_columns`` units large and an output pixel ``height`` by
    ``width`` units, so every overlap is a whole number.

    Args:
        screen: (screen height, screen width, 3) uint8, RGB.
        top: first row of the crop.
        left: first column of the crop.
        height: rows of the crop.
        width: columns of the crop.
        white: as for :func:`shrink_blocks`.
        line: (3 * width,) int32, scratch.
        sums: (num_columns, 3) int64, scratch.
        out: (num_rows * num_columns,) float64, row by row.
    """
    num_columns = sums.shape[0]
    num_rows = out.shape[0] // num_columns
    area = height * width * white
    for row in range(num_rows):
        _add_lines(screen, top, left, height, row, num_rows, line)
        _add_columns(line, sums)
        for column in range(num_columns):
            red, green, blue = sums[column]
            total = RED * red + GREEN * green + BLUE * blue
            out[row * num_columns + column] = total / area


@njit(cache=True)
def shrink_colours(
    screen: npt.NDArray[np.uint8],
    top: int,
    left: int,
    height: int,
    width: int,
    white: int,
    line: npt.NDArray[np.int32],
    sums: npt.NDArray[np.int64],
    out: npt.NDArray[np.float64],
) -> None:
    """Average areas of each colour, as :func:`shrink_any` does of grey.

    Args:
        screen: (screen height, screen width, 3) uint8, RGB.
        top: first row of the crop.
        left: first column of the crop.
        height: rows of the crop.
        width: columns of the crop.
        white: brightness that counts as 1: 255, or less for more.
        line: (3 * width,) int32, scratch.
        sums: (num_columns, 3) int64, scratch.
        out: (3 * num_rows * num_columns,) float64: red row by row, then green, then blue.
    """
    size = out.shape[0] // 3
    num_columns = sums.shape[0]
    num_rows = size // num_columns
    area = height * width * white
    for row in range(num_rows):
        _add_lines(screen, top, left, height, row, num_rows, line)
        _add_columns(line, sums)
        for column in range(num_columns):
            for colour in range(3):
                total = sums[column, colour]
                out[colour * size + row * num_columns + column] = total / area


@njit(cache=True)
def _add_lines(
    screen: npt.NDArray[np.uint8],
    top: int,
    left: int,
    height: int,
    row: int,
    num_rows: int,
    line: npt.NDArray[np.int32],
) -> None:
    """Set ``line`` to the lines of the screen that make one row of the picture, joined."""
    line[:] = 0
    size = line.shape[0]
    y_from, y_to = row * height, (row + 1) * height
    for y in range(y_from // num_rows, (y_to - 1) // num_rows + 1):
        overlap = np.int32(min(y_to, (y + 1) * num_rows) - max(y_from, y * num_rows))
        pixels = screen[top + y].reshape(-1)[3 * left : 3 * left + size]
        for i in range(size):
            line[i] += overlap * np.int32(pixels[i])


@njit(cache=True)
def _add_columns(line: npt.NDArray[np.int32], sums: npt.NDArray[np.int64]) -> None:
    """Set ``sums`` to the columns of a line: whole pixels, less what the edges have too much."""
    num_columns, width = sums.shape[0], line.shape[0] // 3
    for column in range(num_columns):
        x_from, x_to = column * width, (column + 1) * width
        first, last = x_from // num_columns, (x_to - 1) // num_columns
        before, behind = x_from - first * num_columns, (last + 1) * num_columns - x_to
        for colour in range(3):
            total = 0
            for i in range(3 * first + colour, 3 * last + colour + 1, 3):
                total += line[i]
            edges = before * line[3 * first + colour] + behind * line[3 * last + colour]
            sums[column, colour] = num_columns * total - edges
