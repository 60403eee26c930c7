"""The genome that a run begins with in place of random ones: does it fit, and what did it know?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from neuroevo.config import Config, Settings, loads
from neuroevo.errors import ConfigError, GenomeError, NetworkError
from neuroevo.neat.genome import Genome
from neuroevo.network.compile import compile_network
from neuroevo.storage.genome_file import load_genome
from neuroevo.storage.run_directory import RunDirectory
from neuroevo.tasks.retro.settings import RetroSettings

LONGEST_SHOWN = 60
"""Letters of a setting in a message."""


def seed_genome(config: Config) -> Genome | None:
    """Return the genome that the run begins with, seen to fit the settings.

    Raises:
        StorageError: no such file, or no genome in it.
        ConfigError: it has other inputs or outputs, or cycles where none are allowed.
    """
    given = config.settings.run.seed_genome
    if given is None:
        return None
    genome, card = _load_seed(given)
    sizes = config.settings.neat.genome
    wanted = (sizes.num_inputs, sizes.num_outputs)
    carried = _settings_of(card, given)
    own = sizes if carried is None else carried.neat.genome
    try:
        if (own.num_inputs, own.num_outputs) != wanted:
            raise GenomeError(f"{own.num_inputs} inputs and {own.num_outputs} outputs")
        compile_network(genome, *wanted, feed_forward=sizes.feed_forward)
    except (GenomeError, NetworkError) as error:
        raise ConfigError(
            [
                f"[Run] seed_genome: must fit the run, {wanted[0]} inputs and {wanted[1]} outputs; "
                f"got {given} with {error}. Use the observation, buttons and network kind that it "
                "was evolved with."
            ]
        ) from error
    return genome


def seed_differences(config: Config) -> tuple[str, ...]:
    """Return what the seed genome of a game saw and pressed otherwise where it was evolved.

    Where only the number of inputs and outputs is the same, it begins with another game's eyes or
    fingers; that may be meant.
    """
    given, task = config.settings.run.seed_genome, config.settings.task
    if given is None or not isinstance(task, RetroSettings):
        return ()
    carried = _settings_of(_load_seed(given)[1], given)
    if carried is None or not isinstance(carried.task, RetroSettings):
        return ()
    pairs = (
        ("Observation", carried.task.observation, task.observation),
        ("Buttons", carried.task.buttons, task.buttons),
    )
    told = {section: _differences(old, new) for section, old, new in pairs}
    return tuple(
        f"[Run] seed_genome: should be evolved with the same [{section}]; got {given} with "
        f"{', '.join(differences)}. It may begin as if it had learned nothing."
        for section, differences in told.items()
        if differences
    )


def _differences(old: Any, new: Any) -> list[str]:
    """Return the fields that two settings have otherwise, with both values."""
    return [
        f"{item.name} = {_shown(getattr(old, item.name))} (here {_shown(getattr(new, item.name))})"
        for item in fields(new)
        if getattr(old, item.name) != getattr(new, item.name)
    ]


def _load_seed(given: str) -> tuple[Genome, dict[str, Any]]:
    path = Path(given)
    return load_genome(RunDirectory.open(path).best / "best.npz" if path.is_dir() else path)


def _settings_of(card: Mapping[str, Any], name: str) -> Settings | None:
    """Return the settings that a genome carries; None without any."""
    return loads(str(card["config"]), name).settings if "config" in card else None


def _shown(value: object) -> str:
    """Return a value of the settings for a message: short, combinations as in a file."""
    if isinstance(value, tuple):
        value = ", ".join(_part_shown(part) for part in value) or "none"
    text = str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def _part_shown(part: object) -> str:
    if isinstance(part, tuple) and all(isinstance(name, str) for name in part):
        return "+".join(part) or "NONE"
    return _shown(part)
