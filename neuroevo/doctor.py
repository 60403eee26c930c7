"""Is this machine fit for runs, and are the runs on it sound? What is wrong, and what mends it.

Only looks: no lock is taken, no file is changed. What is imported for a trial is imported in a
process of its own, since a broken wheel can end whoever imports it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from neuroevo.config import load
from neuroevo.errors import ConfigError, NeuroevoError, NewerVersionError, StorageError
from neuroevo.shipped import integrations_folder
from neuroevo.storage.atomic import is_leftover
from neuroevo.storage.checkpoint import list_checkpoints, load_newest, read_checkpoint
from neuroevo.storage.run_directory import RunDirectory
from neuroevo.storage.run_log import check_offset, read_generations

OK, WARNING, PROBLEM = "ok", "warning", "problem"
OLDEST_PYTHON, NEWEST_PYTHON = (3, 10), (3, 14)
WHEELS = (("stable-retro", "stable_retro"), ("numba", "numba"), ("OpenCV", "cv2"))
IMPORT_SECONDS = 120
LITTLE_BYTES, TOO_LITTLE_BYTES = 2_000_000_000, 200_000_000
PROC_LOCKS = Path("/proc/locks")
GAMES = ("Wickling-Nes", "Airstriker-Genesis")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: in a word or two.
        status: ``ok``, ``warning`` or ``problem``.
        text: what is so.
        mend: the command that mends it, '' where nothing is to be done.
    """

    name: str
    status: str
    text: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """All checks, in the order in which they were made."""

    checks: tuple[Check, ...]

    @property
    def is_fit(self) -> bool:
        """Tell whether there is no problem; warnings are none."""
        return all(check.status != PROBLEM for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """Return all of it in plain lists and texts."""
        return {**asdict(self), "is_fit": self.is_fit}


def examine(runs: Path) -> Health:
    """Look at the machine, at the games that come along, and at the run directories in ``runs``."""
    wheels = [_wheel(name, module) for name, module in WHEELS]
    has_retro = wheels[0].status == OK
    checks = [
        _python(sys.version_info[:2]), *wheels, _cores(), _kernel_cache(), _display(), _disk(runs),
        *(_games() if has_retro else []), *_runs(runs),
    ]  # fmt: skip
    return Health(tuple(checks))


def _python(version: tuple[int, ...]) -> Check:
    text = f"{version[0]}.{version[1]}, {sys.executable}"
    if OLDEST_PYTHON <= version <= NEWEST_PYTHON:
        return Check("Python", OK, text)
    text += f": stable-retro has wheels for {_dotted(OLDEST_PYTHON)} to {_dotted(NEWEST_PYTHON)}"
    return Check("Python", PROBLEM, text, "python3.12 -m venv .venv && make test")


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _wheel(name: str, module: str) -> Check:
    code = f"import {module} as m; print('version', str(m.__version__).strip())"
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=IMPORT_SECONDS,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Check(name, PROBLEM, f"import takes over {IMPORT_SECONDS} s", _reinstall(name))
    found = [line for line in done.stdout.splitlines() if line.startswith("version ")]
    if done.returncode == 0 and found:
        return Check(name, OK, found[-1].removeprefix("version "))
    last = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
    mend = _reinstall(name)
    if "libGL" in last:
        mend = (
            f"{shlex.quote(sys.executable)} -m pip install --force-reinstall opencv-python-headless"
        )
    return Check(name, PROBLEM, f"cannot be imported: {last[:200]}", mend)


def _reinstall(name: str) -> str:
    package = {"OpenCV": "opencv-python"}.get(name, name)
    options = "--force-reinstall --only-binary :all:"
    return f"{shlex.quote(sys.executable)} -m pip install {options} {package}"


def _cores() -> Check:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if count == 1:
        text = "1 core for this process: a worker beside the master gains little"
        return Check("cores", WARNING, text, "neuroevo evolve CONFIG --workers 1")
    return Check("cores", OK, f"{count} for this process, so --workers {count}")


def _kernel_cache() -> Check:
    """Numba keeps compiled kernels beside the code, else in the user's cache folder."""
    own = os.environ.get("NUMBA_CACHE_DIR")
    beside = Path(__file__).parent / "neat"
    folders = [Path(own)] if own else [beside, Path.home() / ".cache"]
    usable = next((folder for folder in folders if _can_write(folder)), None)
    if usable is not None:
        return Check("kernel cache", OK, f"{usable} can be written")
    text = f"{' and '.join(map(str, folders))} cannot be written: every process compiles anew"
    return Check("kernel cache", WARNING, text, "export NUMBA_CACHE_DIR=$(mktemp -d)")


def _can_write(folder: Path) -> bool:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _display() -> Check:
    found = [name for name in ("DISPLAY", "WAYLAND_DISPLAY") if os.environ.get(name)]
    if found or sys.platform == "darwin":
        return Check("display", OK, "there is one; only `neuroevo play` opens a window")
    return Check(
        "display", OK, "none, and none is needed: only `neuroevo play` would open a window"
    )


def _disk(runs: Path) -> Check:
    folder = runs if runs.is_dir() else Path()
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e9:,.1f} GB free for {folder.resolve()}"
    mend = f"du -sh {shlex.quote(str(folder))}/* | sort -h"
    if free < TOO_LITTLE_BYTES:
        return Check("disk", PROBLEM, f"{text}: too little for a run", mend)
    if free < LITTLE_BYTES:
        return Check("disk", WARNING, f"{text}: little for a long run", mend)
    if not _can_write(folder):
        return Check("disk", PROBLEM, f"{folder.resolve()} cannot be written", "cd ~")
    return Check("disk", OK, text)


def _games() -> Iterator[Check]:
    from neuroevo.tasks.retro.games import list_games, resolve_game, rom_path

    for name in GAMES:
        try:
            yield Check(name, OK, f"ROM found, {rom_path(resolve_game(name))}")
        except NeuroevoError as error:
            mend = f"git -C {shlex.quote(str(integrations_folder().parent))} checkout integrations"
            yield Check(name, PROBLEM, str(error), mend if name in GAMES[:1] else _reinstall(
                "stable-retro"))  # fmt: skip
    others = [g.name for g in list_games() if g.has_rom and not g.name.startswith(GAMES)]
    text = f"{len(others)} more with a ROM here{': ' if others else ''}{', '.join(others[:5])}"
    yield Check("games", OK, text, "" if others else "neuroevo games import FOLDER")


def _runs(folder: Path) -> Iterator[Check]:
    found = sorted(p.parent for p in folder.glob("*/manifest.json")) if folder.is_dir() else []
    if not found:
        yield Check("runs", OK, f"none in {folder}")
        return
    looked = [(path, list(examine_run(path))) for path in found]
    yield from (check for _, checks in looked for check in checks)
    num_sound = sum(all(check.status == OK for check in checks) for _, checks in looked)
    yield Check("runs", OK, f"{num_sound} of {len(found)} in {folder} without a remark")


def examine_run(path: Path) -> Iterator[Check]:
    """Yield what is to be said of one run directory; nothing if it lies there whole and still."""
    name, quoted = f"run {path.name}", shlex.quote(str(path))
    writers = lock_holders(path / "lock")
    if writers:
        yield Check(name, OK, f"being written by process {', '.join(map(str, writers))}")
    try:
        run = RunDirectory.open(path)
        if run.log.exists():
            read_generations(run.log)
        if run.has_begun:
            yield from _checkpoints(name, run)
        elif not writers:
            text = "was stopped before anything was saved; it can begin"
            yield Check(name, WARNING, text, f"neuroevo resume {quoted}")
        yield from _settings(name, run)
    except NewerVersionError as error:
        yield Check(name, PROBLEM, str(error), _upgrade())
    except StorageError as error:
        yield Check(name, PROBLEM, str(error), f"mv {quoted} {quoted}.damaged")
    left = [] if writers else leftovers(path)
    if left:
        text = f"{len(left)} temporary files of a killed save"
        yield Check(name, WARNING, text, f"rm {_quoted(left)}")


def _checkpoints(name: str, run: RunDirectory) -> Iterator[Check]:
    """Look at the checkpoints as ``resume`` would; name those that it would pass over.

    Raises:
        StorageError: none can be gone on from.
    """
    state, extra, warnings = load_newest(run.checkpoints)
    check_offset(run.log, extra.log_offset)
    bad = list_checkpoints(run.checkpoints)[::-1][: len(warnings)]
    good = f"A run goes on from generation {state.generation}, which is good."
    told = dict(zip(bad, warnings, strict=True))
    newer = [path for path in bad if _is_newer(path)]
    if newer:
        text = " ".join(told.pop(path) for path in newer)
        yield Check(name, WARNING, f"{text} {good}", _upgrade())
    if told:
        away = shlex.quote(str(run.path / "passed-over"))
        mend = f"mkdir -p {away} && mv {_quoted(list(told))} {away}"
        yield Check(name, WARNING, f"{' '.join(told.values())} {good}", mend)


def _is_newer(path: Path) -> bool:
    """Tell whether a newer version wrote a checkpoint: good work that must not be thrown away."""
    try:
        read_checkpoint(path)
    except NewerVersionError:
        return True
    except StorageError:
        return False
    return False


def _upgrade() -> str:
    return f"git -C {shlex.quote(str(integrations_folder().parent))} pull"


def _settings(name: str, run: RunDirectory) -> Iterator[Check]:
    """See that the settings are there, without which no run goes on; genome files have a copy."""
    try:
        load(run.config)
    except ConfigError as error:
        mend = f"neuroevo config check {shlex.quote(str(run.config))}"
        if not run.config.exists() and (run.best / "best.npz").exists():
            code = (
                "import sys; from pathlib import Path; "
                "from neuroevo.storage.genome_file import load_genome; "
                "print(load_genome(Path(sys.argv[1]))[1]['config'])"
            )
            mend = (
                f"{shlex.quote(sys.executable)} -c {shlex.quote(code)} "
                f"{_quoted([run.best / 'best.npz'])} > {_quoted([run.config])}"
            )
        yield Check(name, PROBLEM, str(error), mend)


def _quoted(paths: Sequence[Path]) -> str:
    return " ".join(shlex.quote(str(path)) for path in paths)


def leftovers(path: Path) -> Sequence[Path]:
    """Return temporary files that a killed process left in a run directory."""
    return sorted(p for p in path.rglob("*") if is_leftover(p.name) and p.is_file())


def lock_holders(lock: Path) -> tuple[int, ...]:
    """Return the processes that hold a lock file, without touching the lock; () if none or unknown.

    Read from ``/proc/locks``, whose fields are kind, mode, process and ``major:minor:inode``.
    """
    try:
        place = _place_of(lock)
        lines = PROC_LOCKS.read_text(encoding="ascii").splitlines()
    except OSError:
        return ()
    rows = [line.split() for line in lines]
    return tuple(
        int(row[4]) for row in rows if len(row) > 5 and row[1] == "FLOCK" and row[5] == place
    )


def _place_of(path: Path) -> str:
    """Return device and inode as ``/proc/locks`` has them: the device is that of the mount.

    What ``stat`` says is another one on btrfs and overlayfs.

    Raises:
        OSError: the file cannot be opened, or this is not Linux.
    """
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        info = Path(f"/proc/self/fdinfo/{file.fileno()}").read_text(encoding="ascii")
    mount = next((line.split()[1] for line in info.splitlines() if line.startswith("mnt_id")), "")
    rows = Path("/proc/self/mountinfo").read_text(errors="replace").splitlines()
    found = (row.split()[2].split(":") for row in rows if row.split()[0] == mount)
    device = next(found, [str(os.major(status.st_dev)), str(os.minor(status.st_dev))])
    return f"{int(device[0]):02x}:{int(device[1]):02x}:{status.st_ino}"
