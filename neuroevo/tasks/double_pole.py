"""Double pole balancing, with velocities (DPV) and without (DPNV).

Owns the dynamics of a cart with two poles, the fitness and the champion test of Stanley &
Miikkulainen 2002, section 4.2, with the constants of Stanley's program. Angles are in radians
from upright, positions in metres, times in seconds.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import numpy.typing as npt
from numba import njit

from neuroevo.tasks.settings import DoublePoleSettings
from neuroevo.tasks.task import EpisodeSeeds, Evaluation, Network, TaskDescription

GRAVITY = -9.8
CART_MASS = 1.0
POLE_MASSES = (0.1, 0.01)
POLE_HALF_LENGTHS = (0.5, 0.05)
POLE_FRICTION = 2e-6
FORCE_RANGE = 20.0
RK4_SECONDS = 0.01
RK4_STEPS_PER_DECISION = 2
TRACK_LIMIT = 2.4
ANGLE_LIMIT = math.radians(36.0)

START = (0.0, 0.0, 0.07, 0.0, 0.0, 0.0)
"""Standard start: cart position and velocity, then angle and angular velocity of each pole."""

GRUAU_DECISIONS = 1_000
GRUAU_WINDOW = 100
SOLVED_STARTS = 200
_GRID = (0.05, 0.25, 0.50, 0.75, 0.95)
_GRID_SPANS = ((4.32, 2.16), (2.70, 1.35), (0.12566304, 0.06283152), (0.30019504, 0.15009752))

_BALANCED, _OFF_TRACK, _POLE_FELL = 0, 1, 2
_ENDINGS = ("balanced", "off_track", "pole_fell")

State = npt.NDArray[np.float64]


@njit(cache=True)
def _derivatives(state, force, out):  # type: ignore[no-untyped-def]
    """Write the time derivative of ``state``.

    Args:
        state: (6,) float64, as :data:`START`.
        force: N, on the cart.
        out: (6,) float64, written.
    """
    total_force = force
    total_mass = CART_MASS
    for pole in range(2):
        angle, velocity = state[2 + 2 * pole], state[3 + 2 * pole]
        mass, sine, cosine = POLE_MASSES[pole], math.sin(angle), math.cos(angle)
        moment = mass * POLE_HALF_LENGTHS[pole]
        pull = POLE_FRICTION * velocity / moment + GRAVITY * sine
        total_force += moment * velocity * velocity * sine + 0.75 * mass * cosine * pull
        total_mass += mass * (1.0 - 0.75 * cosine * cosine)
    acceleration = total_force / total_mass
    out[0] = state[1]
    out[1] = acceleration
    for pole in range(2):
        angle, velocity = state[2 + 2 * pole], state[3 + 2 * pole]
        half_length = POLE_HALF_LENGTHS[pole]
        pull = POLE_FRICTION * velocity / (POLE_MASSES[pole] * half_length)
        pull += GRAVITY * math.sin(angle)
        out[2 + 2 * pole] = velocity
        out[3 + 2 * pole] = -0.75 * (acceleration * math.cos(angle) + pull) / half_length


@njit(cache=True)
def _rk4_step(state, force, scratch):  # type: ignore[no-untyped-def]
    """Advance ``state`` in place by one classical Runge-Kutta step of 0.01 s.

    Args:
        state: (6,) float64.
        force: N, held during the step.
        scratch: (3, 6) float64, overwritten: slope, shifted state, weighted sum of slopes.
    """
    slope, shifted, total = scratch[0], scratch[1], scratch[2]
    _derivatives(state, force, slope)
    for i in range(6):
        total[i] = slope[i]
        shifted[i] = state[i] + 0.5 * RK4_SECONDS * slope[i]
    _derivatives(shifted, force, slope)
    for i in range(6):
        total[i] += 2.0 * slope[i]
        shifted[i] = state[i] + 0.5 * RK4_SECONDS * slope[i]
    _derivatives(shifted, force, slope)
    for i in range(6):
        total[i] += 2.0 * slope[i]
        shifted[i] = state[i] + RK4_SECONDS * slope[i]
    _derivatives(shifted, force, slope)
    for i in range(6):
        state[i] += RK4_SECONDS / 6.0 * (total[i] + slope[i])


@njit(cache=True)
def decide(state, output, scratch):  # type: ignore[no-untyped-def]
    """Apply one decision: two Runge-Kutta steps under the force (output - 0.5) * 20 N.

    Args:
        state: (6,) float64, advanced in place.
        output: of the network; clipped to 0 to 1, so that the force stays within 10 N.
        scratch: (3, 6) float64, overwritten.

    Returns:
        0 while both poles balance on the track, 1 off the track, 2 when a pole fell.
    """
    force = (min(max(output, 0.0), 1.0) - 0.5) * FORCE_RANGE
    for _ in range(RK4_STEPS_PER_DECISION):
        _rk4_step(state, force, scratch)
    # Written so that a state that is not a number counts as a failure.
    if not abs(state[0]) <= TRACK_LIMIT:
        return _OFF_TRACK
    if not (abs(state[2]) <= ANGLE_LIMIT and abs(state[4]) <= ANGLE_LIMIT):
        return _POLE_FELL
    return _BALANCED


@njit(cache=True)
def observe(state, velocities, inputs):  # type: ignore[no-untyped-def]
    """Write what the network sees.

    Args:
        state: (6,) float64.
        velocities: True for DPV.
        inputs: (7,) float64 with velocities, (4,) without; the last, the bias, is left alone.
    """
    if velocities:
        inputs[0] = state[0] / 4.8
        inputs[1] = state[1] / 2.0
        inputs[2] = state[2] / 0.52
        inputs[3] = state[3] / 2.0
        inputs[4] = state[4] / 0.52
        inputs[5] = state[5] / 2.0
    else:
        inputs[0] = state[0] / 4.8
        inputs[1] = state[2] / 0.52
        inputs[2] = state[4] / 0.52


def generalisation_starts() -> list[State]:
    """Return the 625 starts of the champion test, each (6,) float64; the second pole is upright."""
    axes = [[v * span - shift for v in _GRID] for span, shift in _GRID_SPANS]
    return [np.array([*start, 0.0, 0.0]) for start in product(*axes)]


def gruau_fitness(num_balanced: int, last_efforts: npt.NDArray[np.float64]) -> float:
    """Return 0.1 t / 1000 + 0.9 f2, where f2 rewards a quiet end of the trial.

    Args:
        num_balanced: t, decisions balanced, at most 1,000.
        last_efforts: (100,) float64, |x| + |x'| + |angle 1| + |angle 1'| of the last decisions.
    """
    quiet = 0.0
    if num_balanced >= GRUAU_WINDOW:
        # The bound only matters for a cart at perfect rest, which would divide by zero.
        quiet = 0.75 / max(float(np.sum(last_efforts)), 1e-9)
    return 0.1 * num_balanced / GRUAU_DECISIONS + 0.9 * quiet


class DoublePoleTask:
    """Two poles on one cart; a network decides every 0.02 s how hard to push."""

    def __init__(self, settings: DoublePoleSettings) -> None:
        self._velocities = settings.velocities
        self._max_decisions = settings.max_decisions
        self._inputs = np.full(7 if settings.velocities else 4, 0.5)
        self._scratch = np.empty((3, 6))
        self._efforts = np.zeros(GRUAU_WINDOW)

    def describe(self) -> TaskDescription:
        """Return 7 inputs with velocities, 4 without; 1 output; deterministic."""
        return TaskDescription(
            name="double-pole" if self._velocities else "double-pole-hidden",
            num_inputs=len(self._inputs),
            num_outputs=1,
            is_deterministic=True,
            max_frames=self._max_decisions if self._velocities else GRUAU_DECISIONS,
            has_champion_test=not self._velocities,
            max_test_frames=self._max_decisions + len(_GRID) ** 4 * GRUAU_DECISIONS,
        )

    def evaluate(self, network: Network, seeds: EpisodeSeeds) -> Evaluation:  # noqa: ARG002
        """Balance from the standard start; the seeds play no part.

        With velocities the fitness is the number of decisions balanced, and ``max_decisions``
        count as solved. Without, it is Gruau's over 1,000 decisions, and only :meth:`test` can
        tell that the task is solved.
        """
        if self._velocities:
            num_balanced, ending = self._balance(network, np.array(START), self._max_decisions)
            fitness = float(num_balanced)
        else:
            num_balanced, ending = self._balance(network, np.array(START), GRUAU_DECISIONS)
            fitness = gruau_fitness(num_balanced, self._efforts)
        return Evaluation(
            fitness=fitness,
            metrics={"decisions": float(num_balanced)},
            endings={ending: 1},
            num_frames=num_balanced + (ending != "balanced"),
            solved=self._velocities and ending == "balanced",
        )

    def test(self, network: Network) -> Evaluation:
        """Run the champion test: the long trial, then 1,000 decisions from each of 625 starts.

        The fitness is the number of starts balanced; a network that fails the long trial is not
        tried on them and gets 0. Solved: at least 200 starts.
        """
        num_balanced, ending = self._balance(network, np.array(START), self._max_decisions)
        num_frames, endings = num_balanced, {ending: 1}
        if ending == "balanced":
            for start in generalisation_starts():
                num_decisions, ending = self._balance(network, start, GRUAU_DECISIONS)
                num_frames += num_decisions
                endings[ending] = endings.get(ending, 0) + 1
        generalisation = max(0, endings.get("balanced", 0) - 1)
        return Evaluation(
            fitness=float(generalisation),
            metrics={"decisions": float(num_balanced), "generalisation": float(generalisation)},
            endings=endings,
            num_frames=num_frames,
            solved=generalisation >= SOLVED_STARTS,
        )

    def close(self) -> None:
        """Nothing to release."""

    def _balance(self, network: Network, state: State, num_decisions: int) -> tuple[int, str]:
        """Return how many decisions were balanced, and the ending; fill the last efforts."""
        network.reset()
        inputs, scratch, velocities = self._inputs, self._scratch, self._velocities
        for decision in range(num_decisions):
            observe(state, velocities, inputs)
            ending = decide(state, float(network.activate(inputs)[0]), scratch)
            if ending != _BALANCED:
                return decision, _ENDINGS[ending]
            if not velocities:
                self._efforts[decision % GRUAU_WINDOW] = np.abs(state[:4]).sum()
        return num_decisions, _ENDINGS[_BALANCED]
