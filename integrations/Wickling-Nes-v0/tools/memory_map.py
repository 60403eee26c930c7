"""Where Wickling keeps what in work RAM, and how to read it.

Addresses that Super Mario Bros. uses for the same thing are the same, so that one reader serves
both games; 0x700 to 0x70A are Wickling's own.
"""

from __future__ import annotations

STATE, FACING, SPEED_X, SPEED_Y, MOTION = 0x0E, 0x33, 0x57, 0x9F, 0x1D
X_PAGE, X_LOW, VERTICAL_PAGE, Y = 0x6D, 0x86, 0xB5, 0xCE
ACTIVE, KIND, OBJECT_PAGE, OBJECT_X, OBJECT_Y = 0x0F, 0x16, 0x6E, 0x87, 0xCF
OBJECT_TIMER, OBJECT_SPEED = 0x25, 0x43
NUM_SLOTS = 5
TILES = 0x500
X, GOAL, ON_GROUND, BEACONS, GOAL_X, INVULNERABLE, PAUSED = (
    0x700, 0x702, 0x703, 0x704, 0x705, 0x707, 0x708,
)  # fmt: skip
FRAME_COUNTER = 0x709
CAMERA_PAGE, CAMERA_LOW, POWER, LIVES, LEVEL, SPARKS = 0x71A, 0x71C, 0x756, 0x75A, 0x75C, 0x75E
SCORE, TIME = 0x7DD, 0x7F8

PLAYING, DYING_HURT, DYING_PIT, BEACON, ALL_DONE, GAME_OVER = 8, 0x0B, 6, 4, 5, 0


def player_x(ram: bytes) -> int:
    """Return the left edge of the body in level pixels."""
    return ram[X] | ram[X + 1] << 8


def goal_x(ram: bytes) -> int:
    """Return where the beacon stands in level pixels."""
    return ram[GOAL_X] | ram[GOAL_X + 1] << 8


def camera_x(ram: bytes) -> int:
    """Return the left edge of the screen in level pixels."""
    return ram[CAMERA_PAGE] << 8 | ram[CAMERA_LOW]


def score(ram: bytes) -> int:
    """Return the score."""
    return int("".join(str(digit) for digit in ram[SCORE : SCORE + 6]))


def is_playing(ram: bytes, level: int) -> bool:
    """Return whether the player stands in that level and obeys the buttons."""
    at_level = ram[LEVEL] == level and ram[STATE] == PLAYING and not ram[PAUSED]
    return at_level and ram[ON_GROUND] == 1


def is_dead(ram: bytes) -> bool:
    """Return whether a life is lost: dying, over, or below the screen."""
    return ram[STATE] in (DYING_HURT, DYING_PIT, GAME_OVER) or 1 < ram[VERTICAL_PAGE] < 0x80
