"""The panel's sections beside the goals: trends, people not covered, place, coverage by kind of evidence."""

import math
from typing import Any

import pytest

from layers.panel import CoverageLine, unit_panel
from layers.panel_figures import TrendLine, UncoveredLine, place_lines, trend_lines, uncovered_lines
from layers.panel_html import panel_html
from layers.panel_sections import coverage_html, place_html, trends_html, uncovered_html
from layers.strings import LANGUAGES, Language, signed
from tests.boxes import without_definitions
from tests.fake_built import NASTY_NAMES, communes, coverage_of, goals_of
from tests.test_layers_panel import Tags

RESULT = communes()
GOALS = goals_of(RESULT)
COVERAGE = coverage_of(RESULT)


def _claim(**changes: Any) -> CoverageLine:
    base: dict[str, Any] = {
        "operator": "Viettel", "technology": "4G", "evidence": "declared", "as_of": "2026-09-30",
        "people_share": 0.9, "area_share": 0.5,
    }  # fmt: skip
    return CoverageLine(**{**base, **changes})


def test_a_trend_is_said_with_its_interval_and_direction() -> None:
    panel = unit_panel("25008", RESULT, GOALS, COVERAGE, "vi")
    assert panel is not None
    assert panel.trends == (TrendLine("mobile", -2.0, -3.5, -0.5, "falling_behind"),)
    said = Tags(panel_html(panel, "vi")).said
    assert "-2,0 (-3,5 – -0,5)" in said
    assert "↘ Tụt lại" in said


def test_an_interval_stands_below_its_figure_without_the_unit_again() -> None:
    ends = {"mobile_download_low": RESULT["mobile_download_mbps"] * 0.8}
    ends["mobile_download_high"] = RESULT["mobile_download_mbps"] * 1.25
    result = RESULT.assign(**ends)
    panel = unit_panel("25001", result, goals_of(result), COVERAGE, "en")
    assert panel is not None
    assert "<td>90.0 Mbps<small>72.0 – 112.5</small></td>" in panel_html(panel, "en")


def test_a_trend_that_is_not_known_is_no_zero() -> None:
    (line,) = trend_lines({"fixed_trend_mbps_per_year": math.nan, "fixed_direction": None})
    assert line == TrendLine("fixed", None, None, None, None)
    said = Tags(trends_html([line], "en")).said
    assert said.endswith("Fixed (Wi-Fi)–No trend can be told")
    assert trend_lines({}) == ()
    assert trends_html((), "en") == ""


@pytest.mark.parametrize("strange", ["sideways", 3, math.nan, "", None])
def test_a_direction_of_a_later_version_is_not_guessed(strange: object) -> None:
    (line,) = trend_lines({"mobile_trend_mbps_per_year": 1.0, "mobile_direction": strange})
    assert line.direction is None


def test_people_not_covered_stand_with_their_share_and_evidence() -> None:
    row = {
        "people": 2000.0, "4g_uncovered_people": 300.0, "4g_evidence": "declared",
        "5g_uncovered_people": math.nan, "5g_evidence": None,
    }  # fmt: skip
    four, five = uncovered_lines(row)
    assert four == UncoveredLine("4G", 300.0, 0.15, "declared")
    assert five == UncoveredLine("5G", None, None, None)
    said = Tags(uncovered_html((four, five), "vi")).said
    assert "4G300 người15,0%nhà mạng công bố" in said
    assert "5G––chưa có bằng chứng" in said


@pytest.mark.parametrize("people", [0.0, None, math.nan])
def test_without_people_there_is_no_share_of_them(people: float | None) -> None:
    (line,) = uncovered_lines({"people": people, "4g_uncovered_people": 0.0})
    assert line.share is None


def test_where_people_live_is_said_as_far_as_known() -> None:
    row = {"town_distance_km": 12.34, "town_minutes": 31.6, "settlement": "rural", "hotspot": "none"}
    assert place_lines(row, "en") == (
        ("To the nearest town, average over people", "12.3 km"),
        ("Travel time to a town, average over people", "32 min"),
        ("Kind of settlement", "Rural"),
    )
    assert place_lines({"town_distance_km": math.nan}, "vi") == (
        ("Đến đô thị gần nhất, trung bình mỗi người dân", "–"),
    )
    later = place_lines({"settlement": "<b>moon</b>", "hotspot": "cluster"}, "vi")
    assert later[0][1] == "<b>moon</b>"
    assert later[1] == ("Nơi tụt hậu nằm cạnh nhau", "Cụm đơn vị cùng tụt hậu")
    assert "b" not in Tags(place_html(later, "vi")).names
    assert place_lines({}, "vi") == ()


def test_kinds_of_evidence_stand_in_tables_of_their_own() -> None:
    lines = [
        _claim(evidence="modelled", people_share=0.4, area_share=0.1),
        _claim(operator="*", people_share=0.95),
        _claim(operator="VNPT", technology="5G", people_share=0.2),
        _claim(),
        _claim(evidence="measured", operator="i-Speed", people_share=None, area_share=0.3),
    ]
    shown = coverage_html(lines, "en")
    said = Tags(shown).said
    declared, measured, modelled = (
        said.index(word)
        for word in ("declared by operators (2026-09-30)", "measured (2026", "modelled, terrain-blind (2026")
    )
    assert declared < measured < modelled
    assert shown.count("<table") == 3
    # operators first, then all of them; nothing claimed is a dash
    assert "VNPT–20.0%area 50.0%" in said
    assert said.index("VNPT") < said.index("All operators together")
    assert said[declared:measured].count("90.0%") == 1
    assert "40.0%" in said[modelled:]
    assert said.endswith("added to no declared or measured figure.")


def test_days_of_claims_are_said_from_first_to_last() -> None:
    lines = [_claim(), _claim(technology="5G", as_of="2025-01-31"), _claim(technology="3G", as_of="")]
    assert "(2025-01-31 – 2026-09-30)" in coverage_html(lines, "en")
    assert "công bố</p>" in without_definitions(coverage_html([_claim(as_of="")], "vi"))
    assert coverage_html([], "vi") == ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("nasty", NASTY_NAMES)
def test_hostile_operators_and_kinds_stay_text(nasty: str, language: Language) -> None:
    tags = Tags(coverage_html([_claim(operator=nasty, technology=nasty)], language))
    assert tags.names == {"h3", "p", "table", "thead", "tr", "th", "tbody", "td", "small"}
    assert nasty in tags.said


@pytest.mark.parametrize(
    ("value", "vietnamese"),
    [(2.5, "+2,5"), (-0.3, "-0,3"), (0.04, "0,0"), (-0.04, "0,0"), (1234.0, "+1.234,0")],
)
def test_changes_have_a_sign(value: float, vietnamese: str) -> None:
    assert signed(value, "vi") == vietnamese
