"""Drawing for people: the screen of a game beside all that a network sees of it.

Pictures are (height, width, 3) uint8, red green blue. Knows no files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.tasks.retro.observation.parts import Bars, Pictures, View
from neuroevo.tasks.retro.opencv import load_opencv

Picture = npt.NDArray[np.uint8]
Float64Array = npt.NDArray[np.float64]

LEAST_WIDTH = 256  # of the half for what is seen: names must find room
GAP, LINE = 2, 12  # pixels between pictures, and of a line of text
MOST_BARS = 32  # more numbers than these become squares
SQUARES = 32  # in a row
TEXT, PAPER, BAR, FRAME = (235, 235, 235), 24, (240, 176, 48), (90, 90, 90)


def draw_moment(screen: Picture, views: Sequence[View]) -> Picture:
    """Return the screen and, right of it, all views below each other, each with its label.

    Args:
        screen: of the game.
        views: what is seen of it; pictures are enlarged in squares, not smoothed.
    """
    height, width = screen.shape[:2]
    room = max(width, LEAST_WIDTH)
    most = height if len(views) == 1 else max(height // 2, 3 * LINE)
    panels = [_draw_view(view, room, most) for view in views]
    seen = np.concatenate(panels) if panels else _paper(height, room)
    tall = max(height, len(seen))
    return np.concatenate([fit(screen, tall, width), fit(seen, tall, room)], axis=1)


def fit(picture: Picture, height: int, width: int) -> Picture:
    """Return a picture with paper added below and right of it, or cut there, to a size."""
    out = _paper(height, width)
    part = picture[:height, :width]
    out[: part.shape[0], : part.shape[1]] = part
    return out


def _draw_view(view: View, width: int, most: int) -> Picture:
    """Return a label and below it the pictures or bars, (height, width, 3)."""
    if isinstance(view, Pictures):
        body = _draw_pictures(view.values, width, most)
    elif len(view.values) > MOST_BARS:
        body = _draw_pictures(_squares(view), width, most)
    else:
        body = _draw_bars(view, width)
    return np.concatenate([_line(view.label, width), body])


def _draw_pictures(values: Float64Array, width: int, most: int) -> Picture:
    """Put pictures of one size side by side and below each other, as large as they fit."""
    count, rows, columns = values.shape[:3]
    per_row = max(range(1, count + 1), key=lambda n: _scale(n, count, rows, columns, width, most))
    scale = _scale(per_row, count, rows, columns, width, most)
    large = [_enlarge(_bytes(value), scale) for value in values]
    cell_height, cell_width = large[0].shape[0] + GAP, large[0].shape[1] + GAP
    out = _paper(math.ceil(count / per_row) * cell_height - GAP, width)
    for index, picture in enumerate(large):
        y, x = index // per_row * cell_height, index % per_row * cell_width
        out[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
    return out


def _scale(per_row: int, count: int, rows: int, columns: int, width: int, most: int) -> float:
    """Return how much pictures can be enlarged: a whole number, or less than 1."""
    lines = math.ceil(count / per_row)
    across = (width - GAP * (per_row - 1)) / (per_row * columns)
    down = (most - GAP * (lines - 1)) / (lines * rows)
    scale = min(across, down)
    return float(math.floor(scale)) if scale >= 1.0 else max(scale, 1.0 / min(rows, columns))


def _enlarge(picture: Picture, scale: float) -> Picture:
    if scale >= 1.0:
        squares = picture.repeat(int(scale), axis=0)
        return squares.repeat(int(scale), axis=1)
    cv2 = load_opencv()
    size = max(1, int(picture.shape[1] * scale)), max(1, int(picture.shape[0] * scale))
    small: Picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return small


def _bytes(values: Float64Array) -> Picture:
    """Return (rows, columns, 3) uint8 from 0 to 1; grey becomes three equal colours."""
    pixels = np.rint(np.clip(values, 0.0, 1.0) * 255).astype(np.uint8)
    return pixels if pixels.ndim == 3 else np.repeat(pixels[:, :, None], 3, axis=2)


def _squares(bars: Bars) -> Float64Array:
    lowest, highest = bars.bounds
    rows = math.ceil(len(bars.values) / SQUARES)
    grid = np.zeros(rows * SQUARES)
    grid[: len(bars.values)] = (bars.values - lowest) / (highest - lowest)
    return grid.reshape(1, rows, SQUARES)


def _draw_bars(bars: Bars, width: int) -> Picture:
    """Return a line per value: its name, a bar from zero, and the number."""
    lines = [
        _bar_line(name, float(value), bars.bounds, width)
        for name, value in zip(bars.names, bars.values, strict=True)
    ]
    return np.concatenate(lines)


def _bar_line(name: str, value: float, bounds: tuple[float, float], width: int) -> Picture:
    lowest, highest = bounds
    left, right = width * 45 // 100, width - 52
    line = _line(name if len(name) <= left // 6 else name[: left // 6 - 2] + "..", width)
    _write(line, f"{value:.3g}", right + 6)
    line[2 : LINE - 2, left:right] = PAPER
    scale = (right - 1 - left) / (highest - lowest)
    ends = (min(max(end, lowest), highest) for end in (0.0, value))
    places = [left + round(scale * (end - lowest)) for end in ends]
    line[2 : LINE - 2, min(places) : max(places) + 1] = BAR
    line[[1, LINE - 2], left:right] = FRAME
    return line


def _line(text: str, width: int) -> Picture:
    line = _paper(LINE, width)
    _write(line, text, 2)
    return line


def _write(line: Picture, text: str, x: int) -> None:
    cv2: Any = load_opencv()
    cv2.putText(line, text, (x, LINE - 3), cv2.FONT_HERSHEY_SIMPLEX, 0.33, TEXT, 1, cv2.LINE_AA)


def _paper(height: int, width: int) -> Picture:
    return np.full((height, width, 3), PAPER, np.uint8)
