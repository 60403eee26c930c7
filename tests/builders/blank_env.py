"""A Gymnasium environment that is over at once: what is left is the evaluator's own work.

Workers know only environments that are registered when they start: see :func:`install`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

ID = "Blank-v0"
NUM_INPUTS, NUM_OUTPUTS = 1120, 12


class BlankEnv(gymnasium.Env[Any, Any]):
    """One step; the reward is the sum of the action."""

    observation_space = spaces.Box(0.0, 1.0, (NUM_INPUTS,), np.float64)
    action_space = spaces.Box(0.0, 1.0, (NUM_OUTPUTS,), np.float64)

    def __init__(self) -> None:
        """Take the picture that every episode shows."""
        self._picture = np.linspace(0.0, 1.0, NUM_INPUTS)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Show the picture."""
        return self._picture, {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """End."""
        return self._picture, float(np.sum(action)), True, False, {}


def register() -> None:
    """Make the environment known in this process."""
    gymnasium.register(ID, entry_point=f"{__name__}:BlankEnv")


def install(folder: Path) -> str:
    """Let every Python that starts with the returned PYTHONPATH know the environment.

    Args:
        folder: an empty one.
    """
    (folder / "sitecustomize.py").write_text(f"import {__name__} as it\nit.register()\n")
    return os.pathsep.join([str(folder), str(Path(__file__).parents[1])])
