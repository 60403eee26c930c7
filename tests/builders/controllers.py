"""Hand-made networks for the tests of tasks: they do what a compiled network does, by formula."""

from __future__ import annotations

import numpy as np

POLE_GAINS = (0.046, 0.11, 2.571, 0.68, -2.054, -0.175)
"""Output below 0.5 per unit of each state variable of the double pole: the linear-quadratic
regulator of the upright position, rounded; it balances for ever."""


class RandomNetwork:
    """A fixed random map with one number of memory; refuses what a real network refuses."""

    def __init__(self, num_inputs: int, num_outputs: int, seed: int = 0) -> None:
        self._weights = np.random.default_rng(seed).normal(size=(num_outputs, num_inputs))
        self.num_resets = 0
        self._memory = 0.0

    def reset(self) -> None:
        self.num_resets += 1
        self._memory = 0.0

    def activate(self, inputs: np.ndarray) -> np.ndarray:
        assert self.num_resets > 0, "a task must reset before the first step"
        assert inputs.dtype == np.float64
        assert inputs.shape == (self._weights.shape[1],)
        self._memory = 0.5 * self._memory + float(np.sum(inputs))
        return 1.0 / (1.0 + np.exp(-(self._weights @ inputs + 0.01 * self._memory)))


class Constant:
    """A network that always gives the same outputs, whatever it sees."""

    def __init__(self, outputs) -> None:
        self._outputs = np.array(outputs, float)

    def reset(self) -> None:
        pass

    def activate(self, inputs: np.ndarray) -> np.ndarray:
        return self._outputs


class Formula:
    """A network without memory whose only output is a function of its inputs."""

    def __init__(self, function) -> None:
        self._function = function

    def reset(self) -> None:
        pass

    def activate(self, inputs: np.ndarray) -> np.ndarray:
        return np.array([self._function(*inputs.tolist())])


def _push(x: float, xd: float, a1: float, w1: float, a2: float, w2: float) -> float:
    g = POLE_GAINS
    return 0.5 - g[0] * x - g[1] * xd - g[2] * a1 - g[3] * w1 - g[4] * a2 - g[5] * w2


def balance_with_velocities() -> Formula:
    return Formula(
        lambda x, xd, a1, w1, a2, w2, bias: _push(
            4.8 * x, 2 * xd, 0.52 * a1, 2 * w1, 0.52 * a2, 2 * w2
        )
    )


class BalanceWithoutVelocities:
    """Takes the velocities from the change since the last decision, 0.02 s ago."""

    def reset(self) -> None:
        self._last = None

    def activate(self, inputs: np.ndarray) -> np.ndarray:
        x, a1, a2, _ = inputs.tolist()
        x, a1, a2 = 4.8 * x, 0.52 * a1, 0.52 * a2
        bx, b1, b2 = self._last or (x, a1, a2)
        self._last = (x, a1, a2)
        push = _push(x, (x - bx) / 0.02, a1, (a1 - b1) / 0.02, a2, (a2 - b2) / 0.02)
        return np.array([push])
