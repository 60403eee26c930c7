"""``neuroevo demo``: two minutes from nothing to a champion, no ROM needed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

# Airstriker, per episode: doing nothing, and random combinations held for four frames (n = 40).
_NOTHING, _RANDOM_MEAN = 0, 212


@click.command("demo")
@click.option("--minutes", type=click.FloatRange(0), default=2.0, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Run directory [runs/NAME-DATE].")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
def command(minutes: float, out: Path | None, seed: int) -> None:
    """Evolve a player of Airstriker, the game that comes with stable-retro.

    \b
    Example:  neuroevo demo --minutes 5
    """
    from neuroevo.cli.running import run_new
    from neuroevo.storage.run_log import read_log

    overrides = [f"Run.seed={seed}", "Run.generations=1000"]
    folder = run_new("airstriker", overrides, out, minutes, sys.argv)
    records = read_log(folder / "log.jsonl")
    champion = max(records, key=lambda record: float(record["best_fitness"]))
    score = champion["best_metrics"].get("score", champion["best_fitness"])
    click.echo(
        f"\nbest score {score:g}   (doing nothing: {_NOTHING}, random play: {_RANDOM_MEAN} on "
        f"average)\nmeasure it yourself: neuroevo evaluate {folder} --episodes 20 --noops 30\n"
        f"{' ' * 21}neuroevo random airstriker --episodes 40"
    )
