"""Record what random players meet on real games: ``python tests/golden/record_episodes.py``.

Each digest is over every input and output of an episode and over all that came of it. The cases
take the paths that few settings take; a speed-up must not change one of them.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from neuroevo.config import load
from neuroevo.shipped import find_config
from neuroevo.tasks.factory import make_task
from neuroevo.tasks.random_policy import RandomPolicy
from neuroevo.tasks.task import EpisodeSeeds

PATH = Path(__file__).parent / "episodes.json"
LUA = Path(__file__).parents[1] / "data" / "wickling_lua.json"
TERMS = """Fitness.terms=progress: new_max x x 1.0
        gain: gain x x 0.1
        loss: loss x x -0.2
        stones: milestones x / 100 x 10
        value: value 3 * x - max(0, min(x, 40)) + abs(0 - lives) x 0.01
        change: change x // 7 + x % 5 x 1
        time: per_frame x -0.05
        fast: per_frame x > before.x x 0.5
        death: on_death frames x -0.1"""
CASES: dict[str, tuple[str, ...]] = {
    "airstriker": ("airstriker",),
    "airstriker, four frames, scenario": (
        "airstriker", "Retro.frame_skip=4", "Fitness.use_scenario_reward=True",
        "Fitness.died=none", "Fitness.terms=none", "Fitness.stall_expression=terms"),
    "airstriker, groups, signed, cropped": (
        "airstriker", "Retro.frame_skip=3", "Observation.height=30", "Observation.width=37",
        "Observation.range=signed", "Observation.crop=3, 5, 300, 200", "Buttons.mode=groups",
        "Buttons.combos=none", "Buttons.groups=LEFT, RIGHT, NONE\n        B, NONE"),
    "wickling": ("wickling",),
    "wickling, grey": ("wickling", "Observation.source=grey"),
    "wickling, all sources": (
        "wickling", "Observation.source=tiles, variables, timer, last_action, ram, grey, rgb",
        "Observation.variables=x / 3000, lives / start.lives, goal == 1 or x > 50, max(x, 3) - "
        "abs(x), not x, 1 < x < 300 and lives", "Observation.ram=0x0-0x1f, 0x6d, 0x400-0x420",
        "Observation.max_of_two=True", "Observation.stack=3", "Observation.difference=True",
        "Observation.scale=12", "Buttons.buttons=RIGHT, LEFT, UP, DOWN, A, B",
        "Buttons.autofire=A"),
    "wickling, seeded": (
        "wickling", "Retro.noops=9", "Retro.sticky_prob=0.3", "Retro.states=Practice, Level1",
        "Retro.episodes=2", "Retro.same_starts=False", "Retro.combine=median"),
    "wickling, noise": ("wickling", "Observation.noise=True"),
    "wickling, one frame": ("wickling", "Retro.frame_skip=1", "Retro.sticky_prob=0.5"),
    "wickling, all terms": (
        "wickling", TERMS, "Fitness.died=fell(lives) or fell(lives * 2) and rose(x)",
        "Fitness.won=goal == 1 and frames > 2 and not x < 4", "Fitness.unwrap=x 256",
        "Fitness.max_jump=8", "Fitness.rocking_turns=40", "Fitness.stall_growth=0.25",
        "Buttons.buttons=RIGHT, LEFT, A, B"),
    "wickling, rocking": (
        "wickling", "Fitness.rocking_turns=9", "Fitness.stall_frames=none",
        "Buttons.buttons=RIGHT, LEFT", "Fitness.stall_expression=max(x, 0) + 0.0"),
    "wickling, thresholds": (
        "wickling", "Fitness.stall_expression=terms", "Buttons.threshold=0.2, 0.5, -0.3",
        "Fitness.use_scenario_reward=True"),
    "wickling, Lua": (
        "wickling", f"Retro.scenario={LUA}", "Retro.allow_scripts=True",
        "Fitness.use_scenario_reward=True"),
}  # fmt: skip


class Listener:
    """A policy that is listened to."""

    def __init__(self, policy: RandomPolicy) -> None:
        """Take the policy."""
        self._policy, self.heard = policy, hashlib.sha256()

    def reset(self) -> None:
        """Begin an episode."""
        self._policy.reset()
        self.heard.update(b"reset")

    def activate(self, inputs: np.ndarray) -> np.ndarray:
        """Answer, and note both sides."""
        outputs = self._policy.activate(inputs)
        self.heard.update(inputs.tobytes())
        self.heard.update(outputs.tobytes())
        return outputs


def digests(case: str) -> list[str]:
    """Return the digests of three evaluations."""
    config, *overrides = CASES[case]
    settings = load(find_config(config), [*overrides, "Fitness.max_frames=400"]).settings
    assert settings.task is not None
    task = make_task(settings.task)
    found = []
    try:
        for seed in range(3):
            num_outputs = task.describe().num_outputs
            policy = Listener(RandomPolicy(num_outputs, np.random.default_rng(seed)))
            evaluation = task.evaluate(policy, EpisodeSeeds(5, 1, seed))
            kept = {k: v for k, v in evaluation.metrics.items() if not k.startswith("num_")}
            text = repr((evaluation.fitness, sorted(kept.items()), sorted(evaluation.endings),
                         evaluation.num_frames, evaluation.solved))  # fmt: skip
            policy.heard.update(text.encode())
            found.append(policy.heard.hexdigest()[:32])
    finally:
        task.close()
    return found


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else PATH
    recorded = {case: digests(case) for case in CASES}
    path.write_text(json.dumps(recorded, indent=1) + "\n")
    print(f"{path}: {len(recorded)} cases")
