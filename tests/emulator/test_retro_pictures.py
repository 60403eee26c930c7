"""The picture of what a network sees."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.observation.parts import Bars, Pictures
from neuroevo.tasks.retro.pictures.drawing import LINE, draw_moment
from neuroevo.tasks.retro.pictures.saving import save_observation_picture


def test_the_picture_holds_the_screen_and_the_observation_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "see.png"
    assert save_observation_picture("Airstriker-Genesis", path, scale=16, frames=240) == (14, 20)
    picture = cv2.imread(str(path))
    assert picture.shape == (224 + LINE, 640, 3)
    assert picture[:224, :320].max() > 100  # the game's own colours
    seen = picture[LINE:, 320:]  # below its label
    assert np.array_equal(seen[..., 0], seen[..., 2])
    for row, column in ((0, 0), (208, 304), (96, 160)):  # one grey per square of 16 pixels
        assert len(np.unique(seen[row : row + 16, column : column + 16])) == 1


def seen_beside(screen: np.ndarray, *views: Bars | Pictures) -> np.ndarray:
    """Return what is drawn right of the screen, below the first label."""
    return draw_moment(screen, views)[LINE:, screen.shape[1] :]


def test_the_observation_is_enlarged_without_smoothing() -> None:
    values = np.array([[[0.0, 1.0], [0.2, 0.4]]])
    seen = seen_beside(np.zeros((256, 256, 3), np.uint8), Pictures("grey", values))
    assert seen.shape == (256, 256, 3)
    for channel in range(3):
        assert seen[::128, ::128, channel].tolist() == [[0, 255], [51, 102]]
        assert len(np.unique(seen[:128, :128])) == 1


def test_colours_are_drawn_as_colours_and_pictures_side_by_side() -> None:
    red_then_blue = np.zeros((2, 1, 1, 3))
    red_then_blue[0, 0, 0, 0] = red_then_blue[1, 0, 0, 2] = 1.0
    seen = seen_beside(np.zeros((64, 256, 3), np.uint8), Pictures("rgb", red_then_blue))
    assert seen[5, 5].tolist() == [255, 0, 0]
    assert seen[5, 64 + 5].tolist() == [0, 0, 255]


def test_a_picture_larger_than_its_place_is_made_smaller() -> None:
    values = np.ones((9, 300, 300))
    drawn = draw_moment(np.zeros((224, 256, 3), np.uint8), [Pictures("grey", values)])
    assert drawn.shape[1] == 512
    assert 224 <= drawn.shape[0] <= 224 + LINE
    assert (drawn[LINE:, 256:] == 255).mean() > 0.5


def test_a_bar_is_as_long_as_its_value_and_begins_at_zero() -> None:
    values = np.array([-1.0, 0.0, 0.5, 7.0])
    bars = Bars("numbers", ("a", "b", "c", "d"), values, (-1.0, 1.0))
    seen = seen_beside(np.zeros((64, 256, 3), np.uint8), bars)
    blue = (seen[LINE // 2 : 4 * LINE : LINE, :, 2] == 48) & (
        seen[LINE // 2 : 4 * LINE : LINE, :, 0] == 240
    )
    lengths = blue.sum(axis=1)
    assert lengths[1] == 1  # nothing but the mark of zero
    assert lengths[3] == pytest.approx(lengths[0], abs=2)  # beyond the range: to its end
    assert lengths[2] == pytest.approx(lengths[3] / 2, abs=2)
    assert np.flatnonzero(blue[0])[-1] == np.flatnonzero(blue[3])[0]


def test_many_numbers_are_drawn_as_squares() -> None:
    values = np.zeros(40)
    values[39] = 1.0
    names = tuple(map(str, range(40)))
    seen = seen_beside(np.zeros((64, 256, 3), np.uint8), Bars("ram", names, values, (0.0, 1.0)))
    white = np.argwhere(seen[..., 0] == 255)
    assert white.min(axis=0).tolist() == [8, 7 * 8]
    assert len(white) == 64


def test_an_unknown_ending_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"see\.png"):
        save_observation_picture("Airstriker-Genesis", tmp_path / "see.xyz", scale=8, frames=1)
