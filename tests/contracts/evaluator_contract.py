"""What every evaluator must do; a test class per implementation inherits these."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from neuroevo.evaluation.evaluator import Evaluator, SerialEvaluator
from neuroevo.neat.genome import Genome
from neuroevo.neat.population import Population
from neuroevo.neat.settings import GenomeSettings, NeatSettings
from neuroevo.tasks.factory import make_task
from neuroevo.tasks.settings import GymnasiumSettings, TaskSettings, XorSettings

XOR = XorSettings()
CARTPOLE = GymnasiumSettings(id="CartPole-v1", episodes=2, same_episodes=False)


def genomes(num_inputs: int, num_outputs: int, count: int = 12) -> tuple[Genome, ...]:
    settings = NeatSettings(genome=GenomeSettings(num_inputs, num_outputs), pop_size=count)
    return Population(settings, seed=3).ask()


class EvaluatorContract:
    """Inherit and define ``build``."""

    def build(self, task: TaskSettings, run_seed: int) -> Evaluator:
        raise AssertionError("define build in the inheriting class")

    @pytest.fixture
    def xor(self) -> Iterator[Evaluator]:
        evaluator = self.build(XOR, 1)
        yield evaluator
        evaluator.close()

    @pytest.fixture
    def cartpole(self) -> Iterator[Evaluator]:
        evaluator = self.build(CARTPOLE, 1)
        yield evaluator
        evaluator.close()

    def test_describe_gives_the_sizes_of_the_task(self, xor: Evaluator) -> None:
        description = xor.describe()
        assert (description.num_inputs, description.num_outputs) == (3, 1)

    def test_results_come_in_the_order_of_the_genomes(self, xor: Evaluator) -> None:
        asked = genomes(3, 1)
        forward = xor.evaluate(asked, 0)
        assert tuple(reversed(xor.evaluate(tuple(reversed(asked)), 0))) == forward
        assert len({e.fitness for e in forward}) > 1

    def test_results_equal_those_of_one_process_bit_for_bit(self, cartpole: Evaluator) -> None:
        asked = genomes(4, 2)
        serial = SerialEvaluator(make_task(CARTPOLE), 1, feed_forward=True)
        assert cartpole.evaluate(asked, 5) == serial.evaluate(asked, 5)

    def test_another_generation_or_seed_gives_other_episodes(self, cartpole: Evaluator) -> None:
        asked = genomes(4, 2)
        other = SerialEvaluator(make_task(CARTPOLE), 2, feed_forward=True)
        assert cartpole.evaluate(asked, 5) != cartpole.evaluate(asked, 6)
        assert cartpole.evaluate(asked, 5) != other.evaluate(asked, 5)

    def test_progress_counts_up_to_the_number_of_genomes(self, xor: Evaluator) -> None:
        seen: list[tuple[int, int]] = []
        xor.evaluate(genomes(3, 1), 0, lambda done, total: seen.append((done, total)))
        assert seen == sorted(set(seen)), "each number once, upwards"
        assert seen[-1] == (12, 12)
        assert all(0 < done <= total == 12 for done, total in seen)

    def test_no_genomes_give_no_evaluations(self, xor: Evaluator) -> None:
        assert xor.evaluate((), 0) == ()

    def test_close_may_be_called_twice(self) -> None:
        evaluator = self.build(XOR, 1)
        evaluator.describe()
        evaluator.close()
        evaluator.close()
