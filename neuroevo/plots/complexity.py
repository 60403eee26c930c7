"""Complexity over generations: how large the genomes have grown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.lines import Line2D

from neuroevo.plots.canvas import BLUE, VERMILION, add_legend, draw_line, label_axes, run_style
from neuroevo.plots.records import Floats, Ints, Record, column, generations


@dataclass(frozen=True, slots=True)
class ComplexityData:
    """Columns of one run, (n,) each, float64 counts.

    Attributes:
        generation: int64, ascending.
        best_nodes: nodes of the best genome of the generation.
        mean_nodes: mean over the population.
        best_connections: connections of the best genome of the generation.
        mean_connections: mean over the population.
    """

    generation: Ints
    best_nodes: Floats
    mean_nodes: Floats
    best_connections: Floats
    mean_connections: Floats


def complexity_data(records: Sequence[Record]) -> ComplexityData:
    """Return the complexity columns of a run log.

    Raises:
        StorageError: no records, or records that are not of a run log.
    """
    return ComplexityData(
        generation=generations(records),
        best_nodes=column(records, "best_num_nodes"),
        mean_nodes=column(records, "mean_num_nodes"),
        best_connections=column(records, "best_num_connections"),
        mean_connections=column(records, "mean_num_connections"),
    )


def draw_complexity(figure: FigureBase, runs: Sequence[tuple[str, ComplexityData]]) -> None:
    """Draw nodes above and connections below; for several runs those of the best genomes."""
    above, below = figure.subplots(2, 1, sharex=True)
    numbers = [data.generation for _, data in runs]
    if len(runs) == 1:
        data = runs[0][1]
        lines = _draw_pair(above, data.generation, data.best_nodes, data.mean_nodes)
        _draw_pair(below, data.generation, data.best_connections, data.mean_connections)
        add_legend(above, lines, ["best genome of generation", "mean of population"])
    else:
        _draw_several(above, below, runs)
    of_best = " of best" if len(runs) > 1 else ""
    label_axes(above, numbers, f"nodes{of_best}", has_xlabel=False)
    label_axes(below, numbers, f"connections{of_best}")


def _draw_pair(axes: Axes, generation: Ints, best: Floats, mean: Floats) -> list[Line2D]:
    return [
        draw_line(axes, generation, best, color=BLUE),
        draw_line(axes, generation, mean, color=VERMILION, linestyle=(0, (5, 1.5))),
    ]


def _draw_several(above: Axes, below: Axes, runs: Sequence[tuple[str, ComplexityData]]) -> None:
    lines = []
    for index, (_, data) in enumerate(runs):
        lines.append(draw_line(above, data.generation, data.best_nodes, **run_style(index)))
        draw_line(below, data.generation, data.best_connections, **run_style(index))
    add_legend(above, lines, [label for label, _ in runs])
