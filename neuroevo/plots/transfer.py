"""The matrix champion x state as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib.style
import numpy as np
import numpy.typing as npt
from matplotlib.patches import Rectangle

from neuroevo.plots.canvas import BLACK, STYLE
from neuroevo.plots.figures import new_figure, save_figure

Matrix = npt.NDArray[np.float64]


def plot_transfer(
    names: tuple[Sequence[str], Sequence[str]],
    fitness: Matrix,
    won: Matrix,
    is_trained: npt.NDArray[np.bool_],
    path: Path,
) -> None:
    """Draw one row per state and one column per champion.

    Args:
        names: of the champions and of the states.
        fitness: (num_champions, num_states) float64.
        won: the same shape, shares of the episodes, 0 to 1.
        is_trained: the same shape, framed cells.
        path: ending in .png or .svg.

    Raises:
        StorageError: another ending, or the file cannot be written.
    """
    champions, states = names
    size = (4.4 + 1.3 * len(champions), 1.6 + 0.36 * len(states))
    with matplotlib.style.context(["default", dict(STYLE)]):
        figure = new_figure(size, "Fitness in other states")
        axes = figure.subplots()
        axes.set_title("★ won every episode; framed: trained on", fontsize=9)
        highest = max(float(fitness.max()), 1e-9)
        # A win is always darker than any fitness without one.
        shade = 0.35 * np.clip(fitness / highest, 0, 1) + 0.4 * won
        axes.imshow(shade.T, cmap="YlGn", vmin=0, vmax=1, aspect="auto")
        axes.grid(visible=False)
        axes.set_xticks(range(len(champions)), champions, rotation=30, ha="right")
        axes.set_yticks(range(len(states)), states)
        for column, row in np.ndindex(fitness.shape):
            star = "★ " if won[column, row] == 1 else ""
            text = f"{star}{fitness[column, row]:,.5g}"
            axes.text(column, row, text, ha="center", va="center", fontsize=9)
            if is_trained[column, row]:
                corner = (column - 0.47, row - 0.43)
                axes.add_patch(Rectangle(corner, 0.94, 0.86, fill=False, color=BLACK))
        save_figure(figure, path)
