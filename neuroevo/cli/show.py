"""``neuroevo show``: what a run is and how far it got."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("show")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(run: Path, as_json: bool) -> None:
    """Summarise RUN: progress, best genome, species, how episodes ended.

    \b
    Example:  neuroevo show runs/airstriker-20260101-220000
    """
    from neuroevo.report.summary import summarise, summary_text

    summary = summarise(run)
    click.echo(json.dumps(summary, indent=2) if as_json else summary_text(summary))
