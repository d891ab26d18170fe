"""Own indicators put to the units of a list: matched, converted where that is exact, ranked; what is left over is said.

A row is put to its unit by `geo.match` where the units are Vietnamese communes, else by the list itself. A table of
another vintage is converted where that is exact; what is not exact is left out by name, never guessed.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.convert import Conversion, convert_rows
from geo.convert_rows import ConversionRequest, Row, given_units, match_rows, parse_number
from geo.errors import InputError
from geo.indicator_findings import of_other_list, tell_some
from geo.indicators import Figures, Indicator
from geo.inputs import UnitsInput
from geo.intervals import OWN_PREFIX
from geo.names import accented_key, plain_key
from geo.quality import Finding
from geo.schema import VIETNAMESE_VINTAGES, empty_table
from geo.unit_lists import by_code
from geo.vintages import crosswalk

INDICATOR_COLUMNS: Final = (
    "unit_code", "vintage", "indicator", "label", "unit", "better", "goal", "worst", "date", "value", "rank",
)  # fmt: skip
_WIDEST_CODE: Final = 20

Values = dict[str, float]


def place_indicators(
    indicators: Sequence[Indicator], found: UnitsInput
) -> tuple[pd.DataFrame, list[Finding]]:
    """Every indicator by the units of the list, long, with `INDICATOR_COLUMNS`; null where a unit has no figure.

    `rank` 1 is the worst figure of the list, equal ones share the smallest. Indicators of another level, or of a vintage
    that does not lead to this list, have no rows. What could not be matched or converted comes back as findings.
    """
    frames, findings = [], []
    for indicator in indicators:
        if indicator.level is not found.level:
            continue
        values, said = _values(indicator, found)
        findings += said
        if values is not None:
            frames.append(_frame(indicator, found, values))
    if not frames:
        return empty_table(INDICATOR_COLUMNS), findings
    return pd.concat(frames, ignore_index=True).sort_values(
        ["indicator", "unit_code"], ignore_index=True
    ), findings


def own_columns(own: pd.DataFrame, codes: pd.Series) -> dict[str, Any]:
    """Columns `indicator:<id>` in the order of `codes`, for goals that read own indicators."""
    by_id = {str(name): rows.set_index("unit_code")["value"] for name, rows in own.groupby("indicator")}
    return {f"{OWN_PREFIX}{name}": values.reindex(codes).to_numpy() for name, values in by_id.items()}


def require_placed(indicator: Indicator, lists: Sequence[UnitsInput]) -> list[Finding]:
    """What of the table no unit gets; raises `InputError` unless some unit of some list gets a figure from it."""
    said: list[Finding] = []
    placed = False
    for found in lists:
        table, findings = place_indicators([indicator], found)
        placed = placed or bool(table["value"].notna().any())
        said += findings
    if placed:
        return said
    reasons = [finding.message for finding in said]
    ids = ", ".join(found.id for found in lists)
    raise InputError(
        f"{indicator.source}: none of its {len(indicator.table)} rows is a unit of {ids}. {'; '.join(reasons[:3])}."
        " Wanted the vintage and level of the table with --vintage and --level, and its columns with --code-column or --name-column"
    )


def _frame(indicator: Indicator, found: UnitsInput, values: Values) -> pd.DataFrame:
    codes = found.units["unit_code"]
    frame = pd.DataFrame(
        {"unit_code": codes, "vintage": str(found.vintage), "value": codes.map(values).astype(float)}
    )
    for name in ("label", "unit", "better", "date"):
        frame[name] = getattr(indicator, name)
    frame["indicator"] = indicator.id
    frame["goal"], frame["worst"] = (
        np.nan if end is None else end for end in (indicator.goal, indicator.worst)
    )
    ranks = frame["value"].rank(ascending=indicator.better == "higher", method="min")
    frame["rank"] = ranks.astype("Int64")
    return frame[list(INDICATOR_COLUMNS)]


def _values(indicator: Indicator, found: UnitsInput) -> tuple[Values | None, list[Finding]]:
    """Figures by code of the list, None when the table is of another list altogether."""
    if not indicator.is_listed:
        if indicator.vintage is not found.vintage:
            return None, [of_other_list(indicator, found)]
        return _by_own_list(indicator, found)
    if found.vintage not in VIETNAMESE_VINTAGES:
        return None, [of_other_list(indicator, found)]
    return _by_national_list(indicator, found)


def _by_national_list(indicator: Indicator, found: UnitsInput) -> tuple[Values, list[Finding]]:
    """By code or name in the national lists, through the crosswalk where the table is of another vintage."""
    request = replace(indicator.request, target=found.vintage)
    given = given_units(indicator.table, request, source=indicator.source)
    rows = match_rows(indicator.table, given, request, source=indicator.source)
    unmatched = [f"row {row.number}: {row.match.reason}" for row in rows if row.match.unit is None]
    lost_rows = [row.number for row in rows if row.match.unit is None]
    findings = tell_some(indicator, found, unmatched, "rows are no unit's", {"rows": lost_rows})
    own = set(found.units["unit_code"])
    if request.source == request.target:
        figures = {row.match.unit.code: row.values[indicator.column] for row in rows if row.match.unit}
        known = {code: float(value) for code, value in figures.items() if value is not None}
        return {code: value for code, value in known.items() if code in own}, findings
    values, said = _converted(indicator, found, [row for row in rows if row.match.unit], request)
    return values, findings + said


def _converted(
    indicator: Indicator, found: UnitsInput, rows: Sequence[Row], request: ConversionRequest
) -> tuple[Values, list[Finding]]:
    """Figures of another vintage by units of this list, where that is exact; what is not is told."""
    converted = convert_rows(rows, request)
    own = set(found.units["unit_code"])
    table = converted.table.set_index("unit_code")
    table = table[table.index.isin(own)]
    # a rate is that of the whole only where the whole is one old unit, or where people weigh its parts
    exact = (table["parts"] == 1) | indicator.is_count | bool(request.weight)
    figures = table.loc[exact, indicator.column].dropna().astype(float)
    if indicator.figures is Figures.YES_NO:
        # added up, it says how many of the parts are: one is enough
        figures = figures.clip(upper=1.0)
    values = {str(code): float(value) for code, value in figures.items()}
    return values, _not_converted(indicator, found, converted, exact, request)


def _not_converted(
    indicator: Indicator,
    found: UnitsInput,
    converted: Conversion,
    exact: pd.Series,
    request: ConversionRequest,
) -> list[Finding]:
    """Units put together of several rates, units whose parts are not all known, and rows that went to several units."""
    own, names = set(found.units["unit_code"]), by_code(found.vintage)
    inexact = [names[str(code)].label for code in exact.index[~exact]]
    lost = [
        names[one.code].label
        for one in converted.withheld
        if one.code in own and bool(exact.get(one.code, False))
    ]
    ways = crosswalk(request.source, request.target)
    split = [
        (outcome.reason, outcome.row.match.unit.label)
        for outcome in converted.left
        if outcome.row.match.unit and own & set(ways.targets.get(outcome.row.match.unit.code, ()))
    ]
    return [
        *tell_some(
            indicator, found, inexact, "units were put together, and a rate has no sum: give --weight", {"units": inexact},
            said="indicator_inexact",
        ),
        *tell_some(
            indicator, found, lost, "units have no figure for some of their parts", {"units": lost}, said="indicator_lost"
        ),
        *tell_some(
            indicator, found, [reason for reason, _ in split], "rows cannot be shared out",
            {"units": [label for _, label in split]}, said="indicator_split",
        ),
    ]  # fmt: skip


def _by_own_list(indicator: Indicator, found: UnitsInput) -> tuple[Values, list[Finding]]:
    """By code, else by name with accents, else by name without where that is unique in the list."""
    request, units = indicator.request, found.units
    given = given_units(indicator.table, request, source=indicator.source)
    codes = set(units["unit_code"])
    named = {key: _codes_by_key(units, key) for key in (accented_key, plain_key)}
    values: Values = {}
    seen: dict[str, int] = {}
    unmatched, lost_rows = [], []
    for number, (unit, cell) in enumerate(
        zip(given, indicator.table[indicator.column], strict=True), start=1
    ):
        where = f"{indicator.source}: column {indicator.column!r}, data row {number}"
        value = parse_number(cell, where, decimal=request.decimal)
        hits = [unit.code] if unit.code in codes else []
        if not request.code:
            for key, codes_of in named.items():
                hits = hits or codes_of.get(key(unit.name), [])
        if len(hits) != 1:
            what = "more than one unit" if hits else f"no unit{_width_hint(unit.code, codes)}"
            unmatched.append(f"row {number}: {unit.code or unit.name!r} is {what}")
            lost_rows.append(number)
            continue
        if hits[0] in seen:
            raise InputError(
                f"{indicator.source}: data rows {seen[hits[0]]} and {number} are both unit {hits[0]}; wanted each unit once"
            )
        seen[hits[0]] = number
        if value is not None:
            values[hits[0]] = float(value)
    return values, tell_some(indicator, found, unmatched, "rows are no unit's", {"rows": lost_rows})


def _width_hint(code: str, codes: set[str]) -> str:
    """How to bring back the zeros that a spreadsheet took from a code; empty where that would not help."""
    fits = [
        width
        for width in range(len(code) + 1, _WIDEST_CODE + 1)
        if code.isdecimal() and code.zfill(width) in codes
    ]
    return f" (restore lost zeros with --code-width {fits[0]})" if fits else ""


def _codes_by_key(units: pd.DataFrame, key: Callable[[str], str]) -> dict[str, list[str]]:
    """The units of each name, names told apart by `key`."""
    found: dict[str, list[str]] = {}
    for code, name in zip(units["unit_code"], units["name"], strict=True):
        found.setdefault(key(str(name)), []).append(code)
    return found
