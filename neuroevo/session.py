"""One process's share of a run: generation after generation until a stop rule holds.

Owns the loop, the line of the run log, the events and what is saved when. Observing changes
nothing: the same settings and seed give the same digests whoever watches.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from neuroevo.config import Config
from neuroevo.curriculum import Curriculum
from neuroevo.errors import EvaluationError, ExtinctionError, UnwritableError
from neuroevo.evaluation.evaluator import GIVEN_UP, Evaluator
from neuroevo.known import Known, kept
from neuroevo.neat.genome import Genome
from neuroevo.neat.population import Population
from neuroevo.neat.stagnation import long_stagnation
from neuroevo.neat.state import BestGenome, GenerationStats, milestone
from neuroevo.neat.twins import first_of_same_genes
from neuroevo.records import Moment, Records
from neuroevo.storage.digest import state_digest
from neuroevo.storage.log_line import log_line
from neuroevo.storage.run_log import read_log
from neuroevo.tasks.evaluations import Evaluations
from neuroevo.tasks.task import Evaluation, TaskDescription
from neuroevo.warm_up import wait_for_breeding

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NOBODY, NOTHING = np.empty(0, np.int64), np.empty(0, np.float64)


class Observer(Protocol):
    """Somebody who watches a run; whatever it does, the run stays the same."""

    def started(self, description: TaskDescription, generation: int, generations: int) -> None:
        """The workers are ready and ``generation`` is about to be evaluated."""

    def progress(self, num_done: int, num_genomes: int) -> None:
        """So many genomes of the running generation are evaluated."""

    def generation(self, record: Mapping[str, Any]) -> None:
        """A generation is over; ``record`` is its line of the run log."""

    def event(self, text: str) -> None:
        """Something happened that a person should know."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        reason: ``solved``, ``fitness threshold``, ``generations``, ``frames`` or ``time``.
        num_generations: finished ones, over all sessions of the run.
        best: the best genome of the run; of a curriculum, of the last stage that was played.
    """

    reason: str
    num_generations: int
    best: BestGenome | None


class Session:
    """One process's share of a run: from a population to its next stop."""

    def __init__(
        self,
        config: Config,
        records: Records,
        parts: tuple[Evaluator, TaskDescription, Population],
        observer: Observer,
        known: Known,
        curriculum: Curriculum,
    ) -> None:
        """Take the parts; ``known`` holds what need not be evaluated again."""
        self.config = config
        self.records = records
        self.events = records.events
        self.evaluator, self.description, self.population = parts
        self.observer = observer
        self.known = known
        self.curriculum = curriculum
        self._began, self._generation_began = time.monotonic(), time.perf_counter()
        self._num_frames = 0
        self._best = self.population.best

    def moment(self, ids: Integers = NOBODY, fitnesses: Floats = NOTHING) -> Moment:
        """Return the engine as it stands between two generations, with fitnesses of the last."""
        state, curriculum = self.population.state(), self.curriculum.state()
        return Moment(state, self.known, curriculum, ids, fitnesses)

    def run(self, time_limit_seconds: float | None) -> Outcome:
        """Run generations until a stop rule holds; whatever stops it, what is finished is saved.

        Raises:
            UnwritableError: the disk refuses to the end; the message says what is lost.
        """
        try:
            reason = self._generations(time_limit_seconds)
        except BaseException as problem:
            # Of a signal the command line says which one it was.
            is_error = isinstance(problem, Exception)
            self.records.finish((str(problem) or type(problem).__name__) if is_error else None)
            raise
        self.records.finish(reason)
        return Outcome(reason, self.population.generation, self._best)

    def _generations(self, time_limit_seconds: float | None) -> str:
        run = self.config.settings.run
        self.observer.started(self.description, self.population.generation, run.generations)
        self._began = time.monotonic()
        self._num_frames = sum(r["num_frames"] for r in read_log(self.records.run.log))
        while self.population.generation < run.generations:
            reason = self._one_generation()
            if reason != "generations":
                return reason
            seconds = time.monotonic() - self._began
            if time_limit_seconds is not None and seconds > time_limit_seconds:
                return "time"
        return "generations"

    def _one_generation(self) -> str:
        """Ask, evaluate, tell, record; return the reason to stop, or ``generations`` if none.

        Raises:
            ExtinctionError: nothing is left to breed; the generation is recorded first.
        """
        self.events.generation = self.population.generation
        began = time.perf_counter()
        genomes, ids = self.population.ask(), self.population.ids
        plan = self.known.plan(ids, self._firsts(genomes))
        fresh = genomes.take(plan.fresh)
        results = self._evaluate(fresh)
        evaluations = self.known.evaluations.and_then(results).take(plan.rows)
        given_up = self._quarantined(fresh, results)
        fitnesses = self._usable(genomes, evaluations)
        champion = int(fitnesses.argmax())
        verdict, num_test_frames = self._tested(genomes[champion], evaluations[champion])
        num_frames = int(results.num_frames.sum()) + num_test_frames
        evaluation_seconds = time.perf_counter() - began
        self._wait_for_breeding()
        stats, end = self._tell(fitnesses)
        notices = self._notices(stats.generation)
        best_ever = self._best = self.population.best
        stage = self._stage()
        lesson = self.curriculum.tell(has_won=verdict.solved)
        if verdict.solved is not self.curriculum.is_done:
            verdict = replace(verdict, solved=self.curriculum.is_done)
        if self.description.is_deterministic:
            self.known = kept(ids, evaluations, self.population.ids)
        if lesson is not None and end is None:
            self._begin_stage(lesson)
        moment = self.moment(ids, fitnesses)
        record = log_line(stats, evaluations, verdict, self.description.terms)
        record |= {
            "generation_seconds": round(self._lap(), 6),
            "evaluation_seconds": round(evaluation_seconds, 6),
            "num_evaluations": len(fresh),
            "num_frames": num_frames,
            "best_ever_fitness": best_ever.fitness if best_ever else None,
            "digest": state_digest(moment.state, fitnesses),
            **stage,
            **notices,
            **({"given_up": given_up} if given_up else {}),
        }
        if end is None:
            self.records.generation(record, moment)
        else:
            self.records.ending(record)
        self._num_frames += num_frames
        self.observer.generation(record)
        if end is not None:
            raise end
        return self._stop_reason(stats, verdict)

    def _tested(self, champion: Genome, verdict: Evaluation) -> tuple[Evaluation, int]:
        """Add what the champion test says to a champion's evaluation, if it is tested.

        Returns:
            The evaluation, and the frames that the test took.
        """
        if not self._is_tested(verdict):
            return verdict, 0
        tested = Evaluations.of([self.evaluator.test(champion)])[0]
        is_solved = (tested if self.description.is_test_decisive else verdict).solved
        metrics = {**verdict.metrics, **tested.metrics}
        return replace(verdict, metrics=metrics, solved=is_solved), tested.num_frames

    def _is_tested(self, verdict: Evaluation) -> bool:
        """Tell whether the champion of this generation is tested: at times, and when it won."""
        is_turn = (self.population.generation + 1) % self.description.test_every == 0
        return self.description.has_champion_test and (is_turn or verdict.solved)

    def _begin_stage(self, lesson: str) -> None:
        """Go on with the curriculum: what was scored before says nothing about the new stage."""
        self.known = Known.of({})
        self.population.forget_fitness()
        self.events.write("curriculum", lesson)

    def _lap(self) -> float:
        """Return the seconds since the last record: evaluation, breeding, log and checkpoint."""
        now = time.perf_counter()
        seconds, self._generation_began = now - self._generation_began, now
        return seconds

    def _wait_for_breeding(self) -> None:
        """Have what breeds compiled; the time for that is nobody's generation, and in no limit.

        Raises:
            UnwritableError: it finds no space on the disk; says how to go on.
        """
        began = time.perf_counter()
        try:
            wait_for_breeding(self.observer.event)
        except UnwritableError as problem:
            raise UnwritableError(f"{problem} {self.records.how_to_go_on()}") from problem
        waited = time.perf_counter() - began
        self._generation_began += waited
        self._began += waited

    def _firsts(self, genomes: Sequence[Genome]) -> Integers | None:
        """Return, by place, that of the first genome with the same genes.

        None where evaluations depend on more than the genes: everybody gets one of their own.
        """
        return first_of_same_genes(genomes) if self.description.is_deterministic else None

    def _evaluate(self, fresh: Sequence[Genome]) -> Evaluations:
        return Evaluations.of(
            self.evaluator.evaluate(
                fresh,
                self.population.generation,
                self.observer.progress,
                stage=self.curriculum.stage,
            )
        )

    def _usable(self, genomes: Sequence[Genome], evaluations: Evaluations) -> Floats:
        """Return finite fitnesses: what is not finite is named and becomes the worst one.

        A genome that was given up comes below all others, so that nobody takes it for a champion
        or breeds from it where all are equally bad.
        """
        fitnesses = evaluations.fitness.copy()
        bad = np.flatnonzero(~np.isfinite(fitnesses)).tolist()
        if len(bad) == len(fitnesses):
            raise EvaluationError(
                f"generation {self.population.generation}: at least one fitness must be finite; "
                f"got none of {len(fitnesses)}. See events.jsonl of the run."
            )
        if len(bad):
            names = ", ".join(str(genomes[i].id) for i in bad)
            self.events.write(
                "fitness", f"fitness of genomes {names} is not finite; takes the worst"
            )
            good = np.delete(fitnesses, bad)
            fitnesses[bad] = good.min()
            lost = [i for i in bad if GIVEN_UP in evaluations[i].endings]
            fitnesses[lost] = just_below(float(good.min()), float(good.max()))
        return fitnesses

    def _quarantined(self, fresh: Sequence[Genome], results: Evaluations) -> list[int]:
        """Put genomes away that no worker survived, and say so; return their ids."""
        if GIVEN_UP not in results.endings:
            return []
        genomes = [fresh[i] for i in np.flatnonzero(results.endings[GIVEN_UP]).tolist()]
        generation = self.population.generation
        for genome in genomes:
            reason = "every worker that evaluated it died"
            path = self.records.quarantine(genome, reason, self._stage())
            self.events.write(
                "quarantine",
                f"genome {genome.id} is put away; to see what it does: "
                f"`neuroevo evaluate {path} --workers 0`",
            )
        if genomes:
            self.events.write(
                "inexact",
                f"generation {generation} may come out otherwise if it is computed again: whether "
                "a worker dies does not follow from the seed",
            )
        return [genome.id for genome in genomes]

    def _stage(self) -> dict[str, str]:
        """Return what log and genome files say of the stage to play: {} where all is one."""
        names = self.description.stage_names
        return {"stage": names[self.curriculum.stage]} if names else {}

    def _tell(
        self, fitnesses: npt.NDArray[np.float64]
    ) -> tuple[GenerationStats, ExtinctionError | None]:
        """Tell the population, and a person what came of it; the error is the end of the run."""
        before, end = self.population.best, None
        try:
            stats = self.population.tell(fitnesses)
        except ExtinctionError as error:
            stats, end = error.stats, error
        self._save_best(before)
        for text in stats.events:
            self.events.write(milestone(text) or "population", text)
        # Like a win, enough fitness ends a run in the last stage only.
        if stats.reached_threshold and not self.curriculum.is_last:
            stats = replace(stats, reached_threshold=False)
        return stats, end

    def _notices(self, told: int) -> dict[str, list[str]]:
        """Say when the best fitness has not risen for long; return what the log says of it.

        No event of the population: a run recorded before there were notices verifies as it was.
        """
        settings, best = self.config.settings, self.population.best
        if best is None:
            return {}
        every = settings.run.stagnation_notice
        text = long_stagnation(told, best, every, settings.neat.stagnation)
        if text is None:
            return {}
        self.events.write("stagnation", text)
        return {"notices": [text]}

    def _save_best(self, before: BestGenome | None) -> None:
        """Write the best genome when it is a new one."""
        best = self.population.best
        if best is not None and best is not before:
            self.records.best(best, self._stage())

    def _stop_reason(self, stats: GenerationStats, verdict: Evaluation) -> str:
        if verdict.solved and self.config.settings.run.stop_when_solved:
            return "solved"
        if stats.reached_threshold:
            return "fitness threshold"
        limit = self.config.settings.run.frames
        return "frames" if limit is not None and self._num_frames >= limit else "generations"


def just_below(worst: float, best: float) -> float:
    """Return a finite fitness below the worst of a generation, by so little that it says no more.

    More than the last bit: where all are equal, means of species differ by as much.
    """
    gap = 1e-9 * ((best - worst) or abs(worst) or 1.0)
    below = min(worst - gap, math.nextafter(worst, -math.inf))
    return max(below, float(np.finfo(np.float64).min))
