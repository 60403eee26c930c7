"""The emulator of this process: the only module that drives stable-retro.

It talks to stable-retro's emulator and game data directly, as its Gym environment does inside, so
no window can open and no frame pays for an observation nobody asked for. What the core holds is
read in place where that can be done (``live/``). Knows nothing of fitness and networks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games, trial
from neuroevo.tasks.retro.live.core import CORES, STABLE_RETRO, find_core
from neuroevo.tasks.retro.live.picture import LivePicture, Picture, as_rgb, find_picture
from neuroevo.tasks.retro.live.ram import LiveRam, Number, Watch, find_ram
from neuroevo.tasks.retro.switch_on import TRIAL_FRAMES, switch_on

if TYPE_CHECKING:
    from neuroevo.tasks.retro.games import GameFolders, GameVariable

UInt8Array = npt.NDArray[np.uint8]

Move = bytes | UInt8Array | None
"""A state to begin from, buttons to hold, or (None) a frame to run."""

_LONGEST = 4
"""Bytes of the longest number that is read in place."""
_COST_OF_ONE = 3
"""Reading one variable takes about as long as three of those that are all read at once."""


class Emulator:
    """One running game; a process can hold only one at a time.

    Attributes:
        game: the folders of the game.
        rom: the ROM that runs.
        scenario: the scenario.json in use, None when the game has none.
        console: e.g. ``Genesis``.
        core: name of the emulator core, e.g. ``genesis_plus_gx``.
        buttons: the console's buttons in its own order; None where a place has no button.
        button_groups: the legal button patterns (bit i: button i) of each group, as
            stable-retro filters them.
        has_swapped_bytes: the core keeps the two bytes of each 16-bit word exchanged, so the byte
            of an address stands at the offset ``(address - first) ^ 1``.
    """

    def __init__(
        self, game: GameFolders, rom: Path, scenario: Path | None, *, in_place: bool = True
    ) -> None:
        """Start the game; see :meth:`open`."""
        import stable_retro

        self.game, self.rom, self.scenario = game, rom, scenario
        self.console = games.console_of_rom(rom)
        info = stable_retro.get_system_info(self.console)
        self.core = str(info["lib"])
        self.buttons: tuple[str | None, ...] = tuple(info["buttons"])
        self.has_swapped_bytes = info.get("overlay") == ["=", ">", 2]
        self._ram: LiveRam | None = None
        self._picture: LivePicture | None = None
        try:
            is_tried = self.core in CORES and stable_retro.__version__.strip() == STABLE_RETRO
            self._begin(in_place=in_place and is_tried)
            self._load_data(game.need("data.json"), scenario)
        except BaseException:
            self.close()
            raise
        variables = games.read_variables(game)
        self._spans = {each.name: (each.address, int(each.type[-1])) for each in variables}
        self._numbers = {each.name: number for each in variables if (number := _number(each))}
        self._released = np.zeros(len(self.buttons), np.uint8)
        self._power_on: bytes = self._em.get_state()
        self.button_groups: tuple[tuple[int, ...], ...] = tuple(
            tuple(sorted(group)) for group in self._data.valid_actions()
        )

    @classmethod
    def open(
        cls,
        game: GameFolders,
        scenario: str = "",
        *,
        allow_scripts: bool = False,
        in_place: bool = True,
    ) -> Emulator:
        """Start a game with its ROM and scenario checked.

        Args:
            game: from :func:`games.resolve_game`.
            scenario: name or absolute path; '' takes scenario.json if the game has one.
            allow_scripts: load Lua from outside the installed stable-retro.
            in_place: read what the core holds in place, where that can be done; False asks
                stable-retro for everything, which gives the same.

        Raises:
            TaskError: ROM missing or wrong, scenario unknown or with Lua that is not allowed, or a
                second emulator.
        """
        rom = games.rom_path(game)
        has_default = game.find("scenario.json") is not None
        path = games.scenario_path(game, scenario) if scenario or has_default else None
        if path is not None:
            games.check_scenario(path, allow_scripts=allow_scripts)
        return cls(game, rom, path, in_place=in_place)

    def __enter__(self) -> Emulator:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def start_state(self, name: str | None, where: str = "") -> bytes:
        """Return the bytes of a save state; None is the machine just switched on.

        Raises:
            TaskError: there is no such state (``where`` is who named it), or it is one that the
                core does not survive.
        """
        if name is None:
            return self._power_on
        path = games.state_path(self.game, name, where)
        state = games.read_state(path)
        if not games.is_ours(path):
            self.try_state(state, str(path))
        return state

    def try_state(self, state: bytes, where: str) -> None:
        """See that the core survives a stranger's save state, in a copy of this process.

        Raises:
            TaskError: it does not; ``where`` names the state.
        """
        death = trial.fails(lambda: self._play_on(state))
        if death is not None:
            raise TaskError(
                f"{where}: the core {self.core} must survive the save state; a trial of it "
                f"{death}. It is damaged, or made by another version of the core: make it again."
            )

    def _play_on(self, state: bytes) -> None:
        self.reset(state)
        for _ in range(TRIAL_FRAMES):
            self._em.step()
            self._em.get_screen()

    def reset(self, state: bytes) -> None:
        """Load a state, release all buttons and run one frame, so that the screen is new.

        Raises:
            TaskError: the core refuses the state.
        """
        if self._em.set_state(state) is not True:
            raise TaskError(
                f"{self.game.name}: the core {self.core} must accept the save state; it refused "
                f"{len(state)} bytes. The state was made by another core, version or ROM: "
                f"make it again with this one."
            )
        self._em.set_button_mask(self._released, 0)
        self._em.step()
        self._data.reset()

    def set_buttons(self, mask: UInt8Array) -> None:
        """Hold the buttons of ``mask``, (num_buttons,) uint8 of 0 and 1, until the next call."""
        self._em.set_button_mask(mask, 0)

    def step_frame(self) -> None:
        """Run one frame."""
        self._em.step()

    def play_moves(self, moves: Iterable[Move]) -> None:
        """Do what :meth:`reset`, :meth:`set_buttons` and :meth:`step_frame` do, and nothing else.

        For measurements: what the frames of an episode cost at the very least.
        """
        em = self._em
        step, press = em.step, em.set_button_mask
        for move in moves:
            if move is None:
                step()
            elif isinstance(move, bytes):
                em.set_state(move)
                press(self._released, 0)
                step()
            else:
                press(move, 0)

    def variables(self) -> dict[str, int]:
        """Return the variables of data.json, read from live memory."""
        values: dict[str, int] = self._data.lookup_all()
        return values

    def reader(self, names: Collection[str]) -> Callable[[], dict[str, int]]:
        """Return what reads these variables in the least time.

        Where it gives others, too, these may be older: they are not looked at. For one episode: it
        must not be called after :meth:`close`.
        """
        look_up, chosen, read = self._data.lookup_value, tuple(names), self.variables
        if len(chosen) * _COST_OF_ONE <= len(self.variables()):

            def read() -> dict[str, int]:
                return {name: look_up(name) for name in chosen}

        if self._ram is None or not chosen:
            return read
        return self._ram.when_changed([self._spans[name] for name in chosen], read) or read

    def watch(self, names: Collection[str]) -> Watch | None:
        """Return what sees these variables in place; None where that cannot be done.

        For one episode, as :meth:`reader`.
        """
        numbers = {name: self._numbers[name] for name in names if name in self._numbers}
        if self._ram is None or not numbers or len(numbers) < len(names):
            return None
        return self._ram.watch(numbers)

    def screen(self) -> UInt8Array:
        """Return the whole screen, (height, width, 3) uint8 RGB, C-contiguous."""
        if self._picture is not None:
            return as_rgb(self._picture.words())
        return np.ascontiguousarray(self._em.get_screen())

    def picture(self) -> Picture:
        """Return the screen in the least time: as :meth:`screen` does, or as the core made it.

        For a glance: the next frame may overwrite it.
        """
        return self.screen() if self._picture is None else self._picture.words()

    def work_ram(self, first: int | None = None) -> UInt8Array:
        """Return a copy of live work RAM, (num_bytes,) uint8, read-only.

        The index is the address minus the first one. Memory stands as the core keeps it: where
        ``has_swapped_bytes``, the two bytes of a word are exchanged.

        Args:
            first: address of the first byte; None takes the lowest, which is 0 on the NES, where
                2,048 bytes follow. On the SNES it must be 0x7E0000: the lowest is a mirror of
                8 KB.

        Raises:
            TaskError: the core has no memory there.
        """
        if first is None:
            first = self.ram_address()
        if self._ram is not None and (copy := self._ram.copy_from(first)) is not None:
            return copy
        blocks = self.memory()
        address, parts = first, []
        while address in blocks:  # the core of the NES gives its RAM in pieces
            parts.append(blocks[address])
            address += len(parts[-1])
        if not parts:
            raise TaskError(
                f"{self.game.name}: work RAM must begin at {first:#x}; the core {self.core} has "
                f"{', '.join(hex(base) for base in sorted(blocks))}. It is another kind of game."
            )
        return np.frombuffer(b"".join(parts), np.uint8)

    def memory(self) -> dict[int, bytes]:
        """Return copies of all live memory the core shows, by the address of the first byte."""
        blocks: dict[int, bytes] = self._data.memory.blocks
        return blocks

    def ram_address(self) -> int:
        """Return the address of the first byte of :meth:`work_ram`."""
        return self._first_address

    def save_state(self) -> bytes:
        """Return the machine as it is now: what :meth:`reset` takes."""
        state: bytes = self._em.get_state()
        return state

    def frame_rate(self) -> float:
        """Return the frames per second of the console."""
        return float(self._em.get_screen_rate())

    def configure_movie(self, movie: Any) -> None:
        """Tell a new movie of stable-retro which game and buttons it records."""
        movie.configure(self.game.name, self._em)

    def crop(self) -> tuple[int, int, int, int]:
        """Return the scenario's crop (x, y, width, height) in pixels of the present screen."""
        height, width, _ = self.screen().shape
        return fit_crop(self._data.crop_info(0), height, width)

    def crop_info(self) -> tuple[int, int, int, int]:
        """Return the crop as scenario.json gives it: zero sizes reach to the edge."""
        x, y, width, height = self._data.crop_info(0)
        return x, y, width, height

    def update_ram(self) -> None:
        """Let stable-retro evaluate reward and end itself: slow, only for Lua scenarios."""
        self._data.update_ram()

    def scenario_reward(self) -> float:
        """Return stable-retro's own reward of the frame before the last :meth:`update_ram`."""
        return float(self._data.current_reward())

    def scenario_done(self) -> bool:
        """Return stable-retro's own verdict at the last :meth:`update_ram`."""
        return bool(self._data.is_done())

    def close(self) -> None:
        """Release the emulator; may be called twice."""
        # Reading what a closed emulator held is a segmentation fault: forget all of it.
        self._ram = self._picture = None
        for name in ("_data", "_em"):
            with contextlib.suppress(AttributeError):
                delattr(self, name)

    def _begin(self, *, in_place: bool) -> None:
        """Start the ROM and run its first frame: memory exists only after it."""
        import stable_retro

        self._em: Any = switch_on(self.rom)
        self._data: Any = stable_retro.data.GameData()
        self._em.configure_data(self._data)
        path = Path(stable_retro.get_core_path(self.console))
        core = find_core(path) if in_place else None
        if core is None:
            self._em.step()
        else:
            self._picture = find_picture(core, self._em.step, self._em.get_screen)
            if self._picture is None:  # and stable-retro hears of no frame any more
                self.close()
                self._begin(in_place=False)
                return
            word_size = 2 if self.has_swapped_bytes else 1
            self._ram = find_ram(core, self.memory, word_size)
        self._first_address = min(self.memory(), default=0)

    def _load_data(self, data: Path, scenario: Path | None) -> None:
        games.check_data(data)
        paths = [str(data)] if scenario is None else [str(data), str(scenario)]
        try:
            reason = "" if self._data.load(*paths) else "a refusal"
        except RuntimeError as error:  # its JSON library's, or Lua's
            reason = str(error)
        if reason:
            raise TaskError(
                f"{' and '.join(paths)}: must be files that stable-retro understands; got "
                f"{reason}. Check the addresses, the types and the conditions."
            )
        if not games.is_ours(data):
            self._check_reach(data)

    def _check_reach(self, data: Path) -> None:
        """Refuse a variable that begins in memory and ends behind it: it would be read anyway."""
        blocks = self.memory()
        ends = {base + len(block) for base, block in blocks.items()} - set(blocks)
        for variable in games.read_variables(self.game):
            first, size = variable.address, int(variable.type[-1])
            if any(first < end < first + size for end in ends):
                raise TaskError(
                    f"{data}: info.{variable.name} must lie within the console's memory; got "
                    f"{size} bytes from {first:#x}. Correct its address or type."
                )


def _number(variable: GameVariable) -> Number | None:
    """Return where a plain whole number lies; None of what only stable-retro can read."""
    order, kind, size = variable.type[:-2], variable.type[-2], int(variable.type[-1])
    if kind not in "iu" or order not in "<>|" or size > _LONGEST or variable.mask is not None:
        return None
    return Number(variable.address, size, kind == "i", order == ">")


def fit_crop(crop: tuple[int, int, int, int], height: int, width: int) -> tuple[int, int, int, int]:
    """Cut a crop (x, y, width, height) to a screen; a zero or too large size means the edge."""
    x, y, crop_width, crop_height = crop
    x, y = min(x, width - 1), min(y, height - 1)
    if not crop_width or x + crop_width > width:
        crop_width = width - x
    if not crop_height or y + crop_height > height:
        crop_height = height - y
    return x, y, crop_width, crop_height
