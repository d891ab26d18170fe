"""A table with unit codes or unit names → its figures by unit of a workspace; what did not match is listed, never dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo.convert_rows import ConversionRequest, Decimal, Row, given_units, match_rows
from geo.errors import CallError, InputError, VintageError
from geo.match import GivenUnit, Match, Method, Status
from geo.names import accented_key, plain_key
from geo.points_table import find_column
from geo.schema import VIETNAMESE_VINTAGES, Level, Vintage
from geo.unit_lists import ListedUnit
from geo.unit_table import Table
from geo.vintage_guard import require_right_vintage

CODE_ALIASES: Final = ("unit code", "ma xa", "ma don vi", "ma dvhc", "code", "ma")
NAME_ALIASES: Final = ("ten xa", "ten don vi", "xa phuong", "don vi", "name", "ten")
PROVINCE_ALIASES: Final = (
    "province name",
    "tinh thanh pho",
    "ten tinh",
    "tinh",
    "province code",
    "ma tinh",
    "province",
)
_LEFT_COLUMNS: Final = ("row", "code", "name", "province", "reason", "candidates")


@dataclass(frozen=True)
class UnitColumnsGiven:
    """Which columns of a table say the unit; empty is found by alias, and stays empty where there is none."""

    code: str = ""
    name: str = ""
    province_column: str = ""
    province: str = ""
    district: str = ""
    code_width: int = 0


@dataclass(frozen=True)
class MatchedTable:
    """Figures by unit, and the rows that have none.

    `values`: `unit_code`, `row`, `method` and the figures (numbers, null where blank), sorted by code, each unit once.
    `unmatched`, `ambiguous`: `row`, `code`, `name`, `province`, `reason`, `candidates`. `outside`: the same of rows
    that mean a unit of the list which the workspace does not have. `missing`: codes of units that no row means.
    """

    values: pd.DataFrame
    unmatched: pd.DataFrame
    ambiguous: pd.DataFrame
    outside: pd.DataFrame
    missing: tuple[str, ...]


def match_table(
    table: Table,
    units: gpd.GeoDataFrame,
    values: Sequence[str],
    *,
    columns: UnitColumnsGiven = UnitColumnsGiven(),
    vintage: Vintage | None = None,
    decimal: Decimal = Decimal.UNSAID,
    source: str,
) -> MatchedTable:
    """The figures in the columns `values` by unit of `units` (`unit_code`, `vintage`, `name`, perhaps provinces).

    `vintage` is the list of units that the table was made with, when it is known. Raises `VintageError` when it is not
    that of the units or the rows fit another list better, `InputError` for columns that are not there, figures that are
    no numbers and units that stand twice.
    """
    ours = Vintage(str(units["vintage"].iloc[0]))
    if vintage is not None and vintage != ours:
        raise VintageError(
            f"{source} is of vintage {vintage} and the units are of {ours}: the same code names different places in different vintages. "
            f"Mend: vunglom convert-units {source} --from {vintage} --to {ours} …"
        )
    named = _columns(table.frame, columns, units, source)
    request = ConversionRequest(
        ours, ours, named.code, named.name, named.province_column, named.province, named.district, named.code_width,
        tuple(values), decimal=decimal,
    )  # fmt: skip
    given = given_units(table.frame, request, source=source)
    if ours in VIETNAMESE_VINTAGES:
        require_right_vintage(given, ours, source=source)
        rows = match_rows(table.frame, given, request, source=source)
    else:
        index = _index(units)
        rows = match_rows(
            table.frame, given, request, source=source, match=lambda unit: _match_other(unit, index)
        )
    return _sorted_out(rows, table, units["unit_code"].tolist(), values)


def _columns(
    frame: pd.DataFrame, given: UnitColumnsGiven, units: gpd.GeoDataFrame, source: str
) -> UnitColumnsGiven:
    code = given.code or _alias(frame, CODE_ALIASES)
    name = given.name or _alias(frame, NAME_ALIASES)
    if not (code or name):
        raise InputError(
            f"{source}: no column of unit codes or names; it has {', '.join(map(str, frame.columns))}: name one with --code-column or --name-column"
        )
    column = given.province_column or ("" if given.province else _alias(frame, PROVINCE_ALIASES))
    province = given.province or ("" if column else _only_province(units))
    listed = str(units["vintage"].iloc[0]) in set(VIETNAMESE_VINTAGES)
    if listed and name and not code and not (column or province):
        raise CallError(
            "names are looked up inside a province: give --province-column, or --province for all rows"
        )
    return UnitColumnsGiven(code, name, column, province, given.district, given.code_width)


def _alias(frame: pd.DataFrame, aliases: tuple[str, ...]) -> str:
    keys = [plain_key(str(name)) for name in frame.columns]
    if not set(keys) & set(aliases):
        return ""
    return find_column(map(str, frame.columns), aliases, "", "the table", option="its option")


def _only_province(units: gpd.GeoDataFrame) -> str:
    """The province that all units lie in; empty where there are several or none is said."""
    for name in ("province_code", "province_name"):
        found = units[name].dropna().unique().tolist() if name in units else []
        if len(found) == 1:
            return str(found[0])
    return ""


Index = dict[str, list[ListedUnit]]


def _index(units: gpd.GeoDataFrame) -> Index:
    """Units of a list that is not Vietnam's by code and by key of the name, the accented marked with a leading `=`."""
    found: Index = {}
    for row in units.itertuples():
        # the level plays no part in matching, and a frame of units does not say it
        unit = ListedUnit(str(row.unit_code), Vintage.OTHER, Level.COMMUNE, str(row.name), "", "", "")
        keys = {f"#{unit.code}", f"={accented_key(unit.name)}", plain_key(unit.name)}
        for key in keys:
            found.setdefault(key, []).append(unit)
    return found


def _match_other(given: GivenUnit, index: Index) -> Match:
    if given.code:
        found = index.get(f"#{given.code}", [])
        if found:
            return Match(Status.MATCHED, Method.CODE, found[0])
        return Match(Status.UNMATCHED, reason=f"code {given.code} is not one of the units")
    for key, method in (
        (f"={accented_key(given.name)}", Method.NAME),
        (plain_key(given.name), Method.PLAIN_NAME),
    ):
        found = index.get(key, [])
        if len(found) == 1:
            return Match(Status.MATCHED, method, found[0])
        if found:
            listed = ", ".join(unit.code for unit in found)
            return Match(Status.AMBIGUOUS, candidates=tuple(found), reason=f"{given.name!r} may be {listed}")
    return Match(Status.UNMATCHED, reason=f"no unit {given.name!r}")


def _sorted_out(rows: list[Row], table: Table, codes: list[str], values: Sequence[str]) -> MatchedTable:
    ours = set(codes)
    found: list[tuple[Any, ...]] = []
    left: dict[str, list[tuple[Any, ...]]] = {"unmatched": [], "ambiguous": [], "outside": []}
    for row in rows:
        number, unit = table.rows[row.number - 1], row.match.unit
        if unit is not None and unit.code in ours:
            found.append((unit.code, number, str(row.match.method), *(row.values[name] for name in values)))
            continue
        kind = "outside" if unit is not None else str(row.match.status)
        reason = f"{unit.label} is not one of the workspace's units" if unit is not None else row.match.reason
        candidates = ", ".join(unit.code for unit in row.match.candidates)
        left[kind].append((number, row.given.code, row.given.name, row.given.province, reason, candidates))
    columns = ["unit_code", "row", "method", *values]
    figures = pd.DataFrame(found, columns=columns).astype(dict.fromkeys(values, float))
    missing = tuple(sorted(ours - set(figures["unit_code"])))
    lists = {name: pd.DataFrame(of_kind, columns=list(_LEFT_COLUMNS)) for name, of_kind in left.items()}
    return MatchedTable(figures.sort_values("unit_code", ignore_index=True), **lists, missing=missing)
