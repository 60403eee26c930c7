"""Names in settings against a game's files: every mistake at once, and no emulator."""

from __future__ import annotations

import json

import pytest

from neuroevo.tasks.retro.check.lint import lint_targets, target_of
from neuroevo.tasks.retro.check.lint_settings import setting_mistakes
from neuroevo.tasks.retro.games.folders import GameFolders
from neuroevo.tasks.retro.settings import (
    ButtonSettings,
    FitnessSettings,
    FitnessTerm,
    ObservationSettings,
    RetroSettings,
)

VARIABLES = ("x", "lives")
GAME = GameFolders("Own-Nes", ())
TERMS = (FitnessTerm("way", "new_max", "x", 1.0), FitnessTerm("time", "per_frame", "", -1.0))


def mistakes(game=GAME, variables=VARIABLES, scenario=None, **parts):
    return list(setting_mistakes(RetroSettings(game.name, **parts), game, variables, scenario))


def places(found):
    return [(mistake.section, mistake.key) for mistake in found]


def test_what_the_game_has_is_no_mistake():
    assert mistakes(
        observation=ObservationSettings(source=("variables",), variables=("x / start.x",)),
        buttons=ButtonSettings(mode="combos", combos=(("RIGHT", "A"), ()), autofire=("B",)),
        fitness=FitnessSettings(
            terms=TERMS, died="fell(lives) or frames > 9", unwrap=(("x", 256),)
        ),
    ) == []  # fmt: skip


def test_all_wrong_names_come_at_once():
    found = mistakes(
        observation=ObservationSettings(
            source=("variables", "timer"), variables=("nosuch / 2", "x", "fell(x)")
        ),
        buttons=ButtonSettings(buttons=("L", "START", "RIGHT"), autofire=("C",)),
        fitness=FitnessSettings(
            terms=(FitnessTerm("way", "new_max", "xx", 1.0),),
            won="goal", died="fell(live)", stall_expression="y", unwrap=(("xlo", 256), ("z", 9)),
        ),
    )  # fmt: skip
    assert places(found) == [
        ("Observation", "variables"), ("Observation", "variables"),
        ("Buttons", "buttons"), ("Buttons", "buttons"), ("Buttons", "autofire"),
        ("Fitness", "terms"), ("Fitness", "won"), ("Fitness", "died"),
        ("Fitness", "stall_expression"), ("Fitness", "unwrap"), ("Fitness", "unwrap"),
    ]  # fmt: skip
    for mistake in found:
        assert mistake.message.startswith(f"[{mistake.section}] {mistake.key}")


@pytest.mark.parametrize(
    ("buttons", "key", "word"),
    [
        (ButtonSettings(mode="combos", combos=(("L", "R"),)), "combos", "'L'"),
        (ButtonSettings(mode="combos", combos=(("LEFT", "RIGHT"),)), "combos", "LEFT+RIGHT"),
        (ButtonSettings(mode="groups", groups=((("A",),), (("Y",),))), "groups", "'Y'"),
        (ButtonSettings(mode="groups", groups=((("LEFT",),), (("RIGHT",),))), "groups", "LEFT"),
        (ButtonSettings(mode="saturated", buttons=("X",)), "buttons", "'X'"),
        (ButtonSettings(buttons=("A", "B"), threshold=(1.0, 2.0, 3.0)), "threshold", "3"),
    ],
)  # fmt: skip
def test_buttons_that_the_console_lacks_or_cannot_press_are_found(buttons, key, word):
    found = mistakes(buttons=buttons)
    assert set(places(found)) == {("Buttons", key)}
    assert word in found[0].message


def test_each_combination_that_cannot_be_pressed_is_named():
    combos = (("LEFT", "RIGHT"), ("A", "B"), ("UP", "DOWN"))
    found = mistakes(buttons=ButtonSettings(mode="combos", combos=combos))
    assert [mistake.message.split("got ")[1].split(".")[0] for mistake in found] == [
        "LEFT+RIGHT", "UP+DOWN",
    ]  # fmt: skip


def test_the_scenarios_own_actions_are_the_rules(tmp_path):
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps({"actions": [[[], ["A", "LEFT"]]]}))
    buttons = ButtonSettings(mode="combos", combos=(("A", "LEFT"),))
    assert mistakes(buttons=buttons, scenario=scenario) == []
    (found,) = mistakes(buttons=ButtonSettings(mode="combos", combos=(("B",),)), scenario=scenario)
    assert "It has: LEFT, A." in found.message
    scenario.write_text(json.dumps({"actions": [[["FIRE"]]]}))  # the linter of scenarios tells
    assert mistakes(buttons=buttons, scenario=scenario) == []
    scenario.write_text("{")
    assert mistakes(buttons=buttons, scenario=scenario) == []


def test_of_an_unknown_console_no_button_and_without_data_no_variable_is_judged():
    unknown = GameFolders("Own-Machine", ())
    assert mistakes(unknown, buttons=ButtonSettings(buttons=("FIRE",))) == []
    assert mistakes(variables=None, fitness=FitnessSettings(died="fell(live)")) == []


def test_the_linter_puts_them_where_the_caller_says(tmp_path):
    folder = tmp_path / "Own-Nes"
    folder.mkdir()
    (folder / "data.json").write_text('{"info": {"x": {"address": 16, "type": "<u2"}}}')
    settings = RetroSettings(
        "Own-Nes", integrations=(str(tmp_path),), fitness=FitnessSettings(terms=TERMS, won="goal")
    )
    (found,) = lint_targets([target_of(settings, lambda section, key: (f"{section}.ini", 7))])
    assert (found.severity, found.file, found.line) == ("error", "Fitness.ini", 7)
    assert found.message.startswith("[Fitness] won: must use variables of data.json; got 'goal'")
    (found,) = lint_targets([target_of(settings)])
    assert found.file == "[Fitness] won"
