"""The tiles of Super Mario World, on made-up memory: the real game is not here to be run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive.tiles_smw import see_world

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.observation.tiles_smw import WorldTileObserver
from neuroevo.tasks.retro.settings import ObservationSettings

TWO = ObservationSettings(layout="smw", radius=2)


class Memory:
    """Work RAM with the player standing in one tile of an empty level."""

    def __init__(self, column=20, row=10):
        self.bytes = bytearray(0x20000)
        self.put_player(16 * column, 16 * row - 16)

    def put_player(self, x, y):
        """Put the player's left edge, and the top of its upper half, at pixels of the level."""
        self.bytes[0x94:0x96] = x.to_bytes(2, "little", signed=True)
        self.bytes[0x96:0x98] = y.to_bytes(2, "little", signed=True)

    def put_tile(self, column, row, number):
        at = column // 16 * 0x1B0 + row * 16 + column % 16
        self.bytes[0xC800 + at], self.bytes[0x1C800 + at] = number & 0xFF, number >> 8

    def put_sprite(self, slot, x, y, number=0, status=8):
        self.bytes[0x14C8 + slot], self.bytes[0x9E + slot] = status, number
        self.bytes[0xE4 + slot], self.bytes[0x14E0 + slot] = x.to_bytes(2, "little", signed=True)
        self.bytes[0xD8 + slot], self.bytes[0x14D4 + slot] = y.to_bytes(2, "little", signed=True)

    def put_extended(self, slot, x, y, number=1):
        self.bytes[0x170B + slot] = number
        self.bytes[0x171F + slot], self.bytes[0x1733 + slot] = x.to_bytes(2, "little", signed=True)
        self.bytes[0x1715 + slot], self.bytes[0x1729 + slot] = y.to_bytes(2, "little", signed=True)

    def seen(self, chosen=TWO):
        """Return what is seen as rows of # solid, x enemy, . air."""
        observer = WorldTileObserver(chosen)
        values = observer.read(np.frombuffer(bytes(self.bytes), np.uint8))
        assert values.shape == (observer.num_inputs,)
        signs = "".join({1.0: "#", -1.0: "x", 0.0: "."}[value] for value in values)
        return [signs[i : i + observer.size] for i in range(0, len(signs), observer.size)]


def only(row, column, sign):
    rows = [["."] * 5 for _ in range(5)]
    rows[row][column] = sign
    return ["".join(line) for line in rows]


NOTHING = ["....."] * 5


def test_rows_come_from_the_top_and_columns_from_the_left_with_the_player_in_the_middle():
    memory = Memory(column=20, row=10)
    memory.put_tile(18, 8, 0x100)
    memory.put_tile(22, 9, 0x130)
    memory.put_tile(20, 10, 0x1FF)
    memory.put_tile(19, 12, 0x145)
    assert memory.seen() == ["#....", "....#", "..#..", ".....", ".#..."]


def test_whoever_stands_on_the_ground_has_it_right_below():
    memory = Memory(column=20, row=10)  # feet at the lower edge of row 10
    for column in range(16, 32):
        memory.put_tile(column, 11, 0x100)
    memory.put_sprite(3, 16 * 22, 16 * 10)  # stands on the same ground
    assert memory.seen() == [".....", ".....", "....x", "#####", "....."]


def test_a_window_reaches_over_two_screens():
    memory = Memory(column=32, row=26)
    for column, number in ((30, 0x100), (31, 0x25), (32, 0x101), (33, 0x06), (34, 0x102)):
        memory.put_tile(column, 26, number)
    assert memory.seen()[2] == "#.#.#"


def test_tiles_of_the_first_page_are_air_and_those_of_the_second_solid():
    memory = Memory()
    for column, number in enumerate((0x00, 0x25, 0xFF, 0x100, 0x1FF), start=18):
        memory.put_tile(column, 10, number)
    assert memory.seen()[2] == "...##"


def test_numbers_that_no_tile_has_are_air():
    memory = Memory()
    memory.put_tile(20, 10, 0x200)
    memory.put_tile(21, 10, 0xFFFF)
    assert memory.seen() == NOTHING


def test_classes_follow_the_settings_and_a_hazard_prevails():
    memory = Memory()
    for column, number in enumerate((0x05, 0x12F, 0x130, 0x25, 0x131), start=18):
        memory.put_tile(column, 10, number)
    chosen = ObservationSettings(
        layout="smw", radius=2, hazard_tiles=((0x05, 0x05), (0x12F, 0x12F))
    )
    assert memory.seen(chosen)[2] == "xx#.#"
    chosen = ObservationSettings(layout="smw", radius=2, solid_tiles=((0x25, 0x25),))
    assert memory.seen(chosen)[2] == "...#."


def test_there_is_air_around_the_level():
    memory = Memory(column=0, row=0)
    memory.bytes[0x1C800:0x20000] = b"\1" * 0x3800
    assert memory.seen() == [".....", ".....", "..###", "..###", "..###"]
    memory.put_player(32 * 256 - 16, 26 * 16 - 16)
    assert memory.seen() == ["###..", "###..", "###..", ".....", "....."]
    memory.put_player(-400, -400)
    assert memory.seen() == NOTHING


@pytest.mark.parametrize(("x", "column"), [(311, 1), (312, 2), (327, 2), (328, 3)])
def test_a_sprite_between_two_columns_is_in_the_one_of_its_middle(x, column):
    memory = Memory()
    memory.put_sprite(11, x, 160)
    assert memory.seen() == only(2, column, "x")


@pytest.mark.parametrize(("y", "row"), [(151, 1), (152, 2), (167, 2), (168, 3)])
def test_a_sprite_between_two_rows_is_in_the_one_of_its_middle(y, row):
    memory = Memory()
    memory.put_sprite(0, 320, y)
    assert memory.seen() == only(row, 2, "x")


def test_all_slots_are_seen_and_empty_ones_are_not():
    memory = Memory(column=20, row=10)
    chosen = ObservationSettings(layout="smw", radius=6)
    for slot in range(12):
        memory.put_sprite(slot, 16 * (14 + slot), 16 * 5)
    for slot in range(10):
        memory.put_extended(slot, 16 * (14 + slot), 16 * 6)
    memory.bytes[0x14C8 + 4] = 0
    memory.bytes[0x170B + 7] = 0
    seen = memory.seen(chosen)
    assert seen[1] == "xxxx.xxxxxxx."
    assert seen[2] == "xxxxxxx.xx..."


def test_a_sprite_that_carries_is_solid_and_an_enemy_in_its_place_prevails():
    memory = Memory()
    chosen = ObservationSettings(layout="smw", radius=2, platform_kinds=((0x55, 0x5A),))
    memory.put_sprite(0, 16 * 19, 16 * 10, number=0x55)
    memory.put_sprite(1, 16 * 21, 16 * 10, number=0x04)
    memory.put_sprite(2, 16 * 21, 16 * 10, number=0x5A)
    assert memory.seen(chosen)[2] == ".#.x."


def test_sprites_outside_the_window_are_ignored():
    memory = Memory()
    for slot, (column, row) in enumerate([(17, 10), (23, 10), (20, 7), (20, 13)]):
        memory.put_sprite(slot, 16 * column, 16 * row)
        memory.put_extended(slot, 16 * column, 16 * row)
    memory.put_sprite(5, -2000, -2000)
    assert memory.seen() == NOTHING


BYTES = st.integers(0, 255)
POSITION = st.integers(-300, 8500)
CODES = st.lists(
    st.tuples(st.integers(0, 511), st.integers(0, 511)).map(lambda pair: tuple(sorted(pair))),
    max_size=3,
)
KINDS = st.lists(st.tuples(BYTES, BYTES).map(lambda pair: tuple(sorted(pair))), max_size=2)


def codes(ranges):
    return {code for first, last in ranges for code in range(first, last + 1)}


@given(
    seed=st.integers(0, 2**32 - 1),
    radius=st.integers(1, 15),
    player=st.tuples(POSITION, st.integers(-100, 600)),
    offsets=st.lists(
        st.tuples(st.integers(-300, 300), st.integers(-300, 300)), min_size=22, max_size=22
    ),
    ranges=st.tuples(CODES, CODES, KINDS),
)
@settings(deadline=None, max_examples=60)
def test_every_memory_is_seen_as_by_the_slow_twin(seed, radius, player, offsets, ranges):
    generator = np.random.default_rng(seed)
    memory = Memory()
    memory.bytes[0x9E : 0x9E + 12] = generator.integers(0, 256, 12, np.uint8).tobytes()
    memory.bytes[0xC800:0x10000] = generator.integers(0, 256, 0x3800, np.uint8).tobytes()
    memory.bytes[0x1C800:0x20000] = generator.integers(0, 3, 0x3800, np.uint8).tobytes()
    memory.put_player(*player)
    for slot, (right, down) in enumerate(offsets):
        x, y = player[0] + right, player[1] + down
        if slot < 12:
            memory.put_sprite(slot, x, y, memory.bytes[0x9E + slot], int(generator.integers(2)))
        else:
            memory.put_extended(slot - 12, x, y, int(generator.integers(2)))
    solid, hazards, platforms = ranges
    chosen = ObservationSettings(
        layout="smw",
        radius=radius,
        solid_tiles=tuple(solid),
        hazard_tiles=tuple(hazards),
        platform_kinds=tuple(platforms),
    )
    got = WorldTileObserver(chosen).read(np.frombuffer(bytes(memory.bytes), np.uint8)).tolist()
    assert got == see_world(memory.bytes, radius, *map(codes, ranges))


@pytest.mark.parametrize(
    "change",
    [{"radius": 0}, {"radius": 16}, {"solid_tiles": ((0, 512),)}, {"hazard_tiles": ((5, 4),)},
     {"platform_kinds": ((0, 256),)}],
)  # fmt: skip
def test_sizes_and_codes_out_of_range_are_refused(change):
    with pytest.raises(TaskError, match=rf"\[Observation\] {next(iter(change))}: "):
        WorldTileObserver(ObservationSettings(layout="smw", **change))
