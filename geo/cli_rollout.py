"""`vunglom check` and `compare`: proposals against today, each, in sum, and in scenarios side by side."""

import json
from collections import Counter
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

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
from geo.files import require_place, write_atomically
from geo.mends import NO_MENDS
from geo.proposal_sites import Said
from geo.proposals import shown_name
from geo.reporting import Dir, reporting
from geo.rollout_text import PIPE_WIDTH, cell_text, check_text
from geo.workspace import load_workspace

if TYPE_CHECKING:
    from geo.rollout_areas import Offer
    from geo.rollout_desk import Desk


_LONGEST_KEY: Final = 200


class CheckFormat(StrEnum):
    """How `check` answers."""

    TABLE = "table"
    JSON = "json"
    GEOJSON = "geojson"
    XLSX = "xlsx"


def check(
    directory: Dir,
    proposals: Annotated[
        list[str], typer.Argument(metavar="PROPOSAL…", help="Files, or ids of stored proposals (p1).")
    ],
    operator: Operator = "",
    technology: Tech = None,
    year: Year = None,
    cost: Cost = None,
    speed: Speed = None,
    layer: LayerName = "",
    crs: CrsName = "",
    mend: MendKinds = None,
    units: Units = "",
    new_operator: NewOperator = False,
    form: Annotated[CheckFormat, typer.Option("--format", help="How to answer.")] = CheckFormat.TABLE,
    out: Annotated[Path | None, typer.Option(help="File to write; needed for xlsx.")] = None,
) -> None:
    """Check proposals against today: whom they newly serve, what they duplicate, what changes; each and in sum."""
    with reporting(form is CheckFormat.JSON):
        if form is CheckFormat.XLSX and out is None:
            raise CallError("xlsx is no text; name the file with --out, for example --out check.xlsx")
        if out is not None:
            require_place(out, inputs=[Path(one) for one in proposals])
            _require_ending(form, out)
        said = Said(
            operator,
            technology,
            "",
            year,
            cost,
            speed,
            "",
            layer or None,
            crs or None,
            tuple(mend) if mend else NO_MENDS,
        )
        # the stages bring slow libraries
        from geo import rollout_export

        _require_used(proposals, said)
        desk = _open(directory, units)
        offers, notes = _find_offers(desk, proposals, said, new_operator=new_operator)
        report = desk.check(offers, notes)
        if form is CheckFormat.TABLE:
            text = check_text(desk.built.manifest, report)
            _deliver(text.encode("utf-8"), out)
        elif form is CheckFormat.JSON:
            answer = rollout_export.as_report(report, desk.built, desk.units)
            _deliver((json.dumps(answer, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8"), out)
        elif form is CheckFormat.GEOJSON:
            _deliver(rollout_export.as_geojson(report, desk.built, desk.units), out)
        else:
            _deliver(rollout_export.as_xlsx(report, desk.built, desk.units), out)


def _open(directory: Path, units: str) -> "Desk":
    """The desk, of results that are those of the workspace's inputs and rules."""
    from geo.rollout_desk import open_desk
    from geo.what_if import require_current

    require_current(load_workspace(directory))
    return open_desk(directory, units)


def _require_ending(form: CheckFormat, out: Path) -> None:
    """Raise `CallError` where the name of a file says another format than the one asked for."""
    asked = {".xlsx": (CheckFormat.XLSX,), ".geojson": (CheckFormat.GEOJSON,),
             ".json": (CheckFormat.JSON, CheckFormat.GEOJSON)}.get(out.suffix.lower())  # fmt: skip
    if asked is None and form is CheckFormat.XLSX:
        raise CallError(f"{out}: a workbook's name ends in .xlsx; name it so")
    if asked is not None and form not in asked:
        raise CallError(
            f"{out}: the name says {asked[0]}, the format asked for is {form}; say --format {asked[0]} or give another name"
        )


def _require_used(given: list[str], said: Said) -> None:
    """Raise `CallError` where something is said of files, but only stored proposals are given, which say it themselves."""
    from geo.rollout_desk import is_stored

    if said != Said() and all(is_stored(one) for one in given):
        raise CallError(
            f"{', '.join(given)}: stored proposals say themselves whose and of what they are; leave such options out, or change "
            "what a proposal says with `vunglom proposals DIR revise`"
        )


def _find_offers(
    desk: "Desk", given: list[str], said: Said, *, new_operator: bool
) -> tuple[list["Offer"], dict[str, list[str]]]:
    """The offers, and per key what was mended or left out: said at once, and kept for what is written."""
    from geo.rollout_desk import find_proposal, is_stored

    found = [find_proposal(desk, one, said, new_operator=new_operator) for one in given]
    # files of one name in two folders are two proposals
    counts = Counter(offer.key for offer, _ in found)
    offers, kept = [], {}
    for one, (offer, notes) in zip(given, found, strict=True):
        for note in notes:
            typer.echo(f"vunglom: {note}", err=True)
        is_alone = counts[offer.key] == 1 or is_stored(one)
        offers.append(offer if is_alone else replace(offer, key=shown_name(one[-_LONGEST_KEY:])))
        kept[offers[-1].key] = notes
    return offers, kept


def _deliver(content: bytes, out: Path | None) -> None:
    if out is None:
        typer.echo(content.decode("utf-8"), nl=False)
    else:
        write_atomically(out, content)
        typer.echo(f"{out}: written", err=True)


def compare(
    directory: Dir,
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO…", help="Proposals joined by commas, with a name if wanted: A=p1,p2"
        ),
    ],
    operator: Operator = "",
    technology: Tech = None,
    units: Units = "",
    new_operator: NewOperator = False,
    form: Annotated[PlainFormat, typer.Option("--format", help="How to answer.")] = PlainFormat.TABLE,
) -> None:
    """Put scenarios, sets of proposals, side by side."""
    with reporting(form is PlainFormat.JSON):
        from geo.compare import compare_scenarios

        named = _name_scenarios(scenarios)
        said = Said(operator, technology)
        _require_used([one for members in named.values() for one in members], said)
        desk = _open(directory, units)
        offers = {
            name: _find_offers(desk, members, said, new_operator=new_operator)[0]
            for name, members in named.items()
        }
        table = compare_scenarios(
            desk.ground,
            offers,
            desk.rejudge,
            rules=desk.rules.rollout,
            operator_share=desk.rules.operator_share,
        )
        plain = table.astype(object).where(table.notna(), None)
        if form is PlainFormat.JSON:
            head = {"list": desk.units.id, "illustrative": desk.built.manifest["illustrative"]}
            typer.echo(
                json.dumps(
                    {**head, "scenarios": plain.to_dict("records")}, ensure_ascii=False, allow_nan=False
                )
            )
            return
        console = terminal(PIPE_WIDTH)
        shown = Table(
            "figure", *[escape(f"{row['scenario']} {row['technology']}") for row in plain.to_dict("records")]
        )
        for name in table.columns[2:]:
            shown.add_row(name, *[cell_text(value) for value in plain[name]])
        console.print(shown)


def _name_scenarios(given: list[str]) -> dict[str, list[str]]:
    """`A=p1,p2` → A: p1, p2; without a name the scenario is called as it is written."""
    named: dict[str, list[str]] = {}
    for text in given:
        name, sign, listed = text.partition("=")
        members = [part.strip() for part in (listed if sign else text).split(",") if part.strip()]
        key = name.strip() if sign else text
        if not members or not key:
            raise CallError(f"{text!r}: wanted proposals joined by commas, for example A=p1,p2")
        if key in named:
            raise CallError(f"scenario {key!r} is given twice; give each its own name, as A=p1,p2 B=p3")
        named[key] = members
    return named
