"""The picture of what a network sees."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.pictures import save_observation_picture, side_by_side


def test_the_picture_holds_the_screen_and_the_observation_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "see.png"
    assert save_observation_picture("Airstriker-Genesis", path, scale=16, frames=240) == (14, 20)
    picture = cv2.imread(str(path))
    assert picture.shape == (224, 640, 3)
    assert picture[:, :320].max() > 100  # the game's own colours
    seen = picture[:, 320:]
    assert np.array_equal(seen[..., 0], seen[..., 2])
    for row, column in ((0, 0), (208, 304), (96, 160)):  # one grey per square of 16 pixels
        assert len(np.unique(seen[row : row + 16, column : column + 16])) == 1


def test_the_observation_is_enlarged_without_smoothing() -> None:
    screen = np.zeros((4, 4, 3), np.uint8)
    both = side_by_side(screen, np.array([[0.0, 1.0], [0.2, 0.4]]))
    assert both[:, 4:, 0].tolist() == [[0, 0, 255, 255]] * 2 + [[51, 51, 102, 102]] * 2


def test_an_unknown_ending_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"see\.png"):
        save_observation_picture("Airstriker-Genesis", tmp_path / "see.xyz", scale=8, frames=1)
