"""The sums over episodes, also where a fitness left the numbers of a float."""

from __future__ import annotations

import math
import statistics

import pytest

from neuroevo.replay import scores, scores_text
from neuroevo.tasks.task import Evaluation


def of(*fitnesses: float) -> dict[str, object]:
    episodes = [Evaluation(f, {"way": f}, {"stalled": 1}, 9, False) for f in fitnesses]
    result = scores(episodes)
    assert "fitness" in scores_text(result)
    assert str(result["metrics"]["way"]) == str(result["fitness"])  # nan equals no nan
    return result["fitness"]


def test_finite_fitnesses_give_the_exact_mean_and_spread():
    values = (0.1, 0.2, 0.7)
    assert of(*values) == {
        "mean": statistics.fmean(values), "sd": statistics.stdev(values), "min": 0.1, "max": 0.7,
    }  # fmt: skip
    assert of(3.0)["sd"] == 0.0


@pytest.mark.parametrize(
    ("values", "mean"),
    [
        ((math.inf, math.inf), math.inf),
        ((1.0, -math.inf), -math.inf),
        ((math.inf,), math.inf),
        ((1e308, 1e308), math.inf),  # the sum is beyond a float
    ],
)
def test_an_infinite_fitness_is_shown_as_it_is(values, mean):
    result = of(*values)
    assert result["mean"] == mean
    assert len(values) == 1 or not math.isfinite(result["sd"]) or result["sd"] == 0.0


def test_both_infinities_have_no_mean():
    result = of(math.inf, -math.inf)
    assert math.isnan(result["mean"])
    assert math.isnan(result["sd"])
    assert (result["min"], result["max"]) == (-math.inf, math.inf)
