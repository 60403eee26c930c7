"""The keys of [Buttons]: thresholds, groups and modes, and what is wrong with them."""

from __future__ import annotations

import time

import pytest

from neuroevo.config import loads
from neuroevo.errors import ConfigError
from neuroevo.tasks.retro.settings import ButtonSettings, RetroSettings

RETRO = (
    "[NEAT]\npop_size = 10\n[DefaultGenome]\nnum_inputs = 2\nnum_outputs = 1\n"
    "[Task]\nname = retro\n[Retro]\ngame = Airstriker-Genesis\n[Buttons]\n"
)
GROUPS = "groups =\n  LEFT, right, NONE  # moves\n\n  A, B,A+B,none\n"


def buttons(text: str, *overrides: str) -> ButtonSettings:
    config = loads(RETRO + text, "x.ini", overrides)
    assert isinstance(config.settings.task, RetroSettings)
    assert loads(config.to_ini()).settings == config.settings
    return config.settings.task.buttons


def problems_of(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        loads(RETRO + text, "x.ini")
    return caught.value.problems


def test_a_threshold_is_one_number_or_several() -> None:
    assert buttons("").threshold == (0.5,)
    assert buttons("threshold = -1e-3").threshold == (-0.001,)
    assert buttons("threshold = 0.5, 0.5 , .9").threshold == (0.5, 0.5, 0.9)
    assert buttons("threshold =\n  0.5\n  0.9").threshold == (0.5, 0.9)
    assert buttons("", "Buttons.threshold=0.25,1").threshold == (0.25, 1.0)


def test_groups_are_read_line_by_line_and_make_the_mode() -> None:
    read = buttons(GROUPS)
    assert read.mode == "groups"
    assert read.groups == (
        (("LEFT",), ("RIGHT",), ()),
        (("A",), ("B",), ("A", "B"), ()),
    )
    assert buttons("mode = groups\n" + GROUPS) == read
    assert buttons("groups = none").groups == ()


def test_a_saturated_mode_needs_no_other_key() -> None:
    assert buttons("mode = Saturated").mode == "saturated"
    assert buttons("mode = saturated\noutputs = console\nbuttons = A").buttons == ("A",)


def test_buttons_of_the_nintendo_64_have_a_hyphen() -> None:
    assert buttons("combos = C-UP+A, C-RIGHT").combos == (("C-UP", "A"), ("C-RIGHT",))


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("threshold = high", "x.ini:11 [Buttons] threshold", "must be a number, or several"),
        ("threshold = 0.5, nan", "x.ini:11", "infinity and nan"),
        ("threshold = 0.5, , x", "x.ini:11", "0.5, , x"),
        ("threshold = 0.5 0.5", "x.ini:11", "separated by commas"),
        ("threshold = ,", "x.ini:11", "must be a number"),
        ("threshold = " + "0.5, " * 300, "x.ini:11", "at most"),
        ("buttons = A, B, C\nthreshold = 1, 2", "x.ini:12", "got 2 for 3 buttons"),
        ("combos = A, B\nthreshold = 1, 2", "x.ini:12", "got 2 in mode = combos"),
        ("mode = saturated\nthreshold = 1, 2", "x.ini:12", "got 2 in mode = saturated"),
        ("mode = groups", "x.ini:11 [Buttons] mode", "must come with groups; got none"),
        ("mode = groups\ncombos = A", "x.ini:12 [Buttons] combos", "mode = combos"),
        ("mode = combos\ncombos = A\n" + GROUPS, "x.ini:13 [Buttons] groups", "mode = groups"),
        ("combos = A\n" + GROUPS, "x.ini:12 [Buttons] groups", "got mode = combos"),
        ("mode = saturated\ncombos = A", "x.ini:12 [Buttons] combos", "got mode = saturated"),
        ("groups =\n  LEFT\n  A, START", "x.ini:11", "START must never be pressed"),
        ("combos = A, RUN", "x.ini:11", "RUN must never be pressed"),
        ("groups =\n  LEFT\n  , ,", "x.ini:11 [Buttons] groups", "must be none or one group"),
        ("groups = LEFT | RIGHT", "x.ini:11", "is no name of a button"),
        ("mode = group", "x.ini:11", "Did you mean groups?"),
        ("mode = saturate", "x.ini:11", "Did you mean saturated?"),
    ],
)
def test_mistake_is_named_with_its_place(text: str, place: str, expected: str) -> None:
    problem = "\n".join(problems_of(text))
    assert problem.startswith(place)
    assert expected in problem


def test_a_mode_with_the_key_of_another_is_one_mistake() -> None:
    assert len(problems_of("mode = groups\ncombos = A")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "groups = " + "A+" * 400_000,
        "groups =\n" + "  A, B\n" * 15_000,
        "groups =\n" + "  " + "A, " * 200_000,
        "threshold = " + "0.5, " * 150_000,
        "threshold = " + "9" * 900_000,
    ],
    ids=["combo", "lines", "entries", "numbers", "digits"],
)
def test_a_hostile_value_is_refused_in_no_time(text: str) -> None:
    began = time.process_time()
    assert sum(map(len, problems_of(text))) < 10_000
    assert time.process_time() - began < 5
