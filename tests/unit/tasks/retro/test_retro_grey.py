from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive.grey import shrink_grey

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.observation.pixels import AreaShrinker
from neuroevo.tasks.retro.settings import ObservationSettings


def random_screen(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def shrink(shrinker, screen):
    out = np.full(int(np.prod(shrinker.picture_shape)), np.nan)
    shrinker.shrink(screen, out)
    return out


@given(
    height=st.integers(1, 24),
    width=st.integers(1, 24),
    num_rows=st.integers(1, 9),
    num_columns=st.integers(1, 9),
    seed=st.integers(0, 1000),
)
@settings(deadline=None, max_examples=60)
def test_every_size_equals_the_exact_slow_twin(height, width, num_rows, num_columns, seed):
    screen = random_screen(height, width, seed)
    shrinker = AreaShrinker(ObservationSettings(height=num_rows, width=num_columns), screen.shape)
    expected = shrink_grey(screen, (0, 0, width, height), num_rows, num_columns)
    assert shrink(shrinker, screen).tolist() == expected


@pytest.mark.parametrize("size", [(28, 40), (84, 84), (13, 17)])
def test_a_genesis_frame_agrees_with_opencv_inter_area(size):
    cv2 = pytest.importorskip("cv2")
    screen = random_screen(224, 320, 1)
    shrinker = AreaShrinker(ObservationSettings(height=size[0], width=size[1]), screen.shape)
    exact = screen.astype(np.float64) @ np.array([0.299, 0.587, 0.114]) / 255
    expected = cv2.resize(exact, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(shrink(shrinker, screen), expected.ravel(), atol=1e-6)


def test_whole_blocks_with_a_crop_equal_the_slow_twin():
    screen = random_screen(40, 50, 2)
    shrinker = AreaShrinker(ObservationSettings(scale=8), screen.shape, (3, 5, 32, 16))
    assert (shrinker.num_rows, shrinker.num_columns) == (2, 4)
    assert shrink(shrinker, screen).tolist() == shrink_grey(screen, (3, 5, 32, 16), 2, 4)


def test_a_crop_of_zeros_reaches_to_the_edges():
    shrinker = AreaShrinker(ObservationSettings(scale=8), (224, 320, 3), (0, 0, 0, 0))
    assert shrinker.picture_shape == (28, 40)


def test_black_is_zero_and_white_is_one():
    shrinker = AreaShrinker(ObservationSettings(scale=8), (16, 24, 3))
    assert set(shrink(shrinker, np.zeros((16, 24, 3), np.uint8))) == {0.0}
    assert set(shrink(shrinker, np.full((16, 24, 3), 255, np.uint8))) == {1.0}


def test_a_tall_white_block_does_not_overflow():
    screen = np.full((600, 8, 3), 255, np.uint8)
    shrinker = AreaShrinker(ObservationSettings(height=1, width=1), screen.shape)
    assert shrink(shrinker, screen).tolist() == [1.0]


def test_the_picture_keeps_its_size_when_the_screen_changes():
    shrinker = AreaShrinker(ObservationSettings(scale=8), (40, 48, 3))
    screen = random_screen(40, 32, 3)
    assert shrink(shrinker, screen).tolist() == shrink_grey(screen, (0, 0, 32, 40), 5, 6)


@pytest.mark.parametrize("size", [{"scale": 0}, {"height": 0}, {"width": -1}])
def test_a_size_below_one_is_refused(size):
    with pytest.raises(TaskError, match=r"\[Observation\]"):
        AreaShrinker(ObservationSettings(**size), (224, 320, 3))
