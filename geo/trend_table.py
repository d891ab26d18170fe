"""Trends as a table to rank and as lines to draw: who falls behind, by how much, and the median they are measured against.

A leaf for pages and files: everything here is already in `communes.parquet` and `speed_by_quarter.parquet`.
"""

from typing import Final

import pandas as pd

from geo.schema import Direction, speed_column

TREND_COLUMNS: Final = (
    "unit_code", "direction", "trend_mbps_per_year", "trend_mbps_per_year_low", "trend_mbps_per_year_high", "download_mbps", "quarters", "tests", "people",
)  # fmt: skip
_ORDER: Final = {str(Direction.FALLING_BEHIND): 0, str(Direction.STEADY): 1, str(Direction.CATCHING_UP): 2}


def trend_rows(communes: pd.DataFrame, speed: pd.DataFrame, network: str) -> pd.DataFrame:
    """One row per unit with `TREND_COLUMNS`: falling behind first, the slowest growth first; units without a trend last.

    `communes`: the result table; `speed`: `speed_by_quarter.parquet`, of which `quarters` counts those with tests. Trends and
    their 90 % ends in Mbps per year. Columns that the table lacks are null.
    """
    names = {
        "direction": speed_column(network, "direction"),
        "trend_mbps_per_year": speed_column(network, "trend_mbps_per_year"),
        "trend_mbps_per_year_low": speed_column(network, "trend_mbps_per_year_low"),
        "trend_mbps_per_year_high": speed_column(network, "trend_mbps_per_year_high"),
        "download_mbps": speed_column(network, "download_mbps"),
        "tests": speed_column(network, "tests"),
        "people": "people",
    }
    rows = pd.DataFrame({"unit_code": communes["unit_code"].astype(str)})
    for name, column in names.items():
        given = communes[column] if column in communes.columns else pd.Series(None, index=communes.index)
        rows[name] = given if name == "direction" else pd.to_numeric(given).astype(float)
    quarters = with_tests(speed, network).groupby("unit_code")["quarter"].nunique()
    rows["quarters"] = quarters.reindex(rows["unit_code"]).fillna(0).to_numpy(dtype=float)
    rows = rows[list(TREND_COLUMNS)]
    place = rows["direction"].astype(object).map(_ORDER).fillna(len(_ORDER))
    keys = rows.assign(_place=place)
    order = keys.sort_values(["_place", "trend_mbps_per_year", "unit_code"], na_position="last").index
    return rows.loc[order].reset_index(drop=True)


def quarter_medians(speed: pd.DataFrame, network: str) -> pd.Series:
    """Median over units of the raw mean download, Mbps, by quarter: what a unit's direction is measured against.

    `speed`: `speed_by_quarter.parquet`. Units without tests in a quarter have no part in it.
    """
    mine = with_tests(speed, network)
    return mine.groupby("quarter")["download_raw_mbps"].median().sort_index()


def with_tests(speed: pd.DataFrame, network: str) -> pd.DataFrame:
    """The rows of one network that have tests behind them, by unit and quarter."""
    mine = speed[(speed["network"].astype(str) == network) & (speed["tests"] > 0)]
    return mine.sort_values(["unit_code", "quarter"], ignore_index=True)
