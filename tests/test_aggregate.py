"""Figures of wholes from their parts: sums by eye, and the same figures taken from the whole itself as an oracle."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.aggregate import (
    RESULT_RULES,
    WHOLE_LIST,
    members_by_level,
    members_of_all,
    roll_up,
    roll_up_coverage,
)
from geo.coverage import cover_units, dissolve_coverage, union_by_technology
from geo.crs import geodesic_area_km2
from geo.errors import InputError, VintageError
from geo.people import count_people_of_units
from geo.schema import RESULT_COLUMNS, Evidence, Level, Vintage
from geo.vintages import crosswalk, crosswalk_members
from tests.tiny import grid_over, tiles_box, units_of, voronoi_units


def table(**columns: Any) -> pd.DataFrame:
    """Units a, b (province 1) and c (province 2)."""
    return pd.DataFrame({"unit_code": ["a", "b", "c"], "province_code": ["1", "1", "2"], **columns})


def rolled(frame: pd.DataFrame, **options: Any) -> pd.DataFrame:
    return roll_up(frame, members_by_level(frame, Level.PROVINCE), **options).table.set_index("unit_code")


def test_counts_are_added_and_shares_weighed_by_people() -> None:
    found = rolled(
        table(people=[100.0, 300, 50], area_km2=[1.0, 2, 3], **{"4g_covered_people_share": [1.0, 0.2, 0.5]})
    )
    assert found["units"].tolist() == [2, 1]
    assert found["people"].tolist() == [400, 50]
    assert found["area_km2"].tolist() == [3, 3]
    # 100 + 60 of 400, not the mean of means 0.6
    assert found["4g_covered_people_share"].tolist() == pytest.approx([0.4, 0.5])


def test_speeds_are_weighed_by_tests_and_a_unit_without_tests_takes_no_part() -> None:
    frame = table(mobile_download_raw_mbps=[10.0, 40, np.nan], mobile_tests=[30.0, 10, 0])
    found = rolled(frame)
    assert found["mobile_download_raw_mbps"].tolist() == pytest.approx([17.5, np.nan], nan_ok=True)
    assert found["mobile_tests"].tolist() == [40, 0]
    assert rolled(frame)["mobile_tests"].sum() == 40


def test_a_part_that_is_not_known_keeps_the_whole_back_and_is_named() -> None:
    frame = table(people=[100.0, np.nan, 50], **{"4g_uncovered_people": [10.0, np.nan, 5]})
    outcome = roll_up(frame, members_by_level(frame, Level.PROVINCE))
    assert outcome.table["people"].tolist() == pytest.approx([np.nan, 50], nan_ok=True)
    assert outcome.withheld.to_numpy().tolist() == [["1", "people", "b"], ["1", "4g_uncovered_people", "b"]]
    assert rolled(frame, partial=True)["people"].tolist() == [100, 50]
    # the sum of what is known stands beside it, with how many parts it lacks, whatever is asked for
    assert outcome.table["people_known"].tolist() == [100, 50]
    assert outcome.table["people_unknown_units"].tolist() == [1, 0]


def test_a_share_of_nobody_is_no_part_and_of_nobody_at_all_is_null() -> None:
    frame = table(people=[100.0, 0, 0], **{"4g_covered_people_share": [0.5, np.nan, np.nan]})
    outcome = roll_up(frame, members_by_level(frame, Level.PROVINCE))
    assert outcome.table["4g_covered_people_share"].tolist() == pytest.approx([0.5, np.nan], nan_ok=True)
    assert outcome.withheld.empty


def test_nothing_known_is_null_even_when_partial() -> None:
    frame = table(people=[np.nan, np.nan, 5.0])
    found = rolled(frame, partial=True)
    assert found["people"].tolist() == pytest.approx([np.nan, 5], nan_ok=True)
    assert found["people_known"].tolist() == pytest.approx([np.nan, 5], nan_ok=True)
    assert found["people_unknown_units"].tolist() == [2, 0]


def test_verdicts_are_counted_in_units_and_people() -> None:
    frame = table(people=[100.0, 300, 50], verdict=["gap", "served", "gap"])
    found = rolled(frame)
    assert found[["gap_units", "served_units", "watch_units", "unknown_units"]].to_numpy().tolist() == [
        [1, 1, 0, 0],
        [1, 0, 0, 0],
    ]
    assert found["gap_people"].tolist() == [100, 50]
    assert found["served_people"].tolist() == [300, 0]


def test_one_whole_for_all() -> None:
    frame = table(people=[100.0, 300, 50])
    found = roll_up(frame, members_of_all(frame)).table
    assert found.to_numpy().tolist() == [[WHOLE_LIST, 3, 450, 450, 0]]


def test_figures_that_parts_do_not_give_are_left_out() -> None:
    left_out = {column.name for column in RESULT_COLUMNS if column.kind == "number"} - set(RESULT_RULES)
    for name in (
        "rank",
        "gap_score_low",
        "4g_operators",
        "mobile_tiles",
        "mobile_quarters",
        "mobile_download_mbps",
        "mobile_download_low",
    ):
        assert name in left_out
    assert set(RESULT_RULES) <= {column.name for column in RESULT_COLUMNS}


def test_a_split_unit_is_shared_out_by_people_and_its_land_is_not() -> None:
    members = pd.DataFrame(
        {"unit_code": ["a", "b", "b", "c"], "whole_code": ["x", "x", "y", "y"], "share": [1, 0.25, 0.75, 1]}
    )
    frame = table(people=[100.0, 400, 50], area_km2=[1.0, 2, 3], verdict=["gap", "gap", "served"],
                  **{"4g_covered_people_share": [1.0, 0.5, 0.0], "4g_covered_area_share": [1.0, 0.5, 0.0]})  # fmt: skip
    outcome = roll_up(frame.drop(columns="province_code"), members)
    found = outcome.table.set_index("unit_code")
    assert found["people"].tolist() == [200, 350]
    assert found["4g_covered_people_share"].tolist() == pytest.approx([150 / 200, 150 / 350])
    assert found["gap_people"].tolist() == [200, 300]
    assert found[["area_km2", "4g_covered_area_share", "gap_units"]].isna().all(axis=None)
    assert set(outcome.withheld["unit_code"]) == {"b"}


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 5000))
def test_any_grouping_agrees_with_the_whole_taken_at_once(seed: int) -> None:
    """Coverage and people of two halves, from their units and from their outlines."""
    rng = np.random.default_rng(seed)
    units = voronoi_units(seed, 8)
    side = rng.choice(["x", "y"], len(units))
    side[:2] = ["x", "y"]
    wholes = units_of(
        **{name: shapely.union_all(units.geometry[side == name].to_numpy()) for name in ("x", "y")}
    )
    grid = grid_over(0, 0, 8, 8, rng.gamma(0.5, 30, (16, 16)))
    claims = gpd.GeoDataFrame(
        {"operator": ["a", "b"], "technology": "4G", "evidence": "declared", "as_of": "2026-06-30"},
        geometry=[tiles_box(0, 0, 5, 4), tiles_box(3, 2, 8, 7)], crs="EPSG:4326",
    )  # fmt: skip
    areas, _ = dissolve_coverage(claims)
    members = pd.DataFrame({"unit_code": units["unit_code"], "whole_code": side, "share": 1.0})
    small, large = (_measured(frame, areas, grid) for frame in (units, wholes))
    up = roll_up(small, members)
    assert up.withheld.empty
    for name in (
        "people",
        "area_km2",
        "4g_covered_people_share",
        "4g_covered_area_share",
        "4g_uncovered_people",
    ):
        assert up.table[name].tolist() == pytest.approx(large[name].tolist(), rel=2e-5, abs=1e-4)
    coverage = roll_up_coverage(cover_units(units, areas, grid), small, members).table
    people = up.table.set_index("unit_code")["people"]
    options: Any = {"evidence_order": tuple(Evidence), "operator_share": 0.5}
    assert (
        union_by_technology(coverage, people, **options)["4g_operators"].tolist()
        == large["4g_operators"].tolist()
    )


def _measured(units: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, grid: Any) -> pd.DataFrame:
    shapes = units.geometry.to_numpy()
    people = pd.Series(count_people_of_units(grid, shapes), index=units["unit_code"].tolist())
    union = union_by_technology(
        cover_units(units, areas, grid), people, evidence_order=tuple(Evidence), operator_share=0.5
    )
    return union.assign(people=people.to_numpy(), area_km2=geodesic_area_km2(shapes))


def test_old_communes_become_new_ones_and_provinces() -> None:
    """The 111 communes of the former Bình Phước: none was split, so every person arrives in the 40 new units."""
    ways = crosswalk(Vintage.V2024, Vintage.V2026_04)
    members = crosswalk_members(ways)
    new = [f"{code:05}" for code in range(25195, 25451)]
    mine = members[members["whole_code"].isin(new)]
    frame = pd.DataFrame({"unit_code": mine["unit_code"].unique()})
    frame["people"] = np.arange(1.0, len(frame) + 1)
    outcome = roll_up(frame, mine)
    assert len(frame) == 111
    assert len(outcome.table) == 40
    assert outcome.table["people"].sum() == frame["people"].sum()
    assert outcome.withheld.empty


def test_a_split_commune_without_shares_keeps_its_new_units_back() -> None:
    ways = crosswalk(Vintage.V2024, Vintage.V2025_07)
    code = ways.split[0]
    targets = ways.targets[code]
    members = crosswalk_members(ways)
    mine = members[members["whole_code"].isin(targets)]
    frame = pd.DataFrame({"unit_code": mine["unit_code"].unique(), "people": 10.0})
    outcome = roll_up(frame, mine)
    assert outcome.table["people"].isna().all()
    shared = crosswalk_members(ways, {code: {target: 1 / len(targets) for target in targets}})
    given = shared[shared["unit_code"] == code]
    assert given["share"].sum() == pytest.approx(1)


def test_there_is_no_way_back_in_time() -> None:
    with pytest.raises(VintageError, match="figures of 2025-07 cannot be taken apart into units of 2024"):
        crosswalk_members(crosswalk(Vintage.V2025_07, Vintage.V2024))


def test_units_without_a_parent() -> None:
    frame = table(people=[1.0, 2, 3])
    with pytest.raises(InputError, match=r"3 of 3 units have no district_code \(a, b, c\).*no districts"):
        members_by_level(frame, Level.DISTRICT)
    with pytest.raises(InputError, match=r"1 of 3 units have no province_code \(c\)"):
        members_by_level(
            frame.assign(province_code=pd.Series(["1", "1", None], dtype=object)), Level.PROVINCE
        )


@pytest.mark.parametrize(
    ("members", "match"),
    [
        (
            {"unit_code": ["a", "b"], "whole_code": "x"},
            "1 units of the table belong to no whole: c; are the table .* of one vintage",
        ),
        ({"unit_code": ["a", "b", "c", "c"], "whole_code": "x"}, "unit c stands twice in x"),
    ],
)
def test_members_that_do_not_fit(members: dict[str, Any], match: str) -> None:
    with pytest.raises(InputError, match=match):
        roll_up(table(people=[1.0, 2, 3]), pd.DataFrame(members).assign(share=1.0))


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 5000))
def test_means_lie_between_their_parts_and_rolling_up_twice_is_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = 12
    frame = pd.DataFrame(
        {"unit_code": [f"{n:02}" for n in range(count)], "district_code": rng.choice(["p", "q", "r"], count), "people": rng.integers(0, 50, count) * 1.0,
         "4g_covered_people_share": rng.random(count), "mobile_tests": rng.integers(0, 9, count) * 1.0, "mobile_download_raw_mbps": rng.uniform(1, 99, count)}
    )  # fmt: skip
    districts = roll_up(frame, members_by_level(frame, Level.DISTRICT)).table
    once, twice = (roll_up(part, members_of_all(part)).table.iloc[0] for part in (frame, districts))
    for name in ("people", "4g_covered_people_share", "mobile_tests", "mobile_download_raw_mbps"):
        assert once[name] == pytest.approx(twice[name], nan_ok=True)
    share = once["4g_covered_people_share"]
    assert (
        np.isnan(share)
        or frame["4g_covered_people_share"].min() <= share <= frame["4g_covered_people_share"].max()
    )
