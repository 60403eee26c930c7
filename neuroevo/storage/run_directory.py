"""The folder of one run: what lies where, who may write, and which machine it came from.

Nothing inside refers to the folder's own place, so that it can be moved or copied.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any

from neuroevo.errors import NewerVersionError, StorageError
from neuroevo.storage.atomic import (
    is_leftover,
    leftovers,
    make_folder,
    unwritable,
    write_atomically,
)
from neuroevo.storage.checkpoint_extra import is_text
from neuroevo.storage.lock import HeldError, Lock

JSON = Any
FORMAT_VERSION = 1
_MAGIC = "neuroevo run"
_PACKAGES = ("numpy", "numba", "stable-retro")
_LAYOUT = frozenset({"lock", "config.ini", "checkpoints", "best", "plots"})


class RunDirectory:
    """The paths of a run, and the lock of its one writer; a context manager that unlocks."""

    def __init__(self, path: Path) -> None:
        """Name the paths only; use :meth:`create` or :meth:`open`."""
        self.path = path
        self._lock = Lock(path / "lock")

    @classmethod
    def create(
        cls,
        path: Path,
        config_text: str,
        *,
        command_line: Sequence[str] = (),
        task_fingerprint: Mapping[str, str] | None = None,
    ) -> RunDirectory:
        """Make the folder of a new run, locked for this process.

        Args:
            path: must not exist, or be empty, or hold only what a killed ``create`` left.
            config_text: the resolved settings, an INI.
            command_line: what started the run.
            task_fingerprint: of the task's description.

        Raises:
            StorageError: the folder holds a run or something else, is in use, or cannot be made.
        """
        run = cls(path)
        run._refuse_contents()
        try:
            for directory in (path, run.checkpoints, run.best, run.plots):
                directory.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise unwritable(path, problem, "a writable folder") from problem
        run.lock()
        try:
            run._refuse_contents()  # another process may have been faster
            run._remove_leftovers()
            write_atomically(run.config, config_text.encode())
            manifest = describe_machine(command_line, task_fingerprint or {})
            # The manifest comes last: a folder without one is not a run yet.
            write_atomically(run.manifest, json.dumps(manifest, indent=2).encode() + b"\n")
        except BaseException:
            run.close()
            raise
        return run

    @classmethod
    def open(cls, path: Path, *, writing: bool = False) -> RunDirectory:
        """Open an existing run, for reading unless ``writing``.

        Raises:
            StorageError: it is not a run, is of a newer version, or has a writer already.
        """
        run = cls(path)
        run.read_manifest()
        if writing:
            run.lock()
            run._remove_leftovers()
        return run

    @property
    def config(self) -> Path:
        """The resolved settings."""
        return self.path / "config.ini"

    @property
    def manifest(self) -> Path:
        """Versions, machine, command line, start time, task fingerprint."""
        return self.path / "manifest.json"

    @property
    def log(self) -> Path:
        """One JSON line per generation."""
        return self.path / "log.jsonl"

    @property
    def events(self) -> Path:
        """One JSON line per event: a worker replaced, a checkpoint not written, ..."""
        return self.path / "events.jsonl"

    @property
    def checkpoints(self) -> Path:
        """The folder of checkpoint files."""
        return self.path / "checkpoints"

    @property
    def best(self) -> Path:
        """The folder of the best genomes."""
        return self.path / "best"

    @property
    def plots(self) -> Path:
        """The folder of figures."""
        return self.path / "plots"

    @property
    def quarantine(self) -> Path:
        """The folder of genomes that keep killing workers; made when the first one comes."""
        return self.path / "quarantine"

    @property
    def has_begun(self) -> bool:
        """Anything of the run is saved; a kill right after :meth:`create` leaves nothing."""
        kept = (p for folder in (self.checkpoints, self.best) for p in folder.glob("*"))
        has_files = any(not is_leftover(path.name) for path in kept)
        return has_files or (self.log.exists() and self.log.stat().st_size > 0)

    def task_fingerprint(self) -> dict[str, str]:
        """Return the fingerprint of the task as the run was made.

        Raises:
            StorageError: the manifest is damaged, or has no texts in its place.
        """
        prints = self.read_manifest().get("task_fingerprint")
        if not isinstance(prints, dict) or not all(map(is_text, (*prints, *prints.values()))):
            raise self._damaged_manifest(f"a task fingerprint of {repr(prints)[:40]}")
        return prints

    def read_manifest(self) -> dict[str, JSON]:
        """Return the manifest.

        Raises:
            StorageError: there is none, or it is damaged or of a newer version.
        """
        try:
            manifest = json.loads(self.manifest.read_bytes())
        except FileNotFoundError as problem:
            raise StorageError(
                f"{self.path}: must be the folder of a run; got no manifest.json in it. "
                "Pass the folder that `neuroevo evolve` made."
            ) from problem
        except (OSError, ValueError, RecursionError) as problem:
            raise self._damaged_manifest(str(problem)) from problem
        if not isinstance(manifest, dict) or manifest.get("magic") != _MAGIC:
            raise self._damaged_manifest("another file")
        version = manifest.get("format_version")
        if type(version) is not int or version < 1:
            raise self._damaged_manifest(f"format version {repr(version)[:40]}")
        if version > FORMAT_VERSION:
            raise NewerVersionError(
                f"{self.manifest}: format version must be at most {FORMAT_VERSION}; got {version}, "
                "written by a newer neuroevo. Upgrade neuroevo to open it."
            )
        return manifest

    def lock(self) -> None:
        """Become the one writer; the operating system frees the lock when the process dies.

        Raises:
            StorageError: another process writes, or the lock file cannot be made.
        """
        try:
            self._lock.acquire()
        except HeldError as problem:
            raise StorageError(
                f"{self.path}: must have one writer; got a run that is still going"
                f"{f', process {problem.pid}' if problem.pid else ''}. "
                "Wait for it, stop it with Ctrl-C, or choose another folder with --out."
            ) from problem
        except OSError as problem:
            raise unwritable(self.path, problem, "a writable folder") from problem

    def close(self) -> None:
        """Free the lock if it is held; may be called twice."""
        self._lock.release()

    def discard(self) -> None:
        """Make a new run none again, so that its folder can be taken once more; frees the lock."""
        # The manifest first: a folder without one is no run.
        files = (self.manifest, self.log, self.events, self.config)
        with contextlib.suppress(OSError):  # what stopped the run is told, not this
            for file in (*files, *self.checkpoints.glob("generation-*.npz")):
                file.unlink(missing_ok=True)
        self.close()

    def remove_torso(self) -> None:
        """Remove a folder in which no run has begun, unless there are other files in it."""
        if self.manifest.exists():
            return
        with contextlib.suppress(OSError):  # what stopped the run is told, not this
            for folder in (self.checkpoints, self.best, self.plots):
                if folder.exists():
                    folder.rmdir()
            (self.path / "lock").unlink(missing_ok=True)
            self.path.rmdir()

    def __enter__(self) -> RunDirectory:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _refuse_contents(self) -> None:
        """Raise unless the folder is missing, empty, or the torso of a killed ``create``."""
        try:
            if not self.path.exists():
                return
            names = {entry.name for entry in self.path.iterdir()}
            is_torso = names <= _LAYOUT or all(is_leftover(name) for name in names - _LAYOUT)
            has_files = any(d.is_dir() and any(d.iterdir()) for d in (self.checkpoints, self.best))
        except OSError as problem:
            raise unwritable(self.path, problem, "a writable folder") from problem
        if "manifest.json" in names:
            raise StorageError(
                f"{self.path}: must be empty; got a run. Go on with it by "
                f"`neuroevo resume {self.path}`, or choose another folder with --out."
            )
        if not is_torso or has_files:
            raise StorageError(
                f"{self.path}: must be empty or missing; got {', '.join(sorted(names)[:5])}. "
                "Choose another folder with --out."
            )

    def _remove_leftovers(self) -> None:
        """Remove what killed saves left; only the writer of a run writes in these folders."""
        for folder in (self.path, self.checkpoints, self.best, self.quarantine):
            for file in leftovers(folder):
                with contextlib.suppress(OSError):  # it costs space, not the run
                    file.unlink()

    def _damaged_manifest(self, got: str) -> StorageError:
        return StorageError(
            f"{self.manifest}: must be the manifest of a run; got {got}. Restore it from a copy."
        )


def claim_run_path(base: Path, name: str) -> Path:
    """Make ``base/<name>-YYYYmmdd-HHMMSS`` (local time), with a number if that exists.

    Made at once, though the run begins later: another one of the same second gets another name.

    Args:
        base: the folder of all runs; made if missing.
        name: of the settings file; characters that do not belong in a file name become ``-``.

    Returns:
        The folder, empty.

    Raises:
        UnwritableError: the folder cannot be made.
    """
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-") or "run"
    stem = f"{safe}-{datetime.now():%Y%m%d-%H%M%S}"
    make_folder(base)
    path, number = base / stem, 1
    while True:
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
            path = base / f"{stem}-{number}"
        except OSError as problem:
            raise unwritable(path, problem, "a folder") from problem
        else:
            return path


def describe_machine(
    command_line: Sequence[str], task_fingerprint: Mapping[str, str]
) -> dict[str, JSON]:
    """Return the manifest of a run that starts now."""
    return {
        "magic": _MAGIC,
        "format_version": FORMAT_VERSION,
        "project_version": _version("neuroevo"),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "platform": _platform(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "command_line": list(command_line),
        "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "task_fingerprint": dict(task_fingerprint),
    }


def _version(package: str) -> str | None:
    try:
        found = metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return None
    # ``found.version`` parses the whole text as an e-mail, which takes as long as a generation.
    line = re.search(r"^Version: (.+)$", found.read_text("METADATA") or "", re.MULTILINE)
    return line[1].strip() if line else found.version


def _platform() -> str:
    """Return ``platform.platform()``, which on Linux starts a process for the processor's name."""
    if sys.platform != "linux":
        return platform.platform()
    name = "{0.sysname}-{0.release}-{0.machine}".format(os.uname())
    with contextlib.suppress(ValueError, OSError):  # another C library than GNU's
        library = os.confstr("CS_GNU_LIBC_VERSION") or ""
        return f"{name}-with-{library.replace(' ', '')}" if library else name
    return name
