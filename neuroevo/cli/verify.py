"""``neuroevo verify``: compute a recorded generation again and compare."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from neuroevo.verify import Difference, Verification

MOST_SHOWN = 10


@click.command("verify")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--generation", type=click.IntRange(0), metavar="K",
              help="Which one [the newest that can be computed again].")  # fmt: skip
@click.option("--workers", type=click.IntRange(0), help="Worker processes [as the run].")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(
    ctx: click.Context, run: Path, generation: int | None, workers: int | None, as_json: bool
) -> None:
    """Compute a generation of RUN again: is every fitness, and all that followed, the same?

    Starts from the checkpoint before the generation, with the settings and seeds that are
    recorded; nothing in RUN is changed. Ends with 0 if all is the same, 1 if anything differs, 2 if
    it cannot be computed. A generation whose workers died at a genome may differ: then it says so.

    \b
    Example:  neuroevo verify runs/airstriker-20260101-220000 --generation 50
    """
    from neuroevo.verify import verify

    found = verify(
        run, generation, num_workers=workers, on_event=lambda text: click.echo(text, err=True)
    )
    click.echo(json.dumps(found.as_json(), indent=2) if as_json else verification_text(found))
    ctx.exit(0 if found.is_same else 1)


def verification_text(found: Verification) -> str:
    """Return what was compared and what differs."""
    size, compared = found.num_genomes, found.num_compared
    singly = f"{compared} of {size} compared one by one" if compared else "covered by the digest"
    lines = [
        f"generation   {found.generation}: {size} genomes, {singly}, {found.num_replayed} known "
        "from before played again",
        *_lines("machine", found.machine, "as when the run began"),
        *_lines("fitness", found.genomes, "no difference"),
        *_lines("log", found.record, "no difference but for the clock"),
        f"digest       {found.digest}",
    ]
    return "\n".join([*lines, *_given_up(found), f"verdict      {_verdict(found)}"])


def _given_up(found: Verification) -> list[str]:
    """Return a line if no worker survived some genome: such a generation may differ."""
    if not found.given_up:
        return []
    shown = ", ".join(map(str, found.given_up[:MOST_SHOWN]))
    more = ", ..." if len(found.given_up) > MOST_SHOWN else ""
    return [f"given up     {shown}{more}: genomes whose workers died, which no seed decides"]


def _verdict(found: Verification) -> str:
    if found.is_same:
        return "the same"
    if found.given_up:
        return "different, as a generation with given up genomes may be"
    return "different; the machine is another, which may be why" if found.machine else "different"


def _lines(name: str, differences: tuple[Difference, ...], otherwise: str) -> list[str]:
    if not differences:
        return [f"{name:13}{otherwise}"]
    shown = [f"{d.what}: {_short(d.then)} then, {_short(d.now)} now" for d in differences]
    rest = len(shown) - MOST_SHOWN
    shown = [*shown[:MOST_SHOWN], f"and {rest} more"] if rest > 0 else shown
    return [f"{name if index == 0 else '':13}{text}" for index, text in enumerate(shown)]


def _short(value: object) -> str:
    text = repr(value) if not isinstance(value, str) else value
    return text if len(text) <= 60 else f"{text[:57]}..."
