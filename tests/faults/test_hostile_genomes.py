"""Genome files and run directories of ill will, as the commands meet them; the format's own tests
are in tests/unit/storage."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders.command_line import neuroevo
from builders.hostile import Commands

from neuroevo.storage.genome_file import load_genome, save_genome

MODULES = ("neuroevo.replay", "neuroevo.evolve", "neuroevo.report.summary", "neuroevo.verify")


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    with Commands(*MODULES) as commands:
        yield commands


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("run") / "run"
    options = ("--seed", 1, "--workers", 0, "--generations", 2, "--set", "NEAT.pop_size=10")
    ended = neuroevo("evolve", "xor", "--out", run, *options)
    assert ended.returncode == 0, ended.stderr
    return run


@pytest.fixture
def run(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "run"))


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("meta.npy", bytes(300_000_000))


CARDS: dict[str, Any] = {
    "no settings": {},
    "settings that are a number": {"config": 3},
    "settings of an interpolation bomb": {"config": "[NEAT]\npop_size = %(pop_size)s"},
    "settings of a megabyte": {"config": "x" * 2_000_000},
    "settings of another size": {
        "config": "[NEAT]\npop_size = 3\n[DefaultGenome]\nnum_inputs = 9\nnum_outputs = 9\n"
        "[Task]\nname = xor\n"
    },
    "settings of a shell": {"config": "$(touch owned)"},
}


@pytest.mark.parametrize("name", CARDS)
def test_a_genome_with_a_hostile_card_is_refused(commands: Commands, run: Path, name: str) -> None:
    path = run / "best" / "best.npz"
    save_genome(path, load_genome(path)[0], CARDS[name])
    for target in (path, run):
        ended = commands.run("evaluate", target, "--workers", 0, cwd=run)
        assert not ended.is_late
        assert ended.code == 2, (ended.code, ended.stderr[-500:])
        assert "Traceback" not in ended.stderr
        assert "best.npz" in ended.stderr
        assert max(map(len, ended.stderr.splitlines())) < 1000
    assert not list(run.rglob("owned"))


@pytest.mark.parametrize("command", ["evaluate", "resume", "verify"])
@pytest.mark.parametrize("content", ["bomb", "nothing", "binary", "cut"])
def test_spoiled_numbers_are_refused_under_a_memory_limit(
    commands: Commands, run: Path, command: str, content: str
) -> None:
    for path in [*(run / "checkpoints").iterdir(), *(run / "best").iterdir()]:
        whole = path.read_bytes()
        if content == "bomb":
            bomb(path)
        else:
            path.write_bytes(
                {"nothing": b"", "binary": bytes(range(256)) * 9, "cut": whole[:300]}[content]
            )
    options = ["--generations", 9] if command == "resume" else []
    ended = commands.run(command, run, *options, "--workers", 0, more_bytes=400 << 20)
    ended.check_refusal(".npz")


@pytest.mark.parametrize("name", ["manifest.json", "config.ini", "log.jsonl"])
@pytest.mark.parametrize(
    "content", [b"", b"\0" * 1000, b"[" * 200_000, b"{}\n{\n{}\n", b"9" * 9000]
)
def test_texts_of_a_run_that_are_none_are_refused_or_read_as_empty(
    commands: Commands, run: Path, name: str, content: bytes
) -> None:
    (run / name).write_bytes(content)
    for command, *options in (["show"], ["digest"], ["verify"], ["resume", "--generations", 9]):
        workers = ["--workers", 0] if command in ("verify", "resume") else []
        ended = commands.run(
            command, shutil.copytree(run, run.parent / command), *options, *workers
        )
        assert not ended.is_late
        assert ended.code in (0, 1, 2), (command, ended.code, ended.stderr[-500:])
        assert "Traceback" not in ended.stderr, (command, ended.stderr[-1500:])


@pytest.mark.parametrize("record", [{}, {"generation": "x"}, {"generation": None}, {"digest": 3}])
def test_a_log_of_other_records_is_refused(
    commands: Commands, run: Path, record: dict[str, Any]
) -> None:
    (run / "log.jsonl").write_text(json.dumps(record) + "\n")
    for command in ("verify", "digest", "show", "resume"):
        ended = commands.run(command, run)
        assert not ended.is_late
        assert ended.code == 2, (command, ended.code, ended.stdout[-300:], ended.stderr[-900:])
        assert "Traceback" not in ended.stderr, (command, ended.stderr[-900:])
