"""Workers that die, hang or lose their master: nothing is lost and nobody is left behind."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from builders import deadly_task
from builders.poisoned import poison
from contracts.evaluator_contract import CARTPOLE, genomes

from neuroevo.evaluation import deadlines
from neuroevo.evaluation.deadlines import Clock
from neuroevo.evaluation.evaluator import SerialEvaluator
from neuroevo.evaluation.pool import ProcessEvaluator
from neuroevo.tasks.factory import make_task, task_settings_to_json
from neuroevo.tasks.settings import GymnasiumSettings
from neuroevo.tasks.task import Evaluation

LONG = GymnasiumSettings(id="MountainCar-v0", episodes=12)
SHORT = GymnasiumSettings(id="CartPole-v1", episodes=1)
MANY = 15


def pool(task: GymnasiumSettings, events: list[str], **options: object) -> ProcessEvaluator:
    return ProcessEvaluator(
        task_settings_to_json(task),
        1,
        feed_forward=True,
        num_workers=2,
        on_event=events.append,
        **options,  # type: ignore[arg-type]
    )


@functools.cache
def undisturbed(count: int) -> tuple[Evaluation, ...]:
    """What one process without any fault gets."""
    serial = SerialEvaluator(make_task(LONG), 1, feed_forward=True)
    return serial.evaluate(genomes(2, 3, count), 0)


def pids(evaluator: ProcessEvaluator) -> list[int]:
    return [slot.worker.pid for slot in evaluator._slots]


def victim(evaluator: ProcessEvaluator, struck: set[int]) -> int | None:
    """Return a worker that has set its task up and was not struck before; at a new episode first.

    One that still starts is another matter: it has a longer deadline, and a few deaths in a row
    there mean that the task cannot be set up at all. On a busy machine a worker that was struck may
    need longer to die than another one for three episodes; and whoever strikes the same genome
    three times has it given up.
    """
    slots = [slot for slot in evaluator._slots if slot.is_ready and slot.worker.pid not in struck]
    slots = [slot for slot in slots if slot.job is None or not slot.job.is_suspect]
    pids = [slot.worker.pid for slot in sorted(slots, key=lambda slot: slot.job is None)]
    return pids[0] if pids else None


def run_with_faults(signals: list[int], **options: object) -> tuple[list[str], bool]:
    """Send each signal to a worker while genomes are evaluated; tell if results are the same."""
    asked = genomes(2, 3, MANY)
    events: list[str] = []
    evaluator = pool(LONG, events, **options)
    evaluator.describe()
    todo, struck = list(signals), set[int]()

    def strike(done: int, total: int) -> None:
        pid = victim(evaluator, struck) if todo and done > 3 * len(struck) else None
        if pid is not None:
            struck.add(pid)
            os.kill(pid, todo.pop())

    try:
        results = evaluator.evaluate(asked, 0, strike)
    finally:
        evaluator.close()
    return events, results == undisturbed(MANY)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_killed_worker_costs_its_episode_only(number: int) -> None:
    events, same = run_with_faults([number] * 3)
    assert same
    assert sum("died" in event for event in events) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_that_reach_a_whole_group_are_the_masters_to_answer(number: int) -> None:
    events, same = run_with_faults([number] * 2)
    assert same
    assert events == []


def test_a_stopped_worker_is_killed_at_its_deadline_and_its_genome_evaluated_again() -> None:
    events, same = run_with_faults([signal.SIGSTOP], timeout_seconds=2.0)
    assert same
    assert any("hung" in event for event in events)


def test_a_genome_that_kills_three_workers_is_given_up_and_the_others_live() -> None:
    asked = genomes(2, 3, 8)
    deadly = asked[3].id
    events: list[str] = []
    evaluator = pool(LONG, events)
    evaluator.describe()
    poison(evaluator, deadly)
    try:
        results = evaluator.evaluate(asked, 0)
    finally:
        evaluator.close()
    assert results[3].fitness != results[3].fitness  # NaN
    assert results[3].endings == {"worker died": 1}
    expected = undisturbed(8)
    assert [r for i, r in enumerate(results) if i != 3] == [
        e for i, e in enumerate(expected) if i != 3
    ]


def test_workers_killed_with_genomes_sent_ahead_lose_none_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deadlines, "LOT_SECONDS", 1e9)  # on a busy machine, too
    asked = genomes(4, 2, 120)
    expected = SerialEvaluator(make_task(SHORT), 1, feed_forward=True).evaluate(asked, 0)
    events: list[str] = []
    evaluator = pool(SHORT, events)
    evaluator.describe()
    most_ahead = 0
    todo, struck = [80, 50, 20], set[int]()

    def strike(done: int, total: int) -> None:
        nonlocal most_ahead
        most_ahead = max(most_ahead, *(len(slot.jobs) for slot in evaluator._slots))
        pid = victim(evaluator, struck) if todo and done >= todo[-1] else None
        if pid is not None:
            todo.pop()
            struck.add(pid)
            os.kill(pid, signal.SIGKILL)

    try:
        assert evaluator.evaluate(asked, 0, strike) == expected
    finally:
        evaluator.close()
    assert most_ahead > 1
    assert sum("died" in event for event in events) == 3


def test_of_a_lot_only_the_genome_that_kills_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(deadlines, "LOT_SECONDS", 1e9)
    monkeypatch.setenv("PYTHONPATH", deadly_task.install(tmp_path))
    asked = genomes(deadly_task.NUM_INPUTS, deadly_task.NUM_OUTPUTS, 60)
    deadly = {asked[31].id, asked[58].id}
    monkeypatch.setenv(deadly_task.VARIABLE, " ".join(map(str, deadly)))
    events: list[str] = []
    evaluator = pool(SHORT, events)
    try:
        results = evaluator.evaluate(asked, 0)
    finally:
        evaluator.close()
    given_up = {g.id for g, r in zip(asked, results, strict=True) if r.endings}
    assert given_up == deadly
    alive = [r.fitness for g, r in zip(asked, results, strict=True) if g.id not in deadly]
    assert alive == [float(g.id) for g in asked if g.id not in deadly]
    # Once within a lot, which names nobody, and three times alone.
    assert sum("died" in event and "worker" in event[:6] for event in events) <= 8
    assert sum("given up" in event for event in events) == 2


def test_with_one_first_the_others_start_when_it_is_ready_and_all_work() -> None:
    evaluator = pool(CARTPOLE, [], one_first=True)
    assert len(evaluator._slots) == 1
    evaluator.describe()
    assert len(evaluator._slots) == 2
    asked = genomes(4, 2, 8)
    expected = SerialEvaluator(make_task(CARTPOLE), 1, feed_forward=True).evaluate(asked, 0)
    assert evaluator.evaluate(asked, 0) == expected
    evaluator.close()


def test_a_pause_of_the_master_counts_against_no_worker() -> None:
    clock = Clock()
    clock.begin_lap()
    time.sleep(deadlines.LONGEST_LAP_SECONDS + 0.1)
    assert clock.lap() == deadlines.PAUSE_COUNTS_SECONDS
    laps = []
    for _ in range(5):  # this machine may pause, too
        clock.begin_lap()
        time.sleep(0.1)
        laps.append(clock.lap())
    assert any(0.1 <= lap <= deadlines.LONGEST_LAP_SECONDS for lap in laps)


def test_close_leaves_no_worker_even_in_the_middle_of_an_episode() -> None:
    evaluator = pool(CARTPOLE, [])
    evaluator.describe()
    started = pids(evaluator)
    os.kill(started[0], signal.SIGSTOP)
    evaluator.close()
    assert not any(is_alive(pid) for pid in started)


MASTER = """
import sys
from neuroevo.evaluation.pool import ProcessEvaluator
from neuroevo.tasks.factory import task_settings_to_json
from neuroevo.tasks.settings import GymnasiumSettings
from contracts.evaluator_contract import genomes
task = GymnasiumSettings(id="MountainCar-v0", episodes=10_000)
evaluator = ProcessEvaluator(task_settings_to_json(task), 1, feed_forward=True, num_workers=2)
evaluator.describe()
print(*(slot.worker.pid for slot in evaluator._slots), flush=True)
evaluator.evaluate(genomes(2, 3), 0)
"""


def test_workers_die_within_a_second_of_their_masters_kill_minus_nine() -> None:
    tests = Path(__file__).parents[1]
    path = os.pathsep.join([str(tests.parent), str(tests)])
    master = subprocess.Popen(
        [sys.executable, "-c", MASTER],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert master.stdout is not None
    workers = [int(pid) for pid in master.stdout.readline().split()]
    assert len(workers) == 2
    assert all(is_alive(pid) for pid in workers)
    time.sleep(0.3)
    master.kill()
    master.wait()
    limit = time.monotonic() + 1.0
    while any(is_alive(pid) for pid in workers) and time.monotonic() < limit:
        time.sleep(0.02)
    assert not any(is_alive(pid) for pid in workers)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")
        return not (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")
    except (ProcessLookupError, FileNotFoundError):
        return False
