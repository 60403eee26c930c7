"""kill -9 of a whole run at random moments, and at every line of the code that saves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from builders.command_line import neuroevo
from builders.kills import ROOT, XOR, killed_and_resumed
from builders.small_records import newest_generation

from neuroevo.storage.checkpoint import load_newest
from neuroevo.storage.run_directory import RunDirectory
from neuroevo.storage.run_log import RunLog, read_log


def test_twenty_kills_at_random_moments_lose_at_most_the_running_generation(
    tmp_path: Path,
) -> None:
    tally = killed_and_resumed(tmp_path / "run", seed=20, num_kills=20, num_generations=30)
    assert tally.errors == []
    assert tally.num_kills == 20
    assert tally.num_unreadable == 0
    assert max(tally.saved) > 0, "or nothing could be lost"
    assert max(tally.lost) <= 1, "a line is written before its checkpoint"
    count = len(tally.digests)
    assert count >= 30
    whole = neuroevo("evolve", *XOR, "--out", tmp_path / "whole", "--generations", count)
    assert whole.returncode == 0, whole.stderr
    expected = [record["digest"] for record in read_log(tmp_path / "whole" / "log.jsonl")]
    assert tally.digests == expected


KILLED_AT_LINES = """
import os, shutil, signal, sys
from pathlib import Path
from builders.small_records import SmallRun

FILES = ("atomic.py", "checkpoint.py", "container.py", "run_log.py", "records.py")
folder, step = Path(sys.argv[1]), int(sys.argv[2])

def killed_at(line):
    def trace(frame, event, _):
        nonlocal line
        if not frame.f_code.co_filename.endswith(FILES):
            return None
        line -= event == "line"
        if not line:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace
    sys.settrace(trace)
    run.records.generation(record, moment)
    os._exit(0)

run = SmallRun(folder / "run")
run.generation()
sizes = {path: path.stat().st_size for path in run.path.rglob("*") if path.is_file()}
record = run.tell()
moment = run.moment()
at, code = 1, -9
while code:
    child = os.fork()
    if child == 0:
        killed_at(at)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    shutil.copytree(run.path, folder / f"run-{at}")
    print(at, code, flush=True)
    for path in run.path.rglob("*"):  # as before; the log is open here and keeps its file
        if path.is_file() and path not in sizes:
            path.unlink()
    os.truncate(run.run.log, sizes[run.run.log])
    at += step
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs that were killed before a line of the code that saves generation 1, one for each."""
    folder = tmp_path_factory.mktemp("killed")
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AT_LINES, str(folder), "3"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    codes = [int(line.split()[1]) for line in done.stdout.splitlines()]
    assert set(codes[:-1]) == {-signal.SIGKILL}
    assert len(codes) > 100
    return folder


def test_a_kill_before_any_line_of_saving_leaves_a_good_checkpoint_and_log(killed: Path) -> None:
    seen = set()
    for path in sorted(killed.glob("run-*")):
        with RunDirectory.open(path, writing=True) as run:
            generation = newest_generation(run)
            seen.add(generation)
            log = RunLog(run.log)
            lines = [record["generation"] for record in read_log(run.log)]
            assert lines in (list(range(generation)), list(range(generation + 1)))
            log.truncate(load_newest(run.checkpoints)[1].log_offset)
            log.close()
            assert len(read_log(run.log)) == generation
            assert not list(path.rglob("*.tmp")), "the next writer clears up"
    assert seen == {1, 2}
