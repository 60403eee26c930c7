"""One episode: the loop that plays a policy on the emulator, from reset to a named ending."""

from __future__ import annotations

from dataclasses import dataclass

from neuroevo.tasks.retro.buttons import ButtonMapper
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.observation import Observer
from neuroevo.tasks.retro.scoring import Score, Scorer
from neuroevo.tasks.task import Network


@dataclass(frozen=True, slots=True)
class Episode:
    """The result of one episode.

    Attributes:
        score: fitness and contributions.
        ending: ``won``, ``died``, ``terminated``, ``stalled`` or ``max_frames``.
        num_frames: frames played, idle ones at the start not counted.
        num_idle_frames: frames before the policy took over.
        variables: the game's variables at the end.
    """

    score: Score
    ending: str
    num_frames: int
    num_idle_frames: int
    variables: dict[str, int]


@dataclass(frozen=True, slots=True)
class Player:
    """What stands between a policy and the game, built once per task."""

    emulator: Emulator
    observer: Observer
    buttons: ButtonMapper
    scorer: Scorer
    frame_skip: int


def play_episode(player: Player, policy: Network, state: bytes, idle_frames: int = 0) -> Episode:
    """Play from a state until the episode ends, in the middle of a decision if need be.

    Args:
        player: emulator, eyes, fingers and referee.
        policy: a network, or anything that resets and activates like one.
        state: bytes of a save state.
        idle_frames: frames without buttons before the policy takes over.
    """
    emulator, scorer, frame_skip = player.emulator, player.scorer, player.frame_skip
    emulator.reset(state)
    for _ in range(idle_frames):
        emulator.step_frame()
    policy.reset()
    scorer.begin(emulator.variables())
    release_at = (frame_skip + 1) // 2
    ending: str | None = None
    num_frames = 0
    while ending is None:
        outputs = policy.activate(player.observer.observe(emulator))
        pressed, released = player.buttons.masks(outputs)
        emulator.set_buttons(pressed)
        for frame in range(frame_skip):
            if frame == release_at:
                emulator.set_buttons(released)
            emulator.step_frame()
            variables = emulator.variables()
            num_frames += 1
            ending = scorer.frame(variables)
            if ending is not None:
                break
    return Episode(scorer.score(), ending, num_frames, idle_frames, variables)
