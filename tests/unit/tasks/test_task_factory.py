from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroevo.errors import TaskError
from neuroevo.tasks.double_pole import DoublePoleTask
from neuroevo.tasks.factory import make_task, task_settings_from_json, task_settings_to_json
from neuroevo.tasks.gymnasium_task import GymnasiumTask
from neuroevo.tasks.retro.settings import (
    ButtonSettings,
    FitnessSettings,
    FitnessTerm,
    ObservationSettings,
    RetroSettings,
)
from neuroevo.tasks.settings import DoublePoleSettings, GymnasiumSettings, XorSettings
from neuroevo.tasks.xor import XorTask


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        (XorSettings(), XorTask),
        (DoublePoleSettings(False), DoublePoleTask),
        (GymnasiumSettings(), GymnasiumTask),
    ],
)
def test_settings_select_their_task(settings, kind):
    task = make_task(settings)
    assert type(task) is kind
    task.close()


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.lists(st.text(), max_size=3).map(tuple)
CODES = st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), max_size=3).map(tuple)
RETRO = st.builds(
    RetroSettings,
    game=st.text(),
    states=NAMES,
    curriculum=st.none() | st.tuples(st.integers(), st.integers()),
    fitness=st.builds(
        FitnessSettings,
        unwrap=st.lists(st.tuples(st.text(), st.integers()), max_size=3).map(tuple),
        max_jump=st.none() | NUMBERS,
    ),
    observation=st.builds(
        ObservationSettings,
        source=NAMES,
        noise=st.booleans(),
        height=st.none() | st.integers(1, 99),
        crop=st.none() | st.just(()) | st.just((0, 8, 0, 200)),
        solid_tiles=CODES,
    ),
    buttons=st.builds(
        ButtonSettings,
        threshold=st.lists(NUMBERS, max_size=3).map(tuple),
        buttons=NAMES,
        combos=st.lists(NAMES).map(tuple),
        groups=st.lists(st.lists(NAMES, max_size=3).map(tuple), max_size=3).map(tuple),
    ),
)
SETTINGS = st.one_of(
    st.builds(XorSettings, st.none() | NUMBERS, st.integers(1, 9)),
    st.builds(DoublePoleSettings, st.booleans(), st.integers(1, 10**6)),
    st.builds(GymnasiumSettings, st.text(), max_steps=st.none() | st.integers(1, 99)),
    RETRO,
)


@given(SETTINGS)
def test_json_and_back_is_the_identity(settings):
    back = task_settings_from_json(task_settings_to_json(settings))
    assert back == settings
    assert hash(back) == hash(settings)  # tuples came back as tuples, not lists


def test_a_pair_must_have_two_items():
    message = json.loads(task_settings_to_json(RetroSettings("Game", curriculum=(1, 2))))
    for wrong in ([1], [1, 2, 3], [1, "2"]):
        message["settings"]["curriculum"] = wrong
        with pytest.raises(TaskError, match="curriculum"):
            task_settings_from_json(json.dumps(message))


def test_a_deeply_nested_retro_setting_survives():
    settings = RetroSettings("Airstriker-Genesis")
    fitness = type(settings.fitness)(terms=(FitnessTerm("score", "gain", "score", 2.0),))
    settings = RetroSettings("Airstriker-Genesis", fitness=fitness)
    assert task_settings_from_json(task_settings_to_json(settings)) == settings


def changed(**fields) -> str:
    message = json.loads(task_settings_to_json(DoublePoleSettings()))
    return json.dumps(message | fields)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"kind": "os.system"}',
        '{"kind": ["xor"]}',
        changed(settings={"velocities": True}),
        changed(settings={"velocities": True, "max_decisions": 5, "more": 1}),
        changed(settings={"velocities": 1, "max_decisions": 5}),
        changed(settings={"velocities": True, "max_decisions": True}),
        changed(settings={"velocities": True, "max_decisions": 5.0}),
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(TaskError, match="expected"):
        task_settings_from_json(text)
