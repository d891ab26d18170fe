"""Findings chosen and told apart: by severity, code and list of units; which units one names; a name for it in a link."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from geo.quality import Severity

Row = Mapping[str, Any]


def finding_id(row: Row) -> str:
    """Ten hex digits that name a finding as long as it says the same."""
    said = [
        str(row.get(name) or "") for name in ("severity", "code", "list_id", "unit", "file", "row", "message")
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:10]


def choose_findings(
    rows: Sequence[Row], list_id: str, severities: Collection[str] = (), codes: Collection[str] = ()
) -> list[Row]:
    """Findings of one list of units and of no list; of these severities and codes, all where none are named; their order is kept."""
    return [
        row
        for row in rows
        if row.get("list_id", "") in ("", list_id)
        and (not severities or row["severity"] in severities)
        and (not codes or row["code"] in codes)
    ]


def units_named(row: Row, codes: Collection[str]) -> tuple[str, ...]:
    """The units that a finding is about, and those whose code stands in its sentence, in that order."""
    # a year or a count may look like a code: only one in brackets, or in a list of codes, is meant
    said = re.findall(
        r"\(([\w-]+)\)|(?<=: )([\w-]+)(?=, )|(?<=, )([\w-]+)(?=$|,)", str(row.get("message", ""))
    )
    found = [str(row.get("unit") or ""), *("".join(one) for one in said)]
    return tuple(dict.fromkeys(code for code in found if code in codes))


def places_named(row: Row) -> tuple[tuple[float, float], ...]:
    """The places (longitude, latitude in degrees) that a finding's sentence gives, as `at 105.66, 15.02`."""
    said = re.findall(r"\bat (-?\d+(?:\.\d+)?), (-?\d+(?:\.\d+)?)", str(row.get("message", "")))
    found = [(float(east), float(north)) for east, north in said]
    return tuple((east, north) for east, north in found if abs(east) <= 180 and abs(north) <= 90)


def gravest_of_units(rows: Sequence[Row], codes: Sequence[str]) -> pd.Series:
    """Severity of the gravest finding about each unit, in the order of `codes`; missing where there is none."""
    order = [str(one) for one in Severity]
    gravest: dict[str, int] = {}
    for row in rows:
        unit = str(row.get("unit") or "")
        if unit:
            gravest[unit] = min(gravest.get(unit, len(order)), order.index(str(row["severity"])))
    return pd.Series([order[gravest[code]] if code in gravest else None for code in codes], dtype=object)
