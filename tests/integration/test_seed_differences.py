"""A run that begins with a genome which saw or pressed something else is told so."""

from __future__ import annotations

import json

import pytest
from builders.command_line import neuroevo

from neuroevo.config import load, loads
from neuroevo.neat.population import Population
from neuroevo.seed_genome import seed_differences
from neuroevo.shipped import find_config
from neuroevo.storage.genome_file import load_genome, save_genome

OWN_COMBOS = "Buttons.combos=RIGHT, RIGHT+A, NONE"


def of_wickling(*overrides: str):
    return load(find_config("wickling"), overrides)


@pytest.fixture
def seed(tmp_path):
    """Return the key that begins with a genome which carries the settings of wickling.ini."""
    path = tmp_path / "seed.npz"
    config = of_wickling("DefaultGenome.num_inputs=169", "DefaultGenome.num_outputs=3")
    save_genome(path, Population(config.settings.neat, 1).ask()[0], {"config": config.to_ini()})
    return f"Run.seed_genome={path}"


def test_the_same_eyes_and_fingers_are_nothing_to_tell_of(seed):
    assert seed_differences(of_wickling(seed)) == ()
    assert seed_differences(of_wickling(seed, "Fitness.max_frames=9", "Retro.frame_skip=2")) == ()
    assert seed_differences(of_wickling()) == ()


def test_other_buttons_of_the_same_number_are_told_of(seed):
    (sentence,) = seed_differences(of_wickling(seed, OWN_COMBOS))
    assert sentence.startswith("[Run] seed_genome: should be evolved with the same [Buttons]; got ")
    assert "mode = threshold (here combos)" in sentence
    assert "combos = none (here RIGHT, RIGHT+A, NONE)" in sentence


def test_eyes_and_fingers_are_told_of_one_by_one(seed):
    told = seed_differences(of_wickling(seed, OWN_COMBOS, "Observation.noise=true"))
    assert ["[Observation]" in told[0], "[Buttons]" in told[1], len(told)] == [True, True, 2]
    assert "noise = False (here True)" in told[0]


def test_a_genome_without_settings_or_of_another_task_is_not_judged(seed, tmp_path):
    path = tmp_path / "bare.npz"
    genome, _ = load_genome(tmp_path / "seed.npz")
    save_genome(path, genome, {})
    bare = f"Run.seed_genome={path}"
    assert seed_differences(of_wickling(bare, OWN_COMBOS)) == ()
    xor = loads("[NEAT]\npop_size = 9\n[Task]\nname = xor\n", "x.ini", [seed])
    assert seed_differences(xor) == ()


def test_the_console_and_the_events_of_a_run_say_it(seed, tmp_path):
    run = tmp_path / "run"
    ended = neuroevo(
        "evolve", "wickling", "--set", "NEAT.pop_size=4", "--generations", 1, "--workers", 0,
        "--set", "Fitness.max_frames=20", "--set", OWN_COMBOS, "--set", seed, "--out", run,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "should be evolved with the same [Buttons]" in ended.stdout
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    texts = [event["text"] for event in events if event["kind"] == "seed genome"]
    assert len(texts) == 2
    assert "here RIGHT, RIGHT+A, NONE" in texts[1]
