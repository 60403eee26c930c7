"""kill -9 in the middle of writing, a full disk, and two processes that want one run."""

from __future__ import annotations

import os
import random
import re
import resource
import signal
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from builders.neat_genomes import neat_settings

from neuroevo.errors import StorageError
from neuroevo.neat.population import Population
from neuroevo.storage.checkpoint import (
    list_checkpoints,
    load_checkpoint,
    load_newest,
    save_checkpoint,
)
from neuroevo.storage.run_directory import RunDirectory
from neuroevo.storage.run_log import RunLog, read_log

ROOT = Path(__file__).parents[2]

SAVE_FOR_EVER = """
import sys
from dataclasses import replace
from pathlib import Path
from builders.neat_genomes import neat_settings
from neuroevo.neat.population import Population
from neuroevo.storage.checkpoint import save_checkpoint
from neuroevo.storage.run_log import RunLog

folder = Path(sys.argv[1])
state = Population(neat_settings(pop_size=150), seed=1).state()
log = RunLog(folder / "log.jsonl")
for generation in range(10**6):
    log.append({"generation": generation, "padding": "x" * 2000})
    extra = {"log_offset": log.offset, "known": {}, "fingerprint": {}}
    save_checkpoint(folder, replace(state, generation=generation), extra)
    print(generation, flush=True)
"""

HOLD_THE_LOCK = """
import sys, time
from pathlib import Path
from neuroevo.storage.run_directory import RunDirectory

run = RunDirectory.open(Path(sys.argv[1]), writing=True)
print("locked", flush=True)
time.sleep(60)
"""

SAVE_WITHOUT_SPACE = """
import resource, signal, sys
from dataclasses import replace
from pathlib import Path
from builders.neat_genomes import neat_settings
from neuroevo.errors import StorageError
from neuroevo.neat.population import Population
from neuroevo.storage.checkpoint import save_checkpoint
from neuroevo.storage.run_log import RunLog

folder = Path(sys.argv[1])
state = Population(neat_settings(), seed=1).state()
extra = {"log_offset": 0, "known": {}, "fingerprint": {}}
save_checkpoint(folder, state, extra)
log = RunLog(folder / "log.jsonl")
log.append({"generation": 0})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
for attempt in (
    lambda: save_checkpoint(folder, replace(state, generation=1), extra),
    lambda: log.append({"padding": "x" * 5000}),
):
    try:
        attempt()
    except StorageError as problem:
        print(problem)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.append({"generation": 1})
"""


def run_script(script: str, folder: Path) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    return subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("kill", range(4))
def test_a_kill_while_saving_leaves_the_newest_checkpoint_and_the_log_readable(tmp_path, kill):
    child = run_script(SAVE_FOR_EVER, tmp_path)
    try:
        for _ in range(3):
            last_confirmed = int(child.stdout.readline())
        time.sleep(random.Random(kill).uniform(0.0, 0.05))
    finally:
        child.send_signal(signal.SIGKILL)
        rest = child.communicate()[0].split()
    last_confirmed = int(rest[-1]) if rest else last_confirmed

    state, extra, warnings = load_newest(tmp_path)
    assert warnings == []
    assert state.generation in (last_confirmed, last_confirmed + 1)
    for path in list_checkpoints(tmp_path):
        load_checkpoint(path)
    log = RunLog(tmp_path / "log.jsonl")
    log.truncate(extra.log_offset)
    log.close()
    assert read_log(tmp_path / "log.jsonl")[-1]["generation"] == state.generation


def test_a_full_disk_leaves_the_old_files_intact_and_the_log_goes_on(tmp_path):
    child = run_script(SAVE_WITHOUT_SPACE, tmp_path)
    printed = child.communicate(timeout=60)[0].splitlines()
    assert child.returncode == 0
    assert len(printed) == 2
    assert all("must be writable" in line for line in printed)
    assert load_newest(tmp_path)[0].generation == 0
    assert not list(tmp_path.glob("*.tmp")) + list(tmp_path.glob(".*"))
    assert read_log(tmp_path / "log.jsonl") == [{"generation": 0}, {"generation": 1}]


def test_two_processes_cannot_write_one_run_and_a_kill_frees_it(tmp_path):
    path = tmp_path / "run"
    RunDirectory.create(path, "").close()
    child = run_script(HOLD_THE_LOCK, path)
    try:
        assert child.stdout.readline() == "locked\n"
        with pytest.raises(StorageError, match="must have one writer"):
            RunDirectory.open(path, writing=True)
        RunDirectory.open(path)
    finally:
        child.kill()
        child.communicate()
    RunDirectory.open(path, writing=True).close()


def test_a_header_that_claims_a_terabyte_takes_no_memory(tmp_path):
    path = save_checkpoint(tmp_path, Population(neat_settings(), seed=1).state(), {})
    whole = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("weight.npy")
        original = archive.read(entry)
    claim = re.sub(rb"\((\d+),\), }( {12})", rb"(9\g<1>00000000000,), }", original, count=1)
    claim += b" " * (len(original) - len(claim))
    assert claim != original
    start = entry.header_offset + 30 + len(entry.filename)
    whole[start : start + len(original)] = claim
    checksum = struct.pack("<L", entry.CRC)
    path.write_bytes(bytes(whole).replace(checksum, struct.pack("<L", zlib.crc32(claim))))

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(StorageError, match=r"weight\.npy of \d{13,} bytes"):
        load_checkpoint(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes
