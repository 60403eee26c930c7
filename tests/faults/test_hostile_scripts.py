"""Lua of strangers: never run unless it was allowed, and then it can hang nobody but a worker."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders.hostile import GAME_MODULES, Commands
from builders.wickling import FOLDER

LUA = """
{top}
function strange()
    {body}
    return 1
end
"""
INI = """[NEAT]
pop_size = 2
[DefaultGenome]
[Task]
name = retro
[Retro]
game = Strange-Nes
integrations = games
allow_scripts = {allowed}
[Fitness]
use_scenario_reward = true
max_frames = 30
[Run]
workers = {workers}
generations = 1
evaluation_timeout = 2
"""


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    with Commands(*GAME_MODULES) as commands:
        yield commands


ENDLESS = "while true do end"


def strange_game(folder: Path, body: str = "", script: str = "lua:strange", top: str = "") -> None:
    """Make a copy of Wickling whose reward is a script."""
    game = folder / "games" / "Strange-Nes-v0"
    game.mkdir(parents=True)
    for name in ("data.json", "rom.nes", "rom.sha", "Practice.state"):
        shutil.copy(FOLDER / name, game)
    (game / "metadata.json").write_text('{"default_state": "Practice"}')
    (game / "scenario.json").write_text(
        json.dumps({"reward": {"script": script}, "scripts": ["strange.lua"]})
    )
    (game / "strange.lua").write_text(LUA.format(top=top, body=body))
    (folder / "wait.txt").write_text("10 RIGHT\n")


def ini(folder: Path, allowed: bool, workers: int = 0) -> Path:
    path = folder / "strange.ini"
    path.write_text(INI.format(allowed=allowed, workers=workers))
    return path


@pytest.mark.parametrize(
    "words",
    [
        "random strange.ini --episodes 1",
        "evolve strange.ini --out run",
        "evolve strange.ini --out run --workers 1",
        "play Strange-Nes --keys wait.txt --integrations games",
        "scan-ram record Strange-Nes --integrations games",
    ],
)
def test_lua_of_a_stranger_is_refused_and_never_runs(
    commands: Commands, tmp_path: Path, words: str
) -> None:
    strange_game(tmp_path, top=ENDLESS)  # whoever runs it does not come back
    ini(tmp_path, allowed=False)
    ended = commands.run(*words.split(), seconds=200, cwd=tmp_path)
    assert not ended.is_late
    assert ended.code == 2, (ended.code, ended.stderr[-500:])
    assert "Traceback" not in ended.stderr
    if not words.startswith("scan-ram"):
        assert "must be allowed explicitly" in ended.stderr, ended.stderr


@pytest.mark.parametrize("words", ["games show", "games lint", "games check"])
def test_looking_at_a_strangers_game_runs_no_lua(
    commands: Commands, tmp_path: Path, words: str
) -> None:
    strange_game(tmp_path, top=ENDLESS)
    folder = tmp_path / "games"
    ended = commands.run(*words.split(), "Strange-Nes", "--integrations", folder, seconds=90)
    assert not ended.is_late
    assert ended.code in (0, 1, 2)
    assert "Traceback" not in ended.stderr


def test_lua_that_is_allowed_finds_no_system_files_or_modules(
    commands: Commands, tmp_path: Path
) -> None:
    """What stable-retro gives to scripts; docs/security.md builds on it."""
    strange_game(tmp_path, "if os or io or debug or package or require then error('open') end")
    ini(tmp_path, allowed=True)
    ended = commands.run("random", "strange.ini", "--episodes", 1, seconds=60, cwd=tmp_path)
    assert ended.code == 0, ended.stderr


@pytest.mark.parametrize(
    ("body", "script"),
    [("error('strange')", "lua:strange"), ("", "lua:nobody"), ("return 'x'", "lua:strange"),
     ("return 1 + strange()", "lua:strange"), ("return {}", "lua:strange")],
)  # fmt: skip
def test_lua_that_fails_is_an_error_in_one_line(
    commands: Commands, tmp_path: Path, body: str, script: str
) -> None:
    strange_game(tmp_path, body.replace("return", "do return") + " end" * ("return" in body),
                 script)  # fmt: skip
    ini(tmp_path, allowed=True)
    ended = commands.run("random", "strange.ini", "--episodes", 1, seconds=60, cwd=tmp_path)
    if ended.code != 0:
        ended.check_refusal("scenario.json")


def test_an_endless_loop_of_lua_costs_workers_and_the_run_says_so(
    commands: Commands, tmp_path: Path
) -> None:
    strange_game(tmp_path, ENDLESS)
    ini(tmp_path, allowed=True, workers=1)
    ended = commands.run("evolve", "strange.ini", "--out", "run", seconds=250, cwd=tmp_path)
    ended.check_refusal("at least one fitness must be finite")
    events = (tmp_path / "run" / "events.jsonl").read_text()
    assert events.count("hung") == 6, "three workers for each of two genomes"
    assert events.count("given up") == 2
