from __future__ import annotations

import itertools

import numpy as np
import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.buttons.mapper import FORBIDDEN, ButtonMapper
from neuroevo.tasks.retro.settings import ButtonSettings

GENESIS = ("B", "A", "MODE", "START", "UP", "DOWN", "LEFT", "RIGHT", "C", "Y", "X", "Z")
NES = ("B", None, "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT", "A")
BIT = {name: 1 << i for i, name in enumerate(GENESIS)}


def patterns(*combos):
    return tuple(sum(BIT[name] for name in combo.split("+") if name) for combo in combos)


GROUPS = (
    patterns("", "UP", "DOWN"),
    patterns("", "LEFT", "RIGHT"),
    patterns("", "A", "B", "C", "X", "Y", "Z", "A+B", "B+C", "A+X", "B+Y", "C+Z", "X+Y", "Y+Z"),
)


def pressed(mapper, **outputs):
    """Press by name; the mapper must have one output per console button."""
    values = np.array([outputs.get(name, 0.0) for name in GENESIS])
    return set(mapper.pressed(mapper.masks(values)[0]))


@pytest.fixture
def console():
    return ButtonMapper(ButtonSettings(outputs="console"), GENESIS, GROUPS)


def test_default_outputs_are_the_players_buttons_in_console_order():
    mapper = ButtonMapper(ButtonSettings(), GENESIS, GROUPS)
    assert mapper.num_outputs == 10
    assert mapper.pressed(mapper.masks(np.array([1.0] + [0.0] * 9))[0]) == ("B",)
    assert ButtonMapper(ButtonSettings(), NES).num_outputs == 6


def test_console_outputs_count_every_place_and_ignore_forbidden_ones(console):
    assert console.num_outputs == 12
    assert pressed(console, START=1.0, MODE=1.0) == set()


def test_no_combination_of_outputs_presses_a_forbidden_or_illegal_pattern(console):
    legal = [set(group) for group in GROUPS]
    everything = [max_bits(group) for group in GROUPS]
    for bits in itertools.product((0.0, 1.0), repeat=12):
        for mask in console.masks(np.array(bits)):
            pattern = sum(int(bit) << i for i, bit in enumerate(mask))
            assert not pattern & (BIT["START"] | BIT["MODE"])
            assert all(pattern & whole in ok for whole, ok in zip(everything, legal, strict=True))


def max_bits(group):
    whole = 0
    for member in group:
        whole |= member
    return whole


def test_only_outputs_above_the_threshold_press(console):
    assert pressed(console, B=0.5) == set()
    assert pressed(console, B=0.5000001) == {"B"}


def test_opposite_directions_give_the_higher_output_and_a_tie_gives_neither(console):
    assert pressed(console, LEFT=0.9, RIGHT=0.8) == {"LEFT"}
    assert pressed(console, LEFT=0.8, RIGHT=0.9) == {"RIGHT"}
    assert pressed(console, UP=0.9, DOWN=0.9) == set()


def test_an_illegal_face_group_keeps_its_highest_legal_part(console):
    assert pressed(console, A=0.9, C=0.7) == {"A"}
    assert pressed(console, A=0.9, B=0.9, C=0.6) == {"A", "B"}
    assert pressed(console, B=0.6, C=0.9, A=0.7) == {"C", "B"}


def test_nan_presses_nothing(console):
    assert pressed(console, B=float("nan"), LEFT=float("nan")) == set()


def test_opposites_exclude_even_without_groups():
    mapper = ButtonMapper(ButtonSettings(buttons=("LEFT", "RIGHT")), NES)
    assert mapper.masks(np.array([1.0, 1.0]))[0].sum() == 0


def test_combos_press_the_highest_output_and_the_first_of_equals():
    mapper = ButtonMapper(
        ButtonSettings(mode="combos", combos=((), ("LEFT",), ("RIGHT", "B"))), GENESIS, GROUPS
    )
    assert mapper.num_outputs == 3
    assert set(mapper.pressed(mapper.masks(np.array([0.1, 0.2, 0.3]))[0])) == {"RIGHT", "B"}
    assert mapper.pressed(mapper.masks(np.array([0.1, 0.2, 0.2]))[0]) == ("LEFT",)
    assert mapper.pressed(mapper.masks(np.array([np.nan, -3.0, np.nan]))[0]) == ("LEFT",)
    assert mapper.pressed(mapper.masks(np.full(3, np.nan))[0]) == ()
    assert mapper.pressed(mapper.masks(np.array([-np.inf, -np.inf, np.nan]))[0]) == ()


def test_autofire_releases_its_buttons_in_the_second_half_only():
    settings = ButtonSettings(buttons=("LEFT", "B"), autofire=("B",))
    mapper = ButtonMapper(settings, GENESIS, GROUPS)
    first, second = mapper.masks(np.array([1.0, 1.0]))
    assert set(mapper.pressed(first)) == {"LEFT", "B"}
    assert mapper.pressed(second) == ("LEFT",)


@pytest.mark.parametrize("name", sorted(FORBIDDEN - {"PAUSE", "RUN", "SELECT", "RESET"}))
@pytest.mark.parametrize("key", ["buttons", "combos", "autofire"])
def test_forbidden_buttons_are_refused_wherever_they_are_asked_for(key, name):
    value = ((name,),) if key == "combos" else (name,)
    settings = ButtonSettings(mode="combos" if key == "combos" else "threshold", **{key: value})
    with pytest.raises(TaskError, match=f"must not press.*{name}"):
        ButtonMapper(settings, GENESIS, GROUPS)


def test_an_unknown_button_is_refused_with_the_nearest_one():
    with pytest.raises(TaskError, match="Did you mean LEFT"):
        ButtonMapper(ButtonSettings(buttons=("LEFTT",)), GENESIS, GROUPS)


@pytest.mark.parametrize("combo", [("LEFT", "RIGHT"), ("A", "C"), ("A", "B", "C")])
def test_a_combination_that_the_console_drops_is_refused(combo):
    with pytest.raises(TaskError, match="pressable together"):
        ButtonMapper(ButtonSettings(mode="combos", combos=(combo,)), GENESIS, GROUPS)


@pytest.mark.parametrize(
    "settings",
    [
        ButtonSettings(mode="combo"),
        ButtonSettings(outputs="all"),
        ButtonSettings(buttons=("B", "B")),
        ButtonSettings(mode="combos"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(TaskError, match=r"\[Buttons\]"):
        ButtonMapper(settings, GENESIS, GROUPS)
