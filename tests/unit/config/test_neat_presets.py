"""The preset of the whole evolution, sizes that nobody gave, and advice for short files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from neuroevo.cli.main import main
from neuroevo.config import advice, explain, load, loads, with_overrides
from neuroevo.errors import ConfigError
from neuroevo.shipped import find_config, shipped_configs

GAME = "[Task]\nname = retro\n[Retro]\ngame = Wickling-Nes\n"
SHORT = GAME + "[NEAT]\npop_size = 30\n"
NEAT_PYTHON = Path(__file__).parents[2] / "data" / "seed-2021.cfg"


def without_evolution(text: str) -> str:
    """Leave out the five sections of the evolution."""
    parts = re.split(r"(?m)^(?=\[)", text)
    return "".join(part for part in parts if not re.match(r"\[(NEAT|Default)", part))


def test_one_line_says_what_the_files_for_platform_games_say_of_evolution() -> None:
    for name in ("wickling", "mario", "mario3", "mario-world"):
        text = find_config(name).read_text(encoding="utf-8")
        short = loads(without_evolution(text) + "[NEAT]\npreset = games\n")
        assert short.settings.neat == load(find_config(name)).settings.neat, name


def test_the_preset_fills_the_other_sections_and_gives_way_to_what_they_say() -> None:
    neat = loads(GAME + "[NEAT]\npreset = games\n", "x.ini").settings.neat
    assert (neat.pop_size, neat.stagnation.species_elitism, neat.reproduction.elitism) == (
        100,
        2,
        1,
    )
    text = "[DefaultStagnation]\nspecies_elitism = 1\n[NEAT]\npreset = games\npop_size = 20\n"
    own = loads(GAME + text, "x.ini")
    assert own.settings.neat.pop_size == 20
    assert own.settings.neat.stagnation.species_elitism == 1
    assert own.settings.neat.reproduction == neat.reproduction
    sources = {(row.section, row.key): row.source for row in explain(own)}
    assert sources["DefaultReproduction", "elitism"] == "x.ini:8 preset games"
    assert sources["DefaultStagnation", "species_elitism"] == "x.ini:6"


def test_the_preset_chosen_by_set_prevails_over_the_file() -> None:
    text = SHORT + "[DefaultReproduction]\nelitism = 5\n"
    neat = loads(text, overrides=["NEAT.preset=games"]).settings.neat
    assert (neat.pop_size, neat.reproduction.elitism) == (100, 1)
    both = loads(text, overrides=["NEAT.preset=games", "DefaultReproduction.elitism=3"])
    assert both.settings.neat.reproduction.elitism == 3
    assert with_overrides(both, ["Run.seed=1"]).settings.neat == both.settings.neat


def test_the_run_directorys_file_needs_no_preset_to_say_the_same() -> None:
    config = loads(GAME + "[NEAT]\npreset = games\n")
    written = config.to_ini()
    assert loads(written).settings == config.settings
    assert loads(written.replace("preset = games", "preset = none")).settings == config.settings


def test_without_the_preset_the_defaults_are_those_of_neat_python() -> None:
    neat = loads(SHORT).settings.neat
    assert not neat.reset_on_extinction
    assert (neat.stagnation.species_elitism, neat.reproduction.elitism) == (0, 0)
    assert neat.stagnation.species_fitness_func == "mean"
    assert neat.genome.initial_connection == "unconnected"
    theirs = load(NEAT_PYTHON)
    assert all("preset" not in row.source for row in explain(theirs))


@pytest.mark.parametrize("sizes", ["", "[DefaultGenome]\n", "[DefaultGenome]\nnum_inputs = auto\n"])
def test_sizes_that_a_file_with_a_task_leaves_out_are_the_tasks(sizes: str) -> None:
    given = "[DefaultGenome]\nnum_inputs = auto\nnum_outputs = auto\n"
    for task in (SHORT, "[Task]\nname = xor\n[NEAT]\npop_size = 30\n"):
        assert loads(task + sizes).settings == loads(task + given).settings


def test_a_file_without_a_task_must_give_the_sizes_as_in_neat_python() -> None:
    with pytest.raises(ConfigError) as caught:
        loads("[NEAT]\npop_size = 30\n[DefaultGenome]\n", "x.ini")
    problems = caught.value.problems
    assert [p.split(":")[1][:26] for p in problems] == [
        "3 [DefaultGenome] num_inpu", "3 [DefaultGenome] num_outp"]  # fmt: skip
    assert all("must be given" in p for p in problems)


def test_a_short_file_is_told_that_its_last_species_would_die_out() -> None:
    (sentence,) = advice(loads(SHORT, "x.ini"))
    assert sentence.startswith("x.ini [DefaultStagnation] species_elitism: should be given;")
    assert "without progress for 15 generations" in sentence
    assert sentence.endswith("Set it to 2, or set [NEAT] preset = games.")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "said",
    [
        "preset = games\n",
        "reset_on_extinction = true\n",
        "[DefaultStagnation]\nspecies_elitism = 1\n",
        "[DefaultStagnation]\nspecies_elitism = 0\n",  # is meant so
    ],
)
def test_who_has_seen_to_it_is_not_advised(said: str) -> None:
    assert advice(loads(SHORT + said)) == ()


def test_no_shipped_file_and_no_file_of_neat_python_is_advised() -> None:
    assert advice(load(NEAT_PYTHON)) == ()
    for name in shipped_configs():
        assert advice(load(find_config(name))) == (), name


def test_config_check_and_evolve_say_it_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "x.ini"
    file.write_text(
        "[Task]\nname = xor\n[NEAT]\npop_size = 10\n[Run]\ngenerations = 1\nworkers = 0\nseed = 1\n"
    )
    (said,) = advice(load(file))
    checked = CliRunner().invoke(main, ["config", "check", str(file)])
    assert checked.exit_code == 0
    assert checked.stdout.splitlines()[1:] == [said]
    evolved = CliRunner().invoke(main, ["evolve", str(file), "--out", str(tmp_path / "run")])
    assert evolved.exit_code == 0, evolved.output
    assert evolved.stderr.splitlines() == [said]
