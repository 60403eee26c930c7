"""What champions can do elsewhere: every champion played from every state.

Owns the matrix champion x state. A champion that wins only where it was trained knows its way by
heart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from neuroevo.config import Config
from neuroevo.errors import ConfigError
from neuroevo.replay import evaluate_genome, genome_stage, load_player
from neuroevo.tasks.retro.games import default_state, resolve_game, state_names
from neuroevo.tasks.retro.settings import RetroSettings
from neuroevo.tasks.retro.starts import ALL, POWER_ON, plain_name, states_of_all


@dataclass(frozen=True, slots=True)
class Transfer:
    """How champions did from states.

    Attributes:
        champions: names, one per row.
        states: names, one per column.
        fitness: (num_champions, num_states) float64, means over episodes.
        won: (num_champions, num_states) float64, shares of the episodes.
        is_trained: (num_champions, num_states) bool, the champion was trained on the state.
    """

    champions: tuple[str, ...]
    states: tuple[str, ...]
    fitness: npt.NDArray[np.float64]
    won: npt.NDArray[np.float64]
    is_trained: npt.NDArray[np.bool_]


def transfer(
    paths: Sequence[Path],
    states: Sequence[str] = (),
    *,
    episodes: int = 1,
    noops: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Transfer:
    """Play every champion from every state, under the rules of its own run.

    Args:
        paths: genome files or run directories.
        states: () takes those that the first one was trained on and those it held out; ``all``
            takes every state of its game.
        episodes: from each state; 1 is enough unless ``noops`` makes them differ.
        noops: every episode starts after 0 to this many idle frames.
        on_progress: told how many cells of the matrix are done, and how many there are.

    Raises:
        ConfigError: a run that is no game, or runs of different games.
        TaskError: a state that the game does not have.
    """
    settings = [_game_settings(path, load_player(path)[1]) for path in paths]
    other = next((s.game for s in settings if s.game != settings[0].game), None)
    if other is not None:
        raise ConfigError(
            [f"transfer: needs runs of one game; got {settings[0].game} and {other}. Split them."]
        )
    names = _states(settings[0], tuple(states))
    fitness, won = (np.zeros((len(paths), len(names))) for _ in range(2))
    trained = np.zeros((len(paths), len(names)), np.bool_)
    for row, path in enumerate(paths):
        own = _trained_on(path, settings[row])
        for column, state in enumerate(names):
            rules = [f"Retro.states={state}", "Retro.heldout_states=none", "Retro.curriculum=none"]
            result = evaluate_genome(path, episodes, noops=noops, num_workers=0, overrides=rules)
            fitness[row, column] = result["fitness"]["mean"]
            won[row, column] = result["solved"] / result["num_episodes"]
            trained[row, column] = state in own
            if on_progress is not None:
                on_progress(row * len(names) + column + 1, len(paths) * len(names))
    champions = tuple(_name(path) for path in paths)
    return Transfer(champions, names, fitness, won, trained)


def transfer_text(result: Transfer) -> str:
    """Return the matrix, a line per state: ``*`` won, brackets where it was trained."""
    width = max(len(name) for name in result.states)
    columns = [max(len(name), 12) for name in result.champions]
    head = "  ".join(f"{name:>{w}}" for name, w in zip(result.champions, columns, strict=True))
    lines = [f"{'':{width}}  {head}"]
    for index, state in enumerate(result.states):
        cells = [f"{_cell(result, row, index):>{w}}" for row, w in enumerate(columns)]
        lines.append(f"{state:{width}}  " + "  ".join(cells))
    return "\n".join([*lines, "fitness; * won every episode, [ ] the state it was trained on"])


def _cell(result: Transfer, row: int, column: int) -> str:
    star = "*" if result.won[row, column] == 1 else ""
    text = f"{result.fitness[row, column]:.5g}{star}"
    return f"[{text}]" if result.is_trained[row, column] else text


def _game_settings(path: Path, config: Config) -> RetroSettings:
    task = config.settings.task
    if not isinstance(task, RetroSettings):
        raise ConfigError([f"{path}: transfer needs a game; got another task. Pass retro runs."])
    return task


def _states(
    settings: RetroSettings, wanted: tuple[str, ...], *, with_heldout: bool = True
) -> tuple[str, ...]:
    game = resolve_game(settings.game, settings.integrations)
    if wanted == ALL:
        return state_names(game)
    if not wanted:
        trained = states_of_all(settings, game) if settings.states == ALL else settings.states
        heldout = settings.heldout_states if with_heldout else ()
        wanted = (*(trained or (_default(settings),)), *heldout)
    return tuple(dict.fromkeys(map(plain_name, wanted)))


def _trained_on(path: Path, settings: RetroSettings) -> tuple[str, ...]:
    """Return the states that a champion was trained on: of a curriculum no later than its own."""
    states, stage = _states(settings, (), with_heldout=False), genome_stage(path)
    last = None if stage is None else plain_name(stage)
    return states[: states.index(last) + 1] if last in states else states


def _default(settings: RetroSettings) -> str:
    return default_state(resolve_game(settings.game, settings.integrations)) or POWER_ON


def _name(path: Path) -> str:
    return path.name if path.is_dir() else path.stem
