"""Presets: one line for many keys; what the file says beside it prevails."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders.consoles import CONSOLES

from neuroevo.config import Config, explain, loads, reference_markdown, with_overrides
from neuroevo.config.button_presets import ABOUT_BUTTON_PRESETS, BUTTON_PRESETS
from neuroevo.config.presets import PRESETS, fill_from_presets, place_of
from neuroevo.config.reading import Given
from neuroevo.config.table import find_key
from neuroevo.errors import ConfigError
from neuroevo.tasks.retro.buttons.mapper import ButtonMapper
from neuroevo.tasks.retro.settings import ButtonSettings, RetroSettings

RETRO = (
    "[NEAT]\npop_size = 10\n[DefaultGenome]\nnum_inputs = 2\nnum_outputs = 1\n"
    "[Task]\nname = retro\n[Retro]\ngame = Airstriker-Genesis\n[Buttons]\n"
)
ALL = [(section, name) for section, presets in PRESETS.items() for name in presets]
HOMES = {
    "sonic": "Genesis",
    "sonic-replays": "Genesis",
    "kart": "Snes",
    "fighter-genesis": "Genesis",
    "fighter-snes": "Snes",
    "mario-right": "Nes",
    "mario": "Nes",
    "mario-full": "Nes",
    "seed2021": "Genesis",
}


def load(buttons: str, *overrides: str) -> Config:
    return loads(RETRO + buttons, "x.ini", overrides)


def buttons_of(config: Config) -> ButtonSettings:
    assert isinstance(config.settings.task, RetroSettings)
    return config.settings.task.buttons


def problems_of(buttons: str, *overrides: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(buttons, *overrides)
    return caught.value.problems


def test_a_preset_fills_the_keys_that_the_file_leaves_out() -> None:
    buttons = buttons_of(load("preset = sonic\nautofire = B\n"))
    assert buttons.mode == "combos"
    assert buttons.combos == (
        ("LEFT",), ("RIGHT",), ("LEFT", "DOWN"), ("RIGHT", "DOWN"), ("DOWN",), ("DOWN", "B"),
        ("B",),
    )  # fmt: skip
    assert buttons.autofire == ("B",)


def test_a_value_in_the_file_prevails_over_the_preset_wherever_it_stands() -> None:
    for lines in (
        ["preset = seed2021", "outputs = buttons"],
        ["outputs=buttons", "preset=seed2021"],
    ):
        buttons = buttons_of(load("\n".join(lines)))
        assert (buttons.mode, buttons.outputs) == ("saturated", "buttons")


def test_set_prevails_over_the_preset_and_may_choose_it() -> None:
    assert buttons_of(load("preset = seed2021", "Buttons.outputs=buttons")).outputs == "buttons"
    assert buttons_of(load("", "Buttons.preset=kart")).combos[3] == ("B", "L")
    assert len(buttons_of(load("preset = sonic", "Buttons.preset=kart")).combos) == 4


def test_a_preset_chosen_by_set_prevails_over_the_file_and_another_set_over_both() -> None:
    text = "outputs = buttons\nmode = threshold\nautofire = A\n"
    seed = load(text, "Buttons.preset=seed2021")
    chosen = buttons_of(seed)
    assert (chosen.mode, chosen.outputs) == ("saturated", "console")
    assert chosen.autofire == ("A",)  # no key of the preset
    both = load(text, "Buttons.preset=seed2021", "Buttons.outputs=buttons")
    assert buttons_of(both) == replace(chosen, outputs="buttons")
    for config in (seed, both):
        assert buttons_of(with_overrides(config, ["Run.seed=3"])) == buttons_of(config)


RIVALS = {
    "Observation": "source = tiles, variables, ram\nvariables = x / 9\nram = 0-9\nradius = 3\n"
    "stack = 2\nmax_of_two = true\n",
    "Buttons": "mode = threshold\nthreshold = 1, 2\nbuttons = A, B\n",
    "Fitness": "terms = way: new_max x x 1\nuse_scenario_reward = true\nwon = x > 9\ndied = y > 9\n"
    "won_bonus = 9\nunwrap = x 256\nmax_jump = 9\nuse_scenario_done = false\n"
    "stall_expression = x\nstall_frames = 9\nstall_growth = 9\nrocking_turns = 9\nmax_frames = 9\n",
    "NEAT": "",
}


@pytest.mark.parametrize(("section", "name"), ALL)
def test_a_preset_chosen_by_set_leaves_nothing_of_its_rivals(section: str, name: str) -> None:
    """A file with all keys of a family, or with another preset, and the bare file: one result."""
    if section == "NEAT":
        return
    head = RETRO.removesuffix("[Buttons]\n")
    chosen = f"{section}.preset={name}"
    plain = loads(head, "x.ini", [chosen]).settings
    rivals = [RIVALS[section], *(f"preset = {other}\n" for other in PRESETS[section])]
    if section == "Buttons":
        rivals += ["combos = A, B\n", "groups =\n  A, NONE\n  LEFT, NONE\n", "mode = saturated\n"]
    for rival in rivals:
        config = loads(f"{head}[{section}]\n{rival}", "x.ini", [chosen])
        assert config.settings == plain, rival
        assert with_overrides(config, ["Run.workers=0"]).settings.task == plain.task
        assert loads(config.to_ini()).settings == plain


def test_what_belongs_to_no_preset_stays_beside_one_that_set_chooses() -> None:
    head = RETRO.removesuffix("[Buttons]\n")
    config = loads(
        f"{head}[Observation]\nlayout = smw\nnoise = true\n[Buttons]\nautofire = A\n",
        "x.ini", ["Observation.preset=mario-io", "Buttons.preset=mario"],
    )  # fmt: skip
    assert isinstance(config.settings.task, RetroSettings)
    seen = config.settings.task.observation
    assert (seen.layout, seen.noise, seen.source) == ("smw", True, ("tiles",))
    assert buttons_of(config).autofire == ("A",)


def test_a_rival_in_the_same_place_is_a_mistake_with_both_ways_out() -> None:
    (problem,) = problems_of("preset = seed2021\ncombos = A, B\n")
    assert problem.endswith("got mode = saturated. Set mode = combos, or combos = none.")


def test_a_preset_beside_which_every_key_of_it_is_given_is_a_mistake() -> None:
    (problem,) = problems_of("preset = kart\ncombos = B, NONE\n")
    assert problem.startswith("x.ini:11 [Buttons] preset: must give at least one value; got kart")
    assert problem.endswith("Remove combos, or the preset.")
    assert buttons_of(load("preset = seed2021\noutputs = buttons")).mode == "saturated"
    assert len(buttons_of(load("preset = kart\ncombos = B, B+LEFT, B+RIGHT, B+L")).combos) == 4


def test_a_name_may_have_capitals_and_none_is_no_preset() -> None:
    assert buttons_of(load("preset = Sonic")) == buttons_of(load("preset = sonic"))
    assert buttons_of(load("preset = none")) == buttons_of(load("")) == ButtonSettings()


def test_an_unknown_preset_is_named_with_its_place_and_the_nearest_one() -> None:
    (problem,) = problems_of("preset = sonik\n")
    assert problem.startswith("x.ini:11 [Buttons] preset: must be none or one of sonic,")
    assert problem.endswith("got sonik. Did you mean sonic?")


def test_explain_says_which_line_and_preset_a_value_came_from() -> None:
    rows = {(row.section, row.key): row for row in explain(load("preset = seed2021"))}
    assert rows["Buttons", "outputs"].value == "console"
    assert rows["Buttons", "outputs"].source == "x.ini:11 preset seed2021"
    assert rows["Buttons", "autofire"].source == "default"


def test_a_mistake_that_a_preset_leads_to_is_put_on_the_presets_line() -> None:
    (problem,) = problems_of("preset = sonic\nmode = threshold\n")
    assert problem.startswith("x.ini:11 preset sonic [Buttons] combos: must come with mode")


def test_a_preset_fills_its_own_section_alone() -> None:
    chosen = Given("Buttons", "preset", "sonic", 3, "x.ini:3")
    assert set(fill_from_presets({("Buttons", "preset"): chosen})) == {
        ("Buttons", "preset"), ("Buttons", "combos")}  # fmt: skip
    elsewhere = Given("Fitness", "preset", "sonic-no-such", 3, "x.ini:3")
    assert set(fill_from_presets({("Fitness", "preset"): elsewhere})) == {("Fitness", "preset")}


def test_filling_leaves_what_was_given_as_it_was() -> None:
    given = {("Buttons", "preset"): Given("Buttons", "preset", "sonic", 3, "x.ini:3")}
    fill_from_presets(given)
    assert set(given) == {("Buttons", "preset")}


def test_a_file_without_a_retro_task_has_no_use_for_presets() -> None:
    text = RETRO.split("[Task]")[0] + "[Task]\nname = xor\n[Buttons]\npreset = sonic\n"
    with pytest.raises(ConfigError, match="the task retro"):
        loads(text)


@pytest.mark.parametrize(("section", "name"), ALL)
def test_every_key_of_a_preset_is_a_key_and_its_name_is_lower_case(section: str, name: str) -> None:
    assert name == name.lower() != "none"
    for key in PRESETS[section][name]:
        assert find_key(*place_of(section, key)) is not None
        assert place_of(section, key)[1] != "preset"


@pytest.mark.parametrize("name", BUTTON_PRESETS)
def test_the_run_directorys_file_says_what_the_preset_said(name: str) -> None:
    config = load(f"preset = {name}")
    written = config.to_ini()
    for key, text in BUTTON_PRESETS[name].items():
        first = text.split("\n")[0]
        assert f"\n{key} = {text}\n" in written or f"\n{key} =\n    {first}\n" in written
    assert loads(written).settings == config.settings
    assert loads(written.replace(f"preset = {name}", "preset = none")).settings == config.settings


@pytest.mark.parametrize("name", BUTTON_PRESETS)
def test_every_preset_of_buttons_can_be_pressed_on_its_console(name: str) -> None:
    console = CONSOLES[HOMES[name]]
    settings = buttons_of(load(f"preset = {name}"))
    mapper = ButtonMapper(settings, console.buttons, console.groups)
    listed = settings.groups or (settings.combos,)
    expected = sum(map(len, listed)) or len(console.buttons)
    assert mapper.num_outputs == expected


def test_presets_have_as_many_outputs_as_their_sources() -> None:
    outputs = {
        name: sum(map(len, settings.groups or (settings.combos,)))
        for name in BUTTON_PRESETS
        for settings in [buttons_of(load(f"preset = {name}"))]
    }
    assert outputs == {
        "sonic": 7,
        "sonic-replays": 23 - 4,  # LEFT+RIGHT alone, with A, with B, with DOWN
        "kart": 4,
        "fighter-genesis": 9 + 10,
        "fighter-snes": 9 + 10,
        "mario-right": 5,
        "mario": 7,
        "mario-full": 12,
        "seed2021": 0,
    }


def test_no_combination_stands_twice_in_a_preset() -> None:
    for name in BUTTON_PRESETS:
        settings = buttons_of(load(f"preset = {name}"))
        for group in settings.groups or (settings.combos,):
            assert len({frozenset(combo) for combo in group}) == len(group), name


def test_every_preset_of_buttons_is_explained_on_the_reference_page() -> None:
    assert set(ABOUT_BUTTON_PRESETS) == set(BUTTON_PRESETS)
    page = reference_markdown()
    for name, sentence in ABOUT_BUTTON_PRESETS.items():
        assert f"| `{name}` | {sentence}<br>" in page
