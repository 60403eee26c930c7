"""The modes of the buttons one by one, the counts, and the traps that they close."""

from __future__ import annotations

import numpy as np
import pytest
from builders.consoles import CONSOLES

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.buttons.mapper import ButtonMapper
from neuroevo.tasks.retro.settings import ButtonSettings

MOVES = (("LEFT",), ("RIGHT",), ())
ATTACKS = (("A",), ("B",), ("A", "B"), ())


def mapper(console="Genesis", **settings):
    pad = CONSOLES[console]
    return ButtonMapper(ButtonSettings(**settings), pad.buttons, pad.groups)


def press(mapper, *outputs):
    return set(mapper.pressed(mapper.masks(np.array(outputs, float))[0]))


def press_named(mapper, **outputs):
    """Press by name; the mapper must have one output per button of the Genesis."""
    return press(mapper, *(outputs.get(name, 0.0) for name in CONSOLES["Genesis"].buttons))


def test_each_output_has_its_own_threshold():
    fire = mapper(buttons=("LEFT", "RIGHT", "B"), threshold=(0.5, -0.5, 0.9))
    assert press(fire, 0.4, -0.4, 0.8) == {"RIGHT"}
    assert press(fire, 0.6, -0.6, 0.95) == {"LEFT", "B"}


def test_thresholds_of_a_whole_console_stand_in_its_order():
    high_b = mapper(outputs="console", threshold=(0.9,) + (0.1,) * 11)
    assert press_named(high_b, B=0.8, A=0.2) == {"A"}


def test_of_opposite_directions_the_one_further_above_its_own_threshold_wins():
    unequal = mapper(buttons=("LEFT", "RIGHT"), threshold=(0.8, 0.2))
    assert press(unequal, 0.9, 0.85) == {"RIGHT"}


@pytest.mark.parametrize("count", [0, 2, 4])
def test_a_wrong_number_of_thresholds_is_refused(count):
    with pytest.raises(TaskError, match=rf"threshold: .*; got {count} for 3 outputs"):
        mapper(buttons=("LEFT", "RIGHT", "B"), threshold=(0.5,) * count)


def test_each_group_has_its_own_winner_and_the_winners_are_pressed_together():
    fighter = mapper(mode="groups", groups=(MOVES, ATTACKS))
    assert fighter.num_outputs == 7
    assert press(fighter, 0.1, 0.2, 0.0, 0.5, 0.4, 0.3, 0.0) == {"RIGHT", "A"}
    assert press(fighter, 0.9, 0.2, 0.0, 0.0, 0.0, 0.3, 0.0) == {"LEFT", "A", "B"}
    assert press(fighter, -9, -8, -7, -6, -5, -4, -3) == set()
    assert press(fighter, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5) == {"LEFT", "A"}


def test_a_group_without_a_number_presses_nothing_and_leaves_the_others_alone():
    fighter = mapper(mode="groups", groups=(MOVES, ATTACKS))
    nan = float("nan")
    assert press(fighter, nan, nan, nan, 0.1, 0.2, 0.1, 0.1) == {"B"}
    assert press(fighter, nan, -np.inf, nan, nan, nan, nan, np.inf) == {"RIGHT"}


@pytest.mark.parametrize("count", [6, 8])
def test_a_wrong_number_of_outputs_is_an_error_in_every_mode(count):
    for settings in (
        {"mode": "groups", "groups": (MOVES, ATTACKS)},
        {"mode": "combos", "combos": MOVES + ATTACKS},
        {"buttons": ("UP", "DOWN", "LEFT", "RIGHT", "A", "B", "C")},
    ):
        with pytest.raises(ValueError, match="zip"):
            mapper(**settings).masks(np.zeros(count))


@pytest.mark.parametrize(
    ("groups", "named"),
    [
        ((MOVES, (("RIGHT", "B"), ("B",))), r"LEFT and B\+RIGHT"),
        (((("A",), ()), (("C",), ())), "A and C"),
        (((("UP",),), (("A",), ("B",)), (("B",), ("C",))), "A and C"),
    ],
)
def test_groups_whose_winners_could_not_be_pressed_together_are_refused(groups, named):
    with pytest.raises(TaskError, match=rf"pressable together; got {named}\. Put them into"):
        mapper(mode="groups", groups=groups)


def test_groups_that_add_up_to_legal_combinations_are_allowed():
    both = mapper(mode="groups", groups=((("A",), ()), (("B",), ())))
    assert press(both, 1, 0, 1, 0) == {"A", "B"}


def test_sixty_groups_are_checked_at_once():
    groups = tuple(((button,), ()) for button in ("A", "B") * 30)
    assert mapper(mode="groups", groups=groups).num_outputs == 120


def test_an_empty_group_is_refused():
    with pytest.raises(TaskError, match="at least one combination"):
        mapper(mode="groups", groups=(MOVES, ()))
    with pytest.raises(TaskError, match="at least one output"):
        mapper(mode="groups", groups=())


def test_a_group_may_press_neither_a_forbidden_button_nor_an_illegal_combination():
    with pytest.raises(TaskError, match=r"groups: must not press.*START"):
        mapper(mode="groups", groups=((("START",), ()),))
    with pytest.raises(TaskError, match=r"groups: must be pressable together; got A\+C"):
        mapper(mode="groups", groups=((("A", "C"), ()),))


def test_saturated_presses_from_one_on_as_int_does():
    seed = mapper(mode="saturated", outputs="console")
    for output in (1.0, 1.9, 2.7, 1e300, np.inf):
        assert press_named(seed, B=output) == {"B"}
    for output in (np.nextafter(1.0, 0.0), 0.5, 0.0, -0.5, -1.0, -3.0, -1e300, -np.inf, np.nan):
        assert press_named(seed, B=output) == set()


def test_saturated_keeps_to_the_buttons_it_is_given():
    assert press(mapper(mode="saturated", buttons=("RIGHT", "C")), 1.0, 2.7) == {"RIGHT", "C"}


def test_two_point_seven_on_b_presses_b_and_nothing_else():
    for mode in ("threshold", "saturated"):
        assert press_named(mapper(mode=mode, outputs="console"), B=2.7) == {"B"}


def test_outputs_between_0_and_1_press_above_a_half():
    assert press_named(mapper(outputs="console"), B=0.51, RIGHT=0.99, LEFT=0.49) == {"B", "RIGHT"}


@pytest.mark.parametrize("height", [1.0, 2.7])
@pytest.mark.parametrize("mode", ["threshold", "saturated"])
def test_equal_outputs_on_a_and_c_press_one_of_them(mode, height):
    console = mapper(mode=mode, outputs="console")
    assert press_named(console, A=height, C=height) == {"A"}
    assert press_named(console, A=height, C=height, LEFT=height, RIGHT=height) == {"A"}
    assert press_named(console, A=height, B=height, C=height) == {"A", "B"}


def test_autofire_works_in_every_mode():
    for settings, outputs in (
        ({"buttons": ("LEFT", "B")}, (1, 1)),
        ({"buttons": ("LEFT", "B"), "mode": "saturated"}, (1, 1)),
        ({"combos": (("LEFT", "B"), ()), "mode": "combos"}, (1, 0)),
        ({"groups": ((("LEFT",), ()), (("B",), ())), "mode": "groups"}, (1, 0, 1, 0)),
    ):
        fire = mapper(**settings, autofire=("B",))
        first, second = fire.masks(np.array(outputs, float))
        assert set(fire.pressed(first)) == {"LEFT", "B"}
        assert fire.pressed(second) == ("LEFT",)


def test_counts_start_at_zero_and_begin_starts_them_again():
    console = mapper(outputs="console")
    nothing = dict.fromkeys(console.counts(), 0.0)
    assert console.counts() == nothing
    assert len(nothing) == 4
    press_named(console, A=1.0, C=1.0)
    assert console.counts() != nothing
    console.begin()
    assert console.counts() == nothing


def test_dropped_presses_are_a_fraction_of_the_presses_asked_for():
    console = mapper(outputs="console")
    press_named(console, A=0.9, C=0.8, LEFT=0.9)  # C is dropped: 1 of 3
    press_named(console, LEFT=0.9, RIGHT=0.9)  # both cancel: 2 of 2
    press_named(console, START=0.9, B=0.9)  # START is no press of the player's: 0 of 1
    press_named(console)
    counts = console.counts()
    assert (counts["presses_dropped"], counts["outputs_saturated"]) == (3 / 6, 0.0)
    assert (counts["num_presses_dropped"], counts["num_outputs_saturated"]) == (3, 0)


@pytest.mark.parametrize(
    "settings",
    [
        {"buttons": ("LEFT", "RIGHT", "B", "A")},
        {"buttons": ("LEFT", "RIGHT", "B", "A"), "mode": "saturated"},
        {"combos": (("LEFT",), ("RIGHT",), ("B",), ()), "mode": "combos"},
        {"groups": ((("LEFT",), ()), (("B",), ())), "mode": "groups"},
    ],
)
def test_saturated_outputs_are_a_fraction_of_all_outputs_in_every_mode(settings):
    counted = mapper(**settings)
    press(counted, 1.0, -1.0, 0.999, 0.0)
    press(counted, np.nan, np.inf, -2.7, -0.999)
    assert counted.counts()["outputs_saturated"] == 4 / 8
    assert counted.counts()["num_outputs_saturated"] == 4


def test_choices_never_drop_a_press():
    fighter = mapper(mode="groups", groups=(MOVES, ATTACKS))
    press(fighter, 1, 1, 1, 1, 1, 1, 1)
    assert fighter.counts() == {
        "presses_dropped": 0.0, "outputs_saturated": 1.0,
        "num_presses_dropped": 0.0, "num_outputs_saturated": 7.0,
    }  # fmt: skip


def test_counting_changes_no_mask():
    counted, fresh = mapper(outputs="console"), mapper(outputs="console")
    outputs = np.random.default_rng(0).normal(0.5, 1.0, (200, 12))
    for row in outputs:
        fresh.begin()
        for mine, theirs in zip(counted.masks(row), fresh.masks(row), strict=True):
            assert np.array_equal(mine, theirs)


def test_usable_buttons_are_those_that_some_output_presses_at_whatever_threshold():
    for settings in (
        {"buttons": ("LEFT", "B"), "threshold": (1.5, -9.0)},
        {"buttons": ("LEFT", "B"), "outputs": "console", "mode": "saturated"},
        {"combos": (("LEFT",), ("B",), ()), "mode": "combos"},
        {"groups": ((("LEFT",),), (("B",), ())), "mode": "groups"},
    ):
        used = mapper(**settings)
        assert set(used.pressed(used.usable)) == {"LEFT", "B"}


def test_an_unknown_mode_names_all_modes():
    with pytest.raises(TaskError, match="threshold, combos, groups or saturated; got 'tapped'"):
        mapper(mode="tapped")


def test_a_button_that_no_group_of_the_console_lets_through_is_none_of_the_players():
    """As C-MODE of the Nintendo 64, or A where a scenario leaves it out of its actions."""
    narrow = ((0, 1 << 6, 1 << 7), (0, 1))
    buttons = CONSOLES["Genesis"].buttons
    assert ButtonMapper(ButtonSettings(), buttons, narrow).num_outputs == 3
    console = ButtonMapper(ButtonSettings(outputs="console"), buttons, narrow)
    assert press_named(console, **dict.fromkeys(map(str, buttons), 1.0)) == {"B"}
    with pytest.raises(TaskError, match=r"got 'A'\. .*It has: B, LEFT, RIGHT\."):
        ButtonMapper(ButtonSettings(buttons=("A",)), buttons, narrow)


def test_a_group_that_does_not_list_pressing_nothing_allows_it_all_the_same():
    groups = ((1 << 4, 1 << 5), (1 << 6, 1 << 7))
    settings = ButtonSettings(mode="combos", combos=(("UP",), ()))
    up = ButtonMapper(settings, CONSOLES["Genesis"].buttons, groups)
    assert press(up, 1.0, 0.0) == {"UP"}
    assert press(up, 0.0, 1.0) == set()
