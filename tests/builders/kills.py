"""Kills a real run with ``kill -9`` again and again, resumes it, and counts what was lost.

The commands run in forks of one process that has imported everything, so that a life of a run is
as short as the time until it is killed.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from neuroevo.errors import StorageError
from neuroevo.storage.checkpoint import load_newest
from neuroevo.storage.run_log import read_log

ROOT = Path(__file__).parents[2]
XOR = ("xor", "--seed", "5", "--set", "Run.stop_when_solved=false")


@dataclass
class Tally:
    """What the kills did.

    Attributes:
        num_kills: while the command ran; later ones came too late and do not count.
        num_resumed: lives after the first.
        num_unreadable: newest checkpoints that could not be read.
        lost: by kill, finished generations (lines of the log) that had to be computed again.
        saved: by kill, generations in the newest checkpoint.
        errors: what resumed commands complained of.
        digests: of all generations, when the run was finished in the end.
    """

    num_kills: int = 0
    num_resumed: int = 0
    num_unreadable: int = 0
    lost: list[int] = field(default_factory=list)
    saved: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)


class Forks:
    """One process that has imported everything and forks for each command; a context manager."""

    def __init__(self) -> None:
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        self._server = subprocess.Popen(
            [sys.executable, "-m", "builders.kills"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200"},
            cwd=ROOT,
            text=True,
        )

    def run(self, arguments: Sequence[object], kill_after: float | None) -> tuple[int, str]:
        """Run ``neuroevo ARGUMENTS``; return exit code (-9: killed) and what it complained of.

        Args:
            arguments: of the command.
            kill_after: seconds until ``kill -9``; None lets it end.
        """
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps([list(map(str, arguments)), kill_after]) + "\n")
        self._server.stdin.flush()
        code, errors = json.loads(self._server.stdout.readline())
        return int(code), str(errors)

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.communicate()


def killed_and_resumed(
    run: Path,
    seed: int,
    num_kills: int,
    num_generations: int,
    *,
    task: Sequence[object] = XOR,
    num_workers: int = 0,
    longest_seconds: float = 0.4,
) -> Tally:
    """Begin a run, kill it at random moments, resume it after each, and let it end.

    Args:
        run: folder of the run.
        seed: of the moments.
        num_kills: that strike while the command runs.
        num_generations: at least; more where the kills take longer.
        task: arguments of ``neuroevo evolve``.
        num_workers: of the run.
        longest_seconds: of one life.
    """
    moments = random.Random(seed)
    tally = Tally()
    options = ["--workers", num_workers, "--generations", 10**6]
    with Forks() as forks:
        while tally.num_kills < num_kills:
            life = moments.uniform(0.0, longest_seconds)
            is_run = (run / "manifest.json").exists()
            begin = ["resume", run] if is_run else ["evolve", *task, "--out", run]
            tally.num_resumed += is_run
            code, errors = forks.run([*begin, *options], life)
            if code != -signal.SIGKILL:
                tally.errors.append(errors)
                break
            tally.num_kills += 1
            _look(run, tally)
        last = max(num_generations, len(_lines(run)) + 1)
        code, errors = forks.run(["resume", run, "--workers", 0, "--generations", last], None)
        if code != 0:
            tally.errors.append(errors)
    tally.digests = [str(record["digest"]) for record in read_log(run / "log.jsonl")]
    return tally


def _look(run: Path, tally: Tally) -> None:
    """Count what is lost, as a reader finds it."""
    if not (run / "manifest.json").exists():
        return
    try:
        state, _, warnings = load_newest(run / "checkpoints")
    except StorageError as problem:
        # Killed between the manifest and the first checkpoint: the next `resume` begins.
        tally.num_unreadable += "No checkpoint was saved" not in str(problem)
        return
    tally.num_unreadable += len(warnings)
    tally.saved.append(state.generation)
    tally.lost.append(max(0, len(_lines(run)) - state.generation))


def _lines(run: Path) -> Sequence[object]:
    return read_log(run / "log.jsonl") if (run / "log.jsonl").exists() else []


def _serve() -> None:
    from neuroevo.cli.main import main

    for name in ("evolve", "cli.running", "cli.resume", "cli.evolve"):
        __import__(f"neuroevo.{name}")
    from neuroevo.network import compile as network
    from neuroevo.warm_up import wait_for_breeding, warm_up

    warm_up()
    wait_for_breeding(lambda text: None)  # or every kill would strike what compiles
    network.warm_up()
    for line in sys.stdin:
        arguments, kill_after = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDWR), 0)
            os.dup2(0, 1)
            os.dup2(writing, 2)
            code = 1
            try:
                main(arguments)
            except SystemExit as end:
                code = int(end.code or 0)
            finally:
                sys.stderr.flush()
                os._exit(code)
        os.close(writing)
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(child, signal.SIGKILL)
        with os.fdopen(reading, errors="replace") as errors:
            told = errors.read()  # until the last worker is gone, too
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps([os.waitstatus_to_exitcode(status), told[-2000:]]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
