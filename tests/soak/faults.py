"""Five faults strike the workers of one evaluation of fifty episodes on the real emulator."""

from __future__ import annotations

import os
import random
import signal
import statistics
import threading
import time
from dataclasses import dataclass, field

from soak.reporting import Part, say

from neuroevo import evolve
from neuroevo.config import Config, load, resolve_sizes
from neuroevo.evaluation.evaluator import Evaluator
from neuroevo.neat.genome import Genome
from neuroevo.neat.population import Population
from neuroevo.shipped import find_config
from neuroevo.tasks.task import Evaluation

FAULTS = ("KILL", "SEGV", "STOP", "ABRT", "exit")
TIMEOUT_SECONDS = 10
GOAL = 1.15


@dataclass(slots=True)
class Strikes:
    """Strikes workers at random moments while genomes are evaluated.

    Attributes:
        evaluator: whose workers.
        todo: (genomes done, fault), the last first.
        struck: process ids of workers, and ids of genomes with a minus.
        seconds: of one evaluation, about: a strike comes somewhere within.
    """

    evaluator: Evaluator
    todo: list[tuple[int, str]]
    seconds: float
    generator: random.Random
    events: list[str] = field(default_factory=list)
    struck: set[int] = field(default_factory=set)
    threads: list[threading.Thread] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def progress(self, num_done: int, num_genomes: int) -> None:
        """Begin a strike when its time has come."""
        if self.todo and num_done >= self.todo[-1][0]:
            _, fault = self.todo.pop()
            delay = self.generator.uniform(0.1, 0.9) * self.seconds
            self.threads.append(threading.Timer(delay, self.strike, (fault,)))
            self.threads[-1].start()

    def strike(self, fault: str) -> None:
        """Do it to a worker that is at a genome; wait for one if there is none."""
        while not self.is_over.is_set():
            slots = [s for s in self.evaluator._slots if s.is_ready and s.job is not None]  # type: ignore[attr-defined]
            # A worker is struck once, and a genome: after three deaths it would be given up.
            slots = [s for s in slots if not self.struck & {s.worker.pid, -s.job.genome.id}]
            if slots:
                break
            time.sleep(0.01)
        else:
            return
        slot = self.generator.choice(slots)
        worker = slot.worker
        self.events.append(fault)
        self.struck |= {worker.pid, -slot.job.genome.id}
        if fault == "exit":  # the worker takes its master for gone, and leaves with code 0
            lifeline, worker._lifeline = worker._lifeline, -1
            os.close(lifeline)
        else:
            os.kill(worker.pid, getattr(signal, f"SIG{fault}"))


def make_config(num_genomes: int, max_frames: int) -> Config:
    """Return settings under which every evaluation lasts exactly ``max_frames``."""
    return load(
        find_config("wickling"),
        [
            *("Run.seed=7", "Run.workers=2", f"NEAT.pop_size={num_genomes}"),
            *(f"Run.evaluation_timeout={TIMEOUT_SECONDS}", f"Fitness.max_frames={max_frames}"),
            *("Fitness.stall_frames=none", "Fitness.died=none", "Fitness.won=none"),
        ],
    )


def evaluated(
    config: Config, faults: tuple[str, ...], seed: int
) -> tuple[float, tuple[Evaluation, ...], list[str], list[str]]:
    """Evaluate all genomes once in fresh workers.

    Returns:
        Seconds of wall time, the evaluations, the faults that struck, what the pool said.
    """
    told: list[str] = []
    evaluator = evolve.make_evaluator(config, told.append)
    try:
        genomes = first_genomes(resolve_sizes(config, evaluator.describe()))
        evaluator.evaluate(genomes[:2], 0)  # both workers are ready and warm
        began = time.perf_counter()
        evaluator.evaluate(genomes[:2], 0)
        seconds = time.perf_counter() - began
        step = len(genomes) // (len(faults) + 1)
        todo = [(step * (i + 1), fault) for i, fault in reversed(list(enumerate(faults)))]
        strikes = Strikes(evaluator, todo, seconds, random.Random(seed))
        began = time.perf_counter()
        results = evaluator.evaluate(genomes, 0, strikes.progress)
        taken = time.perf_counter() - began
        strikes.is_over.set()
        for thread in strikes.threads:
            thread.join()
        return taken, results, strikes.events, told
    finally:
        evaluator.close()


def first_genomes(config: Config) -> tuple[Genome, ...]:
    """Return a first generation."""
    return Population(config.settings.neat, evolve.run_seed(config)).ask()


def strike_workers(num_genomes: int, max_frames: int, num_rounds: int) -> Part:
    """Evaluate with and without faults in turns; compare fitness and time.

    Args:
        num_genomes: evaluations, each of one episode.
        max_frames: of an episode.
        num_rounds: of both sides.
    """
    config = make_config(num_genomes, max_frames)
    ratios, plain, struck, troubles, different = [], [], [], [], 0
    expected = None
    for number in range(num_rounds):
        times = {}
        for faults in ((), FAULTS) if number % 2 == 0 else (FAULTS, ()):
            seconds, results, events, told = evaluated(config, faults, number)
            expected = expected or results
            times[faults] = seconds
            different += sum(a != b for a, b in zip(expected, results, strict=True))
            if sorted(events) != sorted(faults):
                troubles.append(f"round {number}: only {', '.join(events)} struck")
            say(f"round {number + 1}: {num_genomes} genomes in {seconds:.1f} s, "
                f"{len(events)} faults; {'; '.join(told) or 'nothing told'}")  # fmt: skip
        plain.append(times[()])
        struck.append(times[FAULTS])
        ratios.append(times[FAULTS] / times[()])
    troubles += [f"{different} evaluations differ"] * bool(different)
    ratio = statistics.median(ratios)
    row = (
        f"{num_genomes} episodes of {max_frames:,} frames, 2 workers", ", ".join(FAULTS),
        f"{num_rounds}", f"{statistics.median(plain):.1f} s", f"{statistics.median(struck):.1f} s",
        f"{100 * (ratio - 1):+.0f} % ({100 * (min(ratios) - 1):+.0f} to "
        f"{100 * (max(ratios) - 1):+.0f})", "at most +15 %", f"{different}",
    )  # fmt: skip
    head = ("evaluation", "faults, one each", "rounds", "undisturbed", "disturbed", "more time",
            "goal", "evaluations that differ")  # fmt: skip
    note = (
        f"Real emulator, `[Run] evaluation_timeout = {TIMEOUT_SECONDS}`: a stopped worker is "
        "replaced when that is over. Both sides in turns, in fresh workers that are ready; wall "
        "time of the evaluation, median of the rounds."
    )
    figures = {"undisturbed": plain, "disturbed": struck, "ratios": ratios, "is_met": ratio <= GOAL}
    return Part("Workers struck", head, [row], note, troubles, figures)
