"""``neuroevo evaluate``: how good a genome is, away from the start it was evolved on."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("evaluate")
@click.argument("genome", type=click.Path(path_type=Path))
@click.option("--episodes", type=click.IntRange(1), default=20, show_default=True)
@click.option("--noops", type=click.IntRange(0), default=0, show_default=True, metavar="K",
              help="Start each episode with 0 to K idle frames, seeded.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--workers", type=click.IntRange(0), help="Worker processes [as the run].")
@click.option("--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE", help="Override.")
@click.option("--dump-observation", "dump", type=click.Path(path_type=Path), metavar="DIR",
              help="Write pictures of what the first 200 decisions see into DIR.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    genome: Path,
    episodes: int,
    noops: int,
    seed: int,
    workers: int | None,
    overrides: tuple[str, ...],
    dump: Path | None,
    as_json: bool,
) -> None:
    """Play fresh episodes with GENOME, a genome file or a run directory (its best genome).

    \b
    Example:  neuroevo evaluate runs/airstriker-20260101-220000 --episodes 20 --noops 30
    """
    from neuroevo.replay import dump_genome_observation, evaluate_genome, scores_text

    if dump is not None:
        line = dump_genome_observation(genome, dump, noops=noops, seed=seed, overrides=overrides)
        click.echo(line, err=as_json)
    scores = evaluate_genome(
        genome, episodes, noops=noops, seed=seed, num_workers=workers, overrides=overrides
    )
    click.echo(json.dumps(scores, indent=2) if as_json else scores_text(scores))
