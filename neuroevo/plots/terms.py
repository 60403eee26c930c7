"""What fitness is made of, over generations: each term's share, of champions and on average."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase

from neuroevo.errors import StorageError
from neuroevo.plots.canvas import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    VERMILION,
    add_legend,
    draw_levels,
    draw_steps,
    label_axes,
)
from neuroevo.plots.records import Floats, Ints, Record, column, generations

# Okabe & Ito's colours, dark and light by turns; from the eighth term on they come hatched.
_COLOURS = (BLUE, "#E69F00", GREEN, "#CC79A7", "#56B4E9", VERMILION, "#F0E442")
_HATCHES = (None, "////", "....", "xxxx")
_SUM = "sum"


@dataclass(frozen=True, slots=True)
class TermsData:
    """The terms of one run, in units of fitness.

    Attributes:
        generation: (n,) int64, ascending.
        names: of the terms, in the order of the settings; empty when the log tells of none.
        champion: (n, num_names) float64, of each generation's champion; NaN in a generation whose
            line of the log tells of no terms.
        mean: (n, num_names) float64, of each generation's population; NaN likewise.
    """

    generation: Ints
    names: tuple[str, ...]
    champion: Floats
    mean: Floats


def terms_data(records: Sequence[Record]) -> TermsData:
    """Return the terms of a run log; logs of older versions tell of none.

    Raises:
        StorageError: no records, or records that are not of a run log.
    """
    numbers = generations(records)
    names = tuple(dict.fromkeys(name for record in records for name in _names(record)))
    champion = _table(records, "best_metrics", names)
    return TermsData(numbers, names, champion, _table(records, "mean_metrics", names))


def draw_terms(figure: FigureBase, runs: Sequence[tuple[str, TermsData]]) -> None:
    """Draw the champions' terms and the population's mean: below each other, or run by run."""
    names = list(dict.fromkeys(name for _, data in runs for name in data.names))
    styles = {name: _style(index) for index, name in enumerate(names)}
    if len(runs) == 1:
        panels = figure.subplots(2, 1, sharex=True, squeeze=False).T
    else:
        panels = figure.subplots(len(runs), 2, sharex=True, squeeze=False)
    numbers = [data.generation for _, data in runs]
    handles: dict[str, Artist] = {}
    for row, (label, data) in zip(panels, runs, strict=True):
        for axes, values, whose in zip(row, (data.champion, data.mean), _WHOSE, strict=True):
            handles |= _draw_stack(axes, data, values, styles)
            is_lowest = axes in panels[-1] if len(runs) > 1 else axes is row[-1]
            label_axes(axes, numbers, whose, has_xlabel=is_lowest)
        if len(runs) > 1:
            row[0].set_title(label, loc="left", parse_math=False)
    order = [*(name for name in names if name in handles), _SUM]
    add_legend(figure, [handles[name] for name in order if name in handles], order)


_WHOSE = ("champion's fitness", "mean fitness")


def _draw_stack(
    axes: Axes, data: TermsData, values: Floats, styles: Mapping[str, Mapping[str, Any]]
) -> dict[str, Artist]:
    """Stack what adds above zero and what takes away below it; draw the sum over both."""
    handles: dict[str, Artist] = {}
    known = np.isfinite(values).any(axis=1, keepdims=True)
    amounts = np.where(known, np.nan_to_num(values), np.nan)
    for part in (np.minimum(amounts, 0.0), np.maximum(amounts, 0.0)):
        tops = np.cumsum(part, axis=1)
        for k, name in enumerate(data.names):
            low, high = tops[:, k] - part[:, k], tops[:, k]
            handles[name] = draw_steps(axes, data.generation, low, high, **styles[name])
    if not data.names:
        _say_empty(axes)
        return handles
    axes.axhline(0.0, color=BLACK, linewidth=0.8)
    line = {"color": BLACK, "linewidth": 1.1}
    handles[_SUM] = draw_levels(axes, data.generation, amounts.sum(axis=1), **line)
    return handles


def _say_empty(axes: Axes) -> None:
    axes.set_yticks([])
    style: dict[str, Any] = {"ha": "center", "va": "center", "transform": axes.transAxes}
    axes.text(0.5, 0.5, "this log tells of no terms", color=GREY, **style)


def _style(index: int) -> dict[str, Any]:
    hatch = _HATCHES[index // len(_COLOURS) % len(_HATCHES)]
    return {
        "facecolor": _COLOURS[index % len(_COLOURS)],
        "hatch": hatch,
        "edgecolor": "white",
        "linewidth": 0.4,
    }


def _table(records: Sequence[Record], key: str, names: Sequence[str]) -> Floats:
    """Return (num_records, num_names) float64, NaN where a record does not say."""
    rows = [_metrics(record, key) if _names(record) else {} for record in records]
    columns = [_column(records, [row.get(name) for row in rows]) for name in names]
    return np.stack(columns, axis=1) if columns else np.empty((len(records), 0))


def _column(records: Sequence[Record], values: Sequence[Any]) -> Floats:
    """Return (num_records,) float64 of values that stand deeper in the records."""
    pairs = zip(records, values, strict=True)
    return column([{"generation": r["generation"], "a term": v} for r, v in pairs], "a term")


def _names(record: Record) -> Sequence[str]:
    found = record.get("terms", [])
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise StorageError(
            f"run log, generation {record['generation']}: 'terms' must be a list of names; got "
            f"{str(found)[:60]!r}. Plot a log that neuroevo wrote."
        )
    return found


def _metrics(record: Record, key: str) -> Mapping[str, Any]:
    found = record.get(key, {})
    if not isinstance(found, Mapping):
        raise StorageError(
            f"run log, generation {record['generation']}: {key!r} must hold names and numbers; "
            f"got {str(found)[:60]!r}. Plot a log that neuroevo wrote."
        )
    return found
