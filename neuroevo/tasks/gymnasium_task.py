"""Any Gymnasium environment as a task: flattened observations in, the action space's kind out.

Owns the translation between arrays of a network and the spaces of an environment. Gymnasium comes
with stable-retro.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from neuroevo.errors import TaskError
from neuroevo.tasks.settings import GymnasiumSettings
from neuroevo.tasks.task import EpisodeSeeds, Evaluation, Network, TaskDescription

Outputs = npt.NDArray[np.float64]
ToAction = Callable[[Outputs], Any]


class GymnasiumTask:
    """Plays seeded episodes of one environment; the fitness is their mean return."""

    def __init__(self, settings: GymnasiumSettings) -> None:
        if settings.episodes < 1:
            raise TaskError(
                f"gymnasium episodes: must be at least 1; got {settings.episodes}. "
                "Set how many episodes one evaluation plays."
            )
        self._settings = settings
        self._env = make_environment(settings.id)
        self._is_open = True
        self._num_inputs = _num_inputs(settings.id, self._env.observation_space)
        self._num_outputs, self._to_action = action_decoder(settings.id, self._env.action_space)

    def describe(self) -> TaskDescription:
        """Return the flattened observation's size and the outputs that the action needs."""
        spec = self._env.spec
        limits = [self._settings.max_steps, spec.max_episode_steps if spec else None]
        known = [limit for limit in limits if limit is not None]
        return TaskDescription(
            name="gymnasium",
            num_inputs=self._num_inputs,
            num_outputs=self._num_outputs,
            is_deterministic=False,
            max_frames=self._settings.episodes * min(known) if known else None,
            fingerprint={"environment": spec.id if spec else self._settings.id},
        )

    def evaluate(self, network: Network, seeds: EpisodeSeeds) -> Evaluation:
        """Play the episodes; metrics are the returns' mean, lowest and highest, and the length."""
        returns, lengths, endings = [], [], {"terminated": 0, "truncated": 0}
        for episode in range(self._settings.episodes):
            generator = seeds.generator(episode, per_genome=not self._settings.same_episodes)
            total, length, ending = self._play(network, int(generator.integers(2**31)))
            returns.append(total)
            lengths.append(length)
            endings[ending] += 1
        mean_return = float(np.mean(returns))
        return Evaluation(
            fitness=mean_return,
            metrics={
                "return": mean_return,
                "min_return": min(returns),
                "max_return": max(returns),
                "steps": float(np.mean(lengths)),
            },
            endings={name: count for name, count in endings.items() if count},
            num_frames=sum(lengths),
            solved=self._is_solved(mean_return),
        )

    def test(self, network: Network) -> Evaluation:
        """Evaluate on fixed seeds; there is no champion test of its own."""
        return self.evaluate(network, EpisodeSeeds(0, 0, 0))

    def close(self) -> None:
        """Close the environment; a second call does nothing."""
        if self._is_open:
            self._is_open = False
            self._env.close()

    def _is_solved(self, mean_return: float) -> bool:
        wanted = self._settings.solved_return
        if wanted is None and self._env.spec is not None:
            wanted = self._env.spec.reward_threshold
        return wanted is not None and mean_return >= wanted

    def _play(self, network: Network, seed: int) -> tuple[float, int, str]:
        """Return the return, the number of steps and the ending of one episode."""
        space, max_steps = self._env.observation_space, self._settings.max_steps
        observation, _ = self._env.reset(seed=seed)
        network.reset()
        total, num_steps = 0.0, 0
        while True:
            outputs = network.activate(_flatten(space, observation))
            observation, reward, terminated, truncated, _ = self._env.step(self._to_action(outputs))
            total += float(reward)
            num_steps += 1
            if terminated:
                return total, num_steps, "terminated"
            if truncated or num_steps == max_steps:
                return total, num_steps, "truncated"


def make_environment(environment_id: str) -> gymnasium.Env[Any, Any]:
    """Build an environment that is registered with Gymnasium.

    Raises:
        TaskError: the id is unknown (a near one is named), or the environment cannot be built.
    """
    where = f"gymnasium id {environment_id!r}"
    if ":" in environment_id:
        # gymnasium.make would import the module before the colon: a settings file runs no code.
        raise TaskError(
            f"{where}: must be a registered environment; got a module to import. "
            "Leave out the module; install a package that registers its environments by itself."
        )
    try:
        gymnasium.spec(environment_id)
    except gymnasium.error.Error as problem:
        raise TaskError(
            f"{where}: must be a registered environment; got an unknown one. "
            f"{_suggestion(environment_id)}"
        ) from problem
    try:
        return gymnasium.make(environment_id, disable_env_checker=True)
    except Exception as problem:  # the constructor is anybody's code and may raise anything
        reason = " ".join(str(problem).split())
        raise TaskError(
            f"{where}: must be buildable here; got {type(problem).__name__}: {reason}. "
            "Install what it asks for, or choose another environment."
        ) from problem


def _suggestion(environment_id: str) -> str:
    near = difflib.get_close_matches(environment_id, sorted(gymnasium.registry), n=1)
    return f"Did you mean {near[0]}?" if near else "gymnasium.pprint_registry() lists them."


def _num_inputs(environment_id: str, space: spaces.Space[Any]) -> int:
    if not space.is_np_flattenable:
        raise TaskError(
            f"gymnasium id {environment_id!r}: observations must flatten to a vector of one "
            f"length; got {space}. Choose another environment."
        )
    return spaces.flatdim(space)


def _flatten(space: spaces.Space[Any], observation: Any) -> npt.NDArray[np.float64]:
    """Return the observation as float64; discrete parts become one-hot."""
    if isinstance(space, spaces.Box):
        return np.asarray(observation, dtype=np.float64).ravel()
    return np.asarray(spaces.flatten(space, observation), dtype=np.float64)


def action_decoder(environment_id: str, space: spaces.Space[Any]) -> tuple[int, ToAction]:
    """Return how many outputs an action space needs, and the function from outputs to action.

    Discrete takes the highest output, MultiDiscrete the highest of each group, MultiBinary
    presses above 0.5, Box maps 0 to 1 linearly to its bounds and clips.

    Raises:
        TaskError: the space is of another kind, or a Box without bounds.
    """
    if isinstance(space, spaces.Discrete):
        first = int(space.start)
        return int(space.n), lambda outputs: first + int(np.argmax(outputs))
    if isinstance(space, spaces.MultiDiscrete):
        return int(np.sum(space.nvec)), _multi_discrete(space)
    if isinstance(space, spaces.MultiBinary):
        shape = space.shape
        return int(np.prod(shape)), lambda outputs: (outputs > 0.5).astype(np.int8).reshape(shape)
    if isinstance(space, spaces.Box) and space.is_bounded():
        return int(np.prod(space.shape)), _bounded_box(space)
    raise TaskError(
        f"gymnasium id {environment_id!r}: actions must be Discrete, MultiDiscrete, MultiBinary "
        f"or a bounded Box; got {space}. Choose another environment."
    )


def _multi_discrete(space: spaces.MultiDiscrete) -> ToAction:
    borders = np.cumsum(space.nvec.ravel())[:-1]
    start, shape = space.start, space.shape

    def to_action(outputs: Outputs) -> Any:
        highest = [int(np.argmax(group)) for group in np.split(outputs, borders)]
        return start + np.array(highest, dtype=space.dtype).reshape(shape)

    return to_action


def _bounded_box(space: spaces.Box) -> ToAction:
    low, high = space.low.astype(np.float64), space.high.astype(np.float64)
    is_integer = np.issubdtype(space.dtype, np.integer)

    def to_action(outputs: Outputs) -> Any:
        action = low + np.clip(outputs, 0.0, 1.0).reshape(low.shape) * (high - low)
        return (np.rint(action) if is_integer else action).astype(space.dtype)

    return to_action
