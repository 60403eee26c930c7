"""What is told of a run: events carry their generation, and texts stand as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from neuroevo import evolve
from neuroevo.cli import running
from neuroevo.cli.console import ConsoleObserver
from neuroevo.config import load
from neuroevo.shipped import find_config
from neuroevo.storage.checkpoint import list_checkpoints
from neuroevo.storage.run_log import read_log
from neuroevo.tasks.task import TaskDescription

OWN = ("Run.seed=5", "Run.workers=0", "Run.stop_when_solved=false", "NEAT.pop_size=20")


def told(run: Path, kind: str) -> list[tuple[int, str]]:
    events = read_log(run / "events.jsonl")
    return [(e["generation"], e["text"]) for e in events if e["kind"] == kind]


def test_a_stop_carries_the_last_generation_of_the_log_however_it_came(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with ConsoleObserver("run") as observer:
        evolve.start(load(find_config("xor"), [*OWN, "Run.generations=3"]), run, observer)
    with pytest.raises(KeyboardInterrupt), running._stop_noted(run):
        raise KeyboardInterrupt("Ctrl-C")
    assert told(run, "stopped") == [(2, "generations"), (2, "Ctrl-C")]


def test_what_is_told_before_the_first_generation_of_a_session_carries_its_number(
    tmp_path: Path,
) -> None:
    run = tmp_path / "run"
    with ConsoleObserver("run") as observer:
        evolve.start(load(find_config("xor"), [*OWN, "Run.generations=3"]), run, observer)
        list_checkpoints(run / "checkpoints")[-1].write_bytes(b"spoiled")
        evolve.resume(load(run / "config.ini", ["Run.generations=4"]), run, observer)
    assert [generation for generation, _ in told(run, "checkpoint")] == [2]


def test_texts_in_brackets_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    with ConsoleObserver("run r/a[b][/b] :skull:") as observer:
        observer.started(TaskDescription("[red]game", 3, 1, is_deterministic=True), 0, 2)
        observer.event("species [1] removed :skull:")
    printed = capsys.readouterr().out
    assert "run r/a[b][/b] :skull:\n" in printed
    assert "[red]game: 3 inputs" in printed
    assert "species [1] removed :skull:" in printed
