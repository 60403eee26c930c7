"""Wickling for tests: its tools, the addresses of its engine, and a flat world to try things in."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "integrations" / "Wickling-Nes-v0"
sys.path.insert(0, str(FOLDER / "tools"))  # they are scripts, not a package

import find_way  # noqa: E402
import make_states  # noqa: E402
import memory_map as at  # noqa: E402
import numpy as np  # noqa: E402
import play_blind  # noqa: E402
import ways  # noqa: E402
from machine import NUM_LEVELS, STATE_NAMES, GameError, Machine, mask_of  # noqa: E402
from ways import read_way, replay  # noqa: E402

__all__ = [
    "NUM_LEVELS", "STATE_NAMES", "GameError", "Machine", "Playground", "at", "engine_addresses",
    "find_way", "make_states", "mask_of", "play_blind", "play_way_in_env", "random_play",
    "read_way", "replay", "tile_address", "ways",
]  # fmt: skip

TILE = 16
WINDOW_COLUMNS, WINDOW_ROWS = 32, 13
AIR, SPARK, GLASS, TURF, EARTH, STONE, CRATE, THORNS = 0, 0x08, 0x09, 0x10, 0x11, 0x12, 0x13, 0x20
BEETLE, NEWT, MOTH, CRICKET, THISTLE = 1, 2, 3, 4, 5
PLANK_SIDEWAYS, PLANK_UPWARD, PLANK_FALLING = 0x24, 0x25, 0x26


def engine_addresses() -> dict[str, int]:
    """Return the addresses that the engine's source gives to its names."""
    text = (FOLDER / "src" / "ram.inc").read_text(encoding="utf-8")
    return {name: int(value, 16) for name, value in re.findall(r"^(\w+) *= \$(\w+)", text, re.M)}


class Playground:
    """An endless plain around the player, without creatures.

    The levels may change without changing what a jump or a beetle does. So the tests of physics
    write their own surroundings into the tile window and the object slots of a running level, and
    stop the engine from reading further columns of that level.
    """

    def __init__(self, machine: Machine) -> None:
        """Stand on the plain at the start of the practice level."""
        self.machine, self.names = machine, engine_addresses()
        machine.reset(machine.level_start(0))
        self.floor = self.ram[at.Y] // TILE
        """The row of the ground under the player's feet."""
        self.poke("draw_col", 255)
        self.poke("spawn_col", 255)
        for slot in range(at.NUM_SLOTS):
            self.poke("obj_active", 0, slot)
        for column in range(WINDOW_COLUMNS):
            for row in range(WINDOW_ROWS):
                above = TURF if row == self.floor else EARTH
                self.set_tile(column, row, AIR if row < self.floor else above)

    @property
    def ram(self) -> bytes:
        """Work RAM now."""
        return self.machine.ram()

    @property
    def x(self) -> int:
        """The player's x."""
        return at.player_x(self.ram)

    @property
    def column(self) -> int:
        """The column of the middle of the player."""
        return (self.x + TILE // 2) // TILE

    def poke(self, name: str, value: int, index: int = 0) -> None:
        """Write a byte at a name of the engine."""
        self.machine.poke(self.names[name] + index, value & 0xFF)

    def set_tile(self, column: int, row: int, code: int) -> None:
        """Put a tile into the window, which holds 32 columns of the endless plain."""
        self.machine.poke(tile_address(column, row), code)

    def tile(self, column: int, row: int) -> int:
        """Return the tile code at a place."""
        return self.ram[tile_address(column, row)]

    def dig(self, first: int, last: int) -> None:
        """Make a pit of some columns."""
        for column in range(first, last + 1):
            for row in range(WINDOW_ROWS):
                self.set_tile(column, row, AIR)

    def place(self, kind: int, right: int, up: int = 0, speed: int = 0, slot: int = 0) -> None:
        """Put an object so many pixels right of and above the player; speed in 1/256 pixels."""
        for name in ("memo", "timer", "dx", "xsub", "ysub", "vylo", "vyhi", "grounded"):
            self.poke(f"obj_{name}", 0, slot)
        x, y = self.x + right, self.ram[at.Y] + 8 - up
        values = {"kind": kind, "page": x >> 8, "x": x, "y": y, "memo": y}
        for name, value in (*values.items(), ("vxlo", speed), ("vxhi", speed >> 8)):
            self.poke(f"obj_{name}", value, slot)
        self.poke("obj_active", 1, slot)

    def place_plank(self, kind: int, right: int, up: int = 0) -> None:
        """Put a plank whose surface is so many pixels above the player's feet."""
        self.place(kind, right, up - 24)  # y in RAM: of a plank the surface, else the feet - 24

    def hold(self, buttons: str, frames: int) -> list[bytes]:
        """Hold buttons; return work RAM after every frame."""
        rams = []
        for _ in range(frames):
            self.machine.step(buttons)
            rams.append(self.ram)
        return rams

    def hold_until(
        self, reached: Callable[[bytes], bool], buttons: str = "", limit: int = 400
    ) -> list[bytes]:
        """Hold buttons until something is so; fail when it takes too long."""
        rams: list[bytes] = []
        while not rams or not reached(rams[-1]):
            assert len(rams) < limit, f"not reached within {limit} frames"
            rams += self.hold(buttons, 1)
        return rams


def tile_address(column: int, row: int) -> int:
    """Return the address of a level column's tile in the window."""
    return at.TILES + column // 16 % 2 * 208 + row * 16 + column % 16


def random_play(seed: int, frames: int) -> list[str]:
    """Play level 1 at random in an emulator of its own; return a digest of RAM for every frame."""
    rng = np.random.default_rng(seed)
    digests = []
    with Machine() as machine:
        machine.reset(machine.level_start(1))
        buttons = ""
        for frame in range(frames):
            if frame % 4 == 0:
                names = ("LEFT", "RIGHT", "RIGHT", "A", "B", "UP", "DOWN")
                buttons = "+".join(name for name in names if rng.random() < 0.4)
            machine.step(buttons)
            digests.append(hashlib.sha256(machine.ram()).hexdigest())
    return digests


def play_way_in_env(state: str) -> dict[str, object]:
    """Play the stored way from a state through ``stable_retro.make`` and on to what follows.

    Returns:
        ``first``, ``at_goal``, ``after``: the variables at the start, at the end of the way and
        when another level has begun; ``dones``: of every frame of the way; ``reward``: its sum.
    """
    import stable_retro

    stable_retro.data.Integrations.add_custom_path(str(FOLDER.parent))
    env = stable_retro.make(
        FOLDER.name,
        state=state,
        inttype=stable_retro.data.Integrations.CUSTOM_ONLY,
        render_mode=None,
    )
    try:
        env.reset()
        result: dict[str, object] = {"first": dict(env.data.lookup_all())}
        rewards, dones, info = [], [], {}
        for buttons in read_way(state).frames:
            _, reward, done, _, info = env.step(_action(env, buttons))
            rewards.append(reward)
            dones.append(done)
        result |= {"at_goal": dict(info), "reward": sum(rewards), "dones": dones}
        level, idle = info["levelLo"], _action(env, "")
        for _ in range(900):
            if info["levelLo"] != level or info["state"] == at.ALL_DONE:
                break
            _, _, _, _, info = env.step(idle)
        return result | {"after": dict(info)}
    finally:
        env.close()


def _action(env: object, buttons: str) -> list[int]:
    return [int(name in buttons.split("+")) for name in env.buttons]  # type: ignore[attr-defined]
