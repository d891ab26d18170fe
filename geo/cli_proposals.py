"""`vunglom proposals`: kept in the workspace, every change a version with who and when."""

import getpass
import json
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape
from rich.table import Table

from geo.cli_options import (
    Cost,
    CrsName,
    LayerName,
    MendKinds,
    NewOperator,
    Operator,
    PlainFormat,
    Speed,
    Tech,
    Units,
    Year,
)
from geo.cli_rows import terminal
from geo.errors import CallError
from geo.proposal_sites import Said
from geo.proposal_store import Store
from geo.proposals import Status, Version, changed_fields, with_fields
from geo.reporting import Dir, reporting
from geo.rollout_text import PIPE_WIDTH, number_text
from geo.workspace import load_workspace

_LONGEST_NUMBER: Final = 18


class Action(StrEnum):
    """What `proposals` does."""

    LIST = "list"
    ADD = "add"
    SHOW = "show"
    STATUS = "status"
    REVISE = "revise"
    RESTORE = "restore"


def proposals(
    directory: Dir,
    action: Annotated[Action, typer.Argument(help="list, add, show, status, revise or restore.")],
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="…",
            help="add FILE; show ID [VERSION]; status ID STATUS; revise ID [FILE]; restore ID VERSION.",
        ),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the proposal; the file's by default.")] = "",
    operator: Operator = "",
    technology: Tech = None,
    year: Year = None,
    cost: Cost = None,
    speed: Speed = None,
    note: Annotated[str, typer.Option(help="What else is to be kept with it.")] = "",
    layer: LayerName = "",
    crs: CrsName = "",
    mend: MendKinds = None,
    units: Units = "",
    who: Annotated[str, typer.Option(help="Who does this; the user of this machine by default.")] = "",
    base: Annotated[
        int | None, typer.Option(help="Version the change was made from; the newest by default.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Keep a file a second time.")] = False,
    restate: Annotated[bool, typer.Option("--restate", help="revise: for this list of units.")] = False,
    new_operator: NewOperator = False,
    form: Annotated[PlainFormat, typer.Option("--format", help="How to answer.")] = PlainFormat.TABLE,
) -> None:
    """Keep proposals in the workspace: every change is a version with who and when, and none is ever lost."""
    with reporting(form is PlainFormat.JSON):
        said = Said(
            operator, technology, name, year, cost, speed, note, layer or None, crs or None, tuple(mend or ())
        )
        # a folder that is none would look like one without proposals
        load_workspace(directory)
        given, store, person = list(what or ()), Store(directory), who or _user()
        if action is Action.LIST:
            _take(action, given, 0)
            _say_versions(store.newest(), form)
        elif action is Action.SHOW:
            (proposal, *rest) = _take(action, given, 1, 2)
            versions = [store.get(proposal, _version_number(rest[0]))] if rest else store.history(proposal)
            _say_versions(versions, form, whole=bool(rest))
        elif action is Action.STATUS:
            proposal, wanted = _take(action, given, 2)
            at = store.get(proposal).version if base is None else base
            _say_versions([store.set_status(proposal, at, _status(wanted), who=person)], form)
        elif action is Action.RESTORE:
            proposal, number = _take(action, given, 2)
            at = store.get(proposal).version if base is None else base
            _say_versions([store.restore(proposal, _version_number(number), at, who=person)], form)
        else:
            _say_versions(
                [_write(directory, action, given, said, units, person, base, again, restate, new_operator)],
                form,
            )


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError) as fault:
        raise CallError("this machine does not say who you are; say it with --who") from fault


def _write(
    directory: Path, action: Action, given: list[str], said: Said, units: str, who: str, base: int | None, again: bool,
    restate: bool, new_operator: bool,
) -> Version:  # fmt: skip
    """`add` and `revise`: what is read from a file, and what is said in its place."""
    from geo.rollout_desk import admit, open_desk, read_content, require_operator

    store = Store(directory)
    if action is Action.ADD:
        (file,) = _take(action, given, 1)
        desk = open_desk(directory, units)
        content, notes = read_content(desk, Path(file), said, new_operator=new_operator)
        admit(desk, content)
        _say_notes(notes)
        return store.add(content, who=who, again=again)
    proposal, *files = _take(action, given, 1, 2)
    last = store.get(proposal, base)
    content = last.content
    desk = open_desk(directory, units)
    if files:
        merged = Said(
            said.operator or content.operator, said.technology or content.technology, layer=said.layer, crs=said.crs,
            mends=said.mends,
        )  # fmt: skip
        found, notes = read_content(desk, Path(files[0]), merged, new_operator=True)
        _say_notes(notes)
        content = with_fields(
            content, kind=found.kind, geometry=found.geometry, source=found.source, sha256=found.sha256, layer=found.layer,
            vintage=found.vintage
        )  # fmt: skip
    if said.operator and not new_operator:
        require_operator(desk, said.operator)
    changed = with_fields(
        content, name=said.name or None, operator=said.operator or None, technology=said.technology, year=said.year,
        cost=said.cost, speed_mbps=said.speed_mbps, note=said.note or None, vintage=desk.units.id if restate else None,
    )  # fmt: skip
    if changed == last.content:
        raise CallError(
            f"{proposal}: nothing to change was given; name what changes, for example --year 2028"
        )
    if files:
        admit(desk, changed)
    return store.save(proposal, last.version, changed, who=who)


def _say_notes(notes: list[str]) -> None:
    for note in notes:
        typer.echo(f"vunglom: {note}", err=True)


def _take(action: Action, given: list[str], least: int, most: int | None = None) -> list[str]:
    top = least if most is None else most
    if not least <= len(given) <= top:
        wanted = {"list": "nothing more", "add": "a FILE", "show": "an ID and perhaps a VERSION", "status": "an ID and a STATUS",
                  "revise": "an ID and perhaps a FILE", "restore": "an ID and a VERSION"}[action]  # fmt: skip
        raise CallError(f"proposals {action}: wanted {wanted} after it, got {' '.join(given) or 'nothing'}")
    return given


def _version_number(text: str) -> int:
    if not text.isdecimal() or len(text) > _LONGEST_NUMBER:
        raise CallError(f"version {text!r}: wanted its number, for example 1")
    return int(text)


def _status(text: str) -> Status:
    if text not in set(Status):
        raise CallError(f"no status {text!r}; there are {', '.join(Status)}")
    return Status(text)


def _say_versions(versions: list[Version], form: PlainFormat, *, whole: bool = False) -> None:
    rows = [_as_dict(version, whole=whole) for version in versions]
    if form is PlainFormat.JSON:
        typer.echo(json.dumps(rows, ensure_ascii=False, allow_nan=False))
        return
    if not versions:
        typer.echo("no proposals yet; add one: vunglom proposals DIR add FILE --operator … --technology 4G")
        return
    console = terminal(PIPE_WIDTH)
    table = Table(
        "id",
        "version",
        "status",
        "operator",
        "technology",
        "name",
        "what",
        "year",
        "cost",
        "who",
        "when",
        "action",
    )
    for version, row in zip(versions, rows, strict=True):
        content = version.content
        table.add_row(
            version.id, str(version.version), str(version.status), escape(content.operator), str(content.technology),
            escape(content.name), row["size"], str(content.year or "–"), number_text(content.cost, 0), escape(version.who),
            version.at, escape(version.action),
        )  # fmt: skip
    console.print(table)
    for before, after in pairwise(versions):
        if before.id == after.id and (fields := changed_fields(before, after)):
            console.print(escape(f"  {after.id} version {after.version}: {', '.join(fields)}"))


def _as_dict(version: Version, *, whole: bool) -> dict[str, Any]:
    content = version.content
    fields = {
        name: getattr(content, name)
        for name in (
            "name",
            "operator",
            "kind",
            "vintage",
            "year",
            "cost",
            "speed_mbps",
            "source",
            "sha256",
            "layer",
            "note",
        )
    }
    count = len(content.geometry["features"])
    return {
        "id": version.id, "version": version.version, "status": str(version.status), "who": version.who, "at": version.at,
        "action": version.action, "technology": str(content.technology), **fields,
        "size": f"{count} {content.kind}", **({"geometry": content.geometry} if whole else {}),
    }  # fmt: skip
