"""Write the save states: the start of every level, training starts and held-out starts.

Level starts come from driving the game from power-on. The other starts lie on the stored ways
(find_way.py): a moment on the ground, unhurt, that survives 20 frames of standing, and from which
a search finds a way to the beacon. That way is stored too, in `solutions/`, beside the table
`starts.json` that tells where each start lies.

A save state holds bytes that mean nothing, so two states of one moment differ. A stored state is
kept when the game after it equals the game after the new one.

    python make_states.py            # write what is missing or no longer right
    python make_states.py --check    # write nothing; exit 1 if something would be written
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import memory_map as at
from find_way import find_way, stored_way
from machine import FOLDER, NUM_LEVELS, SOLUTIONS, STATE_NAMES, GameError, Machine
from ways import read_way, replay, way_path, way_text

SEARCH_SECONDS = 30
MAX_TRIES = 6
STARTS = SOLUTIONS / "starts.json"
COMPARED_FRAMES = 60
STANDING_FRAMES = 20
TRAINING = {"a": 0.2, "b": 0.45, "c": 0.7}
"""Training starts of every level but Practice: name and place as a fraction of the way."""
HELD_OUT = (0.6, 0.3, 0.55, 0.85)
"""The held-out start of levels 1, 2 and so on, in turn; a tenth or more from any training start."""
REACH = 0.08
"""How far from that place a start may lie, as a fraction of the level."""


@dataclass(frozen=True)
class Start:
    """A start on the way through a level.

    Attributes:
        name: of the state file.
        level: its number.
        x: of the body, in level pixels.
        frame: how many frames of the level's way come before it.
        held_out: for tests only, never for training.
    """

    name: str
    level: int
    x: int
    frame: int
    held_out: bool


def life_of(machine: Machine, state: bytes) -> str:
    """Return a digest of RAM and screen in the frames after a state."""
    digest = hashlib.sha256()
    machine.load(state)
    for frame in range(COMPARED_FRAMES):
        machine.step("RIGHT" if frame > COMPARED_FRAMES // 2 else "")
        digest.update(machine.ram())
        digest.update(machine.screen().tobytes())
    return digest.hexdigest()


def wanted_starts(level: int, goal: int) -> Iterator[Start]:
    """Yield every start of a level with the x where it should lie, given the beacon's."""
    for letter, fraction in TRAINING.items():
        yield Start(f"{STATE_NAMES[level]}-{letter}", level, int(fraction * goal), 0, False)
    place = HELD_OUT[(level - 1) % len(HELD_OUT)]
    yield Start(f"heldout-{STATE_NAMES[level]}", level, int(place * goal), 0, True)


def play_level(machine: Machine, level: int) -> list[tuple[bytes, bytes]]:
    """Play the stored way of a level; return RAM and save state of every frame."""
    frames = read_way(STATE_NAMES[level]).frames
    rams = replay(machine, machine.level_start(level), frames)
    return [(ram, machine.save()) for ram in rams]


def find_start(
    machine: Machine, wanted: Start, played: list[tuple[bytes, bytes]], seconds: float
) -> tuple[Start, bytes, list[str]]:
    """Return the sound start nearest to a wanted one, its state, and a way on from it.

    Raises:
        GameError: no moment near that place will do.
    """
    reach = REACH * at.goal_x(played[0][0])
    near = [
        replace(wanted, x=at.player_x(ram), frame=frame + 1)
        for frame, (ram, _) in enumerate(played)
        if abs(at.player_x(ram) - wanted.x) <= reach and stands_unhurt(ram)
    ]
    for start in sorted(near, key=lambda start: abs(start.x - wanted.x))[:MAX_TRIES]:
        state = played[start.frame - 1][1]
        if survives_standing(machine, state):
            on = stored_way(machine, start.name, state)
            with contextlib.suppress(GameError):
                return start, state, on or find_way(machine, start.name, state, seconds)
    raise GameError(
        f"{wanted.name}: a moment near x {wanted.x} of level {wanted.level} must do as a start; "
        f"got {len(near)} moments on the ground, none of which survives standing still and leads "
        f"to the beacon. Run tools/rebuild.py, or choose another place in {Path(__file__).name}."
    )


def stands_unhurt(ram: bytes) -> bool:
    """Return whether the body is on the ground and was not hurt a moment ago."""
    return ram[at.ON_GROUND] == 1 and ram[at.INVULNERABLE] == 0 and ram[at.STATE] == at.PLAYING


def survives_standing(machine: Machine, state: bytes) -> bool:
    """Return whether the body lives on unhurt without any button."""
    machine.reset(state)
    for _ in range(STANDING_FRAMES):
        machine.step()
        if at.is_dead(machine.ram()) or machine.ram()[at.INVULNERABLE]:
            return False
    return True


def is_current(machine: Machine, path: Path, state: bytes) -> bool:
    """Return whether a stored state leads to the same game as a new one."""
    try:
        return life_of(machine, gzip.decompress(path.read_bytes())) == life_of(machine, state)
    except (OSError, EOFError, GameError):
        return False


def wanted_files(machine: Machine, seconds: float) -> dict[Path, bytes]:
    """Make the content of every state, of the table of starts and of the ways from them."""
    names = enumerate(STATE_NAMES)
    states = {name: machine.level_start(level) for level, name in names}
    files: dict[Path, bytes] = {}
    starts = []
    for level in range(1, NUM_LEVELS):
        played = play_level(machine, level)
        for wanted in wanted_starts(level, at.goal_x(played[0][0])):
            start, states[start.name], frames = find_start(machine, wanted, played, seconds)
            files[way_path(start.name)] = way_text(start.name, level, frames).encode()
            starts.append(asdict(start))
    files[STARTS] = f"{json.dumps(starts, indent=2)}\n".encode()
    for name, state in states.items():
        path = FOLDER / f"{name}.state"
        kept = is_current(machine, path, state)
        files[path] = path.read_bytes() if kept else gzip.compress(state, mtime=0)
    return files


def changes(files: dict[Path, bytes]) -> dict[Path, bytes | None]:
    """Return what has to be written; None for states and ways that are no longer wanted."""
    level_ways = {way_path(name) for name in STATE_NAMES}
    present = {*FOLDER.glob("*.state"), *SOLUTIONS.glob("*.txt")} - level_ways
    result: dict[Path, bytes | None] = dict.fromkeys(present - set(files))
    for path, content in files.items():
        if not path.is_file() or path.read_bytes() != content:
            result[path] = content
    return result


def main(arguments: list[str] | None = None) -> int:
    """Write or check the states."""
    parser = argparse.ArgumentParser(description="Write the save states of Wickling.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on changes")
    options = parser.parse_args(arguments)
    try:
        with Machine() as machine:
            todo = changes(wanted_files(machine, 0 if options.check else SEARCH_SECONDS))
    except (GameError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    for path, content in sorted(todo.items()):
        print(f"{'would ' if options.check else ''}{'write' if content else 'remove'} {path.name}")
        if not options.check:
            path.unlink() if content is None else path.write_bytes(content)
    if not todo:
        print("every state is as it must be")
    return 1 if options.check and todo else 0


if __name__ == "__main__":
    sys.exit(main())
