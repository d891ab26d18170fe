"""Every quarter's mean speed of every unit with its interval, and the median unit beside it."""

from typing import Final

import numpy as np
import pandas as pd

from geo.arrays import FloatArray
from geo.pooling import LEAST_RESIDUALS, half_widths, log_of_mean
from geo.quarters import years_of
from geo.trend_lines import MIN_PEERS, Noise, Series, fit_noise, variances

QUARTER_COLUMNS: Final = (
    "unit_code", "network", "quarter", "download_mbps", "low_mbps", "high_mbps", "tests", "devices", "median_mbps",
)  # fmt: skip
MIN_QUARTERS: Final = 4
"""Units with fewer quarters say nothing of how far a quarter lies from a line."""
WIDEST_TIMES: Final = 100.0
"""An interval from a hundredth of the mean to a hundred times it says nothing, and is none."""


def quarter_intervals(by_quarter: pd.DataFrame) -> pd.DataFrame:
    """`QUARTER_COLUMNS`, a row per unit, network and quarter with tests, sorted so.

    `by_quarter`: the table `speed_by_quarter` of one list. `download_mbps` is the test-weighted mean as it stands there.
    `low_mbps`, `high_mbps`: 90 % for the level that the unit's own course has in that quarter, exp(y ∓ t·√v), with y and v of
    METHODS (Trend): v = ψ'(devices / σ²) + φ². Null where the list has too few quarters to tell chance from change, and
    where it would be wider than `WIDEST_TIMES` either way, and for a measured 0 Mbps, which has no logarithm.
    `median_mbps`: median of the units in the quarter, null under four units.
    """
    if by_quarter.empty or "network" not in by_quarter:
        return pd.DataFrame(columns=list(QUARTER_COLUMNS))
    usable = by_quarter[(by_quarter["tests"] > 0) & (by_quarter["download_raw_mbps"] >= 0)]
    parts = [_of_network(rows) for _, rows in usable.groupby(usable["network"].astype(str), sort=True)]
    if not parts:
        return pd.DataFrame(columns=list(QUARTER_COLUMNS))
    frame = pd.concat(parts, ignore_index=True)
    return frame.sort_values(["unit_code", "network", "quarter"], ignore_index=True)[list(QUARTER_COLUMNS)]


def _of_network(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.reset_index(drop=True)
    mbps = rows["download_raw_mbps"].to_numpy(dtype=float)
    tests, devices = (rows[name].to_numpy(dtype=float) for name in ("tests", "devices"))
    # whoever tested had a device, also where the publisher counts none
    devices = np.maximum(devices, np.minimum(tests, 1.0))
    low, high = _ends(rows, mbps, devices)
    by_quarter = rows.groupby("quarter")["download_raw_mbps"]
    median = by_quarter.transform("median").where(by_quarter.transform("count") >= MIN_PEERS)
    return rows[["unit_code", "network", "quarter"]].assign(
        download_mbps=mbps, low_mbps=low, high_mbps=high, tests=tests, devices=devices, median_mbps=median
    )


def _ends(rows: pd.DataFrame, mbps: FloatArray, devices: FloatArray) -> tuple[FloatArray, FloatArray]:
    noise, freedom = _fit(rows, mbps, devices)
    if noise is None:
        nothing = np.full(len(rows), np.nan)
        return nothing, nothing
    logs = np.log(np.where(mbps > 0, mbps, np.nan))
    single = Series(np.zeros(1), logs[:, None], devices[:, None])
    middle = logs + log_of_mean(noise.sigma2 / devices)[0]
    half = half_widths(variances(single, noise)[:, 0], freedom)
    half = np.where(half < np.log(WIDEST_TIMES), half, np.nan)
    return np.exp(middle - half), np.exp(middle + half)


def _fit(rows: pd.DataFrame, mbps: FloatArray, devices: FloatArray) -> tuple[Noise | None, float]:
    moving = rows["quarter"].where(mbps > 0)
    often = (moving.groupby(rows["unit_code"]).transform("nunique") >= MIN_QUARTERS).to_numpy() & (mbps > 0)
    if not often.any():
        return None, 0.0
    unit, codes = pd.factorize(rows.loc[often, "unit_code"].to_numpy(dtype=object), sort=True)
    quarter, names = pd.factorize(rows.loc[often, "quarter"].astype(str).to_numpy(dtype=object), sort=True)
    logs, counts = (np.full((len(codes), len(names)), np.nan) for _ in range(2))
    logs[unit, quarter], counts[unit, quarter] = np.log(mbps[often]), devices[often]
    noise, freedom = fit_noise(Series(years_of(pd.Series(names, dtype=object)), logs, counts))
    return (noise, freedom) if freedom >= LEAST_RESIDUALS else (None, freedom)
