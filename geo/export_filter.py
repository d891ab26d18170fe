"""A list of units narrowed to those that a filter lets in, and what is said of it in every file."""

from dataclasses import replace
from typing import Any

import pandas as pd

from geo.errors import CallError
from geo.filter_frame import OPERATOR_SHARE, filter_frame
from geo.results import UnitList
from geo.unit_filter import UnitFilter, as_conditions, judge

TABLES = ("goals", "coverage", "speed", "sensitivity", "indicators", "contradictions")


def operator_share_of(manifest: dict[str, Any]) -> float:
    """The share from which the rules of a build count an operator as present."""
    return float(manifest["rules"].get("operator_share", OPERATOR_SHARE))


def narrow(
    unit_list: UnitList, wanted: UnitFilter, *, operator_share: float
) -> tuple[UnitList, dict[str, Any]]:
    """Every table of the list with the rows of the units let in, and the `filter` block of the metadata.

    Scores, ranks and clusters stay those of the whole list. Raises `CallError` where no unit is let in.
    """
    met = judge(filter_frame(unit_list, operator_share=operator_share), wanted)
    inside = met.fillna(False).astype(bool)
    if not inside.any():
        raise CallError(f"no unit of {unit_list.id} meets the filter {'; '.join(as_conditions(wanted))}")
    codes = set(unit_list.result.loc[inside, "unit_code"])
    tables: dict[str, Any] = {name: _rows_of(getattr(unit_list, name), codes) for name in TABLES}
    result = unit_list.result[inside].reset_index(drop=True)
    return replace(unit_list, result=result, **tables), {
        "conditions": list(as_conditions(wanted)),
        "units": int(inside.sum()),
        "of_units": len(met),
        "units_not_known": int(met.isna().sum()),
        "note": "units of which a figure asked for is not known are left out; scores, ranks and clusters are of the whole list",
    }


def _rows_of(table: pd.DataFrame, codes: set[str]) -> pd.DataFrame:
    return table if table.empty else table[table["unit_code"].isin(codes)].reset_index(drop=True)
