"""Run directories as earlier versions left them: today's code shows, checks and resumes them.

``runs/NAME`` is a run of four generations, ``runs/NAME.digests`` the digests of eight, both by the
code of then (1-first: the first commit with golden files; 2-curriculum: checkpoints keep the stage
of a curriculum, the log keeps terms; 3-fitnesses: checkpoints keep fitnesses for `verify`; 4-hall:
settings say what an extinction does; 5-slots: checkpoints hold slots in place of
innovation, source and target).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from builders.hostile import Commands

FOLDER = Path(__file__).parent / "runs"
NAMES = sorted(path.stem for path in FOLDER.glob("*.digests"))


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    modules = ("neuroevo.replay", "neuroevo.evolve", "neuroevo.report.summary", "neuroevo.verify")
    with Commands(*modules) as commands:
        yield commands


def test_the_formats_of_all_versions_are_there() -> None:
    assert len(NAMES) >= 5
    assert sorted(path.name for path in FOLDER.iterdir() if path.is_dir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_checkpoints_hold_slots_from_the_fifth_format_on(name: str) -> None:
    """Else what follows would show nothing about the older ones, or the newer."""
    paths = sorted((FOLDER / name / "checkpoints").glob("*.npz"))
    assert len(paths) == 4
    for path in paths:
        with np.load(path) as arrays:
            version = json.loads(arrays["meta"].tobytes())["format_version"]
            assert (version, "slot" in arrays, "source" in arrays) == (
                (2, True, False) if name >= "5" else (1, False, True)
            )


@pytest.mark.parametrize("name", NAMES)
def test_a_run_of_an_earlier_version_is_shown_verified_and_resumed(
    commands: Commands, tmp_path: Path, name: str
) -> None:
    run = Path(shutil.copytree(FOLDER / name, tmp_path / "run"))
    digests = (FOLDER / f"{name}.digests").read_text()

    def told(*arguments: object, code: int = 0) -> str:
        ended = commands.run(*arguments, seconds=60)
        assert ended.code == code, (arguments, ended.stderr)
        return ended.stdout

    assert "generations  4" in told("show", run)
    assert told("digest", run).splitlines() == digests.splitlines()[:4]
    verified = json.loads(told("verify", run, "--workers", 0, "--json"))
    assert (verified["is_same"], verified["generation"]) == (True, 3)
    assert verified["num_compared"] == (12 if name >= "3" else 0)
    assert "solved" in told("evaluate", run, "--workers", 0)
    assert "continue" in told("resume", run, "--generations", 8, "--workers", 0)
    assert told("digest", run) == digests
    assert told("plot", run, "--out", tmp_path / "plots")
