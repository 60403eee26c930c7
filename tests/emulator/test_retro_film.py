"""A film shows every decision and changes nothing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.random_policy import RandomPolicy
from neuroevo.tasks.retro.pictures import film as film_module
from neuroevo.tasks.retro.pictures.film import Film
from neuroevo.tasks.retro.pictures.saving import save_film
from neuroevo.tasks.retro.settings import (
    ButtonSettings,
    FitnessSettings,
    FitnessTerm,
    ObservationSettings,
    RetroSettings,
)
from neuroevo.tasks.retro.task import RetroTask
from neuroevo.tasks.task import EpisodeSeeds

SETTINGS = RetroSettings(
    game="Wickling-Nes",
    observation=ObservationSettings(source=("tiles",), solid_tiles=((0x10, 0x1F),)),
    buttons=ButtonSettings(buttons=("RIGHT", "A", "B")),
    fitness=FitnessSettings(
        terms=(FitnessTerm("progress", "new_max", "x", 1.0),), max_frames=240, stall_frames=None
    ),
)
SEEDS = EpisodeSeeds(1, 0, 0)


def player(task: RetroTask) -> RandomPolicy:
    return RandomPolicy(task.describe().num_outputs, np.random.default_rng(3))


def test_a_film_holds_every_decision_and_changes_no_result(tmp_path: Path) -> None:
    task, film = RetroTask(SETTINGS), Film()
    try:
        plain = task.evaluate(player(task), SEEDS)
        assert task.evaluate(player(task), SEEDS, watch=film) == plain
    finally:
        task.close()
    assert len(film.screens) == len(film.inputs) == plain.num_frames // 4
    assert film.screens[0].shape == (224, 240, 3)
    assert film.inputs[0].shape == (169,)
    assert set(np.unique(film.inputs[0])) <= {-1.0, 0.0, 1.0}
    assert [len(views) for _, views in film.moments()] == [1] * len(film.screens)
    assert not np.array_equal(film.screens[0], film.screens[-1])  # copies, not the live screen

    path = tmp_path / "new folder" / "film.png"
    save_film(path, film, frame_skip=4)
    is_read, animation = cv2.imreadanimation(str(path))
    # OpenCV joins pictures that are equal; their time is what must be whole.
    assert is_read
    assert sum(animation.durations) == pytest.approx(67 * len(film.screens), rel=0.02)
    first = animation.frames[0][:224, :240, 2::-1]
    assert np.array_equal(first, film.screens[0])  # lossless, and red is red


def test_a_long_film_is_thinned_out_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film_module, "MOST_PICTURES", 10)
    task, film = RetroTask(SETTINGS), Film()
    try:
        task.evaluate(player(task), SEEDS, watch=film)
    finally:
        task.close()
    assert film.stride == 8  # 60 decisions
    assert 5 <= len(film.screens) <= 10


def test_a_film_of_nothing_or_under_another_ending_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "film.png", tmp_path / "film.mp4"):
        with pytest.raises(TaskError, match=r"must be a \.png file"):
            save_film(path, Film(), frame_skip=4)
