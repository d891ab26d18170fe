"""The command `border`: a border as lines → a table of the units that lie at it, to be written, or added as an own indicator."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from geo import inputs
from geo.admission import admission_lines
from geo.border import DEFAULT_TOLERANCE_M, BorderTable, require_tolerance
from geo.border_table import Measured, add_border, border_options, measure_line
from geo.errors import CallError
from geo.files import require_place
from geo.inputs import UnitsInput
from geo.intervals import BORDER
from geo.quality import findings_as_json
from geo.reporting import Dir, Json, Quiet, reporting, say_result, step_teller
from geo.table_write import require_writable, write_table
from geo.workspace import Provenance, load_workspace


def border(
    directory: Dir,
    line: Annotated[
        Path,
        typer.Argument(
            metavar="LINE", help="The border: lines in any vector format, or polygons (their outer outline)."
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="File to write: .csv, .xlsx or .parquet.")] = None,
    add: Annotated[
        bool, typer.Option("--add", help="Add the table to the workspace as the own indicator border.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="With --add: in place of the border table that is there.")
    ] = False,
    tolerance_m: Annotated[
        float, typer.Option(help="How far the line and the units' outlines may lie apart, metres.")
    ] = DEFAULT_TOLERANCE_M,
    units: Annotated[str, typer.Option(help="List of units, as 2026-04-commune; the first by default.")] = "",
    layer: Annotated[str, typer.Option(help="Layer of a file that holds several.")] = "",
    crs: Annotated[str, typer.Option(help="CRS of a file that does not state one.")] = "",
    publisher: Annotated[str, typer.Option(help="With --add: who published the line.")] = "",
    licence: Annotated[str, typer.Option(help="With --add: its licence.")] = "",
    date: Annotated[str, typer.Option(help="With --add: its date, YYYY-MM-DD.")] = "",
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Tell which units lie at a border and for how many kilometres: as a table, as an own indicator, or both."""
    with reporting(as_json):
        _require_wanted(out, line, add=add, replace=replace)
        require_tolerance(tolerance_m)
        found = _choose(inputs.read_unit_lists(load_workspace(directory)), units)
        step_teller(quiet)(f"checking {line.name}")
        measured = measure_line(found, line, tolerance_m=tolerance_m, layer=layer, crs=crs)
        findings = list(measured.findings)
        if out is not None:
            write_table(out, measured.rows)
        if add:
            known = Provenance(publisher=publisher, licence=licence, date=date)
            findings += add_border(directory, measured, known, replace=replace)
        fields = {"workspace": str(directory), "list": found.id, "out": str(out or ""), "added": add}
        fields |= {**_counts(measured.table), "findings": findings_as_json(findings)}
        say_result(fields, "\n".join(_text(measured, directory, out, added=add)), quiet, as_json)
        if not as_json:
            for told in admission_lines(findings, notes=False):
                typer.echo(told, err=True)


def _require_wanted(out: Path | None, line: Path, *, add: bool, replace: bool) -> None:
    """Raise `CallError` unless it is said what to do with the table, and it can be written there."""
    if out is None and not add:
        raise CallError(
            "what is to become of the table? Say --out FILE to write it, --add to add it, or both"
        )
    if replace and not add:
        raise CallError(
            "--replace is for --add: it puts the table in place of the border table that is there"
        )
    if out is not None:
        require_writable(out)
        require_place(out, inputs=[line])


def _choose(lists: Sequence[UnitsInput], wanted: str) -> UnitsInput:
    chosen = next((one for one in lists if one.id == wanted or not wanted), None)
    if chosen is None:
        raise CallError(f"no list of units {wanted!r} here; there are {', '.join(one.id for one in lists)}")
    return chosen


def _counts(table: BorderTable) -> dict[str, Any]:
    """How many units are, are not, and may be at the border, their codes where they may, and kilometres."""
    sides = table.units["border"]
    return {
        "border_units": int((sides == 1).sum()),
        "other_units": int((sides == 0).sum()),
        "undecided": table.units.loc[sides.isna(), "unit_code"].tolist(),
        "border_km": round(float(table.units["border_km"].sum()), 3),
        "stray_km": round(table.stray_km, 3),
    }


def _text(measured: Measured, directory: Path, out: Path | None, *, added: bool) -> list[str]:
    counts, found = _counts(measured.table), measured.units
    told = f"{counts['border_units']} of {len(measured.rows)} units of {found.id} lie at the border, along {counts['border_km']:,.1f} km"
    if added:
        return [f"{directory}: {told}; they are its own indicator {BORDER} from the next build on"]
    options = border_options(found)
    names = ("id", "name", "figures", "better", "by", "code_column", "value_column", "vintage", "level")
    add = ["vunglom", "add", str(directory), "indicator", str(out)]
    add += [word for name in names for word in (f"--{name.replace('_', '-')}", str(options[name]))]
    return [
        f"{out}: {told}",
        "  add it, with whose line it is (--publisher, --licence, --date):",
        f"  {shlex.join(add)}",
    ]
