from __future__ import annotations

import json

import pytest

from neuroevo.curriculum import Curriculum
from neuroevo.tasks.task import TaskDescription


def description(*names: str, wins: int = 1, window: int = 1) -> TaskDescription:
    return TaskDescription(
        "game", 2, 1, True, stage_names=list(names), stage_wins=wins, stage_window=window
    )


def tell(curriculum: Curriculum, wins: str) -> list[tuple[int, bool]]:
    """Tell one generation per letter (w: won); return stage and done after each."""
    seen = []
    for letter in wins:
        curriculum.tell(has_won=letter == "w")
        seen.append((curriculum.stage, curriculum.is_done))
    return seen


def test_a_task_without_lessons_is_done_in_every_generation_that_wins():
    seen = tell(Curriculum(description()), "-w-w")
    assert seen == [(0, False), (0, True), (0, False), (0, True)]


def test_a_stage_is_passed_by_enough_wins_among_the_last_generations():
    curriculum = Curriculum(description("A", "B", wins=2, window=3))
    assert [stage for stage, _ in tell(curriculum, "w--w-w")] == [0, 0, 0, 0, 0, 1]


def test_wins_of_a_passed_stage_do_not_count_for_the_next():
    curriculum = Curriculum(description("A", "B", wins=2, window=3))
    assert tell(curriculum, "wwww") == [(0, False), (1, False), (1, False), (1, True)]


def test_the_next_stage_is_named():
    curriculum = Curriculum(description("A", "B"))
    assert curriculum.tell(has_won=False) is None
    assert curriculum.tell(has_won=True) == "curriculum: A is passed; now B, stage 2 of 2"
    assert curriculum.tell(has_won=True) is None  # the last one is the run's end


@pytest.mark.parametrize("cut", range(7))
def test_a_restored_curriculum_goes_on_as_if_nothing_had_been(cut: int):
    wins, whole = "w-ww--w", description("A", "B", "C", wins=2, window=3)
    uninterrupted = Curriculum(whole)
    expected = tell(uninterrupted, wins)
    first = Curriculum(whole)
    seen = tell(first, wins[:cut])
    second = Curriculum(whole, json.loads(json.dumps(first.state())))
    assert seen + tell(second, wins[cut:]) == expected
    assert second.state() == uninterrupted.state()
