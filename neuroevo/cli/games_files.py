"""``neuroevo games import``, ``check`` and ``lint``: are the files of a game what they must be?"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from neuroevo.tasks.retro.check.lint import LintTarget

_INTEGRATIONS = click.option(
    "--integrations", multiple=True,
    type=click.Path(resolve_path=True, exists=True, file_okay=False),
    help="A further folder of games.",
)  # fmt: skip
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@_INTEGRATIONS
@_JSON
@click.pass_context
def import_command(
    ctx: click.Context,
    paths: tuple[str, ...],
    dry_run: bool,
    integrations: tuple[str, ...],
    as_json: bool,
) -> None:
    """Copy the ROMs in files, folders and zips to where their games look for them.

    Exits with 1 when there was none.

    \b
    Example:  neuroevo games import my-roms --dry-run
    """
    from neuroevo.cli.tables import import_text
    from neuroevo.tasks.retro.games.importing import import_roms

    report = import_roms([Path(path) for path in paths], integrations, is_dry_run=dry_run)
    if as_json:
        counts = {"num_imported": report.num_imported, "num_present": report.num_present}
        click.echo(json.dumps({**dataclasses.asdict(report), **counts}, indent=2))
    else:
        click.echo(import_text(report))
    if not report.num_imported + report.num_present:
        ctx.exit(1)


@click.command("check")
@click.argument("game")
@click.option("--scenario", default="", help="Name or file of another scenario.")
@click.option("--seconds", type=click.FloatRange(1, 600), default=20, show_default=True,
              help="Of random play from each of the first five states.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--allow-scripts", is_flag=True, help="Run Lua from outside stable-retro.")
@_INTEGRATIONS
@_JSON
def check_command(
    game: str,
    scenario: str,
    seconds: float,
    seed: int,
    allow_scripts: bool,
    integrations: tuple[str, ...],
    as_json: bool,
) -> None:
    """Try GAME out: ROM, states, variables, scenario; exits with 1 if something is wrong.

    \b
    Example:  neuroevo games check Airstriker-Genesis
    """
    from neuroevo.cli.tables import checkup_text
    from neuroevo.tasks.retro.check.checkup import CheckupSettings, check_game

    if Path(scenario).is_file():
        scenario = str(Path(scenario).resolve())
    settings = CheckupSettings(scenario, seconds, seed, allow_scripts)
    checkup = check_game(game, integrations, settings)
    click.echo(json.dumps(checkup.as_json(), indent=2) if as_json else checkup_text(checkup))
    if checkup.num_errors:
        click.get_current_context().exit(1)


@click.command("lint")
@click.argument("targets", nargs=-1, required=True, metavar="GAME|FILE...")
@_INTEGRATIONS
@_JSON
@click.pass_context
def lint_command(
    ctx: click.Context, targets: tuple[str, ...], integrations: tuple[str, ...], as_json: bool
) -> None:
    """Find mistakes in data.json, scenario.json, metadata.json without starting the game.

    Takes games, such files, folders of a game, and settings files (whose names of
    variables and buttons are looked up as well).
    Exits with 1 if there is an error.

    \b
    Example:  neuroevo games lint Airstriker-Genesis my-games/Mine-Nes/data.json my.ini
    """
    from neuroevo.cli.tables import findings_text
    from neuroevo.tasks.retro.check.findings import count_findings, sort_findings
    from neuroevo.tasks.retro.check.lint import lint_file, lint_targets

    files = [Path(target) for target in targets if _is_game_file(target)]
    games = [_game(target, integrations) for target in targets if not _is_game_file(target)]
    of_files = [finding for path in files for finding in lint_file(path)]
    findings = sort_findings([*of_files, *lint_targets(games)])
    counts = count_findings(findings)
    if as_json:
        listed = [dataclasses.asdict(finding) for finding in findings]
        click.echo(json.dumps({"findings": listed, "counts": counts}, indent=2))
    else:
        click.echo(findings_text(findings))
    if counts["error"]:
        ctx.exit(1)


def _is_game_file(target: str) -> bool:
    return not target.endswith(".ini") and Path(target).is_file()


def _game(target: str, integrations: tuple[str, ...]) -> LintTarget:
    """Return the game that a folder, a settings file or a name stands for."""
    from neuroevo.tasks.retro.check.lint import LintTarget, game_of_file
    from neuroevo.tasks.retro.games.folders import resolve_game

    if target.endswith(".ini"):
        return _game_of_config(target)
    if Path(target).is_dir():
        return LintTarget(game_of_file(Path(target) / "data.json"))
    return LintTarget(resolve_game(target, integrations))


def _game_of_config(target: str) -> LintTarget:
    from neuroevo.config import load
    from neuroevo.config.game_files import place_of_key
    from neuroevo.errors import TaskError
    from neuroevo.shipped import find_config
    from neuroevo.tasks.retro.check.lint import target_of
    from neuroevo.tasks.retro.settings import RetroSettings

    config = load(find_config(target))
    task = config.settings.task
    if not isinstance(task, RetroSettings):
        raise TaskError(f"{target} [Task] name: must be retro to have a game; got another task.")
    return target_of(task, lambda section, key: place_of_key(config, section, key))
