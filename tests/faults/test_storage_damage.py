"""Checkpoints and genome files that are cut, flipped, foreign or newer: one line, and the previous
checkpoint is used."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders.hostile import Commands
from builders.neat_genomes import fingerprint, neat_settings, told
from builders.small_records import newest_generation

from neuroevo.errors import StorageError
from neuroevo.neat.genome import genome_digest
from neuroevo.neat.population import Population
from neuroevo.storage import container
from neuroevo.storage.checkpoint import load_checkpoint, load_newest, save_checkpoint
from neuroevo.storage.container import read_container, write_container
from neuroevo.storage.genome_file import load_genome, save_genome
from neuroevo.storage.run_directory import RunDirectory
from neuroevo.storage.run_log import read_log

Meaning = Callable[[Path], object]


def small_checkpoint(folder: Path) -> Path:
    population = told(Population(neat_settings(pop_size=3), seed=4), 2)
    return save_checkpoint(folder, population.state(), {"log_offset": 0})


def small_genome(folder: Path) -> Path:
    genome = told(Population(neat_settings(pop_size=3), seed=4), 2).ask()[0]
    save_genome(folder / "genome.npz", genome, {"fitness": 1.0})
    return folder / "genome.npz"


def meaning_of_checkpoint(path: Path) -> object:
    state, extra = load_checkpoint(path)
    return fingerprint(state), extra


def meaning_of_genome(path: Path) -> object:
    genome, card = load_genome(path)
    return genome_digest(genome), card


FILES = pytest.mark.parametrize(
    ("make", "meaning"),
    [(small_checkpoint, meaning_of_checkpoint), (small_genome, meaning_of_genome)],
    ids=["checkpoint", "genome"],
)


def check_line(line: str, path: Path) -> None:
    """See that a refusal is one line with where, what and what to do."""
    assert "\n" not in line
    assert str(path) in line
    assert "; got " in line
    assert line.endswith((".", "copy.", "it."))
    assert len(line) < 600


@FILES
def test_a_cut_file_is_refused_in_one_line(
    tmp_path: Path, make: Callable[[Path], Path], meaning: Meaning
) -> None:
    path = make(tmp_path)
    whole = path.read_bytes()
    directory = len(whole) - 3000  # every length where the zip's directory is cut
    for length in [*range(0, directory, 11), *range(directory, len(whole))]:
        path.write_bytes(whole[:length])
        with pytest.raises(StorageError) as refused:
            meaning(path)
        check_line(str(refused.value), path)


def interesting(path: Path) -> list[int]:
    """Return every byte of headers and directory, and a few of what lies between."""
    with zipfile.ZipFile(path) as archive:
        spans = [(m.header_offset + 30 + len(m.filename), m.file_size) for m in archive.infolist()]
    inside = {at for start, size in spans for at in range(start, start + size)}
    sampled = {at for start, size in spans for at in range(start, start + size, 1 + size // 12)}
    return sorted(set(range(path.stat().st_size)) - inside | sampled)


@FILES
def test_a_flipped_byte_anywhere_is_refused_or_changes_nothing(
    tmp_path: Path, make: Callable[[Path], Path], meaning: Meaning
) -> None:
    path = make(tmp_path)
    whole, expected = path.read_bytes(), meaning(path)
    num_refused = 0
    for position in interesting(path):
        spoiled = bytearray(whole)
        spoiled[position] ^= 0x41
        path.write_bytes(spoiled)
        try:
            assert meaning(path) == expected
        except StorageError as refusal:
            check_line(str(refusal), path)
            num_refused += 1
    assert num_refused > 500


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


def flipped(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)


def another_magic(path: Path) -> None:
    written_with(path, "MAGIC", "neurodarwin")


def newer(path: Path) -> None:
    since = dict.fromkeys(container._SINCE, container.FORMAT_VERSION + 1)
    written_with(path, "_SINCE", since)


def written_with(path: Path, constant: str, value: object) -> None:
    """Write a file anew, whole and with right sums, as a program of another version would."""
    kind = "checkpoint" if "checkpoints" in path.parts else "genome"
    arrays, content = read_container(path, kind)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(container, constant, value)
        write_container(path, kind, arrays, content)


def foreign(path: Path) -> None:
    np.savez(path, weights=np.ones(5))


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("meta.npy", bytes(200_000_000))


def of_another_kind(path: Path) -> None:
    save_genome(path, Population(neat_settings(), seed=4).ask()[0], {})


def empty(path: Path) -> None:
    path.write_bytes(b"")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES = {
    damage.__name__.replace("_", " "): damage
    for damage in (
        cut, flipped, another_magic, newer, foreign, bomb, of_another_kind, empty, a_folder,
    )
}  # fmt: skip


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    with Commands("neuroevo.evolve", "neuroevo.replay") as commands:
        yield commands


@pytest.fixture(scope="module")
def sound(commands: Commands, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("run") / "run"
    options = ("--seed", 1, "--workers", 0, "--generations", 5, "--set", "NEAT.pop_size=10")
    ended = commands.run("evolve", "xor", "--out", run, *options, seconds=60)
    assert ended.code == 0, ended.stderr
    return run


@pytest.mark.parametrize("name", DAMAGES)
def test_a_run_with_a_damaged_newest_checkpoint_goes_on_from_the_previous_one(
    commands: Commands, sound: Path, tmp_path: Path, name: str
) -> None:
    folder = Path(shutil.copytree(sound, tmp_path / "run"))
    newest = folder / "checkpoints" / "generation-000005.npz"
    DAMAGES[name](newest)
    run = RunDirectory.open(folder)
    (warning,) = load_newest(run.checkpoints)[2]
    check_line(warning, newest)
    log = (folder / "log.jsonl").read_text().splitlines()
    (folder / "log.jsonl").write_text("\n".join(log[:5]) + "\n")
    options = ("--generations", 5, "--workers", 0)
    ended = commands.run("resume", folder, *options, more_bytes=300 << 20, seconds=60)
    if "all 5 generations are done" in ended.stdout:
        ended = commands.run("resume", folder, "--generations", 6, "--workers", 0, seconds=60)
    assert ended.code == 0, ended.stderr
    assert newest.name in ended.stdout
    assert newest_generation(run) >= 5
    assert (newest.parent / f"{newest.name}.passed-over").exists(), "nothing is thrown away"
    digests = [[r["digest"] for r in read_log(p / "log.jsonl")][:5] for p in (folder, sound)]
    assert digests[0] == digests[1]


def test_a_run_whose_last_three_checkpoints_are_damaged_gets_on_with_every_resume(
    commands: Commands, sound: Path, tmp_path: Path
) -> None:
    """They once counted as the last three, and what was saved after an earlier one was removed."""
    folder = Path(shutil.copytree(sound, tmp_path / "run"))
    run = RunDirectory.open(folder)
    before = [record["digest"] for record in read_log(run.log)]
    for generation in (3, 4, 5):
        cut(run.checkpoints / f"generation-{generation:06d}.npz")
    for expected in (1, 2):
        ended = commands.run("resume", folder, "--generations", 9, "--minutes", 0, seconds=60)
        assert ended.code == 0, ended.stderr
        assert newest_generation(run) == expected
        assert ended.stdout.count("passed-over") == (3 if expected == 1 else 0)
    told = [event for event in read_log(run.events) if event["kind"] == "checkpoint"]
    assert [event["generation"] for event in told] == [0, 0, 0]
    assert all(".passed-over now." in event["text"] for event in told)
    assert [record["digest"] for record in read_log(run.log)] == before[:2]


def without_known(extra: dict[str, Any]) -> None:
    del extra["known"]


def known_by_name(extra: dict[str, Any]) -> None:
    extra["known"]["a"] = next(iter(extra["known"].values()), {})


def a_stage_of_text(extra: dict[str, Any]) -> None:
    extra["curriculum"]["stage"] = "one"


def a_stage_beyond_the_last(extra: dict[str, Any]) -> None:
    extra["curriculum"]["stage"] = 3


def no_offset(extra: dict[str, Any]) -> None:
    extra["log_offset"] = None


def a_fingerprint_of_3(extra: dict[str, Any]) -> None:
    extra["fingerprint"] = 3


FORGERIES = (
    without_known, known_by_name, a_stage_of_text, a_stage_beyond_the_last, no_offset,
    a_fingerprint_of_3,
)  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_forged_run_with_right_sums_is_refused_in_one_line(
    commands: Commands, sound: Path, tmp_path: Path, forge: Callable[[dict[str, Any]], None]
) -> None:
    folder = Path(shutil.copytree(sound, tmp_path / "run"))
    for path in (folder / "checkpoints").iterdir():
        arrays, content = read_container(path, "checkpoint")
        forge(content["extra"])
        write_container(path, "checkpoint", arrays, content)
    for command in (("resume", folder, "--generations", 9), ("verify", folder)):
        line = commands.run(*command, "--workers", 0).check_refusal("expected ", "; got ")
        assert "\n" not in line
        assert "generation-00000" in line


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_genome_is_refused_in_one_line(
    commands: Commands, sound: Path, tmp_path: Path, name: str
) -> None:
    path = Path(shutil.copy(sound / "best" / "best.npz", tmp_path / "genome.npz"))
    if name == "of another kind":
        shutil.copy(sound / "checkpoints" / "generation-000005.npz", path)
    else:
        DAMAGES[name](path)
    ended = commands.run("evaluate", path, "--workers", 0, more_bytes=300 << 20)
    line = ended.check_refusal("; got ")
    assert "\n" not in line


def test_without_any_good_checkpoint_every_reason_is_one_line(
    commands: Commands, sound: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(sound, tmp_path / "run"))
    for path in (folder / "checkpoints").iterdir():
        cut(path)
    ended = commands.run("resume", folder, "--generations", 9, "--workers", 0)
    line = ended.check_refusal("must hold a good checkpoint", "Start the run anew")
    assert "\n" not in line


def test_the_manifest_of_a_newer_version_says_upgrade(
    commands: Commands, sound: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(sound, tmp_path / "run"))
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format_version": 2}))
    commands.run("resume", folder, "--generations", 9).check_refusal("Upgrade neuroevo")
