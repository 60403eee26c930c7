"""Writing a file so that a reader, or a crash, only ever meets the old one or the new one."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from neuroevo.errors import StorageError

TEMPORARY_SUFFIX = ".tmp"


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` beside ``path``, flush it to the disk, then rename it over ``path``.

    The temporary file lies in the same directory, since a rename across file systems is a copy.

    Raises:
        StorageError: disk full, no permission, ...; what was at ``path`` is untouched.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY_SUFFIX}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_directory(path.parent)
    except OSError as problem:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise StorageError(
            f"{path}: must be writable; got {problem.strerror or problem}. "
            "Free some space or choose a writable folder; the previous file is intact."
        ) from problem


def sync_directory(directory: Path) -> None:
    """Flush a directory, so that a rename in it survives a power cut (where the OS can)."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
