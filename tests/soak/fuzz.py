"""Spoiled files for every loader: accepted, refused in one line, or a finding that is kept."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from builders.command_line import environment
from soak.reporting import ROOT, Part, say

PATIENCE_SECONDS = 60.0
"""On the clock; what takes 10 s of processor time is a finding, see ``fuzz_child.py``."""

START_SECONDS = 600.0  # on a busy machine, too
KEPT_PER_KIND = 3
MAY_HANG = frozenset({"allowed-lua"})
"""Lua that somebody allowed may loop or end its process; docs/security.md says so."""


@dataclass(slots=True)
class Fuzzed:
    """What came of one loader.

    Attributes:
        outcomes: accepted, refused, bad and tolerated.
        findings: how often what was said of files that should not have been.
        slowest: seconds of one file.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    next_number: int = 0


def fuzz(
    folder: Path, findings: Path, names: Sequence[str], seconds: float, seed: int,
    at_once: int = 1, on_part: Callable[[Part], None] = lambda part: None,
) -> Part:  # fmt: skip
    """Spoil and read files of every kind for so long each.

    Args:
        folder: to work in.
        findings: where files are kept that did what they should not.
        names: of the loaders.
        seconds: for each.
        seed: of the spoiling; the same seed and number give the same file.
        at_once: so many kinds side by side.
        on_part: told the table whenever a loader is done.
    """
    found: dict[str, Fuzzed] = {}
    lock = threading.Lock()

    def one(name: str) -> None:
        fuzzed = fuzz_loader(name, folder / name, findings, seconds, seed)
        with lock:
            found[name] = fuzzed
            on_part(as_part({n: found[n] for n in names if n in found}, seconds, seed))

    with ThreadPoolExecutor(at_once) as threads:
        list(threads.map(one, names))
    return as_part({name: found[name] for name in names}, seconds, seed)


def fuzz_loader(name: str, folder: Path, findings: Path, seconds: float, seed: int) -> Fuzzed:
    """Start children, one after the other when one dies, until the time is up; say what came."""
    fuzzed, spent = Fuzzed(), 0.0
    while spent < seconds:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        spent += child(name, folder, findings, seconds - spent, seed, fuzzed)
    shutil.rmtree(folder, ignore_errors=True)
    counts = fuzzed.outcomes
    say(f"{name}: {counts['accepted']} accepted, {counts['refused']} refused, {counts['bad']} bad")
    return fuzzed


def child(
    name: str, folder: Path, findings: Path, seconds: float, seed: int, fuzzed: Fuzzed
) -> float:
    """Run one child to its end; return the seconds it spent on files."""
    words = [sys.executable, "-m", "soak.fuzz_child", name, str(seed), str(fuzzed.next_number),
             str(seconds), str(folder)]  # fmt: skip
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    with (folder / "stderr").open("wb") as stderr, subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=stderr, cwd=ROOT, start_new_session=True,
        env={**environment(), "PYTHONPATH": path},
    ) as process:  # fmt: skip
        try:
            began, how = listen(process, name, folder, findings, fuzzed)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if began is None:
        words = (folder / "stderr").read_text(errors="replace").strip()[-800:]
        raise RuntimeError(f"{name}: could not begin ({how}): {words}")
    return time.monotonic() - began


def listen(
    process: subprocess.Popen[bytes], name: str, folder: Path, findings: Path, fuzzed: Fuzzed
) -> tuple[float | None, str]:
    """Take a child's lines until it ends, hangs or dies; note what it tells."""
    assert process.stdout is not None
    began, at, buffer = None, None, b""
    while True:
        patience = START_SECONDS if began is None else PATIENCE_SECONDS
        ready, _, _ = select.select([process.stdout], [], [], patience)
        chunk = os.read(process.stdout.fileno(), 65536) if ready else b""
        if not chunk:
            how = "hangs" if not ready else f"died, exit {process.wait()}"
            if at is not None:
                note(name, folder, findings, fuzzed, {"done": at, "outcome": "bad", "text": how})
            return began, how
        *lines, buffer = (buffer + chunk).split(b"\n")
        for line in map(json.loads, lines):
            began = began or time.monotonic()
            if "end" in line:
                return began, "end"
            at = line.get("begin")
            if "done" in line:
                note(name, folder, findings, fuzzed, line)


def note(name: str, folder: Path, findings: Path, fuzzed: Fuzzed, line: dict[str, Any]) -> None:
    """Count an outcome; keep the file if it is none of the good ones."""
    fuzzed.next_number = line["done"] + 1
    fuzzed.slowest = max(fuzzed.slowest, line.get("seconds", 0.0))
    outcome, text = line["outcome"], line["text"]
    if outcome == "bad" and name in MAY_HANG and re.match("hangs|died of signal|traceback", text):
        outcome = "tolerated"
    fuzzed.outcomes[outcome] += 1
    if outcome == "bad":
        kind = re.sub(r"\d+", "N", text)[:120]
        fuzzed.findings[kind] += 1
        if fuzzed.findings[kind] <= KEPT_PER_KIND:
            keep(name, folder / f"case-{line['done']}", findings, line["done"], text)


def keep(name: str, case: Path, findings: Path, number: int, text: str) -> None:
    """Copy a file to the findings, with what happened beside it."""
    findings.mkdir(parents=True, exist_ok=True)
    shutil.copy(case, findings / f"{name}-{number}")
    (findings / f"{name}-{number}.txt").write_text(text + "\n")
    say(f"FINDING {name}-{number}: {text}")


def as_part(found: dict[str, Fuzzed], seconds: float, seed: int) -> Part:
    """Return the table of all loaders."""
    rows = [
        (name, f"{sum(f.outcomes.values()):,}", f"{f.outcomes['accepted']:,}",
         f"{f.outcomes['refused']:,}", f"{f.outcomes['tolerated']:,}", f"{f.outcomes['bad']:,}")
        for name, f in found.items()
    ]  # fmt: skip
    troubles = [
        f"{name}: {count} times {kind}" for name, f in found.items()
        for kind, count in f.findings.most_common()
    ]  # fmt: skip
    head = ("loader", "files", "accepted", "refused in one line", "allowed Lua looped or ended "
            "its process", "anything else")  # fmt: skip
    note = (
        f"{seconds / 60:g} minutes each, seed {seed}. Anything else: another error than ours, a "
        "signal, more than 10 s of processor time or 500 MB. *forged*: numbers changed and the "
        "sums made right again."
    )
    figures = {
        name: {"outcomes": dict(f.outcomes), "findings": dict(f.findings), "slowest": f.slowest}
        for name, f in found.items()
    }
    return Part("Spoiled files", head, rows, note, troubles, figures)
