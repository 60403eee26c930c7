"""States are listed as a person counts."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from neuroevo.tasks.retro.games.folders import GameFolders
from neuroevo.tasks.retro.games.states import state_names


def game_with(folder: Path, names: list[str]) -> GameFolders:
    for name in names:
        (folder / f"{name}.state").touch()
    return GameFolders("Any-Nes", (folder,))


@pytest.mark.parametrize(
    "ordered",
    [
        ["Level1", "Level1-a", "Level1-b", "Level2", "Level10", "Practice"],
        ["1-1", "1-2", "1-10", "2-1", "10-1"],
        ["a", "B", "c"],
        ["Level01", "Level1", "Level1.5", "Level2"],
        ["9" * 200, "World", "world 2"],
        ["LabyrinthZone.Act1", "MarbleZone.Act2", "MarbleZone.Act3", "Ärger", "状態1", "状態2"],
    ],
)
def test_numbers_within_names_are_sorted_as_numbers(tmp_path: Path, ordered: list[str]) -> None:
    shuffled = ordered.copy()
    random.Random(1).shuffle(shuffled)
    assert state_names(game_with(tmp_path, shuffled)) == tuple(ordered)


def test_names_that_differ_in_case_or_zeros_have_an_order_of_their_own(tmp_path: Path) -> None:
    names = ["level1", "Level1", "Level01", "LEVEL1"]
    assert state_names(game_with(tmp_path, names)) == ("LEVEL1", "Level01", "Level1", "level1")


def test_hidden_states_are_not_listed(tmp_path: Path) -> None:
    assert state_names(game_with(tmp_path, ["_title", "Level1"])) == ("Level1",)


def test_digits_of_other_scripts_are_no_mistake(tmp_path: Path) -> None:
    names = state_names(game_with(tmp_path, ["Level²", "Level٣", "Level1"]))
    assert set(names) == {"Level²", "Level٣", "Level1"}
