"""What the pool keeps count of: genomes on their way, and workers with what they are doing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from neuroevo.evaluation.evaluator import Progress
from neuroevo.evaluation.process import WorkerProcess
from neuroevo.neat.genome import Genome
from neuroevo.tasks.task import Evaluation


@dataclass(slots=True)
class Job:
    """One genome on its way.

    Attributes:
        position: in the answer.
        kind: of the request, ``messages.EVALUATE`` or ``messages.TEST``.
        place: in the shared memory.
        num_deaths: workers that died of it.
        is_suspect: a worker died of it or of another one; it is sent alone from now on.
    """

    position: int
    genome: Genome
    kind: int
    place: int
    num_deaths: int = 0
    is_suspect: bool = False


@dataclass(slots=True)
class Slot:
    """A worker and what it is doing.

    Attributes:
        worker: the running one, or a dead one until ``restart_at``.
        jobs: sent and not answered; it works at the first, answers come in this order.
        is_ready: it has set its task up.
        busy_seconds: at the first job, or at setting up; see :class:`~.deadlines.Clock`.
        num_failed_starts: workers in a row that died here before they were ready.
        restart_at: ``time.monotonic`` at which the next one starts; None while one runs.
    """

    worker: WorkerProcess
    jobs: deque[Job] = field(default_factory=deque)
    is_ready: bool = False
    busy_seconds: float = 0.0
    num_failed_starts: int = 0
    restart_at: float | None = None

    @property
    def job(self) -> Job | None:
        """What the worker is at."""
        return self.jobs[0] if self.jobs else None


@dataclass(slots=True)
class Round:
    """The jobs of one call of ``evaluate``."""

    generation: int
    stage: int
    waiting: deque[Job]
    results: list[Evaluation | None]
    on_progress: Progress | None
    num_done: int = field(default=0)

    def take(self, count: int) -> list[Job]:
        """Return the next jobs for an idle worker: a suspect alone, or so many others."""
        if self.waiting and self.waiting[0].is_suspect:
            return [self.waiting.popleft()]
        return self.take_unsuspected(count)

    def take_unsuspected(self, count: int) -> list[Job]:
        """Return at most so many of the next jobs, those before the first suspect."""
        taken: list[Job] = []
        while self.waiting and len(taken) < count and not self.waiting[0].is_suspect:
            taken.append(self.waiting.popleft())
        return taken

    def finish(self, job: Job, evaluation: Evaluation) -> None:
        """Put an evaluation in its place."""
        self.results[job.position] = evaluation
        self.num_done += 1
        if self.on_progress is not None:
            self.on_progress(self.num_done, len(self.results))
