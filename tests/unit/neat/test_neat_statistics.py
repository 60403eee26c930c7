"""Means and deviations of fitnesses, beside NumPy's."""

import numpy as np
import pytest

from neuroevo.neat.stagnation import mean
from neuroevo.neat.statistics import standard_deviation


@pytest.mark.parametrize("count", [1, 2, 7, 150, 1001])
def test_they_are_those_of_numpy_to_the_last_bit(count):
    values = np.random.default_rng(count).normal(5.0, 3.0, count)
    assert mean(values) == np.mean(values)
    assert standard_deviation(values, mean(values)) == np.std(values)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy tells of the sum
@pytest.mark.parametrize("size", [1e151, 1e200, 8e307])
def test_of_numbers_whose_squares_are_too_large_they_are_finite(size):
    values = np.random.default_rng(1).uniform(-1.0, 1.0, 150)
    deviation = standard_deviation(size * values, mean(size * values))
    assert deviation == pytest.approx(size * np.std(values))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_mean_is_finite_where_the_sum_is_not():
    assert mean(np.full(10, 1.7e308)) == pytest.approx(1.7e308)
