from __future__ import annotations

import numpy as np
import pytest
from builders.controllers import RandomNetwork
from contracts.task_contract import TaskContract
from gymnasium import spaces

from neuroevo.errors import TaskError
from neuroevo.tasks.gymnasium_task import GymnasiumTask, action_decoder
from neuroevo.tasks.settings import GymnasiumSettings
from neuroevo.tasks.task import EpisodeSeeds

SEEDS = EpisodeSeeds(1, 2, 3)


class TestCartPoleContract(TaskContract):
    def build(self):
        return GymnasiumTask(GymnasiumSettings("CartPole-v1", episodes=2))


class TestPendulumContract(TaskContract):
    """A Box of actions."""

    def build(self):
        return GymnasiumTask(GymnasiumSettings("Pendulum-v1", episodes=1))


class TestFrozenLakeContract(TaskContract):
    """A Discrete observation, one-hot."""

    def build(self):
        return GymnasiumTask(GymnasiumSettings("FrozenLake-v1", episodes=2, max_steps=30))


class BalancingRule:
    """Pushes the cart towards the side the pole leans and turns to."""

    def reset(self):
        pass

    def activate(self, inputs):
        lean = inputs[2] + 0.5 * inputs[3] + 0.1 * inputs[0] + 0.1 * inputs[1]
        return np.array([-lean, lean])


def test_cartpole_is_solved_by_a_rule_and_counts_every_step():
    evaluation = GymnasiumTask(GymnasiumSettings(episodes=3)).evaluate(BalancingRule(), SEEDS)
    assert evaluation.fitness == 500.0
    assert evaluation.solved
    assert evaluation.num_frames == 1500
    assert evaluation.endings == {"truncated": 3}


def test_max_steps_truncates_and_solved_return_decides():
    settings = GymnasiumSettings(episodes=2, max_steps=20, solved_return=20.0)
    evaluation = GymnasiumTask(settings).evaluate(BalancingRule(), SEEDS)
    assert evaluation.fitness == 20.0
    assert evaluation.solved
    assert evaluation.endings == {"truncated": 2}
    assert GymnasiumTask(settings).describe().max_frames == 40


@pytest.mark.parametrize("same_episodes", [True, False])
def test_same_episodes_decides_whether_genomes_share_their_starts(same_episodes):
    class Recorder(RandomNetwork):
        def activate(self, inputs):
            self.first = getattr(self, "first", inputs.copy())
            return super().activate(inputs)

    task = GymnasiumTask(GymnasiumSettings(episodes=1, same_episodes=same_episodes))
    starts = []
    for generation, genome_id in ((1, 1), (1, 2), (2, 1)):
        network = Recorder(4, 2)
        task.evaluate(network, EpisodeSeeds(0, generation, genome_id))
        starts.append(network.first.tobytes())
    assert (starts[0] == starts[1]) is same_episodes
    assert starts[0] != starts[2]


def test_episodes_of_one_evaluation_differ():
    network = RandomNetwork(3, 1)
    evaluation = GymnasiumTask(GymnasiumSettings("Pendulum-v1", episodes=3)).evaluate(
        network, SEEDS
    )
    assert evaluation.metrics["min_return"] < evaluation.metrics["max_return"]
    assert network.num_resets == 3


@pytest.mark.parametrize(
    ("environment_id", "message"),
    [
        ("CartPol-v1", r"'CartPol-v1': must be a registered environment.*Did you mean CartPole-v"),
        ("Zzzzzz", "pprint_registry"),
        ("os:CartPole-v1", "module to import"),
    ],
)
def test_an_unknown_id_is_refused_with_a_hint(environment_id, message):
    with pytest.raises(TaskError, match=message):
        GymnasiumTask(GymnasiumSettings(environment_id))


def test_an_environment_that_needs_another_package_says_so():
    with pytest.raises(TaskError, match="must be buildable here"):
        GymnasiumTask(GymnasiumSettings("Ant-v2"))


@pytest.mark.parametrize(
    ("space", "outputs", "action"),
    [
        (spaces.Discrete(3), [0.1, 0.9, 0.9], 1),
        (spaces.Discrete(3, start=-1), [0.1, 0.2, 0.9], 1),
        (spaces.MultiDiscrete([2, 3]), [0.1, 0.9, 0.5, 0.2, 0.1], [1, 0]),
        (spaces.MultiBinary(3), [0.4, 0.6, 0.5], [0, 1, 0]),
        (spaces.Box(-2.0, 4.0, (2,)), [0.5, 1.0], [1.0, 4.0]),
        (spaces.Box(-2.0, 4.0, (2, 1)), [-7.0, 7.0], [[-2.0], [4.0]]),
        (spaces.Box(0, 10, (1,), np.int32), [0.46], [5]),
    ],
)
def test_outputs_become_actions_of_the_space(space, outputs, action):
    num_outputs, to_action = action_decoder("any", space)
    assert num_outputs == len(outputs)
    decoded = to_action(np.array(outputs))
    assert space.contains(decoded)
    np.testing.assert_array_equal(decoded, action)


@pytest.mark.parametrize("space", [spaces.Box(-np.inf, np.inf, (1,)), spaces.Text(3)])
def test_action_spaces_that_cannot_be_reached_are_refused(space):
    with pytest.raises(TaskError, match="actions must be Discrete"):
        action_decoder("any", space)


def test_no_episodes_are_refused():
    with pytest.raises(TaskError, match="episodes: must be at least 1"):
        GymnasiumTask(GymnasiumSettings(episodes=0))
