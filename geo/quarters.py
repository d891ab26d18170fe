"""Quarters written as `2026Q3`: which are the newest, and where they lie in time."""

import pandas as pd


def newest_quarters(frame: pd.DataFrame, quarters: int) -> dict[str, list[str]]:
    """Network → its newest `quarters` quarters among the rows of `frame` (columns network, quarter), oldest first."""
    found = frame[["network", "quarter"]].astype(str).drop_duplicates()
    return {str(n): sorted(group["quarter"])[-quarters:] for n, group in found.groupby("network")}
