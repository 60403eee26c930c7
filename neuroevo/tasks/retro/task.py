"""The retro task: a network plays a game on a real emulator.

Puts the parts of this room together; owns the fingerprint and the mean over episodes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.buttons import ButtonMapper
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.episode import Episode, Player, play_episode
from neuroevo.tasks.retro.observation import (
    WatchedObserver,
    Watcher,
    make_noise,
    make_observer,
    warm_up,
)
from neuroevo.tasks.retro.scenario import check_scripts, load_scenario
from neuroevo.tasks.retro.scoring import Scorer
from neuroevo.tasks.retro.settings import RetroSettings
from neuroevo.tasks.task import EpisodeSeeds, Evaluation, Network, TaskDescription

NOISE_STREAM = 1  # stream 0 draws the idle frames: noise must not change where an episode starts


@dataclass(frozen=True, slots=True)
class _Running:
    """The started game: the player and, per episode, the bytes it starts from."""

    player: Player
    states: dict[str, bytes]


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
        return TaskDescription(
            name=player.emulator.game.name,
            num_inputs=player.observer.num_inputs,
            num_outputs=player.buttons.num_outputs,
            is_deterministic=settings.noops == 0 and not settings.observation.noise,
            max_frames=len(running.states) * per_episode,
            fingerprint=_fingerprint(player, running.states),
        )

    def evaluate(
        self, network: Network, seeds: EpisodeSeeds, watch: Watcher | None = None
    ) -> Evaluation:
        """Play one episode per state; fitness and metrics are means over them.

        Args:
            network: or any policy, such as a :class:`~neuroevo.tasks.random_policy.RandomPolicy`.
            seeds: of the idle frames at the start and of the noise, where there are any.
            watch: is shown every decision, for a film; the result is the same without.
        """
        running = self._start()
        episodes = []
        for index, state in enumerate(running.states.values()):
            player = self._player(running.player, seeds, index, watch)
            idle_frames = self._idle_frames(index, seeds)
            episodes.append(play_episode(player, network, state, idle_frames))
        return summarize(episodes)

    def test(self, network: Network) -> Evaluation:
        """Evaluate on the first seeds; the task has no other test for champions."""
        return self.evaluate(network, EpisodeSeeds(run_seed=0, generation=0, genome_id=0))

    def start_variables(self) -> dict[str, int]:
        """Return the variables of data.json at the start of the first state."""
        running = self._start()
        emulator = running.player.emulator
        emulator.reset(next(iter(running.states.values())))
        return emulator.variables()

    def close(self) -> None:
        """Release the emulator; the next use starts it again."""
        if self._running is not None:
            self._running.player.emulator.close()
            self._running = None

    def _start(self) -> _Running:
        if self._running is None:
            self._running = _start(self._settings)
        return self._running

    def _player(
        self, player: Player, seeds: EpisodeSeeds, episode: int, watch: Watcher | None
    ) -> Player:
        """Return the player with the eyes of one episode."""
        observer, settings = player.observer, self._settings.observation
        if settings.noise:
            generator = seeds.generator(episode, stream=NOISE_STREAM)
            observer = make_noise(settings, observer.shape, generator)
        if watch is not None:
            observer = WatchedObserver(observer, watch)
        return replace(player, observer=observer)

    def _idle_frames(self, episode: int, seeds: EpisodeSeeds) -> int:
        if not self._settings.noops:
            return 0
        generator = seeds.generator(episode, per_genome=not self._settings.same_starts)
        return int(generator.integers(0, self._settings.noops + 1))


def summarize(episodes: list[Episode]) -> Evaluation:
    """Return the mean fitness and metrics of episodes of one network, in their order."""
    count = len(episodes)
    metrics: dict[str, float] = {}
    endings: dict[str, int] = {}
    for episode in episodes:
        endings[episode.ending] = endings.get(episode.ending, 0) + 1
        for name, value in _metrics(episode).items():
            metrics[name] = metrics.get(name, 0.0) + value
    return Evaluation(
        fitness=sum(episode.score.fitness for episode in episodes) / count,
        metrics={name: total / count for name, total in metrics.items()},
        endings=endings,
        num_frames=sum(e.num_frames + e.num_idle_frames for e in episodes),
        solved=endings.get("won", 0) == count,
    )


def _metrics(episode: Episode) -> dict[str, float]:
    metrics = {**episode.score.contributions, "frames": float(episode.num_frames)}
    if "score" in episode.variables:
        metrics["score"] = float(episode.variables["score"])
    return metrics


def _start(settings: RetroSettings) -> _Running:
    warm_up(settings.observation)
    game = games.resolve_game(settings.game, settings.integrations)
    _check_scenario(game, settings)
    emulator = Emulator.open(game, settings.scenario)
    try:
        return _assemble(emulator, settings)
    except BaseException:
        emulator.close()  # or no other emulator could start in this process
        raise


def _check_scenario(game: games.GameFolders, settings: RetroSettings) -> None:
    if settings.scenario or game.find("scenario.json"):
        path = games.scenario_path(game, settings.scenario)
        check_scripts(path, allow_scripts=settings.allow_scripts)


def _assemble(emulator: Emulator, settings: RetroSettings) -> _Running:
    names = settings.states or (games.default_state(emulator.game),)
    states = {name or "power-on": emulator.start_state(name) for name in names}
    for state in states.values():
        emulator.reset(state)  # a refused state shows now, not in a worker
    variables = emulator.variables()
    scenario = load_scenario(emulator, variables)
    player = Player(
        emulator=emulator,
        observer=make_observer(settings.observation, emulator),
        buttons=ButtonMapper(settings.buttons, emulator.buttons, emulator.button_groups),
        scorer=Scorer(settings.fitness, variables, scenario),
        frame_skip=settings.frame_skip,
    )
    return _Running(player, states)


def _check_counts(settings: RetroSettings) -> None:
    for where, value, least in (
        ("[Retro] frame_skip", settings.frame_skip, 1),
        ("[Retro] noops", settings.noops, 0),
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
    if len(set(settings.states)) < len(settings.states):
        raise TaskError(
            f"[Retro] state: must name each state once; got {', '.join(settings.states)}. "
            f"The emulator is exact, so a repeated episode would be the same: remove it."
        )


def _fingerprint(player: Player, states: dict[str, bytes]) -> dict[str, str]:
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
    for name, state in states.items():
        # get_state leaves bytes undefined: a state from power-on has no stable hash
        is_file = name != "power-on"
        prints[f"state_{name}_sha256"] = hashlib.sha256(state).hexdigest() if is_file else "none"
    return prints


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
