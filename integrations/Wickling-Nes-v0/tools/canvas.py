"""Pictures as arrays: pasting, the game's own letters and drawings, PNG files.

A canvas is (height, width, 3) uint8, red green blue. Drawings and levels are read with the build
tool in `src/`, so a picture shows what the ROM holds.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from machine import FOLDER

sys.path.insert(0, str(FOLDER / "src"))  # a script with its modules beside it
_keep_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # shipped as it is
from romtool import sheet  # noqa: E402
from romtool.arttext import PIXELS, Art, read_art  # noqa: E402
from romtool.contract import NUM_ROWS, TILE_NAMES  # noqa: E402
from romtool.leveltext import Level, read_levels  # noqa: E402

sys.dont_write_bytecode = _keep_bytecode

Canvas = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

TILE = 16
MAP_SCALE = 2
CONSOLE_COLOURS = np.frombuffer(sheet.COLOURS, np.uint8).reshape(64, 3)
PICTURES = {1: "BEETLE1", 2: "NEWT1", 3: "MOTH1", 4: "CRICKET_SIT", 5: "THISTLE1"}
FIRST_PLANK = 0x20


def blank(height: int, width: int, colour: Colour) -> Canvas:
    """Return a canvas of one colour."""
    return np.full((height, width, 3), colour, np.uint8)


def paste(canvas: Canvas, picture: Canvas, x: int, y: int) -> None:
    """Put a picture onto a canvas that has room for it."""
    height, width = picture.shape[:2]
    canvas[y : y + height, x : x + width] = picture


def enlarge(picture: Canvas, times: int) -> Canvas:
    """Return a picture with squares for pixels."""
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def frame(canvas: Canvas, x: int, y: int, side: int, colour: Colour) -> None:
    """Draw what lies on the canvas of a square's edge, two pixels thick."""
    inside = np.zeros(canvas.shape[:2], bool)
    inside[max(y, 0) : max(y + side, 0), max(x, 0) : max(x + side, 0)] = True
    inside[max(y + 2, 0) : max(y + side - 2, 0), max(x + 2, 0) : max(x + side - 2, 0)] = False
    canvas[inside] = colour


def write(canvas: Canvas, text: str, x: int, y: int, colour: Colour, times: int) -> None:
    """Write capitals, digits and spaces in the game's letters, 8 x 8 pixels times a number."""
    glyphs = _art().glyphs
    for place, letter in enumerate(text.upper()):
        if letter in glyphs:
            dots = np.array([[pixel != PIXELS[0] for pixel in row] for row in glyphs[letter]])
            dots = dots.repeat(times, axis=0).repeat(times, axis=1)
            left = x + 8 * times * place
            canvas[y : y + 8 * times, left : left + 8 * times][dots] = colour


def map_of_level(number: int) -> Canvas:
    """Return a whole level as its text has it, before anything moves, at half its size."""
    level = _levels()[number]
    theme = _art().themes[level.theme]
    canvas = blank(NUM_ROWS * TILE, len(level.columns) * TILE, (0, 0, 0))
    canvas[:] = CONSOLE_COLOURS[theme.sky]
    for column, cells in enumerate(level.columns):
        for row, code in enumerate(cells[:NUM_ROWS]):
            if code:
                tile = _art().metatiles[TILE_NAMES[code]]
                colours = theme.background[tile.palette]
                _draw(canvas, tile.pixels, colours, column * TILE, row * TILE)
    _draw_sprites(canvas, level)
    height, width = canvas.shape[0] // MAP_SCALE, canvas.shape[1] // MAP_SCALE
    squares = canvas.reshape(height, MAP_SCALE, width, MAP_SCALE, 3)
    return squares.mean(axis=(1, 3)).round().astype(np.uint8)


def _draw_sprites(canvas: Canvas, level: Level) -> None:
    """Draw the player and every object where they begin; creatures set out to the left."""
    art = _art()
    things = [(*level.start, "LAMP_STAND")]
    for column, cells in enumerate(level.columns):
        kind, row = cells[NUM_ROWS], cells[NUM_ROWS + 1]
        if kind:
            things.append((column, row, "PLANK" if kind >= FIRST_PLANK else PICTURES[kind]))
    for column, row, name in things:
        sprite = art.sprites[name]
        rows = sprite.pixels if name in ("LAMP_STAND", "PLANK") else _mirrored(sprite.pixels)
        colours = art.themes[level.theme].sprite[sprite.palette]
        _draw(canvas, rows, colours, column * TILE, row * TILE)


def _mirrored(rows: Sequence[str]) -> list[str]:
    return [row[::-1] for row in rows]


def _draw(canvas: Canvas, rows: Sequence[str], colours: bytes, x: int, y: int) -> None:
    """Draw pixels; those of the backdrop leave what is there."""
    numbers = np.array([[PIXELS.index(pixel) for pixel in row] for row in rows])
    height, width = numbers.shape
    part = canvas[y : y + height, x : x + width]
    palette = CONSOLE_COLOURS[np.frombuffer(b"\0" + colours, np.uint8)]
    part[numbers > 0] = palette[numbers][numbers > 0]


@lru_cache(maxsize=1)
def _art() -> Art:
    return read_art(FOLDER / "src" / "art")


@lru_cache(maxsize=1)
def _levels() -> tuple[Level, ...]:
    return read_levels(FOLDER / "src" / "levels", len(_art().themes))


def png(canvas: Canvas) -> bytes:
    """Return a PNG file; up to 256 colours are stored as numbers, which is smaller."""
    height, width = canvas.shape[:2]
    colours, numbers = np.unique(canvas.reshape(-1, 3), axis=0, return_inverse=True)
    if len(colours) <= 256:
        kind, rows = 3, numbers.reshape(height, width).astype(np.uint8)
        palette = [(b"PLTE", colours.tobytes())]
    else:
        kind, rows, palette = 2, canvas.reshape(height, 3 * width), []
    lines = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1)  # 0: not filtered
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)),
        *palette,
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))
        for tag, data in chunks
    )
