"""Work RAM in place, without a core."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from builders.small_core import core_of
from hypothesis import given
from hypothesis import strategies as st

from neuroevo.tasks.retro.live.core import find_core
from neuroevo.tasks.retro.live.ram import Number, find_ram


@pytest.fixture
def ram():
    return np.random.default_rng(1).integers(0, 256, 64, dtype=np.uint8)


def in_pieces(ram):
    """Two pieces in a row, a mirror of the first, and memory of another kind."""
    return lambda: {
        0: ram[:16].tobytes(), 16: ram[16:].tobytes(), 0x100: ram[:16].tobytes(), 0x200: bytes(8),
    }  # fmt: skip


def test_blocks_that_are_its_own_are_found_and_nothing_is_left_changed(ram):
    before = ram.copy()
    live = find_ram(core_of(ram), in_pieces(ram), 1)
    assert np.array_equal(ram, before)
    assert np.array_equal(live.copy_from(0), ram)
    assert np.array_equal(live.copy_from(16), ram[16:])
    assert np.array_equal(live.copy_from(0x100), ram[:16])
    assert live.copy_from(0x200) is None
    assert live.copy_from(1) is None


def test_a_mirror_right_behind_the_memory_is_not_its_continuation(ram):
    live = find_ram(core_of(ram), lambda: {0: ram.tobytes(), 64: ram.tobytes()}, 1)
    assert np.array_equal(live.copy_from(0), ram)
    assert np.array_equal(live.copy_from(64), ram)


def test_a_copy_stays_and_cannot_be_written_to(ram):
    live = find_ram(core_of(ram), in_pieces(ram), 1)
    copy = live.copy_from(0)
    ram[3] ^= 1
    assert copy[3] == ram[3] ^ 1
    with pytest.raises(ValueError, match="read-only"):
        copy[0] = 1


@pytest.mark.parametrize("what", ["another memory", "no memory", "nothing but what never changes"])
def test_what_stable_retro_does_not_show_is_not_taken(ram, what):
    seen, shown = ram.copy(), ram
    if what == "no memory":
        ram = np.empty(0, np.uint8)
    blocks = {
        "another memory": lambda: {0: seen.tobytes()},
        "no memory": lambda: {0: shown.tobytes()},
        "nothing but what never changes": lambda: {0: b""},
    }[what]
    assert find_ram(core_of(ram), blocks, 1) is None


@pytest.mark.parametrize(("word_size", "watched"), [(1, {5, 6, 7}), (2, {4, 5, 6, 7})])
def test_values_are_read_anew_when_one_of_their_bytes_changes_and_only_then(
    ram, word_size, watched
):
    live, calls = find_ram(core_of(ram), in_pieces(ram), word_size), []

    def read():
        calls.append(ram[5:8].tolist())
        return {"number": len(calls)}

    reader = live.when_changed([(5, 2), (6, 2)], read)
    assert reader() == {"number": 1}
    assert reader() is reader()
    for place in range(64):
        num_calls = len(calls)
        ram[place] ^= 128
        assert reader() == {"number": len(calls)}
        assert len(calls) - num_calls == (place in watched)


def test_one_byte_alone_is_watched_too(ram):
    values = iter([{"x": 1}, {"x": 2}])
    reader = find_ram(core_of(ram), in_pieces(ram), 1).when_changed([(0x101, 1)], values.__next__)
    assert reader() is reader()
    ram[1] ^= 4
    assert reader() == {"x": 2}


@pytest.mark.parametrize("span", [(0x200, 1), (63, 2), (15, 64), (0x50, 1)])
def test_values_that_lie_elsewhere_are_not_watched(ram, span):
    live = find_ram(core_of(ram), in_pieces(ram), 1)
    assert live.when_changed([(0, 1), span], dict) is None


@given(
    content=st.binary(min_size=16, max_size=16),
    numbers=st.lists(
        st.builds(Number, st.integers(0, 12), st.integers(1, 4), st.booleans(), st.booleans()),
        min_size=1,
        max_size=4,
    ),
    word_size=st.sampled_from([1, 2]),
)
def test_numbers_are_those_of_their_bytes(content, numbers, word_size):
    ram = np.frombuffer(content, np.uint8).copy()
    live = find_ram(core_of(ram), lambda: {0: ram.tobytes()}, word_size)
    named = {str(i): number for i, number in enumerate(numbers)}
    watch = live.watch(named)
    in_order = bytes(content[i ^ (word_size - 1)] for i in range(16))
    expected = {}
    for name, (address, size, is_signed, is_big_endian) in named.items():
        order = "big" if is_big_endian else "little"
        own = in_order[address : address + size]
        expected[name] = int.from_bytes(own, order, signed=is_signed)
        assert bytes(watch.glance()[place] for place in watch.places[name]) == own
    before = watch.glance()
    assert watch.values(before) == expected
    ram ^= 0x55
    assert watch.values(before) == expected, "a glance stays what it was"
    assert watch.glance() != before


def test_numbers_that_lie_elsewhere_are_not_seen(ram):
    live = find_ram(core_of(ram), in_pieces(ram), 1)
    here, beyond = Number(0, 1, False, False), Number(63, 2, False, False)
    assert live.watch({"a": here}) is not None
    assert live.watch({"a": here, "b": beyond}) is None


def test_a_library_that_is_not_loaded_is_not_loaded_for_this(tmp_path):
    assert find_core(tmp_path / "none.so") is None


def test_a_library_that_is_no_core_is_none():
    import _ctypes

    assert ctypes.CDLL(_ctypes.__file__)
    assert find_core(_ctypes.__file__) is None
