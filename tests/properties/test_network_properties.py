"""Whatever the genome, the compiled network gives the slow twin's numbers, bit for bit."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from builders.genomes import random_genome
from builders.networks import naive_network
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neuroevo.neat.genome import ACTIVATIONS, AGGREGATIONS, Genome, check_genome
from neuroevo.network.compile import compile_network

FINITE = st.floats(allow_nan=False, allow_infinity=False)
USUAL = st.floats(-8, 8)
ANY = st.one_of(USUAL, st.floats())


@dataclass
class Case:
    """A genome, how to read it, and what it is shown."""

    genome: Genome
    num_inputs: int
    num_outputs: int
    feed_forward: bool
    steps: list[list[float]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw recurrent, looping, disabled, dangling and feed-forward networks of every kind."""
    num_inputs, num_outputs = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    hidden = sorted(draw(st.sets(st.integers(num_outputs, 30), max_size=6)))
    nodes = [*range(num_outputs), *hidden]
    feed_forward = draw(st.booleans())
    order = draw(st.permutations(nodes))
    pairs = [
        (source, target)
        for source in [-1 - k for k in range(num_inputs)] + nodes
        for target in nodes
        if not feed_forward or source < 0 or order.index(source) < order.index(target)
    ]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=40))
    numbers = st.one_of(USUAL, FINITE)

    def each(strategy: st.SearchStrategy, size: int) -> list:
        return draw(st.lists(strategy, min_size=size, max_size=size))

    genome = Genome(
        id=1,
        node_ids=np.array(nodes),
        bias=np.array(each(numbers, len(nodes))),
        response=np.array(each(numbers, len(nodes))),
        time_constant=np.ones(len(nodes)),
        activation=np.array(each(st.integers(0, len(ACTIVATIONS) - 1), len(nodes)), np.uint8),
        aggregation=np.array(each(st.integers(0, len(AGGREGATIONS) - 1), len(nodes)), np.uint8),
        innovation=np.arange(len(chosen)),
        source=np.array([source for source, _ in chosen], np.int64),
        target=np.array([target for _, target in chosen], np.int64),
        weight=np.array(each(numbers, len(chosen)), np.float64),
        enabled=np.array(each(st.sampled_from([True, True, False]), len(chosen)), np.bool_),
    )
    check_genome(genome, num_inputs, num_outputs)
    steps = [each(ANY, num_inputs) for _ in range(draw(st.integers(1, 6)))]
    return Case(genome, num_inputs, num_outputs, feed_forward, steps)


def random_case(seed: int, feed_forward: bool) -> Case:
    """A larger case than Hypothesis likes to draw: rows of dozens of terms."""
    rng = np.random.default_rng(seed)
    genome = random_genome(rng, 40, 4, 20, 900, feed_forward)
    return Case(genome, 40, 4, feed_forward, rng.normal(size=(8, 40)).tolist())


def same_bits(first: np.ndarray, second: np.ndarray) -> bool:
    """Equal to the last bit and the sign of zero; any nan equals any nan."""
    usable = ~(np.isnan(first) & np.isnan(second))
    return first[usable].tobytes() == second[usable].tobytes()


def assert_equal_to_twin(case: Case) -> None:
    shape = (case.num_inputs, case.num_outputs)
    network = compile_network(case.genome, *shape, feed_forward=case.feed_forward)
    twin = naive_network(case.genome, *shape, case.feed_forward)
    for _episode in range(2):
        network.reset()
        twin.reset()
        for inputs in case.steps:
            ours, theirs = network.activate(np.array(inputs)), np.array(twin.activate(inputs))
            assert same_bits(ours, theirs), (ours, theirs)


@settings(max_examples=300)
@given(cases())
@example(random_case(0, feed_forward=True))
@example(random_case(0, feed_forward=False))
def test_compiled_network_equals_its_slow_twin_bit_for_bit(case: Case) -> None:
    assert_equal_to_twin(case)


@pytest.mark.parametrize("feed_forward", [False, True])
@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_long_rows_of_every_aggregation_equal_the_slow_twin(
    aggregation: str, feed_forward: bool
) -> None:
    rng = np.random.default_rng(5)
    for num_inputs in (3, 4, 5, 6, 7, 8, 9, 300):
        genome = random_genome(
            rng, num_inputs, 3, 4, 20 * num_inputs, feed_forward, aggregations=[aggregation]
        )
        steps = rng.normal(size=(4, num_inputs)).tolist()
        assert_equal_to_twin(Case(genome, num_inputs, 3, feed_forward, steps))


@settings(max_examples=100)
@given(cases(), st.randoms(use_true_random=False))
def test_disabled_connections_and_their_weights_change_nothing(case: Case, random) -> None:
    genome = case.genome
    noise = np.array([random.uniform(-9, 9) for _ in range(genome.num_connections)])
    changed = genome.changed(weight=np.where(genome.enabled, genome.weight, noise))
    first, second = (
        compile_network(g, case.num_inputs, case.num_outputs, feed_forward=case.feed_forward)
        for g in (genome, changed)
    )
    for inputs in case.steps:
        assert same_bits(first.activate(inputs).copy(), second.activate(inputs))


@pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="this run is that subprocess"
)
def test_the_kernels_equal_the_slow_twin_without_jit_too() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
            "-W", "ignore::RuntimeWarning", str(Path(__file__)), "-k", "slow_twin",
        ],
        cwd=root, env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
