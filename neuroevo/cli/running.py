"""What ``evolve``, ``resume`` and ``demo`` share: run, draw, and say where everything lies.

Workers begin to load as soon as the settings are known; what this process itself must load, numba
above all, is imported after that, and matplotlib when the charts are drawn.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from neuroevo.cli import stopping
from neuroevo.cli.console import ConsoleObserver
from neuroevo.config import Config, advice, check_game, load
from neuroevo.errors import ExtinctionError, NeuroevoError, UnwritableError
from neuroevo.evaluation.process import Starter, starter_for
from neuroevo.shipped import find_config
from neuroevo.storage.run_directory import RunDirectory, claim_run_path
from neuroevo.storage.run_log import RunLog, read_log
from neuroevo.tasks.task import TaskDescription

if TYPE_CHECKING:
    from neuroevo.session import Outcome

_WHY = {
    "solved": "solved",
    "fitness threshold": "the fitness threshold is reached",
    "generations": "all generations are done",
    "frames": "all frames are run",
    "time": "the time is up",
}


def run_new(
    name: str,
    overrides: Sequence[str],
    out: Path | None,
    minutes: float | None,
    command_line: Sequence[str],
) -> Path:
    """Evolve from a settings file; return the run directory."""
    path = find_config(name)
    config = load(path, overrides)
    with _loading(config) as starter:
        check_game(config)
        for sentence in advice(config):
            click.echo(sentence, err=True)
        from neuroevo import evolve
        from neuroevo.warm_up import has_compiled_kernels

        config = evolve.with_seed(config)
        with _place(out, path.stem) as folder:
            if not has_compiled_kernels():
                click.echo("compiling kernels, once after installation: about 20 seconds")
            headline = _headline(folder, config)
            with _end_drawn(folder), _Observer(headline) as observer, _stop_noted(folder):
                outcome = evolve.start(
                    config,
                    folder,
                    observer,
                    starter=starter,
                    time_limit_seconds=None if minutes is None else 60 * minutes,
                    command_line=command_line,
                )
    report(folder, outcome)
    return folder


def run_on(folder: Path, limits: Mapping[str, int | None], minutes: float | None) -> None:
    """Resume a run; ``limits`` replaces the values of [Run] keys where it is not None."""
    overrides = [f"Run.{key}={value}" for key, value in limits.items() if value is not None]
    from neuroevo.finished import is_finished

    config = load(RunDirectory.open(folder).config, overrides)
    finished = is_finished(config, folder)
    if finished is not None:
        click.echo(f"{folder}: {finished}")
        return
    headline = _headline(folder, config)
    with _loading(config) as starter:
        from neuroevo import evolve

        with _end_drawn(folder), _Observer(headline) as observer, _stop_noted(folder):
            limit = None if minutes is None else 60 * minutes
            outcome = evolve.resume(
                config, folder, observer, starter=starter, time_limit_seconds=limit
            )
    report(folder, outcome)


def report(folder: Path, outcome: Outcome) -> None:
    """Draw the charts and say how the run ended and where everything lies."""
    from neuroevo.finished import how_on

    run = RunDirectory.open(folder)
    records = read_log(run.log)
    charts = _charts(run, records)
    click.echo(f"\n{_WHY[outcome.reason]}, after {outcome.num_generations} generations")
    if outcome.best is not None:
        best, stage = outcome.best, records[-1].get("stage")
        where = f" in {stage}" if stage else ""
        click.echo(
            f"best fitness {best.fitness:g}{where}, genome {best.genome.id} of generation "
            f"{best.generation}: {best.genome.num_nodes} nodes, "
            f"{best.genome.num_enabled} enabled connections"
        )
    if charts:
        click.echo(f"charts       {run.plots} ({len(charts)} files)")
    click.echo(f"best genome  {run.best / 'best.npz'}")
    click.echo(f"log          {run.log}")
    click.echo(f"continue     {how_on(outcome.reason, run)}")


def _charts(run: RunDirectory, records: Sequence[dict[str, Any]]) -> Sequence[Path]:
    """Draw the charts; where the disk refuses them, say so: the run itself is saved."""
    from neuroevo.plots.figures import plot_runs

    try:
        return plot_runs([(run.path.resolve().name, records)], run.plots)
    except UnwritableError as problem:
        click.echo(f"no charts: {problem} Then: neuroevo plot {run.path}", err=True)
        return []


@contextlib.contextmanager
def _end_drawn(folder: Path) -> Iterator[None]:
    """Draw the charts of a run that dies out: they show how it came to that."""
    try:
        yield
    except ExtinctionError:
        run = RunDirectory.open(folder)
        charts = _charts(run, read_log(run.log))
        if charts:
            click.echo(f"charts       {run.plots} ({len(charts)} files)")
        raise


@contextlib.contextmanager
def _loading(config: Config) -> Iterator[Starter | None]:
    """Let workers load what they need; whatever happens, none is left.

    Until the run begins, nothing is collected: what is loaded stays, and to look through it again
    and again takes a seventh of the time of loading, and a tenth of that of compiling.
    """
    starter = starter_for(config.settings.task, config.settings.run.num_workers)
    gc.disable()
    try:
        yield starter
    finally:
        gc.enable()
        if starter is not None:
            starter.close()


@contextlib.contextmanager
def _place(out: Path | None, name: str) -> Iterator[Path]:
    """Give the folder of a new run; one that we made is gone again if no run has begun in it."""
    if out is not None:
        yield out
        return
    folder = claim_run_path(Path("runs"), name)
    stopping.leave_no_empty(folder)
    try:
        yield folder
    except BaseException:
        RunDirectory(folder).remove_torso()
        raise


class _Observer(ConsoleObserver):
    """Knows when a run has begun: from then on a signal has it saved, and garbage is collected."""

    def started(self, description: TaskDescription, generation: int, generations: int) -> None:
        stopping.something_to_save()
        gc.freeze()  # what is loaded is never looked through again
        gc.enable()
        super().started(description, generation, generations)


@contextlib.contextmanager
def _stop_noted(folder: Path) -> Iterator[None]:
    """Let the events of the run say which signal stopped it."""
    try:
        yield
    except (KeyboardInterrupt, stopping.Stopped) as stop:
        if RunDirectory(folder).events.exists():
            # A full disk or another writer is no reason to make more of it than it is.
            with contextlib.suppress(NeuroevoError):
                _note_stop(folder, str(stop))
        raise


def _note_stop(folder: Path, text: str) -> None:
    with RunDirectory.open(folder, writing=True) as run:
        records = read_log(run.log)
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        last = max(len(records) - 1, 0)  # as where a run ends by itself
        event = {"time": now, "generation": last, "kind": "stopped", "text": text}
        log = RunLog(run.events)
        log.append(event)
        log.close()


def _headline(folder: Path, config: Config) -> str:
    workers = config.settings.run.num_workers or "none, in this process"
    return f"run {folder}  seed {config.settings.run.seed}  workers {workers}"
