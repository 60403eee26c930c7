"""The tile observation on the real game that ships: what is seen is what its level's text says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from builders.wickling import STATE_NAMES
from naive.tiles import see_tiles

from neuroevo.shipped import integrations_folder
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.observation.observer import make_observer
from neuroevo.tasks.retro.observation.parts import Moment
from neuroevo.tasks.retro.observation.tiles import TileObserver
from neuroevo.tasks.retro.settings import (
    ButtonSettings,
    FitnessSettings,
    FitnessTerm,
    ObservationSettings,
    RetroSettings,
)
from neuroevo.tasks.retro.task import RetroTask
from neuroevo.tasks.task import EpisodeSeeds

FOLDER = integrations_folder() / "Wickling-Nes-v0"
TILES = ObservationSettings(
    source=("tiles",), solid_tiles=((0x10, 0x1F),), hazard_tiles=((0x20, 0x2F),)
)
SIGNS = {"#": "#", "B": "#", "C": "#", "I": "#", "W": "#", "^": "x", "v": "x"}
SOLID, HAZARDS, PLATFORMS = range(0x10, 0x20), range(0x20, 0x30), range(0x24, 0x2D)
RIDING = 0x5C

pytestmark = pytest.mark.skipif(not (FOLDER / "rom.nes").exists(), reason="the ROM is not built")


@pytest.fixture
def wickling():
    """The game in its first level, which begins when it is switched on."""
    with Emulator.open(games.resolve_game("Wickling-Nes")) as emulator:
        emulator.reset(emulator.start_state(None))
        play(emulator, 30)
        yield emulator


def play(emulator, frames, *buttons):
    emulator.set_buttons(np.array([name in buttons for name in emulator.buttons], np.uint8))
    for _ in range(frames):
        emulator.step_frame()


def look(observer, emulator):
    return observer.observe(Moment(emulator, {}, 0, np.zeros(9, np.uint8)))


def picture(values):
    size = int(len(values) ** 0.5)
    signs = "".join({1.0: "#", -1.0: "x", 0.0: "."}[value] for value in values)
    return [signs[i : i + size] for i in range(0, size * size, size)]


def level_text(level):
    (path,) = (FOLDER / "src" / "levels").glob(f"{level}-*.txt")
    rows = path.read_text(encoding="utf-8").splitlines()[-13:]
    assert {len(row) for row in rows} == {len(rows[0])}
    return rows


def expected_at_the_start(level, radius):
    """Return the window around the P of a level's text, creatures left out."""
    rows = level_text(level)
    ((column, row),) = ((line.index("P"), y) for y, line in enumerate(rows) if "P" in line)

    def sign(x, y):
        return SIGNS.get(rows[y][x], ".") if x >= 0 and 0 <= y < 13 else "."

    return [
        "".join(sign(x, y) for x in range(column - radius, column + radius + 1))
        for y in range(row - radius, row + radius + 1)
    ]


@pytest.mark.parametrize("state", [None, "Practice"])
def test_the_start_of_the_practice_level_is_seen_as_its_text_has_it(wickling, state):
    wickling.reset(wickling.start_state(state))
    play(wickling, 30)
    observer = make_observer(TILES, wickling)
    assert picture(look(observer, wickling)) == expected_at_the_start(0, 6)


def test_the_start_of_every_level_is_seen_as_its_text_has_it_far_and_wide(wickling):
    observer = TileObserver(replace(TILES, radius=14))
    signs = set()
    for level, state in enumerate(STATE_NAMES):
        wickling.reset(wickling.start_state(state))
        ram = wickling.work_ram().copy()
        ram[0x0F:0x14] = 0  # creatures have begun to move
        seen = picture(observer.read(np.frombuffer(ram.tobytes(), np.uint8)))
        assert seen == expected_at_the_start(level, 14)
        signs |= set("".join(seen))
    assert signs == {"#", "x", "."}


def ways_to_the_right(emulator):
    """Run and hop to the right from every saved place; yield at every frame of play."""
    for path in sorted(FOLDER.glob("*.state")):
        emulator.reset(emulator.start_state(path.stem))
        for frame in range(90):
            play(emulator, 1, "RIGHT", *("A",) * (frame % 30 > 0))
            if emulator.work_ram()[0x0E] != 8:
                break
            yield


def test_the_slow_twin_sees_the_same_all_over_the_game(wickling):
    observer = make_observer(TILES, wickling)
    enemies, planks = 0, 0
    for _ in ways_to_the_right(wickling):
        ram = wickling.work_ram().tolist()
        seen = look(observer, wickling).tolist()
        assert seen == see_tiles(ram, 6, SOLID, HAZARDS, PLATFORMS)
        enemies += seen != see_tiles(ram, 6, SOLID, HAZARDS, range(256))
        planks += seen != see_tiles(ram, 6, SOLID, HAZARDS, ())
    assert enemies > 100
    assert planks > 20


def test_whoever_stands_has_something_solid_below_and_nothing_solid_in_the_own_tile(wickling):
    observer = make_observer(TILES, wickling)
    num_standing = 0
    for _ in ways_to_the_right(wickling):
        seen = look(observer, wickling).reshape(13, 13)
        assert seen[6, 6] != 1.0
        if wickling.variables()["on_ground"]:
            assert 1.0 in seen[7, 5:8]
            num_standing += 1
    assert num_standing > 100


@pytest.mark.parametrize(("kind", "num_places"), [(0x24, 1), (0x25, 16), (0x26, 8)])
def test_a_plank_under_the_feet_is_seen_right_below_them(wickling, kind, num_places):
    """Planks move by one or two pixels, so they pass many places between two rows."""
    observer = make_observer(TILES, wickling)
    memory = wickling._data.memory
    places = set()
    plank = {0x0F: 1, 0x16: kind, 0x6E: 0, 0x87: 30, 0xCF: 140}
    player = {0xCE: 90, 0x1D: 2}  # in the air above it, falling
    for address, value in (plank | player).items():
        memory.assign(address, "|u1", value)
    for _ in range(160):
        play(wickling, 1)
        ram = wickling.work_ram()
        if ram[RIDING] == 0 and ram[0xCE] < 140:  # not down at the ground yet
            seen = look(observer, wickling).reshape(13, 13)
            assert seen[7, 6] == 1.0
            assert seen[6, 6] == 0.0
            assert sorted(seen[7]) == [0.0] * 11 + [1.0] * 2
            places.add(int(ram[0xCE]) % 16)
    assert len(places) == num_places


def test_a_task_plays_on_tiles(wickling):
    wickling.close()
    settings = RetroSettings(
        "Wickling-Nes",
        observation=TILES,
        buttons=ButtonSettings(mode="combos", combos=(("RIGHT",), ("RIGHT", "A"))),
        fitness=FitnessSettings(terms=(FitnessTerm("way", "new_max", "x", 1.0),), max_frames=100),
    )

    class Eyes:
        def __init__(self):
            self.seen = set()

        def reset(self):
            pass

        def activate(self, inputs):
            assert inputs.shape == (169,)
            self.seen |= set(inputs.tolist())
            return np.array([1.0, 0.0])

    task, eyes = RetroTask(settings), Eyes()
    try:
        assert task.describe().num_inputs == 169
        assert task.describe().is_deterministic
        evaluation = task.evaluate(eyes, EpisodeSeeds(1, 2, 3))
    finally:
        task.close()
    assert evaluation.fitness > 50
    assert {0.0, 1.0} <= eyes.seen <= {-1.0, 0.0, 1.0}
