"""Sizes that only the task knows: filling ``auto``, and explaining a mismatch."""

from __future__ import annotations

from dataclasses import replace

from neuroevo.config.loading import Config
from neuroevo.errors import ConfigError
from neuroevo.tasks.retro.settings import ObservationSettings, RetroSettings
from neuroevo.tasks.task import TaskDescription


def resolve_sizes(config: Config, description: TaskDescription) -> Config:
    """Fill ``auto`` sizes from the task, and check the others.

    Raises:
        ConfigError: a size in the file is not the task's.
    """
    genome = config.settings.neat.genome
    sizes = {"num_inputs": description.num_inputs, "num_outputs": description.num_outputs}
    problems = [
        _size_problem(config, key, size, description)
        for key, size in sizes.items()
        if getattr(genome, key) not in (0, size)
    ]
    if problems:
        raise ConfigError(problems)
    genome = replace(genome, num_inputs=description.num_inputs, num_outputs=description.num_outputs)
    neat = replace(config.settings.neat, genome=genome)
    settings = replace(config.settings, neat=neat)
    entries = tuple(
        replace(entry, value=str(sizes[entry.key]))
        if entry.section == "DefaultGenome" and entry.key in sizes
        else entry
        for entry in config.entries
    )
    return Config(config.name, settings, entries)


def _size_problem(config: Config, key: str, size: int, description: TaskDescription) -> str:
    entry = next(entry for entry in config.entries if entry.key == key)
    task = config.settings.task
    giver = description.name
    advice = f"Set {key} = auto or {size}."
    if isinstance(task, RetroSettings):
        giver = task.game
        if key == "num_inputs":
            giver += _observed(task.observation, description)
        if key == "num_outputs" and task.buttons.mode == "threshold":
            advice += " [Buttons] outputs = console gives one output per button of the console."
    return (
        f"{entry.source} [DefaultGenome] {key}: must fit the task; got {key} = {entry.value},"
        f" but {giver} gives {size}. {advice}"
    )


def _observed(observation: ObservationSettings, description: TaskDescription) -> str:
    """Return what the number of inputs follows from, to be read after the game's name."""
    if len(observation.source) > 1:
        return f" with source = {', '.join(observation.source)}"
    if observation.source == ("tiles",):
        return f" with tiles of radius {observation.radius}"
    if not {"grey", "rgb"} & set(observation.source) or observation.height is not None:
        return ""
    screen = description.fingerprint.get("screen")
    return f"{f' at {screen}' if screen else ''} with scale {observation.scale}"
