"""Activations and aggregations against neat-python 2.0.0's own functions."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from naive.network import ACTIVATION_RULES, AGGREGATION_RULES
from neat.activations import ActivationFunctionSet
from neat.aggregations import AggregationFunctionSet

from neuroevo.neat.genome import ACTIVATIONS, AGGREGATIONS
from neuroevo.network.functions import aggregate, apply_activation

GRID = [
    *np.linspace(-30, 30, 1201).tolist(),
    0.0, -0.0, 1e-300, -1e-300, 5e-324, -5e-324, 1e-7, 3.4, -3.4, 12.0, -12.0, 24.0, 60.0, -60.0,
    1e3, -1e3, 1e60, -1e60, 1e200, -1e200, 1.7e308, -1.7e308, math.inf, -math.inf, math.nan,
]  # fmt: skip


def test_the_rules_of_the_slow_twin_cover_every_name() -> None:
    assert set(ACTIVATION_RULES) == set(ACTIVATIONS)
    assert set(AGGREGATION_RULES) == set(AGGREGATIONS)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_equals_neat_python_on_a_grid(name: str) -> None:
    theirs = ActivationFunctionSet().get(name)
    code = ACTIVATIONS.index(name)
    compared = 0
    for z in GRID:
        try:
            expected = float(theirs(z))
        except OverflowError:
            continue
        assert apply_activation(code, z) == pytest.approx(
            expected, rel=1e-12, abs=1e-300, nan_ok=True
        ), z
        compared += 1
    assert compared >= len(GRID) - 6  # neat-python overflows at the huge ones only


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_equals_its_slow_twin_bit_for_bit(name: str) -> None:
    ours = np.array([apply_activation(ACTIVATIONS.index(name), z) for z in GRID])
    theirs = np.array([ACTIVATION_RULES[name](z) for z in GRID])
    is_nan = np.isnan(theirs)
    assert np.array_equal(is_nan, np.isnan(ours))
    assert ours[~is_nan].tobytes() == theirs[~is_nan].tobytes()


@pytest.mark.parametrize(
    ("name", "z", "expected"),
    [("square", -1e200, math.inf), ("cube", -1e200, -math.inf), ("cube", 1e200, math.inf)],
)
def test_activation_gives_infinity_where_neat_python_raises(name, z, expected) -> None:
    with pytest.raises(OverflowError):
        ActivationFunctionSet().get(name)(z)
    assert apply_activation(ACTIVATIONS.index(name), z) == expected


def aggregated(name: str, terms: list[float]) -> float:
    return aggregate(
        AGGREGATIONS.index(name),
        np.array(terms, np.float64),
        np.arange(len(terms), dtype=np.uint32),
        np.ones(len(terms)),
        np.uint64(0),
        np.uint64(len(terms)),
        np.empty(len(terms)),
    )


@pytest.mark.parametrize("name", AGGREGATIONS)
def test_aggregation_equals_neat_python_for_any_number_of_terms(name: str) -> None:
    theirs = AggregationFunctionSet().get(name)
    draw = random.Random(3)
    for size in range(40):
        terms = [draw.uniform(-2, 2) for _ in range(size)]
        assert aggregated(name, terms) == pytest.approx(float(theirs(terms)), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", AGGREGATIONS)
def test_aggregation_of_nothing_is_zero_and_of_a_product_one(name: str) -> None:
    assert aggregated(name, []) == (1.0 if name == "product" else 0.0)


def test_maxabs_takes_the_first_of_equally_large_terms() -> None:
    assert aggregated("maxabs", [1.0, -3.0, 3.0]) == -3.0
    assert aggregated("maxabs", [1.0, 3.0, -3.0]) == 3.0


def test_median_averages_the_two_middle_terms() -> None:
    assert aggregated("median", [9.0, 1.0, 4.0, 2.0]) == 3.0
    assert aggregated("median", [9.0, 1.0, 4.0]) == 4.0


def test_median_with_a_nan_is_nan() -> None:
    assert math.isnan(aggregated("median", [1.0, math.nan, 2.0]))


def test_a_median_of_zeros_is_positive_zero_in_any_order() -> None:
    for terms in ([0.0, -0.0, -0.0], [-0.0, -0.0, 0.0], [-0.0, -0.0]):
        assert math.copysign(1.0, aggregated("median", terms)) == 1.0
