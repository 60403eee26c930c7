"""Fitness over generations: best, mean, spread, and the best so far."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase

from neuroevo.errors import StorageError
from neuroevo.plots.canvas import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    MOMENT_STYLES,
    VERMILION,
    add_legend,
    draw_band,
    draw_line,
    label_axes,
    mark_moment,
    run_style,
)
from neuroevo.plots.records import (
    Floats,
    Ints,
    Record,
    column,
    generations,
    milestones,
    value,
)
from neuroevo.storage.record_shape import is_whole


@dataclass(frozen=True, slots=True)
class FitnessData:
    """Columns of one run, (n,) each; float64 in units of fitness.

    Attributes:
        generation: int64, ascending.
        best: of the generation.
        mean: of the generation.
        stdev: of the generation's population.
        quartiles: (n, 2), first and third.
        best_ever: best of the run up to and including the generation.
        heldout: of the champion in held-out states; NaN where it was not tested.
        stages: of a curriculum: (first generation, name) of each, in order; else empty.
        milestones: (generation, ``extinction`` or ``stagnation``) of each, in order.
    """

    generation: Ints
    best: Floats
    mean: Floats
    stdev: Floats
    quartiles: Floats
    best_ever: Floats
    heldout: Floats
    stages: tuple[tuple[int, str], ...]
    milestones: tuple[tuple[int, str], ...]


def fitness_data(records: Sequence[Record]) -> FitnessData:
    """Return the fitness columns of a run log.

    Raises:
        StorageError: no records, or records that are not of a run log.
    """
    return FitnessData(
        generation=generations(records),
        best=column(records, "best_fitness"),
        mean=column(records, "mean_fitness"),
        stdev=column(records, "fitness_stdev"),
        quartiles=np.stack([_quartiles(record) for record in records]),
        best_ever=column(records, "best_ever_fitness"),
        heldout=np.array([_heldout(record) for record in records]),
        stages=_stages(records),
        milestones=milestones(records),
    )


def draw_fitness(figure: FigureBase, runs: Sequence[tuple[str, FitnessData]]) -> None:
    """Draw one run with its spread in one panel, or several overlaid: best above, mean below."""
    if len(runs) == 1:
        _draw_one(figure, runs[0][1])
    else:
        _draw_several(figure, runs)


def _draw_one(figure: FigureBase, data: FitnessData) -> None:
    axes = figure.subplots()
    numbers = data.generation
    low, high = data.quartiles.T
    band = draw_band(axes, numbers, low, high, color=BLUE, alpha=0.22)
    edge = {"color": GREY, "linestyle": (0, (1, 1.4)), "linewidth": 1.1, "markersize": 3}
    draw_line(axes, numbers, data.mean - data.stdev, **edge)
    stdev = draw_line(axes, numbers, data.mean + data.stdev, **edge)
    ever = draw_line(
        axes, numbers, data.best_ever, color=BLACK, linewidth=0.9, drawstyle="steps-post", zorder=3
    )
    mean = draw_line(axes, numbers, data.mean, color=VERMILION, linestyle=(0, (5, 1.5)))
    best = draw_line(axes, numbers, data.best, color=BLUE, zorder=4)
    label_axes(axes, [numbers], "fitness")
    _mark_stages(axes, data.stages)
    for generation, kind in data.milestones:
        mark_moment(axes, generation, kind, linewidth=1.1, linestyle=MOMENT_STYLES[kind])
    handles = [best, ever, mean, stdev, band]
    labels = ["best", "best of run so far", "mean", "mean ± stdev", "quartiles"]
    is_tested = np.isfinite(data.heldout)
    if is_tested.any():
        style: dict[str, Any] = {
            "color": GREEN,
            "marker": "D",
            "markersize": 4,
            "linewidth": 0.9,
            "zorder": 5,
        }
        handles += axes.plot(numbers[is_tested], data.heldout[is_tested], **style)
        labels.append("champion, held-out states")
    add_legend(axes, handles, labels)


def _draw_several(figure: FigureBase, runs: Sequence[tuple[str, FitnessData]]) -> None:
    above, below = figure.subplots(2, 1, sharex=True)
    lines = []
    for index, (_, data) in enumerate(runs):
        style = run_style(index)
        lines.append(draw_line(above, data.generation, data.best, **style))
        _draw_mean(below, data, index)
    numbers = [data.generation for _, data in runs]
    label_axes(above, numbers, "best fitness", has_xlabel=False)
    label_axes(below, numbers, "mean fitness\n(band: quartiles)")
    add_legend(above, lines, [label for label, _ in runs])


def _draw_mean(axes: Axes, data: FitnessData, index: int) -> None:
    style = run_style(index)
    low, high = data.quartiles.T
    draw_band(axes, data.generation, low, high, color=style["color"], alpha=0.13)
    draw_line(axes, data.generation, data.mean, **style)


def _mark_stages(axes: Axes, stages: Sequence[tuple[int, str]]) -> None:
    """Draw a line where each stage begins: fitness on both sides of it is not the same thing."""
    for generation, name in stages:
        axes.axvline(generation - 0.5, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
        axes.text(
            generation - 0.4,
            0.98,
            name,
            transform=axes.get_xaxis_transform(),
            fontsize=8,
            color=GREY,
            va="top",
            parse_math=False,
        )


def _stages(records: Sequence[Record]) -> tuple[tuple[int, str], ...]:
    names = [str(record.get("stage", "")) for record in records]
    changes = [i for i, name in enumerate(names) if name and (i == 0 or name != names[i - 1])]
    return tuple((int(value(records[i], "generation")), names[i]) for i in changes)


def _heldout(record: Record) -> float:
    """Return the champion's fitness in held-out states, NaN for most generations."""
    metrics = record.get("best_metrics")
    found = metrics.get("heldout_fitness") if isinstance(metrics, Mapping) else None
    is_known = isinstance(found, float) or is_whole(found)
    return math.nan if found is None or not is_known else float(found)


def _quartiles(record: Record) -> Floats:
    pair = value(record, "fitness_quartiles")
    if not isinstance(pair, Sequence) or len(pair) != 2:
        raise StorageError(
            f"run log, generation {record['generation']}: 'fitness_quartiles' must be two "
            f"numbers; got {str(pair)[:60]!r}. Plot a log that neuroevo wrote."
        )
    return column([{**record, "low": pair[0]}, {**record, "low": pair[1]}], "low")
