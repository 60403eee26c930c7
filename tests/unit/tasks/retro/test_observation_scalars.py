"""Single numbers as inputs: expressions over variables, the timer, the last action."""

from __future__ import annotations

import numpy as np
import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.buttons.mapper import ButtonMapper
from neuroevo.tasks.retro.observation.parts import Moment
from neuroevo.tasks.retro.observation.scalars import LastActionPart, TimerPart, VariablePart
from neuroevo.tasks.retro.settings import ButtonSettings

NES = ("B", None, "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT", "A")
GAME = ("x", "y", "lives")


class Standing:
    """A game that stands still, as far as its variables show."""

    def __init__(self, variables):
        self._variables = variables

    def variables(self):
        return self._variables


def see(part, variables=None, **moment):
    out = np.full(part.num_inputs, np.nan)
    part.place(out)
    given = {"start": {}, "num_frames": 0, "pressed": np.zeros(9, np.uint8)}
    part.see(Moment(emulator=Standing(variables or {}), **(given | moment)), None)
    return out.tolist()


def test_variables_are_seen_in_the_order_of_the_settings():
    part = VariablePart(("x / 3000", "max(y, 100) / 240", "lives < start.lives"), GAME)
    now, start = {"x": 1500, "y": 60, "lives": 2}, {"x": 40, "y": 60, "lives": 3}
    assert see(part, variables=now, start=start) == [0.5, 100 / 240, 1.0]


def test_a_variable_divided_by_one_that_is_0_for_a_frame_is_0():
    part = VariablePart(("lives / start.lives",), GAME)
    assert see(part, variables={"lives": 3}, start={"lives": 0}) == [0.0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("xx / 3", "Did you mean x?"), ("x **", "arithmetic"), ("x ** 2", "Pow"), ("f(x)", "call")],
)
def test_a_wrong_expression_is_refused_with_its_place(text, reason):
    with pytest.raises(TaskError, match=r"\[Observation\] variables: must") as caught:
        VariablePart(("x", text), GAME)
    assert reason in str(caught.value)


def test_no_expression_at_all_is_refused():
    with pytest.raises(TaskError, match=r"variables: must hold at least one .* x / 3000"):
        VariablePart((), GAME)


def test_the_timer_goes_from_0_towards_1():
    part = TimerPart(400)
    assert [see(part, num_frames=n) for n in (0, 100, 396)] == [[0.0], [0.25], [0.99]]


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        (ButtonSettings(buttons=("RIGHT", "A")), ("RIGHT", "A")),
        (ButtonSettings(), ("B", "UP", "DOWN", "LEFT", "RIGHT", "A")),
        (ButtonSettings(outputs="console"), ("B", "UP", "DOWN", "LEFT", "RIGHT", "A")),
        (
            ButtonSettings(mode="combos", combos=((), ("RIGHT", "B"), ("RIGHT", "A"))),
            ("B", "RIGHT", "A"),
        ),
        (
            ButtonSettings(mode="groups", groups=((("LEFT",), ("RIGHT",)), (("A",), ()))),
            ("LEFT", "RIGHT", "A"),
        ),
    ],
)
def test_the_last_action_has_an_input_for_each_button_that_can_be_pressed(settings, names):
    mapper = ButtonMapper(settings, NES)
    part = LastActionPart(mapper, NES)
    assert part.view(np.zeros(part.num_inputs)).names == names
    pressed = np.array([name == names[-1] for name in NES], np.uint8)
    assert see(part, pressed=pressed) == [0.0] * (len(names) - 1) + [1.0]
    assert see(part) == [0.0] * len(names)


def test_looking_for_the_buttons_leaves_no_trace_in_the_counts_of_an_episode():
    mapper = ButtonMapper(ButtonSettings(), NES)
    LastActionPart(mapper, NES)
    assert set(mapper.counts().values()) == {0.0}
