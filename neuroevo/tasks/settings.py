"""Settings of the tasks that need no emulator: frozen dataclasses, checked by ``config.py``."""

from __future__ import annotations

from dataclasses import dataclass

from neuroevo.tasks.retro.settings import RetroSettings


@dataclass(frozen=True, slots=True)
class XorSettings:
    """XOR (Stanley & Miikkulainen 2002, section 4.1).

    Attributes:
        bias_input: appends a constant third input (None: two inputs).
        activations: activation steps per pattern. 1 is enough for a feed-forward network; a
            recurrent one updates all nodes at once, so a signal needs one step per connection on
            its way, and 1 step would never show the effect of a hidden node. About 4 will do.
    """

    bias_input: float | None = 1.0
    activations: int = 1


@dataclass(frozen=True, slots=True)
class DoublePoleSettings:
    """Double pole balancing (Stanley & Miikkulainen 2002, section 4.2).

    Attributes:
        velocities: True gives the network six state variables (DPV); False hides the
            velocities (DPNV, Gruau's fitness, champion test).
        max_decisions: decisions that count as solved.
    """

    velocities: bool = True
    max_decisions: int = 100_000


@dataclass(frozen=True, slots=True)
class GymnasiumSettings:
    """Any Gymnasium id with Box, Discrete or MultiDiscrete spaces.

    Attributes:
        id: e.g. ``CartPole-v1``.
        episodes: episodes per evaluation; fitness is their mean return.
        max_steps: cut an episode after so many steps (None: the environment's own limit).
        solved_return: mean return that counts as solved (None: the environment's
            ``reward_threshold``).
        same_episodes: all genomes of a generation play the same episode seeds.
    """

    id: str = "CartPole-v1"
    episodes: int = 5
    max_steps: int | None = None
    solved_return: float | None = None
    same_episodes: bool = True


TaskSettings = XorSettings | DoublePoleSettings | GymnasiumSettings | RetroSettings
"""What ``[Task] name`` selects."""
