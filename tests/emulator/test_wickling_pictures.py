"""The pictures of Wickling's page: drawn from any stored ways, always the same."""

from __future__ import annotations

import re

import pytest
from builders.wickling import FOLDER, at

pytest.importorskip("stable_retro")
import canvas
import draw_pictures
import matplotlib.image
import numpy as np

IMAGES = FOLDER.parents[1] / "docs" / "images"
MAX_BYTES = 150_000


def pixels(path):
    return np.rint(matplotlib.image.imread(path)[:, :, :3] * 255).astype(np.uint8)


def test_the_pictures_of_the_page_are_what_sources_and_ways_give(tmp_path):
    """If not: run tools/draw_pictures.py. Pixels are compared: compression is zlib's affair."""
    assert draw_pictures.main(["--to", str(tmp_path)]) == 0
    drawn = sorted(path.name for path in tmp_path.iterdir())
    assert drawn == ["wickling-levels.png", "wickling-view.png", "wickling.png"]
    for name in drawn:
        assert np.array_equal(pixels(tmp_path / name), pixels(IMAGES / name)), name
        assert (IMAGES / name).stat().st_size < MAX_BYTES


@pytest.mark.parametrize("num_colours", [2, 256, 257])
def test_a_png_file_holds_the_pixels_of_its_canvas(tmp_path, num_colours):
    numbers = np.arange(20 * 30) % num_colours
    picture = np.stack([numbers % 256, numbers // 256, numbers * 7 % 256], axis=1)
    picture = picture.astype(np.uint8).reshape(20, 30, 3)
    path = tmp_path / "picture.png"
    path.write_bytes(canvas.png(picture))
    assert np.array_equal(pixels(path), picture)


def test_a_scene_that_no_way_shows_becomes_the_middle_of_its_way():
    films = [[bytes(2048)] * 10, [bytes(2048)] * 20]
    scene = draw_pictures.Scene(1, lambda ram: 0)
    assert draw_pictures.best_moments(films, [scene]) == [(1, 10)]


def test_two_scenes_of_a_level_lie_apart():
    film = []
    for x in range(0, 400, 10):
        ram = bytearray(2048)
        ram[at.X : at.X + 2] = x.to_bytes(2, "little")
        film.append(bytes(ram))
    scene = draw_pictures.Scene(0, lambda ram: 1000 - at.player_x(ram))
    (_, first), (_, second) = draw_pictures.best_moments([film], [scene, scene])
    assert first == 0
    assert second * 10 == draw_pictures.APART


def test_a_map_shows_the_colours_of_ground_and_sky():
    text = next((FOLDER / "src" / "levels").glob("1-*.txt")).read_text(encoding="utf-8")
    rows = text.split("\n\n", 1)[1].splitlines()
    picture = canvas.map_of_level(1)
    assert picture.shape == (13 * 8, len(rows[0]) * 8, 3)
    sky = picture[4, 4]
    for match in re.finditer("#", rows[-1]):
        assert (picture[-8:, match.start() * 8 : match.end() * 8] != sky).any()
    for match in re.finditer(r"\.", rows[-1]):
        assert (picture[-8:, match.start() * 8 : match.end() * 8] == sky).all()
