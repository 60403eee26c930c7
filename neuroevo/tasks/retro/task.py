"""The retro task: a network plays a game on a real emulator.

Puts the parts of this room together; owns the fingerprint and the mean over episodes.
"""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.buttons.mapper import ButtonMapper
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.episode import Episode, Player, StickyButtons, play_episode
from neuroevo.tasks.retro.fitness.scenario import load_scenario
from neuroevo.tasks.retro.fitness.scoring import Scorer
from neuroevo.tasks.retro.observation.observer import (
    JoinedObserver,
    NoiseObserver,
    Observer,
    WatchedObserver,
    Watcher,
    make_observer,
    warm_up,
)
from neuroevo.tasks.retro.profile import Stopwatch
from neuroevo.tasks.retro.settings import RetroSettings
from neuroevo.tasks.retro.starts import POWER_ON, Starts, check_starts, load_starts
from neuroevo.tasks.task import EpisodeSeeds, Evaluation, Network, TaskDescription

_COMBINE: dict[str, Callable[[list[float]], float]] = {
    "mean": lambda values: sum(values) / len(values),
    "min": min,
    "median": statistics.median,
}
Recorder = Callable[[Emulator, str], Emulator]
"""Makes of the emulator, and the name of the state an episode begins from, one that records it."""

# Stream 0 draws the idle frames: noise and slow fingers must not change where an episode starts.
NOISE_STREAM, STICKY_STREAM = 1, 2


@dataclass(frozen=True, slots=True)
class _Running:
    """The started game: the player, its eyes, and the bytes that episodes start from."""

    player: Player
    eyes: JoinedObserver
    starts: Starts


class RetroTask:
    """Scores networks on a game; the emulator starts at the first use."""

    def __init__(self, settings: RetroSettings) -> None:
        """Check what can be checked without an emulator.

        Raises:
            TaskError: a count is out of range.
        """
        _check_counts(settings)
        self._settings = settings
        self._running: _Running | None = None

    def describe(self) -> TaskDescription:
        """Return sizes, determinism and fingerprint; starts the emulator.

        Raises:
            TaskError: the game cannot be played with these settings on this machine.
        """
        running = self._start()
        settings, player = self._settings, running.player
        per_episode = settings.fitness.max_frames + settings.noops
        num_states = len(running.starts.training)
        wins, window = settings.curriculum or (1, 1)
        return TaskDescription(
            name=player.emulator.game.name,
            num_inputs=player.observer.num_inputs,
            num_outputs=player.buttons.num_outputs,
            is_deterministic=_is_deterministic(settings),
            max_frames=num_states * settings.episodes * per_episode,
            has_champion_test=bool(running.starts.heldout),
            max_test_frames=len(running.starts.heldout) * settings.episodes * per_episode,
            test_every=settings.heldout_every,
            is_test_decisive=False,
            stage_names=list(running.starts.training) if settings.curriculum else [],
            stage_wins=wins,
            stage_window=window,
            terms=player.scorer.contribution_names(),
            fingerprint=_fingerprint(player, running.starts),
        )

    def evaluate(
        self,
        network: Network,
        seeds: EpisodeSeeds,
        watch: Watcher | None = None,
        record: Recorder | None = None,
        stopwatch: Stopwatch | None = None,
    ) -> Evaluation:
        """Play the episodes of every state, or those of the curriculum's present one.

        The fitness is what ``combine`` makes of theirs; metrics are means over them.

        Args:
            network: or any policy, such as a :class:`~neuroevo.tasks.random_policy.RandomPolicy`.
            seeds: of the idle frames at the start, the noise and the slow fingers, where there are
                any; and the stage.
            watch: is shown every decision, for a film; the result is the same without.
            record: gives the emulator of each episode, for a movie; the result is the same without.
            stopwatch: learns where the time goes; the result is the same without.
        """
        states = list(self._start().starts.training.items())
        if self._settings.curriculum is not None:
            states = states[seeds.stage : seeds.stage + 1]
        episodes = self._play(network, seeds, states, watch, record, stopwatch)
        return summarize(episodes, self._settings.combine)

    def test(self, network: Network) -> Evaluation:
        """Play the held-out states; every test plays the same episodes.

        Returns:
            An evaluation whose metrics are ``heldout_fitness``, ``heldout_won`` (the share of
            episodes) and the fitness in each state, ``heldout_fitness:STATE``.
        """
        starts = self._start().starts.heldout
        seeds = EpisodeSeeds(run_seed=0, generation=0, genome_id=0)
        episodes = self._play(network, seeds, list(starts.items()))
        whole = summarize(episodes, "mean")
        metrics = {
            "heldout_fitness": whole.fitness,
            "heldout_won": whole.endings.get("won", 0) / len(episodes),
        }
        count = self._settings.episodes
        for index, name in enumerate(starts):
            part = summarize(episodes[index * count : (index + 1) * count], "mean")
            metrics[f"heldout_fitness:{name}"] = part.fitness
        return replace(whole, metrics=metrics)

    def start_variables(self) -> dict[str, int]:
        """Return the variables of data.json at the start of the first state."""
        running = self._start()
        emulator = running.player.emulator
        emulator.reset(next(iter(running.starts.training.values())))
        return emulator.variables()

    def close(self) -> None:
        """Release the emulator; the next use starts it again."""
        if self._running is not None:
            self._running.player.emulator.close()
            self._running = None

    def _play(
        self,
        network: Network,
        seeds: EpisodeSeeds,
        states: Sequence[tuple[str, bytes]],
        watch: Watcher | None = None,
        record: Recorder | None = None,
        stopwatch: Stopwatch | None = None,
    ) -> list[Episode]:
        """Play all episodes from ``states``, names and bytes, those of one state in a row."""
        running, count = self._start(), self._settings.episodes
        if stopwatch is not None:
            network = stopwatch.network(network)
        episodes = []
        for index in range(count * len(states)):
            name, state = states[index // count]
            player = self._player(running, seeds, index, watch)
            if record is not None:
                player = replace(player, emulator=record(player.emulator, name))
            if stopwatch is not None:
                player = stopwatch.player(player)
            idle_frames = self._idle_frames(index, seeds)
            episodes.append(play_episode(player, network, state, idle_frames))
        return episodes

    def _start(self) -> _Running:
        if self._running is None:
            self._running = _start(self._settings)
        return self._running

    def _player(
        self, running: _Running, seeds: EpisodeSeeds, episode: int, watch: Watcher | None
    ) -> Player:
        """Return the player with the eyes and fingers of one episode."""
        settings, sticky = self._settings, None
        observer: Observer = running.eyes
        if settings.observation.noise:
            generator = seeds.generator(episode, stream=NOISE_STREAM)
            observer = NoiseObserver(running.eyes, generator)
        if watch is not None:
            observer = WatchedObserver(observer, watch)
        if settings.sticky_prob:
            generator = seeds.generator(episode, stream=STICKY_STREAM)
            sticky = StickyButtons(settings.sticky_prob, generator)
        return replace(running.player, observer=observer, sticky=sticky)

    def _idle_frames(self, episode: int, seeds: EpisodeSeeds) -> int:
        if not self._settings.noops:
            return 0
        generator = seeds.generator(episode, per_genome=not self._settings.same_starts)
        return int(generator.integers(0, self._settings.noops + 1))


def summarize(episodes: Sequence[Episode], combine: str) -> Evaluation:
    """Return the evaluation of one network from its episodes, in their order.

    Args:
        episodes: at least one.
        combine: ``mean``, ``min`` or ``median`` of their fitnesses; metrics are always means.
    """
    count = len(episodes)
    metrics: dict[str, float] = {}
    endings: dict[str, int] = {}
    for episode in episodes:
        endings[episode.ending] = endings.get(episode.ending, 0) + 1
        for name, value in _metrics(episode).items():
            metrics[name] = metrics.get(name, 0.0) + value
    return Evaluation(
        fitness=_COMBINE[combine]([episode.score.fitness for episode in episodes]),
        metrics={name: total / count for name, total in metrics.items()},
        endings=endings,
        num_frames=sum(e.num_frames + e.num_idle_frames for e in episodes),
        solved=endings.get("won", 0) == count,
    )


def _metrics(episode: Episode) -> dict[str, float]:
    metrics = {**episode.score.contributions, "frames": float(episode.num_frames)}
    metrics |= episode.button_counts
    if "score" in episode.variables:
        metrics["score"] = float(episode.variables["score"])
    return metrics


def preload(settings: RetroSettings) -> None:
    """Load the emulator's library, and compile the kernels in use; no game is started."""
    import stable_retro  # noqa: F401

    warm_up(settings.observation)


def _start(settings: RetroSettings) -> _Running:
    warm_up(settings.observation)
    game = games.resolve_game(settings.game, settings.integrations)
    emulator = Emulator.open(game, settings.scenario, allow_scripts=settings.allow_scripts)
    try:
        return _assemble(emulator, settings)
    except BaseException:
        emulator.close()  # or no other emulator could start in this process
        raise


def _assemble(emulator: Emulator, settings: RetroSettings) -> _Running:
    starts = load_starts(settings, emulator)
    variables = emulator.variables()
    has_reward = settings.fitness.use_scenario_reward
    scenario = load_scenario(emulator, variables, has_reward=has_reward)
    buttons = ButtonMapper(settings.buttons, emulator.buttons, emulator.button_groups)
    eyes = make_observer(settings.observation, emulator, buttons, settings.fitness.max_frames)
    player = Player(
        emulator=emulator,
        observer=eyes,
        buttons=buttons,
        scorer=Scorer(settings.fitness, variables, scenario),
        frame_skip=settings.frame_skip,
    )
    return _Running(player, eyes, starts)


def _is_deterministic(settings: RetroSettings) -> bool:
    return not (settings.noops or settings.observation.noise or settings.sticky_prob)


def _check_counts(settings: RetroSettings) -> None:
    for where, value, least in (
        ("[Retro] frame_skip", settings.frame_skip, 1),
        ("[Retro] noops", settings.noops, 0),
        ("[Retro] episodes", settings.episodes, 1),
        ("[Retro] heldout_every", settings.heldout_every, 1),
        ("[Fitness] max_frames", settings.fitness.max_frames, 1),
        ("[Fitness] stall_frames", settings.fitness.stall_frames or 1, 1),
    ):
        if value < least:
            raise TaskError(f"{where}: must be at least {least}; got {value}. Raise it.")
    if settings.buttons.autofire and settings.frame_skip < 2:
        raise TaskError(
            f"[Buttons] autofire: frame_skip must be at least 2, so that a button can be released "
            f"within a decision; got {settings.frame_skip}. Raise frame_skip or drop autofire."
        )
    if not 0.0 <= settings.sticky_prob <= 1.0:
        raise TaskError(
            f"[Retro] sticky_prob: must be a probability from 0 to 1; got {settings.sticky_prob}. "
            f"Use e.g. 0.25."
        )
    check_starts(settings)


def _fingerprint(player: Player, starts: Starts) -> dict[str, str]:
    import stable_retro

    emulator = player.emulator
    height, width = emulator.screen().shape[:2]
    prints = {
        "screen": f"{height}x{width}",
        "game": emulator.game.name,
        "rom_sha1": hashlib.sha1(emulator.rom.read_bytes()).hexdigest(),
        "data_sha256": _sha256(emulator.game.need("data.json")),
        "scenario_sha256": _sha256(emulator.scenario) if emulator.scenario else "none",
        "core": emulator.core,
        "stable_retro": stable_retro.__version__.strip(),
    }
    for name, state in {**starts.training, **starts.heldout}.items():
        # get_state leaves bytes undefined: a state from power-on has no stable hash
        is_file = name != POWER_ON
        prints[f"state_{name}_sha256"] = hashlib.sha256(state).hexdigest() if is_file else "none"
    return prints


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
