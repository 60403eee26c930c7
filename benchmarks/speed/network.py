"""Networks: one activation and one compilation, beside neat-python 2.0.0 and numpy.

The genome is of the size that the seed project evolved: 1120 inputs, 12 outputs and 6,726 enabled
connections. Both sides get the very same genes. neat-python is fed a list of floats, its best case;
ours is called as an episode calls it, from Python with a float64 array.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import neat
import numpy as np

sys.path[:0] = [str(Path(__file__).parents[folder]) for folder in (1, 2)]
sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from builders.genomes import random_genome
from builders.neat_python import as_neat_python
from builders.networks import neat_python_network, network_config
from speed.measuring import Row, Spread, growth, side_by_side, timed

from neuroevo.neat.genome import AGGREGATIONS, Genome
from neuroevo.neat.pool import GenePool
from neuroevo.network.compile import CompiledNetwork, compile_network

NUM_INPUTS, NUM_OUTPUTS, NUM_CONNECTIONS = 1120, 12, 6726
GROWTH = (10, 100, 1_000, 10_000)
ROUNDS = 200  # a round takes a twentieth of a second, and a busy neighbour stays for several


def rows(*, is_quick: bool) -> Iterator[Row]:
    """Yield the rows of this group."""
    rounds = 3 if is_quick else ROUNDS
    for aggregations, goal in ((("sum",), 150), (AGGREGATIONS, None)):
        yield activation(aggregations, rounds, goal)
    yield against_dense(rounds)
    yield compilation(rounds)
    yield from growths(min(rounds, 15))


def activation(aggregations: tuple[str, ...], rounds: int, goal: float | None) -> Row:
    """Return one recurrent activation beside neat-python's."""
    genome = seed_sized(aggregations)
    ours = compiled(genome)
    theirs = neat_python_network(genome, NUM_INPUTS, NUM_OUTPUTS, False)
    inputs = np.random.default_rng(2).random(NUM_INPUTS)
    as_list = inputs.tolist()
    kind = aggregations[0] if len(aggregations) == 1 else "all seven aggregations"
    return side_by_side(
        f"recurrent activation, 1120 x 12, 6,726 connections, {kind}",
        done(lambda: ours.activate(inputs)),
        "neat-python fed a list of floats",
        done(lambda: theirs.activate(as_list)),
        rounds=rounds,
        goal=goal,
        our_repeats=2000,
        their_repeats=20,
    )


def against_dense(rounds: int) -> Row:
    """Return the same activation beside numpy's product of a dense matrix and a vector."""
    ours = compiled(seed_sized(("sum",)))
    rng = np.random.default_rng(2)
    inputs, matrix = rng.random(NUM_INPUTS), rng.random((NUM_OUTPUTS, NUM_INPUTS))
    return side_by_side(
        "recurrent activation, 1120 x 12, 6,726 connections, sum",
        done(lambda: ours.activate(inputs)),
        "numpy, dense 12 x 1120 times a vector (13,440 products)",
        done(lambda: matrix @ inputs),
        rounds=rounds,
        goal=2.0,
        is_limit=True,
        is_share=True,
        our_repeats=2000,
        their_repeats=2000,
        note="ratio: ours by numpy's",
    )


def compilation(rounds: int) -> Row:
    """Return the compilation of a genome beside neat-python's ``create``."""
    genome = pooled(seed_sized(("sum",)))
    return side_by_side(
        "compile a genome of a pool, 1120 x 12, 6,726 connections",
        done(lambda: compiled(genome)),
        "neat-python's RecurrentNetwork.create",
        creation(genome),
        rounds=rounds,
        goal=150,
        our_repeats=100,
    )


def creation(genome: Genome) -> Callable[[], None]:
    """Return neat-python's ``create`` of the genome, which it has in its own form already."""
    twin, config = as_neat_python(genome), network_config(NUM_INPUTS, NUM_OUTPUTS)
    return done(lambda: neat.nn.RecurrentNetwork.create(twin, config))


def growths(rounds: int) -> Iterator[Row]:
    """Yield how activation and compilation grow with the number of connections."""
    rng = np.random.default_rng(3)
    genomes = [sized(rng, size, ("sum",)) for size in GROWTH]
    inputs = rng.random(NUM_INPUTS)
    yield grown("activation", [activator(compiled(g), inputs) for g in genomes], rounds)
    yield grown("compilation", [compiler(pooled(g)) for g in genomes], rounds)


def grown(what: str, sides: list[Callable[[], None]], rounds: int) -> Row:
    """Return how a time grows over ``GROWTH``; the sizes are measured in turns."""
    taken = [[timed(side, 100, "cpu") for side in sides] for _ in range(rounds + 1)][1:]
    medians = [Spread.of(column).median for column in zip(*taken, strict=True)]
    return Row(
        f"{what}, {GROWTH[0]} to {GROWTH[-1]:,} connections: exponent of the growth",
        Spread.of([growth(GROWTH, row) for row in taken]),
        rounds,
        goal=1.0,
        is_limit=True,
        unit="",
        note=", ".join(f"{n:,}: {t * 1e6:.1f} us" for n, t in zip(GROWTH, medians, strict=True)),
    )


def activator(network: CompiledNetwork, inputs: Any) -> Callable[[], None]:
    """Return the call that does one step."""
    return done(lambda: network.activate(inputs))


def compiler(genome: Genome) -> Callable[[], None]:
    """Return the call that compiles a genome."""
    return done(lambda: compiled(genome))


def pooled(genome: Genome) -> Genome:
    """Return the genome as a run has it: its genes lie in the pool of its generation."""
    return GenePool.of([genome]).genomes()[0]


def seed_sized(aggregations: tuple[str, ...]) -> Genome:
    """Return a genome of the seed project's size."""
    return sized(np.random.default_rng(1), NUM_CONNECTIONS, aggregations)


def sized(rng: np.random.Generator, num_connections: int, aggregations: tuple[str, ...]) -> Genome:
    """Return a genome of 1120 x 12 with so many connections, all of them enabled."""
    return random_genome(
        rng, NUM_INPUTS, NUM_OUTPUTS, 0, num_connections,
        enabled_fraction=1.1, activations=["sigmoid"], aggregations=aggregations,
    )  # fmt: skip


def compiled(genome: Genome) -> CompiledNetwork:
    """Return its recurrent network."""
    return compile_network(genome, NUM_INPUTS, NUM_OUTPUTS, feed_forward=False)


def done(call: Callable[[], object]) -> Callable[[], None]:
    """Return a side of a measurement: the call without its result."""

    def side() -> None:
        call()

    return side


if __name__ == "__main__":
    for row in rows(is_quick=False):
        print(row)
