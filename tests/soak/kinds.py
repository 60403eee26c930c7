"""All kinds of files that are spoiled, by name."""

from __future__ import annotations

from soak.game_loaders import AllowedLua, Data, Lua, Movie, Rom, Scenario, State
from soak.loaders import (
    Checkpoint,
    ForgedCheckpoint,
    ForgedGenome,
    Genome,
    Ini,
    Loader,
    Log,
    Manifest,
)

LOADERS: dict[str, type[Loader]] = {
    "ini": Ini, "checkpoint": Checkpoint, "forged-checkpoint": ForgedCheckpoint,
    "genome": Genome, "forged-genome": ForgedGenome, "log": Log, "manifest": Manifest,
    "data": Data, "scenario": Scenario, "state": State, "rom": Rom, "lua": Lua,
    "allowed-lua": AllowedLua, "movie": Movie,
}  # fmt: skip
