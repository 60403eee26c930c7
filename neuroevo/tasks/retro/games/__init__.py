"""Games on disk: the door to the modules that know folders, ROMs, states and what there is to say.

The rest of the package says ``games.resolve_game``, ``games.rom_path``, ``games.load_state``
without caring which of them knows.
"""

from __future__ import annotations

from neuroevo.tasks.retro.games.folders import (
    GameFolders,
    console_buttons,
    read_json,
    resolve_game,
)
from neuroevo.tasks.retro.games.info import (
    GameSummary,
    GameVariable,
    list_games,
    read_variables,
)
from neuroevo.tasks.retro.games.native_files import check_data, check_scenario, is_ours
from neuroevo.tasks.retro.games.roms import console_of_rom, rom_path
from neuroevo.tasks.retro.games.states import (
    default_state,
    load_state,
    read_state,
    scenario_names,
    scenario_path,
    state_names,
    state_path,
)

__all__ = [
    "GameFolders",
    "GameSummary",
    "GameVariable",
    "check_data",
    "check_scenario",
    "console_buttons",
    "console_of_rom",
    "default_state",
    "is_ours",
    "list_games",
    "load_state",
    "read_json",
    "read_state",
    "read_variables",
    "resolve_game",
    "rom_path",
    "scenario_names",
    "scenario_path",
    "state_names",
    "state_path",
]
