"""Direction of a unit's speed: curves whose slope is known, against numpy's own weighted fit."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.trends import fit_trends, years_of


def _quarters(unit: str, speeds: list[float], tests: list[float], network: str = "mobile") -> pd.DataFrame:
    quarters = [f"{2024 + place // 4}Q{place % 4 + 1}" for place in range(len(speeds))]
    return pd.DataFrame(
        {
            "unit_code": unit,
            "network": network,
            "quarter": quarters,
            "download_raw_mbps": speeds,
            "tests": tests,
        }
    )


def _trend(frame: pd.DataFrame, network: str = "mobile") -> list[float]:
    numbers: list[float] = fit_trends(frame)[f"{network}_trend_mbps_per_year"].tolist()
    return numbers


def test_years() -> None:
    assert years_of(pd.Series(["2026Q1", "2026Q3", "2025Q4"])).tolist() == [2026.0, 2026.5, 2025.75]


def test_a_doubling_every_year_and_a_level_line() -> None:
    doubling = _quarters("a", [10 * 2 ** (k / 4) for k in range(8)], [5.0] * 8)
    level = _quarters("b", [30.0] * 8, [1.0, 9, 2, 8, 3, 7, 4, 6])
    wanted = np.log(2) * 10 * 2 ** (7 / 4)
    assert _trend(pd.concat([doubling, level])) == pytest.approx([wanted, 0.0], abs=1e-9)


@pytest.mark.parametrize(
    ("speeds", "tests"),
    [
        ([10, 20, 30], [5, 5, 5]),
        ([10, 20, 30, 40], [5, 5, 0, 5]),
        ([10, 20, np.nan, 40], [5, 5, 0, 5]),
        ([10, 0, 30, 40], [5, 5, 5, 5]),
        ([np.nan] * 4, [0] * 4),
    ],
)
def test_too_few_quarters_give_no_trend(speeds: list[float], tests: list[float]) -> None:
    assert _trend(_quarters("a", speeds, tests)) == pytest.approx([np.nan], nan_ok=True)


def test_each_network_has_its_own_and_intervals_are_null() -> None:
    rows = pd.concat(
        [_quarters("a", [10, 20, 30, 40], [1] * 4), _quarters("a", [40, 30, 20, 10], [1] * 4, "fixed")]
    )
    wide = fit_trends(rows)
    assert wide["mobile_trend_mbps_per_year"].iloc[0] > 0 > wide["fixed_trend_mbps_per_year"].iloc[0]
    bounds = [f"{n}_trend_mbps_per_year_{end}" for n in ("mobile", "fixed") for end in ("low", "high")]
    assert wide[bounds].isna().all(axis=None)
    assert all(wide[name].dtype == float for name in bounds)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.5, 900), st.floats(0.01, 5000)), min_size=4, max_size=20),
)
def test_the_closed_form_agrees_with_polyfit(rows: list[tuple[float, float]]) -> None:
    speeds, tests = [speed for speed, _ in rows], [count for _, count in rows]
    frame = _quarters("a", speeds, tests)
    years = years_of(frame["quarter"]) - 2024
    slope, start = np.polyfit(years, np.log(speeds), 1, w=np.sqrt(tests))
    wanted = slope * np.exp(start + slope * years[-1])
    shuffled = frame.sample(frac=1, random_state=len(rows))
    assert _trend(shuffled) == pytest.approx([wanted], rel=1e-5, abs=1e-6)
