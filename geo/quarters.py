"""Quarters written as `2026Q3`: which are the newest, and where they lie in time."""

import numpy as np
import pandas as pd

from geo.arrays import FloatArray


def newest_quarters(frame: pd.DataFrame, quarters: int) -> dict[str, list[str]]:
    """Network → its newest `quarters` quarters among the rows of `frame` (columns network, quarter), oldest first."""
    found = frame[["network", "quarter"]].astype(str).drop_duplicates()
    return {str(n): sorted(group["quarter"])[-quarters:] for n, group in found.groupby("network")}


def years_of(quarters: pd.Series) -> FloatArray:
    """`2026Q3` → 2026.5: the start of each quarter in years."""
    text = quarters.astype(str)
    year = text.str.slice(0, 4).astype(float)
    return np.asarray(year + (text.str.slice(5, 6).astype(float) - 1) / 4, dtype=float)
