"""Draw the pictures of the game's page: screenshots, maps of all levels, what a network sees.

Screens are the emulator's while it replays the stored ways (find_way.py); maps come from the level
texts and drawings. Nothing depends on chance or clock: the same files give the same pictures.

    python draw_pictures.py                  # writes docs/images/wickling*.png of the repository
    python draw_pictures.py --to FOLDER
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import memory_map as at
import numpy as np
import numpy.typing as npt
from canvas import Canvas, blank, enlarge, frame, map_of_level, paste, png, write
from machine import FOLDER, NUM_LEVELS, STATE_NAMES, GameError, Machine
from ways import level_name, read_way

from neuroevo.tasks.retro.observation.tiles import ENEMY, SOLID, TileObserver
from neuroevo.tasks.retro.settings import ObservationSettings

IMAGES = FOLDER.parents[1] / "docs" / "images"
AFTER_GOAL_FRAMES = 16
"""The beacon is lit a frame after it is reached; the time then becomes score."""
TILE, CUT, HUD = 16, 8, 32
"""Pixels: of a tile, cut off at every edge of the screen, above the level."""
NUM_ROWS, WINDOW_COLUMNS, SCREEN_COLUMNS = 13, 32, 16
BEETLE, NEWT, MOTH, CRICKET, THISTLE, FIRST_PLANK = 1, 2, 3, 4, 5, 0x20
GLASS = 0x09
RIDING, NOBODY = 0x5C, 0xFF
"""Address of the slot of the plank under the player, and its value for none."""

SHEET_COLUMNS, GAP, ZOOM = 3, 4, 2
APART = 160
"""Two screenshots of a level are so many pixels apart."""
TILE_SETTINGS = ObservationSettings(
    source=("tiles",), solid_tiles=((0x10, 0x1F),), hazard_tiles=((0x20, 0x2F),)
)
PAPER, INK, FRAME = (20, 20, 28), (236, 232, 208), (255, 214, 64)
COLOURS = {SOLID: (170, 176, 190), ENEMY: (226, 74, 74), 0: (40, 44, 58)}
LEGEND = ((SOLID, "SOLID"), (ENEMY, "HURTS"), (0, "AIR"))

Score = Callable[[bytes], float]
"""How well a moment shows something; 0 when it does not."""
Films = Sequence[Sequence[bytes]]
"""Work RAM of every frame of the way through every level."""
Moment = tuple[int, int]
"""Level, number of the frame."""


@dataclass(frozen=True)
class Scene:
    """A screenshot: where it is looked for first, and what it has to show."""

    level: int
    shows: Score


# What a moment shows


def objects(ram: bytes) -> Iterator[tuple[int, int]]:
    """Yield kind and distance to the right of the player of every object on the screen."""
    for slot in range(at.NUM_SLOTS):
        x = ram[at.OBJECT_PAGE + slot] << 8 | ram[at.OBJECT_X + slot]
        if ram[at.ACTIVE + slot] and 0 <= x - at.camera_x(ram) - CUT <= 224:
            yield ram[at.KIND + slot], x - at.player_x(ram)


def tile(ram: bytes, column: int, row: int) -> int:
    """Return the tile code at a place near the screen."""
    return ram[at.TILES + column // 16 % 2 * 208 + row * 16 + column % 16]


def num_tiles(ram: bytes, code: int) -> int:
    """Return how many tiles of a code are on the screen."""
    first = at.camera_x(ram) // TILE + 1
    columns = range(first, first + SCREEN_COLUMNS - 2)
    return sum(tile(ram, column, row) == code for column in columns for row in range(NUM_ROWS))


def is_alive(ram: bytes) -> bool:
    """Return whether the player is on its way, unhurt and away from the level's start."""
    return ram[at.STATE] == at.PLAYING and not ram[at.INVULNERABLE] and at.camera_x(ram) > 0


def richness(ram: bytes) -> float:
    """Return a little for everything else that is to be seen."""
    return 6 * len(list(objects(ram))) + min(num_tiles(ram, 0x08), 4) + num_tiles(ram, 0x20)


def jumping_over_a_pit(ram: bytes) -> float:
    """Score a jump whose highest part is above a pit."""
    column = (at.player_x(ram) + TILE // 2) // TILE
    is_pit = not any(tile(ram, column, row) for row in (NUM_ROWS - 2, NUM_ROWS - 1))
    if not (is_alive(ram) and is_pit and ram[at.ON_GROUND] == 0):
        return 0
    return 200 - ram[at.Y] + 10 * richness(ram)


def facing_a(*kinds: int) -> Score:
    """Return the score of a moment a few steps before a creature of these kinds."""

    def score(ram: bytes) -> float:
        distances = [distance for kind, distance in objects(ram) if kind in kinds and distance > 20]
        if not distances or not is_alive(ram):
            return 0
        return 100 - min(abs(distance - 48) for distance in distances) + richness(ram)

    return score


def plank(ram: bytes) -> float:
    """Score a ride on a plank, or else one that is near."""
    distances = [abs(distance) for kind, distance in objects(ram) if kind >= FIRST_PLANK]
    if not distances or not is_alive(ram):
        return 0
    return 300 * (ram[RIDING] < at.NUM_SLOTS) + 200 - min(distances) + richness(ram)


def glass(ram: bytes) -> float:
    """Score a player behind glass, or else glass to be fetched."""
    if not is_alive(ram):
        return 0
    return 500 * ram[at.POWER] + 100 * num_tiles(ram, GLASS) + 20 * (ram[at.ON_GROUND] == 0)


def beacon_lit(ram: bytes) -> float:
    """Score the last frames, in which the time becomes score."""
    time = int("".join(str(digit) for digit in ram[at.TIME : at.TIME + 3]))
    return 1000 - time if ram[at.GOAL] else 0


SCENES = (
    Scene(0, jumping_over_a_pit),
    Scene(1, facing_a(BEETLE)),
    Scene(1, glass),
    Scene(2, plank),
    Scene(2, facing_a(CRICKET, MOTH)),
    Scene(3, plank),
    Scene(3, facing_a(NEWT, MOTH, CRICKET)),
    Scene(4, facing_a(THISTLE)),
    Scene(4, beacon_lit),
)


# Playing


def film_of(machine: Machine, level: int) -> list[bytes]:
    """Return work RAM of every frame of the stored way through a level.

    Raises:
        GameError: the way does not lead to the beacon.
    """
    film = list(play(machine, level))
    if not film[-1][at.GOAL]:
        raise GameError(
            f"{STATE_NAMES[level]}: the stored way must lead to the beacon; got to "
            f"x {max(map(at.player_x, film))}. Run tools/rebuild.py first."
        )
    return film


def play(machine: Machine, level: int) -> Iterator[bytes]:
    """Replay the stored way of a level and yield work RAM of every frame."""
    machine.reset(machine.level_start(level))
    for buttons in (*read_way(STATE_NAMES[level]).frames, *[""] * AFTER_GOAL_FRAMES):
        machine.step(buttons)
        yield machine.ram()


def screens_at(machine: Machine, moments: Sequence[Moment]) -> list[Canvas]:
    """Return the screens of moments of the ways.

    A screen shows what the frame before it has prepared, hence one frame more is played.
    """
    screens: dict[Moment, Canvas] = {}
    for level in sorted({level for level, _ in moments}):
        for now, _ in enumerate(play(machine, level), start=-1):
            if (level, now) in moments:
                screens[level, now] = machine.screen()
    return [screens[moment] for moment in moments]


def best_moments(films: Films, scenes: Sequence[Scene]) -> list[Moment]:
    """Return the moment that shows each scene best, far enough from those before it.

    The scene's level comes first, then the others; if nothing shows it, the middle of its way.
    """
    chosen: list[Moment] = []
    for scene in scenes:
        others = [level for level in range(len(films)) if level != scene.level]
        found = (best_in_level(films, level, scene, chosen) for level in (scene.level, *others))
        middle = scene.level, len(films[scene.level]) // 2
        chosen.append(next((moment for moment in found if moment), middle))
    return chosen


def best_in_level(
    films: Films, level: int, scene: Scene, chosen: Sequence[Moment]
) -> Moment | None:
    """Return the earliest of the moments of a level that show a scene best; None if none does."""
    places = [at.player_x(films[there][now]) for there, now in chosen if there == level]
    scores = [
        scene.shows(ram) * all(abs(at.player_x(ram) - x) >= APART for x in places)
        for ram in films[level][:-1]
    ]
    return (level, scores.index(max(scores))) if max(scores) > 0 else None


# Pictures


def sheet_of_screens(machine: Machine, films: Films) -> Canvas:
    """Return the screenshots in rows, with thin gaps, enlarged."""
    screens = screens_at(machine, best_moments(films, SCENES))
    height, width = screens[0].shape[:2]
    num_rows = -(-len(screens) // SHEET_COLUMNS)
    canvas = blank(num_rows * (height + GAP) - GAP, SHEET_COLUMNS * (width + GAP) - GAP, PAPER)
    for number, screen in enumerate(screens):
        row, column = divmod(number, SHEET_COLUMNS)
        paste(canvas, screen, column * (width + GAP), row * (height + GAP))
    return enlarge(canvas, ZOOM)


def maps_of_levels() -> Canvas:
    """Return every level as a strip, half as large as the game shows it, below its name."""
    strips = [map_of_level(level) for level in range(NUM_LEVELS)]
    step = strips[0].shape[0] + 8 * GAP
    canvas = blank(len(strips) * step, max(strip.shape[1] for strip in strips), PAPER)
    for level, strip in enumerate(strips):
        write(canvas, f"{level} {level_name(level)}", GAP, level * step + 2 * GAP, INK, ZOOM)
        paste(canvas, strip, 0, level * step + 7 * GAP)
    return canvas


def variety(observer: TileObserver) -> Score:
    """Return the score of a moment: how much of different sorts is before the player."""

    def score(ram: bytes) -> float:
        if not is_alive(ram):
            return 0
        ahead = square(observer, ram)[:, TILE_SETTINGS.radius :]
        distances = [distance for kind, distance in objects(ram) if kind < FIRST_PLANK]
        is_creature_near = any(2 * TILE < distance < 6 * TILE for distance in distances)
        num_hurting = min(int(np.sum(ahead == ENEMY)), 4)
        num_sorts = len(np.unique(ahead, axis=1).T)
        return 60 * is_creature_near + 10 * num_sorts + num_hurting + ram[at.ON_GROUND]

    return score


def square(observer: TileObserver, ram: bytes) -> npt.NDArray[np.float64]:
    """Return what a network sees as rows of tiles."""
    seen = observer.read(np.frombuffer(ram, np.uint8))
    return seen.reshape(int(len(seen) ** 0.5), -1)


def screen_and_view(machine: Machine, films: Films) -> Canvas:
    """Return a screen, with a frame around what a network sees of it, beside what it sees."""
    observer = TileObserver(TILE_SETTINGS)
    shows = variety(observer)
    _, level, moment = max(
        (shows(ram), level, moment)
        for level, film in enumerate(films)
        for moment, ram in enumerate(film[:-1])
    )
    ram = films[level][moment]
    seen = square(observer, ram)
    size = len(seen)
    screen = enlarge(screens_at(machine, [(level, moment)])[0], ZOOM)
    left = (at.player_x(ram) + TILE // 2) // TILE - size // 2
    top = (ram[at.Y] - TILE // 2) // TILE - size // 2
    x, y = left * TILE - at.camera_x(ram) - CUT, top * TILE + HUD - CUT
    frame(screen, ZOOM * x, ZOOM * y, ZOOM * TILE * size, FRAME)
    view = picture_of_view(seen, screen.shape[0])
    gap = blank(screen.shape[0], 2 * GAP, PAPER)
    return np.concatenate([screen, gap, view], axis=1)


def picture_of_view(seen: npt.NDArray[np.float64], height: int) -> Canvas:
    """Return the tiles as squares, the player's framed, with a legend in the room below them."""
    side = ZOOM * TILE
    canvas = blank(height, seen.shape[1] * side, PAPER)
    for (row, column), value in np.ndenumerate(seen):
        field = blank(side - 2, side - 2, COLOURS[int(value)])
        paste(canvas, field, column * side + 1, row * side + 1)
    frame(canvas, seen.shape[1] // 2 * side, seen.shape[0] // 2 * side, side, FRAME)
    x, y = 0, height - side // 2 - GAP // 2
    for value, text in LEGEND:
        paste(canvas, blank(side // 2, side // 2, COLOURS[value]), x, y)
        write(canvas, text, x + side // 2 + 2 * GAP, y, INK, ZOOM)
        x += side + (len(text) + 1) * 8 * ZOOM
    return canvas


def main(arguments: list[str] | None = None) -> int:
    """Draw the three pictures."""
    parser = argparse.ArgumentParser(description="Draw the pictures of the game's page.")
    parser.add_argument("--to", type=Path, default=IMAGES, metavar="FOLDER")
    options = parser.parse_args(arguments)
    try:
        with Machine() as machine:
            films = [film_of(machine, level) for level in range(NUM_LEVELS)]
            pictures = {
                "wickling.png": sheet_of_screens(machine, films),
                "wickling-levels.png": maps_of_levels(),
                "wickling-view.png": screen_and_view(machine, films),
            }
        options.to.mkdir(parents=True, exist_ok=True)
        for name, canvas in pictures.items():
            (options.to / name).write_bytes(png(canvas))
            print(f"drew {options.to / name} ({canvas.shape[1]} x {canvas.shape[0]})")
    except (GameError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
