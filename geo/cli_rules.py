"""The command `rules`: show the rules of a workspace, or put a checked rule file in their place."""

from pathlib import Path
from typing import Annotated

import tomli_w
import typer

from geo.files import one_at_a_time
from geo.reporting import Dir, reporting
from geo.rules import load_rules, read_rule_file
from geo.workspace import load_workspace, replace_rules


def rules(
    directory: Dir,
    file: Annotated[
        Path | None,
        typer.Option("--set", help="Rule file (TOML) to put in the place of the rules there are."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="With --set: print nothing.")] = False,
) -> None:
    """Print the rules as TOML, defaults filled in; with --set, check a rule file and make it the workspace's own."""
    with reporting():
        workspace = load_workspace(directory)
        if file is None:
            typer.echo(tomli_w.dumps(workspace.rules.as_dict()), nl=False)
            return
        given = read_rule_file(file)
        load_rules(given, source=file.name)
        # the lock of `add`: both write workspace.toml whole
        with one_at_a_time(directory, "add"):
            replace_rules(load_workspace(directory), given)
        if not quiet:
            typer.echo(
                f"{directory}: rules of {file.name} taken over; run `vunglom build {directory}` to apply them"
            )
