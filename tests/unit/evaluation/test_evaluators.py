"""The evaluators keep the contract."""

from __future__ import annotations

import pytest
from contracts.evaluator_contract import EvaluatorContract

from neuroevo.errors import TaskError
from neuroevo.evaluation.evaluator import Evaluator, SerialEvaluator
from neuroevo.evaluation.pool import ProcessEvaluator
from neuroevo.tasks.factory import make_task, task_settings_to_json
from neuroevo.tasks.settings import GymnasiumSettings, TaskSettings


class TestSerialEvaluator(EvaluatorContract):
    def build(self, task: TaskSettings, run_seed: int) -> Evaluator:
        return SerialEvaluator(make_task(task), run_seed, feed_forward=True)


class TestProcessEvaluatorWithTwoWorkers(EvaluatorContract):
    def build(self, task: TaskSettings, run_seed: int) -> Evaluator:
        return ProcessEvaluator(
            task_settings_to_json(task), run_seed, feed_forward=True, num_workers=2
        )

    def test_a_task_that_cannot_be_set_up_is_the_tasks_own_error(self) -> None:
        evaluator = self.build(GymnasiumSettings(id="CartPoel-v1"), 1)
        with pytest.raises(TaskError, match="CartPole"):
            evaluator.describe()
        evaluator.close()
