"""The tiles around the player as a part of an observation, and which map of RAM is read."""

from __future__ import annotations

import numpy as np

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.live.picture import Picture
from neuroevo.tasks.retro.observation import tiles, tiles_smw
from neuroevo.tasks.retro.observation.parts import (
    Bounds,
    Float64Array,
    Moment,
    Pictures,
    equal_bounds,
)
from neuroevo.tasks.retro.observation.tiles import TileObserver
from neuroevo.tasks.retro.observation.tiles_smw import WorldTileObserver
from neuroevo.tasks.retro.settings import ObservationSettings

LAYOUTS = {"smb": "Super Mario Bros.", "smw": "Super Mario World"}


class TilePart:
    """Sees a square of tiles: 1 solid, -1 enemy or hazard, 0 air."""

    sees_screen = False

    def __init__(self, reader: TileObserver | WorldTileObserver) -> None:
        """Take who reads them."""
        self._reader = reader
        self._window = np.zeros((reader.size, reader.size))

    @property
    def label(self) -> str:
        """E.g. ``tiles 13 x 13``."""
        return f"tiles {self._reader.size} x {self._reader.size}"

    @property
    def num_inputs(self) -> int:
        """Tiles of the square."""
        return self._reader.num_inputs

    def place(self, out: Float64Array) -> None:
        """Take where to write."""
        self._window = out.reshape(self._reader.size, self._reader.size)

    def begin(self) -> None:
        """Nothing to forget."""

    def see(self, moment: Moment, screen: Picture) -> None:  # noqa: ARG002 - the protocol's
        """Write the tiles row by row from the top left."""
        ram = moment.emulator.work_ram(self._reader.first_address)
        self._reader.read_into(ram, self._window)

    def bounds(self) -> Bounds:
        """Return -1 and 1."""
        return equal_bounds(self.num_inputs, -1.0, 1.0)

    def view(self, values: Float64Array) -> Pictures:
        """Return them as a picture: solid white, air grey, enemies black."""
        return Pictures(self.label, ((values + 1.0) / 2.0).reshape(1, *self._window.shape))


def make_tiles(settings: ObservationSettings, emulator: Emulator) -> TilePart:
    """Return the part ``tiles`` for a started game.

    Raises:
        TaskError: the layout is unknown, or the game is for another console than it.
    """
    reader = _reader(settings)
    if emulator.console != reader.console:
        raise TaskError(
            f"[Observation] source: tiles must be read from a {reader.console.upper()} game with "
            f"the map of RAM of {LAYOUTS[settings.layout]}; got {emulator.game.name}, a game for "
            f"the {emulator.console}. Use source = grey, or another layout."
        )
    return TilePart(reader)


def warm_up(settings: ObservationSettings) -> None:
    """Compile the kernel of the layout, or load it from the cache."""
    room = tiles_smw if settings.layout == "smw" else tiles
    room.warm_up()


def _reader(settings: ObservationSettings) -> TileObserver | WorldTileObserver:
    if settings.layout == "smb":
        return TileObserver(settings)
    if settings.layout == "smw":
        return WorldTileObserver(settings)
    raise TaskError(
        f"[Observation] layout: must be one of {', '.join(LAYOUTS)}; got {settings.layout!r}. "
        f"Choose one."
    )
