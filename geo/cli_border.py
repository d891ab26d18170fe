"""The command `border`: a border as lines → a table of the units that lie at it, to be added as an own indicator."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import pandas as pd
import typer

from geo import confined, inputs
from geo.border import DEFAULT_TOLERANCE_M, BorderTable, measure_border, require_tolerance
from geo.errors import CallError
from geo.files import sha256_of
from geo.inputs import UnitsInput
from geo.intervals import BORDER, YES_OR_NO
from geo.mends import describe_finding
from geo.reporting import Dir, Json, Quiet, reporting, say_result, step_teller
from geo.table_write import require_writable, write_table
from geo.workspace import load_workspace

_NAMED: Final = 10


def border(
    directory: Dir,
    line: Annotated[
        Path,
        typer.Argument(
            metavar="LINE", help="The border: lines in any vector format, or polygons (their outer outline)."
        ),
    ],
    out: Annotated[Path, typer.Option(help="File to write: .csv, .xlsx or .parquet.")],
    tolerance_m: Annotated[
        float, typer.Option(help="How far the line and the units' outlines may lie apart, metres.")
    ] = DEFAULT_TOLERANCE_M,
    units: Annotated[str, typer.Option(help="List of units, as 2026-04-commune; the first by default.")] = "",
    layer: Annotated[str, typer.Option(help="Layer of a file that holds several.")] = "",
    crs: Annotated[str, typer.Option(help="CRS of a file that does not state one.")] = "",
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write which units lie at a border and for how many kilometres, ready to be added as an own indicator."""
    with reporting(as_json):
        require_tolerance(tolerance_m)
        require_writable(out)
        workspace = load_workspace(directory)
        found = _choose(inputs.read_unit_lists(workspace), units)
        step_teller(quiet)(f"reading {line.name}")
        lines, are_outlines, mended = confined.read_lines(line, layer=layer or None, crs=crs or None)
        table = measure_border(found.units, lines.geometry.to_numpy(), tolerance_m=tolerance_m)
        drawn = "outer outline of polygons, coasts too" if are_outlines else "lines"
        source = f"{line.name} (sha256 {sha256_of(line)[:8]}; {drawn}), within {tolerance_m:g} m"
        write_table(out, table.units.assign(source=source))
        notes = [*(describe_finding(one) for one in mended), *_notes(table, are_outlines, tolerance_m)]
        fields = {
            "workspace": str(directory),
            "list": found.id,
            "out": str(out),
            **_counts(table),
            "notes": notes,
        }
        say_result(fields, "\n".join(_text(found, table, directory, out)), quiet, as_json)
        if not as_json:
            for note in notes:
                typer.echo(f"  note: {note}", err=True)


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


def _notes(table: BorderTable, are_outlines: bool, tolerance_m: float) -> list[str]:
    """What a reader of the table has to know."""
    notes = []
    if are_outlines:
        notes.append(
            "the file holds polygons: their outer outline was taken, so that a coast counts as border; for a land border alone give it "
            "as a line, or the polygon of the neighbouring country"
        )
    unsure = table.units[table.units["border"].isna()]
    if len(unsure):
        notes.append(
            f"{_listed(unsure)}: some outline within {tolerance_m:g} m of the line, too little to tell a border from a corner; "
            "border is left empty, which means not known: write 1 or 0 where you know it"
        )
    if table.stray_km > 0:
        notes.append(
            f"{table.stray_km:,.1f} km of the line run inside units, farther than {tolerance_m:g} m from their outlines: it draws another border "
            "than they do, or a coarser one; border_km is too short there (a larger --tolerance-m bridges it)"
        )
    return notes


def _listed(units: pd.DataFrame) -> str:
    named = [f"{row.unit_code} {row.name}" for row in units.head(_NAMED).itertuples(index=False)]
    more = f" and {len(units) - _NAMED} more" if len(units) > _NAMED else ""
    return f"{', '.join(named)}{more}"


def _text(found: UnitsInput, table: BorderTable, directory: Path, out: Path) -> list[str]:
    counts = _counts(table)
    add = [
        "vunglom", "add", str(directory), "indicator", str(out), "--id", BORDER, "--name", "Giáp biên giới", "--figures", YES_OR_NO,
        "--better", "lower", "--by", "code", "--code-column", "unit_code", "--value-column", "border",
        "--vintage", str(found.vintage), "--level", str(found.level),
    ]  # fmt: skip
    return [
        f"{out}: {counts['border_units']} of {len(table.units)} units of {found.id} lie at the border, along {counts['border_km']:,.1f} km",
        "  add it, with whose line it is (--publisher, --licence, --date):",
        f"  {shlex.join(add)}",
    ]
