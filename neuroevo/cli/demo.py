"""``neuroevo demo``: from nothing to a champion and its film in two minutes, no ROM needed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from neuroevo.cli import stopping


@click.command("demo")
@click.option("--minutes", type=click.FloatRange(0), default=2.0, show_default=True,
              help="At most; the demo ends when the level is finished.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Run directory [runs/NAME-DATE].")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--state", default="Practice", show_default=True,
              help="Where to play: Practice, Level1 (give it 10 minutes) to Level4.")  # fmt: skip
def command(minutes: float, out: Path | None, seed: int, state: str) -> None:
    """Evolve a player of Wickling, the project's own NES game, and film its champion.

    \b
    Example:  neuroevo demo --state Level1 --minutes 10
    """
    stopping.nothing_to_save_yet()
    from neuroevo.cli.film import film_it
    from neuroevo.cli.running import run_new
    from neuroevo.storage.run_log import read_log

    overrides = [f"Run.seed={seed}", f"Retro.states={state}", "Run.generations=1000"]
    folder = run_new("wickling", overrides, out, minutes, sys.argv)
    click.echo(film_it(folder))
    records = read_log(folder / "log.jsonl")
    champion = max(records, key=lambda record: float(record["best_fitness"]))["best_metrics"]
    is_won = champion["won_bonus"] > 0
    click.echo(
        f"\nthe champion {'reached the beacon' if is_won else 'did not reach the beacon yet'}, "
        f"{champion['progress']:g} pixels: open the film in a browser\n"
        f"next         {_next_command(folder, state, is_won=is_won)}"
    )


def _next_command(folder: Path, state: str, *, is_won: bool) -> str:
    if not is_won:
        return f"neuroevo resume {folder} --minutes 5"
    if state == "Practice":
        return "neuroevo demo --state Level1 --minutes 10"
    return f"neuroevo film {folder} --set Retro.states=Level2"
