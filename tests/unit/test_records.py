"""Records on a disk that refuses, and interrupted wherever it may be."""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import re
import shutil
import stat
import sys
import weakref
from pathlib import Path

import pytest
from builders.small_records import (
    SmallRun,
    contents,
    files_of_at_most,
    newest_generation,
    whole_run,
)

from neuroevo import records
from neuroevo.errors import UnwritableError
from neuroevo.storage import checkpoint, container
from neuroevo.storage.checkpoint import KEEP_EVERY, load_checkpoint, load_newest
from neuroevo.storage.genome_file import load_genome
from neuroevo.storage.run_log import RunLog, read_log


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    path = tmp_path_factory.mktemp("undisturbed") / "run"
    run = whole_run(path, 8)
    newest_generation(run.run)  # compiles what loading needs: a full disk takes no kernels
    return contents(path)


# What fits, in turn: nothing, a part of a line, lines and no checkpoint.
@pytest.mark.parametrize("num_bytes", [0, 250, 2000])
def test_after_a_full_disk_every_file_is_as_if_there_had_been_space(
    tmp_path: Path, undisturbed: dict[str, bytes], num_bytes: int
) -> None:
    run = SmallRun(tmp_path / "run")
    run.generation()
    with files_of_at_most(num_bytes):
        for _ in range(4):
            run.generation()
            assert newest_generation(run.run) == 1
            assert [r["generation"] for r in read_log(run.run.log)] == list(
                range(len(read_log(run.run.log)))
            )
        assert not list(run.path.rglob("*.tmp"))
    for _ in range(3):
        run.generation()
    run.records.finish("generations")
    assert contents(run.path) == undisturbed
    assert [text.split(":")[0] for text in run.told] == ["storage", "storage works again"]
    assert re.search(r"File too large.*MB are free there.*goes on in memory", run.told[0])
    assert run.told[1].endswith("5 generations written")
    events = read_log(run.run.events)
    assert [event["kind"] for event in events] == ["storage", "storage", "stopped"]
    assert [event["generation"] for event in events[:2]] == [1, 5]


def test_a_disk_that_stays_full_is_an_error_that_says_what_is_lost(tmp_path: Path) -> None:
    run = SmallRun(tmp_path / "run")
    for _ in range(2):
        run.generation()
    before = contents(run.path)
    with files_of_at_most(300):
        for _ in range(3):
            run.generation()
        with pytest.raises(UnwritableError, match=r"Lost: generations 2 to 4\..*neuroevo resume"):
            run.records.finish("generations")
    assert newest_generation(run.run) == 2
    after = contents(run.path)
    assert after.pop("log.jsonl").startswith(before.pop("log.jsonl"))
    assert before.items() <= after.items()
    assert not list(run.path.rglob("*.tmp"))


# Nothing fits; lines and no checkpoint.
@pytest.mark.parametrize("num_bytes", [0, 9_000])
def test_a_checkpoint_that_stays_is_written_later_as_it_would_have_been(
    tmp_path: Path, num_bytes: int
) -> None:
    name = f"checkpoints/generation-{KEEP_EVERY:06d}.npz"
    whole_run(tmp_path / "whole", KEEP_EVERY + 5)
    run = SmallRun(tmp_path / "run")
    for _ in range(KEEP_EVERY - 2):
        run.generation()
    assert run.run.log.stat().st_size < 9_000 < next(run.run.checkpoints.iterdir()).stat().st_size
    with files_of_at_most(num_bytes):
        for _ in range(4):
            run.generation()
        assert not (run.path / name).exists()
    run.generation()
    left = contents(run.path)
    assert left[name] == contents(tmp_path / "whole")[name]
    assert newest_generation(run.run) == KEEP_EVERY + 3
    _, extra = load_checkpoint(run.path / name)
    lines = left["log.jsonl"].splitlines(keepends=True)
    assert extra["log_offset"] == sum(map(len, lines[:KEEP_EVERY]))
    for _ in range(2):
        run.generation()
    run.records.finish("generations")
    assert contents(run.path)[name] == left[name]
    assert contents(run.path)["log.jsonl"] == contents(tmp_path / "whole")["log.jsonl"]
    assert run.told[1].endswith("5 generations written")


def keep_every(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let checkpoints stay more often than every fiftieth, to see several of them."""
    for module in (records, checkpoint):
        monkeypatch.setattr(module, "KEEP_EVERY", number)


def test_no_more_than_two_that_stay_wait_and_the_one_that_goes_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_every(monkeypatch, 5)
    run = SmallRun(tmp_path / "run")
    run.generation()
    with files_of_at_most(0):
        for _ in range(17):
            run.generation()
    run.generation()
    assert run.told[-1].endswith("18 generations written")
    run.generation()
    names = sorted(path.name for path in run.run.checkpoints.iterdir())
    assert [int(name[11:17]) for name in names] == [0, 10, 15, 19, 20]
    assert [text for text in run.told if "generation 5 will be missing" in text] == run.told[1:2]
    assert load_checkpoint(run.run.checkpoints / names[2])[0].generation == 15


def test_the_newest_comes_before_one_that_stays_and_a_loss_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_every(monkeypatch, 5)
    run = SmallRun(tmp_path / "run")
    for _ in range(4):
        run.generation()
    with files_of_at_most(0):
        for _ in range(2):
            run.generation()
    (run.run.checkpoints / "generation-000005.npz").mkdir()  # in its place
    run.generation()
    assert newest_file(run) == 7
    with pytest.raises(UnwritableError, match=r"Lost: no generation.* checkpoint of generation 5,"):
        run.records.finish("generations")
    (run.run.checkpoints / "generation-000005.npz").rmdir()
    run.records.finish("generations")
    assert load_checkpoint(run.run.checkpoints / "generation-000005.npz")[0].generation == 5


def newest_file(run: SmallRun) -> int:
    """Return the generation of the newest file of a state."""
    files = [path for path in run.run.checkpoints.iterdir() if path.is_file()]
    return max(load_checkpoint(path)[0].generation for path in files)


def test_a_checkpoint_too_large_to_be_read_again_is_told_and_the_run_goes_on(
    tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = SmallRun(tmp_path / "run")
    run.generation()
    size = max(path.stat().st_size for path in run.path.rglob("*.npz"))
    with monkeypatch.context() as patched:
        patched.setattr(container, "MAX_FILE_BYTES", size // 2)
        for _ in range(4):
            run.generation()
        assert len(read_log(run.run.log)) == 5, "what is small enough is written"
        with pytest.raises(UnwritableError, match=r"Lost: generations 1 to 4\..*neuroevo resume"):
            run.records.finish("generations")
    assert newest_generation(run.run) == 1
    assert len(run.told) == 1
    assert re.search(r"npz: the file must be at most .* smaller \[NEAT\] pop_size", run.told[0])
    assert "The run goes on in memory" in run.told[0]
    for _ in range(3):
        run.generation()
    run.records.finish("generations")
    assert contents(run.path) == undisturbed


def test_a_folder_that_is_gone_for_a_while_costs_nothing(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    run = SmallRun(tmp_path / "run")
    run.generation()
    run.run.checkpoints.rename(tmp_path / "away")
    run.run.checkpoints.write_text("in its place")
    for _ in range(3):
        run.generation()
    assert "checkpoints: must be a folder" in run.told[0]
    run.run.checkpoints.unlink()
    (tmp_path / "away").rename(run.run.checkpoints)
    for _ in range(4):
        run.generation()
    run.records.finish("generations")
    assert contents(run.path) == undisturbed


def test_a_record_that_is_no_json_is_no_full_disk(tmp_path: Path) -> None:
    run = SmallRun(tmp_path / "run")
    record = run.tell()
    with pytest.raises(Exception, match="must be JSON with finite numbers"):
        run.records.generation({**record, "bad": object()}, run.moment())


def test_events_of_before_the_run_and_of_a_full_disk_are_written_in_order(tmp_path: Path) -> None:
    run = SmallRun(tmp_path / "run")
    run.events.note("a", "1")
    with files_of_at_most(0):
        run.events.note("b", "2")
        run.events.write("c", "3")
        with pytest.raises(UnwritableError, match=r"events\.jsonl: must be writable"):
            run.events.flush()
    run.events.note("d", "4")
    assert [event["kind"] for event in read_log(run.run.events)] == ["a", "b", "c", "d"]
    assert run.told == ["3"]


def test_a_genome_in_quarantine_is_a_genome_file_that_says_why(tmp_path: Path) -> None:
    run = SmallRun(tmp_path / "run")
    run.events.generation = 3
    genome = run.population.ask()[4]
    path = run.records.quarantine(genome, "it hangs", {"stage": "one"})
    run.generation()
    loaded, card = load_genome(path)
    assert path.parent == run.run.quarantine
    assert loaded.id == genome.id
    assert card.items() >= {"generation": 3, "reason": "it hangs", "stage": "one"}.items()
    assert "[NEAT]" in card["config"]


def test_a_genome_in_quarantine_does_not_keep_its_generation_until_the_checkpoint(
    tmp_path: Path,
) -> None:
    run = SmallRun(tmp_path / "run")
    run.records._checkpoint_every = 100
    run.records.quarantine(run.population.ask()[4], "it hangs", {})
    weights = weakref.ref(run.population._pool.genes.weight)
    run.generation()
    gc.collect()
    assert weights() is None


def flushed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of what is forced onto the disk from now on, in order."""
    names, fsync = [], os.fsync

    def noting(descriptor: int) -> None:
        names.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    return names


def test_best_genomes_are_on_the_disk_before_the_checkpoint_that_follows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = SmallRun(tmp_path / "run")
    run.records._checkpoint_every = 4
    names = flushed(monkeypatch)
    for _ in range(3):
        run.generation()
    best = sorted(path.name for path in run.run.best.glob("generation-*.npz"))
    assert best
    assert not any(name.startswith("generation-") for name in names)
    run.generation()
    best = sorted(path.name for path in run.run.best.glob("generation-*.npz"))
    assert len(best) > 1
    assert sorted(names[: len(best)]) == best
    folder, newest, again, log, checkpoint, *_ = names[len(best) :]
    assert (folder, again, log) == ("best", "best", "log.jsonl")
    assert newest.startswith(".best.npz.")  # another name until it is whole
    assert "generation-000004.npz" in checkpoint  # it has another name until it is whole
    assert (run.run.best / best[-1]).read_bytes() == (run.run.best / "best.npz").read_bytes()


def test_best_genomes_that_follow_each_other_at_once_do_not_replace_a_file_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = SmallRun(tmp_path / "run")
    run.records._checkpoint_every = 100
    monkeypatch.setattr(records, "BEST_SECONDS", 1e9)
    seen = []
    for _ in range(2):
        found = len(list(run.run.best.glob("generation-*.npz")))
        while len(list(run.run.best.glob("generation-*.npz"))) < found + 2:
            run.generation()
        seen.append(load_genome(run.run.best / "best.npz")[1]["generation"])
        monkeypatch.setattr(records, "BEST_SECONDS", 0.0)
        run.records._show_after = 0.0
    files = sorted(path.name for path in run.run.best.glob("generation-*.npz"))
    assert seen[0] == 0, "the first one at once, the second not yet"
    assert files[-1] == f"generation-{seen[1]:06d}.npz", "a second later"
    monkeypatch.setattr(records, "BEST_SECONDS", 1e9)
    run.generation()
    run.records.finish("generations")
    newest = max(run.run.best.glob("generation-*.npz"))
    assert newest.read_bytes() == (run.run.best / "best.npz").read_bytes()


def test_events_are_on_the_disk_before_the_checkpoint_that_follows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = SmallRun(tmp_path / "run")
    run.records._checkpoint_every = 2
    names = flushed(monkeypatch)
    run.events.write("worker", "a worker died")
    run.generation()
    assert [event["kind"] for event in read_log(run.run.events)] == ["worker"]
    assert "events.jsonl" not in names
    run.generation()
    checkpoint = next(i for i, name in enumerate(names) if ".generation-000002.npz." in name)
    assert "events.jsonl" in names[:checkpoint]


@pytest.mark.parametrize("what", ["files and folders", "folders"])
def test_a_genome_that_the_disk_did_not_take_is_written_anew(
    tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    fsync = os.fsync

    def full_disk(descriptor: int) -> None:
        if what != "folders" or stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    run = SmallRun(tmp_path / "run")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full_disk)
        for _ in range(3):
            run.generation()
    assert newest_generation(run.run) == 0
    for path in run.run.best.iterdir():  # as a system does that could not write its pages
        path.write_bytes(b"")
    for _ in range(5):
        run.generation()
    run.records.finish("generations")
    assert contents(run.path) == undisturbed


class Interrupt:
    """Raises KeyboardInterrupt before the ``at``-th line of the code that writes."""

    FILES = ("atomic.py", "checkpoint.py", "container.py", "run_log.py", "/records.py")

    def __init__(self, at: int) -> None:
        self.left = at

    def __enter__(self) -> Interrupt:
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _trace(self, frame, event, _):  # type: ignore[no-untyped-def]
        if not frame.f_code.co_filename.endswith(self.FILES):
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                sys.settrace(None)
                raise KeyboardInterrupt
        return self._trace


def test_ctrl_c_before_any_line_of_saving_loses_no_line_and_writes_none_twice(
    tmp_path: Path,
) -> None:
    at = 0
    while True:
        at += 7  # coprime to the lines of the loops inside, so that all of them are met
        shutil.rmtree(tmp_path / "run", ignore_errors=True)
        run = SmallRun(tmp_path / "run")
        run.generation()
        record = run.tell()
        moment = run.moment()
        with Interrupt(at) as interrupt:
            try:
                run.records.generation(record, moment)
            except KeyboardInterrupt:
                sys.settrace(None)
        run.records.finish(None)
        run.run.close()
        state, extra, warnings = load_newest(run.run.checkpoints)
        lines = read_log(run.run.log)
        assert warnings == []
        assert [line["generation"] for line in lines] == list(range(state.generation))
        assert state.generation in (1, 2)
        assert extra.log_offset == run.run.log.stat().st_size
        assert not list(run.path.rglob("*.tmp"))
        if interrupt.left > 0:
            break
    assert at > 300


def test_ctrl_c_before_any_line_of_catching_up_loses_no_checkpoint_that_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_every(monkeypatch, 2)
    at, is_over = 0, False
    while not is_over:
        at += 31
        shutil.rmtree(tmp_path / "run", ignore_errors=True)
        run = SmallRun(tmp_path / "run")
        run.generation()
        with files_of_at_most(0):
            run.generation()
        record, moment = run.tell(), run.moment()
        with Interrupt(at) as interrupt, contextlib.suppress(KeyboardInterrupt):
            run.records.generation(record, moment)
        is_over = interrupt.left > 0
        run.records.finish(None)
        run.run.close()
        assert newest_generation(run.run) in (2, 3)
        state, extra = load_checkpoint(run.run.checkpoints / "generation-000002.npz")
        lines = run.run.log.read_bytes().splitlines(keepends=True)
        assert state.generation == 2
        assert extra["log_offset"] == sum(map(len, lines[:2]))
    assert at > 300


def test_a_line_that_was_half_written_is_cut_before_the_next(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "log.jsonl")
    log.add({"generation": 0})
    log.flush()
    log.add({"generation": 1, "padding": "x" * 500})
    with files_of_at_most(200), pytest.raises(UnwritableError, match="File too large"):
        log.flush()
    with (tmp_path / "log.jsonl").open("ab") as file:
        file.write(b'{"half a li')  # where even the cut was refused
    log.add({"generation": 2})
    log.flush()
    assert [record["generation"] for record in read_log(tmp_path / "log.jsonl")] == [0, 1, 2]
