"""Every released format loads for ever, and the same seed still gives the same run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from builders.golden_run import SETTINGS, evolved, fitness
from builders.neat_runs import cases, run_digest

from neuroevo.neat.genome import check_genome, genome_digest
from neuroevo.neat.population import Population
from neuroevo.neat.settings import NeatSettings
from neuroevo.storage.checkpoint import load_checkpoint
from neuroevo.storage.genome_file import load_genome, save_genome
from neuroevo.storage.run_log import read_log

FOLDER = Path(__file__).parent / "v1"
MEANING = json.loads((FOLDER / "meaning.json").read_text())


def test_the_same_seed_gives_the_run_that_was_recorded() -> None:
    assert evolved()[1] == MEANING["digests"]


RUNS = json.loads((FOLDER / "neat_runs.json").read_text())


@pytest.mark.parametrize(("name", "settings"), list(cases()))
def test_every_path_of_reproduction_and_speciation_gives_the_run_that_was_recorded(
    name: str, settings: NeatSettings
) -> None:
    assert run_digest(settings) == RUNS[name]


def test_a_genome_file_of_version_one_loads() -> None:
    genome, meta = load_genome(FOLDER / "genome.npz")
    check_genome(genome, 3, 2)
    assert genome_digest(genome) == MEANING["genome"]
    assert fitness(genome) == meta["fitness"] == MEANING["fitness"]


def test_a_genome_file_is_still_one_of_version_one_byte_for_byte(tmp_path: Path) -> None:
    """So programs of before version 2 read it."""
    genome, meta = load_genome(FOLDER / "genome.npz")
    save_genome(tmp_path / "genome.npz", genome, meta)
    assert (tmp_path / "genome.npz").read_bytes() == (FOLDER / "genome.npz").read_bytes()


def test_a_checkpoint_of_version_one_loads_and_evolves_on_as_the_run_it_came_from() -> None:
    state, extra = load_checkpoint(FOLDER / "generation-000006.npz")
    assert extra["log_offset"] == 0
    resumed, uninterrupted = Population.from_state(SETTINGS, state), evolved()[0]
    for population in (resumed, uninterrupted):
        population.tell(np.array([fitness(genome) for genome in population.ask()]))
    assert [genome_digest(g) for g in resumed.ask()] == [
        genome_digest(g) for g in uninterrupted.ask()
    ]


def test_a_log_of_version_one_loads() -> None:
    records = read_log(FOLDER / "log.jsonl")
    assert [record["digest"] for record in records] == MEANING["digests"]
