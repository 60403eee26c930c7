"""Where episodes begin: the save states to train on, and those held out.

Owns which states a run plays and how often. A held-out state is never trained on, so what a
champion does there shows whether it learned to play or learned the levels by heart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.settings import RetroSettings

ALL = ("all",)
POWER_ON = "power-on"


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
    heldout = tuple(_plain(name) for name in settings.heldout_states)
    training = _training_names(settings, emulator.game, heldout)
    both = [name for name in training if name in heldout]
    if both:
        raise TaskError(
            f"[Retro] heldout_states: must not be trained on; got {', '.join(map(str, both))} in "
            f"states, too. Take it out of one of them."
        )
    _check_stages(settings, training)
    return Starts(_load(training, emulator), _load(heldout, emulator))


def check_starts(settings: RetroSettings) -> None:
    """Check what can be checked without a game.

    Raises:
        TaskError: a state is named twice, or episodes that would all be the same.
    """
    for key, names in (("states", settings.states), ("heldout_states", settings.heldout_states)):
        if len(set(names)) < len(names):
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


def _training_names(
    settings: RetroSettings, game: games.GameFolders, heldout: tuple[str, ...]
) -> tuple[str | None, ...]:
    if settings.states != ALL:
        return settings.states or (games.default_state(game),)
    names = tuple(name for name in games.state_names(game) if name not in heldout)
    if not names:
        raise TaskError(
            f"[Retro] states: all must leave a state to train on; got none of {game.name} beside "
            f"those held out. Hold fewer out, or name states."
        )
    return names


def _check_stages(settings: RetroSettings, training: tuple[str | None, ...]) -> None:
    if settings.curriculum is not None and len(training) < 2:
        raise TaskError(
            f"[Retro] curriculum: must have two states or more to go through; got "
            f"{len(training)}. Name them in states, the easiest first."
        )


def _load(names: Iterable[str | None], emulator: Emulator) -> dict[str, bytes]:
    states = {name or POWER_ON: emulator.start_state(name) for name in names}
    for state in states.values():
        emulator.reset(state)  # a refused state shows now, not in a worker
    return states


def _plain(name: str) -> str:
    return name.removesuffix(".state")
