"""What a person sees of an evolution: a line per generation, and a bar for the running one."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from neuroevo.cli import stopping
from neuroevo.neat.state import milestone
from neuroevo.tasks.task import TaskDescription

_HEAD = "  gen       best       mean  species  nodes  conns   evals   frames/s  seconds"


class ConsoleObserver:
    """Prints to stdout; the bar of the running generation is shown on a terminal only."""

    def __init__(self, headline: str) -> None:
        """``headline`` is printed once everything is set up: only then is there a run."""
        self._headline = headline
        self._console = _Screen(highlight=False, soft_wrap=True, markup=False, emoji=False)
        self._bar: Progress | None = None
        self._bar_task: TaskID | None = None
        self._generation = 0

    def started(self, description: TaskDescription, generation: int, generations: int) -> None:
        """Say what is evolved and print the head of the table."""
        self._generation = generation
        self._console.print(self._headline)
        determinism = "deterministic" if description.is_deterministic else "seeded"
        self._console.print(
            f"{description.name}: {description.num_inputs} inputs, "
            f"{description.num_outputs} outputs, {determinism}; "
            f"generations {generation} to {generations - 1}"
        )
        self._console.print(_HEAD)
        if sys.stdout.isatty():
            self._bar = Progress(
                TextColumn("  gen {task.description}"),
                BarColumn(40),
                TextColumn("{task.completed}/{task.total}"),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
            )
            self._bar.start()

    def progress(self, num_done: int, num_genomes: int) -> None:
        """Move the bar."""
        if self._bar is None:
            return
        if self._bar_task is None:
            self._bar_task = self._bar.add_task(str(self._generation), total=num_genomes)
        self._bar.update(self._bar_task, completed=num_done, total=num_genomes)

    def generation(self, record: Mapping[str, Any]) -> None:
        """Print the line of a finished generation."""
        self._generation = record["generation"] + 1
        if self._bar is not None and self._bar_task is not None:
            self._bar.remove_task(self._bar_task)
            self._bar_task = None
        self._console.print(_line(record))
        metrics = record["best_metrics"]
        if "heldout_fitness" in metrics:
            self._console.print(
                f"        held out: champion's fitness {metrics['heldout_fitness']:.4g}, "
                f"won {metrics['heldout_won']:.0%} of the episodes"
            )

    def event(self, text: str) -> None:
        """Print what happened; an extinction or a long stagnation stands out."""
        if milestone(text):
            self._console.print(f"*** {text}", style="bold red")
        else:
            self._console.print(f"        {text}", style="yellow")

    def __enter__(self) -> ConsoleObserver:
        return self

    def __exit__(self, *exception: object) -> None:
        """Take the bar away, however the run ended."""
        if self._bar is not None:
            with contextlib.suppress(OSError):
                self._bar.stop()
            self._bar = None


class _Screen(Console):
    """A terminal that may be gone (a session that was left with ``disown``): the run goes on."""

    def print(self, *objects: Any, **options: Any) -> None:
        try:
            super().print(*objects, **options)
        except OSError:
            stopping.turn_away_from_the_terminal()


def _line(record: Mapping[str, Any]) -> str:
    rate = record["num_frames"] / max(record["evaluation_seconds"], 1e-9)
    return (
        f"{record['generation']:5d} {record['best_fitness']:10.4g} {record['mean_fitness']:10.4g}"
        f" {record['num_species']:8d} {record['best_num_nodes']:6d}"
        f" {record['best_num_connections']:6d} {record['num_evaluations']:7d}"
        f" {rate:10,.0f} {record['generation_seconds']:8.1f}"
        f"{'  solved' if record['solved'] else ''}"
    )
