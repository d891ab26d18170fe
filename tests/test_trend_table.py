"""Trends as a table and as pictures: the order, medians by hand, no evidence last and said so, names that stay names."""

import base64
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from geo.people_sum import PeopleSum
from geo.trend_table import TREND_COLUMNS, quarter_medians, trend_rows, with_tests
from layers.row_table import in_order
from layers.strings import LANGUAGES, text
from layers.trend_multiples import multiples_html
from layers.trends import (
    counts_html,
    direction_counts,
    direction_word,
    slope_points,
    slope_spec,
    slope_text,
    trend_table,
)

HOSTILE = "<img src=x onerror=alert(1)>`${1}'\\"


def _communes() -> gpd.GeoDataFrame:
    frame = {
        "unit_code": ["01", "02", "03", "04"],
        "name": ["An", HOSTILE, "Chơn", "Đăk"],
        "kind": ["xã", None, "xã", "xã"],
        "people": [1000.0, 2000.0, 3000.0, 4000.0],
        "mobile_direction": ["steady", "falling_behind", None, "catching_up"],
        "mobile_trend_mbps_per_year": [1.0, -2.0, np.nan, 9.0],
        "mobile_trend_mbps_per_year_low": [-1.0, -3.0, np.nan, 5.0],
        "mobile_trend_mbps_per_year_high": [3.0, -1.0, np.nan, 13.0],
        "mobile_download_mbps": [20.0, 10.0, np.nan, 40.0],
        "mobile_tests": [50.0, 40.0, 0.0, 60.0],
    }
    return gpd.GeoDataFrame(frame, geometry=[box(i, 0, i + 1, 1) for i in range(4)], crs=4326)


def _speed() -> pd.DataFrame:
    rows = [
        ("01", "2026Q1", 10.0, 5), ("01", "2026Q2", 20.0, 5), ("02", "2026Q1", 30.0, 5), ("02", "2026Q2", 40.0, 5),
        ("04", "2026Q1", 50.0, 5), ("04", "2026Q2", 0.0, 0), ("03", "2026Q1", 99.0, 0),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["unit_code", "quarter", "download_raw_mbps", "tests"])
    return frame.assign(network="mobile")


def test_falling_behind_stands_first_and_no_trend_last() -> None:
    rows = trend_rows(_communes(), _speed(), "mobile")
    assert list(rows.columns) == list(TREND_COLUMNS)
    assert rows["unit_code"].tolist() == ["02", "01", "04", "03"]
    assert rows["quarters"].tolist() == [2, 2, 1, 0]


def test_a_network_without_columns_is_all_unknown() -> None:
    rows = trend_rows(_communes(), _speed(), "fixed")
    assert rows["trend_mbps_per_year"].isna().all()
    assert rows["quarters"].tolist() == [0, 0, 0, 0]
    assert direction_counts(rows)["unknown"] == (4, PeopleSum(10_000.0, 0))


def test_medians_leave_out_quarters_without_tests() -> None:
    # 2026Q1: 10, 30, 50 (unit 03 has no tests); 2026Q2: 20, 40 (unit 04 has none)
    assert quarter_medians(_speed(), "mobile").to_dict() == {"2026Q1": 30.0, "2026Q2": 30.0}
    assert len(with_tests(_speed(), "mobile")) == 5


def test_people_of_a_direction_say_how_many_units_are_not_counted() -> None:
    communes = _communes()
    communes.loc[0, "people"] = np.nan
    counts = direction_counts(trend_rows(communes, _speed(), "mobile"))
    assert counts["steady"] == (1, PeopleSum(None, 1))
    assert counts["falling_behind"] == (1, PeopleSum(2000.0, 0))
    assert "nan" not in counts_html(trend_rows(communes, _speed(), "mobile"), "vi")


def test_the_line_of_a_multiple_breaks_where_nothing_was_measured() -> None:
    rows = [("01", f"2025Q{place}", mbps, 5) for place, mbps in ((1, 10.0), (2, 20.0), (4, 40.0))]
    speed = pd.DataFrame(
        [*rows, ("02", "2025Q3", 30.0, 5)], columns=["unit_code", "quarter", "download_raw_mbps", "tests"]
    ).assign(network="mobile")
    communes = _communes().iloc[:1]
    html = multiples_html(trend_rows(communes, speed, "mobile"), speed, communes, "mobile", "vi")
    source = html.split("base64,")[1].split('"')[0]
    median, own = re.findall(r' d="([^"]+)"', base64.b64decode(source).decode())
    # four medians are one line; the unit's stops after the second quarter and has a third dot
    assert (median.count("M"), median.count("L")) == (1, 3)
    assert (own.count("M"), own.count("L")) == (2, 1)
    assert base64.b64decode(source).decode().count("<circle") == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_a_slope_and_of_no_direction(language: str) -> None:
    row = trend_rows(_communes(), _speed(), "mobile").to_dict("records")[0]
    assert ("-2,0 (-3,0 – -1,0)" if language == "vi" else "-2.0 (-3.0 – -1.0)") in slope_text(row, language)  # type: ignore[arg-type]
    assert direction_word(None, language) == text("direction_unknown", language)  # type: ignore[arg-type]


def test_a_chart_names_each_row_and_keeps_names_out_of_its_expression() -> None:
    communes = _communes()
    points = slope_points(trend_rows(communes, _speed(), "mobile"), communes, "vi")
    assert [point["code"] for point in points] == ["02", "01", "04"]
    spec = slope_spec(points, "vi", selected="01", select="pick")
    assert [value["selected"] for value in spec["data"]["values"]] == [False, True, False]
    expression = spec["layer"][1]["encoding"]["y"]["axis"]["labelExpr"]
    assert "onerror" not in expression
    assert "`" not in expression


def test_small_multiples_escape_names_and_leave_out_units_without_a_trend() -> None:
    communes = _communes()
    html = multiples_html(trend_rows(communes, _speed(), "mobile"), _speed(), communes, "mobile", "vi")
    assert html.count("<figure>") == 3
    assert "<img src=x" not in html
    assert "Chơn" not in html
    assert multiples_html(trend_rows(communes, _speed(), "fixed"), _speed(), communes, "fixed", "vi") == ""


def test_the_table_says_a_dash_for_what_is_not_known() -> None:
    communes = _communes()
    table = trend_table(trend_rows(communes, _speed(), "mobile"), communes, "vi")
    assert table.ids == ("02", "01", "04", "03")
    last = table.frame.iloc[-1].tolist()
    assert last == ["xã Chơn", "Chưa tính được xu hướng", "–", "–", "0", "3.000"]
    assert last == table.frame.iloc[table.row_of("03") or 0].tolist()


def test_the_table_sorts_by_figures_and_names_not_by_the_words_of_its_cells() -> None:
    communes = _communes()
    table = trend_table(trend_rows(communes, _speed(), "mobile"), communes, "vi")
    # -2, +1, +9, unknown; as words "+1" would stand before "-2"
    assert in_order(table, "trend_slope").ids == ("02", "01", "04", "03")
    assert in_order(table, "trend_slope", down=True).ids == ("04", "01", "02", "03")
    assert in_order(table, "trend_direction", down=True).ids == ("04", "01", "02", "03")
    # without its kind: An, Chơn, Đăk
    assert [one for one in in_order(table, "name").ids if one != "02"] == ["01", "03", "04"]
