from __future__ import annotations

import errno
import os

import pytest
from builders.small_records import files_of_at_most

from neuroevo.errors import UnwritableError
from neuroevo.storage.atomic import (
    atomically,
    make_folder,
    sync_files,
    unwritable,
    write_atomically,
)


@pytest.mark.parametrize("problem", [KeyboardInterrupt, ValueError, MemoryError])
def test_whatever_interrupts_writing_leaves_the_old_file_and_nothing_else(tmp_path, problem):
    path = tmp_path / "file"
    path.write_text("old")

    def interrupted() -> None:
        with atomically(path) as file:
            file.write(b"half")
            raise problem

    with pytest.raises(problem):
        interrupted()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_refuses_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with (
        files_of_at_most(10),
        pytest.raises(UnwritableError, match=r"file: must be writable; got File too large\. Raise"),
    ):
        write_atomically(path, bytes(20))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_place_of_a_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    with pytest.raises(UnwritableError, match=r"file: must be a folder; got File exists"):
        make_folder(tmp_path / "file")


def test_a_file_that_cannot_be_flushed_is_named(tmp_path):
    paths = [tmp_path / str(i) for i in range(20)]
    for path in paths:
        path.write_text("")
    paths[17].unlink()
    with pytest.raises(UnwritableError, match=r"17: must be writable; got No such file"):
        sync_files(paths)
    sync_files([])


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "No space left on device. Free some space there."),
        (errno.EDQUOT, "Free some of your quota there."),
        (errno.EROFS, "Read-only file system. Mount it for writing."),
        (errno.EACCES, "Permission denied. Make the folder writable (chmod u+w)."),
        (errno.EIO, "Free some space or choose a writable folder."),
    ],
)
def test_what_to_do_depends_on_what_refuses(tmp_path, number, advice):
    assert str(unwritable(tmp_path, OSError(number, os.strerror(number)))).endswith(advice)
