"""Pictures of what a network sees, written while it plays."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from builders.command_line import neuroevo as run

from neuroevo.errors import TaskError
from neuroevo.tasks.random_policy import RandomPolicy
from neuroevo.tasks.retro.pictures import dump as dump_module
from neuroevo.tasks.retro.pictures.drawing import LINE
from neuroevo.tasks.retro.pictures.dump import ObservationDump
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
    "Wickling-Nes",
    observation=ObservationSettings(
        source=("grey", "variables", "tiles"), variables=("x / 100", "y / 240")
    ),
    buttons=ButtonSettings(buttons=("RIGHT", "A")),
    fitness=FitnessSettings(
        terms=(FitnessTerm("way", "new_max", "x", 1.0),), stall_frames=None, max_frames=80
    ),
)


def dump(folder: Path) -> ObservationDump:
    task, watch = RetroTask(SETTINGS), ObservationDump(folder)
    try:
        plain = task.evaluate(RandomPolicy(2, np.random.default_rng(1)), EpisodeSeeds(1, 2, 3))
        player = RandomPolicy(2, np.random.default_rng(1))
        assert task.evaluate(player, EpisodeSeeds(1, 2, 3), watch=watch) == plain
    finally:
        task.close()
    return watch


def test_every_decision_is_a_picture_of_the_game_beside_what_is_seen(tmp_path: Path) -> None:
    watch = dump(tmp_path / "new" / "folder")
    files = sorted((tmp_path / "new" / "folder").glob("*.png"))
    assert [file.name for file in files] == [f"{n:04}.png" for n in range(1, 21)]
    first, last = (cv2.imread(str(file))[:, :, ::-1] for file in (files[0], files[-1]))
    assert first.shape[1] == 240 + 256
    assert not np.array_equal(first[:, :240], last[:, :240])  # the game
    grey, tiles = slice(LINE, LINE + 84), slice(224, None)
    for part in (grey, tiles):
        assert len(np.unique(first[part, 240:])) > 2
    assert watch.summary() == f"observation {tmp_path / 'new' / 'folder'} (20 pictures)"


def test_a_file_says_which_inputs_are_what(tmp_path: Path) -> None:
    dump(tmp_path)
    assert (tmp_path / "inputs.txt").read_text(encoding="utf-8").splitlines() == [
        "inputs, counted from 0",
        "0-839: grey 28 x 30",
        "840-841: variables",
        "842-1010: tiles 13 x 13",
    ]


def test_no_more_pictures_than_the_limit_are_written_and_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump_module, "MOST_PICTURES", 7)
    watch = dump(tmp_path)
    assert len(list(tmp_path.glob("*.png"))) == 7
    assert watch.summary().endswith("(7 pictures, the first 7 decisions)")


def test_a_folder_with_files_and_a_file_in_its_place_are_refused(tmp_path: Path) -> None:
    (tmp_path / "old.png").write_text("")
    with pytest.raises(TaskError, match="must be new or empty"):
        ObservationDump(tmp_path)
    with pytest.raises(TaskError, match="must be a folder that can be written to"):
        ObservationDump(tmp_path / "old.png")
    assert [file.name for file in tmp_path.iterdir()] == ["old.png"]


def test_the_random_player_dumps_its_first_episode_and_scores_the_same(tmp_path: Path) -> None:
    game = ("random", "wickling", "--episodes", "2", "--json", "--set", "Fitness.max_frames=60")
    plain, watched = run(*game), run(*game, "--dump-observation", tmp_path / "seen")
    assert (plain.returncode, watched.returncode) == (0, 0), watched.stderr
    assert plain.stdout == watched.stdout
    assert "15 pictures" in watched.stderr
    assert len(list((tmp_path / "seen").glob("*.png"))) == 15


def test_a_champion_dumps_what_it_sees_and_is_evaluated_as_before(tmp_path: Path) -> None:
    small = ["NEAT.pop_size=4", "Fitness.max_frames=40", "Run.workers=0", "Observation.stack=2"]
    options = [part for text in small for part in ("--set", text)]
    made = run(
        "evolve", "airstriker", "--generations", 1, "--out", tmp_path / "run", *options,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    evaluate = ("evaluate", tmp_path / "run", "--json")
    plain, watched = run(*evaluate), run(*evaluate, "--dump-observation", tmp_path / "seen")
    assert watched.returncode == 0, watched.stderr
    assert plain.stdout == watched.stdout
    assert "pictures)" in watched.stderr
    labels = (tmp_path / "seen" / "inputs.txt").read_text(encoding="utf-8")
    assert labels.endswith("0-559: grey 14 x 20, last 2\n")


def test_a_task_without_pictures_says_so_and_makes_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "see"
    ended = run("random", "xor", "--episodes", "1", "--dump-observation", folder)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "must be retro, for other tasks have no pictures; got xor." in ended.stderr
    assert not folder.exists()
