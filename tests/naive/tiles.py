"""The slow twin of the tile observation: every cell asks what covers it.

Written from the map of RAM: the level is 13 rows of 16 x 16 pixels that begin 32 pixels below the
top of the picture; work RAM keeps two pages of 16 columns of it. Here x and y are pixels of the
level, so y = 0 is the top of row 0.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import floor


def see_tiles(
    ram: Sequence[int],
    radius: int,
    solid: Collection[int],
    hazards: Collection[int],
    platforms: Collection[int],
) -> list[float]:
    """Return (2 * radius + 1) ** 2 floats, row by row; the last three arguments are codes."""
    player_x = ram[0x6D] * 256 + ram[0x86]
    feet = ram[0xB5] * 256 + ram[0xCE] - 256  # kept minus 32, which is where the level begins
    own_column, own_row = cell(player_x + 8, feet - 8)

    seen = []
    for row in range(own_row - radius, own_row + radius + 1):
        for column in range(own_column - radius, own_column + radius + 1):
            things = {tile_class(tile(ram, column, row), solid, hazards)}
            for slot in range(5):
                if ram[0x0F + slot]:
                    things |= object_classes(ram, slot, platforms).get((column, row), set())
            seen.append(-1.0 if "enemy" in things else 1.0 if "solid" in things else 0.0)
    return seen


def cell(x: int, y: int) -> tuple[int, int]:
    """Return (column, row) of a pixel of the level."""
    return floor(x / 16), floor(y / 16)


def tile(ram: Sequence[int], column: int, row: int) -> int | None:
    """Return the code of a tile; around the level there is none."""
    if row not in range(13) or column < 0:
        return None
    page, within = divmod(column, 16)
    start = 0x500 if page % 2 == 0 else 0x500 + 13 * 16
    return ram[start + 16 * row + within]


def tile_class(code: int | None, solid: Collection[int], hazards: Collection[int]) -> str:
    """Return what a tile is to the player."""
    return "enemy" if code in hazards else "solid" if code in solid else "air"


def object_classes(
    ram: Sequence[int], slot: int, platforms: Collection[int]
) -> dict[tuple[int, int], set[str]]:
    """Return the cells that an object covers, each with what it is there."""
    x = ram[0x6E + slot] * 256 + ram[0x87 + slot]
    y = ram[0xCF + slot]
    if ram[0x16 + slot] not in platforms:
        feet = y + 24 - 32
        return {cell(x + 8, feet - 8): {"enemy"}}
    surface = y - 32  # a body that stands on it has its feet there
    column, body_row = cell(x + 8, surface - 8)
    return {(column, body_row + 1): {"solid"}, (column + 1, body_row + 1): {"solid"}}
