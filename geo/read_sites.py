"""The cell half of `geo.read`: OpenCelliD dumps and ITU/Giga cell-site lists → checked cells (`geo.schema.CELL_COLUMNS`).

A row that cannot be used is set aside with a finding, never dropped in silence; a file with more than `BAD_LIMIT` such
rows is refused. Formats: DESIGN §7.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.arrays import FloatArray
from geo.cell_columns import Cells, Reason, from_opencellid, from_site_list
from geo.errors import InputError
from geo.mend_coordinates import Mask, settle
from geo.mends import MOST_FINDINGS, NO_MENDS, Mends, conclude, name_rows
from geo.quality import Finding, Severity
from geo.schema import CELL_COLUMNS, TEXT_TYPE, Frame
from geo.site_text import OPENCELLID, read_site_text
from geo.tidy_table import copies_mess, tidy_texts
from geo.vn2000 import as_bounds

BAD_LIMIT: Final = 0.05
"""Share of rows that may be set aside before the whole file is refused."""
_TEXT: Final = ("cell_id", "operator", "technology", "created", "updated")
_WHOLE: Final = ("mcc", "net", "area", "cell", "samples")


@dataclass
class _Aside:
    """Rows set aside so far: number in the file → why."""

    reasons: dict[int, Reason] = field(default_factory=dict)

    def add(self, rows: Sequence[int], reasons: Sequence[Reason]) -> None:
        for row, reason in zip(rows, reasons, strict=True):
            self.reasons.setdefault(int(row), reason)


def read_cells(
    path: Path,
    *,
    name: str = "",
    as_of: str = "",
    operator: str = "",
    mends: Mends = NO_MENDS,
    region: Sequence[float] | None = None,
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Cells in file order and the findings about them.

    `name` is the file's name for messages, `as_of` the day that stands for `updated` where the file has none, `operator`
    the one of rows that name none, `region` where the cells are expected (degrees). Raises `InputError` where the file
    is none of the two formats, needs a mend that was not asked for, or has too many rows that cannot be used.
    """
    source = name or path.name
    text = read_site_text(path, source, mends)
    aside = _Aside()
    aside.add(
        text.ragged,
        [
            Reason(f"it has {cells} cells", "quarantined_cells", {"cells": int(cells)})
            for cells in text.ragged_cells
        ],
    )
    # OpenCelliD's columns hold codes and numbers only
    tidied = (text.frame, [], []) if text.layout == OPENCELLID else tidy_texts(text.frame, text.rows, source)
    frame, messes, notes = tidied
    copies = frame.duplicated().to_numpy()
    settled = settle(frame["lon"], frame["lat"], text.rows, as_bounds(region))
    cells = (from_opencellid if text.layout == OPENCELLID else from_site_list)(frame, text.rows)
    findings = conclude(
        [*messes, copies_mess(copies, text.rows), *settled.messes, *cells.messes], mends, source=source
    )
    bad, reasons = _faults(cells, settled.x, settled.y, frame)
    bad &= ~copies
    aside.add(text.rows[bad].tolist(), reasons[bad].tolist())
    set_aside = _quarantine(aside, len(frame) + len(text.ragged), source)
    kept = ~bad & ~copies
    table, renamed = _finish(cells.table[kept], as_of=as_of, operator=operator, source=source)
    points = shapely.points(settled.x[kept], settled.y[kept])
    found = gpd.GeoDataFrame(table, geometry=points, crs=4326).reset_index(drop=True)
    return found, [*text.findings, *notes, *findings, *set_aside, *renamed]


def _faults(
    cells: Cells, x: FloatArray, y: FloatArray, frame: pd.DataFrame
) -> tuple[Mask, npt.NDArray[np.object_]]:
    """Rows that cannot be used and why, the first reason of each."""
    bad = ~(np.isfinite(x) & np.isfinite(y) & (np.abs(x) <= 180) & (np.abs(y) <= 90))
    reasons = np.full(len(frame), "", dtype=object)
    for place in np.flatnonzero(bad):
        reasons[place] = _no_place(str(frame["lon"].iloc[place]), str(frame["lat"].iloc[place]))
    for mask, why in cells.faults:
        first = mask & ~bad
        reasons[first] = why[first[mask]]
        bad = bad | mask
    return bad, reasons


def _no_place(x: str, y: str) -> Reason:
    return Reason(f"coordinates {x}, {y} are no place on Earth", "quarantined_place", {"x": x, "y": y})


def _quarantine(aside: _Aside, total: int, source: str) -> list[Finding]:
    count = len(aside.reasons)
    if not count:
        return []
    rows = sorted(aside.reasons)
    if count > BAD_LIMIT * total:
        raise InputError(
            f"{source}: {count} of {total} rows cannot be used ({name_rows(rows)}; row {rows[0]}: {aside.reasons[rows[0]].text}), more than "
            f"{BAD_LIMIT:.0%}; check that it is the right file, or correct the rows"
        )
    listed = [
        Finding(
            Severity.WARNING,
            "quarantined",
            aside.reasons[row].text,
            file=source,
            row=row,
            done="set aside, not used",
            said=aside.reasons[row].said,
            values=aside.reasons[row].values,
        )
        for row in rows[:MOST_FINDINGS]
    ]
    text = f"{count} of {total} rows cannot be used"
    values = {"count": count, "total": total}
    last = Finding(
        Severity.WARNING,
        "quarantined",
        text,
        file=source,
        done="set aside, not used",
        said="quarantined_rows",
        values=values,
    )
    return [*listed, last]


def with_cell_types(cells: Frame) -> Frame:
    """The columns of the contract in their types, whatever a table format made of them."""
    return cells.astype({**dict.fromkeys(_TEXT, TEXT_TYPE), **dict.fromkeys(_WHOLE, "Int64")})


def _finish(
    table: pd.DataFrame, *, as_of: str, operator: str, source: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """The columns of the contract in their types, ids made unique, gaps filled with what was said."""
    done = table.copy()
    if as_of:
        done["updated"] = done["updated"].where(done["updated"].notna(), as_of)
    if operator:
        done["operator"] = done["operator"].where(done["operator"].notna(), operator)
    again = done.groupby("cell_id", sort=False).cumcount().to_numpy()
    if again.any():
        done["cell_id"] = np.where(
            again > 0, done["cell_id"] + "#" + (again + 1).astype(str), done["cell_id"]
        )
    done = with_cell_types(done)
    notes = []
    if again.any():
        count = int((again > 0).sum())
        message = f"{count} rows have the identity of an earlier row, with other values"
        done_so = "kept, numbered #2, #3, …"
        notes.append(
            Finding(Severity.NOTE, "same_cell", message, file=source, done=done_so, values={"count": count})
        )
    nobody = int(done["operator"].isna().sum())
    if nobody:
        message = f"{nobody} of {len(done)} rows name no operator"
        mend = "say whose they are with --operator"
        notes.append(
            Finding(
                Severity.WARNING,
                "no_operator",
                message,
                file=source,
                mend=mend,
                values={"count": nobody, "total": len(done)},
            )
        )
    return done[list(CELL_COLUMNS)], notes
