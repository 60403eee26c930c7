"""The keys of ``[Observation]``: what a file may say of what a network sees."""

from __future__ import annotations

import pytest

from neuroevo.config import loads, resolve_sizes
from neuroevo.config.observation_presets import OBSERVATION_PRESETS
from neuroevo.errors import ConfigError
from neuroevo.tasks.retro.settings import ObservationSettings
from neuroevo.tasks.task import TaskDescription

FILE = """
[Task]
name = retro
[Retro]
game = Airstriker-Genesis
[Fitness]
terms = points: gain score
[NEAT]
pop_size = 5
[DefaultGenome]
num_inputs = auto
num_outputs = auto
[Observation]
"""


def observed(lines: str) -> ObservationSettings:
    return loads(FILE + lines).settings.task.observation


def problems_of(lines: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loads(FILE + lines, "x.ini")
    return list(caught.value.problems)


def test_sources_are_a_list_in_their_order_with_spaces_commas_or_lines_between():
    for text in ("tiles, timer, grey", "tiles timer grey", "\n  tiles\n  timer\n  grey"):
        assert observed(f"source = {text}").source == ("tiles", "timer", "grey")


def test_expressions_are_split_at_commas_but_not_within_parentheses():
    lines = "source = variables\nvariables = x / 3000, max(y, 10) / 240,\n  lives < start.lives"
    expected = ("x / 3000", "max(y, 10) / 240", "lives < start.lives")
    assert observed(lines).variables == expected


def test_addresses_are_read_in_decimal_and_hexadecimal():
    lines = "source = ram\nram = 0x0 - 0x1F, 125, 0xff0266"
    assert observed(lines).ram == ((0, 31), (125, 125), (0xFF0266, 0xFF0266))


def test_a_crop_is_that_of_the_scenario_or_none_or_four_numbers():
    assert observed("").crop is None
    assert observed("crop = auto").crop is None
    assert observed("crop = none").crop == ()
    assert observed("crop = 0, 8, 256, 0").crop == (0, 8, 256, 0)


def test_pixels_can_be_stacked_signed_and_compared():
    observation = observed("range = signed\nstack = 4\nmax_of_two = yes\ndifference = yes")
    assert observation == ObservationSettings(
        range="signed", stack=4, max_of_two=True, difference=True
    )


def test_tiles_of_super_mario_world_have_codes_of_two_pages():
    observation = observed("source = tiles\nlayout = smw\nsolid_tiles = 0x100-0x16d, 511")
    assert observation.solid_tiles == ((0x100, 0x16D), (511, 511))
    assert observed("source = tiles\nsolid_tiles = none").solid_tiles == ()
    assert observed("source = tiles\nsolid_tiles = auto").solid_tiles is None


def test_the_seeds_preset_gives_the_seeds_picture_and_a_key_beside_it_prevails():
    assert observed("preset = seed2021") == ObservationSettings(range="raw", shrink="seed2021")
    changed = observed("preset = seed2021\nrange = unit")
    assert changed == ObservationSettings(range="unit", shrink="seed2021")


@pytest.mark.parametrize("name", OBSERVATION_PRESETS)
def test_every_preset_loads_and_says_the_same_in_a_complete_file(name):
    config = loads(FILE + f"preset = {name}")
    assert config.settings.task.observation != ObservationSettings() or name == "none"
    assert loads(config.to_ini()).settings == config.settings


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("source = grey, gray", "got grey, gray. Did you mean grey?"),
        ("source = grey, tiles, grey", "source: must name each once; got grey tiles grey."),
        ("source = variables", "source: must come with variables; got none. Add for example"),
        ("source = ram, grey", "source: must come with ram; got none."),
        ("ram = 0x10", "ram: must come with source = ram; got source = grey."),
        ("variables = x", "variables: must come with source = variables; got source = grey."),
        ("source = variables\nvariables = x, (y", "(its parentheses do not match)"),
        ("source = variables\nvariables = x; y", "an expression holds names, numbers"),
        ("source = variables\nvariables = ,", "variables: must be none, or arithmetic"),
        ("source = ram\nram = 0x20-0x10", "`0x20-0x10` does not rise within 0 to 4294967295"),
        ("source = ram\nram = -1", "`-1` is neither an address nor a range"),
        ("source = ram\nram = 0-65536", "(they are 65,537 bytes, more than 65,536)"),
        ("source = ram\nram = 0-4294967295", "more than 65,536"),
        ("crop = 1, 2, 3", "crop: must be auto or none, or four whole numbers x, y, width, height"),
        ("crop = 1, 2, 3, -4", "crop: must be auto or none, or four"),
        ("crop = 1, 2, 3, 999999", "crop: must be auto or none, or four"),
        ("range = 255", "range: must be one of unit, signed, raw; got 255."),
        ("stack = 0", "stack: must be a whole number from 1 to 64; got 0."),
        ("stack = 65", "stack: must be a whole number from 1 to 64; got 65."),
        ("shrink = 2021", "shrink: must be one of area, seed2021; got 2021."),
        ("layout = mario", "layout: must be one of smb, smw; got mario."),
        ("solid_tiles = 0x100", "solid_tiles: must not exceed 255 with layout = smb; got 256."),
        ("hazard_tiles = 300", "hazard_tiles: must not exceed 255 with layout = smb; got 300."),
        ("layout = smw\nplatform_kinds = 256", "must not exceed 255 with layout = smw; got 256."),
        ("preset = seed", "Did you mean seed2021?"),
    ],
)
def test_a_mistake_is_named_with_what_to_do(lines, message):
    (problem,) = problems_of(lines)
    assert problem.startswith("x.ini:")
    assert "[Observation] " in problem
    assert message in problem


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("", "Airstriker-Genesis at 224x320 with scale 8 gives 7."),
        ("source = rgb\nscale = 16", "Airstriker-Genesis at 224x320 with scale 16 gives 7."),
        ("height = 20\nwidth = 20", "Airstriker-Genesis gives 7."),
        ("source = timer", "Airstriker-Genesis gives 7."),
        ("source = tiles, timer", "Airstriker-Genesis with source = tiles, timer gives 7."),
        ("source = tiles", "Airstriker-Genesis with tiles of radius 6 gives 7."),
    ],
)
def test_a_wrong_number_of_inputs_is_explained_by_what_is_seen(lines, reason):
    config = loads(FILE.replace("num_inputs = auto", "num_inputs = 5") + lines, "x.ini")
    description = TaskDescription("retro", 7, 10, True, fingerprint={"screen": "224x320"})
    with pytest.raises(ConfigError) as caught:
        resolve_sizes(config, description)
    (problem,) = caught.value.problems
    assert reason in problem
