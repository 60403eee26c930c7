"""How every figure looks, and the three marks they are made of: lines, bands and stacked steps.

The marks share one promise: a generation that the log lacks leaves a hole, and a generation with
no neighbour is drawn as a marker instead of vanishing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.lines import Line2D
from matplotlib.patches import StepPatch
from matplotlib.ticker import MaxNLocator

from neuroevo.plots.records import Floats, Ints

# The salt makes the ids inside an SVG depend on the picture alone.
STYLE: Mapping[str, Any] = {
    "svg.hashsalt": "neuroevo",
    "font.size": 9.5,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.formatter.useoffset": False,
    "axes.titlesize": 9,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "legend.handlelength": 2.6,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
}

BLUE, VERMILION, BLACK, GREY = "#0072B2", "#D55E00", "#111111", "#8a8a8a"
GREEN = "#009E73"

MOMENT_STYLES: Mapping[str, Any] = {"extinction": "solid", "stagnation": (0, (4, 2))}
"""Line styles of what a person must see."""

# Okabe & Ito's colours, told apart by all common kinds of colour vision; the line styles do it in
# grey. Seven and four share no divisor: 28 runs look different.
_RUN_COLOURS = (BLUE, VERMILION, "#009E73", BLACK, "#CC79A7", "#E69F00", "#56B4E9")
_RUN_STYLES = ("solid", (0, (5, 1.5)), (0, (1, 1)), (0, (6, 1.5, 1, 1.5)))


# A legend's line holds so many characters; the handle and the space around it take some.
_LINE_CHARACTERS, _HANDLE_CHARACTERS = 92, 7


def run_style(index: int) -> dict[str, Any]:
    """Return colour and line style of the ``index``-th of several runs."""
    return {
        "color": _RUN_COLOURS[index % len(_RUN_COLOURS)],
        "linestyle": _RUN_STYLES[index % len(_RUN_STYLES)],
    }


def draw_line(axes: Axes, generation: Ints, values: Floats, **style: Any) -> Line2D:
    """Draw values over generations, broken at gaps; values without neighbours become markers.

    Args:
        axes: to draw on.
        generation: (n,) int64, ascending.
        values: (n,) float64, NaN where unknown.
        style: of the line.

    Returns:
        The line, for a legend.
    """
    x, y = with_gaps(generation, values)
    lone = np.flatnonzero(_is_lone(y))
    marks = {"marker": "o", "markevery": lone.tolist()} if len(lone) else {}
    return axes.plot(x, y, **{**marks, **style})[0]


def draw_band(axes: Axes, generation: Ints, low: Floats, high: Floats, **style: Any) -> Artist:
    """Fill between two (n,) float64 columns, broken at gaps; a lone one becomes a vertical bar."""
    x, bottom, top = with_gaps(generation, low, high)
    band = axes.fill_between(x, bottom, top, **{"linewidth": 0, **style})
    lone = _is_lone(bottom + top)
    if lone.any():
        axes.vlines(x[lone], bottom[lone], top[lone], linewidth=7, **style)
    return band


def draw_steps(axes: Axes, generation: Ints, low: Floats, high: Floats, **style: Any) -> StepPatch:
    """Fill one column of width 1 per generation, from ``low`` to ``high`` (n,) float64."""
    _, bottom, top = with_gaps(generation, low, high)
    return axes.stairs(
        top, step_edges(generation), baseline=bottom, fill=True, **{"linewidth": 0, **style}
    )


def draw_levels(axes: Axes, generation: Ints, values: Floats, **style: Any) -> Line2D:
    """Draw (n,) float64 values as lines over the columns of :func:`draw_steps`, broken at gaps."""
    _, levels = with_gaps(generation, values)
    ends = np.append(levels, levels[-1:])
    return axes.plot(step_edges(generation), ends, drawstyle="steps-post", **style)[0]


def mark_moment(axes: Axes, generation: int, word: str, **style: Any) -> Line2D:
    """Draw a vertical line where a generation ends, with a word along it.

    Args:
        axes: to draw on; its limits stay as they are.
        generation: whose end it is.
        word: beside the line, read upwards; '' for none.
        style: of the line.

    Returns:
        The line, for a legend.
    """
    # The event ends its generation, hence the right border of its column.
    # That of the last one is the border of the axes: line and word must be whole there, too.
    line = axes.axvline(
        generation + 0.5, **{"color": VERMILION, "zorder": 4, "clip_on": False, **style}
    )
    axes.text(
        generation + 0.5, 0.02, word, transform=axes.get_xaxis_transform(), rotation=90, fontsize=8,
        ha="right", va="bottom", zorder=6, color=line.get_color(), clip_on=True,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
    )  # fmt: skip
    return line


def with_gaps(generation: Ints, *columns: Floats) -> tuple[Floats, ...]:
    """Insert a NaN wherever a generation is missing, so that nothing is joined across it.

    Args:
        generation: (n,) int64, ascending.
        columns: (n,) float64 each.

    Returns:
        The generations and the columns, (n + num_gaps,) float64 each.
    """
    jumps = _jumps(generation)
    return tuple(np.insert(c.astype(np.float64), jumps, np.nan) for c in (generation, *columns))


def step_edges(generation: Ints) -> Floats:
    """Return the (n + num_gaps + 1,) borders of the columns that :func:`with_gaps` makes."""
    jumps = _jumps(generation)
    starts = np.insert(generation - 0.5, jumps, generation[jumps - 1] + 0.5)
    return np.append(starts, generation[-1] + 0.5)


def label_axes(
    axes: Axes, numbers: Sequence[Ints], ylabel: str, *, has_xlabel: bool = True
) -> None:
    """Give the axes their labels, whole generations as ticks, and the range of all runs."""
    axes.set_xlim(min(int(n[0]) for n in numbers) - 0.5, max(int(n[-1]) for n in numbers) + 0.5)
    axes.xaxis.set_major_locator(
        MaxNLocator(nbins=10, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1)
    )
    axes.set_ylabel(ylabel)
    if has_xlabel:
        axes.set_xlabel("generation")
    else:
        axes.tick_params(labelbottom=False)


def add_legend(place: Axes | FigureBase, handles: Sequence[Artist], labels: Sequence[str]) -> None:
    """Put a legend above a panel, or below a whole figure, where it can hide nothing."""
    where: dict[str, Any] = {"loc": "outside lower left"}
    if isinstance(place, Axes):
        where = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "borderaxespad": 0.1}
    # matplotlib leaves out labels with a leading underscore, and reads dollars as formulas.
    legend = place.legend(
        list(handles),
        [f" {label}" if label.startswith("_") else label for label in labels],
        **where,
        ncols=_num_columns(labels),
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


def _num_columns(labels: Sequence[str]) -> int:
    """Return how many labels stand side by side without running out of the page."""
    if sum(len(label) + _HANDLE_CHARACTERS for label in labels) <= _LINE_CHARACTERS:
        return len(labels)
    longest = max(len(label) for label in labels) + _HANDLE_CHARACTERS
    return max(1, _LINE_CHARACTERS // longest)


def _jumps(generation: Ints) -> Ints:
    return np.flatnonzero(np.diff(generation) != 1) + 1


def _is_lone(values: Floats) -> npt.NDArray[np.bool_]:
    """Tell for each value whether it is known and both its neighbours are not."""
    known = np.concatenate([[False], np.isfinite(values), [False]])
    lone: npt.NDArray[np.bool_] = known[1:-1] & ~known[:-2] & ~known[2:]
    return lone
