"""What every task must do; a test class per task inherits these."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from builders.controllers import RandomNetwork

from neuroevo.tasks.task import CaseTask, EpisodeSeeds, Task

SEEDS = EpisodeSeeds(run_seed=5, generation=2, genome_id=7)


class TaskContract:
    """Inherit and define ``build``."""

    def build(self) -> Task:
        raise AssertionError("define build in the inheriting class")

    @pytest.fixture
    def task(self) -> Iterator[Task]:
        task = self.build()
        yield task
        task.close()

    def network(self, task: Task, seed: int = 0) -> RandomNetwork:
        sizes = task.describe()
        return RandomNetwork(sizes.num_inputs, sizes.num_outputs, seed)

    def test_the_described_sizes_are_what_a_network_meets(self, task):
        network = self.network(task)  # the network itself refuses inputs of another size
        task.evaluate(network, SEEDS)
        assert network.num_resets > 0

    def test_the_description_does_not_change(self, task):
        before = task.describe()
        task.evaluate(self.network(task), SEEDS)
        assert task.describe() == before

    def test_equal_seeds_give_equal_evaluations(self, task):
        network = self.network(task)
        first = task.evaluate(network, SEEDS)
        task.evaluate(self.network(task, seed=1), EpisodeSeeds(9, 9, 9))
        assert task.evaluate(network, SEEDS) == first

    def test_a_new_task_gives_the_same_evaluation(self, task):
        other = self.build()
        try:
            network = self.network(task)
            assert other.evaluate(network, SEEDS) == task.evaluate(network, SEEDS)
        finally:
            other.close()

    def test_a_deterministic_task_ignores_the_seeds(self, task):
        if task.describe().is_deterministic:
            network = self.network(task)
            evaluations = [task.evaluate(network, EpisodeSeeds(s, s, s)) for s in range(3)]
            assert evaluations[0] == evaluations[1] == evaluations[2]

    @pytest.mark.parametrize("seed", range(4))
    def test_fitness_and_metrics_are_finite(self, task, seed):
        evaluation = task.evaluate(self.network(task, seed), SEEDS)
        assert math.isfinite(evaluation.fitness)
        assert all(math.isfinite(value) for value in evaluation.metrics.values())

    @pytest.mark.parametrize("seed", range(4))
    def test_frames_stay_within_the_described_maximum(self, task, seed):
        evaluation = task.evaluate(self.network(task, seed), SEEDS)
        assert evaluation.num_frames > 0
        limit = task.describe().max_frames
        assert limit is None or evaluation.num_frames <= limit

    def test_close_may_be_called_twice(self, task):
        task.close()
        task.close()


class CaseTaskContract(TaskContract):
    """The same for a task of fitness cases."""

    def test_it_is_known_as_one(self, task):
        assert isinstance(task, CaseTask)
        sizes = task.describe()
        assert sizes.is_deterministic
        assert task.cases.inputs.shape[1] == sizes.num_inputs

    def test_networks_are_judged_together_as_alone(self, task):
        networks = [self.network(task, seed) for seed in range(5)]
        answers = np.stack([task.cases.show(network) for network in networks])
        judged = task.judge(answers)
        assert list(judged) == [task.evaluate(network, SEEDS) for network in networks]
        assert len({evaluation.fitness for evaluation in judged}) == 5
