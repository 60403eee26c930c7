"""The population's mean of every metric, as a line of the log gives it."""

from __future__ import annotations

from neuroevo.storage.log_line import mean_metrics
from neuroevo.tasks.task import Evaluation


def test_the_mean_is_over_those_that_have_a_finite_number() -> None:
    evaluations = [
        Evaluation(1.0, {"x": 4.0, "y": 1.0}),
        Evaluation(1.0, {"x": 8.0, "y": float("nan"), "z": float("inf")}),
        Evaluation(float("nan")),  # its worker died
    ]
    assert mean_metrics(evaluations) == {"x": 6.0, "y": 1.0}


def test_tasks_without_metrics_have_none() -> None:
    assert mean_metrics([Evaluation(1.0), Evaluation(2.0)]) == {}
