"""How every command ends: the project's errors become one message on standard error and the promised exit status."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from geo.errors import CallError, VunglomError


@contextmanager
def reporting(as_json: bool = False) -> Iterator[None]:
    """Exit 1 when the input is at fault, 2 when the call is; a full disk or a locked folder in the system's own words."""
    try:
        yield
    except (VunglomError, OSError) as fault:
        kind = type(fault).__name__ if isinstance(fault, VunglomError) else "OSError"
        said = json.dumps({"error": str(fault), "kind": kind}) if as_json else f"vunglom: {fault}"
        typer.echo(said, err=True)
        raise typer.Exit(2 if isinstance(fault, CallError) else 1) from fault
