"""Every group of the speed benchmarks runs to its end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "bench_speed.py"
GROUPS = sorted(path.stem for path in (SCRIPT.parent / "speed").glob("*.py"))


@pytest.mark.parametrize("group", [name for name in GROUPS if name != "measuring"])
def test_a_group_of_benchmarks_runs(group: str) -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, "--only", group, "--quick"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert " ; " in done.stdout
