"""What a filter of units is judged on: the result table with what else may be asked for, and which conditions it can answer."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo.arrays import FLOAT_NOISE
from geo.intervals import OWN_PREFIX
from geo.results import UnitList
from geo.schema import Level, Technology, coverage_column
from geo.sort_names import sort_key
from geo.unit_filter import BORDER_COLUMN, TOWN_COLUMN, Presence, UnitFilter

OPERATOR_SHARE: Final = 0.5


def filter_frame(units: UnitList, *, operator_share: float = OPERATOR_SHARE) -> gpd.GeoDataFrame:
    """The result table, with what else a filter may ask for: own indicators, `operator:4G:Viettel`, and `border`.

    The added columns are nullable: own figures as floats under `indicator:<id>`, the others as booleans. `border` is there
    only where it is known: from an own indicator of that id. A district lies in itself.
    """
    codes = units.result["unit_code"]
    added: dict[str, Any] = dict(_own_columns(units, codes)) | dict(_presence(units, codes, operator_share))
    own_border = added.get(f"{OWN_PREFIX}{BORDER_COLUMN}")
    if own_border is not None:
        added[BORDER_COLUMN] = (own_border > 0).astype("boolean").mask(own_border.isna())
    if _is_of_districts(units):
        added["district_code"] = codes
    # all at once: a country has hundreds of columns to add
    more = pd.DataFrame(added, index=units.result.index)
    known = units.result.drop(columns=[name for name in more if name in units.result])
    return gpd.GeoDataFrame(pd.concat([known, more], axis=1), crs=units.result.crs)


def _own_columns(units: UnitList, codes: pd.Series) -> Iterable[tuple[str, pd.Series]]:
    if units.indicators.empty:
        return
    for name, rows in units.indicators.groupby("indicator", sort=True):
        values = rows.set_index("unit_code")["value"].astype(float).reindex(codes)
        yield f"{OWN_PREFIX}{name}", values.set_axis(codes.index)


def _presence(units: UnitList, codes: pd.Series, operator_share: float) -> Iterable[tuple[str, pd.Series]]:
    """Per technology of which the result tells the evidence used, and operator: whether it is present in each unit."""
    for technology in Technology:
        column = coverage_column(technology, "evidence")
        if column not in units.result or units.coverage.empty:
            continue
        used = units.coverage[units.coverage["technology"] == technology]
        kinds = set(units.result[column].dropna())
        used = used[used["evidence"].isin(kinds) & (used["operator"] != "*")]
        shares = [name for name in ("covered_people_share", "covered_area_share") if name in used]
        for operator, rows in used.groupby("operator", sort=True):
            share = rows.set_index("unit_code")[shares].astype(float).bfill(axis=1).iloc[:, 0].reindex(codes)
            share = share.set_axis(codes.index)
            present = (share >= operator_share - FLOAT_NOISE).astype("boolean").mask(share.isna())
            yield Presence(str(technology), str(operator)).column, present


def _is_of_districts(units: UnitList) -> bool:
    return units.level == Level.DISTRICT


def district_names(units: UnitList) -> dict[str, str]:
    """Names of the districts that the list's units lie in (or are), by code, in order of names; empty where nobody says."""
    columns = ["unit_code", "name"] if _is_of_districts(units) else ["district_code", "district_name"]
    if not set(columns) <= set(units.result.columns):
        return {}
    pairs = units.result[columns].dropna().drop_duplicates().astype(str)
    found = dict(pairs.itertuples(index=False, name=None))
    return dict(sorted(found.items(), key=lambda pair: sort_key(pair[1])))


def split_answerable(frame: pd.DataFrame, wanted: UnitFilter) -> tuple[UnitFilter, UnitFilter]:
    """What a `filter_frame` can answer of a filter, and what it cannot: conditions of which no row has the figure asked for.

    Districts can be answered where the list has any of them. Both parts together are the filter.
    """
    districts = wanted.districts if frame.get("district_code", _NOTHING).isin(wanted.districts).any() else ()
    used = UnitFilter(
        verdicts=wanted.verdicts if _has(frame, "verdict") else (),
        districts=districts,
        operators=tuple(one for one in wanted.operators if _has(frame, one.column)),
        border=wanted.border if _has(frame, BORDER_COLUMN) else None,
        remote_km=wanted.remote_km if _has(frame, TOWN_COLUMN) else None,
        bounds=tuple(one for one in wanted.bounds if _has(frame, one.column)),
    )
    left = replace(
        wanted,
        verdicts=() if used.verdicts else wanted.verdicts,
        districts=() if used.districts else wanted.districts,
        operators=tuple(one for one in wanted.operators if one not in used.operators),
        border=wanted.border if used.border is None else None,
        remote_km=wanted.remote_km if used.remote_km is None else None,
        bounds=tuple(one for one in wanted.bounds if one not in used.bounds),
    )
    return used, left


_NOTHING: Final = pd.Series(dtype=object)


def _has(frame: pd.DataFrame, column: str) -> bool:
    """Whether any row has a figure in the column."""
    return column in frame and bool(frame[column].notna().any())
