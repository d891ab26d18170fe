"""What is known of a figure of the result table: the interval [low, high] that it lies in, null where nothing is known."""

from typing import Final

import numpy as np
import pandas as pd

from geo.arrays import FLOAT_NOISE

OWN_PREFIX: Final = "indicator:"
"""Before the id of an own indicator, where it stands beside the columns of the result table."""
BORDER: Final = "border"
"""Id of the own indicator that says which units lie at the country's border (1 or 0)."""
YES_OR_NO: Final = "yes_no"
"""Unit of an own indicator that is 1 (yes) or 0 (no)."""


def numbers(frame: pd.DataFrame, column: str) -> pd.Series:
    """The column as floats; null throughout where the table has no such column."""
    if column not in frame:
        return pd.Series(np.nan, index=frame.index, dtype=float)
    return pd.to_numeric(frame[column]).astype(float)


def figure_interval(
    communes: pd.DataFrame, column: str, decisive_devices: float
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """The figure and the ends of what it may be, in the column's unit; `high` may be infinite.

    A share of people that is not known is bounded by the share of area. A speed has its 90 % interval; without one, and
    from fewer than `decisive_devices` devices, it may be anything. Every other figure is taken as it is.
    """
    value = numbers(communes, column)
    if column.endswith("_covered_people_share"):
        return value, *_share_interval(value, numbers(communes, column.replace("_people_", "_area_")))
    if column.endswith("_download_mbps"):
        network = column.removesuffix("_download_mbps")
        low, high = (numbers(communes, f"{network}_download_{end}") for end in ("low", "high"))
        thin = numbers(communes, f"{network}_devices") < decisive_devices
        return (
            value,
            low.where(low.notna(), value.mask(thin & value.notna(), 0.0)),
            high.where(high.notna(), value.mask(thin & value.notna(), np.inf)),
        )
    return value, value, value


def _share_interval(people_share: pd.Series, area_share: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Where people are not known, area bounds their share: all of the area covers all, none of it none."""
    known = area_share.notna()
    low = pd.Series(np.where(area_share >= 1 - FLOAT_NOISE, 1.0, 0.0), index=area_share.index).where(known)
    high = pd.Series(np.where(area_share <= FLOAT_NOISE, 0.0, 1.0), index=area_share.index).where(known)
    return people_share.where(people_share.notna(), low), people_share.where(people_share.notna(), high)
