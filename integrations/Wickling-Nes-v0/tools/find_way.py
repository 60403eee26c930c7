"""Find a way to a level's beacon by search with save states, and store it.

Best-first: of all moments reached so far, the one nearest the beacon (frames spent count against
it) is continued with every sensible holding of buttons for a few frames. Moments in which the
body and the objects around it look alike are searched once. A hurt counts as a dead end, so a way
proves that the level can be done unharmed.

    python find_way.py 3 --seconds 300
"""

from __future__ import annotations

import argparse
import heapq
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import memory_map as at
from machine import NUM_LEVELS, SOLUTIONS, STATE_NAMES, GameError, Machine
from ways import level_name, reaches_goal, read_way, way_path, way_text

SLICE_FRAMES = 6
SIGHT = 176
"""Objects further away than this, in pixels, do not make two moments different."""
FRAME_COST = 0.8
"""Pixels that a frame spent costs; a running body makes 2.5 pixels in a frame."""
MOVES = ("RIGHT+B", "RIGHT", "", "LEFT")
JUMPS = ("RIGHT+B+A", "RIGHT+A", "A", "LEFT+A")


@dataclass(frozen=True)
class Moment:
    """A moment of the game on the way: how it was reached, and how to go on from it."""

    state: bytes
    buttons: str
    before: Moment | None
    num_frames: int


@dataclass
class Search:
    """A search in progress.

    Attributes:
        queue: (cost, tie break, moment, RAM), the most promising first.
        seen: what the moments so far look like.
        num_emulated: frames spent.
        best_x: the furthest that the body got.
    """

    machine: Machine
    start: bytes
    queue: list[tuple[float, int, Moment, bytes]] = field(default_factory=list)
    seen: set[tuple[object, ...]] = field(default_factory=set)
    num_emulated: int = 0
    best_x: int = 0
    goal: int = 0

    def __post_init__(self) -> None:
        """Begin where an episode begins: a frame after the state."""
        self.machine.reset(self.start)
        ram = self.machine.ram()
        self.goal = at.goal_x(ram)
        self._add(Moment(self._packed(), "", None, 0), ram)

    def run(self, seconds: float) -> Moment | None:
        """Search until the beacon or the time limit; None when there is no way or no time."""
        end, report = time.monotonic() + seconds, time.monotonic() + 2
        while self.queue and time.monotonic() < end:
            if time.monotonic() > report:
                report += 2
                self._tell()
            _, _, moment, ram = heapq.heappop(self.queue)
            for buttons in choices(ram, moment.buttons):
                found = self._try(moment, ram, buttons)
                if found is not None:
                    return found
        return None

    def _try(self, moment: Moment, ram: bytes, buttons: str) -> Moment | None:
        """Continue a moment; return the new one if it is at the beacon."""
        self.machine.load(zlib.decompress(moment.state))
        num_frames, power = 0, ram[at.POWER]
        for _ in range(SLICE_FRAMES):
            self.machine.step(buttons)
            num_frames += 1
            ram = self.machine.ram()
            if ram[at.GOAL] or at.is_dead(ram):
                break
        self.num_emulated += num_frames
        reached = moment.num_frames + num_frames
        if ram[at.GOAL]:
            return Moment(b"", buttons, moment, reached)
        if not at.is_dead(ram) and not ram[at.INVULNERABLE] and ram[at.POWER] >= power:
            key = looks(ram, buttons)
            if key not in self.seen:
                self.seen.add(key)
                self._add(Moment(self._packed(), buttons, moment, reached), ram)
        return None

    def _add(self, moment: Moment, ram: bytes) -> None:
        x = at.player_x(ram)
        self.best_x = max(self.best_x, x)
        cost = self.goal - x + FRAME_COST * moment.num_frames
        heapq.heappush(self.queue, (cost, -len(self.seen), moment, ram))

    def _packed(self) -> bytes:
        return zlib.compress(self.machine.save(), 1)

    def _tell(self) -> None:
        print(
            f"  x {self.best_x} of {self.goal} ({100 * self.best_x // self.goal} %), "
            f"{self.num_emulated} frames, {len(self.queue)} moments open"
        )


def choices(ram: bytes, last: str) -> Iterator[str]:
    """Yield the buttons worth trying: a jump needs a fresh press, and ends when A is released."""
    yield from MOVES
    held = last.endswith("A")
    fresh_jump = ram[at.ON_GROUND] == 1 and not held
    still_rising = ram[at.MOTION] == 1 and held and ram[at.SPEED_Y] >= 0x80
    if fresh_jump or still_rising:
        yield from JUMPS


def looks(ram: bytes, buttons: str) -> tuple[object, ...]:
    """Return what decides how the game goes on, coarsely."""
    x = at.player_x(ram)
    objects = []
    for slot in range(at.NUM_SLOTS):
        distance = (ram[at.OBJECT_PAGE + slot] << 8 | ram[at.OBJECT_X + slot]) - x
        if ram[at.ACTIVE + slot] and abs(distance) < SIGHT:
            place = (distance // 10, ram[at.OBJECT_Y + slot] // 10)
            phase = (ram[at.OBJECT_TIMER + slot] >> 4 & 7, ram[at.OBJECT_SPEED + slot])
            objects.append((ram[at.KIND + slot], *place, *phase))
    body = (x // 6, ram[at.VERTICAL_PAGE], ram[at.Y] // 6, ram[at.SPEED_X], ram[at.SPEED_Y])
    return (*body, ram[at.ON_GROUND], buttons.endswith("A"), *sorted(objects))


def frames_to(moment: Moment) -> list[str]:
    """Return the buttons of every frame from the start to a moment."""
    frames: list[str] = []
    while moment.before is not None:
        frames[:0] = [moment.buttons] * (moment.num_frames - moment.before.num_frames)
        moment = moment.before
    return frames


def find_way(machine: Machine, name: str, start: bytes, seconds: float) -> list[str]:
    """Search from a save state; return the buttons of every frame.

    Args:
        machine: the running game.
        name: of the save state, for messages.
        start: its bytes.
        seconds: when to give up.

    Raises:
        GameError: no way was found.
    """
    search = Search(machine, start)
    begin = time.monotonic()
    found = search.run(seconds)
    spent = f"{search.num_emulated} frames, {time.monotonic() - begin:.0f} s"
    if found is None:
        why = "the time is over" if search.queue else "every moment in reach was tried"
        raise GameError(
            f"{name}: a way to the beacon at x {search.goal} must be found; got as far as "
            f"x {search.best_x} (column {search.best_x // 16}), {why} ({spent}). Look at the "
            f"level just behind that column, or give more --seconds."
        )
    frames = frames_to(found)
    if not reaches_goal(machine, start, frames):
        raise GameError(
            f"{name}: the way found must lead to the beacon again; got another outcome. "
            f"The game depends on something outside its save state."
        )
    print(f"  found: {len(frames)} frames of play ({spent})")
    return frames


def stored_way(machine: Machine, name: str, start: bytes) -> list[str] | None:
    """Return the stored way from a save state if it still leads to the beacon."""
    try:
        frames = read_way(name).frames
    except (FileNotFoundError, ValueError):
        return None
    return frames if reaches_goal(machine, start, frames) else None


def refresh_way(machine: Machine, level: int, seconds: float, again: bool = False) -> None:
    """Store the way from a level's start: the stored one, if it still works, else a new one."""
    name, start = STATE_NAMES[level], machine.level_start(level)
    frames = None if again else stored_way(machine, name, start)
    print(f"level {level}, {level_name(level)}: {'searching' if frames is None else 'has a way'}")
    if frames is None:
        frames = find_way(machine, name, start, seconds)
    SOLUTIONS.mkdir(exist_ok=True)
    way_path(name).write_text(way_text(name, level, frames), encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Search the levels named on the command line."""
    parser = argparse.ArgumentParser(description="Find and store a way through a level.")
    parser.add_argument("levels", type=int, nargs="+", choices=range(NUM_LEVELS), metavar="LEVEL")
    parser.add_argument("--seconds", type=float, default=300, help="per level (default 300)")
    options = parser.parse_args(arguments)
    failed = 0
    with Machine() as machine:
        for level in options.levels:
            try:
                refresh_way(machine, level, options.seconds, again=True)
            except GameError as error:
                print(error, file=sys.stderr)
                failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
