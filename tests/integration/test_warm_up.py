"""The first start after installation: what breeds is compiled by a process of its own."""

import os
import subprocess
import sys

import pytest

LOOK = """
from neuroevo import warm_up
from neuroevo.neat.kernels.placement import place_genomes
{change}
warm_up.warm_up()
print(sum(warm_up.breed.stats.cache_hits.values()), end=" ")
warm_up.wait_for_breeding(lambda text: None)
kernels = warm_up.breed, place_genomes
print([(sum(k.stats.cache_hits.values()), sum(k.stats.cache_misses.values())) for k in kernels])
"""


def looked(folder, change=""):
    """Return whether what breeds was loaded before anybody waited for it; then (loaded, compiled)
    of what breeds, and of what places. In a process of its own.
    """
    return subprocess.run(
        [sys.executable, "-c", LOOK.format(change=change)],
        env={**os.environ, "NUMBA_CACHE_DIR": str(folder), "NUMBA_DISABLE_JIT": "0"},
        capture_output=True, text=True, check=True, timeout=300,
    ).stdout.strip()  # fmt: skip


def test_what_breeds_is_compiled_beside_and_loaded_ever_after(tmp_path):
    assert looked(tmp_path) == "0 [(1, 0), (0, 1)]"
    assert looked(tmp_path) == "1 [(1, 0), (1, 0)]"


@pytest.mark.parametrize(
    "change",
    [
        "warm_up.sys.executable = '/bin/false'",
        "warm_up.sys.executable = '/nowhere/python'",
    ],
    ids=["it fails", "it cannot be started"],
)
def test_what_nobody_compiled_beside_is_compiled_here(tmp_path, change):
    assert looked(tmp_path, change) == "0 [(0, 1), (0, 1)]"


RUN = """
import sys
from neuroevo import warm_up
from neuroevo.cli.main import main
{change}
main([*{words}, sys.argv[1]], standalone_mode=False)
from neuroevo.neat.kernels.breeding import breed
print([sum(breed.stats.cache_hits.values()), sum(breed.stats.cache_misses.values())])
"""
WORDS = ["evolve", "xor", "--workers", "0", "--seed", "1", "--generations", "2", "--out"]
WAITS = "compiling the last kernels, once"

# A Python that begins when a file holds a word; after two minutes, lest the run wait for ever.
LATE = """#!/bin/sh
left=1200
until grep -q {word!r} {file!r} || [ $left -le 0 ]; do sleep 0.1; left=$((left - 1)); done
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
            stdout=shown, check=True, timeout=300,
        )  # fmt: skip
    return (folder / "shown").read_text()


def test_a_run_waits_for_what_breeds_before_it_breeds_and_says_so(tmp_path):
    late = tmp_path / "late"
    late.write_text(LATE.format(word=WAITS, file=f"{tmp_path}/shown", python=sys.executable))
    late.chmod(0o755)
    shown = evolved(tmp_path, f"warm_up.sys.executable = {str(late)!r}")
    assert "compiling kernels, once" in shown
    assert shown.count(WAITS) == 1
    assert shown.strip().endswith("[1, 0]")


def test_a_run_says_nothing_of_what_was_compiled_in_time(tmp_path):
    shown = evolved(tmp_path, IN_TIME)
    assert "compiling kernels, once" in shown
    assert WAITS not in shown
    assert shown.strip().endswith("[1, 0]")
