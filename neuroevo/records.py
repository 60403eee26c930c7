"""What a run leaves on the disk: log, events, checkpoints, best genomes, genomes that kill workers.

The disk may refuse at any time: full, read-only, no permission. Then everything waits in memory,
in order; a person is told once, and every generation tries again. Nothing here changes what the
run computes.
"""

from __future__ import annotations

import contextlib
import math
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.config import Config
from neuroevo.errors import UnwritableError
from neuroevo.known import Known
from neuroevo.neat.genome import Genome, genome_from_bytes, genome_to_bytes
from neuroevo.neat.state import BestGenome, PopulationState
from neuroevo.storage.atomic import make_folder, sync_files
from neuroevo.storage.checkpoint import KEEP_EVERY, save_checkpoint
from neuroevo.storage.genome_file import save_genome
from neuroevo.storage.run_directory import RunDirectory
from neuroevo.storage.run_log import RunLog
from neuroevo.tasks.task import Evaluation

MAX_WAITING = 2
"""Checkpoints that stay and wait for space, beside the newest; each is a whole population."""

_KNOWN = [field.name for field in fields(Evaluation)]

BEST_SECONDS = 1.0
"""Before best.npz is replaced again, unless a checkpoint follows: file systems may write out what
replaces a file there and then, and small tasks find a better genome every few milliseconds."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The engine between two generations, as a checkpoint keeps it; nothing in it changes later.

    Attributes:
        state: of the population; its generation is the next to be evaluated.
        known: what need not be evaluated again.
        curriculum: as its ``state`` returns it.
        ids: (n,) int64, of the genomes of the generation before; none before the first.
        fitnesses: (n,) float64, theirs: for `verify`.
    """

    state: PopulationState
    known: Known
    curriculum: Mapping[str, Any]
    ids: npt.NDArray[np.int64]
    fitnesses: npt.NDArray[np.float64]

    @property
    def generation(self) -> int:
        """How many generations are finished."""
        return self.state.generation


@dataclass(frozen=True, slots=True)
class _Point:
    """Where a resumed run can begin: a moment, and the lines of the log until then."""

    moment: Moment
    num_lines: int
    log_offset: int


@dataclass(slots=True)
class _Kept:
    """A genome that gets a file.

    Attributes:
        genome: with arrays of its own.
        card: beside it in the file.
        is_written: though a power cut may still lose it.
    """

    genome: Genome
    card: Mapping[str, Any]
    is_written: bool = False


class Events:
    """What a person should know: told at once, and written to ``events.jsonl``."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        """Tell everything to ``tell``; keep what happens before there is a run to write to."""
        self.generation = 0
        self._tell = tell
        self._log: RunLog | None = None
        self._early: list[dict[str, Any]] = []

    def open(self, run: RunDirectory) -> None:
        """Write to the run from now on.

        Raises:
            UnwritableError: the file cannot be made.
        """
        self._log = RunLog(run.events)
        for event in self._early:
            self._log.add(event)

    def write(self, kind: str, text: str) -> None:
        """Note an event of the running generation, and tell it."""
        self.note(kind, text)
        self._tell(text)

    def note(self, kind: str, text: str) -> None:
        """Note an event without telling; on a full disk it waits for :meth:`flush`.

        A killed process loses none; a power cut those since the last checkpoint, as of the log.
        """
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        event = {"time": now, "generation": self.generation, "kind": kind, "text": text}
        if self._log is None:
            self._early.append(event)
            return
        self._log.add(event)
        with contextlib.suppress(UnwritableError):
            self._log.flush(is_synced=False)

    def flush(self, *, is_synced: bool = True) -> None:
        """Write what waits, and wait for the disk unless ``is_synced`` is False.

        Raises:
            UnwritableError: the disk refuses.
        """
        if self._log is not None:
            self._log.flush(is_synced=is_synced)

    def worker(self, text: str) -> None:
        """Note what happened to a worker."""
        self.write("worker", text)


class Records:
    """The files of one run, as its one writer sees them."""

    def __init__(
        self, run: RunDirectory, config: Config, fingerprint: Mapping[str, str], events: Events
    ) -> None:
        """Open the log; :meth:`begin` or :meth:`go_on` comes next.

        Args:
            run: locked for this process.
            config: complete settings; every genome file carries them.
            fingerprint: of the task's description.
            events: open.

        Raises:
            UnwritableError: the log cannot be opened.
        """
        self.run = run
        self.events = events
        self.log = RunLog(run.log)
        self._card = {"config": config.to_ini()}
        self._settings = config.to_ini(comments=False)
        self._checkpoint_every = config.settings.run.checkpoint_every
        self._fingerprint = dict(fingerprint)
        self._genomes: dict[Path, _Kept] = {}  # those that are not surely on the disk
        self._best: _Kept | None = None  # until best.npz surely holds it
        self._shown: _Kept | None = None  # what best.npz holds
        self._show_after = -math.inf
        self._ending: Mapping[str, Any] | None = None
        self._waiting: list[_Point] = []
        self._in_memory_since: int | None = None  # num_saved when the disk first refused
        self.num_saved = 0
        """Generations that a checkpoint keeps."""

    def begin(self, moment: Moment) -> None:
        """Save where a new run begins.

        Raises:
            UnwritableError: the disk refuses.
        """
        self._last = _Point(moment, 0, self.log.offset)
        self._save_checkpoint(self._last)

    def go_on(self, moment: Moment, log_offset: int) -> None:
        """Go on from a checkpoint: forget the lines of the log that came after it.

        Raises:
            StorageError: the log is shorter.
        """
        self._last = _Point(moment, 0, log_offset)
        self.num_saved = moment.generation
        self.log.truncate(log_offset)

    def generation(self, record: Mapping[str, Any], moment: Moment) -> None:
        """Write the line of a finished generation, what came with it, and a checkpoint if due."""
        self.log.add(record)
        # One assignment: Ctrl-C finds all of it or nothing.
        self._last = _Point(moment, self.log.num_added, self.log.offset_of_added)
        is_due = moment.generation % self._checkpoint_every == 0
        try:
            self._write(with_checkpoint=is_due or self._in_memory_since is not None)
        except UnwritableError as problem:
            self._tell_trouble(problem)
            is_to_stay = is_due and moment.generation % KEEP_EVERY == 0
            if is_to_stay and moment.generation > self.num_saved:
                self._let_wait(self._last)

    def ending(self, record: Mapping[str, Any]) -> None:
        """Keep the line of a generation from which nothing was bred, until :meth:`finish`.

        It follows the last checkpoint, which knows nothing of it: a resumed run computes that
        generation again, and writes the line anew.
        """
        self._ending = record

    def best(self, best: BestGenome, more: Mapping[str, Any]) -> None:
        """Keep a new best genome, with the generation: once under its number, once as best."""
        card = {"generation": best.generation, "fitness": best.fitness, **more}
        path = self.run.best / f"generation-{best.generation:06d}.npz"
        self._best = self._genomes[path] = _Kept(best.genome, {**self._card, **card})

    def quarantine(self, genome: Genome, reason: str, more: Mapping[str, Any]) -> Path:
        """Keep a genome that was given up, with the generation; return where it will lie."""
        generation = self.events.generation
        name = f"generation-{generation:06d}-genome-{genome.id}.npz"
        path = self.run.quarantine / name
        card = {**self._card, "generation": generation, "reason": reason, **more}
        own = genome_from_bytes(genome_to_bytes(genome))  # or its generation would stay in memory
        self._genomes[path] = _Kept(own, card)
        return path

    def finish(self, reason: str | None) -> None:
        """Write what is not written yet, and note why the run stops, unless ``reason`` is None.

        Raises:
            UnwritableError: the disk refuses; says what is lost.
        """
        try:
            self._write(with_checkpoint=True)
            if self._ending is not None:
                self.log.append(self._ending)
            if reason is not None:
                self.events.generation = self._last_logged()
                self.events.note("stopped", reason)
                self.events.flush()
        except UnwritableError as problem:
            raise UnwritableError(self._loss(problem)) from problem

    def how_to_go_on(self, *, is_in_the_way: bool = False) -> str:
        """Return which generations are saved, and the command that continues.

        Args:
            is_in_the_way: what stopped the run comes again unless its settings are changed.
        """
        command = f"`neuroevo resume {self.run.path}` goes on from there."
        saved = f"{self.num_saved} finished generations are saved"
        if is_in_the_way:
            return f"{saved}: change that in {self.run.config}, then {command}"
        return f"{saved}: {command}"

    def _last_logged(self) -> int:
        """Return the last generation that has a line in the log; 0 while there is none."""
        if self._ending is not None:
            return int(self._ending["generation"])
        return max(self._last.moment.generation - 1, 0)

    def _write(self, *, with_checkpoint: bool) -> None:
        """Write all that waits, so that each file only refers to what is there already."""
        point = self._last
        # A resumed run computes again what comes after its checkpoint: until the next, neither
        # lines nor genomes need be on the disk. A power cut may lose them, a kill does not.
        self.log.flush(point.num_lines, is_synced=False)
        for path, kept in self._genomes.items():
            if kept.is_written:
                continue
            make_folder(path.parent)
            save_genome(path, kept.genome, kept.card, is_synced=False)
            kept.is_written = True
        if with_checkpoint:
            self._sync_genomes()
        self._save_best(is_synced=with_checkpoint)
        if with_checkpoint:
            with contextlib.suppress(UnwritableError):  # told below
                self.events.flush()
            self._save_checkpoints(point)
        self.events.flush(is_synced=with_checkpoint)
        if self._in_memory_since is not None and with_checkpoint:
            count = point.moment.generation - self._in_memory_since
            self._in_memory_since = None
            self.events.write("storage", f"storage works again: {count} generations written")

    def _save_best(self, *, is_synced: bool) -> None:
        """Let best.npz hold the newest best genome, too: at once, unless they come every moment."""
        best, now = self._best, time.monotonic()
        if best is None or not (is_synced or (best is not self._shown and now >= self._show_after)):
            return
        save_genome(self.run.best / "best.npz", best.genome, best.card, is_synced=is_synced)
        self._shown, self._show_after = best, now + BEST_SECONDS
        if is_synced:
            self._best = None

    def _save_checkpoints(self, newest: _Point) -> None:
        """Save the newest state first, since it is what a resumed run needs; then what waits."""
        if newest.moment.generation != self.num_saved:
            self._save_checkpoint(newest)
        while self._waiting:
            if self._waiting[0] is not newest:
                self._save_checkpoint(self._waiting[0])
            del self._waiting[0]

    def _let_wait(self, point: _Point) -> None:
        """Keep a state that is to stay until there is space; of too many say which one goes."""
        self._waiting.append(point)
        if len(self._waiting) > MAX_WAITING:
            self.events.write(
                "storage",
                f"storage: the checkpoint of generation {self._waiting[0].moment.generation} "
                f"will be missing: no more than {MAX_WAITING} wait in memory",
            )
            del self._waiting[0]

    def _save_checkpoint(self, point: _Point) -> None:
        moment = point.moment
        self.log.sync()
        extra = {
            "log_offset": point.log_offset,
            "known": {str(i): {n: getattr(e, n) for n in _KNOWN} for i, e in moment.known.items()},
            "fingerprint": self._fingerprint,
            "curriculum": dict(moment.curriculum),
            "fitnesses": dict(
                zip(map(str, moment.ids.tolist()), moment.fitnesses.tolist(), strict=True)
            ),
            "settings": self._settings,  # what this generation was bred with
        }
        save_checkpoint(self.run.checkpoints, moment.state, extra)
        self.num_saved = max(self.num_saved, moment.generation)

    def _sync_genomes(self) -> None:
        """Flush the genomes that are written to the disk.

        Raises:
            UnwritableError: the disk refuses; they are written anew, since the system may have
                thrown them away.
        """
        written = [path for path, kept in self._genomes.items() if kept.is_written]
        try:
            sync_files(written)
        except UnwritableError:
            for path in written:
                self._genomes[path].is_written = False
            raise
        for path in written:
            del self._genomes[path]

    def _tell_trouble(self, problem: UnwritableError) -> None:
        """Say once that the run goes on in memory."""
        if self._in_memory_since is not None:
            return
        self._in_memory_since = self.num_saved
        self.events.write(
            "storage",
            f"storage: {problem} {self._space()}. The run goes on in memory and tries again after "
            "every generation; until then a kill or a power cut loses what is not on the disk.",
        )

    def _loss(self, problem: UnwritableError) -> str:
        generation = self._last.moment.generation
        lost = f"generations {self.num_saved} to {generation - 1}"
        if generation == self.num_saved:
            lost = "no generation, but lines of log.jsonl or events.jsonl"
        waiting = [point.moment.generation for point in self._waiting]
        for gone in (number for number in waiting if number < self.num_saved):
            lost += f", and the checkpoint of generation {gone}, which was to stay"
        return (
            f"{self.run.path}: all of a run must be on the disk when it ends; got: {problem} "
            f"{self._space()}. Lost: {lost}. Once that is mended, "
            f"`neuroevo resume {self.run.path}` goes on from the checkpoint of generation "
            f"{self.num_saved}: the same generations come again."
        )

    def _space(self) -> str:
        with contextlib.suppress(OSError):
            return f"{shutil.disk_usage(self.run.path).free / 1e6:,.1f} MB are free there"
        return "The folder cannot be looked at"
