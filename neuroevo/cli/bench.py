"""``neuroevo bench``: how fast this machine plays this game, and where the time goes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from neuroevo.speed import Speed


@click.command("bench")
@click.argument("config", default="wickling")
@click.option("--seconds", type=click.FloatRange(0), default=10.0, show_default=True,
              help="About how long to measure.")  # fmt: skip
@click.option("--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE", help="Override.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(config: str, seconds: float, overrides: tuple[str, ...], as_json: bool) -> None:
    """Measure the speed of CONFIG on this machine, a settings file or a shipped name [wickling].

    Plays genomes of a first generation in this process, and the same frames on the emulator alone.

    \b
    Example:  neuroevo bench airstriker --seconds 20
    """
    from neuroevo.config import check_game, load
    from neuroevo.shipped import find_config
    from neuroevo.speed import measure_speed

    settings = load(find_config(config), overrides)
    check_game(settings)
    speed = measure_speed(settings, seconds)
    click.echo(json.dumps(speed.as_json(), indent=2) if as_json else speed_text(speed))


def speed_text(speed: Speed) -> str:
    """Return the figures as people read them; ``docs/speed.md`` explains them."""
    unit = "steps" if speed.bare_frames_per_second is None else "frames"
    lines = [
        f"{speed.task}: {speed.num_inputs} inputs, {speed.num_outputs} outputs; "
        f"{speed.num_genomes} genomes, {speed.num_frames:,} {unit}, processor time of one core",
        "",
    ]
    if speed.bare_frames_per_second is not None:
        lines.append(f"emulator alone   {speed.bare_frames_per_second:12,.0f} frames/s")
    lines.append(f"a generation     {speed.frames_per_second:12,.0f} {unit}/s{_of_bare(speed)}")
    lines.append(f"                 {1 / speed.seconds_per_genome:12,.1f} evaluations/s")
    if speed.shares:
        lines += ["", "where it goes     us/decision    us/frame     share"]
        lines += [
            f"  {share.name:12} {share.per_decision:14.1f} {share.per_frame:11.2f} "
            f"{share.percent:8.1f} %"
            for share in speed.shares
        ]
    lines += ["", f"a generation of {speed.population}, if each worker has a core"]
    lines += [f"  {_workers(count):12} {_time(taken):>10}" for count, taken in speed.expected]
    lines.append(f"  of these {_time(speed.breeding_seconds)} to make the next generation")
    if speed.longest_seconds is not None:
        lines.append(
            f"  at most {_time(speed.longest_seconds)} with {_workers(len(speed.expected))}, "
            "when all play as long as they may"
        )
    return "\n".join(lines)


def _of_bare(speed: Speed) -> str:
    return "" if speed.ratio is None else f", {speed.ratio:.0%} of it"


def _workers(count: int) -> str:
    return f"{count} worker{'' if count == 1 else 's'}"


def _time(seconds: float) -> str:
    if seconds >= 120:
        return f"{seconds / 60:.1f} min"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.1f} ms"
