"""The process evaluator: a supervised pool of workers that cannot hang and loses no genome.

A worker that dies or outlives its deadline is killed and replaced, and its genome is evaluated
again with the same seeds, so the result is the same. Which worker evaluates which genome, and in
what order they finish, leaves no trace in the results.
"""

from __future__ import annotations

import selectors
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from neuroevo import errors
from neuroevo.errors import EvaluationError
from neuroevo.evaluation import messages
from neuroevo.evaluation.evaluator import Progress
from neuroevo.evaluation.genome_block import GenomeWriter, Place
from neuroevo.evaluation.process import WorkerProcess
from neuroevo.neat.genome import Genome
from neuroevo.tasks.task import Evaluation, TaskDescription

MAX_DEATHS = 3
"""After so many dead workers a genome is given up."""

SETUP_SECONDS = 180.0
"""A worker that is not ready by then (it may compile kernels for the first time) is dead."""

SLOWEST_FRAMES_PER_SECOND = 20.0
"""Assumed before the first evaluation has shown the real speed."""

MIN_TIMEOUT_SECONDS = 10.0
UNKNOWN_TIMEOUT_SECONDS = 600.0

_TICK_SECONDS = 1.0

_SHORT_SECONDS = 0.005
"""Where evaluations take less on average, a worker gets genomes ahead, so that it never waits."""

_AHEAD = 3
"""So many genomes a worker holds then, the one it is at included; otherwise one."""


@dataclass(slots=True)
class _Job:
    """One genome on its way.

    Attributes:
        position: in the answer.
        kind: of the request, ``messages.EVALUATE`` or ``messages.TEST``.
        place: in shared memory, once it is written there.
        num_deaths: workers that died of it.
    """

    position: int
    genome: Genome
    kind: int
    place: Place | None = None
    num_deaths: int = 0


@dataclass(slots=True)
class _Slot:
    """A worker and what it is doing.

    Attributes:
        jobs: sent and not answered; it works at the first, answers come in this order.
        busy_seconds: at that one; counts only while the master runs, too.
    """

    worker: WorkerProcess
    jobs: deque[_Job] = field(default_factory=deque)
    is_ready: bool = False
    busy_seconds: float = 0.0

    @property
    def job(self) -> _Job | None:
        """What the worker is at."""
        return self.jobs[0] if self.jobs else None


@dataclass(slots=True)
class _Speed:
    """Frames and evaluations per second over all finished ones, per worker."""

    num_frames: int = 0
    num_evaluations: int = 0
    seconds: float = 0.0

    def add(self, evaluation: Evaluation, seconds: float) -> None:
        self.num_frames += evaluation.num_frames
        self.num_evaluations += 1
        self.seconds += seconds

    def is_short(self) -> bool:
        return self.seconds < _SHORT_SECONDS * self.num_evaluations

    def timeout(self, max_frames: int | None) -> float:
        if max_frames is None:
            return UNKNOWN_TIMEOUT_SECONDS
        rate = self.num_frames / self.seconds if self.seconds > 1 else SLOWEST_FRAMES_PER_SECOND
        return max(MIN_TIMEOUT_SECONDS, 5 * max_frames / max(rate, 1.0))


@dataclass(slots=True)
class _Round:
    """The jobs of one call of ``evaluate``."""

    generation: int
    stage: int
    waiting: deque[_Job]
    results: list[Evaluation | None]
    on_progress: Progress | None
    num_done: int = field(default=0)

    def finish(self, job: _Job, evaluation: Evaluation) -> None:
        self.results[job.position] = evaluation
        self.num_done += 1
        if self.on_progress is not None:
            self.on_progress(self.num_done, len(self.results))


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
        one_first: bool = False,
        on_event: Callable[[str], None] | None = None,
    ) -> None:
        """Start the workers; they set themselves up while the master goes on.

        Args:
            task_json: from ``task_settings_to_json``.
            run_seed: of the run.
            feed_forward: which kind of network genomes become.
            num_workers: at least 1.
            timeout_seconds: longest evaluation of one genome; None derives it from the task's
                ``max_frames`` and the measured speed (five times that, at least 10 s).
            one_first: start the others when the first is ready: kernels that are not compiled yet
                are then compiled once, not by all workers side by side.
            on_event: told, in one sentence, of every worker that died or was killed.
        """
        self._setup = messages.setup_message(task_json, run_seed, feed_forward=feed_forward)
        self._timeout_seconds = timeout_seconds
        self._on_event = on_event or _ignore
        self._speed = _Speed()
        self._description: TaskDescription | None = None
        self._num_setup_deaths = 0
        self._genomes = GenomeWriter()
        self._selector = selectors.DefaultSelector()
        self._slots: list[_Slot] = []
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

        A genome whose evaluation kills three workers gets the fitness NaN and the ending
        ``worker died``.
        """
        return self._run(messages.EVALUATE, genomes, generation, stage, on_progress)

    def test(self, genome: Genome) -> Evaluation:
        """See :class:`~neuroevo.evaluation.evaluator.Evaluator`."""
        return self._run(messages.TEST, [genome], 0, 0, None)[0]

    def close(self) -> None:
        """Let the workers go; those that do not leave within a second are killed."""
        for slot in self._slots:
            slot.worker.hang_up()
        limit = time.monotonic() + 1.0
        for slot in self._slots:
            slot.worker.reap(max(0.0, limit - time.monotonic()))
            slot.worker.forget()
        self._slots = []
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
        self._genomes.restart()
        jobs = deque(_Job(position, genome, kind) for position, genome in enumerate(genomes))
        work = _Round(generation, stage, jobs, [None] * len(genomes), on_progress)
        while work.num_done < len(genomes):
            self._hand_out(work)
            # While workers are busy: the next genomes will be sent without a delay.
            for job in islice(work.waiting, len(self._slots)):
                self._write(job)
            self._tick(work)
        return tuple(result for result in work.results if result is not None)

    def _hand_out(self, work: _Round) -> None:
        """Give every worker that has none a genome; then some ahead, if they do not last long."""
        for size in range(_AHEAD if self._speed.is_short() else 1):
            for slot in self._slots:
                if slot.is_ready and len(slot.jobs) == size and work.waiting:
                    self._send(slot, work.waiting.popleft(), work)

    def _send(self, slot: _Slot, job: _Job, work: _Round) -> None:
        place = self._write(job)
        if not slot.jobs:
            slot.busy_seconds = 0.0
        slot.jobs.append(job)
        message = messages.request_message(
            job.kind, work.generation, work.stage, job.genome.id, place
        )
        try:
            slot.worker.connection.send_bytes(message)
        except OSError:
            self._bury(slot, work, "died")

    def _write(self, job: _Job) -> Place:
        if job.place is None:
            job.place = self._genomes.write(job.genome)
        return job.place

    def _tick(self, work: _Round | None) -> None:
        """Wait for answers, at most a second, and look after workers that died or hang."""
        before = time.monotonic()
        ready = [key.data for key, _ in self._selector.select(_TICK_SECONDS)]
        # A machine that slept, or a stopped process group, makes a tick long without any
        # worker being at fault: never count more than the tick itself.
        elapsed = min(time.monotonic() - before, 2 * _TICK_SECONDS)
        for slot in self._slots:
            slot.busy_seconds += elapsed
        for slot in ready:
            self._receive(slot, work)
        for slot in self._slots:
            if slot not in ready and slot.busy_seconds > self._limit(slot):
                self._bury(slot, work, f"hung for {slot.busy_seconds:.0f} s")

    def _limit(self, slot: _Slot) -> float:
        if not slot.is_ready:
            return SETUP_SECONDS
        if slot.job is None:
            return float("inf")
        if slot.job.kind == messages.TEST:  # may be far longer than any evaluation
            return UNKNOWN_TIMEOUT_SECONDS
        if self._timeout_seconds is not None:
            return self._timeout_seconds
        max_frames = None if self._description is None else self._description.max_frames
        return self._speed.timeout(max_frames)

    def _receive(self, slot: _Slot, work: _Round | None) -> None:
        try:
            answer = messages.read_answer(slot.worker.connection.recv_bytes())
        except (EOFError, OSError):
            self._bury(slot, work, "died")
            return
        if "error" in answer:
            kind, text = answer["error"]
            raise getattr(errors, kind, EvaluationError)(text)
        if "description" in answer:
            self._description = self._description or answer["description"]
            slot.is_ready = True
            self._num_setup_deaths = 0
            self._add_workers(self._num_workers)
            return
        job, evaluation = slot.job, answer["evaluation"]
        if job is None or work is None or answer["genome_id"] != job.genome.id:
            self._bury(slot, work, "answered what it was not asked")
            return
        slot.jobs.popleft()
        self._speed.add(evaluation, slot.busy_seconds)
        slot.busy_seconds = 0.0
        work.finish(job, evaluation)

    def _bury(self, slot: _Slot, work: _Round | None, what: str) -> None:
        """Kill and replace a worker; its genome waits again, or is given up."""
        self._selector.unregister(slot.worker.connection)
        returncode = slot.worker.kill()
        self._on_event(f"worker {slot.worker.index} {what} (exit {returncode}); replaced")
        if not slot.is_ready:
            self._num_setup_deaths += 1
            if self._num_setup_deaths >= MAX_DEATHS:
                raise EvaluationError(
                    f"worker {slot.worker.index}: must set its task up; {MAX_DEATHS} in a row "
                    f"{what}. Last words: {slot.worker.last_words() or 'none'}. "
                    "Run the same command with --workers 0 to see the error in one process."
                )
        jobs, slot.jobs = slot.jobs, deque()
        slot.worker.forget()
        slot.worker = self._start(slot.worker.index)
        self._listen(slot)
        slot.is_ready, slot.busy_seconds = False, 0.0
        if not jobs or work is None:
            return
        job = jobs.popleft()  # the others it had not begun
        work.waiting.extendleft(reversed(jobs))
        job.num_deaths += 1
        if job.num_deaths < MAX_DEATHS:
            work.waiting.appendleft(job)
        else:
            self._on_event(f"genome {job.genome.id} given up: {MAX_DEATHS} workers died of it")
            work.finish(job, Evaluation(float("nan"), endings={"worker died": 1}))

    def _add_workers(self, num_workers: int) -> None:
        for index in range(len(self._slots), num_workers):
            self._slots.append(_Slot(self._start(index)))
            self._listen(self._slots[-1])

    def _start(self, index: int) -> WorkerProcess:
        worker = WorkerProcess(index, self._genomes.fd)
        worker.connection.send_bytes(self._setup)
        return worker

    def _listen(self, slot: _Slot) -> None:
        self._selector.register(slot.worker.connection, selectors.EVENT_READ, slot)


def _ignore(text: str) -> None:
    """Nobody listens."""
