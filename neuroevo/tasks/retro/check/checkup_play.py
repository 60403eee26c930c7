"""Random play for a checkup, in a process of its own: a corrupt save state can kill a process.

Talks to its parent in JSON through a pipe, so that what was learned before the end is not lost.
"""

from __future__ import annotations

import faulthandler
import json
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.buttons.mapper import FORBIDDEN
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.fitness.scenario import Scenario, load_scenario
from neuroevo.tasks.retro.games.folders import GameFolders
from neuroevo.tasks.retro.games.roms import rom_path

LEAST_HOLD, MOST_HOLD = 4, 24  # frames that random play keeps its buttons
PICTURE_FRAMES = 60
POWER_ON = "power-on"


@dataclass(frozen=True, slots=True)
class PlayJob:
    """What to play.

    Attributes:
        game, folders: see :class:`GameFolders`.
        scenario: the file; None plays without one.
        states: names, in this order; ``power-on`` is the machine just switched on.
        num_played: so many of the first are played, the others only loaded.
        frames: of play from each state.
        seed: of the buttons, together with the name of the state.
    """

    game: str
    folders: tuple[str, ...]
    scenario: str | None
    states: tuple[str, ...]
    num_played: int
    frames: int
    seed: int


@dataclass(slots=True)
class Played:
    """What random play from one state showed.

    Attributes:
        lows, highs: the smallest and largest value of every variable that can be read.
        jumps: its largest change from one frame to the next, without sign; 0 for none.
        num_rewarded: frames whose reward was not zero.
        first_done: the frame, counted from 1, in which the scenario first said done.
        has_picture_moved: whether the screen ever differed from the one at the start.
        scenario_problem: why it was played without the scenario; '' if with it.
    """

    state: str
    num_frames: int = 0
    lows: dict[str, int] = field(default_factory=dict)
    highs: dict[str, int] = field(default_factory=dict)
    jumps: dict[str, int] = field(default_factory=dict)
    reward: float = 0.0
    num_rewarded: int = 0
    num_done: int = 0
    first_done: int | None = None
    has_picture_moved: bool = False
    scenario_problem: str = ""

    def see(self, variables: Mapping[str, int], before: Mapping[str, int] | None = None) -> None:
        """Widen the range of every variable to its present value.

        Args:
            variables: of this frame.
            before: of the one before; None right after a state was loaded.
        """
        for name, value in variables.items():
            jump = 0 if before is None else abs(value - before.get(name, value))
            self.jumps[name] = max(jump, self.jumps.get(name, 0))
            if value < self.lows.setdefault(name, value):
                self.lows[name] = value
            if value > self.highs.setdefault(name, value):
                self.highs[name] = value


def run_job(job: PlayJob, connection: Connection) -> None:
    """Play a job in this process; the parent reads one message per event.

    Messages: ``begin`` with a state's name; then ``played`` with the fields of :class:`Played`, or
    ``refused`` with the reason. ``failed`` with the reason when the game cannot start at all.
    """
    os.dup2(2, 1)  # some cores talk on stdout, which may be a JSON object's
    faulthandler.disable()  # the parent tells of a death in one line, not in a traceback
    game = GameFolders(job.game, tuple(Path(folder) for folder in job.folders))
    try:
        with _open(game, job.scenario) as emulator:
            for number, state in enumerate(job.states):
                _send(connection, "begin", state)
                frames = job.frames if number < job.num_played else 0
                generator = np.random.default_rng([job.seed, zlib.crc32(state.encode())])
                try:
                    played = _play(emulator, state, frames, generator)
                    _send(connection, "played", asdict(played))
                except TaskError as error:
                    _send(connection, "refused", str(error))
    except TaskError as error:
        _send(connection, "failed", str(error))


def _open(game: GameFolders, scenario: str | None) -> Emulator:
    return Emulator(game, rom_path(game), None if scenario is None else Path(scenario))


def _send(connection: Connection, event: str, content: Any) -> None:
    connection.send_bytes(json.dumps([event, content]).encode())


def _play(emulator: Emulator, state: str, frames: int, generator: np.random.Generator) -> Played:
    """Play from a state, again from it whenever the scenario says done."""
    start = emulator.start_state(None if state == POWER_ON else state)
    emulator.reset(start)
    played, picture = Played(state), emulator.screen()
    variables = emulator.variables()
    played.see(variables)
    scenario = _begin_scenario(emulator, variables, played)
    hold = 0
    for frame in range(1, frames + 1):
        if hold == 0:
            hold = int(generator.integers(LEAST_HOLD, MOST_HOLD + 1))
            emulator.set_buttons(random_mask(emulator, generator))
        hold -= 1
        emulator.step_frame()
        before, variables = variables, emulator.variables()
        played.see(variables, before)
        if frame % PICTURE_FRAMES == 0 and not played.has_picture_moved:
            played.has_picture_moved = not np.array_equal(picture, emulator.screen())
        if scenario is not None and _is_over(played, scenario, variables, frame):
            emulator.reset(start)
            variables = emulator.variables()
            scenario.begin(variables)
            hold = 0
    played.num_frames = frames
    return played


def _begin_scenario(
    emulator: Emulator, variables: Mapping[str, int], played: Played
) -> Scenario | None:
    try:
        scenario = load_scenario(emulator, variables)
    except TaskError as error:
        played.scenario_problem = str(error)
        return None
    if scenario is not None:
        scenario.begin(variables)
    return scenario


def _is_over(played: Played, scenario: Scenario, variables: Mapping[str, int], frame: int) -> bool:
    """Count reward and end of a frame; a scenario that is done at once restarts nothing."""
    reward, is_done = scenario.advance(variables)
    played.reward += reward
    played.num_rewarded += reward != 0.0
    if is_done and played.first_done is None:
        played.first_done = frame
    played.num_done += is_done
    return is_done and played.first_done != 1


def random_mask(emulator: Emulator, generator: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Return random buttons of the player that the console's rules allow together."""
    pattern = 0
    for group in emulator.button_groups:
        legal = legal_patterns(emulator.buttons, group)
        pattern |= legal[int(generator.integers(len(legal)))]
    return np.array([pattern >> i & 1 for i in range(len(emulator.buttons))], np.uint8)


def legal_patterns(buttons: Sequence[str | None], group: Sequence[int]) -> list[int]:
    """Return the patterns of a group without START and other buttons of the machine."""
    forbidden = sum(1 << i for i, name in enumerate(buttons) if name in FORBIDDEN)
    return [pattern for pattern in group if not pattern & forbidden] or [0]
