"""``neuroevo random``: the baseline, a player that presses at random."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("random")
@click.argument("config")
@click.option("--episodes", type=click.IntRange(1), default=20, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE", help="Override.")
@click.option("--dump-observation", "dump", type=click.Path(path_type=Path), metavar="DIR",
              help="Write pictures of what the first 200 decisions see into DIR.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    config: str,
    episodes: int,
    seed: int,
    overrides: tuple[str, ...],
    dump: Path | None,
    as_json: bool,
) -> None:
    """Play the task of CONFIG with random outputs: what a champion must beat.

    \b
    Example:  neuroevo random airstriker --episodes 40
    """
    from neuroevo.config import check_game, load
    from neuroevo.replay import dump_random_observation, evaluate_random, scores_text
    from neuroevo.shipped import find_config

    settings = load(find_config(config), overrides)
    check_game(settings)
    if dump is None:
        scores = evaluate_random(settings, episodes, seed)
    else:
        scores, summary = dump_random_observation(settings, dump, episodes, seed)
        click.echo(summary, err=as_json)
    click.echo(json.dumps(scores, indent=2) if as_json else scores_text(scores))
