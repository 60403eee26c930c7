"""A settings file held against the files of the game that it names, before anything is played.

Where the game does not resolve nothing is said here: whoever plays it says why.
"""

from __future__ import annotations

from neuroevo.config.loading import Config
from neuroevo.errors import ConfigError, TaskError
from neuroevo.tasks.retro.check.lint import LintTarget, reward_findings, target_of
from neuroevo.tasks.retro.settings import RetroSettings


def check_game(config: Config) -> None:
    """See that the variables and buttons in a file are the game's; starts no emulator.

    Raises:
        ConfigError: with every name of ``[Observation]``, ``[Buttons]`` and ``[Fitness]`` that is
            not.
    """
    target = game_of_config(config)
    found = target.of_settings if target is not None else None
    if found:
        placed = sorted(found, key=lambda finding: finding.line)
        raise ConfigError([
            f"{finding.file}{f':{finding.line}' if finding.line else ''} {finding.message}"
            for finding in placed
        ])  # fmt: skip


def reward_advice(config: Config) -> tuple[str, ...]:
    """Return what is doubtful about the scenario's reward, if it is what a fitness consists of."""
    task = config.settings.task
    if not isinstance(task, RetroSettings) or not task.fitness.use_scenario_reward:
        return ()
    target = game_of_config(config)
    return tuple(f.text for f in reward_findings(target)) if target is not None else ()


def game_of_config(config: Config) -> LintTarget | None:
    """Return the game of a file for the linter; None without one that resolves."""
    task = config.settings.task
    if not isinstance(task, RetroSettings):
        return None
    try:
        return target_of(task, lambda section, key: place_of_key(config, section, key))
    except TaskError:
        return None


def place_of_key(config: Config, section: str, key: str) -> tuple[str, int]:
    """Return file and line of a key, 0 for the whole file, also behind a preset."""
    sources = [e.source for e in config.entries if (e.section, e.key) == (section, key)]
    where = sources[0].partition(" preset ")[0] if sources else ""
    file, _, line = where.rpartition(":")
    if line.isdecimal():
        return file, int(line)
    return (where, 0) if where.startswith("--") else (config.name, 0)
