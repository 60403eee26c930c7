"""Workers that take too much memory, or that die young: replaced, and the run goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import struct
from collections.abc import Iterator
from pathlib import Path

import gymnasium
import pytest
from builders import greedy_env
from contracts.evaluator_contract import genomes

from neuroevo.errors import EvaluationError
from neuroevo.evaluation import memory, pool, process
from neuroevo.evaluation.evaluator import SerialEvaluator
from neuroevo.evaluation.pool import ProcessEvaluator
from neuroevo.tasks.factory import make_task, task_settings_to_json
from neuroevo.tasks.settings import GymnasiumSettings
from neuroevo.tasks.task import Evaluation

TASK = GymnasiumSettings(id=greedy_env.ID, episodes=1)
ASKED = genomes(3, 2, 8)
POISON = 3

linux_only = pytest.mark.skipif(
    memory.megabytes_of(os.getpid()) is None, reason="nobody says here what a process takes"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where tests say who misbehaves."""
    for name, value in greedy_env.install(tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture(scope="module")
def expected() -> tuple[Evaluation, ...]:
    """What one process gets while nobody misbehaves."""
    gymnasium.register(greedy_env.ID, entry_point="builders.greedy_env:GreedyEnv")
    return SerialEvaluator(make_task(TASK), 1, feed_forward=True).evaluate(ASKED, 0)


@contextlib.contextmanager
def workers(events: list[str], **options: object) -> Iterator[ProcessEvaluator]:
    """Two workers that are set up."""
    evaluator = ProcessEvaluator(
        task_settings_to_json(TASK),
        1,
        feed_forward=True,
        num_workers=2,
        on_event=events.append,
        **options,  # type: ignore[arg-type]
    )
    try:
        evaluator.describe()
        while not all(slot.is_ready for slot in evaluator._slots):
            evaluator._tick(None)
        yield evaluator
    finally:
        evaluator.close()


def misbehave(
    folder: Path, expected: tuple[Evaluation, ...], count: int, kind: str = "grow"
) -> None:
    (folder / "greed").write_text(f"{expected[POISON].fitness!r} {count} {kind}")


def others(evaluations: tuple[Evaluation, ...]) -> list[Evaluation]:
    return [e for position, e in enumerate(evaluations) if position != POISON]


@linux_only
def test_a_worker_that_grows_within_an_episode_is_replaced_and_its_genome_evaluated_again(
    folder: Path, expected: tuple[Evaluation, ...]
) -> None:
    events: list[str] = []
    with workers(events, worker_memory=500) as evaluator:
        misbehave(folder, expected, 1)
        assert evaluator.evaluate(ASKED, 0) == expected
    assert len(events) == 1
    assert "MB of memory, above its 500 MB ([Run] worker_memory) (exit -9); replaced" in events[0]


@linux_only
def test_a_genome_that_takes_too_much_thrice_is_given_up_and_the_others_live(
    folder: Path, expected: tuple[Evaluation, ...]
) -> None:
    events: list[str] = []
    with workers(events, worker_memory=500) as evaluator:
        misbehave(folder, expected, 99)
        results = evaluator.evaluate(ASKED, 0)
    assert others(results) == others(expected)
    assert results[POISON].endings == {"worker died": 1}
    # One more, where the first had other genomes to do, too: it might have died of those.
    assert sum("worker_memory" in event for event in events) in (3, 4)


def test_without_a_cap_a_worker_may_grow(folder: Path, expected: tuple[Evaluation, ...]) -> None:
    events: list[str] = []
    with workers(events, worker_memory=0) as evaluator:
        misbehave(folder, expected, 1)
        assert evaluator.evaluate(ASKED, 0) == expected
    assert events == []


@linux_only
def test_a_cap_that_no_worker_can_keep_is_told_at_once(
    folder: Path, expected: tuple[Evaluation, ...]
) -> None:
    with (
        pytest.raises(EvaluationError, match=r"above its 10 MB \(\[Run\] worker_memory\)"),
        workers([], worker_memory=10),
    ):
        pass


@pytest.mark.parametrize("kind", ["refused", "exit"])
def test_a_worker_without_memory_or_that_leaves_costs_its_episode_only(
    kind: str, folder: Path, expected: tuple[Evaluation, ...]
) -> None:
    events: list[str] = []
    with workers(events) as evaluator:
        misbehave(folder, expected, 2, kind)
        assert evaluator.evaluate(ASKED, 0) == expected
    code = {"refused": 1, "exit": 7}[kind]
    assert [f"died (exit {code}); replaced" in event for event in events] == [True, True]


def test_the_derived_cap_is_a_share_of_what_is_available_and_at_least_a_gigabyte() -> None:
    alone = memory.default_cap(1)
    if alone is None:
        pytest.skip("nobody says here how much memory is available")
    assert memory.default_cap(10**6) == memory.LEAST_MEGABYTES
    assert alone >= memory.LEAST_MEGABYTES
    assert memory.default_cap(2) <= max(memory.LEAST_MEGABYTES, 0.6 * alone)


def test_a_process_that_is_gone_takes_no_known_memory() -> None:
    assert memory.megabytes_of(2**22 + 1) is None


def test_young_workers_that_die_are_tried_again_while_the_others_work(
    folder: Path, expected: tuple[Evaluation, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "LONGEST_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(pool, "MAX_FAILED_STARTS", 2)
    events: list[str] = []
    with workers(events) as evaluator:
        (folder / "young").write_text("4")
        os.kill(evaluator._slots[0].worker.pid, signal.SIGKILL)
        while not any("tried again" in event for event in events):
            assert evaluator.evaluate(ASKED, 0) == expected
        assert evaluator._slots[1].num_failed_starts == 0
        while not evaluator._slots[0].is_ready:
            assert evaluator.evaluate(ASKED, 0) == expected
            evaluator._tick(None)
    assert sum("while it started; tried again in" in event for event in events) == 4


def test_the_run_stops_when_no_worker_comes_up_any_more(
    folder: Path, expected: tuple[Evaluation, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "LONGEST_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(pool, "MAX_FAILED_STARTS", 2)
    events: list[str] = []
    with workers(events) as evaluator:
        (folder / "young").write_text("999")
        for slot in evaluator._slots:
            os.kill(slot.worker.pid, signal.SIGKILL)
        with pytest.raises(EvaluationError, match="must set its task up"):
            evaluator.evaluate(ASKED, 0)
    assert sum("tried again" in event for event in events) >= 3


def test_the_pauses_between_tries_grow_to_a_minute(
    folder: Path, expected: tuple[Evaluation, ...]
) -> None:
    events: list[str] = []
    with workers(events) as evaluator:
        slot = evaluator._slots[0]
        for _ in range(8):
            evaluator._wait_for_restart(slot, "died", "")
        slot.restart_at = None
    pauses = [int(event.rpartition("tried again in ")[2].split()[0]) for event in events]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_before_any_worker_was_ready_three_deaths_end_it_at_once(
    folder: Path, expected: tuple[Evaluation, ...]
) -> None:
    (folder / "young").write_text("999")
    with pytest.raises(EvaluationError, match="3 in a row could not"), workers([]):
        pass


@pytest.mark.parametrize("kind", ["babble", "boast", "half"])
def test_an_answer_that_makes_no_sense_costs_the_worker_only(
    kind: str,
    folder: Path,
    expected: tuple[Evaluation, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = 1 if kind == "half" else 3600
    monkeypatch.setattr(process, "PATIENCE", struct.pack("ll", seconds, 0))
    events: list[str] = []
    with workers(events) as evaluator:
        misbehave(folder, expected, 1, kind)
        assert evaluator.evaluate(ASKED, 0) == expected
    assert len(events) == 1
    assert events[0].endswith("(exit -9); replaced")
