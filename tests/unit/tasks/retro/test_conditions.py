"""Conditions joined by "and" and "or", and names that a game does not have."""

from __future__ import annotations

from itertools import product

import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.fitness.conditions import Condition, all_of, any_of
from neuroevo.tasks.retro.fitness.counters import Unwrapper
from neuroevo.tasks.retro.fitness.expressions import compile_expression
from neuroevo.tasks.retro.fitness.scenario import ScenarioRules


def constant(value: bool) -> Condition:
    return lambda _now, _then: value


@pytest.mark.parametrize("values", [v for n in range(4) for v in product((False, True), repeat=n)])
def test_joined_conditions_are_those_of_python(values: tuple[bool, ...]) -> None:
    parts = [constant(value) for value in values]
    assert all_of(parts)({}, {}) is all(values)
    assert any_of(parts)({}, {}) is any(values)


def test_nothing_is_asked_after_the_first_answer() -> None:
    def never(_now: object, _then: object) -> bool:
        raise AssertionError("the answer was known")

    assert not all_of([constant(True), constant(False), never])({}, {})
    assert any_of([constant(False), constant(True), never])({}, {})


def test_a_name_that_the_game_does_not_have_is_told_alike_wherever_it_stands() -> None:
    done = {"done": {"variables": {"live": {"op": "zero"}}}}
    for where, make in (
        ("scenario.json", lambda: ScenarioRules(done, ["lives", "x"], "scenario.json")),
        ("[Fitness] unwrap", lambda: Unwrapper([("live", 256)], ["lives", "x"])),
        ("[Fitness] died", lambda: compile_expression("live", ["lives", "x"], "[Fitness] died")),
    ):
        with pytest.raises(TaskError) as told:
            make()
        assert str(told.value).startswith(f"{where}: must use variables of data.json; got 'live'")
        assert str(told.value).endswith("Did you mean lives? The game has: lives, x.")
