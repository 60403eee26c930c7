"""Buttons in all modes against their slow twin, and what no output may ever press."""

from __future__ import annotations

import numpy as np
import pytest
from builders.consoles import CONSOLES
from hypothesis import given
from hypothesis import strategies as st
from naive.buttons import fraction_saturated, press_highest, press_levels

from neuroevo.tasks.retro.buttons.mapper import FORBIDDEN, ButtonMapper
from neuroevo.tasks.retro.settings import ButtonSettings

# Eighths add without rounding, and tie often.
EIGHTHS = st.integers(-16, 24).map(lambda n: n / 8)
WILD = st.one_of(EIGHTHS, st.floats(), st.sampled_from([1.0, 2.7, -3.0, 0.5]))
CONSOLE_NAMES = st.sampled_from(sorted(CONSOLES))


def mapper_on(console, settings):
    pad = CONSOLES[console]
    return ButtonMapper(settings, pad.buttons, pad.groups)


def sets_of(console):
    """Return the console's groups as the twin wants them, in the order of the patterns."""
    pad = CONSOLES[console]
    names = [
        [{name for i, name in enumerate(pad.buttons) if pattern >> i & 1} for pattern in group]
        for group in pad.groups
    ]
    return [[set(filter(None, combo)) for combo in group] for group in names]


def players_buttons(console):
    return [b for b in CONSOLES[console].buttons if b is not None and b not in FORBIDDEN]


def legal_combos(console):
    """Return every combination that the console lets through, without the machine's buttons."""
    pad = CONSOLES[console]
    combos = [()]
    for group in pad.actions:
        combos = [(*combo, *more) for combo in combos for more in group]
    return [combo for combo in combos if not set(combo) & FORBIDDEN]


@st.composite
def level_cases(draw, outputs=EIGHTHS):
    """Draw a console, settings with one output per button, and outputs."""
    console = draw(CONSOLE_NAMES)
    names = draw(st.lists(st.sampled_from(players_buttons(console)), min_size=1, unique=True))
    kind = draw(st.sampled_from(["buttons", "console"]))
    count = len(CONSOLES[console].buttons) if kind == "console" else len(names)
    mode = draw(st.sampled_from(["threshold", "saturated"]))
    levels = draw(st.lists(EIGHTHS, min_size=count, max_size=count) | st.lists(
        EIGHTHS, min_size=1, max_size=1))  # fmt: skip
    settings = ButtonSettings(
        mode=mode, threshold=tuple(levels), buttons=tuple(names), outputs=kind
    )
    return console, settings, draw(st.lists(outputs, min_size=count, max_size=count))


@st.composite
def choice_cases(draw, outputs=EIGHTHS):
    """Draw a console, settings with one output per combination, and outputs."""
    console = draw(CONSOLE_NAMES)
    if draw(st.booleans()):
        combos = draw(st.lists(st.sampled_from(legal_combos(console)), min_size=1, max_size=9))
        settings = ButtonSettings(mode="combos", combos=tuple(combos))
        count = len(combos)
    else:
        groups = draw(st.lists(st.sampled_from(CONSOLES[console].actions), min_size=1, max_size=4,
                               unique_by=str))  # fmt: skip
        groups = [[tuple(c) for c in group if not set(c) & FORBIDDEN] for group in groups]
        settings = ButtonSettings(mode="groups", groups=tuple(map(tuple, groups)))
        count = sum(map(len, groups))
    return console, settings, draw(st.lists(outputs, min_size=count, max_size=count))


@given(level_cases())
def test_one_output_per_button_presses_what_the_slow_twin_presses(case):
    console, settings, outputs = case
    mapper = mapper_on(console, settings)
    names = [b if b in settings.buttons else None for b in CONSOLES[console].buttons]
    if settings.outputs == "buttons":
        names = list(settings.buttons)
    is_saturated = settings.mode == "saturated"
    levels = [1.0] if is_saturated else settings.threshold
    if len(levels) == 1:
        levels = list(levels) * len(names)
    asked, pressed = press_levels(outputs, names, levels, sets_of(console), reaching=is_saturated)
    mask = mapper.masks(np.array(outputs))[0]
    assert set(mapper.pressed(mask)) == pressed
    counts = mapper.counts()
    assert counts["presses_dropped"] == (len(asked - pressed) / len(asked) if asked else 0.0)
    assert counts["outputs_saturated"] == fraction_saturated([outputs])


@given(choice_cases(WILD))
def test_one_output_per_combination_presses_what_the_slow_twin_presses(case):
    console, settings, outputs = case
    mapper = mapper_on(console, settings)
    groups = settings.groups or (settings.combos,)
    mask = mapper.masks(np.array(outputs))[0]
    assert set(mapper.pressed(mask)) == press_highest(
        outputs, [[set(combo) for combo in group] for group in groups]
    )
    counts = mapper.counts()
    assert counts["presses_dropped"] == 0.0
    assert counts["outputs_saturated"] == fraction_saturated([outputs])


@given(level_cases(WILD) | choice_cases(WILD))
def test_no_output_presses_a_button_of_the_machine_or_what_the_console_drops(case):
    console, settings, outputs = case
    mapper = mapper_on(console, settings)
    for mask in mapper.masks(np.array(outputs)):
        assert not set(mapper.pressed(mask)) & FORBIDDEN
        pattern = sum(int(bit) << i for i, bit in enumerate(mask))
        for group in CONSOLES[console].groups:
            whole = int(np.bitwise_or.reduce(group))
            assert pattern & whole in group


@pytest.mark.parametrize("mode", ["threshold", "saturated"])
def test_all_outputs_at_once_press_something_in_every_group_but_the_directions(mode):
    mapper = mapper_on("Genesis", ButtonSettings(mode=mode, outputs="console"))
    assert mapper.pressed(mapper.masks(np.full(12, 1.0))[0]) == ("B", "A")
