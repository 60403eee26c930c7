"""Pictures of the screen: colours, ranges, stacks, differences, and the seed's own picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive.grey import shrink_grey
from naive.pixels import shrink_colours, stacked

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.observation.parts import Pictures
from neuroevo.tasks.retro.observation.pixels import AreaShrinker, PixelPart
from neuroevo.tasks.retro.observation.seed2021 import SeedShrinker
from neuroevo.tasks.retro.settings import ObservationSettings

WHOLE = (0, 0, 0, 0)


def random_screen(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def make_part(screen, is_coloured=False, crop=WHOLE, **changes):
    chosen = ObservationSettings(**changes)
    shrinker = AreaShrinker(chosen, screen.shape, crop, is_coloured=is_coloured)
    return PixelPart("rgb" if is_coloured else "grey", chosen, shrinker)


def watch(part, screens):
    """Return what is seen of each screen, written to the middle of a larger array."""
    array = np.full(part.num_inputs + 2, np.nan)
    part.place(array[1:-1])
    part.begin()
    seen = []
    for screen in screens:
        part.see(None, screen)
        assert np.isnan(array[[0, -1]]).all()
        seen.append(array[1:-1].copy())
    return seen


@given(
    height=st.integers(1, 24),
    width=st.integers(1, 24),
    num_rows=st.integers(1, 9),
    num_columns=st.integers(1, 9),
    seed=st.integers(0, 1000),
)
@settings(deadline=None, max_examples=60)
def test_colours_of_every_size_equal_the_exact_slow_twin(
    height, width, num_rows, num_columns, seed
):
    screen = random_screen(height, width, seed)
    part = make_part(screen, is_coloured=True, height=num_rows, width=num_columns)
    expected = shrink_colours(screen, (0, 0, width, height), num_rows, num_columns)
    assert watch(part, [screen])[0].tolist() == expected


def test_rgb_is_three_pictures_red_green_and_blue():
    screen = np.zeros((16, 24, 3), np.uint8)
    screen[:, :] = (255, 0, 51)
    part = make_part(screen, is_coloured=True)
    assert (part.num_inputs, part.label) == (3 * 2 * 3, "rgb 2 x 3")
    assert watch(part, [screen])[0].tolist() == [1.0] * 6 + [0.0] * 6 + [0.2] * 6


def test_a_crop_is_seen_in_colours_too():
    screen = random_screen(40, 50, 2)
    part = make_part(screen, is_coloured=True, crop=(3, 5, 32, 16))
    assert watch(part, [screen])[0].tolist() == shrink_colours(screen, (3, 5, 32, 16), 2, 4)


@pytest.mark.parametrize("is_coloured", [False, True])
@pytest.mark.parametrize("size", [(2, 3), (3, 5)])
def test_ranges_are_the_same_picture_from_other_ends(is_coloured, size):
    screen = random_screen(16, 24)
    size = {"height": size[0], "width": size[1]}
    unit, signed, raw = (
        watch(make_part(screen, is_coloured, range=name, **size), [screen])[0]
        for name in ("unit", "signed", "raw")
    )
    assert unit.max() > 0.5 > unit.min() > 0.0
    np.testing.assert_allclose(signed, 2 * unit - 1, rtol=1e-15, atol=1e-15)
    np.testing.assert_allclose(raw, 255 * unit, rtol=1e-15)


def test_raw_black_and_white_are_0_and_255():
    for value in (0, 255):
        screen = np.full((16, 24, 3), value, np.uint8)
        for is_coloured in (False, True):
            seen = watch(make_part(screen, is_coloured, range="raw"), [screen])[0]
            assert set(seen) == {float(value)}


@given(
    size=st.integers(1, 5),
    difference=st.booleans(),
    is_coloured=st.booleans(),
    count=st.integers(1, 8),
    seed=st.integers(0, 1000),
)
@settings(deadline=None, max_examples=60)
def test_stack_and_difference_equal_their_definition(size, difference, is_coloured, count, seed):
    screens = [random_screen(8, 8, seed + index) for index in range(count)]
    part = make_part(screens[0], is_coloured, height=2, width=3, stack=size, difference=difference)
    slow = shrink_colours if is_coloured else shrink_grey
    pictures = [slow(screen, (0, 0, 8, 8), 2, 3) for screen in screens]
    for shown, seen in enumerate(watch(part, screens), start=1):
        expected = stacked(pictures[:shown], size, difference=difference)
        np.testing.assert_allclose(seen, expected, rtol=1e-15, atol=1e-15)


def test_a_stack_begins_with_its_first_picture_in_every_episode():
    black, white = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)
    part = make_part(black, stack=3, difference=True)
    assert watch(part, [black, white])[1].tolist() == [0.0, 0.0, 1.0, 1.0]
    assert watch(part, [white, black])[0].tolist() == [1.0, 1.0, 1.0, 0.0]
    assert watch(part, [white, black])[1].tolist() == [1.0, 1.0, 0.0, -1.0]


@pytest.mark.parametrize(("name", "brightest"), [("unit", 1.0), ("signed", 1.0), ("raw", 255.0)])
def test_a_difference_reaches_from_all_darker_to_all_brighter(name, brightest):
    black, white = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)
    part = make_part(black, range=name, difference=True)
    _, rise, fall = watch(part, [black, white, black])
    assert (rise[-1], fall[-1]) == (brightest, -brightest)
    lowest, highest = part.bounds()
    assert (lowest[-1], highest[-1]) == (-brightest, brightest)


def test_the_picture_keeps_its_size_when_the_screen_changes_in_the_middle_of_a_stack():
    first, wide = random_screen(16, 16, 1), random_screen(20, 32, 2)
    part = make_part(first, is_coloured=True, stack=2, difference=True)
    seen = watch(part, [first, wide, first])
    assert [len(inputs) for inputs in seen] == [3 * 3 * 4] * 3
    assert seen[1][12:24].tolist() == shrink_colours(wide, (0, 0, 32, 20), 2, 2)
    assert seen[2][:12].tolist() == seen[1][12:24].tolist()


def test_height_and_width_are_not_exchanged():
    screen = np.zeros((16, 32, 3), np.uint8)
    screen[:8] = 255  # the upper half is white
    seen = watch(make_part(screen), [screen])[0]
    assert seen.reshape(2, 4).tolist() == [[1.0] * 4, [0.0] * 4]


def test_views_are_pictures_from_0_to_1_whatever_the_range():
    screen = random_screen(16, 24)
    for name in ("unit", "signed", "raw"):
        part = make_part(screen, is_coloured=True, range=name, stack=2, difference=True)
        view = part.view(watch(part, [screen])[0])
        assert isinstance(view, Pictures)
        assert view.label == "rgb 2 x 3, last 2 and difference"
        assert view.values.shape == (3, 2, 3, 3)
        expected = np.array(shrink_colours(screen, (0, 0, 24, 16), 2, 3)).reshape(3, 2, 3)
        np.testing.assert_allclose(view.values[1], expected.transpose(1, 2, 0), atol=1e-12)
        np.testing.assert_allclose(view.values[2], 0.5)


def seeds_own_steps(ob):
    """What the program of 2021 wrote, line by line."""
    inx, iny, _ = ob.shape
    inx, iny = int(inx / 8), int(iny / 8)
    ob = cv2.resize(ob, (inx, iny))
    ob = cv2.cvtColor(ob, cv2.COLOR_BGR2GRAY)
    ob = np.reshape(ob, (inx, iny))
    return np.ndarray.flatten(ob)


@pytest.mark.parametrize("shape", [(224, 320), (224, 240), (210, 160), (192, 256)])
def test_the_seeds_picture_is_exactly_that_of_its_own_steps(shape):
    screen = random_screen(*shape)
    chosen = ObservationSettings(range="raw", shrink="seed2021")
    part = PixelPart("grey", chosen, SeedShrinker(chosen, screen.shape, WHOLE))
    assert watch(part, [screen])[0].tolist() == seeds_own_steps(screen).tolist()
    assert part.num_inputs == shape[0] // 8 * (shape[1] // 8)


def test_the_seeds_picture_is_cropped_as_its_environment_cropped():
    screen = random_screen(224, 320, 4)
    chosen = ObservationSettings(range="raw", shrink="seed2021")
    part = PixelPart("grey", chosen, SeedShrinker(chosen, screen.shape, (8, 16, 160, 80)))
    expected = seeds_own_steps(np.ascontiguousarray(screen[16:96, 8:168]))
    assert watch(part, [screen])[0].tolist() == expected.tolist()


def test_the_seeds_picture_is_a_portrait_and_takes_red_for_blue():
    """Its quirks, kept on purpose: they are what makes it another picture than ours."""
    screen = np.zeros((224, 320, 3), np.uint8)
    screen[:112] = (255, 0, 0)  # the upper half is red
    chosen = ObservationSettings(range="raw", shrink="seed2021")
    part = PixelPart("grey", chosen, SeedShrinker(chosen, screen.shape, WHOLE))
    seen = watch(part, [screen])[0]
    portrait = part.view(seen).values[0] * 255
    assert portrait.shape == (40, 28)
    assert portrait[0, 0] == 29.0  # the grey of blue; of red it is 76
    assert np.flatnonzero(portrait[:, 0]).tolist() == list(range(20))
    assert np.count_nonzero(seen.reshape(28, 40)[0]) == 40


def test_a_seeds_picture_from_0_to_1_is_its_bytes_by_255():
    screen = random_screen(224, 320, 5)
    for name, scale, shift in (("unit", 255.0, 0.0), ("signed", 127.5, -1.0)):
        chosen = ObservationSettings(range=name, shrink="seed2021")
        part = PixelPart("grey", chosen, SeedShrinker(chosen, screen.shape, WHOLE))
        expected = seeds_own_steps(screen) / scale + shift
        np.testing.assert_allclose(watch(part, [screen])[0], expected, atol=1e-15)


@pytest.mark.parametrize("size", [{"scale": 0}, {"height": 0, "width": 3}])
def test_a_size_below_one_is_refused_for_the_seeds_picture_too(size):
    with pytest.raises(TaskError, match=r"\[Observation\]"):
        SeedShrinker(ObservationSettings(**size), (224, 320, 3), WHOLE)
