"""Endings over generations: by which ending the episodes closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.patches import StepPatch

from neuroevo.plots.canvas import add_legend, draw_steps, label_axes
from neuroevo.plots.records import Floats, Ints, Record, generations, value


@dataclass(frozen=True, slots=True)
class EndingsData:
    """How episodes ended in one run.

    Attributes:
        generation: (n,) int64, ascending.
        names: of the endings, alphabetical; empty when the log tells of none.
        fractions: (n, num_names) float64, of the generation's episodes; rows sum to 1, or are NaN
            where a generation tells of no episode.
    """

    generation: Ints
    names: tuple[str, ...]
    fractions: Floats


def endings_data(records: Sequence[Record]) -> EndingsData:
    """Return the endings of a run log.

    Raises:
        StorageError: no records, or records that are not of a run log.
    """
    numbers = generations(records)
    rows = [value(record, "endings") for record in records]
    names = tuple(sorted({name for row in rows for name in row}))
    counts = np.array([[row.get(name, 0) for name in names] for row in rows], dtype=np.float64)
    totals = counts.reshape(len(rows), len(names)).sum(axis=1, keepdims=True)
    fractions = counts / np.where(totals > 0, totals, np.nan)
    return EndingsData(numbers, names, fractions)


def draw_endings(figure: FigureBase, runs: Sequence[tuple[str, EndingsData]]) -> None:
    """Draw stacked fractions, one panel per run, the same colour for the same ending in all."""
    names = sorted({name for _, data in runs for name in data.names})
    # One scale from dark to light: in order of brightness for every eye and every printer.
    shades = colormaps["cividis"](np.linspace(0.0, 1.0, max(len(names), 2)))
    colours = {name: tuple(shade) for name, shade in zip(names, shades, strict=False)}
    panels = figure.subplots(len(runs), 1, sharex=True, squeeze=False)[:, 0]
    numbers = [data.generation for _, data in runs]
    handles: dict[str, StepPatch] = {}
    for axes, (label, data) in zip(panels, runs, strict=True):
        handles |= _draw_stack(axes, data, colours)
        if len(runs) > 1:
            axes.set_title(label, loc="left", parse_math=False)
        label_axes(axes, numbers, "", has_xlabel=axes is panels[-1])
        axes.set_ylim(0, 1)
    figure.supylabel("fraction of episodes", fontsize="medium")
    add_legend(figure, [handles[name] for name in names], names)


def _draw_stack(
    axes: Axes, data: EndingsData, colours: dict[str, tuple[float, ...]]
) -> dict[str, StepPatch]:
    tops = np.cumsum(data.fractions, axis=1)
    return {
        name: draw_steps(
            axes,
            data.generation,
            tops[:, k] - data.fractions[:, k],
            tops[:, k],
            facecolor=colours[name],
            edgecolor="white",
            linewidth=0.4,
        )
        for k, name in enumerate(data.names)
    }
