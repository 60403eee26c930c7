"""The names and numbers that the texts and the engine (``main.s``) share.

Change one of them together with the engine, never alone.
"""

from __future__ import annotations

AIR = 0x00
BEACON_POST = 0x0A
BEACON_DARK = 0x0B
TURF = 0x10
EARTH = 0x11
SOLID_BIT = 0x10

# Every kind of 16 x 16 tile, by its code in the level and in the tile window of the game's memory.
TILE_NAMES = {
    AIR: "AIR",
    0x08: "SPARK",
    0x09: "GLASS",
    BEACON_POST: "BEACON_POST",
    BEACON_DARK: "BEACON_DARK",
    0x0C: "BEACON_LIT",
    TURF: "TURF",
    EARTH: "EARTH",
    0x12: "STONE",
    0x13: "CRATE",
    0x14: "PILLAR",
    0x15: "WOOD",
    0x20: "THORNS",
    0x21: "THORNS_HANGING",
}
NUM_TILE_CODES = 64

# Characters of a level text. Turf and earth share "#": what lies above decides.
GROUND = "#"
START = "P"
GOAL = "F"
TILE_CHARACTERS = {
    ".": AIR,
    GROUND: EARTH,
    "B": 0x12,
    "C": 0x13,
    "I": 0x14,
    "W": 0x15,
    "o": 0x08,
    "G": 0x09,
    "^": 0x20,
    "v": 0x21,
}
OBJECT_CHARACTERS = {
    "b": 1,
    "n": 2,
    "m": 3,
    "c": 4,
    "t": 5,
    ">": 0x24,
    "|": 0x25,
    "_": 0x26,
}
OBJECT_NAMES = {
    1: "beetle",
    2: "newt",
    3: "moth",
    4: "cricket",
    5: "thistle",
    0x24: "plank left-right",
    0x25: "plank up-down",
    0x26: "falling plank",
}

NUM_ROWS = 13
MIN_COLUMNS = 32  # the engine fills its window of two pages of 16 columns before the first frame
MAX_COLUMNS = 250
BEACON_HEIGHT = 4  # the foot, two more of the post, the lamp
OBJECT_SLOTS = 5
SLOT_COLUMNS = 21  # so many neighbouring columns may have their objects in the slots at once

# Drawings that the engine asks for by name, with their size in pixels.
SPRITE_SIZES = {
    **dict.fromkeys(
        (
            "LAMP_STAND",
            "LAMP_WALK1",
            "LAMP_WALK2",
            "LAMP_JUMP",
            "LAMP_SKID",
            "LAMP_DEAD",
            "BEETLE1",
            "BEETLE2",
            "NEWT1",
            "NEWT2",
            "MOTH1",
            "MOTH2",
            "CRICKET_SIT",
            "CRICKET_LEAP",
            "THISTLE1",
            "THISTLE2",
            "PUFF1",
            "PUFF2",
        ),
        (16, 16),
    ),
    "PLANK": (32, 8),
    "SPLIT": (8, 8),
}
BACKGROUND_TILES = ("SPLIT", "STAR1", "STAR2", "SPARK_ICON", "LAMP_ICON")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
NUM_PALETTES = 4
