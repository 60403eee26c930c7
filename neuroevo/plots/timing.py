"""Time over generations: what a generation costs, and what the run has cost so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase

from neuroevo.plots.canvas import (
    BLACK,
    BLUE,
    add_legend,
    draw_line,
    draw_steps,
    label_axes,
    run_style,
)
from neuroevo.plots.records import Floats, Ints, Record, column, generations

_REST = "#F0C060"  # light beside the blue, in grey too
_MINUTE, _HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class TimeData:
    """Columns of one run, (n,) each.

    Attributes:
        generation: int64, ascending.
        evaluation_seconds: float64, part of the generation spent evaluating genomes and testing
            the champion; older versions counted the test to the rest.
        rest_seconds: float64, all else: breeding, writing.
        cumulative_seconds: float64, of the logged generations up to and including this one;
            pauses between sessions are not in it.
        frames_per_second: of the whole run, frames over seconds; NaN when no time has passed.
    """

    generation: Ints
    evaluation_seconds: Floats
    rest_seconds: Floats
    cumulative_seconds: Floats
    frames_per_second: float


def time_data(records: Sequence[Record]) -> TimeData:
    """Return the time columns of a run log.

    Raises:
        StorageError: no records, or records that are not of a run log.
    """
    numbers = generations(records)
    total = column(records, "generation_seconds")
    evaluation = column(records, "evaluation_seconds")
    known = np.isfinite(total)
    seconds = float(total[known].sum())
    frames = float(np.nansum(column(records, "num_frames")[known]))
    return TimeData(
        generation=numbers,
        evaluation_seconds=evaluation,
        rest_seconds=total - evaluation,
        cumulative_seconds=np.nancumsum(total),
        frames_per_second=frames / seconds if seconds > 0 else float("nan"),
    )


def draw_time(figure: FigureBase, runs: Sequence[tuple[str, TimeData]]) -> None:
    """Draw seconds per generation above, and the time of the whole run in a small panel below."""
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2.4, 1))
    if len(runs) == 1:
        _draw_parts(above, runs[0][1])
    else:
        _draw_totals(above, runs)
    _draw_cumulative(below, runs)
    numbers = [data.generation for _, data in runs]
    label_axes(above, numbers, "seconds per generation", has_xlabel=False)
    above.set_ylim(bottom=0)


def _draw_parts(axes: Axes, data: TimeData) -> None:
    evaluation, total = data.evaluation_seconds, data.evaluation_seconds + data.rest_seconds
    lower = draw_steps(axes, data.generation, 0 * evaluation, evaluation, facecolor=BLUE)
    upper = draw_steps(axes, data.generation, evaluation, total, facecolor=_REST)
    add_legend(axes, [lower, upper], ["evaluation", "rest"])
    axes.set_title(_rate(data.frames_per_second), loc="right")


def _draw_totals(axes: Axes, runs: Sequence[tuple[str, TimeData]]) -> None:
    lines = [
        draw_line(axes, d.generation, d.evaluation_seconds + d.rest_seconds, **run_style(index))
        for index, (_, d) in enumerate(runs)
    ]
    labels = [f"{label}, {_rate(data.frames_per_second)}" for label, data in runs]
    add_legend(axes, lines, labels)


def _draw_cumulative(axes: Axes, runs: Sequence[tuple[str, TimeData]]) -> None:
    longest = max(float(data.cumulative_seconds[-1]) for _, data in runs)
    unit, seconds = _unit(longest)
    for index, (_, data) in enumerate(runs):
        style = run_style(index) if len(runs) > 1 else {"color": BLACK}
        draw_line(axes, data.generation, data.cumulative_seconds / seconds, **style)
    label_axes(axes, [data.generation for _, data in runs], f"total {unit}")
    axes.set_ylim(bottom=0)


def _unit(seconds: float) -> tuple[str, float]:
    """Return the unit in which a duration reads best, and its length in seconds."""
    if seconds >= _HOUR:
        return "hours", _HOUR
    return ("minutes", _MINUTE) if seconds >= 2 * _MINUTE else ("seconds", 1.0)


def _rate(frames_per_second: float) -> str:
    if not frames_per_second > 0:
        return "no frames counted"
    return f"{frames_per_second:,.0f} frames/s"
