"""Pattern tables: which 8 x 8 cell of the drawings gets which of the console's 256 tile numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from romtool.arttext import PIXELS, Art
from romtool.problems import SourceError

TABLE_TILES = 256
TILE_BYTES = 16
EMPTY = (8 * PIXELS[0],) * 8

Cell = tuple[str, ...]


@dataclass(frozen=True)
class Patterns:
    """Both pattern tables and the numbers of what lies in them.

    Attributes:
        chr_bytes: 8192 bytes, the background's table first.
        sprites: first tile of each sprite.
        metatiles: tile numbers top left, top right, bottom left, bottom right by name.
        tiles: tile number of each single background tile.
        glyphs: tile number of each character.
        counts: tiles used in the background's table and in the sprites' table.
    """

    chr_bytes: bytes
    sprites: Mapping[str, int]
    metatiles: Mapping[str, tuple[int, ...]]
    tiles: Mapping[str, int]
    glyphs: Mapping[str, int]
    counts: tuple[int, int]


def lay_out(art: Art) -> Patterns:
    """Give every cell of the drawings its tile number.

    Tile 0 of both tables is empty. Equal cells of the background share a tile, but for the glyphs:
    the engine counts from "0" to the other digits. Cells of sprites do not share either, since
    those of one sprite follow each other.

    Raises:
        SourceError: a table overflows.
    """
    names = sorted(art.glyphs, key=lambda name: (not name.isdigit(), name))
    cells: list[Cell] = [EMPTY, *(art.glyphs[name] for name in names)]
    glyphs = {" ": 0} | {name: number for number, name in enumerate(names, 1)}

    def number_of(cell: Cell) -> int:
        if cell not in cells:
            cells.append(cell)
        return cells.index(cell)

    tiles = {name: number_of(drawing.cell(0, 0)) for name, drawing in art.tiles.items()}
    metatiles = {
        name: tuple(number_of(cell) for cell in drawing.cells())
        for name, drawing in art.metatiles.items()
    }
    sprite_cells: list[Cell] = [EMPTY]
    sprites = {}
    for name, drawing in art.sprites.items():
        sprites[name] = len(sprite_cells)
        sprite_cells += drawing.cells()
    chr_bytes = _table(cells, "background") + _table(sprite_cells, "sprite")
    counts = len(cells), len(sprite_cells)
    return Patterns(chr_bytes, sprites, metatiles, tiles, glyphs, counts)


def _table(cells: list[Cell], layer: str) -> bytes:
    """Return the 4096 bytes of a pattern table."""
    if len(cells) > TABLE_TILES:
        raise SourceError(
            [
                f"art: the {layer} pattern table holds {TABLE_TILES} tiles of 8 x 8; got "
                f"{len(cells)} different ones. Remove drawings or make cells of them equal."
            ]
        )
    return b"".join(map(encode, cells)).ljust(TABLE_TILES * TILE_BYTES, b"\0")


def encode(cell: Cell) -> bytes:
    """Return the 16 bytes of an 8 x 8 cell: eight rows of low bits, eight rows of high bits."""
    planes = (
        bytes(
            sum((PIXELS.index(pixel) >> bit & 1) << 7 - x for x, pixel in enumerate(row))
            for row in cell
        )
        for bit in (0, 1)
    )
    return b"".join(planes)
