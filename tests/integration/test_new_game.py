"""docs/new-game.md from top to bottom: its commands are run as they stand, its output compared."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from builders.command_line import ROOT, environment

PAGE = (ROOT / "docs" / "new-game.md").read_text(encoding="utf-8")
FENCES = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""```sh is run, ```text behind it is what that printed, ```console is shown only."""


@dataclass(frozen=True)
class Walk:
    """The page walked through: one process, one block after the other.

    Attributes:
        folder: where the page's ``cd`` led.
        exit_code: of the first command that failed, or 0.
        printed: what each block printed, in order; shorter if one failed.
    """

    folder: Path
    exit_code: int
    printed: list[str]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Run all blocks of the page beside a link to the integrations, as in a clone."""
    outside = tmp_path_factory.mktemp("walk")
    clone, outputs = outside / "clone", outside / "outputs"
    for folder in (clone, outputs):
        folder.mkdir()
    (clone / "integrations").symlink_to(ROOT / "integrations")
    script = ["set -e"]
    for number, block in enumerate(_blocks("sh")):
        script += [f"exec > '{outputs}/{number:02d}.txt' 2>&1", block]
    code = _run_shell("\n".join(script), clone, _with_command(outside))
    printed = [path.read_text() for path in sorted(outputs.iterdir())]
    return Walk(outside / "new-game", code, printed)


def _blocks(word: str) -> list[str]:
    return [text for kind, text in FENCES.findall(PAGE) if kind == word]


def _with_command(folder: Path) -> dict[str, str]:
    """Return an environment in which ``neuroevo`` is the code under test."""
    command = folder / "bin" / "neuroevo"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m neuroevo "$@"\n')
    command.chmod(0o755)
    known = environment()
    return {**known, "PATH": f"{command.parent}{os.pathsep}{known['PATH']}"}


def _run_shell(script: str, folder: Path, variables: dict[str, str]) -> int:
    ended = subprocess.run(
        ["/bin/sh"], input=script, text=True, cwd=folder, env=variables, timeout=240, check=False
    )
    return ended.returncode


def _missing_line(shown: str, printed: str) -> str | None:
    """Return the first line shown that was not printed, in this order; ``...`` is any text."""
    rest = [line.rstrip() for line in printed.splitlines()]
    for line in map(str.rstrip, shown.splitlines()):
        if line == "...":
            continue
        pattern = re.compile(".*".join(map(re.escape, line.split("..."))))
        place = next((i for i, one in enumerate(rest) if pattern.fullmatch(one)), None)
        if place is None:
            return line
        rest = rest[place + 1 :]
    return None


def test_every_command_of_the_page_succeeds(walk: Walk) -> None:
    assert walk.exit_code == 0, walk.printed[-1]
    assert len(walk.printed) == len(_blocks("sh"))


def test_what_the_page_shows_is_what_was_printed(walk: Walk) -> None:
    kinds = [kind for kind, _ in FENCES.findall(PAGE)]
    followed = [after for kind, after in pairwise([*kinds, ""]) if kind == "sh"]
    shown = iter(_blocks("text"))
    compared = [
        (next(shown), printed)
        for after, printed in zip(followed, walk.printed, strict=True)
        if after == "text"
    ]
    assert len(compared) == len(_blocks("text")) >= 6
    for text, printed in compared:
        assert _missing_line(text, printed) is None, printed


def test_a_line_that_was_not_printed_is_noticed() -> None:
    assert _missing_line("a ... c\n...\nd", "a b c\nx\nd\n") is None
    assert _missing_line("a ... c", "a b d") == "a ... c"
    assert _missing_line("b\na", "a\nb") == "a"


def test_the_variables_found_are_those_of_the_described_game(walk: Walk) -> None:
    found = json.loads((walk.folder / "my-games/MyGame-Nes/data.json").read_text())["info"]
    own = json.loads((ROOT / "integrations/Wickling-Nes-v0/data.json").read_text())["info"]
    assert {name: found[name] for name in ("lives", "score", "time")} == {
        name: own[name] for name in ("lives", "score", "time")
    }
    # docs/wickling.md, "Work RAM": player_page and player_x
    assert found["xHi"] == {"address": 0x6D, "type": "|u1"}
    assert found["xLo"] == {"address": 0x86, "type": "|u1"}


def test_the_walk_ends_with_a_population_that_evolved(walk: Walk) -> None:
    run = walk.folder / "first-run"
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    records = [line for line in lines if "generation" in line]
    assert [record["generation"] for record in records] == [0, 1, 2]
    assert max(record["best_fitness"] for record in records) > 0
    assert (run / "best" / "film.png").stat().st_size > 1000


def test_the_game_was_unknown_but_for_its_rom() -> None:
    first = _blocks("sh")[0]
    assert re.findall(r"integrations/Wickling-Nes-v0/(\S+)", PAGE) == ["rom.nes"]
    assert "cp integrations/Wickling-Nes-v0/rom.nes" in first
