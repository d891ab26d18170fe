"""The command line: arguments → the analysis package → text, CSV or JSON. Exit 0 done, 1 the input, 2 the call."""

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated, Final

import typer

from geo import __version__

COMMANDS: Final = {
    "new": "geo.cli_new:new",
    "add": "geo.cli_new:add",
    "build": "geo.cli_build:build",
    "undo": "geo.cli_build:undo",
    "gaps": "geo.cli_build:gaps",
    "export": "geo.cli_build:export",
    "brief": "geo.cli_brief:brief",
    "serve": "geo.cli_serve:serve",
    "convert-units": "geo.cli_convert:convert_units",
    "search": "geo.cli_convert:search",
    "border": "geo.cli_border:border",
    "fetch": "geo.cli_fetch:fetch",
    "targets": "geo.cli_targets:targets",
    "measure-next": "geo.cli_measure:measure_next",
    "sensitivity": "geo.cli_sensitivity:sensitivity",
    "indicators": "geo.cli_indicators:indicators",
    "rollup": "geo.cli_rollup:rollup",
    "rules": "geo.cli_rules:rules",
    "quality": "geo.cli_quality:quality",
    "speed": "geo.cli_speed:speed",
    "check": "geo.cli_rollout:check",
    "compare": "geo.cli_rollout:compare",
    "proposals": "geo.cli_proposals:proposals",
    "plan": "geo.cli_plan:plan",
}
"""Each command and the function behind it."""


def command_line(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command line with these commands. Only their modules are imported: all of them take a second that `serve` need not wait."""
    app = typer.Typer(
        help="Vùng Lõm: which communes are left behind in connectivity, why, how sure we are, and where to build next.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(options)
    for name in names:
        module, _, function = COMMANDS[name].partition(":")
        app.command(name)(getattr(import_module(module), function))
    return app


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"vunglom {__version__}")
        raise typer.Exit


def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of the command as a whole."""


def main() -> None:
    """Entry point of `vunglom` and of `python -m geo`."""
    asked = sys.argv[1:2]
    # a word that is no command is answered with the names of all of them
    command_line(asked if asked and asked[0] in COMMANDS else COMMANDS)(prog_name="vunglom")


if __name__ == "__main__":
    main()
