"""What a conversion did, row by row and in sums: as one JSON object, as text, and as a table of what was left."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from geo import __version__
from geo.convert import DONE, Conversion, Outcome, RowOutcome, balance
from geo.match import Method
from geo.unit_lists import SOURCE, by_code
from geo.vintage_guard import codes_shared

REPORT_FORMAT: Final = 1
MOST_LISTED: Final = 20
"""Rows that the text names per kind; the report has all."""
MOST_MISSING: Final = 3
"""Units that one line names as missing; the report has all."""

_SURE: Final = (Method.CODE, Method.CODE_AND_NAME, Method.NAME)


def as_report(
    conversion: Conversion, *, file: str, columns: Sequence[str], repairs: Sequence[str] = ()
) -> dict[str, Any]:
    """The whole conversion as a JSON object: counts, accounts of every sum, and each row with where it went and why."""
    request, outcomes = conversion.request, conversion.outcomes
    return {
        "format": REPORT_FORMAT,
        "file": file,
        "from": str(request.source),
        "to": str(request.target),
        "lists": SOURCE,
        "vunglom_version": __version__,
        "rows": len(outcomes),
        "outcomes": {str(kind): sum(found.outcome is kind for found in outcomes) for kind in Outcome},
        "methods": dict(
            sorted(Counter(str(found.row.match.method) for found in outcomes if found.row.match.unit).items())
        ),
        "units": len(conversion.table),
        "units_complete": int(conversion.table["complete"].sum()),
        "sums": balance(conversion),
        "notes": _notes(conversion, columns, repairs),
        "withheld": [_withheld(conversion, number) for number in range(len(conversion.withheld))],
        "table": [_row(found) for found in outcomes],
    }


def _row(found: RowOutcome) -> dict[str, Any]:
    given, match = found.row.given, found.row.match
    said = {"code": given.code, "name": given.name, "province": given.province, "district": given.district}
    return {
        "row": found.row.number,
        "given": {name: text for name, text in said.items() if text},
        "outcome": str(found.outcome),
        "method": str(match.method),
        "unit": match.unit.label if match.unit else None,
        "to": dict(found.shares),
        "candidates": [unit.label for unit in match.candidates],
        "reason": found.reason,
    }


def _withheld(conversion: Conversion, number: int) -> dict[str, Any]:
    found, request = conversion.withheld[number], conversion.request
    old, new = by_code(request.source), by_code(request.target)
    return {
        "unit": new[found.code].label,
        "column": found.column,
        "missing": [old[code].label for code in found.missing],
        "rows": list(found.rows),
    }


def _notes(conversion: Conversion, columns: Sequence[str], repairs: Sequence[str]) -> list[str]:
    request, outcomes = conversion.request, conversion.outcomes
    notes = list(repairs)
    unused = [name for name in columns if name not in request.columns]
    if unused:
        notes.append(
            f"columns not carried over: {', '.join(unused)} (name counts with --sum, rates with --mean)"
        )
    shared = codes_shared([found.row.given for found in outcomes], request.source)
    if shared:
        notes.append(
            f"{shared} rows have a code and no name, and their code names another place in another vintage: "
            f"nothing in the table shows that it is of {request.source}; give --name-column to have it checked"
        )
    unsure = Counter(
        str(found.row.match.method)
        for found in outcomes
        if found.row.match.unit and found.row.match.method not in _SURE
    )
    notes += [
        f"{count} rows matched by {method}; the report names them" for method, count in sorted(unsure.items())
    ]
    if any(found.outcome is Outcome.SPLIT for found in outcomes):
        notes.append(
            "units that were split are shared by people inside the new outlines: --boundaries OLD NEW --population FILE"
        )
    partial = len(conversion.table) - int(conversion.table["complete"].sum())
    if partial and request.partial:
        notes.append(
            f"{partial} units hold the figures of only some of their parts (complete is false): lower bounds, not totals"
        )
    return notes


def as_text(report: dict[str, Any]) -> str:
    """The report for people: one line of counts, notes, and the rows that need a hand."""
    counts = ", ".join(f"{count} {kind}" for kind, count in report["outcomes"].items() if count)
    lines = [
        f"{report['file']}: {report['rows']} rows of {report['from']} → {report['units']} units of {report['to']} "
        f"({report['units_complete']} complete); rows: {counts}"
    ]
    lines += [
        f"  {column}: {sums['given']:,} given = {sums['converted']:,} converted + {sums['withheld']:,} withheld + {sums['left']:,} left over"
        for column, sums in report["sums"].items()
    ]
    lines += [f"  note: {note}" for note in report["notes"]]
    for kind in Outcome:
        rows = [row for row in report["table"] if row["outcome"] == kind and kind not in DONE]
        lines += _first([f"  {kind}, row {row['row']}: {row['reason']}" for row in rows])
    lines += _first(
        [
            f"  withheld: {found['column']} of {found['unit']}, {_missing(found)}"
            for found in report["withheld"]
        ]
    )
    return "\n".join(lines)


def _first(lines: list[str]) -> list[str]:
    more = len(lines) - MOST_LISTED
    return [*lines[:MOST_LISTED], f"  … and {more} more such; --report FILE names all"] if more > 0 else lines


def _missing(found: dict[str, Any]) -> str:
    named = ", ".join(found["missing"][:MOST_MISSING])
    more = len(found["missing"]) - MOST_MISSING
    return f"not known for its parts {named}{f' and {more} more' if more > 0 else ''}"


def leftover_table(conversion: Conversion, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the table whose figures are not, or not all, in the new one: `row`, `outcome`, `reason`, then their cells."""
    reasons = {found.row.number: (str(found.outcome), found.reason) for found in conversion.left}
    for number, held in enumerate(conversion.withheld):
        found = _withheld(conversion, number)
        for row in held.rows:
            kind, before = reasons.get(row, ("withheld", ""))
            reason = f"{held.column} of {found['unit']} {_missing(found)}"
            reasons[row] = (kind, f"{before}; {reason}" if before else reason)
    rows = sorted(reasons)
    cells = table.iloc[[row - 1 for row in rows]].reset_index(drop=True)
    said = pd.DataFrame(
        {
            "row": rows,
            "outcome": [reasons[row][0] for row in rows],
            "reason": [reasons[row][1] for row in rows],
        }
    )
    return pd.concat([said, cells.add_prefix("given: ")], axis=1)
