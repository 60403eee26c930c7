"""The doctor's table: what is wrong is found, and the command beside it mends it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from builders.command_line import neuroevo, started

from neuroevo import doctor
from neuroevo.doctor import OK, PROBLEM, WARNING
from neuroevo.storage import container
from neuroevo.storage.checkpoint import list_checkpoints, load_newest
from neuroevo.storage.run_directory import RunDirectory


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("runs") / "xor run"
    options = ("--seed", 1, "--workers", 0, "--generations", 4, "--set", "Run.stop_when_solved=no")
    assert neuroevo("evolve", "xor", "--out", run, *options).returncode == 0
    return run


@pytest.fixture
def run(sound: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil; its name has a space, as commands must bear."""
    return Path(shutil.copytree(sound, tmp_path / "runs" / sound.name))


def statuses(run: Path) -> list[str]:
    return [check.status for check in doctor.examine_run(run)]


def do(command: str) -> None:
    """Do what a person would type."""
    subprocess.run(["/bin/sh", "-c", command], check=True)


def test_the_command_finds_this_machine_fit(sound: Path) -> None:
    ended = neuroevo("doctor", "--runs", sound.parent)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for word in ("Python", "stable-retro", "numba", "OpenCV", "cores", "kernel cache", "display",
                 "disk", "Wickling-Nes", "Airstriker-Genesis", "1 of 1 in"):  # fmt: skip
        assert word in ended.stdout
    assert "0 problems" in ended.stdout


def test_json_says_the_same_and_a_problem_ends_with_one(run: Path) -> None:
    for path in list_checkpoints(run / "checkpoints"):
        path.write_bytes(b"spoiled")
    ended = neuroevo("doctor", "--runs", run.parent, "--json")
    assert ended.returncode == 1
    told = json.loads(ended.stdout)
    assert told["is_fit"] is False
    problems = [check for check in told["checks"] if check["status"] == PROBLEM]
    assert [check["name"] for check in problems] == ["run xor run"]
    assert "4 damaged" in problems[0]["text"]


def test_a_sound_run_needs_no_remark(run: Path) -> None:
    assert statuses(run) == []


def test_a_damaged_newest_checkpoint_is_a_warning_and_the_command_mends_it(run: Path) -> None:
    newest = list_checkpoints(run / "checkpoints")[-1]
    newest.write_bytes(newest.read_bytes()[:-100])
    (check,) = doctor.examine_run(run)
    assert check.status == WARNING
    assert newest.name in check.text
    assert "generation 3, which is good" in check.text
    do(check.mend)
    assert load_newest(run / "checkpoints")[2] == []


def test_a_checkpoint_of_a_newer_version_is_not_to_be_thrown_away(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = list_checkpoints(run / "checkpoints")
    for path in files[-2:]:
        written_by_a_newer_version(path, monkeypatch)
    damaged = files[-3]
    damaged.write_bytes(b"")
    newer, spoiled = doctor.examine_run(run)
    assert newer.status == spoiled.status == WARNING
    assert "Upgrade neuroevo" in newer.text
    assert newer.mend.startswith("git -C ")
    assert newer.mend.endswith(" pull")
    assert damaged.name in spoiled.mend
    assert files[-1].name not in spoiled.mend
    do(spoiled.mend)
    assert (run / "passed-over" / damaged.name).exists()
    (only,) = doctor.examine_run(run)
    assert only.mend == newer.mend


def test_a_run_of_a_newer_version_needs_an_upgrade(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in list_checkpoints(run / "checkpoints"):
        written_by_a_newer_version(path, monkeypatch)
    (check,) = doctor.examine_run(run)
    assert check.status == PROBLEM
    assert check.mend.startswith("git -C ")
    assert "anew" not in check.text
    manifest = json.loads((run / "manifest.json").read_text())
    (run / "manifest.json").write_text(json.dumps({**manifest, "format_version": 99}))
    (check,) = doctor.examine_run(run)
    assert check.mend.startswith("git -C ")


def written_by_a_newer_version(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays, content = container.read_container(path, "checkpoint")
    with monkeypatch.context() as patched:
        versions = dict.fromkeys(container._SINCE, container.FORMAT_VERSION + 1)
        patched.setattr(container, "_SINCE", versions)
        container.write_container(path, "checkpoint", arrays, content)


def test_a_run_without_its_settings_is_a_problem_and_the_command_brings_them_back(
    run: Path,
) -> None:
    settings = (run / "config.ini").read_text()
    (run / "config.ini").unlink()
    (check,) = doctor.examine_run(run)
    assert check.status == PROBLEM
    assert "config.ini" in check.text
    do(check.mend)
    assert (run / "config.ini").read_text().strip() == settings.strip()
    assert statuses(run) == []
    (run / "config.ini").write_text("[NEAT]\npop_size = many\n")
    (check,) = doctor.examine_run(run)
    assert check.status == PROBLEM
    assert check.mend.startswith("neuroevo config check ")


def test_a_log_that_is_shorter_than_its_checkpoint_is_a_problem(run: Path) -> None:
    lines = (run / "log.jsonl").read_bytes().splitlines(keepends=True)
    (run / "log.jsonl").write_bytes(b"".join(lines[:2]))
    (check,) = doctor.examine_run(run)
    assert check.status == PROBLEM
    assert "must have a line that ends at byte" in check.text
    (run / "log.jsonl").unlink()
    assert statuses(run) == [PROBLEM]
    refused = neuroevo("resume", run, "--generations", 9)
    assert refused.returncode == 2, "so it is for resume"


def test_a_run_stopped_before_anything_was_saved_can_begin(run: Path) -> None:
    for name in ("checkpoints", "best"):
        for path in (run / name).iterdir():
            path.unlink()
    (run / "log.jsonl").unlink()
    (check,) = doctor.examine_run(run)
    assert check.status == WARNING
    assert check.mend == f"neuroevo resume '{run}'"
    do(check.mend.replace("neuroevo", f"{sys.executable} -m neuroevo", 1))
    assert statuses(run) == []


def test_leftovers_of_a_killed_save_are_found_and_removed_by_the_command(run: Path) -> None:
    for folder in (run, run / "checkpoints", run / "best"):
        (folder / ".generation-000009.npz.4711.tmp").write_bytes(b"half")
    (check,) = doctor.examine_run(run)
    assert check.status == WARNING
    assert "3 temporary files" in check.text
    do(check.mend)
    assert statuses(run) == []


def test_a_spoiled_manifest_and_log_are_problems(run: Path) -> None:
    lines = (run / "log.jsonl").read_bytes()
    (run / "log.jsonl").write_bytes(b"{half\n" + lines)
    assert statuses(run) == [PROBLEM]
    (run / "log.jsonl").write_bytes(lines)
    (run / "manifest.json").write_text("{}")
    assert statuses(run) == [PROBLEM]


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="only Linux tells who holds a lock")
def test_the_writer_of_a_run_is_named_and_not_disturbed(run: Path) -> None:
    process = started("resume", run, "--generations", 100_000, "--workers", 0)
    try:
        for line in process.stdout:
            if line.strip().startswith(("5", "6", "7")):
                break
        (check,) = doctor.examine_run(run)
        assert check.status == OK
        assert check.text == f"being written by process {process.pid}"
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()
    assert doctor.lock_holders(run / "lock") == ()
    RunDirectory.open(run, writing=True).close()


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="only Linux tells who holds a lock")
def test_a_lock_of_the_same_number_on_another_disk_is_another_lock(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RunDirectory.open(run, writing=True):
        assert doctor.lock_holders(run / "lock") == (os.getpid(),)
        place = doctor._place_of(run / "lock")
        other = place.replace(":", "f:", 1)
        locks = doctor.PROC_LOCKS.read_text()
        assert place in locks
        (tmp_path / "locks").write_text(locks.replace(place, other))
        monkeypatch.setattr(doctor, "PROC_LOCKS", tmp_path / "locks")
        assert doctor.lock_holders(run / "lock") == ()


def test_a_wheel_that_is_missing_or_ends_the_process_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "killer.py").write_text("import os; os.abort()")
    (tmp_path / "gl.py").write_text("raise ImportError('libGL.so.1: cannot open shared object')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    missing = doctor._wheel("numba", "nothing_of_this_name")
    assert missing.status == PROBLEM
    assert "No module named" in missing.text
    assert missing.mend.endswith("--only-binary :all: numba")
    assert doctor._wheel("stable-retro", "killer").status == PROBLEM
    assert "headless" in doctor._wheel("OpenCV", "gl").mend


def test_an_unfit_python_a_full_disk_and_a_closed_folder_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert doctor._python((3, 9)).status == doctor._python((3, 15)).status == PROBLEM
    assert doctor._python((3, 12)).status == OK
    usage = shutil.disk_usage(tmp_path)
    for free, status in ((10**8, PROBLEM), (10**9, WARNING), (10**11, OK)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage._replace(free=free))
        assert doctor._disk(tmp_path).status == status
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert doctor._kernel_cache().status == WARNING


def test_without_runs_and_without_a_display_all_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert doctor._display().status == OK
    assert [check.status for check in doctor._runs(tmp_path / "none")] == [OK]
