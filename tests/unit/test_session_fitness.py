"""The fitness of a genome that was given up: below all others, and by almost nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from neuroevo.neat.reproduction import adjusted_fitnesses
from neuroevo.session import just_below

LARGEST = float(np.finfo(np.float64).max)
ODD = [(0.0, 0.0), (-200.0, -200.0), (0.1, 0.1), (1.0, 5.0), (5.0, np.nextafter(5.0, 6.0)),
       (1e16, 1e16 + 2), (5e-324, 5e-324), (-LARGEST / 2, LARGEST)]  # fmt: skip


@pytest.mark.parametrize(("worst", "best"), ODD)
def test_it_is_finite_and_below_the_worst(worst: float, best: float) -> None:
    below = just_below(worst, best)
    assert math.isfinite(below)
    assert below < worst


def test_it_is_almost_the_worst() -> None:
    assert just_below(100.0, 300.0) == pytest.approx(100.0, abs=1e-6)
    assert just_below(-200.0, -200.0) == pytest.approx(-200.0, abs=1e-6)


def test_nothing_is_below_the_least_number() -> None:
    assert just_below(-LARGEST, 0.0) == -LARGEST


def test_species_of_equal_fitness_are_told_apart_by_it_alone() -> None:
    """Not by the last bits of the means of a hundred equal numbers."""
    whole = [np.full(size, 0.1) for size in (3, 10, 97)]
    struck = np.array([0.1, just_below(0.1, 0.1)])
    shares = adjusted_fitnesses([*whole, struck], "normalized")
    np.testing.assert_allclose(shares, [1, 1, 1, 0.5], atol=1e-5)
