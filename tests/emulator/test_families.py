"""Overlays and settings of games that nobody has here, on the ROMs of those that are here.

An overlay's data.json is put in front of Wickling's (NES, whose memory has Super Mario Bros.'s map)
or Airstriker's (Genesis). What the numbers mean there is another matter; that stable-retro takes
the file, and that pictures, buttons and expressions come together to an evaluation, is tested.
"""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from neuroevo.config import load
from neuroevo.shipped import find_config, integrations_folder
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.fitness.endings import ENDINGS
from neuroevo.tasks.retro.games import read_variables, resolve_game
from neuroevo.tasks.retro.settings import RetroSettings
from neuroevo.tasks.retro.task import RetroTask
from neuroevo.tasks.task import EpisodeSeeds, Evaluation

WICKLING, AIRSTRIKER = "Wickling-Nes-v0", "Airstriker-Genesis-v0"
SMB, SMB3 = "SuperMarioBros-Nes-v0", "SuperMarioBros3-Nes-v0"
SONICS = (
    "SonicTheHedgehog-Genesis-v0", "SonicTheHedgehog2-Genesis-v0", "SonicAndKnuckles3-Genesis-v0",
)  # fmt: skip
FIGHTER = "StreetFighterIISpecialChampionEdition-Genesis-v0"
SEEDS = EpisodeSeeds(1, 0, 0)
OWN_X = 0x700
SOLUTIONS = integrations_folder() / WICKLING / "solutions"


class Keys:
    """A policy that plays a stored way, one line of buttons per frame, then nothing."""

    def __init__(self, buttons: tuple[str, ...], frames: list[str]) -> None:
        self._outputs = [[float(b in f.split("+")) for b in buttons] for f in frames]

    def reset(self) -> None:
        self._at = 0

    def activate(self, inputs):
        self._at += 1
        nothing = [0.0] * len(self._outputs[0])
        return np.array(self._outputs[self._at - 1] if self._at <= len(self._outputs) else nothing)


class Steady:
    """A policy whose outputs are always the same."""

    def __init__(self, *outputs: float) -> None:
        self._outputs = np.array(outputs)

    def reset(self) -> None:
        pass

    def activate(self, inputs):
        assert np.all(np.isfinite(inputs))
        return self._outputs


def way(name: str) -> list[str]:
    """Return the buttons of every frame of a stored way."""
    text = (SOLUTIONS / f"{name}.txt").read_text()
    runs = [line.split() for line in text.partition("\n\n")[2].splitlines() if line.strip()]
    return [buttons for count, buttons in runs for _ in range(int(count))]


def in_front(tmp_path: Path, of: str, overlay: str) -> Path:
    """Put the data.json and scenario.json of one game in front of those of another."""
    game, folder = resolve_game(overlay), tmp_path / of
    folder.mkdir(parents=True)
    for name in ("data.json", "scenario.json"):
        shutil.copy(game.need(name), folder / name)
    return tmp_path


def settings_of(config: str, *overrides: str) -> RetroSettings:
    settings = load(find_config(config), overrides).settings.task
    assert isinstance(settings, RetroSettings)
    return settings


def evaluate(settings: RetroSettings, policy) -> Evaluation:
    task = RetroTask(settings)
    try:
        return task.evaluate(policy, SEEDS)
    finally:
        task.close()


@pytest.mark.parametrize(
    ("overlay", "rom"),
    [(SMB, WICKLING), (SMB3, WICKLING), *((game, AIRSTRIKER) for game in (*SONICS, FIGHTER))],
)
def test_stable_retro_takes_an_overlay_and_reads_all_its_variables(tmp_path, overlay, rom):
    game = resolve_game(rom, [in_front(tmp_path, rom, overlay)])
    with Emulator.open(game) as emulator:
        for _ in range(10):
            emulator.step_frame()
        names = {variable.name for variable in read_variables(resolve_game(overlay))}
        assert set(emulator.variables()) == names


def test_the_overlay_of_mario_reads_where_the_player_is_on_a_game_with_the_same_map(tmp_path):
    game = resolve_game(WICKLING, [in_front(tmp_path, WICKLING, SMB)])
    with Emulator.open(game) as emulator:
        emulator.reset(emulator.start_state("Practice"))
        names = list(emulator.buttons)
        seen = set()
        for buttons in way("Practice"):
            mask = [int(name in buttons.split("+")) for name in names]
            emulator.set_buttons(np.array(mask, np.uint8))
            emulator.step_frame()
            ram, now = emulator.work_ram(), emulator.variables()
            x = 256 * now["player_page"] + now["player_x"]
            assert x == int(ram[OWN_X]) + 256 * int(ram[OWN_X + 1])
            assert x - 256 < 256 * now["xscrollHi"] + now["xscrollLo"] <= x
            seen.add(now["player_page"])
        assert len(seen) > 4, "the way crosses pages"


def test_mario_runs_on_its_own_overlay_to_the_beacon_and_into_the_pit(tmp_path):
    folder = in_front(tmp_path, WICKLING, SMB)
    settings = settings_of(
        "mario", "Retro.game=Wickling-Nes", f"Retro.integrations={folder}",
        "Retro.frame_skip=1", "Retro.states=Practice",
    )  # fmt: skip
    buttons = settings.buttons.buttons
    won = evaluate(settings, Keys(buttons, way("Practice")))
    text = (integrations_folder() / WICKLING / "src/levels/0-practice.txt").read_text().split()
    assert won.endings == {"won": 1}
    assert won.metrics["progress"] == (len(text[-1]) - 16) * 16  # the screen stops at the end
    died = evaluate(settings, Keys(buttons, way("Practice")[:78] + ["RIGHT+B"] * 3000))
    assert died.endings == {"died": 1}
    assert 300 < died.metrics["progress"] < won.metrics["progress"]


def test_seed_mario_runs_with_only_the_name_of_the_game_changed():
    settings = settings_of("seed-mario", "Retro.game=Wickling-Nes", "Retro.states=Practice")
    task = RetroTask(settings)
    try:
        description = task.describe()
        assert (description.num_inputs, description.num_outputs) == (840, 9)
        right_and_run = Steady(1, 0, 0, 0, 0, 0, 0, 1, 0)  # in the console's own order
        evaluation = task.evaluate(right_and_run, SEEDS)
        half = task.evaluate(Steady(0.99, 0, 0, 0, 0, 0, 0, 0.99, 0), SEEDS)
    finally:
        task.close()
    assert evaluation.metrics["progress"] > 50
    assert evaluation.metrics["won_bonus"] == 0
    assert half.fitness == 0  # the seed's rule: only what reaches 1.0 presses
    assert half.endings == {"stalled": 1}


def test_mario3_runs_on_another_nes_game_as_far_as_it_can(tmp_path):
    folder = in_front(tmp_path, WICKLING, SMB3)
    settings = settings_of(
        "mario3", "Retro.game=Wickling-Nes", f"Retro.integrations={folder}",
        "Retro.states=Practice", "Fitness.max_frames=40",
    )  # fmt: skip
    task = RetroTask(settings)
    try:
        assert task.describe().num_inputs == 28 * 30 + 3
        evaluation = task.evaluate(Steady(*np.eye(7)[1]), SEEDS)
    finally:
        task.close()
    assert sum(evaluation.endings.values()) == 1
    assert set(evaluation.endings) <= set(ENDINGS)
    assert math.isfinite(evaluation.fitness)


@pytest.mark.parametrize(
    ("config", "overlay", "sizes"),
    [
        *(("sonic", game, (14 * 20 + 3, 7)) for game in SONICS),
        ("seed-sonic", SONICS[1], (1120, 12)),
        # The scenario leaves 256 x 200 pixels; ten buttons were pressed last or not.
        ("street-fighter", FIGHTER, (12 * 16 + 5 + 10, 19)),
    ],
)
def test_the_settings_of_genesis_games_run_on_another_one(tmp_path, config, overlay, sizes):
    folder = in_front(tmp_path, AIRSTRIKER, overlay)
    settings = settings_of(
        config, "Retro.game=Airstriker-Genesis", f"Retro.integrations={folder}",
        "Retro.states=default", "Fitness.max_frames=60",
    )  # fmt: skip
    task = RetroTask(settings)
    try:
        description = task.describe()
        assert (description.num_inputs, description.num_outputs) == sizes
        evaluation = task.evaluate(Steady(*([0.0] * (sizes[1] - 1)), 1.0), SEEDS)
    finally:
        task.close()
    assert sum(evaluation.endings.values()) == settings.episodes
    assert set(evaluation.endings) <= set(ENDINGS)
    assert math.isfinite(evaluation.fitness)
    assert set(description.terms) <= set(evaluation.metrics)


# What docs/games.md makes of Wickling by [Fitness] alone.
SPARKS = ("Fitness.terms=sparks: gain coins x 10", "Fitness.won=none", "Fitness.won_bonus=0",
          "Fitness.stall_expression=coins", "Fitness.stall_frames=300")  # fmt: skip
ALIVE = ("Retro.states=Level1", "Fitness.terms=alive: per_frame abs(speed_x) > 0 x 0.1",
         "Fitness.won=none", "Fitness.won_bonus=0", "Fitness.stall_frames=none",
         "Fitness.max_frames=1800")  # fmt: skip
POINTS = ("Fitness.terms=points: gain score x 1.0", "Fitness.won_bonus=0",
          "Fitness.stall_expression=score", "Fitness.stall_frames=300")  # fmt: skip


def test_the_other_tasks_of_the_page_about_games_are_scored_as_it_says():
    frames = "Retro.frame_skip=1"
    settings = settings_of("wickling", *SPARKS, frames)
    sparks = evaluate(settings, Keys(settings.buttons.buttons, way("Practice")))
    # 100 points for a spark, 5,000 for the beacon; the game's own scenario ends there.
    assert sparks.fitness == sparks.metrics["sparks"] == (sparks.metrics["score"] - 5000) / 10 > 0
    assert sparks.endings == {"terminated": 1}
    standing = evaluate(settings_of("wickling", *ALIVE), Steady(0, 0, 0))
    assert (standing.fitness, standing.endings) == (0, {"max_frames": 1})
    settings = settings_of("wickling", *POINTS, frames)
    points = evaluate(settings, Keys(settings.buttons.buttons, way("Practice")))
    assert points.fitness == points.metrics["score"] >= 5000  # the beacon alone is worth that
    assert points.endings == {"won": 1}


def test_the_page_about_games_shows_these_very_settings():
    page = (integrations_folder().parent / "docs" / "games.md").read_text(encoding="utf-8")
    for override in (*SPARKS, *ALIVE, *POINTS):
        assert f'--set "{override}"' in page or f"--set {override}" in page
