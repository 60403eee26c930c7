"""Whether a run has ended, why, and what makes it go on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from neuroevo.config import Config
from neuroevo.neat.settings import NeatSettings
from neuroevo.storage.checkpoint import checkpoint_generation, list_checkpoints
from neuroevo.storage.run_directory import RunDirectory
from neuroevo.storage.run_log import read_generations


def is_finished(config: Config, folder: Path) -> str | None:
    """Return why a run needs no further generation and how it gets one, or None with work left."""
    run, settings = RunDirectory.open(folder), config.settings
    records = read_generations(run.log) if run.log.exists() else []
    if not records:
        return None
    last = records[-1]
    number = last["generation"]
    saved = list_checkpoints(run.checkpoints)
    if not any(checkpoint_generation(path) > number for path in saved):
        return None  # its line is written, and its checkpoint was not: a disk was full
    if last.get("solved") and settings.run.stop_when_solved:
        return f"solved in generation {number}. To go on all the same, {how_on('solved', run)}."
    if _has_reached_threshold(settings.neat, last):
        to_go_on = how_on("fitness threshold", run)
        return f"reached its fitness threshold in generation {number}. To go on, {to_go_on}."
    limit = settings.run.frames
    if limit is not None and sum(record["num_frames"] for record in records) >= limit:
        return f"all {limit:,} frames are run. Pass a larger --frames for more."
    if number + 1 >= settings.run.generations:
        return (
            f"all {settings.run.generations} generations are done. Pass a larger --generations for "
            "more."
        )
    return None


def how_on(reason: str, run: RunDirectory) -> str:
    """Return what makes a run go on that has ended for a reason of its ``Outcome``."""
    command = f"neuroevo resume {run.path}"
    return {
        "solved": f"set [Run] stop_when_solved = false in {run.config}, then {command}",
        "fitness threshold": f"raise [NEAT] fitness_threshold in {run.config}, then {command}",
        "frames": f"{command} --frames N",
        "time": command,
    }.get(reason, f"{command} --generations N")


def _has_reached_threshold(neat: NeatSettings, record: Mapping[str, Any]) -> bool:
    """Tell whether a generation ended its run for its fitness, and would do so today."""
    if neat.no_fitness_termination or neat.fitness_threshold is None:
        return False
    names = {"max": "best_fitness", "mean": "mean_fitness", "min": "min_fitness"}
    value = record.get(names[neat.fitness_criterion])
    is_enough = not isinstance(value, int | float) or value >= neat.fitness_threshold
    return bool(record.get("reached_threshold")) and is_enough
