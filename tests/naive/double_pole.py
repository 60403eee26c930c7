"""Double pole dynamics in plain Python, from the equations, for comparison with the kernel.

State: cart position (m) and velocity, then angle (rad, from upright) and angular velocity of the
long pole, then of the short one. Equations of motion of Wieland 1991, as the paper's appendix.
"""

from __future__ import annotations

from math import cos, sin

POLES = ((0.1, 0.5), (0.01, 0.05))  # (mass in kg, half length in m)


def derivative(state: list[float], force: float) -> list[float]:
    position_rate, effective_forces, effective_masses = state[1], [], []
    for (m, length), angle, rate in zip(POLES, state[2::2], state[3::2], strict=True):
        ml = m * length
        friction = 2e-6 * rate / ml
        effective_forces.append(
            ml * rate**2 * sin(angle) + 0.75 * m * cos(angle) * (friction + -9.8 * sin(angle))
        )
        effective_masses.append(m * (1 - 0.75 * cos(angle) ** 2))
    cart = (force + sum(effective_forces)) / (sum(effective_masses) + 1.0)
    result = [position_rate, cart]
    for (m, length), angle, rate in zip(POLES, state[2::2], state[3::2], strict=True):
        friction = 2e-6 * rate / (m * length)
        result += [rate, -0.75 * (cart * cos(angle) + -9.8 * sin(angle) + friction) / length]
    return result


def runge_kutta(state: list[float], force: float, seconds: float) -> list[float]:
    def shifted(slope: list[float], by: float) -> list[float]:
        return [value + by * rate for value, rate in zip(state, slope, strict=True)]

    k1 = derivative(state, force)
    k2 = derivative(shifted(k1, seconds / 2), force)
    k3 = derivative(shifted(k2, seconds / 2), force)
    k4 = derivative(shifted(k3, seconds), force)
    mean = [(a + 2 * b + 2 * c + d) / 6 for a, b, c, d in zip(k1, k2, k3, k4, strict=True)]
    return shifted(mean, seconds)


def after_decision(state: list[float], output: float) -> list[float]:
    force = (output - 0.5) * 20.0
    return runge_kutta(runge_kutta(state, force, 0.01), force, 0.01)
