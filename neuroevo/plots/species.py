"""Species over generations: who is how large, how many there are, and how they end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import FigureBase
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from neuroevo.errors import StorageError
from neuroevo.plots.canvas import (
    BLACK,
    VERMILION,
    add_legend,
    draw_line,
    draw_steps,
    label_axes,
    mark_moment,
    run_style,
)
from neuroevo.plots.records import (
    Floats,
    Ints,
    Record,
    column,
    event_texts,
    generations,
    value,
)
from neuroevo.storage.record_shape import is_whole

# Tol's muted and light colours, dark and light in turn: neighbours differ in grey too.
_COLOURS = (
    "#332288", "#EEDD88", "#117733", "#99DDFF", "#882255", "#BBCC33",
    "#225588", "#FFAABB", "#666633", "#44BB99", "#994455", "#EE8866",
)  # fmt: skip
_LABEL_FRACTION = 0.07  # of the population: a smaller band has no room for its number
_REMOVED = re.compile(r"species (\d+) removed\b")


@dataclass(frozen=True, slots=True)
class SpeciesData:
    """Sizes and fates of the species of one run.

    Attributes:
        generation: (n,) int64, ascending.
        num_species: (n,) float64.
        species_ids: (num_species_ever,) int64, ascending.
        sizes: (n, num_species_ever) int64, genomes per species; 0 where it does not exist.
        removed: (m, 2) int64, rows (generation, species id): removed there for stagnation.
        stagnations: (s,) int64, generations in which a stagnant population was cut to its best
            species.
        notices: (k,) int64, generations after which the best fitness had not risen for long.
        extinctions: (e,) int64, generations after which no species was left: the population started
            anew, or the run ended.
    """

    generation: Ints
    num_species: Floats
    species_ids: Ints
    sizes: Ints
    removed: Ints
    stagnations: Ints
    notices: Ints
    extinctions: Ints


def species_data(records: Sequence[Record]) -> SpeciesData:
    """Return the species of a run log; their fates are read from its events.

    Raises:
        StorageError: no records, or records that are not of a run log.
    """
    numbers = generations(records)
    rows = [_sizes(record) for record in records]
    ids = np.array(sorted({i for row in rows for i in row}), dtype=np.int64)
    events = [
        (int(number), str(text))
        for number, record in zip(numbers, records, strict=True)
        for text in event_texts(record)
    ]
    removed = [(g, int(m[1])) for g, text in events if (m := _REMOVED.match(text))]
    return SpeciesData(
        generation=numbers,
        num_species=column(records, "num_species"),
        species_ids=ids,
        sizes=_size_table(rows, ids),
        removed=np.array(removed, dtype=np.int64).reshape(-1, 2),
        stagnations=_starting_with(events, "population stagnant"),
        notices=_starting_with(events, "stagnation"),
        extinctions=_starting_with(events, "extinction"),
    )


def draw_species(figure: FigureBase, runs: Sequence[tuple[str, SpeciesData]]) -> None:
    """Draw the sizes of one run's species above their number, or the numbers of several runs."""
    if len(runs) > 1:
        _draw_several(figure, runs)
        return
    data = runs[0][1]
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2.4, 1))
    _draw_sizes(above, data)
    draw_line(below, data.generation, data.num_species, color=BLACK)
    marks = _draw_events(above, below, data)
    label_axes(above, [data.generation], "genomes, by species id", has_xlabel=False)
    _label_counts(below, [data.generation])
    if marks:
        add_legend(above, marks, [str(mark.get_label()) for mark in marks])


def _draw_several(figure: FigureBase, runs: Sequence[tuple[str, SpeciesData]]) -> None:
    axes = figure.subplots()
    lines = [
        draw_line(axes, data.generation, data.num_species, **run_style(index))
        for index, (_, data) in enumerate(runs)
    ]
    _label_counts(axes, [data.generation for _, data in runs])
    add_legend(axes, lines, [label for label, _ in runs])


def _label_counts(axes: Axes, numbers: Sequence[Ints]) -> None:
    label_axes(axes, numbers, "species")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def _draw_sizes(axes: Axes, data: SpeciesData) -> None:
    """Stack the species, oldest at the bottom, each with its number where it is large."""
    tops = np.cumsum(data.sizes, axis=1)
    population = tops[:, -1].max()
    for k, species_id in enumerate(data.species_ids):
        size = data.sizes[:, k]
        alive = np.flatnonzero(size)
        part = slice(alive[0], alive[-1] + 1)  # nothing of it outside: keeps long logs light
        top = np.where(size > 0, tops[:, k], np.nan)[part]
        colour = _COLOURS[int(species_id) % len(_COLOURS)]
        look = {"facecolor": colour, "edgecolor": "white", "linewidth": 0.4}
        draw_steps(axes, data.generation[part], top - size[part], top, **look)
        wide = np.flatnonzero(size >= 0.8 * size.max())
        at = wide[len(wide) // 2]
        if size[at] >= _LABEL_FRACTION * population:
            middle = tops[at, k] - size[at] / 2
            _write_id(axes, int(species_id), float(data.generation[at]), middle, colour)
    axes.set_ylim(0, population)


def _write_id(axes: Axes, species_id: int, x: float, y: float, colour: str) -> None:
    is_dark = np.dot(to_rgb(colour), (0.299, 0.587, 0.114)) < 0.5
    ink = "white" if is_dark else BLACK
    axes.text(x, y, str(species_id), color=ink, fontsize=8, ha="center", va="center")


def _draw_events(above: Axes, below: Axes, data: SpeciesData) -> list[Line2D]:
    """Mark removals in the bands and events of the whole population across both panels."""
    marks = []
    if len(data.removed):
        x, y = _removal_points(data)
        look: dict[str, Any] = {
            "marker": "X",
            "markersize": 7,
            "color": VERMILION,
            "markeredgecolor": "white",
        }
        marks += above.plot(x, y, **look, linestyle="none", label="removed, stagnant", zorder=5)
    for numbers, style, word, label in (
        (data.stagnations, (0, (4, 2)), "two species", "population stagnant: best species only"),
        (data.notices, (0, (1, 1.5)), "stagnation", "best fitness has not risen for long"),
        (data.extinctions, "solid", "extinction", "extinction: all species stagnant"),
    ):
        look = {"color": BLACK, "linestyle": style}
        for number in numbers:
            line = mark_moment(above, number, word, label=label, **look)
            mark_moment(below, number, "", linewidth=1, **look)
            marks += [line] if number == numbers[0] else []
    return marks


def _removal_points(data: SpeciesData) -> tuple[Floats, Floats]:
    """Return the middle of each removed species' column in its last generation."""
    rows = np.searchsorted(data.generation, data.removed[:, 0])
    columns = np.searchsorted(data.species_ids, data.removed[:, 1])
    middles = np.cumsum(data.sizes, axis=1)[rows, columns] - data.sizes[rows, columns] / 2
    return data.removed[:, 0].astype(np.float64), middles


def _sizes(record: Record) -> dict[int, int]:
    """Return the genomes per species of a generation."""
    rows = value(record, "species")
    is_table = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
    if not is_table or not all(is_whole(row.get(k)) for row in rows for k in ("id", "size")):
        raise StorageError(
            f"run log, generation {record.get('generation', '?')}: 'species' must be a list with "
            f"id and size; got {str(rows)[:60]!r}. Plot a log that neuroevo wrote."
        )
    return {row["id"]: row["size"] for row in rows}


def _size_table(rows: Sequence[dict[int, int]], ids: Ints) -> Ints:
    table = np.zeros((len(rows), len(ids)), dtype=np.int64)
    for number, row in enumerate(rows):
        table[number, np.searchsorted(ids, list(row))] = list(row.values())
    return table


def _starting_with(events: Sequence[tuple[int, str]], start: str) -> Ints:
    return np.array(sorted({g for g, text in events if text.startswith(start)}), dtype=np.int64)
