"""The process evaluator: a supervised pool of workers that cannot hang and loses no genome.

A worker that dies or outlives its deadline is killed and replaced, and its genome is evaluated
again with the same seeds, so the result is the same. Which worker evaluates which genome, and in
what order they finish, leaves no trace in the results.
"""

from __future__ import annotations

import contextlib
import selectors
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from neuroevo import errors
from neuroevo.errors import EvaluationError
from neuroevo.evaluation import deadlines, memory, messages
from neuroevo.evaluation.deadlines import Clock, Speed
from neuroevo.evaluation.evaluator import GIVEN_UP, Progress
from neuroevo.evaluation.process import Starter, WorkerProcess
from neuroevo.evaluation.shared_memory import GenomeWriter
from neuroevo.evaluation.slots import Job, Round, Slot
from neuroevo.neat.genome import Genome
from neuroevo.tasks.task import Evaluation, TaskDescription

MAX_DEATHS = 3
"""After so many workers that died of it a genome is given up; so is a task that no worker ever set
up."""

MAX_FAILED_STARTS = 10
"""So many workers in a row may die young at every place of the pool, before the run stops."""

LONGEST_PAUSE_SECONDS = 60.0
"""Between two such starts; the first pause is a second, each next one twice as long."""

_MEMORY_SECONDS = 1.0
"""Between two looks at what the workers take."""

_LOTS_PER_WORKER = 3
"""What is left is handed out in so many lots per worker at least, so that all end together."""


class ProcessEvaluator:
    """Evaluates in worker processes that live as long as the run."""

    def __init__(
        self,
        task_json: str,
        run_seed: int,
        *,
        feed_forward: bool,
        num_workers: int,
        timeout_seconds: float | None = None,
        worker_memory: int | None = None,
        one_first: bool = False,
        starter: Starter | None = None,
        on_event: Callable[[str], None] | None = None,
    ) -> None:
        """Start the workers; they set themselves up while the master goes on.

        Args:
            task_json: from ``task_settings_to_json``.
            run_seed: of the run.
            feed_forward: which kind of network genomes become.
            num_workers: at least 1.
            timeout_seconds: longest evaluation of one genome; None derives it from the task's
                ``max_frames`` and the measured speed (five times that, at least 10 s, twice as
                long at each retry). A test may take longer by as much as it has more frames.
            worker_memory: megabytes that a worker may take, 0 for any number; None derives it from
                what is available (:func:`~neuroevo.evaluation.memory.default_cap`).
            one_first: start the others when the first is ready: kernels that are not compiled yet
                are then compiled once, not by all workers side by side.
            starter: of the workers, which has begun to load; it is closed with the evaluator.
            on_event: told, in one sentence, of every worker that died or was killed.
        """
        self._task_json = task_json
        self._starter = starter
        self._setup = messages.setup_message(task_json, run_seed, feed_forward=feed_forward)
        self._timeout_seconds = timeout_seconds
        self._cap = memory.default_cap(num_workers) if worker_memory is None else worker_memory
        self._memory_due = 0.0
        self._on_event = on_event or _ignore
        self._clock = Clock()
        self._speed = Speed()
        self._description: TaskDescription | None = None
        self._genomes = GenomeWriter()
        self._selector = selectors.DefaultSelector()
        self._slots: list[Slot] = []
        self._num_workers = num_workers
        self._add_workers(1 if one_first else num_workers)

    def describe(self) -> TaskDescription:
        """See :class:`~neuroevo.evaluation.evaluator.Evaluator`."""
        while self._description is None:
            self._tick(None)
        return self._description

    def evaluate(
        self,
        genomes: Sequence[Genome],
        generation: int,
        on_progress: Progress | None = None,
        *,
        stage: int = 0,
    ) -> tuple[Evaluation, ...]:
        """See :class:`~neuroevo.evaluation.evaluator.Evaluator`.

        A genome whose evaluation kills three workers that have nothing else to do gets the fitness
        NaN and the ending ``worker died``.
        """
        return self._run(messages.EVALUATE, genomes, generation, stage, on_progress)

    def test(self, genome: Genome) -> Evaluation:
        """See :class:`~neuroevo.evaluation.evaluator.Evaluator`."""
        return self._run(messages.TEST, [genome], 0, 0, None)[0]

    def close(self) -> None:
        """End the workers, whatever they are at; they have nothing that must be put away."""
        for slot in self._slots:
            slot.worker.hang_up()
        limit = time.monotonic() + 1.0
        for slot in self._slots:
            slot.worker.reap(max(0.0, limit - time.monotonic()))
            slot.worker.forget()
        self._slots = []
        if self._starter is not None:
            self._starter.close()
        self._selector.close()
        self._genomes.close()

    def _run(
        self,
        kind: int,
        genomes: Sequence[Genome],
        generation: int,
        stage: int,
        on_progress: Progress | None,
    ) -> tuple[Evaluation, ...]:
        places = self._genomes.write(genomes)
        jobs = deque(
            Job(position, genome, kind, place)
            for position, (genome, place) in enumerate(zip(genomes, places, strict=True))
        )
        work = Round(generation, stage, jobs, [None] * len(genomes), on_progress)
        while work.num_done < len(genomes):
            self._hand_out(work)
            self._tick(work)
        return tuple(result for result in work.results if result is not None)

    def _hand_out(self, work: Round) -> None:
        """Give every worker that has none a genome; where they do not last long, two lots."""
        for is_ahead in (False, True):
            for slot in self._slots:
                if not slot.is_ready or not work.waiting:
                    continue
                lot = self._lot(work)
                if slot.job is None:
                    self._send(slot, work.take(max(lot, 1)), work)
                elif is_ahead and len(slot.jobs) < 2 * lot and not slot.job.is_suspect:
                    self._send(slot, work.take_unsuspected(lot), work)

    def _lot(self, work: Round) -> int:
        """Return how many genomes a worker gets at a time; 0: one, and none ahead."""
        most = len(work.waiting) // (_LOTS_PER_WORKER * len(self._slots))
        lot = self._speed.lot()
        return min(lot, max(most, 1))

    def _send(self, slot: Slot, jobs: Sequence[Job], work: Round) -> None:
        if not jobs:
            return
        if not slot.jobs:
            slot.busy_seconds = 0.0
        slot.jobs.extend(jobs)
        places = tuple(job.place for job in jobs)
        request = messages.Request(
            jobs[0].kind, work.generation, work.stage, self._genomes.round, places
        )
        try:
            slot.worker.connection.send_bytes(messages.request_message(request))
        except OSError:
            self._bury(slot, work, "died")

    def _tick(self, work: Round | None) -> None:
        """Wait a moment for answers, and look after workers that died, hang or grow."""
        self._clock.begin_lap()
        ready = [key.data for key, _ in self._selector.select(deadlines.TICK_SECONDS)]
        seconds = self._clock.lap()
        for slot in self._slots:
            slot.busy_seconds += seconds
        for slot in ready:
            self._receive(slot, work)
        for slot in self._slots:
            if slot.restart_at is not None:
                if time.monotonic() >= slot.restart_at:
                    self._restart(slot)
            elif slot not in ready and slot.busy_seconds > self._limit(slot):
                self._bury(slot, work, f"hung for {slot.busy_seconds:.0f} s", kill_at_once=True)
        self._look_at_memory(work)

    def _limit(self, slot: Slot) -> float:
        if not slot.is_ready:
            return deadlines.SETUP_SECONDS
        if slot.job is None:
            return float("inf")
        seconds = self._timeout(is_test=slot.job.kind == messages.TEST)
        # What takes too long on a slow machine takes as long the next time.
        return seconds * (2**slot.job.num_deaths if self._timeout_seconds is None else 1)

    def _timeout(self, *, is_test: bool) -> float:
        """Return how long an evaluation or a test may take."""
        task = self._description
        frames, test_frames = (task.max_frames, task.max_test_frames) if task else (None, None)
        if self._timeout_seconds is None:
            return self._speed.timeout(test_frames if is_test else frames)
        if not is_test:
            return self._timeout_seconds
        if frames and test_frames:  # a test may be far longer than any evaluation
            return self._timeout_seconds * max(1.0, test_frames / frames)
        return max(self._timeout_seconds, deadlines.UNKNOWN_TIMEOUT_SECONDS)

    def _look_at_memory(self, work: Round | None) -> None:
        """Replace workers that take more than their share, once a second."""
        now = time.monotonic()
        if not self._cap or now < self._memory_due:
            return
        self._memory_due = now + _MEMORY_SECONDS
        for slot in self._slots:
            if slot.restart_at is None:
                self._bury_greedy(slot, work)

    def _bury_greedy(self, slot: Slot, work: Round | None) -> bool:
        """Replace a worker that takes more than its share; tell whether it was one."""
        pid = slot.worker.pid
        taken = memory.megabytes_of(pid) if self._cap and pid is not None else None
        if not self._cap or taken is None or taken <= self._cap:
            return False
        what = f"took {taken:,.0f} MB of memory, above its {self._cap:,} MB"
        self._bury(slot, work, f"{what} ([Run] worker_memory)", kill_at_once=True)
        return True

    def _receive(self, slot: Slot, work: Round | None) -> None:
        try:
            answer = messages.read_answer(slot.worker.connection.recv_bytes(messages.LONGEST))
        except (EOFError, OSError):
            self._bury(slot, work, "died")
            return
        except (ValueError, TypeError):
            self._bury(slot, work, "answered what no worker answers", kill_at_once=True)
            return
        if "error" in answer:
            kind, text = answer["error"]
            raise getattr(errors, kind, EvaluationError)(text)
        if "description" in answer:
            slot.worker.learn_pid()
            if self._bury_greedy(slot, work):  # as any other would be: it is the cap
                return
            self._description = self._description or answer["description"]
            slot.is_ready, slot.num_failed_starts = True, 0
            self._add_workers(self._num_workers)
            return
        evaluations = answer["evaluations"]
        asked = [job.genome.id for job in islice(slot.jobs, len(evaluations))]
        if work is None or not asked or asked != [genome_id for genome_id, _ in evaluations]:
            self._bury(slot, work, "answered what it was not asked", kill_at_once=True)
            return
        for _, evaluation in evaluations:
            self._speed.add(evaluation, slot.busy_seconds / len(evaluations))
            work.finish(slot.jobs.popleft(), evaluation)
        slot.busy_seconds = 0.0

    def _bury(
        self, slot: Slot, work: Round | None, what: str, *, kill_at_once: bool = False
    ) -> None:
        """Kill and replace a worker; its genome waits again, or is given up."""
        self._selector.unregister(slot.worker.connection)
        returncode = slot.worker.kill(patience_seconds=0.0 if kill_at_once else 1.0)
        was_ready, slot.is_ready = slot.is_ready, False
        what = f"{what} (exit {returncode})"
        if was_ready:
            self._on_event(f"worker {slot.worker.index} {what}; replaced")
            slot.worker.forget()
            self._restart(slot)
        else:
            self._wait_for_restart(slot, f"{what} while it started", slot.worker.last_words())
            slot.worker.forget()
        self._take_back(slot, work)

    def _take_back(self, slot: Slot, work: Round | None) -> None:
        """Have what a dead worker did not finish done by others."""
        jobs, slot.jobs = slot.jobs, deque()
        if not jobs or work is None:
            return
        for job in jobs:  # it may have died of any of them: from now on each goes alone
            job.is_suspect = True
        if len(jobs) > 1:
            work.waiting.extendleft(reversed(jobs))
            return
        job = jobs[0]
        job.num_deaths += 1
        if job.num_deaths < MAX_DEATHS:
            work.waiting.appendleft(job)
        else:
            self._on_event(f"genome {job.genome.id} given up: {MAX_DEATHS} workers died of it")
            work.finish(job, Evaluation(float("nan"), endings={GIVEN_UP: 1}))

    def _wait_for_restart(self, slot: Slot, what: str, last_words: str) -> None:
        """Say when a worker that could not start is tried again, or that it makes no sense.

        Before any worker was ready the task itself must be to blame. Afterwards the machine is:
        it may be out of memory for a while, so the run waits, and goes on with those that work.

        Raises:
            EvaluationError: no worker was ever ready, or none comes up any more.
        """
        slot.num_failed_starts += 1
        slot.busy_seconds = 0.0
        if self._is_hopeless():
            count = max(slot.num_failed_starts for slot in self._slots)
            raise EvaluationError(
                f"worker {slot.worker.index}: must set its task up; {count} in a row could not, "
                f"the last {what}. Last words: {last_words or 'none'}. "
                "Run the same command with --workers 0 to see the error in one process."
            )
        pause, then = 0.0, "replaced"
        if self._description is not None:
            pause = min(2.0 ** (slot.num_failed_starts - 1), LONGEST_PAUSE_SECONDS)
            then = f"tried again in {pause:.0f} s"
        slot.restart_at = time.monotonic() + pause
        self._on_event(f"worker {slot.worker.index} {what}; {then}")

    def _is_hopeless(self) -> bool:
        if self._description is None:
            # At one place: workers of a server that died have all died at once.
            return any(slot.num_failed_starts >= MAX_DEATHS for slot in self._slots)
        return all(
            not slot.is_ready and slot.num_failed_starts >= MAX_FAILED_STARTS
            for slot in self._slots
        )

    def _add_workers(self, num_workers: int) -> None:
        for index in range(len(self._slots), num_workers):
            try:
                self._slots.append(Slot(self._start(index)))
            except OSError as problem:
                raise EvaluationError(
                    f"worker {index}: must start; got {problem.strerror}. Close other programs, or "
                    f"use fewer than {num_workers} workers."
                ) from problem
            self._listen(self._slots[-1])

    def _restart(self, slot: Slot) -> None:
        try:
            slot.worker = self._start(slot.worker.index)
        except OSError as problem:  # no memory for a process, or no place for a file
            self._wait_for_restart(slot, f"could not start ({problem.strerror})", "")
            return
        slot.busy_seconds, slot.restart_at = 0.0, None
        self._listen(slot)

    def _start(self, index: int) -> WorkerProcess:
        self._starter = self._starter or Starter(self._task_json)
        worker = WorkerProcess(index, self._starter, self._genomes.fd)
        with contextlib.suppress(OSError):  # it is dead already: its closed socket will tell
            worker.connection.send_bytes(self._setup)
        return worker

    def _listen(self, slot: Slot) -> None:
        self._selector.register(slot.worker.connection, selectors.EVENT_READ, slot)


def _ignore(text: str) -> None:
    """Nobody listens."""
