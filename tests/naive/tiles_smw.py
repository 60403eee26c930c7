"""The slow twin of the tile observation of Super Mario World: every cell asks what covers it.

Written from the RAM map: a level is up to 32 screens from left to right, each 27 rows of 16 tiles
of 16 x 16 pixels; the number of a tile has its low byte at 0x7EC800 and its high byte at 0x7FC800,
both plus 0x1B0 per screen. Positions are 16 bits, signed. The player is 32 pixels high and counts
where its lower half is; sprites are 16 pixels large, extended ones 8.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import floor

WRAM = 0x7E0000


def see_world(
    ram: Sequence[int],
    radius: int,
    solid: Collection[int],
    hazards: Collection[int],
    platforms: Collection[int],
) -> list[float]:
    """Return (2 * radius + 1) ** 2 floats, row by row; the last three arguments are codes."""
    own_column, own_row = cell(word(ram, 0x94, 0x95) + 8, word(ram, 0x96, 0x97) + 16 + 8)
    bodies = list(all_bodies(ram, platforms))
    seen = []
    for row in range(own_row - radius, own_row + radius + 1):
        for column in range(own_column - radius, own_column + radius + 1):
            things = {name for place, name in bodies if place == (column, row)}
            number = tile(ram, column, row)
            if number in hazards:
                things.add("enemy")
            elif number in solid:
                things.add("solid")
            seen.append(-1.0 if "enemy" in things else 1.0 if "solid" in things else 0.0)
    return seen


def all_bodies(ram: Sequence[int], platforms: Collection[int]):
    """Yield ((column, row), enemy or solid) of every sprite there is."""
    for slot in range(12):
        if ram[0x14C8 + slot]:
            x = word(ram, 0xE4 + slot, 0x14E0 + slot)
            y = word(ram, 0xD8 + slot, 0x14D4 + slot)
            yield cell(x + 8, y + 8), "solid" if ram[0x9E + slot] in platforms else "enemy"
    for slot in range(10):
        if ram[0x170B + slot]:
            x = word(ram, 0x171F + slot, 0x1733 + slot)
            y = word(ram, 0x1715 + slot, 0x1729 + slot)
            yield cell(x + 4, y + 4), "enemy"


def tile(ram: Sequence[int], column: int, row: int) -> int | None:
    """Return the number of a tile; around the level there is none."""
    screen, within = divmod(column, 16)
    if screen not in range(32) or row not in range(27):
        return None
    at = 0x1B0 * screen + 16 * row + within
    return ram[0x7EC800 - WRAM + at] + 256 * ram[0x7FC800 - WRAM + at]


def word(ram: Sequence[int], low: int, high: int) -> int:
    """Return a signed number of two bytes."""
    return int.from_bytes(bytes([ram[low], ram[high]]), "little", signed=True)


def cell(x: int, y: int) -> tuple[int, int]:
    """Return (column, row) of a pixel of the level."""
    return floor(x / 16), floor(y / 16)
