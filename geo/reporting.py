"""What every command says of itself: where and how it works, how far it is, and how it ended.

The project's errors become one message on standard error and the promised exit status.
"""

import errno
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from geo.errors import CallError, VunglomError

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The workspace folder.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress and no summary.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output, for scripts.")]

_MENDS: Final = {
    errno.ENOSPC: "; the disk is full: nothing was replaced; make room, then do it again",
    errno.EDQUOT: "; your share of the disk is used up: nothing was replaced; make room, then do it again",
    errno.EFBIG: "; a file may not be so large on this disk or for you (ulimit -f): nothing was replaced; take another disk",
    errno.EIO: "; the disk or the share failed: nothing was replaced; see that it works, then do it again",
    errno.EACCES: "; it may not be read or written by you: ask for the right, or take another folder",
    errno.EPERM: "; it may not be read or written by you: ask for the right, or take another folder",
    errno.EROFS: "; the disk can only be read: take another folder",
    errno.ENAMETOOLONG: "; give a shorter name",
}


@contextmanager
def reporting(as_json: bool = False) -> Iterator[None]:
    """Exit 1 when the input is at fault, 2 when the call is; of a full disk or a locked folder also what to do."""
    try:
        yield
    except (VunglomError, OSError) as fault:
        kind = type(fault).__name__ if isinstance(fault, VunglomError) else "OSError"
        text = f"{fault}{_what_to_do(fault)}"
        said = json.dumps({"error": text, "kind": kind}) if as_json else f"vunglom: {text}"
        typer.echo(said, err=True)
        raise typer.Exit(2 if isinstance(fault, CallError) else 1) from fault


def _what_to_do(fault: Exception) -> str:
    """The mend behind an error of the system, whose own words name none."""
    return "" if isinstance(fault, VunglomError) else _MENDS.get(getattr(fault, "errno", None) or 0, "")


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
