"""Where the time of an episode goes, and the same episode without anybody who watches it.

Owns the stopwatches between the parts of a player, and the tape of what was pressed. Both stand
between the parts only where they are asked for: a run does not pay for them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy.typing as npt

from neuroevo.tasks.retro.emulator import Emulator, Move
from neuroevo.tasks.retro.live.ram import Watch

if TYPE_CHECKING:
    from neuroevo.tasks.retro.episode import Player
    from neuroevo.tasks.task import Network

SHARES = ("emulator", "observation", "network", "fitness", "buttons")


class Stopwatch:
    """Seconds and calls of each share of the episodes it is given to.

    Attributes:
        seconds: wall time by share, summed.
        num_decisions: activations of the network.
    """

    def __init__(self) -> None:
        """Begin at zero."""
        self.seconds = dict.fromkeys(SHARES, 0.0)
        self.num_decisions = 0

    def timed(self, share: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``function`` with its time added to a share."""
        seconds, now = self.seconds, time.perf_counter

        def call(*args: Any) -> Any:
            began = now()
            result = function(*args)
            seconds[share] += now() - began
            return result

        return call

    def network(self, network: Network) -> Network:
        """Return the network with its time taken and its activations counted."""
        return cast("Network", _TimedNetwork(network, self))

    def player(self, player: Player) -> Player:
        """Return the player with the time of all its parts taken."""
        return replace(
            player,
            emulator=cast("Any", _TimedEmulator(player.emulator, self)),
            observer=cast("Any", _Timed(player.observer, self, observe="observation")),
            buttons=cast("Any", _Timed(player.buttons, self, masks="buttons")),
            scorer=cast("Any", _Timed(player.scorer, self, begin="fitness", frame="fitness")),
        )


class _Timed:
    """Something else, with the time of some of its methods taken."""

    def __init__(self, thing: Any, watch: Stopwatch, **shares: str) -> None:
        """Take the share of each method by its name."""
        self._thing, self._watch = thing, watch
        for method, share in shares.items():
            setattr(self, method, watch.timed(share, getattr(thing, method)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._thing, name)


class _TimedEmulator(_Timed):
    def __init__(self, emulator: Emulator, watch: Stopwatch) -> None:
        shares = {"step_frame": "emulator", "reset": "emulator", "set_buttons": "buttons"}
        super().__init__(emulator, watch, **shares)

    def reader(self, names: Collection[str]) -> Callable[[], dict[str, int]]:
        """Count the reading of variables to the fitness, which needs it."""
        return self._watch.timed("fitness", self._thing.reader(names))

    def watch(self, names: Collection[str]) -> Watch | None:
        """Count a glance at variables to the fitness, too."""
        watch: Watch | None = self._thing.watch(names)
        return watch and watch._replace(glance=self._watch.timed("fitness", watch.glance))


class _TimedNetwork(_Timed):
    def __init__(self, network: Network, watch: Stopwatch) -> None:
        super().__init__(network, watch)
        self._activate = watch.timed("network", network.activate)

    def activate(self, inputs: npt.NDArray[Any]) -> Any:
        """Count the decision."""
        self._watch.num_decisions += 1
        return self._activate(inputs)


class Tape:
    """What was done to the emulator in some episodes: a ``record`` of :meth:`RetroTask.evaluate`.

    Attributes:
        moves: in their order; see :data:`~neuroevo.tasks.retro.emulator.Move`.
    """

    def __init__(self) -> None:
        """Begin an empty tape."""
        self.moves: list[Move] = []
        self._emulator: Emulator | None = None

    @property
    def num_frames(self) -> int:
        """Frames on the tape, those of the resets included."""
        return sum(move is None or isinstance(move, bytes) for move in self.moves)

    def __call__(self, emulator: Emulator, state_name: str) -> Emulator:  # noqa: ARG002
        """Return the emulator for an episode, which writes to the tape."""
        self._emulator = emulator
        return cast("Emulator", _TapedEmulator(emulator, self.moves))

    def play(self) -> None:
        """Do the same to the emulator again, and nothing else: no look, no thought, no verdict."""
        if self._emulator is not None:
            self._emulator.play_moves(self.moves)


class _TapedEmulator:
    def __init__(self, emulator: Emulator, moves: list[Move]) -> None:
        self._emulator, self._moves = emulator, moves

    def __getattr__(self, name: str) -> Any:
        return getattr(self._emulator, name)

    def reset(self, state: bytes) -> None:
        self._moves.append(state)
        self._emulator.reset(state)

    def set_buttons(self, mask: npt.NDArray[Any]) -> None:
        self._moves.append(mask.copy())
        self._emulator.set_buttons(mask)

    def step_frame(self) -> None:
        self._moves.append(None)
        self._emulator.step_frame()
