"""``neuroevo random``: the baseline, a player that presses at random."""

from __future__ import annotations

import json

import click


@click.command("random")
@click.argument("config")
@click.option("--episodes", type=click.IntRange(1), default=20, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE", help="Override.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    config: str, episodes: int, seed: int, overrides: tuple[str, ...], as_json: bool
) -> None:
    """Play the task of CONFIG with random outputs: what a champion must beat.

    \b
    Example:  neuroevo random airstriker --episodes 40
    """
    from neuroevo.config import load
    from neuroevo.replay import evaluate_random, scores_text
    from neuroevo.shipped import find_config

    scores = evaluate_random(load(find_config(config), overrides), episodes, seed)
    click.echo(json.dumps(scores, indent=2) if as_json else scores_text(scores))
