"""A run that was killed before its first checkpoint: `resume` begins it, exactly the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from neuroevo.cli.main import main
from neuroevo.storage.checkpoint import list_checkpoints
from neuroevo.storage.run_log import read_log

SMALL = ("--generations", 4, "--workers", 0, "--set", "NEAT.pop_size=20",
         "--set", "Run.stop_when_solved=false")  # fmt: skip


def command(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def evolved(run: Path, *more: object) -> Path:
    ended = command("evolve", "xor", "--out", run, *SMALL, *more)
    assert ended.exit_code == 0, ended.output
    return run


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return evolved(tmp_path_factory.mktemp("whole") / "run")  # its seed is drawn


def killed_early(whole: Path, run: Path) -> Path:
    """Return what a kill between manifest and first checkpoint leaves of a run."""
    for name in ("checkpoints", "best", "plots"):
        (run / name).mkdir(parents=True)
    for name in ("config.ini", "manifest.json", "lock"):
        shutil.copy(whole / name, run / name)
    for name in ("log.jsonl", "events.jsonl", "checkpoints/.generation-000000.npz.9.tmp"):
        (run / name).write_bytes(b"")
    return run


def lines(run: Path) -> list[dict[str, object]]:
    return [
        {key: value for key, value in record.items() if not key.endswith("_seconds")}
        for record in read_log(run / "log.jsonl")
    ]


def test_resume_begins_a_run_that_was_killed_before_its_first_checkpoint(
    whole: Path, tmp_path: Path
) -> None:
    run = killed_early(whole, tmp_path / "run")
    ended = command("resume", run)
    assert ended.exit_code == 0, ended.output
    assert "nothing was saved of this run: it begins with generation 0" in ended.output
    assert lines(run) == lines(whole)
    for name in ("checkpoints", "best"):
        both = [{p.name: p.read_bytes() for p in (r / name).iterdir()} for r in (run, whole)]
        assert both[0].keys() == both[1].keys()


def test_it_begins_with_the_genome_that_it_was_given(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(whole / "best" / "best.npz", tmp_path / "ancestor.npz")
    monkeypatch.chdir(tmp_path)
    seeded = evolved(tmp_path / "seeded", "--seed", 9, "--seed-genome", "ancestor.npz")
    run = killed_early(seeded, tmp_path / "elsewhere" / "run")
    monkeypatch.chdir("/")
    ended = command("resume", run)
    assert ended.exit_code == 0, ended.output
    assert lines(run) == lines(seeded)
    assert lines(run)[0]["best_fitness"] != lines(whole)[0]["best_fitness"]


@pytest.mark.parametrize(
    "kept", ["log.jsonl", "best/best.npz", "checkpoints/generation-000004.npz"]
)
def test_a_run_that_lost_its_checkpoints_is_not_begun_again(
    whole: Path, tmp_path: Path, kept: str
) -> None:
    run = killed_early(whole, tmp_path / "run")
    shutil.copy(whole / kept, run / kept)
    if kept.startswith("checkpoints"):
        (run / kept).rename(run / f"{kept}.passed-over")
    ended = command("resume", run, "--generations", 9)
    assert ended.exit_code == 2
    assert "No checkpoint was saved." in ended.output


def test_another_game_than_the_manifest_names_is_refused(whole: Path, tmp_path: Path) -> None:
    run = killed_early(whole, tmp_path / "run")
    manifest = json.loads((run / "manifest.json").read_text())
    for prints, message in (
        ({"rom_sha1": "ab"}, "the task must be the one the run began with"),
        ({"rom_sha1": 3}, "must be the manifest of a run; got a task fingerprint of"),
        (3, "must be the manifest of a run; got a task fingerprint of 3"),
        ({"\x1b[2J": "ab"}, "must be the manifest of a run"),
    ):
        text = json.dumps({**manifest, "task_fingerprint": prints})
        (run / "manifest.json").write_text(text)
        ended = command("resume", run)
        assert ended.exit_code == 2
        assert message in ended.output
    assert not list_checkpoints(run / "checkpoints")
