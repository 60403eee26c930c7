"""The process evaluator: a supervised pool of workers that cannot hang and loses no genome.

A worker that dies or outlives its deadline is killed and replaced, and its genome is evaluated
again with the same seeds, so the result is the same. Which worker evaluates which genome, and in
what order they finish, leaves no trace in the results.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait

from neuroevo import errors
from neuroevo.errors import EvaluationError
from neuroevo.evaluation import messages
from neuroevo.evaluation.evaluator import Progress
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


@dataclass(slots=True)
class _Job:
    """One genome on its way: its place in the answer and how many workers died of it."""

    position: int
    genome: Genome
    message: bytes
    is_test: bool
    num_deaths: int = 0


@dataclass(slots=True)
class _Slot:
    """A worker and what it is doing; ``busy_seconds`` counts only while the master runs, too."""

    worker: WorkerProcess
    job: _Job | None = None
    is_ready: bool = False
    busy_seconds: float = 0.0


@dataclass(slots=True)
class _Speed:
    """Frames per second over all finished evaluations, per worker."""

    num_frames: int = 0
    seconds: float = 0.0

    def timeout(self, max_frames: int | None) -> float:
        if max_frames is None:
            return UNKNOWN_TIMEOUT_SECONDS
        rate = self.num_frames / self.seconds if self.seconds > 1 else SLOWEST_FRAMES_PER_SECOND
        return max(MIN_TIMEOUT_SECONDS, 5 * max_frames / max(rate, 1.0))


@dataclass(slots=True)
class _Round:
    """The jobs of one call of ``evaluate``."""

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
            on_event: told, in one sentence, of every worker that died or was killed.
        """
        self._setup = messages.setup_message(task_json, run_seed, feed_forward=feed_forward)
        self._timeout_seconds = timeout_seconds
        self._on_event = on_event or _ignore
        self._speed = _Speed()
        self._description: TaskDescription | None = None
        self._num_setup_deaths = 0
        self._slots = [_Slot(self._start(index)) for index in range(num_workers)]

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
        request = partial(messages.request_message, messages.EVALUATE, generation, stage)
        return self._run(genomes, request, on_progress, is_test=False)

    def test(self, genome: Genome) -> Evaluation:
        """See :class:`~neuroevo.evaluation.evaluator.Evaluator`."""
        request = partial(messages.request_message, messages.TEST, 0, 0)
        return self._run([genome], request, None, is_test=True)[0]

    def close(self) -> None:
        """Let the workers go; those that do not leave within a second are killed."""
        for slot in self._slots:
            slot.worker.hang_up()
        limit = time.monotonic() + 1.0
        for slot in self._slots:
            slot.worker.reap(max(0.0, limit - time.monotonic()))
            slot.worker.forget()
        self._slots = []

    def _run(
        self,
        genomes: Sequence[Genome],
        request: Callable[[Genome], bytes],
        on_progress: Progress | None,
        *,
        is_test: bool,
    ) -> tuple[Evaluation, ...]:
        jobs = deque(
            _Job(position, genome, request(genome), is_test=is_test)
            for position, genome in enumerate(genomes)
        )
        work = _Round(jobs, [None] * len(genomes), on_progress)
        while work.num_done < len(genomes):
            for slot in self._slots:
                if slot.is_ready and slot.job is None and work.waiting:
                    self._hand_out(slot, work.waiting.popleft(), work)
            self._tick(work)
        return tuple(result for result in work.results if result is not None)

    def _hand_out(self, slot: _Slot, job: _Job, work: _Round) -> None:
        slot.job = job
        slot.busy_seconds = 0.0
        try:
            slot.worker.connection.send_bytes(job.message)
        except OSError:
            self._bury(slot, work, "died")

    def _tick(self, work: _Round | None) -> None:
        """Wait for answers, at most a second, and look after workers that died or hang."""
        by_connection = {slot.worker.connection: slot for slot in self._slots}
        before = time.monotonic()
        ready = wait(list(by_connection), timeout=_TICK_SECONDS)
        # A machine that slept, or a stopped process group, makes a tick long without any
        # worker being at fault: never count more than the tick itself.
        elapsed = min(time.monotonic() - before, 2 * _TICK_SECONDS)
        for slot in self._slots:
            slot.busy_seconds += elapsed
        for connection in ready:
            assert isinstance(connection, Connection)
            self._receive(by_connection[connection], work)
        for slot in self._slots:
            if slot.worker.connection not in ready and slot.busy_seconds > self._limit(slot):
                self._bury(slot, work, f"hung for {slot.busy_seconds:.0f} s")

    def _limit(self, slot: _Slot) -> float:
        if not slot.is_ready:
            return SETUP_SECONDS
        if slot.job is None:
            return float("inf")
        if slot.job.is_test:  # may be far longer than any evaluation
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
            return
        job, evaluation = slot.job, answer["evaluation"]
        if job is None or work is None or answer["genome_id"] != job.genome.id:
            self._bury(slot, work, "answered what it was not asked")
            return
        slot.job = None
        self._speed.num_frames += evaluation.num_frames
        self._speed.seconds += slot.busy_seconds
        work.finish(job, evaluation)

    def _bury(self, slot: _Slot, work: _Round | None, what: str) -> None:
        """Kill and replace a worker; its genome waits again, or is given up."""
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
        job = slot.job
        slot.worker.forget()
        slot.worker = self._start(slot.worker.index)
        slot.job, slot.is_ready, slot.busy_seconds = None, False, 0.0
        if job is None or work is None:
            return
        job.num_deaths += 1
        if job.num_deaths < MAX_DEATHS:
            work.waiting.appendleft(job)
        else:
            self._on_event(f"genome {job.genome.id} given up: {MAX_DEATHS} workers died of it")
            work.finish(job, Evaluation(float("nan"), endings={"worker died": 1}))

    def _start(self, index: int) -> WorkerProcess:
        worker = WorkerProcess(index)
        worker.connection.send_bytes(self._setup)
        return worker


def _ignore(text: str) -> None:
    """Nobody listens."""
