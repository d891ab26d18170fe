"""A unit beside its province, the nation, its neighbours and the units most like it: squares whose answers the eye can check."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from geo.targets import NATIONAL_TARGETS
from geo.unit_context import LEVEL_REACHED, Peers, figures_in_context, national_level, province_of
from geo.unit_peers import PEOPLE_TIMES, TOWN_KM, Features, neighbours, similar_units, unit_features

NAN = np.nan


def communes(**columns: Any) -> pd.DataFrame:
    """Three units, two of province 70 and one of 75."""
    frame = pd.DataFrame(
        {
            "unit_code": ["1", "2", "3"],
            "vintage": "2026-04",
            "province_code": ["70", "70", "75"],
            "province_name": ["Bình Phước", "Bình Phước", "Đồng Nai"],
            "people": [1000.0, 3000.0, 5000.0],
        }
    )
    return frame.assign(**columns)


def goal_rows(dimension: str, column: str, **figures: list[float]) -> pd.DataFrame:
    ends = {"low": figures["value"], "high": figures["value"], "deficit": [NAN] * 3, **figures}
    return pd.DataFrame({"unit_code": ["1", "2", "3"], "dimension": dimension, "column": column, **ends})


SHARES = goal_rows("4g", "4g_covered_people_share", value=[0.8, 1.0, 0.1])
SPEEDS = goal_rows(
    "mobile",
    "mobile_download_mbps",
    value=[20.0, 40.0, 90.0],
    low=[10.0, 30.0, 80.0],
    high=[30.0, 60.0, 99.0],
)


def test_the_province_is_weighted_by_people_and_others_stay_out() -> None:
    peers = province_of(communes(), "1")
    assert peers == Peers("Bình Phước", frozenset({"1", "2"}))
    rows = (
        figures_in_context(communes(), pd.concat([SHARES, SPEEDS]), peers)
        .set_index("dimension")
        .to_dict("index")
    )
    # (0.8·1000 + 1·3000) / 4000, (20·1 + 40·3) / 4, and the ends alike
    assert rows["4g"] | {"value": 0.95, "units": 2, "units_known": 2, "people_share": 1} == rows["4g"]
    assert rows["mobile"] | {"value": 35.0, "low": 25.0, "high": 52.5} == rows["mobile"]


def test_a_unit_without_a_figure_is_not_zero_and_is_told() -> None:
    speeds = goal_rows(
        "mobile", "mobile_download_mbps", value=[NAN, 40.0, 1.0], low=[NAN, 30.0, 1.0], high=[NAN, 60.0, 1.0]
    )
    row = figures_in_context(communes(), speeds, province_of(communes(), "1")).iloc[0]
    assert row[["value", "low", "high"]].tolist() == [40.0, 30.0, 60.0]
    assert row[["units", "units_known", "people_share"]].tolist() == [2, 1, 0.75]


def test_an_end_that_nothing_bounds_leaves_none() -> None:
    speeds = goal_rows("mobile", "m", value=[20.0, 40.0, 1.0], low=[0.0, 30.0, 1.0], high=[np.inf, 60.0, 1.0])
    row = figures_in_context(communes(), speeds, province_of(communes(), "1")).iloc[0]
    assert row["value"] == 35.0
    assert row["low"] == 22.5
    assert np.isnan(row["high"])


@pytest.mark.parametrize("people", [[NAN, 3000.0, 1.0], [NAN] * 3, [0.0, 0.0, 1.0]])
def test_no_figure_where_people_are_not_known_or_nobody_lives(people: list[float]) -> None:
    row = figures_in_context(communes(people=people), SHARES, province_of(communes(), "1")).iloc[0]
    assert np.isnan(row["value"])
    assert np.isnan(row["low"])
    assert (row["units"], row["units_known"]) == (2, 2)


def test_without_provinces_the_whole_list_stands_in() -> None:
    bare = communes().drop(columns=["province_code", "province_name"])
    assert province_of(bare, "3") == Peers(None, frozenset({"1", "2", "3"}))
    nameless = communes(province_code=["70", None, "75"])
    assert province_of(nameless, "2").province is None
    assert province_of(communes().drop(columns="province_name"), "3") == Peers("75", frozenset({"3"}))


def test_the_nation_is_what_it_has_reached_with_a_source_and_no_wish() -> None:
    both = pd.concat([SHARES, SPEEDS])
    rows = (
        figures_in_context(communes(), both, province_of(communes(), "1"))
        .set_index("dimension")
        .to_dict("index")
    )
    (said,) = [target for target in NATIONAL_TARGETS if target.id == "4g_people"]
    assert rows["4g"]["national"] == said.goal == 0.998
    assert rows["4g"]["national_on"] == said.said_on
    assert "reaches" in said.source
    assert np.isnan(rows["mobile"]["national"])
    assert {national_level(column) is not None for column in LEVEL_REACHED} == {True}
    assert national_level("5g_covered_people_share") is None


def test_a_foreign_list_has_no_vietnamese_nation() -> None:
    abroad = communes(vintage="other")
    assert figures_in_context(abroad, SHARES, province_of(abroad, "1"))["national"].isna().all()


def squares(*boxes: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    codes = [chr(ord("A") + place) for place in range(len(boxes))]
    return gpd.GeoDataFrame({"unit_code": codes}, geometry=[box(*one) for one in boxes], crs=4326)


def test_neighbours_touch_in_an_edge_a_corner_or_over_a_crack() -> None:
    units = squares(
        (0, 0, 1, 1),
        (1, 0, 2, 1),
        (1, 1, 2, 2),
        (0, 1.0000005, 1, 2),
        (0, -1, 1, -0.001),
        (-0.5, 0.2, 0.1, 0.5),
    )
    # an edge, a corner, a crack of 5 cm, a gap of 100 m, an overlap
    assert neighbours(units, "A") == ("B", "C", "D", "F")
    for one in units["unit_code"]:
        for other in neighbours(units, one):
            assert one in neighbours(units, other)
    assert neighbours(squares((0, 0, 1, 1)), "A") == ()


def features_of(deficits: dict[str, list[float]], people: list[float], km: list[float]) -> Features:
    codes = [str(number) for number in range(1, len(people) + 1)]
    table = pd.DataFrame({"unit_code": codes, "people": people, "town_distance_km": km})
    goals = pd.concat(
        [
            pd.DataFrame({"unit_code": codes, "dimension": name, "deficit": found})
            for name, found in deficits.items()
        ]
    )
    return unit_features(table, goals)


def test_the_difference_by_hand() -> None:
    features = features_of(
        {"4g": [0.0, 0.5, 0.0, NAN], "mobile": [0.2, 0.2, NAN, NAN]},
        [1000.0, 1000.0 * PEOPLE_TIMES, 1000.0, 1000.0],
        [10.0, 10.0 + TOWN_KM / 2, 10.0, NAN],
    )
    found = similar_units(features, "1").set_index("unit_code")["difference"]
    # to 2: (0.5 + 0 + 1 + 0.5) / 4; to 3: a speed known of one alone counts 1: (0 + 1 + 0 + 0) / 4; 4 has nothing to compare
    assert found.to_dict() == pytest.approx({"3": 0.25, "2": 0.5})


def test_what_neither_has_is_not_compared_and_nothing_is_more_than_one() -> None:
    features = features_of({"4g": [0.5, 0.5], "5g": [NAN, NAN]}, [1.0, 1e9], [NAN, NAN])
    assert similar_units(features, "1")["difference"].tolist() == [0.5]


def test_nearest_first_ties_by_code_and_no_more_than_asked() -> None:
    features = features_of({"4g": [0.0, 0.3, 0.1, 0.1, 0.9, 0.2, 0.4]}, [10.0] * 7, [1.0] * 7)
    assert similar_units(features, "1")["unit_code"].tolist() == ["3", "4", "6", "2", "7"]
    assert similar_units(features, "1", most=2)["unit_code"].tolist() == ["3", "4"]
    alone = features_of({"4g": [0.5]}, [1.0], [1.0])
    assert similar_units(alone, "1").empty
