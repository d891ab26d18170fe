"""Direction of a unit's speed: curves whose slope is known, numpy's own weighted fit, and trends planted and looked for."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.quarters import years_of
from geo.trend_lines import fit_lines, inflation
from geo.trends import fit_trends
from tests.planted import plant

NAMES = [f"mobile_{name}" for name in ("trend_mbps_per_year", "trend_mbps_per_year_low", "trend_mbps_per_year_high", "direction")]  # fmt: skip


def _quarters(unit: str, speeds: list[float], tests: list[float], network: str = "mobile") -> pd.DataFrame:
    quarters = [f"{2024 + place // 4}Q{place % 4 + 1}" for place in range(len(speeds))]
    return pd.DataFrame(
        {
            "unit_code": unit, "network": network, "quarter": quarters, "download_raw_mbps": speeds,
            "tests": tests, "devices": tests,
        }
    )  # fmt: skip


def _trend(frame: pd.DataFrame, network: str = "mobile") -> list[float]:
    numbers: list[float] = fit_trends(frame)[f"{network}_trend_mbps_per_year"].tolist()
    return numbers


def test_years() -> None:
    assert years_of(pd.Series(["2026Q1", "2026Q3", "2025Q4"])).tolist() == [2026.0, 2026.5, 2025.75]


def test_a_doubling_every_year_and_a_level_line() -> None:
    doubling = _quarters("a", [10 * 2 ** (k / 4) for k in range(8)], [1e9] * 8)
    level = _quarters("b", [30.0] * 8, [1e9] * 8)
    wanted = np.log(2) * 10 * 2 ** (7 / 4)
    assert _trend(pd.concat([doubling, level])) == pytest.approx([wanted, 0.0], abs=1e-6)


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
    wide = fit_trends(_quarters("a", speeds, tests))
    assert wide[NAMES].isna().all(axis=None)
    among = fit_trends(pd.concat([_quarters("a", speeds, tests), plant(1, units=9).by_quarter]))
    assert among.set_index("unit_code").loc["a"].isna().all()
    assert among.set_index("unit_code").drop(index="a").notna().all(axis=None)


def test_each_network_has_its_own_and_one_unit_alone_has_no_direction() -> None:
    rows = pd.concat(
        [_quarters("a", [10, 20, 30, 40], [9] * 4), _quarters("a", [40, 30, 20, 10], [9] * 4, "fixed")]
    )
    wide = fit_trends(rows)
    assert wide["mobile_trend_mbps_per_year"].iloc[0] > 0 > wide["fixed_trend_mbps_per_year"].iloc[0]
    # two degrees of freedom say nothing of chance
    rest = [f"{n}_{name}" for n in ("mobile", "fixed") for name in ("trend_mbps_per_year_low", "trend_mbps_per_year_high", "direction")]  # fmt: skip
    assert wide[rest].isna().all(axis=None)


def test_a_long_series_of_one_unit_has_an_interval() -> None:
    rng = np.random.default_rng(3)
    speeds = [20 * np.exp(0.2 * k / 4 + e) for k, e in enumerate(rng.normal(0, 0.05, 16))]
    row = fit_trends(_quarters("a", speeds, [200.0] * 16)).iloc[0]
    assert (
        row["mobile_trend_mbps_per_year_low"]
        < 0.2 * 20 * np.exp(0.75)
        < row["mobile_trend_mbps_per_year_high"]
    )
    assert pd.isna(row["mobile_direction"])


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-3, 7), st.floats(0.01, 50)), min_size=4, max_size=20))
def test_the_closed_form_agrees_with_polyfit(cells: list[tuple[float, float]]) -> None:
    gap, variance = np.array(cells).T
    years = 2024 + np.arange(len(cells)) / 4
    line = fit_lines(years, gap[None, :], variance[None, :])
    slope, start = np.polyfit(years - 2024, gap, 1, w=1 / np.sqrt(variance))
    assert line.slope.tolist() == pytest.approx([slope], rel=1e-5, abs=1e-6)
    middle = start + slope * (line.mean_year[0] - 2024)
    assert line.mean_gap.tolist() == pytest.approx([middle], rel=1e-5, abs=1e-6)


def test_the_variance_of_a_slope_is_that_of_numpys_fit() -> None:
    rng = np.random.default_rng(4)
    gap, variance, years = rng.normal(size=9), rng.gamma(2, 1, 9), np.arange(9) / 4
    line = fit_lines(years, gap[None, :], variance[None, :])
    _, covariance = np.polyfit(years, gap, 1, w=1 / np.sqrt(variance), cov="unscaled")
    assert line.variance.tolist() == pytest.approx([covariance[0, 0]])


def test_neighbours_alike_widen_and_neighbours_unlike_do_not() -> None:
    alike = np.array([[1.0, 1, 1, -1, -1, -1, np.nan, 1, 1]])
    assert inflation(alike) > 1.5
    assert inflation(np.array([[1.0, -1, 1, -1, 1]])) == 1.0
    assert inflation(np.full((2, 4), np.nan)) == 1.0


@pytest.mark.parametrize("quarters", [4, 8, 20])
def test_of_units_that_do_not_move_at_most_one_in_ten_is_said_to(quarters: int) -> None:
    moving = [
        (fit_trends(plant(seed, quarters=quarters).by_quarter)["mobile_direction"] != "steady").mean()
        for seed in range(20)
    ]
    assert np.mean(moving) <= 0.10


@pytest.mark.parametrize(("sign", "word"), [(-1, "falling_behind"), (1, "catching_up")])
def test_planted_trends_are_found_with_the_stated_power(sign: int, word: str) -> None:
    # a quarter a year over three years, 200 devices a quarter: METHODS.md has 79 %
    found, wrong = [], []
    for seed in range(15):
        planted = plant(seed, slope=0.3 * sign, share=0.15, devices=200)
        direction = fit_trends(planted.by_quarter)["mobile_direction"].to_numpy()
        moves = planted.slope != 0
        first = planted.level - planted.slope * 2.75
        below = (planted.level if sign < 0 else first) < np.median(planted.level) - 0.1
        found += (direction[moves & below] == word).tolist()
        wrong += (direction[moves] == ("catching_up" if sign < 0 else "falling_behind")).tolist()
    assert np.mean(found) >= 0.75
    assert not any(wrong)


@pytest.mark.parametrize("changes", [{}, {"quarters": 20}, {"quarters": 4}, {"devices": 8}, {"units": 12}])
def test_nine_in_ten_intervals_hold_the_planted_trend(changes: dict[str, int]) -> None:
    inside = []
    for seed in range(15):
        planted = plant(seed, slope=-0.2, share=0.3, **changes)
        wide = fit_trends(planted.by_quarter)
        low, high = wide["mobile_trend_mbps_per_year_low"], wide["mobile_trend_mbps_per_year_high"]
        inside.append(((low <= planted.mbps_per_year) & (planted.mbps_per_year <= high)).mean())
    # with 4 quarters the median's own trend has two degrees of freedom: wide, and rightly so
    assert 0.85 <= np.mean(inside) <= (1.0 if changes.get("quarters") == 4 else 0.98)


def test_a_good_quarter_for_everyone_is_no_evidence_about_anyone() -> None:
    rows = plant(5, shock=0.0).by_quarter
    good = rows["quarter"] == rows["quarter"].max()
    lifted = rows.assign(download_raw_mbps=rows["download_raw_mbps"] * np.where(good, 3, 1))
    before, after = fit_trends(rows), fit_trends(lifted)
    assert before["mobile_direction"].tolist() == after["mobile_direction"].tolist()
    width = [(w["mobile_trend_mbps_per_year_high"] - w["mobile_trend_mbps_per_year_low"]).median() for w in (before, after)]  # fmt: skip
    assert width[1] > width[0]


def test_a_unit_above_the_median_that_loses_its_lead_is_not_behind() -> None:
    rows = plant(6, wobble=0.01, devices=5000).by_quarter
    years = years_of(rows["quarter"])
    falling = np.where(rows["unit_code"] == "000", np.exp(-0.3 * (years - years.max())), 1.0)
    level = np.where(rows["unit_code"] == "000", rows.groupby("quarter")["download_raw_mbps"].transform("median") * 2, rows["download_raw_mbps"])  # fmt: skip
    lead = fit_trends(rows.assign(download_raw_mbps=level * falling)).set_index("unit_code")
    behind = fit_trends(
        rows.assign(download_raw_mbps=np.where(rows["unit_code"] == "000", level / 4, level) * falling)
    )
    assert lead.loc["000", "mobile_direction"] == "steady"
    assert behind.set_index("unit_code").loc["000", "mobile_direction"] == "falling_behind"


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(4, 9))
def test_intervals_hold_their_trend_and_the_order_of_rows_is_irrelevant(
    seed: int, units: int, quarters: int
) -> None:
    rows = plant(seed, units=units, quarters=quarters, devices=3).by_quarter
    rows = rows.sample(frac=0.9, random_state=seed)
    wide = fit_trends(rows).sort_values("unit_code", ignore_index=True)
    known = wide[wide["mobile_trend_mbps_per_year_low"].notna()]
    assert (known["mobile_trend_mbps_per_year_low"] <= known["mobile_trend_mbps_per_year"]).all()
    assert (known["mobile_trend_mbps_per_year"] <= known["mobile_trend_mbps_per_year_high"]).all()
    again = fit_trends(rows.iloc[::-1]).sort_values("unit_code", ignore_index=True)
    pd.testing.assert_frame_equal(wide, again)


@pytest.mark.parametrize(
    ("column", "value", "match"),
    [
        ("download_raw_mbps", -0.5, r"download_raw_mbps is -0\.5 in unit 000, mobile 2022Q3 \(1 such rows\); wanted 0 or more"),
        ("tests", -1.0, r"tests is -1\.0 in unit 000"),
        ("devices", -1.0, r"devices is -1\.0 in unit 000"),
    ],
)  # fmt: skip
def test_negative_figures_are_refused(column: str, value: float, match: str) -> None:
    rows = plant(7, units=5).by_quarter
    rows.loc[2, column] = value
    with pytest.raises(InputError, match=match):
        fit_trends(rows)


def test_a_unit_twice_in_a_quarter_is_refused() -> None:
    rows = plant(8, units=5).by_quarter
    with pytest.raises(InputError, match=r"unit 001 stands twice in mobile 2022Q1 \(1 such rows\)"):
        fit_trends(pd.concat([rows, rows.iloc[[12]]]))


def test_a_quarter_of_zero_is_no_missing_quarter() -> None:
    """A line through the other five would say "steady" of a unit that was last measured at nothing."""
    level = [_quarters(name, [20.0 + place] * 6, [50.0] * 6) for place, name in enumerate("abcdefgh")]
    stopped = _quarters("z", [20.0] * 5 + [0.0], [50.0] * 6)
    found = fit_trends(pd.concat([*level, stopped])).set_index("unit_code")
    assert found.loc["z"].isna().all()
    assert found.loc["a":"h", "mobile_trend_mbps_per_year"].notna().all()
    # a quarter without tests hides nothing
    untested = fit_trends(pd.concat([*level, stopped.iloc[:5]])).set_index("unit_code")
    assert untested.loc["z", "mobile_direction"] == "steady"
