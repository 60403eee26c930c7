"""``neuroevo doctor``: is this machine fit for runs, and are the runs on it sound?"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from neuroevo.doctor import Health


@click.command("doctor")
@click.option("--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True,
              help="Folder of run directories.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(ctx: click.Context, runs: Path, as_json: bool) -> None:
    """Look at Python, wheels, cores, disk, games and runs; say what is wrong and what mends it.

    Changes nothing. Ends with 0, or with 1 if there is a problem.

    \b
    Example:  neuroevo doctor
    """
    from neuroevo.doctor import examine

    health = examine(runs)
    click.echo(json.dumps(health.as_json(), indent=2) if as_json else health_text(health))
    ctx.exit(0 if health.is_fit else 1)


def health_text(health: Health) -> str:
    """Return one row per check, below it the command that mends what is wrong."""
    width = max(len(check.name) for check in health.checks) + 2
    lines = []
    for check in health.checks:
        head = f"{check.status:9}{check.name:{width}}"
        lines.append(textwrap.fill(check.text, 110, initial_indent=head, break_long_words=False,
                                   break_on_hyphens=False,
                                   subsequent_indent=" " * len(head)))  # fmt: skip
        if check.mend:
            lines.append(f"{'':{len(head)}}$ {check.mend}")
    counts = {status: sum(check.status == status for check in health.checks)
              for status in ("problem", "warning")}  # fmt: skip
    lines.append(f"{counts['problem']} problems, {counts['warning']} warnings.")
    return "\n".join(lines)
