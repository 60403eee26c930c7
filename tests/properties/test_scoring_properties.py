"""A frame in which nothing changes is judged by a short way; it must lead to the same end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from neuroevo.tasks.retro.fitness.scenario import ScenarioRules
from neuroevo.tasks.retro.fitness.scoring import Scorer
from neuroevo.tasks.retro.settings import FitnessSettings, FitnessTerm

EXPRESSIONS = ("x", "lives", "x > 3", "x - start.x", "max(x, 2 * lives) / 3")
ODD_EXPRESSIONS = ("x - before.x", "frames * x", "fell(x)", "rose(lives) or x > 1", "0 - frames")
CONDITIONS = ("", "x == 9", "lives < start.lives", "x > 6 and lives == 2")
ODD_CONDITIONS = ("fell(lives)", "frames > 12", "x < before.x - 3", "frames > 4 and x > 2")
KINDS = ("new_max", "gain", "loss", "value", "change", "milestones", "on_win", "on_death")
DONE = {"variables": {"x": {"op": "equal", "reference": 8}}}
ODD_DONE = (
    {"condition": "all", "variables": {
        "x": {"op": "zero", "measurement": "delta"},
        "lives": {"op": "greater-than", "reference": 1}}},
    {"nodes": {"n": {"variables": {"x": {"op": "zero", "measurement": "delta"}}}}},
)  # fmt: skip
REWARDS = (
    {"variables": {"x": {"op": "positive", "reward": 0.25, "measurement": "absolute"}}},
    {"variables": {"x": {"reward": 1}}, "time": {"reward": 0.5}},
)
ODD = ("nothing", "expression", "kind", "won", "died", "stall", "done", "reward", "unwrap")
"""What is not steady: one thing at a time, or the others would hide a mistake in it."""


@st.composite
def rules(draw):
    odd = draw(st.sampled_from(ODD))

    def one_of(name, steady, unsteady):
        return draw(st.sampled_from(unsteady if odd == name else steady))

    terms = tuple(
        FitnessTerm(f"t{i}", one_of("kind", KINDS, ("per_frame",)),
                    one_of("expression", EXPRESSIONS, ODD_EXPRESSIONS), 0.5 + i)
        for i in range(draw(st.integers(1, 3)))
    )  # fmt: skip
    settings = FitnessSettings(
        terms=terms,
        won=one_of("won", CONDITIONS, ODD_CONDITIONS),
        died=one_of("died", CONDITIONS, ODD_CONDITIONS),
        won_bonus=10.0,
        use_scenario_reward=odd == "reward",
        use_scenario_done=True,
        unwrap=one_of("unwrap", ((),), ((("x", 10),),)),
        max_jump=draw(st.sampled_from((None, 2.0))),
        stall_expression=one_of("stall", ("", "x"), ODD_EXPRESSIONS[1:2]),
        stall_frames=draw(st.sampled_from((None, 5, 9))),
        max_frames=draw(st.sampled_from((15, 40))),
    )
    document = {
        "done": one_of("done", (DONE,), ODD_DONE),
        "reward": one_of("reward", ({},), REWARDS),
    }
    return settings, document


def judged(settings, document, frames, *, has_clock):
    """Return the endings frame by frame and the score; a clock makes every frame a new one."""
    names = {"x", "lives"}
    has_reward = settings.use_scenario_reward
    scenario = ScenarioRules(document, names, "scenario.json", has_reward=has_reward)
    scorer = Scorer(settings, names, scenario)
    assert scorer.variables <= names
    scorer.begin({"x": frames[0][0], "lives": frames[0][1]})
    endings = []
    for number, (x, lives) in enumerate(frames[1:]):
        variables = {"x": x, "lives": lives} | ({"clock": number} if has_clock else {})
        endings.append(scorer.frame(variables))
        if endings[-1] is not None:
            break
    return endings, scorer.score()


@examples(max_examples=600)
@given(rules(), st.lists(st.tuples(st.integers(0, 14), st.integers(0, 3), st.integers(1, 6)),
                         min_size=2, max_size=12))  # fmt: skip
def test_frames_in_which_nothing_changes_are_judged_as_if_each_were_looked_at(rule, stays) -> None:
    frames = [(x, lives) for x, lives, count in stays for _ in range(count)]
    assert judged(*rule, frames, has_clock=False) == judged(*rule, frames, has_clock=True)
