from __future__ import annotations

import pytest

from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator

pytest.importorskip("stable_retro")


@pytest.fixture
def airstriker():
    """A running Airstriker, closed afterwards so that the next test can start its own."""
    with Emulator.open(games.resolve_game("Airstriker-Genesis")) as emulator:
        yield emulator
