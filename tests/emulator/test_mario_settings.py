"""mario.ini runs on our own game with only the game's name changed: memory has the same map."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from neuroevo import evolve
from neuroevo.config import load
from neuroevo.shipped import find_config, integrations_folder
from neuroevo.storage.run_log import read_log
from neuroevo.tasks.retro.settings import RetroSettings
from neuroevo.tasks.retro.task import RetroTask
from neuroevo.tasks.task import EpisodeSeeds

OUR_GAME = "Retro.game=Wickling-Nes"
FOLDER = integrations_folder() / "Wickling-Nes-v0"
SEEDS = EpisodeSeeds(1, 0, 0)


class Silent:
    """Watches and says nothing."""

    def started(self, description, generation, generations):
        pass

    def progress(self, num_done, num_genomes):
        pass

    def generation(self, record):
        pass

    def event(self, text):
        pass


class Keys:
    """A policy that plays a stored way, one line of buttons per frame."""

    def __init__(self, buttons: tuple[str, ...], frames: list[str]) -> None:
        self._outputs = [[float(b in f.split("+")) for b in buttons] for f in frames]

    def reset(self) -> None:
        self._at = 0

    def activate(self, inputs):
        self._at += 1
        nothing = np.zeros(len(self._outputs[0]))
        return np.array(self._outputs[self._at - 1]) if self._at <= len(self._outputs) else nothing


def way(name: str) -> list[str]:
    """Return the buttons of every frame of a stored way."""
    text = (FOLDER / "solutions" / f"{name}.txt").read_text()
    runs = [line.split() for line in text.partition("\n\n")[2].splitlines() if line.strip()]
    return [buttons for count, buttons in runs for _ in range(int(count))]


def retro_settings(*overrides: str) -> RetroSettings:
    task = load(find_config("mario"), [OUR_GAME, *overrides]).settings.task
    assert isinstance(task, RetroSettings)
    return task


def test_a_population_evolves_with_only_the_name_of_the_game_changed(tmp_path: Path) -> None:
    small = ["NEAT.pop_size=12", "Run.generations=2", "Run.workers=2"]
    config = load(find_config("mario"), [OUR_GAME, *small])
    outcome = evolve.start(config, tmp_path / "run", Silent())
    records = read_log(tmp_path / "run" / "log.jsonl")
    assert outcome.num_generations == len(records) == 2
    # Some of the first dozen go right: the progress is that of the screen, in pixels.
    assert max(record["best_metrics"]["progress"] for record in records) > 50
    assert all(record["best_metrics"]["progress"] < 2000 for record in records)


def test_a_way_to_the_beacon_is_won_under_the_rules_of_mario() -> None:
    settings = retro_settings("Retro.frame_skip=1", "Retro.states=Practice")
    task = RetroTask(settings)
    try:
        evaluation = task.evaluate(Keys(settings.buttons.buttons, way("Practice")), SEEDS)
    finally:
        task.close()
    assert evaluation.endings == {"won": 1}
    # The screen, 16 columns wide, stops at the end of the level.
    text = (FOLDER / "src" / "levels" / "0-practice.txt").read_text().split()
    assert evaluation.metrics["progress"] == (len(text[-1]) - 16) * 16
    assert evaluation.metrics["won_bonus"] == 1000


def test_a_death_ends_the_episode_under_the_rules_of_mario() -> None:
    settings = retro_settings("Retro.frame_skip=1", "Retro.states=Practice")
    runner = Keys(settings.buttons.buttons, way("Practice")[:78] + ["RIGHT+B"] * 3000)
    task = RetroTask(settings)
    try:
        evaluation = task.evaluate(runner, SEEDS)
    finally:
        task.close()
    assert evaluation.endings == {"died": 1}
    assert evaluation.metrics["progress"] > 300  # over the stone and under the roof, into the pit


def test_mario_asks_for_nothing_that_the_real_games_data_does_not_have() -> None:
    import json

    import stable_retro

    game = "SuperMarioBros-Nes-v0"
    shipped = Path(stable_retro.__file__).parent / "data/stable" / game / "data.json"
    theirs = json.loads(shipped.read_text())["info"]
    overlay = json.loads((integrations_folder() / game / "data.json").read_text())["info"]
    ours = json.loads((FOLDER / "data.json").read_text())["info"]
    assert {name: ours[name] for name in theirs} == theirs
    # The overlay's names mean the same bytes in our own game.
    assert {n: ours[n] for n in overlay if n in ours} == {
        n: overlay[n] for n in overlay if n in ours
    }
    from neuroevo.tasks.retro.fitness.scoring import Scorer

    Scorer(retro_settings().fitness, set(overlay))  # compiles every expression on their names
