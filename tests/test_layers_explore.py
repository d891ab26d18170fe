"""What exploring says and sends: thresholds in links, filters in words, the square legend, overlays in order, the whole region."""

import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.limits import find_limits
from geo.people_sum import PeopleSum
from geo.results import Built
from geo.unit_filter import Bound, UnitFilter, read_filter
from layers.bivariate import PEOPLE_COLUMN, is_bivariate, people_indicators, square_html, with_people
from layers.explore import (
    explore_part,
    in_drawing_order,
    limit_figure,
    limit_of,
    limit_part,
    limit_text,
    limits_message,
)
from layers.filter_text import SideKept, both_kept_html, condition_text, kept_html, nothing_html
from layers.legend import legend_classes
from layers.overlays import Overlay, evidence_of
from layers.palette import INDICATORS, Indicator
from layers.strings import Language
from layers.whole import NOT_SUMMED, is_summed, whole_figures, whole_html
from tests.fake_built import fake_built

SPEED = next(one for one in INDICATORS if one.column == "mobile_download_mbps")
VERDICT = next(one for one in INDICATORS if one.column == "verdict")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return fake_built(tmp_path_factory.mktemp("explore"))


@pytest.mark.parametrize("text", ["mobile_download_mbps<10", "mobile_download_mbps>=99.8"])
def test_a_threshold_reads_back(text: str) -> None:
    found = limit_of(text, SPEED)
    assert found is not None
    assert limit_text(found) == text


@pytest.mark.parametrize(
    "text",
    [
        None, "", "10", "people<10", "mobile_download_mbps<x", "mobile_download_mbps>10", "mobile_download_mbps<=10",
        "verdict=gap", "mobile_download_mbps<nan", "mobile_download_mbps<1e999", "<script>", "mobile_download_mbps<",
    ],
)  # fmt: skip
def test_any_other_text_is_no_threshold(text: str | None) -> None:
    assert limit_of(text, SPEED) is None


def test_a_verdict_has_no_threshold(built: Built) -> None:
    assert limit_of("mobile_download_mbps<10", VERDICT) is None
    assert limits_message(built.primary.result, [True] * 12, VERDICT, "vi") is None


def test_the_slider_counts_the_units_inside_alone(built: Built) -> None:
    result = built.primary.result
    inside = [code not in ("25001", "25012") for code in result["unit_code"]]
    found = limits_message(result, inside, SPEED, "en")
    assert found is not None
    assert set(found["place"]) == set(result.loc[inside, "unit_code"])
    forty = found["stops"].index("40")
    # 39.5, 30, 12, 8 and 3 of the ten; 25011 has no figure
    assert found["below"][forty][0] == 5
    assert found["missing"][0] == 1
    assert found["labels"][forty] == "40 Mbps"
    part = limit_part(found, Bound("mobile_download_mbps", "<", 40.3))
    assert part == {"side": "<", "stop": found["stops"].index("40")}
    message = explore_part(dimmed=["25001"], limits=found, bound=None, opacity=60, focus=None)
    assert message["explore"]["limit"] is None
    assert message["explore"]["opacity"] == 0.6
    # of two maps that move as one, one keeps the place of both
    assert message["explore"]["placed"] is True
    second = explore_part(dimmed=(), limits=None, bound=None, opacity=100, focus=None, is_placed=False)
    assert second["explore"]["placed"] is False


@pytest.mark.parametrize(
    ("value", "unit", "language", "wanted"),
    [
        (20.0, "Mbps", "vi", "20 Mbps"), (0.998, "share", "vi", "99,8%"), (0.1, "share", "en", "10%"),
        (2.5, "points", "vi", "2,5"), (1234.0, "people", "vi", "1.234 người"), (12.25, "hộ", "en", "12.25 hộ"),
    ],
)  # fmt: skip
def test_thresholds_have_no_more_decimals_than_they_need(
    value: float, unit: str, language: Language, wanted: str
) -> None:
    assert limit_figure(value, unit, language) == wanted


def test_every_condition_is_said_in_both_languages(built: Built) -> None:
    wanted = read_filter(
        ["verdict=gap,watch", "district=701", "operator=4G:Viettel", "operator!=5G:VNPT", "border=yes", "remote=20",
         "mobile_download_mbps<10", "indicator:ho_so>=50"]
    )  # fmt: skip
    vi = condition_text(wanted, built.primary, "vi")
    assert vi == (
        "kết luận: Vùng lõm, Cần theo dõi", "huyện: 701", "có sóng Viettel 4G", "chưa có sóng VNPT 5G", "giáp biên giới",
        "cách đô thị từ 20 km", "Tải xuống di động < 10 Mbps", "Hồ sơ <i>trực tuyến</i> ≥ 50%",
    )  # fmt: skip
    en = condition_text(wanted, built.primary, "en")
    assert len(en) == len(vi)
    html = kept_html(3, 12, PeopleSum(1234.0, 1), 2, vi, "vi") + nothing_html(2, vi, "vi")
    assert "<i>trực tuyến</i>" not in html
    assert "Đang giữ 3 trên 12 đơn vị · ít nhất 1.234 người; 1 đơn vị chưa có số dân" in html
    assert "2 đơn vị chưa đủ số liệu" in html


def test_a_name_that_the_list_lacks_comes_from_another(built: Built) -> None:
    wanted = read_filter(["district=701,702", "indicator:ho_so>=50"])
    one = built.primary
    bare = replace(one, indicators=one.indicators.iloc[:0])
    named = replace(bare, result=bare.result.assign(district_code="701", district_name="Lộc Ninh"))
    assert condition_text(wanted, bare, "vi") == ("huyện: 701, 702", "ho_so ≥ 50")
    said = condition_text(wanted, bare, "vi", others=(one, named))
    assert said == ("huyện: Lộc Ninh, 702", "Hồ sơ <i>trực tuyến</i> ≥ 50%")


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (
            SideKept("a", 2, 111, PeopleSum(20134.0, 0), 0, (), True),
            "A: 2 of 111 units kept · 20,134 people</b> </p>",
        ),
        (
            SideKept("a", 2, 111, PeopleSum(None, 2), 3, (), True),
            "A: 2 of 111 units kept</b> 3 units lack a figure",
        ),
        (SideKept("b", 0, 40, PeopleSum(0.0, 0), 0, (), True), "B: No unit meets every condition</b> </p>"),
        (
            SideKept("b", 40, 40, PeopleSum(9.0, 0), 0, ("district: <b>",), False),
            "B: All 40 units are shown, none set back</b> Cannot be applied to this list: district: &lt;b&gt;.</p>",
        ),
    ],
)
def test_each_of_two_maps_says_what_it_keeps(kept: SideKept, said: str) -> None:
    html = both_kept_html(("verdict: <i>",), (kept,), "en")
    assert said in html
    assert "<b>verdict: &lt;i&gt;</b>" in html


def test_no_condition_no_words(built: Built) -> None:
    assert condition_text(UnitFilter(), built.primary, "vi") == ()


def make_squares() -> gpd.GeoDataFrame:
    """Nine units, one in each square, and one without people."""
    rows = [(f"{gap}{people}", float(gap), float(people)) for gap in (1, 2, 3) for people in (1, 2, 3)]
    frame = pd.DataFrame([*rows, ("x", 2.0, None)], columns=["unit_code", "gap_score", "people"])
    return gpd.GeoDataFrame(frame, geometry=[shapely.Point(0, 0)] * 10, crs="EPSG:4326")


def test_the_worst_and_most_peopled_is_the_dark_corner() -> None:
    result = with_people(make_squares())
    classes = dict(zip(result["unit_code"], result[PEOPLE_COLUMN], strict=True))
    assert classes["33"] == "3-3"
    assert classes["13"] == "1-3"
    assert classes["x"] is None
    (indicator,) = people_indicators(result)
    assert is_bivariate(indicator)
    assert not is_bivariate(VERDICT)
    lines = legend_classes(indicator, result, "en")
    assert lines[8].label == "wide gap, many people"
    html = square_html("Gap <b>", indicator, lines, "en")
    # rows from the widest gap down, columns to the most people
    assert re.findall(r'scope="row">([^<]+)<', html) == ["wide gap", "some gap", "little gap"]
    assert [int(one) for one in re.findall(r">([0-9]+)</td>", html)] == [1] * 9
    assert "1 unit lacks" in html
    assert "Gap <b>" not in html


def test_without_people_there_is_no_such_view() -> None:
    bare = make_squares().drop(columns="people")
    assert with_people(bare) is bare
    assert people_indicators(bare) == ()
    assert people_indicators(make_squares().assign(people=None)) == ()


def test_the_first_of_the_order_is_drawn_last() -> None:
    overlays = [Overlay(f"/{name}", name, "#000", 1, 13, None, name) for name in ("A", "B", "C", "C")]
    assert [one.operator for one in in_drawing_order(overlays, ["B", "A", "C"])] == ["C", "C", "A", "B"]
    assert [one.operator for one in in_drawing_order(overlays, [])] == ["C", "C", "B", "A"]


def test_evidence_of_a_technology(built: Built) -> None:
    assert evidence_of(built.coverage_areas, "4G") == ("declared", "modelled")
    assert evidence_of(built.coverage_areas, "5G") == ("declared",)
    assert evidence_of(None, "4G") == ()


def test_the_whole_says_what_was_kept_back_and_escapes_its_name() -> None:
    table = pd.DataFrame(
        {"unit_code": ["all"], "name": ["<img src=x>"], "units": [12], "people_known": [1000.0], "people_unknown_units": [2], "area_km2": [None],
         "gap_units": [3.0], "4g_covered_people_share": [0.9979]}
    )  # fmt: skip
    withheld = pd.DataFrame({"whole_code": ["all"], "column": ["town_distance_km"], "unit_code": ["25012"]})
    found = whole_figures(table, withheld)
    assert (found[0].people, found[0].area_km2, found[0].by_verdict["gap"]) == (PeopleSum(1000.0, 2), None, 3)
    assert is_summed(found, "4g_covered_people_share")
    assert not is_summed(found, "verdict")
    html = whole_html(found, "verdict", "vi")
    assert "<img" not in html
    assert "99,7%" in html
    assert "Khoảng cách đến đô thị" in html
    assert [one.key for one in NOT_SUMMED.swatches] == ["none", "no_data"]


def test_stops_hold_the_borders_of_the_classes() -> None:
    share = next(one for one in INDICATORS if one.column == "4g_covered_people_share")
    limits = find_limits([0.5, 0.9, 1.0], None, wanted=share.breaks)
    assert limits is not None
    assert {0.8, 0.9, 0.95, 0.998} <= {*limits.stops}


def test_braces_of_the_styles_close_where_they_should() -> None:
    folder = Path(__file__).parents[1] / "layers"
    for style in (folder / "page.css", folder / "js" / "vunglom.css"):
        depth = 0
        for line in style.read_text(encoding="utf-8").splitlines():
            # a rule that begins at the margin is inside nothing
            assert depth == 0 or not re.match(r"[.#@:\[a-z*]", line), f"{style.name}: {line}"
            depth += line.count("{") - line.count("}")
        assert depth == 0


def test_an_indicator_of_own_figures_can_have_a_threshold() -> None:
    own = Indicator("indicator:ho_so", "%", (20.0, 40.0), ("#000", "#111", "#222"), label="Hồ sơ")
    assert limit_of("indicator:ho_so<40", own) == Bound("indicator:ho_so", "<", 40.0)
