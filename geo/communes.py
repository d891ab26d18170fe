"""The join: units and the figures of every stage → one row per unit, with an audit of what did not match."""

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import pandas as pd

from geo.quality import Finding, Severity
from geo.sayings import some
from geo.schema import RESULT_BY_NAME, RESULT_COLUMNS, UNIT_TEXT_COLUMNS, require_vintage

BASE_COLUMNS: Final = (*UNIT_TEXT_COLUMNS, "area_km2")


def join_communes(
    units: gpd.GeoDataFrame, tables: Mapping[str, pd.DataFrame]
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """One row per unit with the columns of every table (keyed by `unit_code`), in the contract's order.

    A table that carries `vintage` must be of the units' vintage. Rows of a table whose code no unit has, and
    units that a table has no row for, come back as findings; such units keep nulls.
    """
    joined = pd.DataFrame(units[[name for name in BASE_COLUMNS if name in units]])
    findings: list[Finding] = []
    for name, table in tables.items():
        if "vintage" in table:
            require_vintage(units, table, names=("the list of units", name))
            table = table.drop(columns="vintage")
        findings += _audit(units["unit_code"], table["unit_code"], name)
        joined = joined.merge(table, on="unit_code", how="left", validate="one_to_one")
    result = gpd.GeoDataFrame(joined, geometry=units.geometry.to_numpy(), crs=units.crs)
    return order_columns(result), findings


def order_columns(result: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The columns in the contract's order, geometry last; a column outside the contract stays, for validation to see."""
    known = [column.name for column in RESULT_COLUMNS if column.name in result]
    extra = [name for name in result.columns if name not in RESULT_BY_NAME and name != "geometry"]
    return result[[*known, *extra, "geometry"]]


def _audit(units: pd.Series, codes: pd.Series, table: str) -> list[Finding]:
    strangers = sorted(set(codes) - set(units))
    absent = sorted(set(units) - set(codes))
    findings = []
    if strangers:
        findings.append(
            Finding(
                Severity.WARNING,
                "rows_without_unit",
                f"{len(strangers)} codes of {table} are no unit's: {', '.join(strangers[:20])}",
                file=table,
                done="their rows are not in the result",
                mend="mend the codes, or bring the table to this list with vunglom convert-units",
                values={"table": table, "count": len(strangers), "codes": some(strangers, 20)},
            )
        )
    if absent:
        findings.append(
            Finding(
                Severity.NOTE,
                "units_without_row",
                f"{len(absent)} units have no row in {table}: {', '.join(absent[:20])}",
                file=table,
                done="their figures stay null",
                values={"table": table, "count": len(absent), "units": some(absent, 20)},
            )
        )
    return findings
