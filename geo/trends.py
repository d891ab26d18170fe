"""Quarters → direction: is a unit's speed rising or falling, and by how much a year.

Weighted least squares of log speed on time, in closed form. Log, because speeds grow by factors; weights are the
tests behind each quarter's mean. Intervals are null: the estimate of uncertainty comes with shrinkage (DESIGN §5).
"""

from typing import Final

import numpy as np
import pandas as pd

from geo.arrays import FloatArray
from geo.schema import speed_column

MIN_QUARTERS: Final = 4
"""Fewer distinct quarters with tests give no trend (DESIGN §5)."""


def fit_trends(by_quarter: pd.DataFrame) -> pd.DataFrame:
    """One row per unit: unit_code, `{n}_trend_mbps_per_year` and its null `_low` and `_high`, per network present.

    `by_quarter`: unit_code, network, quarter ("2026Q3"), download_raw_mbps, tests. The trend is the slope of log
    speed (per year) × the fitted speed in the unit's newest quarter with tests: Mbps per year, now. Null below
    `MIN_QUARTERS` quarters. A mean of 0 Mbps has no logarithm and is left out.
    """
    wide = pd.DataFrame({"unit_code": by_quarter["unit_code"].drop_duplicates().to_numpy()})
    usable = by_quarter[(by_quarter["tests"] > 0) & (by_quarter["download_raw_mbps"] > 0)]
    for network in sorted(by_quarter["network"].astype(str).unique()):
        slopes = _slopes(usable[usable["network"].astype(str) == network])
        wide[speed_column(network, "trend_mbps_per_year")] = slopes.reindex(wide["unit_code"]).to_numpy()
        wide[speed_column(network, "trend_mbps_per_year_low")] = np.nan
        wide[speed_column(network, "trend_mbps_per_year_high")] = np.nan
    return wide


def _slopes(rows: pd.DataFrame) -> pd.Series:
    """Mbps per year by unit_code, null where quarters are too few."""
    frame = pd.DataFrame(
        {
            "unit_code": rows["unit_code"].to_numpy(),
            "years": years_of(rows["quarter"]),
            "log": np.log(rows["download_raw_mbps"].to_numpy(dtype=float)),
            "weight": rows["tests"].to_numpy(dtype=float),
        }
    )
    units = frame.groupby("unit_code")
    share = frame["weight"] / units["weight"].transform("sum")
    # centred on each unit's weighted means: sums of raw years squared would lose half the digits
    mean_years = (share * frame["years"]).groupby(frame["unit_code"]).transform("sum")
    mean_log = (share * frame["log"]).groupby(frame["unit_code"]).transform("sum")
    centred = frame["years"] - mean_years
    terms = pd.DataFrame({"xy": share * centred * (frame["log"] - mean_log), "xx": share * centred**2})
    sums = terms.groupby(frame["unit_code"]).sum()
    newest = units["years"].max() - mean_years.groupby(frame["unit_code"]).first()
    enough = units["years"].nunique() >= MIN_QUARTERS
    slope = (sums["xy"] / sums["xx"]).where(enough)
    fitted = np.exp(mean_log.groupby(frame["unit_code"]).first() + slope * newest)
    return slope * fitted


def years_of(quarters: pd.Series) -> FloatArray:
    """`2026Q3` → 2026.5: the start of each quarter in years."""
    text = quarters.astype(str)
    year = text.str.slice(0, 4).astype(float)
    return np.asarray(year + (text.str.slice(5, 6).astype(float) - 1) / 4, dtype=float)
