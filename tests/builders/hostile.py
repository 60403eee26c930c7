"""Runs the real command on files of ill will, under limits of memory and time.

One process imports everything once; each command runs in a fork of it, so that hundreds of files
take seconds. Started as ``python -m builders.hostile [MODULE ...]``: a JSON line in, one out.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import selectors
import signal
import subprocess
import sys
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GAME_MODULES = (
    "stable_retro", "neuroevo.tasks.retro.task", "neuroevo.evolve", "neuroevo.replay",
    "neuroevo.tasks.retro.human.replaying", "neuroevo.tasks.retro.check.checkup",
)  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes:
        code: exit code; minus the signal's number if one ended it.
        cpu_seconds: processor time of the command and what it waited for.
        is_late: it was killed when its time was up.
    """

    code: int
    stdout: str
    stderr: str
    cpu_seconds: float
    is_late: bool

    def check_refusal(self, *words: str) -> str:
        """See that it ended with 2 and one clear line that has all words; return the line."""
        assert not self.is_late, f"hangs; said {self.stderr[-300:]}"
        assert self.code >= 0, f"died of {signal.Signals(-self.code).name}: {self.stderr[-300:]}"
        assert "Traceback" not in self.stderr, self.stderr[-1500:]
        assert self.code == 2, (self.code, self.stdout[-500:], self.stderr[-500:])
        line = self.stderr.strip()
        assert len(line) < 1500, f"{len(line)} characters"
        for word in words:
            assert word in line, (word, line)
        return line


class Commands:
    """The forking process, from a test's side; a context manager."""

    def __init__(self, *modules: str) -> None:
        if sys.platform != "linux":
            pytest.skip("memory and time are limited as Linux does it")
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        self._server = subprocess.Popen(
            [sys.executable, "-m", "builders.hostile", *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200"},
            cwd=ROOT,
            text=True,
        )

    def run(
        self, *arguments: object, seconds: float = 20, more_bytes: int = 1 << 30, cwd: object = None
    ) -> Ended:
        """Run ``neuroevo ARGUMENTS``.

        Args:
            arguments: of the command.
            seconds: until it counts as hung.
            more_bytes: address space that it may take beyond what its imports have.
            cwd: folder to run in.
        """
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        order = {"arguments": [str(a) for a in arguments], "seconds": seconds,
                 "more_bytes": more_bytes, "cwd": str(cwd or ROOT)}  # fmt: skip
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        return Ended(**json.loads(self._server.stdout.readline()))

    def __enter__(self) -> Commands:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.communicate()


def _serve() -> None:
    from neuroevo.cli.main import main

    for path in (ROOT / "neuroevo" / "cli").glob("*.py"):
        importlib.import_module(f"neuroevo.cli.{path.stem}")
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(sys.stderr):
        main(["config", "check", "neat-configs/xor.ini"])  # imports what every command needs
    for line in sys.stdin:
        order = json.loads(line)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = os.fork()
            if child == 0:
                _run(order, out.fileno(), err.fileno())
            code, cpu, is_late = _wait(child, order["seconds"])
            answer = {"code": code, "cpu_seconds": cpu, "is_late": is_late}
            for name, file in (("stdout", out), ("stderr", err)):
                file.seek(0)
                answer[name] = file.read().decode(errors="replace")
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _compile() -> None:
    """Load the compiled kernels that every game uses, once for all forks."""
    from neuroevo.network import compile as network
    from neuroevo.tasks.retro.observation import observer
    from neuroevo.tasks.retro.settings import ObservationSettings

    network.warm_up()
    observer.warm_up(ObservationSettings())


def _run(order: dict, out: int, err: int) -> None:
    from neuroevo.cli.main import main

    code = 99
    try:
        os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.chdir(order["cwd"])
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + order["more_bytes"]
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        sys.argv = ["neuroevo", *order["arguments"]]
        main(order["arguments"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - what a user would see
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _wait(child: int, seconds: float) -> tuple[int, float, bool]:
    pidfd = os.pidfd_open(child)
    with selectors.DefaultSelector() as selector:
        selector.register(pidfd, selectors.EVENT_READ)
        is_late = not selector.select(seconds)
    os.close(pidfd)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)  # also what it left behind
    _, status, usage = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, is_late


if __name__ == "__main__":
    for name in sys.argv[1:]:
        importlib.import_module(name)
    if sys.argv[1:]:
        _compile()
    _serve()
