"""What every command says of itself: where and how it works, how far it is, and how it ended.

The project's errors become one message on standard error and the promised exit status.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from geo.errors import CallError, VunglomError

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The workspace folder.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress and no summary.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output, for scripts.")]


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


def say_step(step: str) -> None:
    """What is being done, on standard error."""
    typer.echo(f"  … {step}", err=True)


def step_teller(quiet: bool) -> Callable[[str], None]:
    """`say_step`, or what says nothing."""
    return (lambda _: None) if quiet else say_step


def say_result(fields: dict[str, Any], text: str, quiet: bool, as_json: bool) -> None:
    """How it ended: `fields` as one JSON object, else `text` unless `quiet`."""
    if as_json:
        typer.echo(json.dumps(fields, ensure_ascii=False))
    elif not quiet:
        typer.echo(text)
