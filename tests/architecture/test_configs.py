"""Every shipped INI loads, every key is documented, and settings and key table agree."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from neuroevo.config import RunSettings, load, reference_markdown
from neuroevo.config.key import Key
from neuroevo.config.run_keys import TASK_NAMES
from neuroevo.config.table import KEYS, keys_of
from neuroevo.config.values import read_value
from neuroevo.neat.settings import (
    EnabledSettings,
    FloatAttributeSettings,
    GenomeSettings,
    ReproductionSettings,
    SpeciesSettings,
    StagnationSettings,
)
from neuroevo.tasks.retro.settings import (
    ButtonSettings,
    FitnessSettings,
    ObservationSettings,
    RetroSettings,
)
from neuroevo.tasks.settings import DoublePoleSettings, GymnasiumSettings, XorSettings

ROOT = Path(__file__).parents[2]
CONFIGS = sorted((ROOT / "neat-configs").glob("*.ini"))


def test_the_promised_configs_are_shipped() -> None:
    promised = {"xor", "cartpole", "double-pole", "double-pole-hidden", "airstriker", "seed-2021"}
    assert promised <= {path.stem for path in CONFIGS}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_shipped_config_loads(path: Path) -> None:
    assert load(path).settings.neat.pop_size > 1


def test_shipped_seed_config_says_what_the_seeds_own_file_says() -> None:
    theirs = load(ROOT / "tests" / "data" / "seed-2021.cfg")
    assert load(ROOT / "neat-configs" / "seed-2021.ini").settings == theirs.settings


def test_reference_page_is_the_key_tables() -> None:
    page = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
    assert page == reference_markdown(), "run `make docs`"


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key.section}.{key.name}")
def test_key_is_documented_and_its_default_is_allowed(key: Key) -> None:
    assert (
        f"| `{key.name}` |" in reference_markdown().split(f"## [{key.section}]")[1].split("## ")[0]
    )
    assert key.meaning.endswith(".")
    text = key.example if key.default is None else key.default
    value = read_value(key, text)
    if isinstance(value, float) and key.low is not None:
        assert key.low <= value
    if isinstance(value, float) and key.high is not None:
        assert value <= key.high


def names(kind: type) -> set[str]:
    return {item.name for item in fields(kind)}


@pytest.mark.parametrize(
    ("kind", "section", "task", "elsewhere"),
    [
        (RunSettings, "Run", None, set()),
        (SpeciesSettings, "DefaultSpeciesSet", None, set()),
        (StagnationSettings, "DefaultStagnation", None, set()),
        (ReproductionSettings, "DefaultReproduction", None, set()),
        (XorSettings, "Task", "xor", set()),
        (DoublePoleSettings, "Task", "double-pole", {"velocities"}),
        (GymnasiumSettings, "Task", "gymnasium", set()),
        (RetroSettings, "Retro", "retro", {"observation", "buttons", "fitness"}),
        (ObservationSettings, "Observation", "retro", set()),
        (ButtonSettings, "Buttons", "retro", set()),
        (FitnessSettings, "Fitness", "retro", set()),
    ],
)
def test_every_setting_has_its_key(kind: type, section: str, task: str, elsewhere: set) -> None:
    keys = {key.name for key in keys_of(section, task)} - {"name", "preset"}
    assert keys == names(kind) - elsewhere


def test_every_setting_of_the_genome_has_its_key() -> None:
    attributes = {"weight", "bias", "response", "time_constant"}
    keys = {key.name for key in keys_of("DefaultGenome", None)}
    expected = names(GenomeSettings) - attributes - {
        "activation", "aggregation", "enabled", "connection_fraction"}  # fmt: skip
    expected |= {f"{a}_{f}" for a in attributes for f in names(FloatAttributeSettings)}
    expected |= {f"{a}_{f}" for a in ("activation", "aggregation") for f in (
        "default", "options", "mutate_rate")}  # fmt: skip
    expected |= {f"enabled_{f}" for f in names(EnabledSettings)}
    assert keys == expected


def test_every_key_that_neat_python_2_0_reads_is_in_the_table() -> None:
    neat = pytest.importorskip("neat")
    from neat.genes import DefaultConnectionGene, DefaultNodeGene

    theirs = {parameter.name for parameter in neat.Config._Config__params}
    assert theirs <= {key.name for key in keys_of("NEAT", None)}
    gene_keys = DefaultNodeGene.get_config_params() + DefaultConnectionGene.get_config_params()
    ours = {key.name: key for key in keys_of("DefaultGenome", None)}
    for parameter in gene_keys:
        assert parameter.name in ours
        assert ours[parameter.name].origin.startswith("neat-python")


def test_task_names_all_have_a_page_and_no_key_of_an_unknown_task() -> None:
    assert {task for key in KEYS for task in key.tasks} <= set(TASK_NAMES)
