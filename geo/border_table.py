"""The table of border units as people and workspaces take it: its rows, what is to be known of it, how it becomes an own indicator."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo import confined
from geo.admission import add_groups
from geo.border import BorderTable, measure_border
from geo.convert_rows import Decimal
from geo.files import sha256_of
from geo.indicators import Better, Figures, Key, own_id
from geo.input_options import list_id
from geo.inputs import NamedFile, UnitsInput
from geo.intervals import BORDER
from geo.quality import Finding, Severity, listed
from geo.sayings import some
from geo.schema import VIETNAMESE_VINTAGES, Level, Vintage
from geo.table_write import write_table
from geo.workspace import Input, Provenance, Workspace

BORDER_LABEL: Final = "Giáp biên giới"
"""Name of the own indicator: a word of the data, the same in both languages."""
_NAMED: Final = 10
_KINDS: Final = {True: "outer outline of polygons, coasts too", False: "lines"}


@dataclass(frozen=True)
class Measured:
    """Border units of one list by one line: `rows` to be written (`BORDER_COLUMNS` and `source`), `findings` to be told with them.

    `made_from`: the line's name and sha256.
    """

    units: UnitsInput
    table: BorderTable
    rows: pd.DataFrame
    source: str
    made_from: str
    findings: tuple[Finding, ...]


def measure_line(
    units: UnitsInput, line: Path, *, tolerance_m: float, layer: str = "", crs: str = ""
) -> Measured:
    """Read a border line, confined, and measure the units along it; raises what `read_lines` and `measure_border` raise."""
    lines, are_outlines, mended = confined.read_lines(line, layer=layer or None, crs=crs or None)
    table = measure_border(units.units, lines.geometry.to_numpy(), tolerance_m=tolerance_m)
    digest = sha256_of(line)
    source = f"{line.name} (sha256 {digest[:8]}; {_KINDS[are_outlines]}), within {tolerance_m:g} m"
    return Measured(
        units=units,
        table=table,
        rows=table.units.assign(source=source),
        source=source,
        made_from=f"{line.name} sha256:{digest}",
        findings=(
            *mended,
            *border_findings(table, line.name, are_outlines=are_outlines, tolerance_m=tolerance_m),
        ),
    )


def border_findings(
    table: BorderTable, source: str, *, are_outlines: bool, tolerance_m: float
) -> list[Finding]:
    """How many units lie at the border, and what a reader of the table has to know; `source`: name of the line's file."""
    sides = table.units["border"]
    at, km = int((sides == 1).sum()), float(table.units["border_km"].sum())
    unsure = [f"{row.name} ({row.unit_code})" for row in table.units[sides.isna()].itertuples(index=False)]
    found = [
        Finding(
            Severity.NOTE, "border", f"{at} of {len(sides)} units lie at the border, along {km:,.1f} km", file=source,
            said="border_measured", values={"at": at, "total": len(sides), "km": km},
        )
    ]  # fmt: skip
    if are_outlines:
        found.append(_outline(source))
    if unsure:
        found.append(_unsure(source, unsure, tolerance_m))
    if table.stray_km > 0:
        found.append(_stray(source, table.stray_km, tolerance_m))
    return found


def _outline(source: str) -> Finding:
    return Finding(
        Severity.WARNING, "border", "the file holds polygons: their outer outline was taken, so that a coast counts as border",
        file=source, mend="for a land border alone give it as a line, or the polygon of the neighbouring country",
        said="border_outline", values={},
    )  # fmt: skip


def _unsure(source: str, units: Sequence[str], tolerance_m: float) -> Finding:
    return Finding(
        Severity.WARNING, "border",
        f"{listed(units, _NAMED)}: some outline within {tolerance_m:g} m of the line, too little to tell a border from a corner",
        file=source, done="border is left empty, which means not known", mend="write 1 or 0 where you know it",
        said="border_unsure", values={"count": len(units), "units": some(units, _NAMED), "metres": tolerance_m},
    )  # fmt: skip


def _stray(source: str, stray_km: float, tolerance_m: float) -> Finding:
    return Finding(
        Severity.WARNING, "border",
        f"{stray_km:,.1f} km of the line run inside units, farther than {tolerance_m:g} m from their outlines: it draws another border "
        "than they do, or a coarser one",
        file=source, done="border_km is too short there", mend="a larger --tolerance-m bridges it",
        said="border_stray", values={"km": stray_km, "metres": tolerance_m},
    )  # fmt: skip


def border_options(units: UnitsInput) -> dict[str, Any]:
    """Options of the table as an own indicator, as `add` would store them."""
    return {
        "name": BORDER_LABEL, "id": BORDER, "better": str(Better.LOWER), "by": str(Key.CODE), "figures": str(Figures.YES_NO),
        "code_column": "unit_code", "name_column": "name", "value_column": "border", "decimal": str(Decimal.UNSAID),
        "vintage": str(units.vintage), "level": str(units.level),
    }  # fmt: skip


def add_border(root: Path, measured: Measured, known: Provenance, *, replace: bool = False) -> list[Finding]:
    """Take the table into the workspace as the own indicator `border`, through the same gate as any file; returns what that found.

    `known`: whose line it is. Without `replace` a table of border units that is there already is refused.
    """
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / f"border-{measured.units.id}.csv"
        write_table(table, measured.rows)
        told = Provenance(
            known.publisher, known.licence, known.date, measured.source, made_from=measured.made_from
        )
        group = ([NamedFile(table, table.name)], border_options(measured.units), told)
        return add_groups(root, "indicator", [group], replace=replace)


def border_lists(workspace: Workspace) -> tuple[str, ...]:
    """Ids of the lists of units that a border can be measured along: communes first, the oldest list first.

    A table of an older list becomes one of the younger lists; the other way a yes of the whole is not one of every part.
    """
    ids = {list_id(one.options, one.files[0].name) for one in workspace.of_kind("boundaries")}
    finest_first = [str(one) for one in reversed(Level)]
    return tuple(sorted(ids, key=lambda one: (finest_first.index(one.rpartition("-")[2]), one)))


def unserved_lists(lists: Sequence[str], chosen: str) -> tuple[str, ...]:
    """Of `border_lists`, those that a table for the one chosen tells nothing of: of other levels, older, or not Vietnamese."""
    known = [f"{vintage}-{Level.COMMUNE}" for vintage in VIETNAMESE_VINTAGES]
    oldest = f"{Vintage.V2024}-{Level.COMMUNE}"
    served = {one for one in known if chosen in known and (one != oldest or chosen == oldest)}
    return tuple(one for one in lists if one != chosen and one not in served)


def border_input(workspace: Workspace) -> Input | None:
    """The input that holds the table of border units now; None where there is none."""
    return next((one for one in workspace.of_kind("indicator") if own_id(one.options) == BORDER), None)
