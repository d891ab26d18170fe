"""Intervals of quarters: planted courses must lie in them nine times in ten; what is missing stays missing."""

import numpy as np
import pandas as pd
import pytest

from geo.quarter_intervals import QUARTER_COLUMNS, WIDEST_TIMES, quarter_intervals
from tests.planted import plant


@pytest.mark.parametrize("devices", [8.0, 40.0])
def test_nine_in_ten_hold_the_course_that_was_planted(devices: float) -> None:
    held = []
    for seed in range(6):
        planted = plant(seed, units=60, quarters=8, devices=devices, growth=0.0, shock=0.0)
        rows = quarter_intervals(planted.by_quarter)
        course = np.exp(planted.level)[rows["unit_code"].astype(int)]
        held.append(((rows["low_mbps"] <= course) & (course <= rows["high_mbps"])).mean())
    assert 0.87 <= np.mean(held) <= 0.95


def test_the_mean_stays_as_it_is_and_the_median_is_that_of_the_quarter() -> None:
    table = plant(1, units=6, quarters=6).by_quarter
    rows = quarter_intervals(table.sample(frac=1, random_state=1))
    assert tuple(rows.columns) == QUARTER_COLUMNS
    merged = rows.merge(table, on=["unit_code", "network", "quarter"])
    assert len(merged) == len(table)
    assert merged["download_mbps"].tolist() == merged["download_raw_mbps"].tolist()
    medians = table.groupby("quarter")["download_raw_mbps"].median()
    assert rows["median_mbps"].tolist() == pytest.approx(medians[rows["quarter"]].tolist())
    assert (rows["low_mbps"] < rows["high_mbps"]).all()


def test_fewer_devices_make_it_wider() -> None:
    table = plant(3, units=30, quarters=8, wobble=0.05).by_quarter
    few = table.assign(devices=table["devices"].where(table["unit_code"] != "000", 2.0))
    width = quarter_intervals(few).assign(width=lambda rows: np.log(rows["high_mbps"] / rows["low_mbps"]))
    assert width.loc[width["unit_code"] == "000", "width"].min() > 2 * width["width"].median()


def test_too_few_quarters_give_means_without_intervals() -> None:
    rows = quarter_intervals(plant(1, units=3, quarters=3).by_quarter)
    assert len(rows) == 9
    assert rows["download_mbps"].notna().all()
    assert rows[["low_mbps", "high_mbps", "median_mbps"]].isna().all().all()


def test_a_unit_of_one_quarter_has_the_interval_of_the_list() -> None:
    table = plant(5, units=20, quarters=8).by_quarter
    kept = table[(table["unit_code"] != "007") | (table["quarter"] == "2023Q1")]
    (row,) = quarter_intervals(kept).query("unit_code == '007'").to_dict("records")
    assert row["low_mbps"] < row["download_mbps"] < row["high_mbps"]


def test_an_interval_that_says_nothing_is_none() -> None:
    table = plant(2, units=20, quarters=8).by_quarter
    thin = table.assign(devices=table["devices"].where(table["unit_code"] != "003", 0.01), tests=1.0)
    thin.loc[thin["unit_code"] == "003", "tests"] = 0.01
    rows = quarter_intervals(thin).query("unit_code == '003'")
    assert rows["download_mbps"].notna().all()
    assert rows["low_mbps"].isna().all()
    known = quarter_intervals(thin).dropna(subset=["low_mbps"])
    assert (known["high_mbps"] / known["low_mbps"]).max() < WIDEST_TIMES**2


def test_quarters_without_tests_or_speed_are_left_out_not_zero() -> None:
    table = plant(1, units=10, quarters=8).by_quarter
    table.loc[0, "tests"] = 0.0
    table.loc[2, "download_raw_mbps"] = np.nan
    assert len(quarter_intervals(table)) == len(table) - 2


def test_a_measured_zero_is_zero_and_moves_no_other_interval() -> None:
    table = plant(1, units=10, quarters=8).by_quarter
    zero = table["unit_code"].eq("003") & table["quarter"].eq("2023Q1")
    assert zero.sum() == 1
    found = quarter_intervals(table.assign(download_raw_mbps=table["download_raw_mbps"].mask(zero, 0.0)))
    here = found["unit_code"].eq("003") & found["quarter"].eq("2023Q1")
    (row,) = found[here].to_dict("records")
    assert (row["download_mbps"], row["tests"] > 0) == (0.0, True)
    assert np.isnan([row["low_mbps"], row["high_mbps"]]).all()
    # its quarter's median knows of it, the scatter about the lines does not
    of_quarter = found.loc[found["quarter"] == "2023Q1", "download_mbps"]
    assert row["median_mbps"] == pytest.approx(of_quarter.median())
    without = quarter_intervals(table[~zero])
    assert (
        found.loc[~here, ["low_mbps", "high_mbps"]].to_numpy().tolist()
        == without[["low_mbps", "high_mbps"]].to_numpy().tolist()
    )


def test_nothing_but_zeros_is_nothing_but_zeros() -> None:
    found = quarter_intervals(plant(1, units=6, quarters=6).by_quarter.assign(download_raw_mbps=0.0))
    assert (found["download_mbps"] == 0).all()
    assert (found["median_mbps"] == 0).all()
    assert found["low_mbps"].isna().all()


@pytest.mark.parametrize(
    "table",
    [pd.DataFrame({"unit_code": pd.Series(dtype=str)}), plant(1, units=1, quarters=4).by_quarter.head(0)],
)
def test_no_speeds_no_rows(table: pd.DataFrame) -> None:
    assert quarter_intervals(table).empty
    assert tuple(quarter_intervals(table).columns) == QUARTER_COLUMNS
