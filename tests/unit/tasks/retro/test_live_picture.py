"""Pictures as a core makes them, without a core."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive.grey import shrink_grey
from naive.rgb565 import colours

from neuroevo.tasks.retro.live.core import FRAME, Core
from neuroevo.tasks.retro.live.picture import LivePicture, Words, as_rgb, find_picture
from neuroevo.tasks.retro.observation.pixels import AreaShrinker
from neuroevo.tasks.retro.observation.seed2021 import SeedShrinker
from neuroevo.tasks.retro.settings import ObservationSettings


def random_words(height, width, gap=0, seed=0):
    generator = np.random.default_rng(seed)
    return Words(generator.integers(0, 1 << 16, (height, width + gap), dtype=np.uint16), width)


def shrink(shrinker, screen):
    out = np.full(int(np.prod(shrinker.picture_shape)), np.nan)
    shrinker.shrink(screen, out)
    return out.tolist()


def test_every_word_becomes_the_colours_of_the_slow_twin():
    every = Words(np.arange(1 << 16, dtype=np.uint16).reshape(256, 256), 256)
    assert np.array_equal(as_rgb(every), colours(every))
    gaps = random_words(7, 5, gap=3)
    assert np.array_equal(as_rgb(gaps), colours(gaps))
    assert as_rgb(gaps).flags.c_contiguous


def test_colours_stay_what_they_are():
    screen = np.zeros((2, 3, 3), np.uint8)
    assert as_rgb(screen) is screen


@given(
    height=st.integers(1, 16),
    width=st.integers(1, 16),
    gap=st.integers(0, 3),
    num_rows=st.integers(1, 5),
    num_columns=st.integers(1, 5),
    seed=st.integers(0, 1000),
)
@settings(deadline=None, max_examples=60)
def test_grey_of_words_equals_the_exact_slow_twin(height, width, gap, num_rows, num_columns, seed):
    words = random_words(height, width, gap, seed)
    size = ObservationSettings(height=num_rows, width=num_columns)
    shrinker = AreaShrinker(size, (height, width, 3))
    expected = shrink_grey(colours(words), (0, 0, width, height), num_rows, num_columns)
    assert shrink(shrinker, words) == expected


@pytest.mark.parametrize("options", [
    {"scale": 8}, {"scale": 16}, {"scale": 8, "range": "raw"}, {"height": 84, "width": 84},
])  # fmt: skip
@pytest.mark.parametrize("is_coloured", [False, True])
@pytest.mark.parametrize("crop", [(0, 0, 0, 0), (8, 16, 304, 192)])
def test_words_give_what_their_colours_give(options, is_coloured, crop):
    words = random_words(224, 320, gap=400, seed=4)
    shrinker = AreaShrinker(
        ObservationSettings(**options), (224, 320, 3), crop, is_coloured=is_coloured
    )
    assert shrink(shrinker, words) == shrink(shrinker, as_rgb(words))


def test_the_picture_of_2021_is_the_same_of_words():
    words, size = random_words(224, 256, seed=5), ObservationSettings(scale=8)
    shrinker = SeedShrinker(size, (224, 256, 3), (0, 0, 0, 0))
    assert shrink(shrinker, words) == shrink(shrinker, as_rgb(words))


def test_words_and_colours_of_several_sizes_may_take_turns():
    shrinker = AreaShrinker(ObservationSettings(height=4, width=4), (16, 16, 3))
    screens = [random_words(16, 16), random_words(8, 32, gap=1), random_words(13, 16, seed=1)]
    screens += [as_rgb(screen) for screen in screens]
    alone = []
    for screen in screens:
        height, width, _ = as_rgb(screen).shape
        own = AreaShrinker(ObservationSettings(height=4, width=4), (height, width, 3))
        alone.append(shrink(own, screen))
    for index in [0, 3, 0, 4, 0, 1, 5, 1, 2, 3, 2, 0, 5, 2, 3, 1]:
        assert shrink(shrinker, screens[index]) == alone[index]


def test_white_in_a_tall_block_does_not_overflow():
    white = Words(np.full((600, 8), 0xFFFF, np.uint16), 8)
    shrinker = AreaShrinker(ObservationSettings(height=1, width=1), (600, 8, 3))
    assert shrink(shrinker, white) == shrink_grey(as_rgb(white), (0, 0, 8, 600), 1, 1)


class Buffer:
    """Stands where a core has its picture, and says so; stable-retro knows nothing of it."""

    def __init__(self, height, line_words, note=None):
        self.lines = np.zeros((height, line_words), np.uint16)
        self.frame = note or (self.lines.ctypes.data, 1, 1, 2 * line_words)

    def core(self):
        refreshes = []
        self.show = lambda: [refresh(*self.frame) for refresh in refreshes]
        return Core({"retro_set_video_refresh": refreshes.append})


def test_a_picture_that_stable_retro_shows_is_taken_and_left_as_it_was():
    buffer = Buffer(6, 9)
    buffer.lines[:] = random_words(6, 9, seed=6).lines
    before, core = buffer.lines.copy(), buffer.core()
    shown = find_picture(core, lambda: buffer.show(), lambda: as_rgb(Words(buffer.lines, 5)))
    assert shown is not None
    assert np.array_equal(buffer.lines, before)
    assert np.array_equal(shown.words().lines, before)
    buffer.lines[2, 3] ^= 1
    assert shown.words() is shown.words()
    assert np.array_equal(shown.words().lines, buffer.lines), "it is no copy"


@pytest.mark.parametrize("what", ["elsewhere", "32 bits", "no place", "short lines"])
def test_a_picture_that_stable_retro_does_not_show_is_not_taken(what):
    buffer, other = Buffer(6, 10), np.zeros((6, 10), np.uint16)

    def screen():
        if what == "elsewhere":
            return as_rgb(Words(other, 5))
        if what == "32 bits":
            return buffer.lines.view(np.uint8).reshape(6, 5, 4)[:, :, 2::-1].copy()
        return as_rgb(Words(buffer.lines, 5))

    if what == "no place":
        buffer.frame = (0, 5, 6, 20)
    if what == "short lines":
        buffer.frame = (buffer.lines.ctypes.data, 5, 6, 8)
    core = buffer.core()
    assert find_picture(core, lambda: buffer.show(), screen) is None
    assert not buffer.lines.any()
    assert not other.any()


def test_the_place_of_a_picture_may_change_and_a_repeated_one_has_none():
    first, second = random_words(4, 6, seed=1).lines, random_words(4, 8, seed=2).lines
    note = bytearray(FRAME.pack(first.ctypes.data, 6, 4, 12))
    picture = LivePicture(note, 4, 5)
    assert np.array_equal(picture.words().lines, first)
    FRAME.pack_into(note, 0, second.ctypes.data, 6, 4, 16)
    assert np.array_equal(picture.words().lines, second)
    FRAME.pack_into(note, 0, 0, 6, 4, 0)
    assert np.array_equal(picture.words().lines, second)
    assert picture.words().width == 5
