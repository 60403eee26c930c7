"""A disk that is full for a while, or for good, under a real run.

Two ways: a limit on the size of files, which needs no rights, and a disk of 16 MB in memory where
the system lets us mount one.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders.command_line import neuroevo
from builders.small_records import files_of_at_most
from builders.watched import Watched

from neuroevo.neat.genome import genome_digest
from neuroevo.storage.checkpoint import load_newest
from neuroevo.storage.genome_file import load_genome
from neuroevo.storage.run_log import read_log

NUM_GENERATIONS = 120  # many: the disk must fill while they last
XOR = (
    *("xor", "--seed", 5, "--set", "Run.stop_when_solved=false"),
    *("--generations", NUM_GENERATIONS),
)

linux_only = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux limits another process while it runs"
)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("undisturbed") / "run"
    ended = neuroevo("evolve", *XOR, "--out", run, "--workers", 0)
    assert ended.returncode == 0, ended.stderr
    load_newest(run / "checkpoints")  # now every kernel is compiled: a full disk takes none
    return run


def log_without_clocks(run: Path) -> list[dict[str, object]]:
    return [
        {key: value for key, value in record.items() if not key.endswith("_seconds")}
        for record in read_log(run / "log.jsonl")
    ]


def check_is_same(run: Path, other: Path) -> None:
    """See that two runs left the same: log, newest checkpoint, best genomes, charts."""
    assert log_without_clocks(run) == log_without_clocks(other)
    for folder in ("best", "plots"):  # which checkpoints are kept depends on when it was full
        names = [sorted(p.name for p in (r / folder).iterdir()) for r in (run, other)]
        assert names[0] == names[1], folder
    for path in (other / "best").iterdir():
        genomes = [load_genome(r / "best" / path.name)[0] for r in (run, other)]
        assert genome_digest(genomes[0]) == genome_digest(genomes[1])
    states = [load_newest(r / "checkpoints")[0] for r in (run, other)]
    assert states[0].random_state == states[1].random_state
    assert states[0].generation == states[1].generation == NUM_GENERATIONS


def events_of(run: Path, kind: str) -> list[str]:
    lines = (run / "events.jsonl").read_text().splitlines()
    return [event["text"] for event in map(json.loads, lines) if event["kind"] == kind]


def limit_files(process: subprocess.Popen[str], num_bytes: int) -> None:
    """Let the system refuse to make any file of a running process longer."""
    unlimited = resource.RLIM_INFINITY
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (num_bytes, unlimited))


@linux_only
def test_a_run_on_a_full_disk_goes_on_and_writes_everything_when_there_is_space(
    undisturbed: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    with Watched("evolve", *XOR, "--out", run, "--workers", 0) as evolving:
        evolving.wait_for_generations(4)
        with evolving.paused():
            length = (run / "log.jsonl").stat().st_size
            limit_files(evolving.process, length + 100)  # in the middle of a line
        told = evolving.wait_for("goes on in memory")
        evolving.wait_for_generations(8)
        with evolving.paused():
            saved = load_newest(run / "checkpoints")
            assert saved[2] == []
            assert len(read_log(run / "log.jsonl")) >= saved[0].generation
            limit_files(evolving.process, resource.RLIM_INFINITY)
        again = evolving.wait_for("storage works again")
        assert evolving.end() == 0, evolving.error
    assert "must be writable; got File too large" in told  # the log, or a checkpoint on its way
    assert "MB are free there" in told
    assert evolving.output.count("goes on in memory") == 1
    assert int(again.split(":")[1].split()[0]) >= 8
    assert len(events_of(run, "storage")) == 2
    check_is_same(run, undisturbed)


@linux_only
@pytest.mark.parametrize("is_interrupted", [False, True])
def test_a_run_that_ends_on_a_full_disk_says_what_is_lost_and_can_be_resumed(
    undisturbed: Path, tmp_path: Path, is_interrupted: bool
) -> None:
    run = tmp_path / "run"
    with Watched("evolve", *XOR, "--out", run, "--workers", 0) as evolving:
        evolving.wait_for_generations(4)
        limit_files(evolving.process, 2000)
        evolving.wait_for("goes on in memory")
        if is_interrupted:
            evolving.process.send_signal(signal.SIGINT)
        assert evolving.end() == 2
    saved, _, warnings = load_newest(run / "checkpoints")
    assert warnings == []
    assert f"Lost: generations {saved.generation} to " in evolving.error
    assert f"neuroevo resume {run}" in evolving.error
    assert "Traceback" not in evolving.error
    assert not list(run.rglob("*.tmp"))
    resumed = neuroevo("resume", run)
    assert resumed.returncode == 0, resumed.stderr
    check_is_same(run, undisturbed)


@pytest.mark.usefixtures("undisturbed")
@pytest.mark.parametrize("num_bytes", [0, 5_000, 15_000], ids=["nothing", "half", "no checkpoint"])
def test_a_run_that_cannot_be_begun_is_one_line_and_its_folder_can_be_taken_again(
    tmp_path: Path, num_bytes: int
) -> None:
    run = tmp_path / "run"
    with files_of_at_most(num_bytes):  # the command inherits it
        ended = neuroevo("evolve", *XOR[:-1], 2, "--out", run, "--workers", 0)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert "must be writable; got File too large" in ended.stderr
    assert "Traceback" not in ended.stderr
    again = neuroevo("evolve", *XOR[:-1], 2, "--out", run, "--workers", 0)
    assert again.returncode == 0, again.stderr


@pytest.mark.usefixtures("undisturbed")
def test_charts_that_do_not_fit_are_a_remark_and_the_run_is_saved(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert neuroevo("evolve", *XOR[:-1], 2, "--out", run, "--workers", 0).returncode == 0
    largest = max(path.stat().st_size for path in (run / "checkpoints").iterdir())
    with files_of_at_most(largest + 2_000):  # a picture takes more
        ended = neuroevo("resume", run, "--generations", 3, "--workers", 0)
    assert ended.returncode == 0, ended.stderr
    assert "no charts" in ended.stderr
    assert f"neuroevo plot {run}" in ended.stderr
    assert "best genome" in ended.stdout
    assert load_newest(run / "checkpoints")[0].generation == 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount 16 MB of memory as a disk."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "neuroevo-test", str(disk)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if done.returncode != 0:
        pytest.skip(f"a disk can be mounted by root only: {done.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Take all the space that is left; return the file that takes it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return filler


def test_a_disk_that_is_mounted_for_reading_is_told_before_anything_is_computed(
    small_disk: Path,
) -> None:
    assert neuroevo("evolve", *XOR[:-1], 2, "--out", small_disk / "a").returncode == 0
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for command in (
        ("evolve", *XOR, "--out", small_disk / "b"),
        ("resume", small_disk / "a", "--generations", 9),
    ):
        ended = neuroevo(*command, "--workers", 0)
        assert ended.returncode == 2, ended.stdout
        assert "Read-only file system. Mount it for writing." in ended.stderr
        assert len(ended.stderr.splitlines()) == 1
    assert "generations  2" in neuroevo("show", small_disk / "a").stdout


def test_a_real_disk_that_is_full_for_a_while_costs_nothing_with_two_workers(
    undisturbed: Path, small_disk: Path
) -> None:
    run = small_disk / "run"
    with Watched("evolve", *XOR, "--out", run, "--workers", 2) as evolving:
        evolving.wait_for_generations(4)
        with evolving.paused():
            filler = fill(small_disk)
        told = evolving.wait_for("goes on in memory")
        evolving.wait_for_generations(6)
        with evolving.paused():
            assert load_newest(run / "checkpoints")[2] == []
            filler.unlink()
        evolving.wait_for("storage works again")
        assert evolving.end() == 0, evolving.error
    assert "No space left on device. Free some space there. 0.0 MB are free there" in told
    assert not list(run.rglob("*.tmp"))
    check_is_same(run, undisturbed)


def test_a_run_resumed_on_a_full_disk_goes_on_in_memory(
    undisturbed: Path, small_disk: Path
) -> None:
    run = small_disk / "run"
    assert neuroevo("evolve", *XOR[:-1], 3, "--out", run, "--workers", 0).returncode == 0
    filler = fill(small_disk)
    with Watched("resume", run, "--generations", NUM_GENERATIONS, "--workers", 0) as resumed:
        resumed.wait_for("goes on in memory")
        filler.unlink()
        resumed.wait_for("storage works again")
        assert resumed.end() == 0, resumed.error
    check_is_same(run, undisturbed)
