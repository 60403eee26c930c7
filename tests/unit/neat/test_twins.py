"""Genomes of equal genes are found, and only they."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from builders.command_line import neuroevo
from builders.genomes import random_genome

from neuroevo.neat import twins
from neuroevo.neat.genome import Genome
from neuroevo.neat.twins import first_of_same_genes
from neuroevo.storage.run_log import read_log


def genome(genome_id: int, seed: int = 1) -> Genome:
    return random_genome(np.random.default_rng(seed), 4, 2, 3, 20, genome_id=genome_id)


def test_a_copy_counts_as_the_first_of_its_genes() -> None:
    genomes = [genome(7), genome(8, seed=2), genome(9), genome(3)]
    assert first_of_same_genes(genomes) == {7: 7, 8: 8, 9: 7, 3: 7}


def test_genomes_that_differ_in_one_gene_are_strangers() -> None:
    one = genome(1)
    weight = one.weight.copy()
    weight[:2] = weight[1::-1]  # the same sum
    others = {
        "weights": one.changed(id=2, weight=weight),
        "enabled": one.changed(id=2, enabled=~one.enabled),
        "activation": one.changed(id=2, activation=one.activation[::-1].copy()),
        "bias": one.changed(id=2, bias=one.bias + 0.5),
    }
    for what, other in others.items():
        assert first_of_same_genes([one, other]) == {1: 1, 2: 2}, what


def test_genes_decide_where_all_marks_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twins, "_fingerprints", lambda genomes: [1] * len(genomes))
    genomes = [genome(i, seed) for i, seed in enumerate((5, 6, 5, 7, 6, 7, 7), start=1)]
    assert first_of_same_genes(genomes) == {1: 1, 2: 2, 3: 1, 4: 4, 5: 2, 6: 4, 7: 4}


STILL = (
    *("--set", "DefaultGenome.conn_add_prob=0", "--set", "DefaultGenome.node_add_prob=0"),
    *("--set", "DefaultGenome.weight_genome_mutate_prob=0"),
    *("--set", "DefaultReproduction.mutate_only_prob=1"),
)


def test_a_run_evaluates_genomes_of_equal_genes_once_and_says_so(tmp_path: Path) -> None:
    run = tmp_path / "run"
    ended = neuroevo(
        "evolve", "xor", "--seed", 1, "--generations", 2, "--out", run, *STILL, "--workers", 0
    )
    assert ended.returncode == 0, ended.stderr
    first, second = read_log(run / "log.jsonl")
    assert first["num_evaluations"] == 150
    assert second["num_evaluations"] <= 40  # a fifth of the first generation had children
    assert second["num_frames"] == 4 * second["num_evaluations"]
    assert second["best_fitness"] == first["best_fitness"]
