from __future__ import annotations

import math

import numpy as np
import pytest
from builders.controllers import BalanceWithoutVelocities, Formula, balance_with_velocities
from contracts.task_contract import TaskContract
from hypothesis import given
from hypothesis import strategies as st
from naive.double_pole import after_decision

from neuroevo.tasks.double_pole import (
    DoublePoleTask,
    decide,
    generalisation_starts,
    gruau_fitness,
    observe,
)
from neuroevo.tasks.settings import DoublePoleSettings
from neuroevo.tasks.task import EpisodeSeeds

SEEDS = EpisodeSeeds(0, 0, 0)
_SPANS = (2.4, 3.0, 0.6, 3.0, 0.6, 10.0)
STATES = st.tuples(*(st.floats(-span, span) for span in _SPANS))


class TestPolesWithVelocitiesContract(TaskContract):
    def build(self):
        return DoublePoleTask(DoublePoleSettings(velocities=True, max_decisions=2_000))


class TestPolesWithoutVelocitiesContract(TaskContract):
    def build(self):
        return DoublePoleTask(DoublePoleSettings(velocities=False, max_decisions=2_000))


@given(STATES, st.floats(0.0, 1.0))
def test_a_decision_equals_the_naive_one(start, output):
    state = np.array(start)
    decide(state, output, np.empty((3, 6)))
    np.testing.assert_allclose(state, after_decision(list(start), output), rtol=1e-9, atol=1e-11)


def test_a_hundred_decisions_equal_the_naive_ones():
    state, naive = np.array([0.1, 0, 0.07, 0, 0, 0]), [0.1, 0, 0.07, 0, 0, 0]
    for decision in range(100):
        output = 0.5 + 0.4 * math.sin(decision)
        decide(state, output, np.empty((3, 6)))
        naive = after_decision(naive, output)
    np.testing.assert_allclose(state, naive, rtol=1e-7)


@given(STATES)
def test_the_force_is_at_most_ten_newtons(start):
    limited, beyond = np.array(start), np.array(start)
    decide(limited, 1.0, np.empty((3, 6)))
    decide(beyond, 30.0, np.empty((3, 6)))
    assert limited.tobytes() == beyond.tobytes()


@pytest.mark.parametrize(
    ("start", "ending"),
    [
        ([0, 0, 0, 0, 0, 0], 0),
        ([2.39, 0, 0, 0, 0, 0], 0),
        ([-2.39, -2, 0, 0, 0, 0], 1),
        ([0, 0, 0.64, 0, 0, 0], 2),
        ([0, 0, 0, 0, -0.64, 0], 2),
        ([math.nan, 0, 0, 0, 0, 0], 1),
    ],
)
def test_failure_is_off_the_track_or_beyond_36_degrees(start, ending):
    assert decide(np.array(start, dtype=float), 0.5, np.empty((3, 6))) == ending


def test_inputs_are_scaled_as_in_the_paper_and_the_bias_stays():
    state = np.array([4.8, 2.0, 0.52, 2.0, 0.52, 2.0]) * [1, 2, 3, 4, 5, 6]
    seven, four = np.full(7, 0.5), np.full(4, 0.5)
    observe(state, True, seven)
    observe(state, False, four)
    np.testing.assert_allclose(seven, [1, 2, 3, 4, 5, 6, 0.5])
    np.testing.assert_allclose(four, [1, 3, 5, 0.5])


def test_fitness_with_velocities_is_the_number_of_decisions():
    evaluation = DoublePoleTask(DoublePoleSettings()).evaluate(Formula(lambda *_: 0.5), SEEDS)
    state, count = [0, 0, 0.07, 0, 0, 0], 0
    while True:
        state = after_decision(state, 0.5)
        if max(abs(state[2]), abs(state[4])) > math.radians(36) or abs(state[0]) > 2.4:
            break
        count += 1
    assert evaluation.fitness == count
    assert evaluation.num_frames == count + 1
    assert evaluation.endings == {"pole_fell": 1}
    assert not evaluation.solved


def test_a_regulator_solves_the_task_with_velocities():
    task = DoublePoleTask(DoublePoleSettings(max_decisions=20_000))
    evaluation = task.evaluate(balance_with_velocities(), SEEDS)
    assert evaluation.solved
    assert evaluation.fitness == 20_000.0


def test_gruau_fitness_is_the_formula():
    assert gruau_fitness(99, np.ones(100)) == pytest.approx(0.0099)
    assert gruau_fitness(100, np.ones(100)) == pytest.approx(0.01 + 0.9 * 0.0075)
    assert gruau_fitness(1000, np.full(100, 0.5)) == pytest.approx(0.1 + 0.9 * 0.015)
    assert math.isfinite(gruau_fitness(1000, np.zeros(100)))


def test_fitness_without_velocities_sums_the_last_hundred_decisions():
    class FirstDecisions(BalanceWithoutVelocities):
        """Balances for 300 decisions, then pushes to one side."""

        def reset(self):
            super().reset()
            self.num_decisions = 0

        def activate(self, inputs):
            self.num_decisions += 1
            output = super().activate(inputs)
            return output if self.num_decisions <= 300 else np.ones(1)

    state, efforts, network = [0, 0, 0.07, 0, 0, 0], [], FirstDecisions()
    network.reset()
    while True:
        x, _, a1, _, a2, _ = state
        inputs = np.array([x / 4.8, a1 / 0.52, a2 / 0.52, 0.5])
        state = after_decision(state, float(np.clip(network.activate(inputs)[0], 0, 1)))
        if max(abs(state[2]), abs(state[4])) > math.radians(36) or abs(state[0]) > 2.4:
            break
        efforts.append(sum(abs(value) for value in state[:4]))
    expected = 0.1 * len(efforts) / 1000 + 0.9 * 0.75 / sum(efforts[-100:])

    task = DoublePoleTask(DoublePoleSettings(velocities=False))
    evaluation = task.evaluate(FirstDecisions(), SEEDS)
    assert 300 < evaluation.metrics["decisions"] == len(efforts) < 1000
    assert evaluation.fitness == pytest.approx(expected, rel=1e-6)
    assert not evaluation.solved


def test_the_625_starts_are_a_grid_over_cart_and_long_pole():
    starts = generalisation_starts()
    assert len({start.tobytes() for start in starts}) == 625
    np.testing.assert_allclose(
        np.max(starts, axis=0), [1.944, 1.215, 0.056548368, 0.135087768, 0, 0], rtol=1e-12
    )
    np.testing.assert_allclose(np.sum(starts, axis=0), 0, atol=1e-9)


def test_a_regulator_passes_the_champion_test():
    task = DoublePoleTask(DoublePoleSettings(velocities=False, max_decisions=3_000))
    evaluation = task.test(BalanceWithoutVelocities())
    assert evaluation.metrics["decisions"] == 3_000.0
    assert 200 <= evaluation.metrics["generalisation"] < 625
    assert sum(evaluation.endings.values()) == 626
    assert evaluation.solved


def test_a_champion_that_fails_the_long_trial_is_not_tried_further():
    evaluation = DoublePoleTask(DoublePoleSettings(velocities=False)).test(Formula(lambda *_: 0.5))
    assert evaluation.metrics["generalisation"] == 0.0
    assert evaluation.num_frames < 1000
    assert not evaluation.solved


def test_only_the_task_without_velocities_has_a_champion_test():
    assert DoublePoleTask(DoublePoleSettings(velocities=False)).describe().has_champion_test
    assert not DoublePoleTask(DoublePoleSettings(velocities=True)).describe().has_champion_test
