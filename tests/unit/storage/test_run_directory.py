from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata

import pytest

from neuroevo.errors import StorageError, UnwritableError
from neuroevo.storage import run_directory
from neuroevo.storage.run_directory import RunDirectory, claim_run_path


def test_a_new_run_has_its_files_and_folders(tmp_path):
    path = tmp_path / "deep" / "run"
    with RunDirectory.create(path, "[NEAT]\n", command_line=["neuroevo", "evolve", "xor"]) as run:
        assert run.config.read_text() == "[NEAT]\n"
        assert all(folder.is_dir() for folder in (run.checkpoints, run.best, run.plots))
        assert run.log.parent == run.events.parent == path
        assert run.quarantine == path / "quarantine"


def test_the_manifest_tells_the_machine_and_the_task(tmp_path):
    with RunDirectory.create(
        tmp_path / "run", "", command_line=["a", "b"], task_fingerprint={"rom": "ff"}
    ):
        pass
    manifest = RunDirectory.open(tmp_path / "run").read_manifest()
    assert manifest["python"] == platform.python_version()
    assert manifest["project_version"] == metadata.version("neuroevo")
    names = ("numpy", "numba", "stable-retro")
    assert manifest["packages"] == {name: metadata.version(name) for name in names}
    if sys.platform == "linux":
        system, library = os.uname(), "".join(platform.libc_ver())
        assert manifest["platform"].startswith(f"Linux-{system.release}-{system.machine}")
        assert manifest["platform"].endswith(f"-with-{library}") or "glibc" not in library
    else:
        assert manifest["platform"] == platform.platform()
    assert manifest["machine"] == platform.machine()
    assert manifest["cores"] >= 1
    assert manifest["command_line"] == ["a", "b"]
    assert manifest["task_fingerprint"] == {"rom": "ff"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", manifest["started"])


def test_a_second_run_in_the_same_folder_is_refused(tmp_path):
    RunDirectory.create(tmp_path / "run", "first").close()
    with pytest.raises(StorageError, match=r"must be empty; got a run.*neuroevo resume"):
        RunDirectory.create(tmp_path / "run", "second")
    assert RunDirectory.open(tmp_path / "run").config.read_text() == "first"


def test_a_folder_with_other_things_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(StorageError, match=r"must be empty or missing; got thesis\.tex"):
        RunDirectory.create(tmp_path, "")
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        RunDirectory.create(tmp_path / "file", "")


def test_what_a_killed_create_left_can_be_taken(tmp_path):
    RunDirectory.create(tmp_path / "run", "old").close()
    (tmp_path / "run" / "manifest.json").unlink()
    (tmp_path / "run" / ".manifest.json.77.tmp").write_text("{")
    RunDirectory.create(tmp_path / "run", "new").close()
    assert RunDirectory.open(tmp_path / "run").config.read_text() == "new"


def test_a_run_that_lost_its_manifest_is_not_overwritten(tmp_path):
    run = RunDirectory.create(tmp_path / "run", "old")
    run.close()
    (run.checkpoints / "generation-000001.npz").write_bytes(b"precious")
    run.manifest.unlink()
    with pytest.raises(StorageError, match="must be empty or missing"):
        RunDirectory.create(tmp_path / "run", "new")


def test_what_is_not_a_run_cannot_be_opened(tmp_path):
    with pytest.raises(StorageError, match="must be the folder of a run"):
        RunDirectory.open(tmp_path)
    with pytest.raises(StorageError, match="must be the folder of a run"):
        RunDirectory.open(tmp_path / "missing", writing=True)
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"magic": "x"}', "[" * 100_000, "\udcff"])
def test_a_damaged_manifest_is_named(tmp_path, text):
    run = RunDirectory.create(tmp_path / "run", "")
    run.close()
    run.manifest.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(StorageError, match=r"manifest\.json: must be the manifest of a run"):
        RunDirectory.open(tmp_path / "run")


def test_a_newer_run_says_upgrade(tmp_path):
    run = RunDirectory.create(tmp_path / "run", "")
    run.close()
    manifest = run.read_manifest() | {"format_version": run_directory.FORMAT_VERSION + 1}
    run.manifest.write_text(json.dumps(manifest))
    with pytest.raises(StorageError, match="got 2, written by a newer neuroevo"):
        RunDirectory.open(tmp_path / "run")


def test_a_moved_run_opens_at_its_new_place(tmp_path):
    RunDirectory.create(tmp_path / "old", "text").close()
    shutil.move(tmp_path / "old", tmp_path / "new")
    with RunDirectory.open(tmp_path / "new", writing=True) as run:
        assert run.config.read_text() == "text"
    assert str(tmp_path) not in run.manifest.read_text() + run.config.read_text()


def test_there_is_one_writer_and_any_number_of_readers(tmp_path):
    with RunDirectory.create(tmp_path / "run", ""):
        RunDirectory.open(tmp_path / "run")
        with pytest.raises(StorageError, match=r"must have one writer.*still going"):
            RunDirectory.open(tmp_path / "run", writing=True)
    with RunDirectory.open(tmp_path / "run", writing=True) as again:
        again.close()
        RunDirectory.open(tmp_path / "run", writing=True).close()


def test_runs_that_begin_in_one_second_get_folders_of_their_own(tmp_path):
    base = tmp_path / "runs"
    with ThreadPoolExecutor(8) as threads:
        paths = list(threads.map(lambda _: claim_run_path(base, "my game/1"), range(40)))
    assert set(paths) == set(base.iterdir())
    assert len(set(paths)) == 40
    assert all(re.fullmatch(r"my-game-1-\d{8}-\d{6}(-\d+)?", path.name) for path in paths)
    RunDirectory.create(paths[7], "").close()


def test_the_default_path_stays_in_the_folder_of_runs(tmp_path):
    path = claim_run_path(tmp_path, "../..")
    assert path.name.startswith("run-")
    assert path.parent == tmp_path


def test_a_default_path_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "runs").write_text("")
    with pytest.raises(UnwritableError, match="runs: must be a folder"):
        claim_run_path(tmp_path / "runs", "xor")


def test_the_torso_of_a_run_can_be_removed_and_a_run_or_other_files_cannot(tmp_path):
    run = RunDirectory.create(tmp_path / "run", "")
    run.remove_torso()
    assert run.manifest.exists()
    run.discard()
    (run.best / "mine").write_text("precious")
    run.remove_torso()
    assert (run.best / "mine").exists()
    (run.best / "mine").unlink()
    run.remove_torso()
    assert not run.path.exists()
