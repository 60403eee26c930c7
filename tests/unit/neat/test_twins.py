"""Genomes of equal genes are found, and only they."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from builders.command_line import neuroevo
from builders.genomes import random_genome
from builders.neat_genomes import neat_settings, told

from neuroevo.neat.genome import Genome, same_genes
from neuroevo.neat.pool import GenePool
from neuroevo.neat.population import Population
from neuroevo.neat.twins import first_of_same_genes
from neuroevo.storage.run_log import read_log


def genome(genome_id: int, seed: int = 1) -> Genome:
    return random_genome(np.random.default_rng(seed), 4, 2, 3, 20, genome_id=genome_id)


def test_a_copy_counts_as_the_first_of_its_genes() -> None:
    genomes = [genome(7), genome(8, seed=2), genome(9), genome(3)]
    assert first_of_same_genes(genomes).tolist() == [0, 1, 0, 0]


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
        assert first_of_same_genes([one, other]).tolist() == [0, 1], what


def with_twins() -> GenePool:
    """A generation, with two twins of each third genome among it."""
    genomes = list(told(Population(neat_settings(), seed=2), 4).ask())
    for number, one in enumerate(genomes[::3] * 2):
        genomes.insert(5 * number + 2, one.changed(id=1000 + number))
    return GenePool.of(genomes)


@pytest.mark.parametrize("num_bits", [64, 3, 0])
def test_a_kernel_finds_the_twins_of_a_pool_whatever_their_marks(num_bits: int) -> None:
    pool = with_twins()
    firsts = pool.firsts(mask=(1 << num_bits) - 1).tolist()
    slow = first_of_same_genes(list(pool.genomes())).tolist()
    assert firsts == slow
    assert len(set(slow)) == 20
    for place, one in enumerate(pool.genomes()):
        same = [n for n, other in enumerate(pool.genomes()) if same_genes(one, other)]
        assert firsts[place] == same[0]


@pytest.mark.parametrize(
    "name", ["bias", "response", "time_constant", "activation", "aggregation", "weight", "enabled"]
)
@pytest.mark.parametrize("num_bits", [64, 0])
def test_a_gene_of_a_pool_that_differs_makes_a_stranger(name: str, num_bits: int) -> None:
    one = genome(1)
    values = getattr(one, name).copy()
    values[-1] = not values[-1] if name == "enabled" else values[-1] + 1
    pool = GenePool.of([one, one.changed(id=2, **{name: values}), one.changed(id=3)])
    assert pool.firsts(mask=(1 << num_bits) - 1).tolist() == [0, 1, 0]


def test_zeros_of_another_sign_are_other_genes() -> None:
    one = genome(1)
    zero, minus = one.weight.copy(), one.weight.copy()
    zero[0], minus[0] = 0.0, -0.0
    pool = GenePool.of([one.changed(weight=zero), one.changed(id=2, weight=minus)])
    assert pool.firsts(mask=0).tolist() == [0, 1]


def test_a_pool_of_nobody_has_no_twins() -> None:
    assert GenePool.of([]).firsts().tolist() == []


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
