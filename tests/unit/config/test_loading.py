"""Loading: neat-python's files, all mistakes at once, overrides, round trips, sizes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroevo.config import (
    Config,
    explain,
    filled_from_neat_python,
    load,
    loads,
    resolve_sizes,
    with_overrides,
)
from neuroevo.config.table import KEYS
from neuroevo.errors import ConfigError
from neuroevo.neat.settings import NeatSettings
from neuroevo.tasks.retro.settings import FitnessTerm, ObservationSettings, RetroSettings
from neuroevo.tasks.settings import DoublePoleSettings, GymnasiumSettings, XorSettings
from neuroevo.tasks.task import TaskDescription

SEED_2021 = Path(__file__).parents[2] / "data" / "seed-2021.cfg"
MINIMAL = "[NEAT]\npop_size = 10\n[DefaultGenome]\nnum_inputs = 2\nnum_outputs = 1\n"
RETRO = MINIMAL + "[Task]\nname = retro\n[Retro]\ngame = Airstriker-Genesis\n"


def problems_of(text: str, *overrides: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        loads(text, "x.ini", overrides)
    return caught.value.problems


def outcome(text: str, *overrides: str) -> tuple[Config | None, tuple[str, ...]]:
    """Load, and return the configuration or the problems."""
    try:
        return loads(text, "x.ini", overrides), ()
    except ConfigError as error:
        return None, error.problems


def test_file_written_for_neat_python_in_2021_loads_unchanged() -> None:
    config = load(SEED_2021)
    neat = config.settings.neat
    genome = neat.genome
    assert config.settings.task is None
    assert (neat.pop_size, neat.fitness_threshold, neat.reset_on_extinction) == (30, 100000.0, True)
    assert (genome.num_inputs, genome.num_outputs, genome.num_hidden) == (1120, 12, 0)
    assert genome.activation.options == ("sigmoid", "gauss")
    assert genome.aggregation.default == "random"
    assert len(genome.aggregation.options) == 7
    assert (genome.initial_connection, genome.connection_fraction) == ("partial_nodirect", 0.5)
    assert genome.enabled.default == "true"
    assert genome.enabled.mutate_rate == 0.2
    assert genome.weight.max_value == 30.0
    assert genome.response.mutate_rate == 0.75
    assert not genome.single_structural_mutation
    assert not genome.structural_mutation_surer
    assert neat.species.compatibility_threshold == 2.5
    assert (neat.stagnation.max_stagnation, neat.stagnation.species_elitism) == (50, 2)
    assert (neat.reproduction.elitism, neat.reproduction.min_species_size) == (2, 2)


def test_keys_that_an_old_file_leaves_out_are_listed_with_neat_pythons_default() -> None:
    filled = {entry.key: entry.value for entry in filled_from_neat_python(load(SEED_2021))}
    assert filled["time_constant_max_value"] == "10.0"
    assert filled["fitness_sharing"] == "normalized"
    assert filled["single_structural_mutation"] == "false"
    assert "pop_size" not in filled
    assert "inherit_disabled_prob" not in filled  # neuroevo's own


def test_old_file_runs_on_a_game_by_overrides() -> None:
    config = load(
        SEED_2021,
        ["Task.name=retro", "retro.GAME=Airstriker-Genesis", "Buttons.outputs=console"],
    )
    task = config.settings.task
    assert isinstance(task, RetroSettings)
    assert task.buttons.mode == "threshold"
    assert task.fitness.use_scenario_reward


def test_five_mistakes_are_shown_at_once_in_file_order_with_lines_and_advice() -> None:
    text = (
        "[NEAT]\npop_size = many\n[DefaultGenome]\nnum_inputs = 2\nnum_outputs = 1\n"
        "conn_ad_prob = 0.5\nnode_add_prob = 1.7\nactivation_options = sigmod tanh\n"
        "[DefaultSpecies]\nx = 1\n"
    )
    problems = problems_of(text)
    assert [problem.split(":")[1].split()[0] for problem in problems] == ["2", "6", "7", "8", "9"]
    assert problems[0].startswith(
        "x.ini:2 [NEAT] pop_size: must be a whole number from 2 to 1000000; got many."
    )
    assert problems[1] == (
        "x.ini:6 [DefaultGenome] conn_ad_prob: unknown key. Did you mean conn_add_prob?"
    )
    assert "must be a number from 0 to 1; got 1.7." in problems[2]
    assert problems[3].endswith("got sigmod tanh. Did you mean sigmoid?")
    assert problems[4].endswith("Did you mean [DefaultSpeciesSet]?")


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("[DefaultGenome]\nnum_inputs=1\nnum_outputs=1", "x.ini [NEAT] pop_size", "must be given"),
        ("[NEAT]\npop_size=5\n[DefaultGenome]\nnum_inputs=1", "x.ini:3 [DefaultGenome]", "num_out"),
        (MINIMAL + "bias_min_value = 40", "x.ini:6 [DefaultGenome] bias_min_value", "not exceed"),
        (MINIMAL + "bias_min_value = 1\nbias_max_value = 0", "x.ini:6", "bias_max_value = 0"),
        (MINIMAL + "\nbias_max_value = -40", "x.ini:7 [DefaultGenome] bias_min", "got -30"),
        (MINIMAL + "activation_default = tanh", "x.ini:6", "Add tanh to activation_options"),
        (MINIMAL + "weight_init_stdev = nan", "x.ini:6", "infinity and nan"),
        (MINIMAL + "weight_init_stdev = inf", "x.ini:6", "infinity and nan"),
        (MINIMAL + "weight_init_stdev =", "x.ini:6", "got nothing"),
        (MINIMAL + "initial_connection = partial", "x.ini:6", "a fraction must follow"),
        (MINIMAL + "initial_connection = partial 1.5", "x.ini:6", "outside 0 to 1"),
        (MINIMAL + "initial_connection = full 0.5", "x.ini:6", "only the partial kinds"),
        (MINIMAL + "feed_forward = maybe", "x.ini:6", "must be true or false; got maybe"),
        (MINIMAL + "elitism = 2", "x.ini:6", "It belongs in [DefaultReproduction]"),
        (MINIMAL + "num_hidden = 1\n  num_inputs = 3", "x.ini:6", "remove the spaces"),
        (MINIMAL + "[DefaultReproduction]\nelitism = 11", "x.ini:7", "pop_size = 10"),
        (MINIMAL + "[DEFAULT]\nx = 1", "x.ini:6 [DEFAULT]", "unknown section"),
        (MINIMAL + "[Task]", "x.ini:6 [Task] name", "must be given"),
        (MINIMAL + "[Task]\nname = xr", "x.ini:7 [Task] name", "Did you mean xor?"),
        (MINIMAL + "[Task]\nname = xor\nepisodes = 3", "x.ini:8 [Task]", "the task gymnasium"),
        (MINIMAL + "[Task]\nname = xor\n[Retro]\ngame = x", "x.ini:9 [Retro]", "the task retro"),
        (MINIMAL + "[Retro]\ngame = x", "x.ini:7 [Retro] game", "no [Task] section"),
        (MINIMAL + "[Task]\nname = retro", "x.ini [Retro] game", "must be given"),
        (RETRO + "[Buttons]\ncombos = LEFT, START", "x.ini:11", "START must never be pressed"),
        (RETRO + "[Buttons]\nmode = combos", "x.ini:11 [Buttons] mode", "must come with combos"),
        (RETRO + "[Buttons]\nmode=threshold\ncombos = A", "x.ini:12", "mode = combos"),
        (RETRO + "[Observation]\nheight = 10", "x.ini:11", "come with width"),
        (RETRO + "[Fitness]\nuse_scenario_reward = no", "x.ini:11", "no terms"),
        (RETRO + "[Fitness]\nterms = a: gian x", "x.ini:11", "Did you mean gain?"),
        (RETRO + "[Fitness]\nterms =\n  a: gain x\n  a: loss x", "x.ini:11", "twice"),
        (RETRO + "[Fitness]\nterms = a: new_max", "x.ini:11", "no expression"),
        (RETRO + "[Fitness]\nwon = __import__('os')", "x.ini:11", "an expression holds"),
        (RETRO + "[Fitness]\nwon = (a > 1", "x.ini:11", "parentheses"),
        (MINIMAL + "[Run]\nworkers = -1", "x.ini:7", "auto or a whole number from 0 to 1024"),
        (MINIMAL + "[Run]\nseed = 1\n[NEAT]", "x.ini:8", "must stand once"),
    ],
)  # fmt: skip
def test_mistake_is_named_with_its_place(text: str, place: str, expected: str) -> None:
    problems = problems_of(text)
    assert len(problems) == 1, problems
    assert problems[0].startswith(place)
    assert expected in problems[0]


def test_mistake_of_an_override_names_the_option() -> None:
    problems = problems_of(
        MINIMAL, "NEAT.pop_size=0", "nonsense", "Neat.pop_siz=5", "elitsm=1", "seed=1", "Rum.seed=1"
    )
    assert len(problems) == 6
    assert all(problem.startswith("--set ") for problem in problems)
    assert "Did you mean pop_size?" in problems[2]
    assert "Did you mean elitism?" in problems[3]
    assert "[Run] and [NEAT]" in problems[4]
    assert "Did you mean Run?" in problems[5]


def test_override_replaces_a_mistake_of_the_file() -> None:
    config = loads(MINIMAL.replace("10", "many"), "x.ini", ["pop_size=20"])
    assert config.settings.neat.pop_size == 20
    assert next(entry for entry in config.entries if entry.key == "pop_size").source == "--set"


@pytest.mark.parametrize("word", ["true", "Yes", "ON", "1", "false", "no", "Off", "0"])
def test_every_spelling_of_a_truth_value_is_read(word: str) -> None:
    genome = loads(
        MINIMAL + f"feed_forward = {word}\nenabled_default = {word}"
    ).settings.neat.genome
    expected = word.lower() in ("true", "yes", "on", "1")
    assert genome.feed_forward is expected
    assert genome.enabled.default == str(expected).lower()


def test_numbers_may_look_like_the_other_kind_and_carry_comments() -> None:
    text = MINIMAL.replace("10", "10.0 # ten") + "weight_max_value = 30 ; limit\n"
    config = loads(text)
    assert config.settings.neat.pop_size == 10
    assert isinstance(config.settings.neat.pop_size, int)
    assert isinstance(config.settings.neat.genome.weight.max_value, float)


def test_left_out_single_structural_mutation_is_false_and_surer_follows_it() -> None:
    assert not loads(MINIMAL).settings.neat.genome.single_structural_mutation
    assert not loads(MINIMAL).settings.neat.genome.structural_mutation_surer
    single = MINIMAL + "single_structural_mutation = yes\n"
    assert loads(single).settings.neat.genome.structural_mutation_surer
    explicit = loads(single + "structural_mutation_surer = false").settings.neat.genome
    assert not explicit.structural_mutation_surer


def test_left_out_keys_give_the_defaults_of_the_settings_but_for_neat_pythons_own() -> None:
    neat = loads(MINIMAL).settings.neat
    usual = NeatSettings(genome=neat.genome, pop_size=10)
    assert neat == usual
    from dataclasses import replace

    from neuroevo.neat.settings import GenomeSettings

    theirs = replace(
        GenomeSettings(2, 1),
        initial_connection="unconnected",
        activation=replace(GenomeSettings(2, 1).activation, default="random"),
        aggregation=replace(GenomeSettings(2, 1).aggregation, default="random"),
    )
    assert neat.genome == theirs


def test_keys_of_neat_python_2_1_are_read() -> None:
    text = MINIMAL + (
        "compatibility_excess_coefficient = 2.5\ncompatibility_include_node_genes = False\n"
        "compatibility_enable_penalty = 0\n[DefaultReproduction]\nfitness_sharing = canonical\n"
        "spawn_method = proportional\ninterspecies_crossover_prob = 0.001\n[DefaultSpeciesSet]\n"
        "target_num_species = 8\nthreshold_adjust_rate = 0.3\nthreshold_min = 0.5\n"
        "threshold_max = 9\n[DefaultStagnation]\nspecies_fitness_func = median2\n"
    )
    neat = loads(text).settings.neat
    assert neat.genome.excess_coefficient == 2.5
    assert neat.genome.compatibility_enable_penalty == 0.0
    assert neat.reproduction.spawn_method == "proportional"
    assert (neat.species.target_num_species, neat.species.threshold_max) == (8, 9.0)
    assert neat.stagnation.species_fitness_func == "median"
    auto = loads(MINIMAL + "compatibility_excess_coefficient = auto").settings.neat.genome
    assert auto.compatibility_excess_coefficient is None


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("name = xor\nbias_input = none", XorSettings(None)),
        ("name = double-pole\nmax_decisions = 50", DoublePoleSettings(True, 50)),
        ("name = double-pole-hidden", DoublePoleSettings(velocities=False)),
        (
            "name = gymnasium\nid = Acrobot-v1\nepisodes = 2\nmax_steps = 9",
            GymnasiumSettings("Acrobot-v1", 2, 9),
        ),
    ],
)
def test_task_section_becomes_the_settings_of_its_task(lines: str, expected: object) -> None:
    assert loads(MINIMAL + f"[Task]\n{lines}").settings.task == expected


def test_retro_sections_become_retro_settings() -> None:
    task = loads(RETRO + (
        "states = Level1, Level2\n[Buttons]\ncombos = LEFT, right + B, NONE\nautofire = B\n"
        "[Observation]\nheight = 10\nwidth = 12\n[Fitness]\nterms =\n"
        "    way: new_max 256 * hi + x x 10   # per pixel\n\n    time: per_frame x -0.1\n"
        "    x: value x x 2\ndied = lives < start.lives\nstall_frames = none\n"
    )).settings.task  # fmt: skip
    assert isinstance(task, RetroSettings)
    assert task.states == ("Level1", "Level2")
    assert task.buttons.mode == "combos"
    assert task.buttons.combos == (("LEFT",), ("RIGHT", "B"), ())
    assert (task.observation.height, task.observation.width) == (10, 12)
    assert task.fitness.terms == (
        FitnessTerm("way", "new_max", "256 * hi + x", 10.0),
        FitnessTerm("time", "per_frame", "", -0.1),
        FitnessTerm("x", "value", "x", 2.0),
    )
    assert not task.fitness.use_scenario_reward
    assert task.fitness.stall_frames is None
    assert task.fitness.died == "lives < start.lives"


def observed(lines: str) -> ObservationSettings:
    task = loads(RETRO + f"[Observation]\n{lines}").settings.task
    assert isinstance(task, RetroSettings)
    return task.observation


def test_a_file_that_says_nothing_of_the_observation_gets_the_grey_picture() -> None:
    assert observed("") == ObservationSettings()
    assert (observed("").source, observed("").noise) == (("grey",), False)


def test_tiles_and_their_classes_are_read_in_decimal_and_hexadecimal() -> None:
    observation = observed(
        "source = tiles\nnoise = yes\nradius = 4\nsolid_tiles = 0x10 - 0x1F, 64\n"
        "hazard_tiles = 0X20,\n    33-047\nplatform_kinds = none"
    )
    assert observation == ObservationSettings(
        source=("tiles",),
        noise=True,
        radius=4,
        solid_tiles=((16, 31), (64, 64)),
        hazard_tiles=((32, 32), (33, 47)),
        platform_kinds=(),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0x10-", "`0x10-` is neither a code nor a range"),
        ("1, two", "`two` is neither"),
        ("0x200", "`0x200` does not rise within 0 to 511"),
        ("-1", "`-1` is neither"),
        ("512", "`512` does not rise within 0 to 511"),
        ("31-16", "`31-16` does not rise"),
        ("none, 1", "`none` is neither"),
        (",", "got ,."),
        ("", "got nothing."),
        ("9" * 2000, "at most 1000 characters"),
    ],
)
def test_codes_that_are_none_are_mistakes_with_a_reason(text: str, reason: str) -> None:
    (problem,) = problems_of(RETRO + f"[Observation]\nsolid_tiles = {text}\n")
    assert "[Observation] solid_tiles: must be auto or none, or codes from 0 to 511" in problem
    assert reason in problem
    assert problem.endswith("Write for example auto, the default.")


def test_a_source_misspelt_is_a_mistake_with_a_guess() -> None:
    (problem,) = problems_of(RETRO + "[Observation]\nsource = tile\nradius = 6\n")
    assert "tiles, variables, timer, last_action, ram; got tile. Did you mean tiles?" in problem


def test_seed_of_either_section_counts_and_a_conflict_is_a_mistake() -> None:
    assert loads(MINIMAL.replace("pop", "seed = 7\npop")).settings.run.seed == 7
    assert loads(MINIMAL + "[Run]\nseed = 8").settings.run.seed == 8
    both = MINIMAL.replace("pop", "seed = 7\npop") + "[Run]\nseed = 8"
    assert "must agree with [NEAT] seed = 7" in problems_of(both)[0]
    assert len(problems_of(MINIMAL.replace("pop", "seed = x\npop"))) == 1


def test_override_of_either_seed_replaces_both() -> None:
    text = MINIMAL.replace("pop", "seed = 7\npop")
    for key in ("Run.seed", "NEAT.seed"):
        config = loads(text, overrides=[f"{key}=9"])
        assert config.settings.run.seed == 9
        assert with_overrides(config, ["Run.seed=11"]).settings.run.seed == 11
        assert loads(config.to_ini()).settings.run.seed == 9


def test_relative_paths_become_absolute(tmp_path: Path) -> None:
    path = tmp_path / "x.ini"
    path.write_text(RETRO + "integrations = mine, /abs\nscenario = s/scenario.json\n")
    task = load(path).settings.task
    assert isinstance(task, RetroSettings)
    assert task.integrations == (str(tmp_path / "mine"), "/abs")
    assert task.scenario == str(tmp_path / "s/scenario.json")
    path.write_text(RETRO + "scenario = race\n")
    named = load(path).settings.task
    assert isinstance(named, RetroSettings)
    assert named.scenario == "race"


def test_folder_that_a_resolved_file_could_not_name_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "a #b"
    folder.mkdir()
    path = folder / "x.ini"
    path.write_text(RETRO + "integrations = mine\n")
    with pytest.raises(ConfigError, match="Rename the folder"):
        load(path)


FLOATS = st.floats(0.0, 1.0).map(repr)
OVERRIDES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from([
            "DefaultGenome.conn_add_prob", "survival_threshold", "bias_init_mean",
            "compatibility_excess_coefficient", "fitness_threshold", "mutate_only_prob",
            "Fitness.won_bonus", "Buttons.threshold",
        ]), FLOATS),
        st.tuples(st.just("Run.seed"), st.integers(0, 2**63 - 1).map(str)),
        st.tuples(st.sampled_from(["pop_size", "Run.generations"]), st.integers(5, 999).map(str)),
        st.tuples(st.just("initial_connection"), FLOATS.map(lambda f: f"partial_direct {f}")),
        st.tuples(st.just("activation_options"), st.sampled_from(["tanh  sin ", "cube,exp"])),
        st.tuples(st.sampled_from(["feed_forward", "Fitness.use_scenario_done"]),
                  st.sampled_from(["yes", "0"])),
        st.tuples(st.just("terms"), st.sampled_from([
            "a: gain score", "a: gain score x 2\n  b: per_frame x -1 # c", "none",
        ])),
        st.tuples(st.just("combos"), st.sampled_from(["A, B+LEFT", "none", "UP,NONE"])),
        st.tuples(st.sampled_from(["solid_tiles", "hazard_tiles", "platform_kinds"]),
                  st.sampled_from(["none", "0x10-0x1f, 64", "0"])),
        st.tuples(st.just("source"), st.sampled_from(["grey", "tiles, timer", "rgb grey"])),
        st.tuples(st.just("crop"), st.sampled_from(["auto", "none", "0, 8, 0, 200"])),
        st.tuples(st.just("states"), st.sampled_from(["Level1", "default", "A, B , C"])),
    ).map("=".join),
    max_size=6,
)  # fmt: skip


@given(OVERRIDES, st.booleans())
@settings(max_examples=150, deadline=None)
def test_resolved_file_loads_to_equal_settings(overrides: list[str], comments: bool) -> None:
    config = loads(RETRO, overrides=overrides)
    again = loads(config.to_ini(comments=comments))
    assert again.settings == config.settings
    assert [(e.section, e.key, e.value) for e in again.entries] == [
        (e.section, e.key, e.value) for e in config.entries
    ]
    assert with_overrides(config, []) == config


@given(st.sampled_from(KEYS), st.text(max_size=40))
@settings(max_examples=400, deadline=None)
def test_any_override_is_taken_or_named(key, text: str) -> None:
    config, problems = outcome(RETRO, f"{key.section}.{key.name}={text}")
    assert all("\n" not in problem for problem in problems)
    assert config is None or loads(config.to_ini()).settings == config.settings


def test_explain_tells_value_source_and_meaning_of_every_key() -> None:
    rows = {(row.section, row.key): row for row in explain(loads(RETRO, "x.ini", ["noops=3"]))}
    assert rows["NEAT", "pop_size"].source == "x.ini:2"
    assert rows["Retro", "noops"].source == "--set"
    assert rows["Retro", "noops"].value == "3"
    assert rows["DefaultReproduction", "elitism"].source == "default (neat-python)"
    assert rows["Run", "generations"].source == "default"
    assert all(row.meaning.endswith(".") for row in rows.values())


def test_auto_sizes_are_filled_from_the_task_and_stay_in_the_resolved_file() -> None:
    text = RETRO.replace("= 2", "= auto").replace("= 1\n", "= auto\n")
    config = loads(text)
    assert config.settings.neat.genome.num_inputs == 0
    resolved = resolve_sizes(config, TaskDescription("retro", 1120, 10, True))
    assert resolved.settings.neat.genome.num_inputs == 1120
    assert loads(resolved.to_ini()).settings == resolved.settings
    assert resolve_sizes(resolved, TaskDescription("retro", 1120, 10, True)) == resolved


def test_sizes_that_do_not_fit_the_task_are_all_explained() -> None:
    description = TaskDescription("retro", 1120, 10, True)
    with pytest.raises(ConfigError) as caught:
        resolve_sizes(loads(RETRO, "x.ini"), description)
    inputs, outputs = caught.value.problems
    assert "num_inputs = 2, but Airstriker-Genesis" in inputs
    assert "scale 8 gives" in inputs
    assert inputs.endswith("Set num_inputs = auto or 1120.")
    assert "outputs = console" in outputs


def test_a_wrong_number_of_tiles_is_explained_by_the_radius() -> None:
    config = loads(RETRO + "[Observation]\nsource = tiles\nradius = 5\n", "x.ini")
    with pytest.raises(ConfigError) as caught:
        resolve_sizes(config, TaskDescription("retro", 121, 1, True))
    (problem,) = caught.value.problems
    assert "but Airstriker-Genesis with tiles of radius 5 gives 121." in problem


@pytest.mark.parametrize(
    "text",
    [
        "[NEAT]\n" + "\n".join(f"pop_siz{n} = 1" for n in range(15_000)),
        "\n".join(f"[S{n}]\nx = 1" for n in range(9_000)),
        MINIMAL + "activation_options = " + "sigmoid " * 100_000,
        RETRO + "[Fitness]\nwon = " + "(" * 900_000,
        RETRO + "[Fitness]\nterms =\n" + "  a: gain x x 1\n" * 15_000,
        RETRO + "[Fitness]\nterms = a: gain " + " x" * 400_000,
        RETRO + "[Fitness]\nterms = a: gain " + "  x  " * 190,
        RETRO + "[Buttons]\ncombos = " + "A+" * 400_000,
        MINIMAL + "num_hidden = " + "9" * 900_000,
        MINIMAL + "bias_init_mean = " + "9" * 900_000,
    ],
    ids=["keys", "sections", "names", "parens", "terms", "term", "spaces", "combo", "int", "float"],
)
def test_a_hostile_file_is_refused_in_no_time(text: str) -> None:
    began = time.process_time()
    _, problems = outcome(text)
    assert sum(map(len, problems)) < 100_000
    assert time.process_time() - began < 5
