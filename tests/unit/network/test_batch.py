"""Genomes that are asked together answer as their networks do one by one, to the last bit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from builders.genomes import random_genome
from builders.neat_genomes import genome_settings, make_genome, neat_settings, told

from neuroevo.errors import NetworkError
from neuroevo.neat.genome import Genome
from neuroevo.neat.pool import GenePool
from neuroevo.neat.population import Population
from neuroevo.network.batch import answers
from neuroevo.network.compile import compile_network
from neuroevo.tasks.task import FitnessCases

RNG = np.random.default_rng(5)
CASES = RNG.normal(size=(6, 3))


def one_by_one(
    genomes: Sequence[Genome], num_outputs: int, num_steps: int, *, feed_forward: bool
) -> np.ndarray:
    """The slow twin."""
    cases = FitnessCases(CASES, num_steps)
    networks = [compile_network(g, 3, num_outputs, feed_forward=feed_forward) for g in genomes]
    return np.stack([cases.show(network) for network in networks])


def evolved(num_outputs: int, *, feed_forward: bool) -> Population:
    genome = genome_settings(3, num_outputs, feed_forward=feed_forward, node_add_prob=0.5)
    return told(Population(neat_settings(genome, pop_size=40), seed=2), 12)


@pytest.mark.parametrize("feed_forward", [True, False])
@pytest.mark.parametrize("num_outputs", [1, 2])
@pytest.mark.parametrize("num_steps", [1, 3])
def test_a_generation_answers_as_its_networks_do(feed_forward, num_outputs, num_steps):
    genomes = evolved(num_outputs, feed_forward=feed_forward).ask()
    rules = {"num_steps": num_steps, "feed_forward": feed_forward}
    wanted = one_by_one(genomes, num_outputs, **rules)
    assert max(genome.num_nodes for genome in genomes) > num_outputs + 1
    assert len(np.unique(wanted)) > 20
    assert answers(genomes, CASES, num_outputs, **rules).tobytes() == wanted.tobytes()
    some = genomes[::-3]
    assert answers(some, CASES, num_outputs, **rules).tobytes() == wanted[::-3].tobytes()


@pytest.mark.parametrize("feed_forward", [True, False])
def test_genomes_of_no_pool_and_of_several_answer_the_same(feed_forward):
    loose = [random_genome(RNG, 3, 2, 4, 20, feed_forward, genome_id=i) for i in range(5)]
    pools = [evolved(2, feed_forward=feed_forward).ask() for _ in range(2)]
    mixed = [*pools[0][:3], *loose, *pools[1][5:8], loose[0]]
    rules = {"num_steps": 2, "feed_forward": feed_forward}
    wanted = one_by_one(mixed, 2, **rules)
    assert answers(mixed, CASES, 2, **rules).tobytes() == wanted.tobytes()


def test_no_case_sees_what_another_left_behind():
    genomes = evolved(2, feed_forward=False).ask()
    forward = answers(genomes, CASES, 2, num_steps=3, feed_forward=False)
    backward = answers(genomes, CASES[::-1], 2, num_steps=3, feed_forward=False)
    assert backward[:, ::-1].tobytes() == forward.tobytes()


def test_nobody_answers_nothing():
    assert answers([], CASES, 2, num_steps=1, feed_forward=True).shape == (0, 6, 2)


LOOP = make_genome([(1, -1, 1, 1.0, True), (2, 1, 2, 1.0, True), (3, 2, 1, 1.0, True),
                    (4, 1, 0, 1.0, True)], (0, 1, 2), 7)  # fmt: skip
STRAY = make_genome([(1, -4, 0, 1.0, True)], (0,), 8)
HEADLESS = make_genome([(1, -1, 2, 1.0, True)], (1, 2), 9)
EMPTY = make_genome([], (), 10)


@pytest.mark.parametrize("bad", [LOOP, STRAY, HEADLESS, EMPTY])
def test_what_does_not_compile_is_the_error_of_compiling_it(bad):
    good = make_genome([(1, -1, 0, 1.0, True)], (0,), 1)
    with pytest.raises(NetworkError) as alone:
        compile_network(bad, 3, 1, feed_forward=True)
    with pytest.raises(NetworkError) as together:
        answers([good, bad, good], CASES, 1, num_steps=1, feed_forward=True)
    assert str(together.value) == str(alone.value)


def test_the_first_of_a_pool_that_does_not_compile_is_named():
    genomes = evolved(2, feed_forward=False).ask()

    def compiles(genome: Genome) -> bool:
        try:
            compile_network(genome, 3, 2, feed_forward=True)
        except NetworkError:
            return False
        return True

    firsts = [genome.id for genome in genomes if not compiles(genome)]
    assert len(firsts) > 1
    with pytest.raises(NetworkError, match=f"genome {firsts[0]}: a feed-forward network"):
        answers(genomes, CASES, 2, num_steps=1, feed_forward=True)


def test_an_output_is_not_taken_from_the_next_genome():
    too_few = make_genome([(1, -1, 0, 1.0, True)], (0,), 1)
    other = make_genome([(2, -1, 2, 1.0, True)], (1, 2), 2)
    genomes = GenePool.of([too_few, other]).genomes()
    with pytest.raises(NetworkError, match="genome 1: must hold the outputs 0 to 1"):
        answers(genomes, CASES, 2, num_steps=1, feed_forward=True)
