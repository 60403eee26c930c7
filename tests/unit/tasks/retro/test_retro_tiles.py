from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive.tiles import see_tiles

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.observation.tiles import TileObserver
from neuroevo.tasks.retro.settings import ObservationSettings

OWN = ObservationSettings(
    radius=2, solid_tiles=((0x10, 0x1F),), hazard_tiles=((0x20, 0x2F),), platform_kinds=((36, 38),)
)


class Memory:
    """Work RAM with the player's body in one tile of an empty level."""

    def __init__(self, column=20, row=6):
        self.bytes = bytearray(0x800)
        self.put_player(16 * column, 16 * row + 16)

    def put_player(self, x, feet):
        """Put the player's left edge and feet at pixels of the level."""
        self.bytes[0x6D], self.bytes[0x86] = divmod(x, 256)
        self.bytes[0xB5], self.bytes[0xCE] = divmod(feet + 256, 256)

    def put_tile(self, column, row, code):
        self.bytes[0x500 + column // 16 % 2 * 208 + row * 16 + column % 16] = code

    def put_object(self, slot, kind, x, y, active=1):
        self.bytes[0x0F + slot], self.bytes[0x16 + slot] = active, kind
        self.bytes[0x6E + slot], self.bytes[0x87 + slot] = divmod(x, 256)
        self.bytes[0xCF + slot] = y

    def put_creature(self, slot, column, row, kind=1):
        self.put_object(slot, kind, 16 * column, 16 * row + 24)

    def seen(self, settings=OWN):
        """Return what is seen as rows of # solid, x enemy, . air."""
        size = 2 * settings.radius + 1
        observer = TileObserver(settings)
        values = observer.read(np.frombuffer(bytes(self.bytes), np.uint8))
        assert values.shape == (observer.num_inputs,) == (size * size,)
        signs = "".join({1.0: "#", -1.0: "x", 0.0: "."}[value] for value in values)
        return [signs[i : i + size] for i in range(0, size * size, size)]


def plank_y(surface):
    """Return the y in RAM of a plank whose surface is at a pixel of the level."""
    return surface + 32


def only(row, column, sign, size=5):
    rows = [["."] * size for _ in range(size)]
    rows[row][column] = sign
    return ["".join(line) for line in rows]


def test_a_network_gets_13_by_13_tiles_unless_told_otherwise():
    assert TileObserver(ObservationSettings()).num_inputs == 169


def test_rows_come_from_the_top_and_columns_from_the_left_with_the_player_in_the_middle():
    memory = Memory(column=20, row=6)
    memory.put_tile(18, 4, 0x10)
    memory.put_tile(22, 5, 0x11)
    memory.put_tile(20, 6, 0x12)
    memory.put_tile(19, 8, 0x13)
    assert memory.seen() == ["#....", "....#", "..#..", ".....", ".#..."]


def test_the_window_reaches_over_both_pages_and_over_their_seam():
    memory = Memory(column=32, row=1)
    for column, code in ((30, 0x10), (31, 0x20), (32, 0x10), (33, 0x20), (34, 0x10)):
        memory.put_tile(column, 2, code)
    assert memory.seen()[3] == "#x#x#"


@pytest.mark.parametrize(("x", "middle"), [(319, 20), (320, 20), (327, 20), (328, 21)])
def test_a_player_between_two_columns_belongs_to_the_one_of_its_middle(x, middle):
    memory = Memory()
    memory.put_player(x, 112)
    memory.put_tile(20, 6, 0x10)
    assert memory.seen() == only(2, 2 + 20 - middle, "#")


@pytest.mark.parametrize(("feet", "middle"), [(103, 5), (104, 6), (112, 6), (119, 6), (120, 7)])
def test_a_player_between_two_rows_belongs_to_the_one_of_its_middle(feet, middle):
    memory = Memory()
    memory.put_player(320, feet)
    memory.put_tile(20, 6, 0x10)
    assert memory.seen() == only(2 + 6 - middle, 2, "#")


def test_there_is_air_left_of_the_level_and_above_and_below_its_rows():
    memory = Memory(column=0, row=0)
    memory.bytes[0x500:0x6A0] = b"\x10" * 416
    assert memory.seen() == [".....", ".....", "..###", "..###", "..###"]
    memory.put_player(0, 13 * 16)
    assert memory.seen() == ["..###", "..###", "..###", ".....", "....."]


def test_a_player_above_the_screen_still_sees_the_level_below_it():
    memory = Memory()
    memory.bytes[0x500:0x6A0] = b"\x10" * 416
    memory.put_player(320, -8)
    assert memory.bytes[0xB5] == 0
    assert memory.seen() == [".....", ".....", ".....", "#####", "#####"]


def test_a_player_in_a_pit_sees_air():
    memory = Memory()
    memory.bytes[0x500:0x6A0] = b"\x10" * 416
    memory.put_player(320, 256)
    assert memory.bytes[0xB5] == 2
    assert memory.seen() == ["....."] * 5


def test_classes_follow_the_settings_and_a_hazard_prevails_over_solid():
    memory = Memory()
    for column, code in enumerate((0x08, 0x10, 0x1F, 0x20, 0x30), start=18):
        memory.put_tile(column, 6, code)
    assert memory.seen()[2] == ".##x."
    assert memory.seen(ObservationSettings(radius=2))[2] == "#####"
    both = ObservationSettings(radius=2, hazard_tiles=((0x1F, 0x20), (0x08, 0x08)))
    assert memory.seen(both)[2] == "x#xx#"
    assert memory.seen(ObservationSettings(radius=2, solid_tiles=()))[2] == "....."


@pytest.mark.parametrize(("x", "column"), [(327, 2), (328, 3), (343, 3), (344, 4)])
def test_a_creature_between_two_tiles_is_in_the_one_of_its_middle(x, column):
    memory = Memory()
    memory.put_object(3, 1, x, 6 * 16 + 24)
    assert memory.seen() == only(2, column, "x")


@pytest.mark.parametrize(("y", "row"), [(111, 1), (112, 2), (120, 2), (127, 2), (128, 3)])
def test_a_creature_between_two_rows_is_in_the_one_of_its_middle(y, row):
    memory = Memory()
    memory.put_object(0, 5, 320, y)
    assert memory.seen() == only(row, 2, "x")


def test_all_five_slots_are_seen_and_sleeping_ones_are_not():
    memory = Memory()
    for slot in range(5):
        memory.put_creature(slot, 18 + slot, 4)
    memory.bytes[0x0F + 2] = 0
    assert memory.seen()[0] == "xx.xx"


def test_objects_outside_the_window_are_ignored():
    memory = Memory()
    for slot, (column, row) in enumerate([(17, 6), (23, 6), (20, 3), (20, 9), (36, 6)]):
        memory.put_creature(slot, column, row)
    assert memory.seen() == ["....."] * 5


@pytest.mark.parametrize("slots", [(0, 1), (1, 0)])
def test_an_enemy_prevails_over_solid_tiles_and_over_platforms(slots):
    memory = Memory()
    memory.put_tile(21, 6, 0x10)
    memory.put_creature(slots[0], 21, 6)
    memory.put_object(slots[1], 36, 320, plank_y(6 * 16))
    assert memory.seen()[2] == "..#x."


def test_a_platform_covers_two_tiles_and_is_cut_at_the_edge_of_the_window():
    memory = Memory()
    memory.put_object(0, 36, 16 * 22, plank_y(7 * 16))
    memory.put_object(1, 38, 16 * 17, plank_y(7 * 16))
    memory.put_object(2, 39, 16 * 20, 7 * 16 + 24)
    assert memory.seen()[3] == "#.x.#"


@pytest.mark.parametrize("surface", range(96, 144))
def test_whoever_stands_on_a_platform_sees_it_in_the_row_below(surface):
    memory = Memory()
    memory.put_player(320, surface)
    memory.put_object(0, 37, 316, plank_y(surface))
    assert memory.seen() == [".....", ".....", ".....", "..##.", "....."]


BYTES = st.integers(0, 255)
CODES = st.lists(st.tuples(BYTES, BYTES).map(lambda pair: tuple(sorted(pair))), max_size=3)


def codes(ranges):
    return {code for first, last in ranges for code in range(first, last + 1)}


@given(
    seed=st.integers(0, 2**32 - 1),
    radius=st.integers(1, 15),
    player=st.tuples(st.integers(0, 5), BYTES, st.integers(0, 3), BYTES),
    # near the player, or the window would rarely hold one
    offsets=st.lists(st.integers(-300, 300), min_size=5, max_size=5),
    ranges=st.tuples(CODES, CODES, CODES),
)
def test_every_memory_is_seen_as_by_the_slow_twin(seed, radius, player, offsets, ranges):
    ram = np.random.default_rng(seed).integers(0, 256, 0x800, np.uint8)
    ram[[0x6D, 0x86, 0xB5, 0xCE]] = player
    ram[0x0F:0x14] &= 1
    for slot, offset in enumerate(offsets):
        x = max(0, 256 * player[0] + player[1] + offset)
        ram[0x6E + slot], ram[0x87 + slot] = divmod(x, 256)
    solid, hazards, platforms = ranges
    settings = ObservationSettings(
        radius=radius,
        solid_tiles=tuple(solid),
        hazard_tiles=tuple(hazards),
        platform_kinds=tuple(platforms),
    )
    ram = np.frombuffer(ram.tobytes(), np.uint8)
    got = TileObserver(settings).read(ram).tolist()
    assert got == see_tiles(ram.tolist(), radius, *map(codes, ranges))


@pytest.mark.parametrize(
    "change",
    [
        {"radius": 0},
        {"radius": 16},
        {"solid_tiles": ((5, 4),)},
        {"hazard_tiles": ((0, 256),)},
        {"platform_kinds": ((-1, 3),)},
    ],
)
def test_sizes_and_codes_out_of_range_are_refused(change):
    with pytest.raises(TaskError, match=rf"\[Observation\] {next(iter(change))}: "):
        TileObserver(ObservationSettings(**change))
