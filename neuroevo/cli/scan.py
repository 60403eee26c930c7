"""``neuroevo scan-ram``: find the variables of a game from play."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from neuroevo.tasks.retro.ram.search import Found

_FILE = click.Path(path_type=Path)


@click.command("scan-ram")
@click.argument("game")
@click.option("--play", "plays", multiple=True, required=True, type=_FILE, metavar="FILE",
              help="A .csv of `neuroevo play --log`, or a .bk2; several: together.")  # fmt: skip
@click.option("--labels", multiple=True, type=_FILE, metavar="FILE",
              help="What a play shows; one per play, in their order.")  # fmt: skip
@click.option("--rises", multiple=True, metavar="NAME", help="Rises to the right: a position.")
@click.option("--falls", multiple=True, metavar="NAME", help="Falls by one at each death: lives.")
@click.option("--counts", multiple=True, metavar="NAME", help="Never falls: a score.")
@click.option("--ticks", multiple=True, metavar="NAME", help="Falls regularly: a time.")
@click.option("--best", type=click.IntRange(1), default=10, show_default=True,
              help="How many candidates are shown of each.")  # fmt: skip
@click.option("--choose", multiple=True, metavar="NAME=RANK",
              help="Write this candidate, not the first; 0 writes none.")  # fmt: skip
@click.option("--write", type=_FILE, metavar="DATA.JSON",
              help="Write the candidates chosen into this file, or add them to it.")  # fmt: skip
@click.option("--integrations", multiple=True, type=click.Path(resolve_path=True, exists=True),
              help="A further folder of games.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    game: str,
    plays: tuple[Path, ...],
    labels: tuple[Path, ...],
    best: int,
    choose: tuple[str, ...],
    write: Path | None,
    integrations: tuple[str, ...],
    as_json: bool,
    **kinds: tuple[str, ...],
) -> None:
    """Search work RAM for the variables of GAME, by what they do in recorded play.

    Without --rises, --falls, --counts and --ticks it looks for x, lives, score and time. A label
    file has lines such as `120-400 right`, `400-520 left`, `520-600 still`, `died 900` and
    `700 score=300`; without it the direction keys and the marks of the play tell.

    \b
    Example:  neuroevo play MyGame-Nes --log play.csv
              neuroevo scan-ram MyGame-Nes --play play.csv --rises x --falls lives
    """
    from neuroevo.tasks.retro.ram import search as ram_search

    ranks = dict(map(_rank, choose))
    wanted = [(name, kind) for kind, names in kinds.items() for name in names]
    found = ram_search.scan_ram(game, plays, labels, wanted, integrations)
    click.echo(_json(found, best) if as_json else "\n\n".join(_table(one, best) for one in found))
    chosen = ram_search.choose(found, ranks)
    if write is not None:
        ram_search.write_data(write, chosen)
        click.echo(f"\nwritten to {write}: {', '.join(chosen) or 'nothing'}", err=as_json)
        for name in sorted(name[:-2] for name in chosen if name.endswith("Hi")):
            click.echo(f"in [Fitness] {name} is 256 * {name}Hi + {name}Lo", err=as_json)


def _rank(text: str) -> tuple[str, int]:
    name, _, rank = text.partition("=")
    if not name or not rank.isdecimal():
        raise click.BadParameter(f"must be NAME=RANK, e.g. x=2; got {text!r}", param_hint="choose")
    return name, int(rank)


def _table(found: Found, best: int) -> str:
    from neuroevo.tasks.retro.ram.scan import KINDS

    lines = [f"{found.name} ({KINDS[found.kind].meaning})"]
    if not found.candidates:
        return f"{lines[0]}\n  {found.problem}"
    lines.append(f"  {'rank':>4}  {'score':5}  {'address and type':28}  why")
    for rank, one in enumerate(found.candidates[:best], 1):
        places = " ".join(f"0x{part.address:X} {part.type}" for part in one.parts)
        lines.append(f"  {rank:4}  {one.score:5.3f}  {places:28}  {one.why}")
    return "\n".join(lines)


def _json(found: list[Found], best: int) -> str:
    return json.dumps(
        {
            one.name: [
                {
                    "score": candidate.score,
                    "why": candidate.why,
                    "parts": [
                        {"name": one.name + p.suffix, "address": p.address, "type": p.type}
                        for p in candidate.parts
                    ],
                }
                for candidate in one.candidates[:best]
            ]
            for one in found
        },
        indent=2,
    )
