"""A picture of all drawings, for the eye of whoever draws them. The ROM does not need it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from romtool.arttext import PIXELS, Art, Drawing
from romtool.palettetext import Theme

# Red, green, blue of the 64 colours as stable-retro shows them, read off its screen one by one.
COLOURS = bytes.fromhex("""
    707470 201888 0000a8 400098 880070 a80010 a00000 780800
    402c00 004400 005000 003c10 183c58 000000 000000 000000
    b8bcb8 0070e8 2038e8 8000f0 b800b8 e00058 d82800 c84c08
    887000 009400 00a800 009038 008088 000000 000000 000000
    f8fcf8 38bcf8 5894f8 4088f8 f078f8 f874b0 f87460 f89838
    f0bc38 80d010 48dc48 58f898 00e8d8 787878 000000 000000
    f8fcf8 a8e4f8 c0d4f8 d0c8f8 f8c4f8 f8c4d8 f8bcb0 f8d8a8
    f8e4a0 e0fca0 a8f0b8 b0fcc8 98fcf0 c0c4c0 000000 000000
""")
ZOOM = 3
GAP = 8
ROW_WIDTH = 22 * 24

Canvas = list[bytearray]  # rows of colour numbers


def write_sheet(art: Art, path: Path) -> None:
    """Draw every drawing with every palette set, one stretch per set, into a PNG file."""
    canvas: Canvas = []
    for theme in art.themes:
        canvas += _stretch(art, theme)
    path.write_bytes(_png(canvas))


def _stretch(art: Art, theme: Theme) -> Canvas:
    """Return the drawings in rows on the sky of one palette set."""
    groups: list[list[tuple[Drawing, Sequence[bytes]]]] = [
        [(drawing, theme.background) for drawing in (*art.metatiles.values(), *art.tiles.values())],
        [(drawing, theme.sprite) for drawing in art.sprites.values()],
    ]
    letters = Drawing("glyphs", "", _joined(art.glyphs.values()), 2)
    groups.append([(letters, theme.background)])
    canvas: Canvas = [bytearray([theme.sky]) * ROW_WIDTH for _ in range(GAP)]
    for group in groups:
        canvas += _row(group, theme.sky)
    return canvas


def _joined(cells: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return cells side by side."""
    return tuple("".join(rows) for rows in zip(*cells, strict=True))


def _row(group: Sequence[tuple[Drawing, Sequence[bytes]]], sky: int) -> Canvas:
    """Return drawings side by side, with a gap below."""
    height = max(drawing.height for drawing, _ in group) + GAP
    canvas: Canvas = [bytearray([sky]) * ROW_WIDTH for _ in range(height)]
    left = GAP
    for drawing, palettes in group:
        colours = bytes([sky]) + palettes[drawing.palette]
        for y, row in enumerate(drawing.pixels):
            for x, pixel in enumerate(row[: ROW_WIDTH - left]):
                canvas[y][left + x] = colours[PIXELS.index(pixel)]
        left += drawing.width + GAP
    return canvas


def _png(canvas: Canvas) -> bytes:
    """Return a PNG file of colour numbers, zoomed."""
    rows = []
    for line in canvas:
        row = b"\0" + bytes(number for number in line for _ in range(ZOOM))
        rows += [row] * ZOOM
    width, height = ROW_WIDTH * ZOOM, len(canvas) * ZOOM
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", COLOURS),
        (b"IDAT", zlib.compress(b"".join(rows), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))
        for tag, data in chunks
    )
