"""Figures beside their sum are rounded so that what is written adds up, on the card, in the units and along a plan."""

import itertools
import re
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.rollout import Check
from geo.rollout_check import Range
from layers.parts import parts_as_written, rounded, whole_parts
from layers.plan_text import cost_of, gains_as_written, reach_text, site_rows
from layers.rollout_text import criterion_lines, figure_lines, headline
from layers.touched import touched_html, touched_rows
from tests.rollout_scene import check, make_ground, offer, site_offer


def exact(value: float) -> Range:
    return Range(value, value, value)


def with_people(one: Check, **people: float) -> Check:
    """A check whose figures in people are these."""
    figures = {code: (exact(people.get(code, 0.0)), pair[1]) for code, pair in one.figures.items()}
    return replace(one, figures=figures)


@pytest.fixture(scope="module")
def one() -> Check:
    return check(make_ground(), offer(5, 10)).checks[0]


@pytest.mark.parametrize(
    ("parts", "total", "whole"),
    [
        ([343.45, 214.35], 557.8, [344, 214]),
        ([0.4, 0.4, 0.4], 1.2, [1, 0, 0]),
        ([2.0, 3.0], 5.0, [2, 3]),
        # what is no part of the sum is rounded by itself
        ([10.6, 3.2], 20.0, [11, 3]),
        ([10.6, None], 10.6, [11, None]),
        ([10.6], None, [11]),
        ([], 0.0, []),
    ],
)
def test_parts_add_up_to_the_sum_as_it_is_written(
    parts: list[float | None], total: float | None, whole: list[float | None]
) -> None:
    assert whole_parts(parts, total) == whole


@given(st.lists(st.floats(0, 1e6), max_size=60))
def test_any_parts_add_up_and_stay_within_one(parts: list[float]) -> None:
    whole = whole_parts(parts, sum(parts))
    assert sum(value or 0.0 for value in whole) == rounded(sum(parts), 0)
    assert all(abs((value or 0.0) - part) < 1.000001 for value, part in zip(whole, parts, strict=True))


def test_new_and_duplicated_people_make_up_those_inside(one: Check) -> None:
    # each rounded by itself: 558 + 26.560 = 27.118, but 27.117 inside
    found = with_people(
        one, inside=27117.2, new=557.6, duplicated=26559.6, covered_others=26559.6, covered_same=26515.1
    )
    lines = {line.code: line for line in figure_lines(found, "vi")}
    assert [lines[code].people for code in ("inside", "new", "duplicated")] == ["27.117", "558", "26.559"]
    # a part of it is never more
    assert lines["covered_others"].people == "26.559"
    assert [line.code for line in lines.values() if not line.part] == ["inside", "new", "duplicated"]
    said = headline(found, "vi")
    assert said.startswith("27.117 người trong đề xuất: 558 người mới được phủ sóng 4G, 26.559 người")
    assert headline(found, "en").startswith("27,117 people inside the proposal: 558 newly get 4G, 26,559 are")


def test_ranges_keep_their_ends_and_what_is_not_known_is_left(one: Check) -> None:
    modelled = check(make_ground(), site_offer(8.0, 2)).checks[0]
    written = parts_as_written(modelled, 0, 0)
    for code, found in written.items():
        assert (found.low, found.high) == (
            modelled.figures[code][0].low,
            modelled.figures[code][0].high,
        ) or found.low == found.high
    unknown = replace(one, figures={code: (Range(), Range()) for code in one.figures})
    assert parts_as_written(unknown, 0, 0)["duplicated"] == Range()
    assert headline(unknown, "vi") == ""


def test_the_units_add_up_to_the_card_and_show_their_sum(one: Check) -> None:
    units = one.units.iloc[[0, 0, 0]].assign(
        name=["a", "b", "<i>c"], inside_people=[0.4, 0.4, 0.4], new_people=[343.45, 214.35, 0.0]
    )
    found = replace(with_people(one, inside=1.2, new=557.8), units=units)
    assert [row["inside"] for row in touched_rows(found, "vi")] == ["1", "0", "0"]
    assert [row["new"] for row in touched_rows(found, "vi")] == ["344", "214", "0"]
    code = str(units["unit_code"].iloc[0])
    assert [row["name"] for row in touched_rows(found, "vi", {code: "xã A"})] == ["xã A"] * 3
    html = touched_html(found, "vi")
    foot = re.findall(r"<td>(.*?)</td>", html.split("<tfoot>")[1])
    assert foot[:3] == ["Cộng", "1", "558"]
    assert "<i>c" not in html
    assert html.count("<tr") == 5
    assert "Đề xuất không nằm trên đơn vị nào." in touched_html(replace(found, units=units.iloc[:0]), "vi")


def test_a_threshold_is_written_as_its_sentence_writes_it(one: Check) -> None:
    for line, criterion in zip(criterion_lines(one, "vi"), one.criteria, strict=True):
        if criterion.code in ("duplication", "gap_share", "inside"):
            assert ",0%" not in line.threshold
            assert line.threshold.split()[-1].rstrip(".") in line.sentence
        if criterion.code == "spacing":
            assert line.threshold == "từ 10 km"


class _Ask:
    candidates = "grid"


class _Found:
    """As much of a suggestion as a table needs."""

    ask = _Ask()

    def __init__(self, gains: list[float]) -> None:
        table = pd.DataFrame(
            {
                "order": range(1, len(gains) + 1),
                "name": "r1c1",
                "unit_code": "25225",
                "unit_name": "Đăk Ơ",
                "cost": float("nan"),
                "people_gained": gains,
            }
        )
        self.sites = gpd.GeoDataFrame(
            table, geometry=[shapely.Point(107.123456, 11.9)] * len(gains), crs=4326
        )


def test_what_each_site_adds_adds_up_along_the_plan() -> None:
    found: Any = _Found([1472.4, 1358.4, 1274.4, 974.4, 665.6])
    gains = gains_as_written(found)
    assert [so_far for _, so_far in gains][-1] == rounded(sum(found.sites["people_gained"]), 0)
    assert all(before[1] + after[0] == after[1] for before, after in itertools.pairwise(gains))
    first = site_rows(found, "vi")[0]
    # a place on a grid has no name that says anything: where it is, is said
    assert (first["Vĩ độ"], first["Kinh độ"]) == ("11,90000", "107,12346")
    assert "r1c1" not in first.values()
    # as every other page calls it, where the page knows
    assert first["Đơn vị"] == "Đăk Ơ"
    assert site_rows(found, "vi", {"25225": "xã Đăk Ơ"})[0]["Đơn vị"] == "xã Đăk Ơ"


def test_what_is_spent_is_known_only_when_every_cost_is() -> None:
    found: Any = _Found([3.0, 2.0])
    assert cost_of(found) is None
    found.sites["cost"] = [3000.0, 0.0]
    assert cost_of(found) == 3000.0
    found.sites["cost"] = [3000.0, float("nan")]
    assert cost_of(found) is None


@pytest.mark.parametrize(
    ("radius_m", "vietnamese", "english"),
    [
        (3000.0, "bán kính 3 km", "radius 3 km"),
        (2500.0, "bán kính 2,5 km", "radius 2.5 km"),
        (None, "theo mô hình sóng", "by a radio model"),
    ],
)
def test_the_reach_is_said_with_its_figure(radius_m: float | None, vietnamese: str, english: str) -> None:
    assert reach_text(radius_m, "vi") == vietnamese
    assert reach_text(radius_m, "en") == english
