"""What a settings file is better told before a run begins, though nothing in it is wrong."""

from __future__ import annotations

from neuroevo.config.game_files import reward_advice
from neuroevo.config.loading import DEFAULT, NEAT_DEFAULT, Config
from neuroevo.tasks.retro.fitness.terms import KINDS
from neuroevo.tasks.retro.settings import FitnessTerm, RetroSettings

_NEVER_FALLING = ("new_max", "gain", "loss", "milestones")
"""Kinds that measure 0 or more, so that a weight below 0 makes them fall."""


def advice(config: Config) -> tuple[str, ...]:
    """Return one line for each thing that is likely to spoil a run with these settings.

    What a file says of the evolution is meant so: there only what it leaves out is spoken of.
    """
    if config.settings.task is None:
        return ()
    return (*_extinction(config), *_standstill(config), *reward_advice(config))


def _extinction(config: Config) -> tuple[str, ...]:
    """Warn of neat-python's default that lets the last species die out.

    Of a short file's defaults this one alone decides: with 1 or more the best species is never
    removed, and with ``elitism`` alone a population of one species dies out all the same.
    """
    neat = config.settings.neat
    if neat.stagnation.species_elitism or neat.extinction_rule != "stop":
        return ()
    if not _is_left_out(config, "DefaultStagnation", "species_elitism"):
        return ()
    return (
        f"{config.name} [DefaultStagnation] species_elitism: should be given; left out, it is 0 as "
        f"in neat-python, and a species without progress for {neat.stagnation.max_stagnation} "
        f"generations is removed, even the last: then the run ends. Set it to 2, or set [NEAT] "
        f"preset = games.",
    )


def _standstill(config: Config) -> tuple[str, ...]:
    """Warn of a fitness whose terms cannot rise, while standing still ends the episode."""
    task = config.settings.task
    if not isinstance(task, RetroSettings):
        return ()
    fitness = task.fitness
    stall = fitness.stall_frames
    is_followed = fitness.use_scenario_reward or fitness.stall_expression
    if stall is None or stall >= fitness.max_frames or is_followed:
        return ()
    if any(_can_rise(term) for term in fitness.terms):
        return ()
    named = ", ".join(term.label for term in fitness.terms)
    return (
        f"{config.name} [Fitness] stall_frames: should be none where no term can be progress; got "
        f"{named} only, so every episode ends as stalled after {stall} frames, "
        f"unless it is over before. Set stall_frames = none, or add a stall_expression.",
    )


def _can_rise(term: FitnessTerm) -> bool:
    if not KINDS[term.kind].is_progress:
        return False
    return term.weight > 0 or term.kind not in _NEVER_FALLING


def _is_left_out(config: Config, section: str, key: str) -> bool:
    return any(
        (entry.section, entry.key) == (section, key) and entry.source in (DEFAULT, NEAT_DEFAULT)
        for entry in config.entries
    )
