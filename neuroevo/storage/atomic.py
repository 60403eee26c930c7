"""Writing a file so that a reader, or a crash, only ever meets the old one or the new one."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from neuroevo.errors import UnwritableError

_TEMPORARY_SUFFIX = ".tmp"

_ADVICE = {
    errno.ENOSPC: "Free some space there",
    errno.EDQUOT: "Free some of your quota there",
    errno.EFBIG: "Raise the limit on the size of a file (ulimit -f)",
    errno.EROFS: "Mount it for writing",
    errno.EACCES: "Make the folder writable (chmod u+w)",
    errno.EPERM: "Make the folder writable (chmod u+w)",
}


def write_atomically(path: Path, data: bytes, *, is_synced: bool = True) -> None:
    """Write ``data`` as :func:`atomically` does, with the same errors."""
    with atomically(path, is_synced=is_synced) as file:
        file.write(data)


@contextlib.contextmanager
def atomically(path: Path, *, is_synced: bool = True) -> Iterator[BinaryIO]:
    """Give a file to write beside ``path``; then flush it to the disk and rename it over ``path``.

    The temporary file lies in the same directory, since a rename across file systems is a copy.

    Args:
        path: replaced if it exists.
        is_synced: False does not wait for the disk: a killed process loses nothing, a power cut
            may lose the file.

    Raises:
        UnwritableError: disk full, no permission, ...; what was at ``path`` is untouched.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{_TEMPORARY_SUFFIX}")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            if is_synced:
                os.fsync(file.fileno())
        temporary.replace(path)
        if is_synced:
            sync_directory(path.parent)
    except BaseException as problem:  # Ctrl-C, too, leaves nothing behind
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(problem, OSError):
            raise unwritable(path, problem) from problem
        raise


def leftovers(folder: Path) -> list[Path]:
    """Return what killed processes left of files that :func:`atomically` was to write there."""
    try:
        return [path for path in folder.iterdir() if is_leftover(path.name)]
    except OSError:  # there is no such folder, or nobody may look into it
        return []


def is_leftover(name: str) -> bool:
    """Tell whether a file has the name of a temporary one."""
    return name.startswith(".") and name.endswith(_TEMPORARY_SUFFIX)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, unless it exists.

    Raises:
        UnwritableError: disk full, no permission, a file of that name, ...
    """
    try:
        if not path.is_dir():  # quicker than to be refused, before each of many files
            path.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise unwritable(path, problem, what="a folder") from problem


def unwritable(path: Path, problem: OSError, what: str = "writable") -> UnwritableError:
    """Return the error to raise when the system refuses to write at ``path``."""
    advice = _ADVICE.get(problem.errno or 0, "Free some space or choose a writable folder")
    return UnwritableError(f"{path}: must be {what}; got {problem.strerror or problem}. {advice}.")


def sync_files(paths: Sequence[Path]) -> None:
    """Flush files and the names they have in their folders to the disk.

    Raises:
        UnwritableError: the disk refuses, or somebody removed one.
    """
    if len(paths) > 1 and hasattr(os, "posix_fadvise"):
        # Linux begins to write what is not to be kept in memory, so that all are on their way
        # before one is waited for: 25 small files on ext4 took half as long. It is a hint: what
        # goes wrong is told below.
        for path in paths:
            with contextlib.suppress(OSError), path.open("rb", buffering=0) as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    for path in paths:
        with _told_as_unwritable(path), path.open("r+b", buffering=0) as file:
            os.fsync(file.fileno())
    for folder in {path.parent for path in paths}:
        with _told_as_unwritable(folder):
            sync_directory(folder)


@contextlib.contextmanager
def _told_as_unwritable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise unwritable(path, problem) from problem


def sync_directory(directory: Path) -> None:
    """Flush a directory, so that a rename in it survives a power cut (where the OS can)."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
