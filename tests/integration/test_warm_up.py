"""The first start after installation: kernels are compiled in two processes at once."""

import os
import subprocess
import sys

import pytest

LOOK = """
from neuroevo import warm_up
from neuroevo.neat.kernels.placement import place_genomes
{change}
warm_up.warm_up()
kernels = warm_up.breed, place_genomes
print([(sum(k.stats.cache_hits.values()), sum(k.stats.cache_misses.values())) for k in kernels])
"""


def looked(folder, change=""):
    """Return (loaded, compiled) of what breeds, and of what places, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", LOOK.format(change=change)],
        env={**os.environ, "NUMBA_CACHE_DIR": str(folder), "NUMBA_DISABLE_JIT": "0"},
        capture_output=True, text=True, check=True, timeout=300,
    ).stdout.strip()  # fmt: skip


def test_what_breeds_is_compiled_beside_and_loaded_ever_after(tmp_path):
    assert looked(tmp_path) == "[(1, 0), (0, 1)]"
    assert looked(tmp_path) == "[(1, 0), (1, 0)]"


@pytest.mark.parametrize(
    "change",
    [
        "warm_up.sys.executable = '/bin/false'",
        "warm_up.sys.executable = '/nowhere/python'",
    ],
    ids=["it fails", "it cannot be started"],
)
def test_what_nobody_compiled_beside_is_compiled_here(tmp_path, change):
    assert looked(tmp_path, change) == "[(0, 1), (0, 1)]"
