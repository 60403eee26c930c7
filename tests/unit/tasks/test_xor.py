from __future__ import annotations

import numpy as np
import pytest
from builders.controllers import Formula
from builders.neat_genomes import genome_settings, make_genome, neat_settings, told
from contracts.task_contract import CaseTaskContract

from neuroevo.errors import TaskError
from neuroevo.evaluation.evaluator import Scorer
from neuroevo.neat.genome import Genome
from neuroevo.neat.population import Population
from neuroevo.network.compile import compile_network
from neuroevo.tasks.settings import XorSettings
from neuroevo.tasks.task import EpisodeSeeds
from neuroevo.tasks.xor import XorTask

SEEDS = EpisodeSeeds(0, 0, 0)


class TestXorContract(CaseTaskContract):
    def build(self):
        return XorTask(XorSettings())


def evaluate(function, bias_input=1.0):
    return XorTask(XorSettings(bias_input)).evaluate(Formula(function), SEEDS)


def test_a_perfect_network_gets_sixteen_and_solves():
    evaluation = evaluate(lambda a, b, bias: float(a != b))
    assert evaluation.fitness == 16.0
    assert evaluation.solved


def test_one_half_everywhere_gets_four_and_does_not_solve():
    evaluation = evaluate(lambda a, b, bias: 0.5)
    assert evaluation.fitness == 4.0
    assert not evaluation.solved


def test_solved_needs_only_the_right_side_of_one_half():
    evaluation = evaluate(lambda a, b, bias: 0.51 if a != b else 0.49)
    assert evaluation.solved
    assert evaluation.fitness == pytest.approx((4 - 4 * 0.49) ** 2)
    assert evaluation.metrics["num_correct"] == 4.0


def test_three_of_four_is_not_solved():
    evaluation = evaluate(lambda a, b, bias: float(a or b))
    assert evaluation.fitness == 9.0
    assert not evaluation.solved


def test_errors_beyond_four_do_not_pay():
    assert evaluate(lambda a, b, bias: 100.0).fitness == 0.0


def test_the_bias_input_is_the_third_and_may_be_left_out():
    assert evaluate(lambda a, b, bias: bias, bias_input=0.25).metrics["error"] == 2.0
    assert XorTask(XorSettings(bias_input=None)).describe().num_inputs == 2
    assert evaluate(lambda a, b: float(a != b), bias_input=None).solved


def xor_with_hidden_node(genome_id: int = 1) -> Genome:
    """OR minus AND: the hidden node 1 is AND."""
    rows = [(1, -1, 1, 5.0, True), (2, -2, 1, 5.0, True), (3, -3, 1, -7.5, True)]
    rows += [(4, -1, 0, 5.0, True), (5, -2, 0, 5.0, True), (6, -3, 0, -2.5, True)]
    rows += [(7, 1, 0, -10.0, True)]
    return make_genome(rows, (0, 1), genome_id)


@pytest.mark.parametrize(
    ("feed_forward", "activations", "solves"),
    [(True, 1, True), (False, 1, False), (False, 3, True)],
)
def test_a_recurrent_network_needs_more_than_one_activation(feed_forward, activations, solves):
    network = compile_network(xor_with_hidden_node(), 3, 1, feed_forward=feed_forward)
    task = XorTask(XorSettings(activations=activations))
    assert task.evaluate(network, SEEDS).solved is solves


def test_zero_activations_are_refused():
    with pytest.raises(TaskError, match="activations: must be at least 1; got 0"):
        XorTask(XorSettings(activations=0))


@pytest.mark.parametrize(("feed_forward", "activations"), [(True, 1), (False, 4)])
def test_a_generation_is_judged_together_as_one_by_one(feed_forward, activations):
    genome = genome_settings(3, 1, feed_forward=feed_forward)
    genomes = told(Population(neat_settings(genome, pop_size=60), seed=4), 8).ask()
    scorer = Scorer(XorTask(XorSettings(activations=activations)), 1, feed_forward=feed_forward)
    together = list(scorer.evaluations(genomes, generation=3))
    assert together == [scorer.evaluate(genome, generation=3) for genome in genomes]
    assert len({evaluation.fitness for evaluation in together}) > 10


@pytest.mark.filterwarnings("error")
def test_outputs_that_are_no_numbers_or_huge_get_nothing():
    right = [[0.0], [1.0], [1.0], [0.0]]
    answers = np.array([[[np.nan]] * 4, right, [[np.inf]] * 4, [[-1e308]] * 4])
    judged = XorTask(XorSettings()).judge(answers)
    assert [evaluation.fitness for evaluation in judged] == [0.0, 16.0, 0.0, 0.0]
    assert [evaluation.solved for evaluation in judged] == [False, True, False, False]
