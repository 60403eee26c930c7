"""Resuming from Python: with the settings of the start it is exact, with others refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from neuroevo import evolve
from neuroevo.cli.console import ConsoleObserver
from neuroevo.config import Config, load
from neuroevo.errors import ConfigError
from neuroevo.shipped import find_config
from neuroevo.storage.run_log import read_log
from neuroevo.verify import verify

OWN = ("Run.seed=5", "Run.workers=0", "Run.stop_when_solved=false", "NEAT.pop_size=40")


def settings(*overrides: str) -> Config:
    """Return settings whose sizes the task has not filled in yet."""
    config = load(find_config("xor"), [*OWN, *overrides])
    assert config.settings.neat.genome.num_inputs == 0
    return config


def started(run: Path, num_generations: int) -> Path:
    with ConsoleObserver("run") as observer:
        evolve.start(settings(f"Run.generations={num_generations}"), run, observer)
    return run


def resumed(run: Path, config: Config) -> None:
    with ConsoleObserver("run") as observer:
        evolve.resume(config, run, observer)


def digests(run: Path) -> list[str]:
    return [record["digest"] for record in read_log(run / "log.jsonl")]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three generations."""
    return started(tmp_path_factory.mktemp("three") / "run", 3)


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The digests of eight generations in one go."""
    return digests(started(tmp_path_factory.mktemp("straight") / "run", 8))


@pytest.mark.parametrize("is_filled", [True, False], ids=["config.ini", "the file it began with"])
def test_a_run_resumed_with_its_settings_is_one_run(
    three: Path, straight: list[str], tmp_path: Path, is_filled: bool
) -> None:
    run = Path(shutil.copytree(three, tmp_path / "run"))
    more = "Run.generations=8"
    resumed(run, load(run / "config.ini", [more]) if is_filled else settings(more))
    assert digests(run) == straight


def test_sizes_that_are_auto_in_the_runs_own_file_are_filled_too(
    three: Path, straight: list[str], tmp_path: Path
) -> None:
    run = Path(shutil.copytree(three, tmp_path / "run"))
    text = (run / "config.ini").read_text()
    assert "\nnum_inputs = 3" in text
    (run / "config.ini").write_text(text.replace("\nnum_inputs = 3", "\nnum_inputs = auto"))
    resumed(run, load(run / "config.ini", ["Run.generations=8"]))
    assert digests(run) == straight
    assert verify(run).is_same


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("NEAT.pop_size=41", "[NEAT] pop_size = 41"),
        ("DefaultGenome.conn_add_prob=0.9", "[DefaultGenome] conn_add_prob = 0.9"),
        ("Run.seed=6", "[Run] seed = 6"),
        ("DefaultGenome.num_inputs=4", "num_inputs = 4, but xor gives 3"),
    ],
)
def test_other_settings_are_refused_and_the_run_is_left_alone(
    three: Path, change: str, named: str
) -> None:
    before = {p: p.read_bytes() for p in three.rglob("*") if p.is_file()}
    config = load(find_config("xor"), [*OWN, "Run.generations=8", change])
    with pytest.raises(ConfigError) as told:
        resumed(three, config)
    assert named in str(told.value)
    assert "generations" not in str(told.value), "how long it goes on is free"
    assert {p: p.read_bytes() for p in three.rglob("*") if p.is_file()} == before
