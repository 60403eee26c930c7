"""Picture files: which plots a set of runs gets, their titles, and how they reach the disk.

The same records give the same bytes: no dates, no random ids, no reader's own matplotlib style.
(The ids of clip paths in an SVG still differ under matplotlib 3.10, the last one for Python 3.10.)
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, FigureBase

from neuroevo.errors import StorageError
from neuroevo.plots.canvas import STYLE
from neuroevo.plots.complexity import complexity_data, draw_complexity
from neuroevo.plots.endings import draw_endings, endings_data
from neuroevo.plots.fitness import draw_fitness, fitness_data
from neuroevo.plots.records import Record, RunSummary, summary
from neuroevo.plots.species import draw_species, species_data
from neuroevo.plots.terms import draw_terms, terms_data
from neuroevo.plots.timing import draw_time, time_data
from neuroevo.storage.atomic import make_folder, write_atomically
from neuroevo.storage.run_log import read_log

Runs = Sequence[tuple[str, Sequence[Record]]]

# Neither holds a date or the version of matplotlib.
_METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
}
_SIZE, _OVERVIEW_SIZE, _DPI = (9.0, 5.4), (15.0, 9.8), 120  # inches, dots per inch
_INCHES_PER_RUN = 0.5  # more height for each run after the third
_LONGEST_NAME = 48


def plot_run_directories(
    paths: Sequence[Path], folder: Path, formats: Sequence[str] = ("png", "svg")
) -> list[Path]:
    """Draw the plots of run directories, overlaid when there are several.

    Args:
        paths: run directories; each is called by its folder's name.
        folder: for the pictures, made when missing.
        formats: ``png``, ``svg``.

    Returns:
        The files written.

    Raises:
        StorageError: a log cannot be read or is empty, or a picture cannot be written.
    """
    runs = [
        (name, read_log(path / "log.jsonl"))
        for name, path in zip(_names(paths), paths, strict=True)
    ]
    return plot_runs(runs, folder, formats)


def plot_runs(runs: Runs, folder: Path, formats: Sequence[str] = ("png", "svg")) -> list[Path]:
    """Draw all plots of one run, or of several: endings and terms only where a log has some.

    Args:
        runs: (name, records of its log) each.
        folder: for the pictures, made when missing.
        formats: ``png``, ``svg``.

    Returns:
        The files written: fitness, time, species, complexity, endings, terms, overview.

    Raises:
        StorageError: no run, an empty log, a log that is none, an unknown format, or a picture
            that cannot be written.
    """
    _check(runs, formats)
    summaries = [_in_run(name, summary, records) for name, records in runs]
    plots = _plots(runs, summaries)
    written = []
    with matplotlib.style.context(["default", dict(STYLE)]):
        for name, draw in plots.items():
            figure = _figure(
                _SIZE, len(runs), f"{name.capitalize()} of {_heading(runs, summaries)}"
            )
            draw(figure)
            written += _save(figure, folder, name, formats)
        figure = _figure(_OVERVIEW_SIZE, len(runs), _overview_heading(runs, summaries))
        _draw_overview(figure, list(plots.items())[:4])
        written += _save(figure, folder, "overview", formats)
    return written


def _plots(runs: Runs, summaries: Sequence[RunSummary]) -> dict[str, Callable[[FigureBase], None]]:
    """Return what draws each plot on a figure, by file name, in order."""
    labels = [
        f"{_short(name)} ({s.num_evaluations:,} evaluations)"
        for (name, _), s in zip(runs, summaries, strict=True)
    ]

    def plot(data_of: Callable[..., Any], draw: Callable[..., None]) -> Callable[..., None]:
        data = [_in_run(name, data_of, records) for name, records in runs]
        return lambda figure: draw(figure, list(zip(labels, data, strict=True)))

    plots = {
        "fitness": plot(fitness_data, draw_fitness),
        "time": plot(time_data, draw_time),
        "species": plot(species_data, draw_species),
        "complexity": plot(complexity_data, draw_complexity),
    }
    if any(record.get("endings") for _, records in runs for record in records):
        plots["endings"] = plot(endings_data, draw_endings)
    if any(record.get("terms") for _, records in runs for record in records):
        plots["terms"] = plot(terms_data, draw_terms)
    return plots


def _draw_overview(
    figure: Figure, plots: Sequence[tuple[str, Callable[[FigureBase], None]]]
) -> None:
    """Put four plots on one page."""
    parts = np.ravel(np.asarray(figure.subfigures(2, 2, wspace=0.03, hspace=0.03)))
    for part, (name, draw) in zip(parts, plots, strict=True):
        part.suptitle(name.capitalize(), fontsize=11, fontweight="bold")
        draw(part)


def _in_run(name: str, function: Callable[..., Any], records: Sequence[Record]) -> Any:
    """Call a function of records; an error says of which run they were."""
    try:
        return function(records)
    except StorageError as error:
        raise StorageError(f"{name}: {error}") from error


def _check(runs: Runs, formats: Sequence[str]) -> None:
    if not runs:
        raise StorageError("plot: needs at least one run; got none. Name a run directory.")
    unknown = [name for name in formats if name not in _METADATA]
    if unknown or not formats:
        raise StorageError(
            f"plot format: must be one or more of {', '.join(_METADATA)}; "
            f"got {', '.join(unknown) or 'none'}. Choose from these."
        )


def _heading(runs: Runs, summaries: Sequence[RunSummary]) -> str:
    evaluations = sum(s.num_evaluations for s in summaries)
    if len(runs) > 1:
        return f"{len(runs)} runs: {evaluations:,} evaluations"
    count = summaries[0].num_generations
    generations = "1 generation" if count == 1 else f"{count:,} generations"
    return f"{_short(runs[0][0])}: {evaluations:,} evaluations in {generations}"


def _overview_heading(runs: Runs, summaries: Sequence[RunSummary]) -> str:
    heading = _heading(runs, summaries)
    if len(runs) > 1:
        return heading
    best = f"best fitness {summaries[0].best_fitness:,.6g}"
    return f"{heading}, {best} in generation {summaries[0].best_generation}"


def _short(name: str) -> str:
    """Cut the middle out of a name that no title has room for."""
    if len(name) <= _LONGEST_NAME:
        return name
    half = _LONGEST_NAME // 2
    return f"{name[: half - 1]}…{name[-half:]}"


def _names(paths: Sequence[Path]) -> list[str]:
    """Return the folder names, with the parent's where two would be the same."""
    resolved = [path.resolve() for path in paths]
    names = [path.name for path in resolved]
    return [
        f"{path.parent.name}/{path.name}" if names.count(path.name) > 1 else path.name
        for path in resolved
    ]


def _figure(size: tuple[float, float], num_runs: int, heading: str) -> Figure:
    width, height = size
    height += _INCHES_PER_RUN * max(0, num_runs - 3)
    figure = Figure(figsize=(width, height), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(heading, fontsize=13, parse_math=False)
    return figure


def new_figure(size: tuple[float, float], heading: str) -> Figure:
    """Return an empty figure of the house's style, ``size`` in inches."""
    return _figure(size, 1, heading)


def save_figure(figure: Figure, path: Path) -> None:
    """Write one figure; the same figure gives the same bytes.

    Raises:
        StorageError: the ending is neither .png nor .svg, or the file cannot be written.
    """
    if path.suffix[1:] not in _METADATA:
        raise StorageError(
            f"{path}: must end in .png or .svg; got {path.suffix!r}. Name it e.g. matrix.png."
        )
    _save(figure, path.parent, path.stem, [path.suffix[1:]])


def _save(figure: Figure, folder: Path, name: str, formats: Sequence[str]) -> list[Path]:
    paths = [folder / f"{name}.{suffix}" for suffix in formats]
    for path, suffix in zip(paths, formats, strict=True):
        buffer = io.BytesIO()
        figure.savefig(buffer, format=suffix, metadata=_METADATA[suffix])
        _write(path, buffer.getvalue())
    return paths


def _write(path: Path, content: bytes) -> None:
    make_folder(path.parent)
    write_atomically(path, content)
