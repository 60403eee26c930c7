"""Where episodes begin: the save states to train on, and those held out.

Owns which states a run plays and how often. A held-out state is never trained on, so what a
champion does there shows whether it learned to play or learned the levels by heart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.settings import RetroSettings

ALL = ("all",)
POWER_ON = "power-on"
_NOT_IN_ALL = re.compile(r"heldout-|play-\d+$")


@dataclass(frozen=True, slots=True)
class Starts:
    """The bytes of save states by name, in the order in which they are played.

    Attributes:
        training: at least one.
        heldout: may be empty.
    """

    training: dict[str, bytes]
    heldout: dict[str, bytes]


def load_starts(settings: RetroSettings, emulator: Emulator) -> Starts:
    """Load all states of a run, and see that the core takes each of them.

    Raises:
        TaskError: an unknown or refused state, or a state that is both trained on and held out.
    """
    heldout = tuple(map(plain_name, settings.heldout_states))
    training = _training_names(settings, emulator.game)
    both = [name for name in training if name is not None and plain_name(name) in heldout]
    if both:
        raise TaskError(
            f"[Retro] heldout_states: must not be trained on; got {', '.join(both)} in "
            f"states, too. Take it out of one of them."
        )
    _check_stages(settings, training)
    where = "[Retro] states" if settings.states else ""
    return Starts(
        _load(training, emulator, where), _load(heldout, emulator, "[Retro] heldout_states")
    )


def check_starts(settings: RetroSettings) -> None:
    """Check what can be checked without a game.

    Raises:
        TaskError: a state is named twice, ``all`` stands beside a state or is held out, or
            episodes would all be the same.
    """
    for key, names in (("states", settings.states), ("heldout_states", settings.heldout_states)):
        _check_all_is_alone(key, names)
        if len(set(map(plain_name, names))) < len(names):
            raise TaskError(
                f"[Retro] {key}: must name each state once; got {', '.join(names)}. For more "
                f"episodes from one state raise [Retro] episodes."
            )
    varies = settings.noops or settings.observation.noise or settings.sticky_prob
    if settings.episodes > 1 and not varies:
        raise TaskError(
            f"[Retro] episodes: must be 1 where nothing differs between episodes; got "
            f"{settings.episodes}. The emulator is exact, so a repeated episode would be the "
            f"same: set noops or sticky_prob, or name several states."
        )


def states_of_all(settings: RetroSettings, game: games.GameFolders) -> tuple[str, ...]:
    """Return what ``states = all`` means: the game's states to train on, in natural order.

    These are not meant: states held out, those that somebody made to be held out (their names
    begin with ``heldout-``), and those that ``neuroevo play`` has counted (``play-001``): whoever
    saves one by the way does not mean to train on it.
    """
    heldout = set(map(plain_name, settings.heldout_states))
    return tuple(
        name
        for name in games.state_names(game)
        if name not in heldout and not _NOT_IN_ALL.match(name)
    )


def plain_name(name: str) -> str:
    """Return the name of a state as the game's files give it; a path stays as it is."""
    return name if Path(name).is_absolute() else name.removesuffix(".state")


def _training_names(settings: RetroSettings, game: games.GameFolders) -> tuple[str | None, ...]:
    if settings.states != ALL:
        return settings.states or (games.default_state(game),)
    names = states_of_all(settings, game)
    if not names:
        raise TaskError(
            f"[Retro] states: all must leave a state to train on; got none of {game.name} beside "
            f"heldout-*, play-* and those held out. Hold fewer out, or name states."
        )
    return names


def _check_all_is_alone(key: str, names: tuple[str, ...]) -> None:
    if ALL[0] in names and (key != "states" or names != ALL):
        rule = "all must stand alone" if key == "states" else "must be states by name"
        raise TaskError(
            f"[Retro] {key}: {rule}; got {', '.join(names)}. Name states, or set states = all."
        )


def _check_stages(settings: RetroSettings, training: tuple[str | None, ...]) -> None:
    if settings.curriculum is not None and len(training) < 2:
        raise TaskError(
            f"[Retro] curriculum: must have two states or more to go through; got "
            f"{len(training)}. Name them in states, the easiest first."
        )


def _load(names: Iterable[str | None], emulator: Emulator, where: str) -> dict[str, bytes]:
    states = {name or POWER_ON: emulator.start_state(name, where) for name in names}
    for state in states.values():
        emulator.reset(state)  # a refused state shows now, not in a worker
    return states
