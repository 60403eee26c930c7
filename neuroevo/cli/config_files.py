"""``neuroevo config``: check and explain settings files."""

from __future__ import annotations

import click


@click.group("config")
def command() -> None:
    """Check or explain a settings file, or list the shipped ones.

    \b
    Example:  neuroevo config check my.ini
    """


@command.command("list")
def list_configs() -> None:
    """List the shipped settings files, to be used by name.

    \b
    Example:  neuroevo config list
    """
    from neuroevo.shipped import find_config, shipped_configs

    for name in shipped_configs():
        click.echo(f"{name:22} {find_config(name)}")


@command.command("check")
@click.argument("file")
def check(file: str) -> None:
    """Say every mistake of FILE at once; exit 2 if there is one.

    Names of variables and buttons are looked up where the files of the game are here; its ROM need
    not be.

    \b
    Example:  neuroevo config check my.ini
    """
    from neuroevo.config import advice, check_game, load
    from neuroevo.shipped import find_config

    path = find_config(file)
    config = load(path)
    check_game(config)
    filled = sum(entry.source.startswith("default") for entry in config.entries)
    click.echo(f"{path}: good. {len(config.entries)} settings, {filled} of them defaults.")
    for sentence in advice(config):
        click.echo(sentence)


@command.command("explain")
@click.argument("file")
@click.option("--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE", help="Override.")
def explain_command(file: str, overrides: tuple[str, ...]) -> None:
    """Print every setting of FILE: value, where it comes from, what it means.

    \b
    Example:  neuroevo config explain airstriker
    """
    from neuroevo.cli.tables import explain_table
    from neuroevo.config import explain, load
    from neuroevo.shipped import find_config

    click.echo(explain_table(explain(load(find_config(file), overrides))))
