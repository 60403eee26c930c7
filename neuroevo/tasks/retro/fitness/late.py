"""Judging many frames at a time: each one is noted, and judged when it might matter.

Between two frames of an emulator the processor's caches hold the emulator, and whatever Python does
there costs three times what it costs in a row. Most frames cannot end an episode: no variable that
could has changed, and no rule of time is due. These wait, and are judged in their order later,
with the very values that they had; so all that comes of it is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter

from neuroevo.tasks.retro.fitness.scoring import EndingRule, Scorer
from neuroevo.tasks.retro.fitness.variables import Values
from neuroevo.tasks.retro.live.ram import Glance, Watch

MOST = 64
"""Frames that wait at most: about a second of them, so that little waits."""


def judge_late(scorer: Scorer, watch: Watch, rule: EndingRule) -> Callable[[], str | None]:
    """Return what is called after each frame, and returns the ending as ``scorer.frame`` does.

    For one episode, which the scorer has begun.

    Args:
        scorer: judges; it knows of all frames when the episode has ended.
        watch: sees all variables of the scorer.
        rule: the scorer's.
    """
    glance, values, judge = watch.glance, watch.values, scorer.frame
    places = [place for name in rule.variables for place in watch.places[name]]
    enders = itemgetter(*places) if places else None
    waiting: list[Glance] = []
    seen: Glance = ()
    held: object = None
    current: Values = {}
    room = 1.0

    def judge_frame() -> str | None:
        now = glance()
        waiting.append(now)
        if len(waiting) < room and (enders is None or enders(now) == held):
            return None
        return judge_all()

    def judge_all() -> str | None:
        nonlocal seen, held, current, room
        ending = None
        for each in waiting:
            if each != seen:
                seen, current = each, values(each)
            ending = judge(current)
        waiting.clear()
        now = enders(seen) if enders is not None else None
        may_follow = rule.looks_back and now != held
        held = now
        room = 1.0 if may_follow else min(scorer.frames_left(), MOST)
        return ending

    return judge_frame
