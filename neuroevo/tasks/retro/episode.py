"""One episode: the loop that plays a policy on the emulator, from reset to a named ending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from neuroevo.tasks.retro.buttons.mapper import ButtonMapper
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.fitness.late import judge_late
from neuroevo.tasks.retro.fitness.scoring import Score, Scorer
from neuroevo.tasks.retro.observation.observer import Observer
from neuroevo.tasks.retro.observation.parts import Moment
from neuroevo.tasks.task import Network


@dataclass(frozen=True, slots=True)
class Episode:
    """The result of one episode.

    Attributes:
        score: fitness and contributions.
        ending: ``won``, ``died``, ``terminated``, ``stalled``, ``rocking`` or ``max_frames``.
        num_frames: frames played, idle ones at the start not counted.
        num_idle_frames: frames before the policy took over.
        variables: the game's variables at the end.
        button_counts: what became of the presses, by name: fractions from 0 to 1, and numbers
            (``num_...``).
    """

    score: Score
    ending: str
    num_frames: int
    num_idle_frames: int
    variables: dict[str, int]
    button_counts: dict[str, float]


class StickyButtons:
    """Chance that fingers are slow: a decision's first frame still holds what was held before.

    The sticky actions of Machado et al. 2018 (section 5.2), in the form of the stochastic frame
    skip of OpenAI's retro-baselines: one frame late. Where a decision lasts one frame only, it is
    lost, and the old buttons stay.
    """

    def __init__(self, prob: float, generator: np.random.Generator) -> None:
        """Take the probability, and where to draw from: one number per decision."""
        self._prob, self._generator = prob, generator

    def are_late(self) -> bool:
        """Draw whether the present decision presses its buttons a frame late."""
        return bool(self._generator.random() < self._prob)


@dataclass(frozen=True, slots=True)
class Player:
    """What stands between a policy and the game, built once per task.

    Attributes:
        sticky: of one episode; None presses at once, always.
    """

    emulator: Emulator
    observer: Observer
    buttons: ButtonMapper
    scorer: Scorer
    frame_skip: int
    sticky: StickyButtons | None = None


def play_episode(player: Player, policy: Network, state: bytes, idle_frames: int = 0) -> Episode:
    """Play from a state until the episode ends, in the middle of a decision if need be.

    Args:
        player: emulator, eyes, fingers and referee.
        policy: a network, or anything that resets and activates like one.
        state: bytes of a save state.
        idle_frames: frames without buttons before the policy takes over.
    """
    emulator, observer, scorer = player.emulator, player.observer, player.scorer
    frame_skip, sticky = player.frame_skip, player.sticky
    emulator.reset(state)
    for _ in range(idle_frames):
        emulator.step_frame()
    policy.reset()
    observer.begin()
    player.buttons.begin()
    start = emulator.variables()
    scorer.begin(start)
    # What runs on every frame is looked up once.
    step, judge = emulator.step_frame, _judge(emulator, scorer)
    release_at = (frame_skip + 1) // 2
    look_at = frame_skip - 1 if observer.sees_two_frames else -1
    pressed, earlier = np.zeros(len(emulator.buttons), np.uint8), None
    held = released = pressed
    ending: str | None = None
    num_frames = 0
    while ending is None:
        moment = Moment(emulator, start, num_frames, pressed, earlier)
        outputs = policy.activate(observer.observe(moment))
        press_at = 1 if sticky is not None and num_frames and sticky.are_late() else 0
        if press_at >= release_at and frame_skip > 1 and released is not held:
            emulator.set_buttons(released)  # a late press of two frames is let go as late
            held = released
        pressed, released = player.buttons.masks(outputs)
        for frame in range(frame_skip):
            if frame == release_at and released is not held:
                emulator.set_buttons(released)
                held = released
            if frame == press_at and pressed is not held:  # the last word: a press is never lost
                emulator.set_buttons(pressed)
                held = pressed
            if frame == look_at:
                earlier = emulator.screen()
            step()
            num_frames += 1
            ending = judge()
            if ending is not None:
                break
    counts = player.buttons.counts()
    end = emulator.variables()
    return Episode(scorer.score(), ending, num_frames, idle_frames, end, counts)


def _judge(emulator: Emulator, scorer: Scorer) -> Callable[[], str | None]:
    """Return what is called after each frame of an episode that has begun: it names the ending.

    It reads no more variables than it must, and judges late where that makes no difference.
    """
    rule = scorer.ending_rule
    watch = None if rule is None else emulator.watch(scorer.variables)
    if rule is not None and watch is not None:
        return judge_late(scorer, watch, rule)
    read, judge = emulator.reader(scorer.variables), scorer.frame
    return lambda: judge(read())
