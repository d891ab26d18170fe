"""Quarters → direction: is a unit's speed rising or falling, by how much a year, and does it fall behind the others.

Weighted least squares of log speed on time per unit, in closed form. Log, because speeds grow by factors. What all units
share, the median of the quarter, is taken out first and its own trend put back at the end: a quarter that was good for
everyone is then no evidence about anyone. Slopes are pooled by `geo.pooling`. METHODS.md, "Trend", has every formula.
"""

from typing import Final

import numpy as np
import pandas as pd

from geo.arrays import BoolArray, FloatArray, ObjectArray
from geo.errors import InputError
from geo.pooling import LEAST_RESIDUALS, fit_prior, half_widths, shrink
from geo.quarters import years_of
from geo.schema import Direction, speed_column
from geo.trend_lines import (
    MIN_PEERS,
    Series,
    fit_lines,
    fit_noise,
    gaps,
    inflation,
    variances,
)

MIN_QUARTERS: Final = 4
"""Fewer distinct quarters with tests give no trend (DESIGN §5)."""


def fit_trends(by_quarter: pd.DataFrame) -> pd.DataFrame:
    """One row per unit: unit_code, and per network `{n}_trend_mbps_per_year`, its `_low` and `_high`, and `{n}_direction`.

    `by_quarter`: unit_code, network, quarter ("2026Q3"), download_raw_mbps, tests, devices. The trend is the slope of log
    speed (per year) × the speed in the unit's newest quarter with tests: Mbps per year, now. Null below `MIN_QUARTERS`
    quarters, and for a unit with a quarter of 0 Mbps: that has no logarithm, and a line through the rest would hide it. Raises
    `InputError` for negative figures and for a unit that stands twice in a quarter.
    """
    units = by_quarter["unit_code"].drop_duplicates().to_numpy()
    wide = pd.DataFrame({"unit_code": units})
    _require_sound(by_quarter)
    tested = by_quarter[(by_quarter["tests"] > 0) & by_quarter["download_raw_mbps"].notna()]
    least = tested.groupby([tested["network"].astype(str), "unit_code"])["download_raw_mbps"].transform("min")
    usable = tested[least > 0]
    for network in sorted(by_quarter["network"].astype(str).unique()):
        series, codes = _series(usable[usable["network"].astype(str) == network])
        place = pd.Index(codes).get_indexer(pd.Index(units))
        slope, low, high, direction = _trends(series)
        for column, values in (
            ("trend_mbps_per_year", slope),
            ("trend_mbps_per_year_low", low),
            ("trend_mbps_per_year_high", high),
        ):
            wide[speed_column(network, column)] = np.append(values, np.nan)[place]
        wide[speed_column(network, "direction")] = np.append(direction, np.array([None], dtype=object))[place]
    return wide


def _require_sound(rows: pd.DataFrame) -> None:
    for name in ("download_raw_mbps", "tests", "devices"):
        bad = rows[rows[name] < 0]
        if len(bad):
            row = bad.iloc[0]
            raise InputError(
                f"{name} is {row[name]} in unit {row['unit_code']}, {row['network']} {row['quarter']} ({len(bad)} such "
                "rows); wanted 0 or more: mend the figures the table was made from"
            )
    twice = rows[rows.duplicated(["unit_code", "network", "quarter"])]
    if len(twice):
        row = twice.iloc[0]
        raise InputError(
            f"unit {row['unit_code']} stands twice in {row['network']} {row['quarter']} ({len(twice)} such rows); wanted one "
            "row per unit, network and quarter"
        )


def _series(rows: pd.DataFrame) -> tuple[Series, ObjectArray]:
    """The units with enough quarters as (units, quarters) arrays, and their codes."""
    often = rows.groupby("unit_code")["quarter"].transform("nunique") >= MIN_QUARTERS
    kept = rows[often]
    unit, codes = pd.factorize(kept["unit_code"].to_numpy(dtype=object), sort=True)
    quarter, names = pd.factorize(kept["quarter"].astype(str).to_numpy(dtype=object), sort=True)
    log_mbps, devices = (np.full((len(codes), len(names)), np.nan) for _ in range(2))
    log_mbps[unit, quarter] = np.log(kept["download_raw_mbps"].to_numpy(dtype=float))
    # whoever tested had a device, also where the publisher counts none
    tests = kept["tests"].to_numpy(dtype=float)
    devices[unit, quarter] = np.maximum(kept["devices"].to_numpy(dtype=float), np.minimum(tests, 1.0))
    return Series(years_of(pd.Series(names, dtype=object)), log_mbps, devices), codes


def _trends(series: Series) -> tuple[FloatArray, FloatArray, FloatArray, ObjectArray]:
    """Per unit: Mbps per year, low, high, direction."""
    units = len(series.log_mbps)
    null, nothing = np.full(units, np.nan), np.full(units, None, dtype=object)
    if not units:
        return null, null, null, nothing
    noise, freedom = fit_noise(series)
    gap, median = gaps(series, noise)
    lines = fit_lines(series.years, gap, variances(series, noise))
    known = ~np.isnan(gap)
    newest = known.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    oldest = np.argmax(known, axis=1)
    slope, variance = lines.slope, lines.variance * inflation(lines.residual)
    prior = (
        fit_prior(slope, variance, np.zeros(units, dtype=np.int64)) if freedom >= LEAST_RESIDUALS else None
    )
    if prior is not None:
        slope, variance = shrink(slope, variance, prior, np.zeros(units, dtype=np.int64))
        freedom = min(freedom, prior.freedom)
    ends = [
        lines.mean_gap + slope * (series.years[quarter] - lines.mean_year) for quarter in (oldest, newest)
    ]
    level = np.exp(ends[1] + median[newest])
    shared, shared_variance, shared_freedom = _shared_trend(series.years, median, units)
    if freedom < LEAST_RESIDUALS and prior is None:
        return (slope + shared) * level, null, null, nothing
    half = half_widths(variance + shared_variance, min(freedom, shared_freedom))
    speeds = [(slope + shared + sign * half) * level for sign in (0, -1, 1)]
    direction = nothing if prior is None else _direction(slope, half_widths(variance, freedom), *ends)
    return speeds[0], speeds[1], speeds[2], direction


def _shared_trend(years: FloatArray, median: FloatArray, units: int) -> tuple[float, float, float]:
    """Slope of the medians, its variance and degrees of freedom; nothing to add where units are fitted by themselves."""
    if units < MIN_PEERS or len(years) < MIN_QUARTERS:
        return 0.0, 0.0, np.inf
    line = fit_lines(years, median[None, :], np.ones((1, len(years))))
    error = median - line.mean_gap[0] - line.slope[0] * (years - line.mean_year[0])
    freedom = len(years) - 2
    scatter = float((error**2).sum()) / freedom
    return float(line.slope[0]), scatter * float(line.variance[0]) * inflation(line.residual), float(freedom)


def _direction(
    slope: FloatArray, half: FloatArray, first_gap: FloatArray, last_gap: FloatArray
) -> ObjectArray:
    """Below the median and getting further (`falling_behind`), below it at first and getting nearer (`catching_up`)."""
    falling: BoolArray = (slope + half < 0) & (last_gap < 0)
    catching: BoolArray = (slope - half > 0) & (first_gap < 0)
    named = np.select(
        [falling, catching],
        [Direction.FALLING_BEHIND, Direction.CATCHING_UP],
        default=Direction.STEADY,
    )
    return named.astype(str).astype(object)
