"""The entry point: the group of commands, and what becomes of an error.

Commands import what they need when they run, so that ``--help`` is instant.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from neuroevo import __version__
from neuroevo.cli import stopping
from neuroevo.errors import ConfigError, NeuroevoError

_COMMANDS = {
    "demo": "demo",
    "evolve": "evolve",
    "resume": "resume",
    "show": "show",
    "plot": "plot",
    "evaluate": "evaluate",
    "film": "film",
    "random": "random_play",
    "transfer": "transfer",
    "digest": "digest",
    "verify": "verify",
    "doctor": "doctor",
    "bench": "bench",
    "config": "config_files",
    "games": "games",
    "play": "play",
    "replay": "replay_movie",
    "scan-ram": "scan",
}
"""Command name -> module of this package whose attribute ``command`` is the click command."""


class _Commands(click.Group):
    """Loads a command's module when it is needed and turns errors into one line and exit 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = importlib.import_module(f"neuroevo.cli.{_COMMANDS[name]}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NeuroevoError as error:
            if ctx.params["debug"]:
                raise
            _say(error)
            ctx.exit(2)
        except (KeyboardInterrupt, stopping.Stopped) as stop:
            said = "Terminated" if isinstance(stop, stopping.Stopped) else "Stopped"
            click.echo(f"\n{said}. What is finished is saved.", err=True)
            ctx.exit(stopping.exit_code(stop))


def _say(error: NeuroevoError) -> None:
    problems = error.problems if isinstance(error, ConfigError) else (str(error),)
    for problem in problems:
        click.echo(problem, err=True)
    if len(problems) > 1:
        click.echo(f"{len(problems)} problems.", err=True)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="neuroevo")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def main(ctx: click.Context, debug: bool) -> None:
    """Evolve neural networks that play retro games.

    \b
    Begin with:  neuroevo demo
    Then:        neuroevo evolve airstriker --generations 20
                 neuroevo show runs/NAME
    """
    ctx.call_on_close(stopping.install())


if __name__ == "__main__":
    sys.exit(main())
