"""Runs the real command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def environment() -> dict[str, str]:
    """Return the environment of a user who has neuroevo installed; no terminal, no window."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg", "COLUMNS": "200"}


def neuroevo(
    *arguments: object, folder: Path | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run ``neuroevo ARGUMENTS`` to its end, in ``folder`` (default: where the test runs)."""
    return subprocess.run(
        [sys.executable, "-m", "neuroevo", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(),
        timeout=timeout,
        check=False,
    )


def started(
    *arguments: object, folder: Path | None = None, stdout: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    """Start ``neuroevo ARGUMENTS`` in a process group of its own and return at once.

    A run of some hundred generations fills a pipe that nobody reads, and then waits.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "neuroevo", *map(str, arguments)],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=environment(),
        start_new_session=True,
    )
