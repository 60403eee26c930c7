"""The keys of [Fitness] and its presets, on variables as the games' documents describe them.

No game that the presets are for can be shipped: Super Mario Bros.' run on Wickling in
tests/emulator/test_retro_fitness_traps.py, Sonic's on made-up sequences here.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from neuroevo.config import loads
from neuroevo.config.fitness_presets import ABOUT_FITNESS_PRESETS, FITNESS_PRESETS
from neuroevo.errors import ConfigError
from neuroevo.shipped import integrations_folder
from neuroevo.tasks.retro.fitness.scoring import Scorer
from neuroevo.tasks.retro.settings import FitnessSettings, FitnessTerm, RetroSettings

RETRO = (
    "[NEAT]\npop_size = 10\n[DefaultGenome]\nnum_inputs = 2\nnum_outputs = 1\n"
    "[Task]\nname = retro\n[Retro]\ngame = Airstriker-Genesis\n[Fitness]\n"
)


def fitness_of(text: str) -> FitnessSettings:
    config = loads(RETRO + text)
    assert loads(config.to_ini()).settings == config.settings  # the run directory's copy
    task = config.settings.task
    assert isinstance(task, RetroSettings)
    return task.fitness


def first_ending(settings: FitnessSettings, frames: list[dict[str, int]]):
    """Return (ending, frame, score)."""
    scorer = Scorer(settings, frames[0])
    scorer.begin(frames[0])
    for number, frame in enumerate(frames[1:], 1):
        if (ending := scorer.frame(frame)) is not None:
            return ending, number, scorer.score()
    return None, len(frames) - 1, scorer.score()


def test_the_keys_of_the_fitness_are_read() -> None:
    fitness = fitness_of(
        "terms =\n  checkpoints: milestones x / 500 x 10\n  bonus: on_win x 1000\n"
        "  loss: on_death fell(lives) x -5\nunwrap = hpos 256,\n  time 65536\nmax_jump = 64\n"
        "stall_expression = x\nstall_frames = 20\nstall_growth = 0.25\nrocking_turns = 12\n"
    )
    assert fitness.terms == (
        FitnessTerm("checkpoints", "milestones", "x / 500", 10.0),
        FitnessTerm("bonus", "on_win", "", 1000.0),
        FitnessTerm("loss", "on_death", "fell(lives)", -5.0),
    )
    assert fitness.unwrap == (("hpos", 256), ("time", 65536))
    assert (fitness.max_jump, fitness.stall_growth, fitness.rocking_turns) == (64, 0.25, 12)


def test_left_out_keys_of_the_fitness_give_the_defaults_of_the_settings() -> None:
    assert fitness_of("terms = a: gain x") == FitnessSettings((FitnessTerm("a", "gain", "x", 1.0),))
    same = "terms = a: gain x\nunwrap = none\nmax_jump = none\nrocking_turns = none\n"
    assert fitness_of(same) == fitness_of("terms = a: gain x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unwrap = hpos", "`hpos` is no name and a number"),
        ("unwrap = hpos 1", "a number from 2 on"),
        ("unwrap = hpos -256", "a number from 2 on"),
        ("unwrap = hpos 256, hpos 512", "twice"),
        ("unwrap = 5 256", "no name"),
        ("unwrap = hpos 99999999999999999999", "no name"),
        ("max_jump = 0", "from 1 to"),
        ("max_jump = inf", "infinity"),
        ("stall_growth = -1", "from 0 to 1000"),
        ("rocking_turns = 0\nstall_expression = x", "from 1 to"),
        ("rocking_turns = 5", "stall_expression"),
        ("rocking_turns = 5\nstall_expression = terms", "stall_expression"),
        ("stall_growth = 0.5\nstall_frames = none", "stall_frames"),
        ("terms = a: milestone x", "Did you mean milestones?"),
        ("terms = a: milestones x 3", "no expression"),
        ("preset = mari", "preset"),
    ],
)
def test_a_mistake_in_the_fitness_is_named(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loads(RETRO + text, "x.ini")
    assert len(caught.value.problems) == 1, caught.value.problems
    assert caught.value.problems[0].startswith("x.ini:")
    assert expected in caught.value.problems[0]


def test_a_value_beside_a_preset_prevails() -> None:
    preset = fitness_of("preset = sonic\n")
    assert fitness_of("preset = sonic\nstall_frames = 99\n") == replace(preset, stall_frames=99)


def test_every_preset_is_told_in_a_sentence() -> None:
    assert set(ABOUT_FITNESS_PRESETS) == set(FITNESS_PRESETS)


@pytest.mark.parametrize(
    ("name", "games"),
    [
        ("mario", ["SuperMarioBros-Nes-v0"]),
        ("mario-io", ["SuperMarioBros-Nes-v0"]),
        *(
            (name, [f"{game}-Genesis-v0" for game in
             ("SonicTheHedgehog", "SonicTheHedgehog2", "SonicAndKnuckles3")])
            for name in ("sonic", "contest")
        ),
    ],
)  # fmt: skip
def test_a_preset_asks_for_nothing_that_the_games_own_data_does_not_have(name, games) -> None:
    import stable_retro

    theirs = Path(stable_retro.__file__).parent / "data" / "stable"
    paths = [folder / game / "data.json" for folder in (theirs, integrations_folder())
             for game in games]  # fmt: skip
    for path in filter(Path.is_file, paths):
        variables = set(json.loads(path.read_text(encoding="utf-8"))["info"])
        Scorer(fitness_of(f"preset = {name}\n"), variables)  # compiles every expression
    assert all((theirs / game / "data.json").is_file() for game in games)


# Sonic, made up: the player runs 5 pixels a frame, the screen follows 160 behind him.


def sonic(xs: list[int], end: int = 2000, lives: list[int] | None = None) -> list[dict[str, int]]:
    lives = lives or [3] * len(xs)
    frames = [
        {"x": x, "screen_x": min(max(x - 160, 0), end), "screen_x_end": end, "lives": n}
        for x, n in zip(xs, lives, strict=True)
    ]
    for frame in frames[:3]:
        frame["screen_x_end"] = 0  # not yet set: what was in memory before
    return frames


RUN = [96 + 5 * n for n in range(500)]


def test_sonic_wins_at_the_end_of_the_screen_in_spite_of_garbage_in_the_first_frames() -> None:
    ending, number, score = first_ending(fitness_of("preset = sonic\n"), sonic(RUN))
    assert (ending, number) == ("won", 413)  # x = 2161 is the first at or beyond 2160
    assert score.contributions == {"progress": 2000.0, "won_bonus": 100000.0}


def test_sonic_rocking_before_a_wall_ends_as_rocking() -> None:
    there, back = list(range(1000, 940, -5)), list(range(940, 1000, 5))
    xs = RUN[:180] + (there + back) * 30
    ending, _, score = first_ending(fitness_of("preset = sonic\n"), sonic(xs))
    assert ending == "rocking"
    assert score.contributions["progress"] == 1000 - 160


def test_sonic_with_a_life_more_still_dies() -> None:
    lives = [3] * 50 + [4] * 50 + [3] * 400
    ending, number, _ = first_ending(fitness_of("preset = sonic\n"), sonic(RUN, lives=lives))
    assert (ending, number) == ("died", 100)


def lua_of_the_contest(xs: list[int], end: int) -> float:
    """Return the sum of contest_reward of stable-retro's script.lua, spelled out here."""
    start, before, total = xs[0], 0.0, 0.0
    for frame, x in enumerate(xs[1:], 1):
        progress = min(max(x - start, 0), end - start) / (end - start)
        total += (progress - before) * 9000
        before = progress
        if progress >= 1:
            return total + (1 - min(max(frame / 18000, 0), 1)) * 1000
    return total


@pytest.mark.parametrize(
    "xs",
    [
        RUN,
        RUN[:200],
        RUN[:200] + RUN[100:150][::-1],  # what is walked back is lost
        [96, 90, 80, 60],
        [96 + n // 2 for n in range(4200)],
    ],
)
def test_the_contest_pays_what_its_lua_pays(xs: list[int]) -> None:
    ending, _, score = first_ending(fitness_of("preset = contest\n"), sonic(xs))
    assert score.fitness == pytest.approx(lua_of_the_contest(xs, 2160))
    assert ending == ("won" if max(xs) >= 2160 else None)


def test_the_contest_is_over_after_five_minutes_and_at_a_death() -> None:
    contest = fitness_of("preset = contest\n")
    standing = sonic([96] * 18_002)
    assert first_ending(contest, standing)[:2] == ("max_frames", 18_000)
    assert first_ending(contest, sonic([96] * 9, lives=[3] * 7 + [2] * 2))[:2] == ("died", 7)
