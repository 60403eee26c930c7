"""``neuroevo digest``: the fingerprint of every generation."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("digest")
@click.argument("run", type=click.Path(path_type=Path))
def command(run: Path) -> None:
    """Print ``generation sha256`` for every generation of RUN.

    The hash covers the whole evolutionary state after the generation: genomes, species,
    innovations, counters, random numbers, fitnesses. Two runs with equal lines are the same run.

    \b
    Example:  diff <(neuroevo digest runs/a) <(neuroevo digest runs/b)
    """
    from neuroevo.storage.run_directory import RunDirectory
    from neuroevo.storage.run_log import read_generations

    for record in read_generations(RunDirectory.open(run).log):
        click.echo(f"{record['generation']} {record['digest']}")
