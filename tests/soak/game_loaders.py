"""Who reads a spoiled file of a game, and what became of the real command that did."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

from builders.hostile import GAME_MODULES, Commands, Ended
from builders.wickling import FOLDER
from soak import mutations
from soak.loaders import MORE_BYTES, SECONDS, BadEndError, Loader, RefusedError

CLOCK_SECONDS = 30.0
MOVIE_BYTES = 4 << 30
"""A replay starts a process of its own with many threads, which take address space."""

INI = """[NEAT]
pop_size = 4
[DefaultGenome]
[Task]
name = retro
[Retro]
game = Strange-Nes
integrations = games
allow_scripts = {allowed}
[Fitness]
max_frames = 30
use_scenario_reward = true
"""


LUA = """-- a reward
local best = 0
function strange()
    local here = data.x or 0
    if here > best then
        best = here
        return here * 1.5 - 3
    end
    for i = 1, 3 do best = best + i end
    return 0
end
"""


class OfGame(Loader):
    """A file of a game's folder, a copy of Wickling; the real command plays a random episode."""

    name = ""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.game = folder / "games" / "Strange-Nes-v0"
        self.game.mkdir(parents=True)
        for name in ("data.json", "scenario.json", "rom.nes", "rom.sha", "Practice.state"):
            shutil.copy(FOLDER / name, self.game)
        (self.game / "metadata.json").write_text('{"default_state": "Practice"}')
        self.write_ini()
        (self.game / "strange.lua").write_text(LUA)
        self.corpus = [self.game.joinpath(self.name).read_bytes()]
        self.commands = Commands(*GAME_MODULES)

    def write_ini(self, *, allowed: bool = False) -> None:
        """Write the settings, two folders above the game's."""
        (self.folder / "strange.ini").write_text(INI.format(allowed=allowed))

    def load(self, data: bytes) -> None:
        self.game.joinpath(self.name).write_bytes(data)
        self.play()

    def play(self) -> None:
        """Play with the real command."""
        words = ("random", "strange.ini", "--episodes", 1)
        judge(
            self.commands.run(*words, seconds=CLOCK_SECONDS, more_bytes=MORE_BYTES, cwd=self.folder)
        )

    def close(self) -> None:
        self.commands.__exit__()


class Data(OfGame):
    """data.json."""

    name = "data.json"
    spoil = staticmethod(mutations.spoil_json)


class Scenario(OfGame):
    """scenario.json."""

    name = "scenario.json"
    spoil = staticmethod(mutations.spoil_json)


class State(OfGame):
    """A save state."""

    name = "Practice.state"
    spoil = staticmethod(mutations.spoil_gzip)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.corpus = [path.read_bytes() for path in sorted(FOLDER.glob("*.state"))]
        assert all(gzip.decompress(data) for data in self.corpus)


class Rom(OfGame):
    """A ROM that no checksum vouches for."""

    name = "rom.nes"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (self.game / "rom.sha").unlink()


class Lua(OfGame):
    """A script that nobody allowed: whatever it holds, it never runs."""

    name = "strange.lua"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        scenario = {"reward": {"script": "lua:strange"}, "scripts": ["strange.lua"]}
        (self.game / "scenario.json").write_text(json.dumps(scenario))

    def load(self, data: bytes) -> None:
        super().load(data)
        raise BadEndError("a script that nobody allowed was accepted")


class AllowedLua(Lua):
    """A script that was allowed: may loop or end its process, as docs/security.md says."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.write_ini(allowed=True)

    def load(self, data: bytes) -> None:
        OfGame.load(self, data)


class Movie(OfGame):
    """A bk2 movie: replayed."""

    name = "rom.nes"
    spoil = staticmethod(mutations.spoil_zip)

    def __init__(self, folder: Path) -> None:
        from builders.plays import hold, record

        super().__init__(folder)
        log = record("Wickling-Nes", folder, lambda play: hold(play, 90, "RIGHT"), "sound")
        self.corpus = [log.with_suffix(".bk2").read_bytes()]

    def load(self, data: bytes) -> None:
        path = self.put("spoiled.bk2", data)
        ended = self.commands.run(
            "replay", path, seconds=CLOCK_SECONDS, more_bytes=MOVIE_BYTES, cwd=self.folder
        )
        judge(ended)


def judge(ended: Ended) -> None:
    """Return if a command accepted its file; else raise what it did.

    Raises:
        RefusedError: exit code 2 and one line.
        BadEndError: anything else.
    """
    if ended.is_late:
        raise BadEndError("hangs")
    if ended.cpu_seconds > SECONDS:
        raise BadEndError(f"took {ended.cpu_seconds:.0f} s")
    if ended.code < 0:
        raise BadEndError(f"died of signal {-ended.code}")
    if "Traceback" in ended.stderr:
        raise BadEndError(f"traceback: {ended.stderr.strip().splitlines()[-1][:200]}")
    if ended.code in (0, 1):
        return
    line = ended.stderr.strip()
    if ended.code != 2 or len(line) > 2000 or not line:
        raise BadEndError(f"exit code {ended.code} with {len(line)} characters: {line[:200]}")
    raise RefusedError(line)
