"""The overlays and settings of well-known games: complete, documented, without foreign files."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from neuroevo.cli.main import main
from neuroevo.config import load
from neuroevo.shipped import find_config, integrations_folder
from neuroevo.tasks.factory import task_settings_from_json, task_settings_to_json
from neuroevo.tasks.retro.buttons.mapper import ButtonMapper
from neuroevo.tasks.retro.check.lint import lint_game
from neuroevo.tasks.retro.emulator import fit_crop
from neuroevo.tasks.retro.fitness.scoring import Scorer
from neuroevo.tasks.retro.games import read_variables
from neuroevo.tasks.retro.games.folders import named_console, resolve_game
from neuroevo.tasks.retro.observation.pixels import picture_size
from neuroevo.tasks.retro.observation.scalars import VariablePart
from neuroevo.tasks.retro.settings import RetroSettings
from tests.builders.consoles import CONSOLES

stable_retro = pytest.importorskip("stable_retro")

ROOT = Path(__file__).parents[4]
STABLE = Path(stable_retro.__file__).parent / "data" / "stable"
OVERLAYS = sorted(
    folder.name for folder in integrations_folder().glob("*-v0") if folder.name[:7] != "Wicklin"
)
FAMILIES = {
    "mario": "SuperMarioBros-Nes-v0",
    "mario3": "SuperMarioBros3-Nes-v0",
    "mario-world": "SuperMarioWorld-Snes-v0",
    "sonic": "SonicTheHedgehog2-Genesis-v0",
    "mario-kart": "SuperMarioKart-Snes-v0",
    "street-fighter": "StreetFighterIISpecialChampionEdition-Genesis-v0",
    "seed-sonic": "SonicTheHedgehog2-Genesis-v0",
    "seed-mario": "SuperMarioBros-Nes-v0",
}
RAM = {"Nes": (0, 0x7FF), "Snes": (0x7E0000, 0x7FFFFF), "Genesis": (0xFF0000, 0xFFFFFF)}
ORDER = {"Nes": "<", "Snes": "<", "Genesis": ">"}
PAIRS = [
    *FAMILIES.items(),
    ("sonic", "SonicTheHedgehog-Genesis-v0"),
    ("sonic", "SonicAndKnuckles3-Genesis-v0"),
]


def info_of(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))["info"]


def ours(game: str) -> dict:
    return info_of(integrations_folder() / game / "data.json")


def theirs(game: str) -> dict:
    path = STABLE / game / "data.json"
    return info_of(path) if path.is_file() else {}


def settings_of(config: str, *overrides: str) -> RetroSettings:
    settings = load(find_config(config), overrides).settings.task
    assert isinstance(settings, RetroSettings)
    return settings


def test_every_family_has_its_overlay() -> None:
    assert set(OVERLAYS) == {game for _, game in PAIRS}


@pytest.mark.parametrize("game", OVERLAYS)
def test_an_overlay_holds_no_rom_and_no_state(game: str) -> None:
    files = {path.name for path in (integrations_folder() / game).iterdir()}
    allowed = {"data.json", "scenario.json", "metadata.json", "rom.sha"}  # a checksum is no ROM
    assert files <= allowed


@pytest.mark.parametrize("game", OVERLAYS)
def test_an_overlay_keeps_every_variable_that_stable_retro_ships(game: str) -> None:
    # It stands in front of the shipped file: what it left out would be gone for scenario and Lua.
    assert theirs(game).items() <= ours(game).items()
    assert len(ours(game)) > len(theirs(game)), "an overlay that adds nothing"


@pytest.mark.parametrize("game", OVERLAYS)
def test_what_an_overlay_adds_is_typed_and_placed_as_its_console_stores_it(game: str) -> None:
    console = named_console(game)
    first, last = RAM[console]
    for name in ours(game).keys() - theirs(game).keys():
        kind, address = ours(game)[name]["type"], ours(game)[name]["address"]
        assert re.fullmatch(r"\|[ui]1|[<>][ui]2|>n3", kind), (name, kind)
        assert first <= address <= last, name
        if kind[1:] in ("u2", "i2"):
            assert kind[0] == ORDER[console], name
            assert console != "Genesis" or address % 2 == 0, name  # a 68000 reads no odd words


@pytest.mark.parametrize("game", OVERLAYS)
def test_the_linter_finds_no_error_in_an_overlay(game: str) -> None:
    findings = lint_game(resolve_game(game))
    assert [f for f in findings if f.severity == "error"] == []


@pytest.mark.parametrize("game", OVERLAYS)
def test_the_page_about_games_lists_every_variable_that_an_overlay_adds(game: str) -> None:
    page = (ROOT / "docs" / "games.md").read_text(encoding="utf-8")
    section = page.split(f"### {game}\n")[1].split("\n### ")[0].split("\n## ")[0]
    assert "Not run on the real game" in section
    rows = re.findall(r"^\| `(\w+)` \| (0x[0-9A-F]+) \| `([^`]+)` \|", section, re.M)
    listed = {name: (int(address, 16), kind) for name, address, kind in rows}
    added = {name: spec for name, spec in ours(game).items() if name not in theirs(game)}
    assert listed == {n: (spec["address"], spec["type"]) for n, spec in added.items()}


@pytest.mark.parametrize("config", FAMILIES)
def test_settings_say_that_the_real_game_was_not_run_and_pass_the_check(config: str) -> None:
    header = find_config(config).read_text(encoding="utf-8").split("[Task]")[0]
    assert "Not run on the real game" in " ".join(header.replace("#", "").split())
    game = FAMILIES[config].removesuffix("-v0")
    assert f"neuroevo games check {game}" in " ".join(header.replace("#", "").split())
    assert settings_of(config).game == game
    result = CliRunner().invoke(main, ["config", "check", config])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("config", FAMILIES)
def test_the_settings_of_a_family_reach_a_worker_unchanged(config: str) -> None:
    settings = settings_of(config)
    assert task_settings_from_json(task_settings_to_json(settings)) == settings


@pytest.mark.parametrize(("config", "game"), PAIRS)
def test_every_expression_of_a_family_compiles_on_its_overlay(config: str, game: str) -> None:
    settings = settings_of(config, f"Retro.game={game}")
    names = {variable.name for variable in read_variables(resolve_game(settings.game))}
    Scorer(settings.fitness, names)
    if "variables" in settings.observation.source:
        VariablePart(settings.observation.variables, names)


@pytest.mark.parametrize("config", FAMILIES)
def test_the_buttons_of_a_family_are_those_of_its_console(config: str) -> None:
    console = CONSOLES[named_console(FAMILIES[config])]
    mapper = ButtonMapper(settings_of(config).buttons, console.buttons, console.groups)
    expected = {
        "mario": 4, "mario3": 7, "mario-world": 5, "sonic": 7, "mario-kart": 4,
        "street-fighter": 19, "seed-sonic": 12, "seed-mario": 9,
    }  # fmt: skip
    assert mapper.num_outputs == expected[config]


@pytest.mark.parametrize("config", ["seed-sonic", "seed-mario"])
def test_the_seeds_own_numbers_are_kept(config: str) -> None:
    seed = load(find_config("seed-2021")).settings
    settings = load(find_config(config)).settings
    assert settings.neat.pop_size == 30
    assert settings.neat.fitness_threshold == 100_000
    assert settings.neat.stagnation == seed.neat.stagnation
    assert settings.neat.reproduction == seed.neat.reproduction
    assert settings_of(config).buttons.mode == "saturated"
    assert settings_of(config).observation.shrink == "seed2021"
    assert settings_of(config).frame_skip == 1


def test_only_winning_reaches_the_seeds_threshold() -> None:
    fitness = settings_of("seed-sonic").fitness
    longest_way = 0x4870  # the farthest end of a level in the contest's own table
    assert sum(term.weight for term in fitness.terms) * longest_way < 100_000 <= fitness.won_bonus


def test_the_states_that_the_settings_name_are_there() -> None:
    for config, game in PAIRS:
        named = [state for state in settings_of(config).states if config != "mario-kart"]
        assert all((STABLE / game / f"{state}.state").is_file() for state in named), config
    shown = find_config("sonic").read_text().split("heldout_states=")[1].split()[0].split(",")
    assert all((STABLE / FAMILIES["sonic"] / f"{state}.state").is_file() for state in shown)


@pytest.mark.parametrize(
    ("config", "screen", "size"),
    [
        ("mario3", (224, 240, 3), (28, 30)),
        ("sonic", (224, 320, 3), (14, 20)),
        ("mario-kart", (224, 256, 3), (14, 32)),
        ("seed-sonic", (224, 320, 3), (28, 40)),
        ("seed-mario", (224, 240, 3), (28, 30)),
    ],
)
def test_a_picture_has_the_size_that_the_settings_tell(config, screen, size) -> None:
    observation = settings_of(config).observation
    crop = fit_crop(observation.crop or (0, 0, 0, 0), *screen[:2])
    assert picture_size(observation, screen, crop) == size
    text = " ".join(find_config(config).read_text(encoding="utf-8").replace("#", "").split())
    assert f"{size[0]} x {size[1]}" in text


def shown_commands() -> list[str]:
    """Return the commands on the page about games and in the headers of the settings."""
    files = [ROOT / "docs" / "games.md", *(find_config(config) for config in FAMILIES)]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    text = re.sub(r"\\\n[# ]*", "", text)
    lines = re.findall(r"^(?:#|    )\s*(?:Run it: |\$ )?(neuroevo .*)$", text, re.M)
    return [line.split("  #")[0].strip() for line in lines]


@pytest.mark.parametrize("line", sorted(set(shown_commands())))
def test_every_command_shown_for_games_exists_with_its_options_and_settings(line: str) -> None:
    words = shlex.split(line)[1:]
    command: click.Command = main
    with click.Context(main) as context:
        while isinstance(command, click.Group):
            found = command.get_command(context, words.pop(0))
            assert found is not None, line
            command = found
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known
    if command.name == "evolve":
        given = [words[i + 1] for i, word in enumerate(words) if word == "--set"]
        load(find_config(words[0]), given)
