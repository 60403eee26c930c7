"""The first start after installation: what breeds is compiled by a process of its own."""

import os
import signal
import subprocess
import sys

import pytest
from builders.real_runs import all_gone, children, is_alive

from neuroevo.storage.run_log import read_log

LOOK = """
from neuroevo import warm_up
from neuroevo.neat.kernels.packing import look_up
from neuroevo.neat.kernels.placement import place_genomes
{change}
warm_up.warm_up()
print(sum(warm_up.breed.stats.cache_hits.values()), end=" ")
warm_up.wait_for_breeding(lambda text: None)
kernels = warm_up.breed, look_up, place_genomes
print([(sum(k.stats.cache_hits.values()), sum(k.stats.cache_misses.values())) for k in kernels])
"""


def looked(folder, change=""):
    """Return whether what breeds was loaded before anybody waited for it; then (loaded, compiled)
    of what breeds, of what looks genes up, and of what places. In a process of its own.
    """
    return subprocess.run(
        [sys.executable, "-c", LOOK.format(change=change)],
        env={**os.environ, "NUMBA_CACHE_DIR": str(folder), "NUMBA_DISABLE_JIT": "0"},
        capture_output=True, text=True, check=True, timeout=300,
    ).stdout.strip()  # fmt: skip


def test_what_breeds_is_compiled_beside_and_loaded_ever_after(tmp_path):
    assert looked(tmp_path) == "0 [(1, 0), (1, 0), (0, 1)]"
    assert looked(tmp_path) == "1 [(1, 0), (1, 0), (1, 0)]"


@pytest.mark.parametrize(
    "change",
    [
        "warm_up.sys.executable = '/bin/false'",
        "warm_up.sys.executable = '/nowhere/python'",
    ],
    ids=["it fails", "it cannot be started"],
)
def test_what_nobody_compiled_beside_is_compiled_here(tmp_path, change):
    assert looked(tmp_path, change) == "0 [(0, 1), (0, 1), (0, 1)]"


MASTER = """
import time
from neuroevo import warm_up
warm_up._begin_beside()
warm_up._begin_beside()
print(warm_up._Beside.process.pid, flush=True)
time.sleep(300)
"""


def test_what_compiles_is_one_process_and_ends_with_its_master(tmp_path):
    """Of a master that is killed while the other compiles."""
    master = subprocess.Popen(
        [sys.executable, "-c", MASTER],
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_DISABLE_JIT": "0"},
        stdout=subprocess.PIPE,
    )
    try:
        assert master.stdout is not None
        compiling = int(master.stdout.readline())
        assert children(master.pid) == [compiling]
        os.kill(compiling, signal.SIGSTOP)
        was_alive = is_alive(compiling)
    finally:
        master.kill()
        master.communicate()
    os.kill(compiling, signal.SIGCONT)
    assert was_alive
    assert all_gone({compiling}, 1.0)


RUN = """
import sys
from neuroevo import warm_up
from neuroevo.cli.main import main
{change}
main([*{words}, sys.argv[1]], standalone_mode=False)
from neuroevo.neat.kernels.breeding import breed
print([sum(breed.stats.cache_hits.values()), sum(breed.stats.cache_misses.values())])
"""
LIMIT_SECONDS = 3
WORDS = (
    *("evolve", "xor", "--workers", "0", "--seed", "1", "--generations", "2"),
    *("--minutes", str(LIMIT_SECONDS / 60), "--out"),
)
WAITS = "compiling the last kernels, once"

# A Python that begins when a file holds a word; at last before the test ends, lest the run wait on.
LATE = """#!/bin/sh
left=2700
until grep -q {word!r} {file!r} || [ $left -le 0 ]; do sleep 0.1; left=$((left - 1)); done
sleep {seconds}
exec {python!r} "$@"
"""
IN_TIME = """
begin = warm_up._begin_beside
warm_up._begin_beside = lambda: [begin(), warm_up._Beside.process.wait()]
"""


def evolved(folder, change):
    """Evolve XOR with no compiled kernels; return what it shows: last, how it came by ``breed``."""
    with (folder / "shown").open("w") as shown:
        subprocess.run(
            [sys.executable, "-c", RUN.format(words=WORDS, change=change), folder / "run"],
            env={**os.environ, "NUMBA_CACHE_DIR": f"{folder}/kernels", "NUMBA_DISABLE_JIT": "0"},
            stdout=shown, stderr=shown, check=False, timeout=300,
        )  # fmt: skip
    return (folder / "shown").read_text()


def test_a_run_waits_for_what_breeds_before_it_breeds_and_says_so(tmp_path):
    """What it waits is no part of its generation, nor of what ``--minutes`` allows."""
    late = tmp_path / "late"
    script = LATE.format(
        word=WAITS, file=f"{tmp_path}/shown", python=sys.executable, seconds=LIMIT_SECONDS
    )
    late.write_text(script)
    late.chmod(0o755)
    shown = evolved(tmp_path, f"warm_up.sys.executable = {str(late)!r}")
    assert "compiling kernels, once" in shown
    assert shown.count(WAITS) == 1
    assert shown.strip().endswith("[1, 0]")
    records = read_log(tmp_path / "run" / "log.jsonl")
    assert len(records) == 2
    assert records[0]["generation_seconds"] < LIMIT_SECONDS


def test_a_run_says_nothing_of_what_was_compiled_in_time(tmp_path):
    shown = evolved(tmp_path, IN_TIME)
    assert "compiling kernels, once" in shown
    assert WAITS not in shown
    assert shown.strip().endswith("[1, 0]")


FULL = """
import resource
from neuroevo import session
warm_up.sys.executable = "/bin/false"
wait = session.wait_for_breeding
def on_a_full_disk(tell):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        wait(tell)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
session.wait_for_breeding = on_a_full_disk
"""


def test_kernels_that_find_no_space_are_one_line_that_says_how_to_go_on(tmp_path):
    shown = evolved(tmp_path, FULL)
    (line,) = [line for line in shown.splitlines() if "must be a folder for compiled" in line]
    assert f"{tmp_path}/kernels/kernels_" in line
    assert f"neuroevo resume {tmp_path}/run" in line
    assert "Traceback" not in shown
    assert read_log(tmp_path / "run" / "log.jsonl") == []
