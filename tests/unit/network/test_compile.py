"""What a compiled network is: pruning, indices, reset, inputs, errors, warm-up."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from builders.genomes import random_genome

from neuroevo.errors import NetworkError
from neuroevo.neat.gene_block import block_of
from neuroevo.neat.genome import (
    ACTIVATIONS,
    AGGREGATIONS,
    Genome,
    check_genome,
    genome_from_bytes,
    genome_to_bytes,
)
from neuroevo.neat.pool import GenePool
from neuroevo.network import layout
from neuroevo.network.compile import CompiledNetwork, compile_network, warm_up
from neuroevo.network.kernels import step


def genome_of(
    connections: list[tuple],
    nodes: tuple[int, ...] = (0,),
    bias: float = 0.0,
    activation: str = "identity",
    aggregation: str = "sum",
) -> Genome:
    """A genome of (source, target, weight[, enabled]) and equal nodes."""
    rows = [(*row, True)[:4] for row in connections]
    source, target, weight, enabled = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Genome(
        id=7,
        node_ids=np.array(nodes),
        bias=np.full(len(nodes), bias),
        response=np.ones(len(nodes)),
        time_constant=np.ones(len(nodes)),
        activation=np.full(len(nodes), ACTIVATIONS.index(activation), np.uint8),
        aggregation=np.full(len(nodes), AGGREGATIONS.index(aggregation), np.uint8),
        innovation=np.arange(len(rows)),
        source=np.array(source, np.int64),
        target=np.array(target, np.int64),
        weight=np.array(weight, np.float64),
        enabled=np.array(enabled, np.bool_),
    )


@pytest.mark.parametrize("feed_forward", [False, True])
def test_dead_parts_are_pruned(feed_forward: bool) -> None:
    genome = genome_of(
        [
            (-1, 0, 2.0),
            (-1, 3, 1.0), (3, 4, 1.0),  # leads nowhere
            (-2, 5, 1.0), (5, 0, 1.0, False),  # led to the output, but is disabled
            (0, 6, 1.0),  # fed by the output, feeds nothing
            (-2, 0, 5.0, False),
        ],
        nodes=(0, 3, 4, 5, 6),
    )  # fmt: skip
    network = compile_network(genome, 2, 1, feed_forward=feed_forward)
    assert (network.num_nodes, network.num_connections) == (1, 1)
    assert network.activate([3.0, 100.0]).tolist() == [6.0]


def test_pruning_keeps_the_rows_of_live_nodes_apart() -> None:
    genome = genome_of(
        [(-1, 2, 1.0), (-1, 5, 10.0), (2, 9, 7.0), (5, 0, 1.0), (-2, 5, 3.0), (5, 5, 0.5)],
        nodes=(0, 2, 5, 9),
    )
    network = compile_network(genome, 2, 1, feed_forward=False)
    assert (network.num_nodes, network.num_connections) == (2, 4)
    outputs = [network.activate([1.0, 2.0])[0] for _ in range(3)]
    assert outputs == [0.0, 16.0, 24.0]


def test_a_recurrent_signal_takes_one_step_per_connection() -> None:
    network = compile_network(
        genome_of([(-1, 1, 1.0), (1, 2, 1.0), (2, 0, 1.0)], nodes=(0, 1, 2)), 1, 1,
        feed_forward=False,
    )  # fmt: skip
    assert [network.activate([x])[0] for x in (5.0, 6.0, 7.0, 8.0)] == [0.0, 0.0, 5.0, 6.0]


def test_a_feed_forward_signal_arrives_in_the_same_step() -> None:
    genome = genome_of([(-1, 9, 1.0), (9, 4, 2.0), (4, 0, 3.0)], nodes=(0, 4, 9))
    network = compile_network(genome, 1, 1, feed_forward=True)
    assert [network.activate([x])[0] for x in (5.0, 6.0)] == [30.0, 36.0]


def test_an_output_may_feed_another_output() -> None:
    genome = genome_of([(-1, 1, 1.0), (1, 0, 2.0)], nodes=(0, 1))
    network = compile_network(genome, 1, 2, feed_forward=True)
    assert network.activate([3.0]).tolist() == [6.0, 3.0]


@pytest.mark.parametrize("feed_forward", [False, True])
@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [(name, 1.25 if name == "product" else 0.25) for name in AGGREGATIONS],
)
def test_a_node_without_connections_keeps_its_bias(feed_forward, aggregation, expected) -> None:
    genome = genome_of([], nodes=(0,), bias=0.25, aggregation=aggregation)
    network = compile_network(genome, 1, 1, feed_forward=feed_forward)
    assert network.activate([9.0])[0] == expected


def test_reset_makes_an_episode_repeat_itself() -> None:
    rng = np.random.default_rng(2)
    genome = random_genome(rng, 5, 3, 8, 80)
    network = compile_network(genome, 5, 3, feed_forward=False)
    inputs = rng.normal(size=(10, 5))

    def episode() -> list[list[float]]:
        return [network.activate(row).tolist() for row in inputs]

    first = episode()
    assert episode() != first  # the state of the first episode is still there
    network.reset()
    assert episode() == first


def test_a_new_network_starts_as_after_a_reset() -> None:
    network = compile_network(genome_of([(0, 0, 1.0)], bias=1.0), 1, 1, feed_forward=False)
    first = network.activate([0.0])[0]
    network.reset()
    assert network.activate([0.0])[0] == first == 1.0


def test_two_networks_of_one_genome_share_no_state() -> None:
    genome = genome_of([(0, 0, 1.0)], bias=1.0)
    first, second = (compile_network(genome, 1, 1, feed_forward=False) for _ in range(2))
    first.activate([0.0])
    assert second.activate([0.0])[0] == 1.0


def adder() -> CompiledNetwork:
    genome = genome_of([(-1, 0, 1.0), (-2, 0, 10.0), (-3, 0, 100.0)])
    return compile_network(genome, 3, 1, feed_forward=False)


@pytest.mark.parametrize(
    "inputs",
    [
        [1, 2, 3], (1.0, 2.0, 3.0), np.array([1, 2, 3], np.uint8), np.array([1, 2, 3], np.float32),
        np.array([1.0, 9.0, 2.0, 9.0, 3.0])[::2], np.array([1.0, 2.0, 3.0]).astype(">f8"),
        np.frombuffer(np.array([1.0, 2.0, 3.0]).tobytes(), np.float64),
    ],
    ids=["ints", "tuple", "uint8", "float32", "strided", "big-endian", "read-only"],
)  # fmt: skip
def test_inputs_of_any_numeric_kind_are_taken(inputs) -> None:
    assert adder().activate(inputs)[0] == 321.0


@pytest.mark.parametrize(
    "inputs",
    [
        [1.0, 2.0], np.zeros(4), np.zeros(0), np.zeros((3, 1)), np.zeros((3, 3)), np.float64(1.0),
        None, 3.0, ["a", "b", "c"], [[1.0], [1.0, 2.0], [3.0]],
    ],
    ids=repr,
)  # fmt: skip
def test_inputs_of_another_shape_or_kind_raise_one_clear_error(inputs) -> None:
    with pytest.raises(NetworkError, match=r"inputs: must be 3 numbers, shape \(3,\).*; got .+\. "):
        adder().activate(inputs)


def test_the_error_names_the_length_that_came() -> None:
    with pytest.raises(NetworkError, match=r"got shape \(2,\)\. Pass one flat vector"):
        adder().activate(np.zeros(2))


def test_an_array_that_fitted_and_was_resized_since_is_refused() -> None:
    network, inputs = adder(), np.ones(3)
    network.activate(inputs)
    for size in (2, 4):
        inputs.resize(size, refcheck=False)
        with pytest.raises(NetworkError, match=r"must be 3 numbers"):
            network.activate(inputs)
    inputs.resize(3, refcheck=False)
    assert network.activate(inputs)[0] == 11.0  # without the one that was cut off


def test_a_refused_input_leaves_the_state_alone() -> None:
    genome = genome_of([(-1, 0, 1.0), (-2, 0, 1.0), (0, 0, 1.0)])
    network = compile_network(genome, 2, 1, feed_forward=False)
    network.activate([1.0, 1.0])
    with pytest.raises(NetworkError):
        network.activate([1.0])
    assert network.activate([0.0, 0.0])[0] == 2.0


def test_the_returned_outputs_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        adder().activate([1.0, 2.0, 3.0])[0] = 5.0


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_no_input_makes_a_network_raise(activation: str, aggregation: str) -> None:
    genome = genome_of(
        [(-1, 0, 1e308), (-2, 0, -1e308), (0, 0, 1e308)],
        activation=activation, aggregation=aggregation,
    )  # fmt: skip
    network = compile_network(genome, 2, 1, feed_forward=False)
    for pair in ([1e308, 1e308], [np.inf, np.inf], [np.nan, 1.0], [0.0, 0.0]):
        for _ in range(3):
            assert network.activate(pair).shape == (1,)


@pytest.mark.parametrize(
    "connections", [[(0, 0, 1.0)], [(1, 2, 1.0), (2, 1, 1.0), (2, 0, 1.0)]], ids=["self", "pair"]
)
def test_a_feed_forward_network_refuses_a_cycle(connections) -> None:
    genome = genome_of(connections, nodes=(0, 1, 2))
    with pytest.raises(NetworkError, match="genome 7: a feed-forward network must have no cycle"):
        compile_network(genome, 1, 1, feed_forward=True)


def test_a_feed_forward_network_ignores_cycles_that_reach_no_output() -> None:
    connections = [(-1, 0, 1.0), (1, 2, 1.0), (2, 1, 1.0), (2, 0, 1.0, False), (0, 0, 1.0, False)]
    genome = genome_of(connections, nodes=(0, 1, 2))
    assert compile_network(genome, 1, 1, feed_forward=True).num_connections == 1


def test_many_paths_to_one_node_are_no_cycle() -> None:
    layers = [(s, t, 1.0) for s, t in [(-1, 5), (-1, 6), (5, 7), (6, 7), (7, 8), (7, 0), (8, 0)]]
    genome = genome_of(layers, nodes=(0, 5, 6, 7, 8))
    assert compile_network(genome, 1, 1, feed_forward=True).activate([1.0])[0] == 4.0


@pytest.mark.parametrize(("source", "target"), [(-4, 0), (9, 0), (-1, 9), (-1, -1)])
def test_a_connection_that_ends_nowhere_is_named(source: int, target: int) -> None:
    genome = genome_of([(-1, 0, 1.0), (source, target, 1.0)])
    with pytest.raises(NetworkError, match=f"inputs -1 to -3 .*; got {source} -> {target}"):
        compile_network(genome, 3, 1, feed_forward=False)


def test_nodes_whose_ids_end_alike_are_told_apart() -> None:
    far = [5 + 4096 * k for k in range(4)]
    into, out = [(-1, node, 10.0**k) for k, node in enumerate(far)], [(n, 0, 1.0) for n in far]
    for nodes in (far, far[::-1]):  # the guess is right for one of them, whichever it is
        links = [link for node in nodes for link in into + out if node in link[:2]]
        genome = genome_of(links, nodes=(0, *far))
        network = compile_network(genome, 1, 1, feed_forward=True)
        assert network.activate([3.0])[0] == 3333.0
        for lost in ((5 + 4096 * 9, 0), (-1, 5 + 4096 * 9)):
            with pytest.raises(NetworkError, match=f"got {lost[0]} -> {lost[1]}"):
                compile_network(
                    genome_of([*links, (*lost, 1.0)], nodes=(0, *far)), 1, 1, feed_forward=True
                )


@pytest.mark.parametrize("num_outputs", [0, 3, 50])
def test_a_genome_with_other_outputs_is_refused(num_outputs: int) -> None:
    genome = genome_of([(-1, 0, 1.0)], nodes=(0, 1, 5))
    with pytest.raises(NetworkError, match="genome 7: must hold the outputs"):
        compile_network(genome, 1, num_outputs, feed_forward=False)


def test_a_chain_of_thousands_of_nodes_compiles() -> None:
    size = 20_000
    links = [(-1, size - 1, 1.0), *((k, k - 1, 1.0) for k in range(1, size))]
    genome = genome_of(links, nodes=tuple(range(size)))
    network = compile_network(genome, 1, 1, feed_forward=True)
    assert (network.num_nodes, network.activate([2.5])[0]) == (size, 2.5)


def test_random_genomes_of_the_builder_are_sound() -> None:
    for seed in range(50):
        rng = np.random.default_rng(seed)
        genome = random_genome(rng, 3, 2, seed % 7, 2 * seed, bool(seed % 2), every_node_fed=True)
        check_genome(genome, 3, 2)
        assert set(genome.target[genome.enabled]) == set(genome.node_ids)
        compile_network(genome, 3, 2, feed_forward=bool(seed % 2))


@pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled without JIT"
)
def test_one_compilation_serves_every_genome() -> None:
    """A second signature would cost seconds in the middle of a run."""
    warm_up()
    for seed in range(8):
        genome = random_genome(np.random.default_rng(seed), 4, 2, seed, 30, bool(seed % 2))
        pooled = [*GenePool.of([genome]).genomes(), *block_of([genome]).genomes()]
        for each in (genome, genome_from_bytes(genome_to_bytes(genome)), *pooled):
            compile_network(each, 4, 2, feed_forward=bool(seed % 2)).activate([1, 2, 3, 4])
    kernels = (layout.lay_out, step)
    assert [len(kernel.signatures) for kernel in kernels] == [1, 1]


@pytest.mark.parametrize("seed", range(20))
def test_genomes_of_a_pool_become_the_networks_that_they_become_alone(seed: int) -> None:
    rng, feed_forward = np.random.default_rng(seed), bool(seed % 2)
    genomes = [random_genome(rng, 4, 2, k, 3 * k, feed_forward) for k in range(5)]
    for alone, together in zip(genomes, block_of(genomes).genomes(), strict=True):
        first, second = (
            compile_network(genome, 4, 2, feed_forward=feed_forward) for genome in (alone, together)
        )
        assert first.num_connections == second.num_connections
        assert len(first._numbers) == len(second._numbers)  # the room that medians sort in
        for _ in range(5):
            inputs = rng.normal(size=4)
            assert first.activate(inputs).tolist() == second.activate(inputs).tolist()


def run_python(code: str, **environment: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment},
        capture_output=True, text=True, check=True, timeout=120,
    ).stdout.strip()  # fmt: skip


def test_warm_up_tells_whether_it_had_to_compile(tmp_path) -> None:
    code = "from neuroevo.network.compile import warm_up; print(warm_up())"
    run_python(code, NUMBA_DISABLE_JIT="0")  # fills the cache on disk
    assert run_python(code, NUMBA_DISABLE_JIT="0") == "False"
    assert run_python(code, NUMBA_DISABLE_JIT="1") == "False"
    fresh = {"NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_DISABLE_JIT": "0"}
    assert [run_python(code, **fresh) for _ in range(2)] == ["True", "False"]


def test_naming_the_package_loads_no_numba() -> None:
    assert run_python("import sys, neuroevo.network; print('numba' in sys.modules)") == "False"
