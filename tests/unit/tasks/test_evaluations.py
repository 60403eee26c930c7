"""Evaluations by columns say the same as one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from neuroevo.tasks.evaluations import Evaluations
from neuroevo.tasks.task import Evaluation

SOME = [
    Evaluation(1.5, {"x": 4.0, "y": 1.0}, {"won": 1}, 10, solved=True),
    Evaluation(-2.0, {"z": 0.0, "x": 8.0}, {"died": 2, "stalled": 1}, 0),
    Evaluation(3.0),
]
OTHERS = [Evaluation(7.0, {"w": 0.1, "x": -1.0}, {"died": 1}, 1 << 40), Evaluation(8.0)]


def test_each_comes_back_as_it_was() -> None:
    table = Evaluations.of(SOME)
    assert list(table) == SOME
    assert table == SOME
    assert table == tuple(SOME)
    assert table != SOME[:2]
    assert table != [*SOME[:2], OTHERS[1]]
    assert table[-1] == SOME[-1]
    assert table[::2] == SOME[::2]
    assert Evaluations.of(table) is table
    with pytest.raises(IndexError):
        table[3]


def test_each_holds_numbers_that_a_file_can_hold() -> None:
    one = Evaluations.of(SOME)[0]
    values = (one.fitness, one.metrics["x"], one.endings["won"], one.num_frames, one.solved)
    assert [type(value) for value in values] == [float, float, int, int, bool]


def test_some_are_taken_in_any_order() -> None:
    assert Evaluations.of(SOME).take(np.array([2, 0, 2])) == [SOME[2], SOME[0], SOME[2]]


def test_others_stand_behind() -> None:
    nobody = Evaluations.of([])
    both = Evaluations.of(SOME).and_then(Evaluations.of(OTHERS))
    assert both == SOME + OTHERS
    assert nobody.and_then(both) == both
    assert both.and_then(nobody) == both
    assert both.endings["died"].dtype == np.int64


def test_a_mean_is_over_those_that_have_a_finite_number() -> None:
    evaluations = [
        Evaluation(1.0, {"x": 4.0, "y": 1.0}),
        Evaluation(1.0, {"x": 8.0, "y": math.nan, "z": math.inf}),
        Evaluation(math.nan),  # its worker died
    ]
    assert Evaluations.of(evaluations).mean_metrics() == {"x": 6.0, "y": 1.0}
    assert Evaluations.of(evaluations)[1] == Evaluation(1.0, {"x": 8.0})
    assert Evaluations.of(SOME[2:]).mean_metrics() == {}


def test_a_mean_of_what_is_too_large_to_be_added_is_left_out() -> None:
    huge = Evaluation(1.0, {"x": 1.7e308, "y": 2.0})
    assert Evaluations.of([huge, huge]).mean_metrics() == {"y": 2.0}


def test_a_mean_adds_one_number_after_the_other() -> None:
    values = np.random.default_rng(1).normal(size=300).tolist()
    table = Evaluations.of([Evaluation(0.0, {"x": value}) for value in values])
    assert table.mean_metrics() == {"x": sum(values) / 300}


def test_endings_are_counted_by_name_in_order() -> None:
    both = Evaluations.of(SOME + OTHERS)
    assert list(both.num_endings().items()) == [("died", 3), ("stalled", 1), ("won", 1)]
    assert both.take(np.array([0, 2])).num_endings() == {"won": 1}
    assert Evaluations.of(OTHERS[1:]).num_endings() == {}
