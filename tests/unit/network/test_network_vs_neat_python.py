"""Compiled networks against neat-python 2.0.0's own, wherever that one is right."""

from __future__ import annotations

import numpy as np
import pytest
from builders.genomes import random_genome
from builders.networks import neat_python_network

from neuroevo.neat.genome import ACTIVATIONS, Genome
from neuroevo.network.compile import compile_network

NUM_STEPS = 6


def largest_difference(genome: Genome, inputs: np.ndarray, num_outputs: int, ff: bool) -> float:
    """Run both and return the largest difference, relative to numbers above 1.

    Stops where neat-python overflows.
    """
    num_inputs = inputs.shape[1]
    ours = compile_network(genome, num_inputs, num_outputs, feed_forward=ff)
    theirs = neat_python_network(genome, num_inputs, num_outputs, ff)
    worst = 0.0
    for row in inputs:
        try:
            expected = np.array(theirs.activate(row.tolist()), np.float64)
        except OverflowError:
            break
        got = ours.activate(row)
        worst = max(worst, float(np.max(np.abs(got - expected) / np.maximum(1, abs(expected)))))
    return worst


@pytest.mark.parametrize("seed", range(150))
def test_feed_forward_networks_equal_neat_pythons(seed: int) -> None:
    rng = np.random.default_rng(seed)
    num_inputs, num_outputs, num_hidden = rng.integers(1, 9), rng.integers(1, 5), seed % 12
    genome = random_genome(rng, num_inputs, num_outputs, num_hidden, 5 * seed % 97, True)
    inputs = rng.normal(size=(3, num_inputs))
    assert largest_difference(genome, inputs, num_outputs, True) <= 1e-12


@pytest.mark.parametrize("seed", range(150))
def test_recurrent_networks_equal_neat_pythons(seed: int) -> None:
    """Nodes without enabled connections, where neat-python loses the bias, are left out here."""
    rng = np.random.default_rng(1000 + seed)
    num_inputs, num_outputs, num_hidden = rng.integers(1, 9), rng.integers(1, 5), seed % 12
    genome = random_genome(
        rng, num_inputs, num_outputs, num_hidden, 5 * seed % 97, every_node_fed=True
    )
    inputs = rng.normal(size=(NUM_STEPS, num_inputs))
    assert largest_difference(genome, inputs, num_outputs, False) <= 1e-12


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_wide_recurrent_networks_of_one_activation_equal_neat_pythons(activation: str) -> None:
    rng = np.random.default_rng(11)
    genome = random_genome(
        rng, 60, 4, 10, 600, activations=[activation], aggregations=["sum", "mean"],
        weight_stdev=0.1, every_node_fed=True,
    )  # fmt: skip
    assert largest_difference(genome, rng.normal(size=(NUM_STEPS, 60)), 4, False) <= 1e-12


@pytest.mark.parametrize("feed_forward", [False, True])
def test_the_seeds_size_of_network_equals_neat_pythons(feed_forward: bool) -> None:
    rng = np.random.default_rng(0)
    genome = random_genome(
        rng, 1120, 12, 2, 6726, feed_forward, activations=["sigmoid"], aggregations=["sum"],
        weight_stdev=0.02, every_node_fed=not feed_forward,
    )  # fmt: skip
    assert largest_difference(genome, rng.random((4, 1120)), 12, feed_forward) <= 1e-12


def test_neat_python_loses_the_bias_of_a_bare_recurrent_node_and_we_do_not() -> None:
    genome = random_genome(np.random.default_rng(0), 1, 1, 0, 0, activations=["identity"])
    bias, total = genome.bias[0], genome.response[0] * (genome.aggregation[0] == 1)
    assert neat_python_network(genome, 1, 1, False).activate([1.0]) == [0.0]
    assert compile_network(genome, 1, 1, feed_forward=False).activate([1.0])[0] == bias + total
    assert neat_python_network(genome, 1, 1, True).activate([1.0]) == [bias + total]
