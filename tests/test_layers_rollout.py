"""A check in words and on the map: every figure with its range, hostile names as text, a summary without outside files."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
import shapely

from geo.proposals import Content, Status, Version
from geo.rollout import Check
from geo.rollout_check import Range
from geo.schema import Technology
from layers.draw import draw_message
from layers.rollout_map import AreaMark, check_message, focus_on, marks_legend, proposal_marks, sites_mark
from layers.rollout_text import count_lines, criterion_lines, figure_lines, range_text
from layers.saved import action_text, history_html, saved_html, saved_label
from layers.sources import short_sources
from layers.strings import MISSING, Language
from layers.touched import touched_columns, touched_rows
from layers.verdict_html import Heading, intro_html, summary_html, verdict_html
from tests.fake_built import NASTY_NAMES
from tests.rollout_scene import check, make_ground, offer, site_offer

LANGUAGES: tuple[Language, ...] = ("vi", "en")
HEADING = Heading(NASTY_NAMES[0], "MobiFone · 4G")


@pytest.fixture(scope="module")
def one() -> Check:
    return check(make_ground(), offer(5, 10, cost=700.0)).checks[0]


@pytest.fixture(scope="module")
def unknown() -> Check:
    """5G, of which nobody gave a file, without a grid."""
    ground = make_ground(grid=None)
    return check(ground, offer(5, 10, technology=Technology.G5)).checks[0]


@pytest.mark.parametrize(
    ("found", "unit", "vietnamese", "english"),
    [
        (Range(1234.4, 1234.4, 1234.4), "people", "1.234", "1,234"),
        (Range(1234.0, 900.0, 1500.0), "people", "1.234 (900 – 1.500)", "1,234 (900 – 1,500)"),
        (Range(None, 0.0, 1500.0), "people", "0 – 1.500, chưa rõ", "0 – 1,500, not known"),
        (Range(), "share", MISSING, MISSING),
        (Range(0.5, 0.5, 0.5), "share", "50,0%", "50.0%"),
        (Range(3.25, 3.25, 3.25), "cost", "3,25", "3.25"),
        (Range(2.26, 2.26, 2.26), "km", "2,3 km", "2.3 km"),
    ],
)
def test_ranges_read_as_the_language_writes_them(
    found: Range, unit: str, vietnamese: str, english: str
) -> None:
    assert range_text(found, unit, "vi") == vietnamese
    assert range_text(found, unit, "en") == english


def test_figures_of_a_check_the_eye_can_follow(one: Check) -> None:
    # strips 5 and 6 hold 20 people each and are Viettel's already; 7 holds 20, 8 and 9 hold 5 each, four rows of cells
    figures = {line.code: line.people for line in figure_lines(one, "vi")}
    new = one.figures["new"][0].value
    inside = one.figures["inside"][0].value
    assert new is not None
    assert inside is not None
    assert float(figures["new"]) == pytest.approx(new)
    assert float(figures["duplicated"]) == pytest.approx(inside - new)
    assert dict(count_lines(one, "en"))["Cost per newly covered person"] == f"{700 / new:.2f}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_criterion_has_a_name_a_figure_a_threshold_and_a_sentence(
    one: Check, unknown: Check, language: Language
) -> None:
    for found in (one, unknown):
        lines = criterion_lines(found, language)
        assert [line.outcome for line in lines] == [str(c.outcome) for c in found.criteria]
        assert all(line.name and line.threshold and line.sentence and line.figure for line in lines)
        assert {line.essential for line in lines} == {True, False}


def test_what_is_not_known_is_a_dash_never_zero(unknown: Check) -> None:
    figures = {line.code: line for line in figure_lines(unknown, "vi")}
    assert figures["new"].people == MISSING
    assert figures["covered_same"].km2 == MISSING
    assert touched_rows(unknown, "vi")[0]["new"] == MISSING
    assert dict(count_lines(unknown, "vi")) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_and_the_summary_hold_the_verdict_and_no_hostile_mark(
    one: Check, unknown: Check, language: Language
) -> None:
    for found in (one, unknown):
        named = replace(found, units=found.units.assign(name=NASTY_NAMES[2]))
        card = verdict_html(named, HEADING, language)
        summary = summary_html(named, HEADING, ["ghi chú <b>"], "nguồn <i>", language)
        for html in (card, summary):
            assert "<img" not in html
            assert "<script" not in html
            assert "<b>ghi" not in html
        assert f'data-advice="{found.advice}"' in card
        # one page, alone: no script, no file, no address
        assert not re.search(r"https?:|<link|<[^>]*\ssrc=|url\(", summary)
        assert "size: A4" in summary
        # a figure of a check is no 90 % interval, and a missing one no lone dash
        assert "90%" not in summary
        assert f"{MISSING} · " not in card
        assert intro_html(language).count("<li>") == 3


def test_the_summary_names_the_first_units_and_counts_the_others(one: Check) -> None:
    rows = one.units.iloc[[0] * 20].reset_index(drop=True)
    summary = summary_html(replace(one, units=rows), HEADING, [], "", "vi")
    assert "+8" in summary
    assert list(touched_rows(one, "vi")[0]) == list(touched_columns(one, "vi"))


def test_paper_names_each_publisher_once() -> None:
    given = [
        {"publisher": "A", "licence": "MIT"},
        {"publisher": "A", "licence": "MIT"},
        {"publisher": "", "licence": ""},
    ]
    assert short_sources(given, "en") == "A (MIT); not said (not said)"


def test_the_map_shows_the_difference_alone_today_or_afterwards(one: Check, unknown: Check) -> None:
    def labels(found: Check, view: str) -> list[str]:
        return [mark.label for mark in proposal_marks(found.area, found.new_area, view, "vi")]

    assert labels(one, "change") == ["Vùng đề xuất", "Mới được phủ sóng"]
    assert labels(one, "before") == ["Vùng đề xuất"]
    assert labels(one, "after") == ["Mới được phủ sóng"]
    # what is new is not known, so nothing is painted as new
    assert labels(unknown, "change") == ["Vùng đề xuất"]
    marks = proposal_marks(one.area, one.new_area, "change", "vi")
    ids = {mark.as_dict()["id"] for mark in marks}
    assert len(ids) == 2
    json.dumps([mark.as_dict() for mark in marks], allow_nan=False)
    assert "Mới được phủ sóng" in marks_legend(marks)
    assert marks_legend([]) == ""


def test_the_message_keeps_the_units_and_adds_what_stands_above() -> None:
    mark = AreaMark({}, NASTY_NAMES[0], "#c026d3", 0.6, 1.0)
    sites = sites_mark([(107.0, 11.9)], ["1"], ["thêm"])
    units: dict[str, Any] = {"units": {"a": []}, "opacity": 1, "extras": ["b"]}
    focus = focus_on(shapely.box(106, 11, 107, 12), "3")
    message = check_message(units, draw=None, marks=[mark.as_dict(), sites], focus=focus)
    assert (message["units"], message["inert"]) == ({"a": []}, True)
    assert message["extras"][0] == "b"
    # room around it, so that nothing lies below the buttons
    assert message["focus"] == {"id": "3", "bounds": [[10.85, 105.85], [12.15, 107.15]]}
    assert units["extras"] == ["b"]
    assert "<img" not in marks_legend([mark])


def test_the_tools_speak_the_language_of_the_page() -> None:
    assert draw_message([], 4, "vi")["texts"]["area"] == "Vẽ vùng"
    message = draw_message([{"type": "Feature"}], 4, "en")
    assert (message["texts"]["area"], message["revision"], len(message["features"])) == ("Draw an area", 4, 1)


def version(number: int, action: str, status: Status = Status.DRAFT, name: str = "Bù Đốp") -> Version:
    content = Content(name, "Viettel", Technology.G4, "areas", {"features": []}, "2026-04-commune")
    return Version("p1", number, "2026-11-25T08:00:00+00:00", "Lan <b>", action, status, content)


@pytest.mark.parametrize(
    ("action", "vietnamese"),
    [
        ("added", "lập mới"),
        ("changed", "sửa nội dung"),
        ("draft → submitted", "bản nháp → đã nộp"),
        ("brought back version 2", "lấy lại phiên bản 2"),
        ("something new", "something new"),
        ("left → right", "left → right"),
    ],
)
def test_actions_of_the_store_in_words(action: str, vietnamese: str) -> None:
    assert action_text(action, "vi") == vietnamese


@pytest.mark.parametrize("language", LANGUAGES)
def test_saved_proposals_are_listed_with_hostile_names_as_text(language: Language) -> None:
    saved = [version(1, "added", name=NASTY_NAMES[0]), version(2, "changed")]
    html = saved_html(saved, "p1", language) + history_html(saved, language)
    assert "<img" not in html
    assert "Lan <b>" not in html
    assert "vl-strong" in html
    assert saved_html([], None, language).count("<tr") == 0
    assert "Viettel 4G" in saved_label(saved[1], language)


def test_sites_of_another_operator_are_named() -> None:
    plan = site_offer(2, 2, operator="<i>Viettel</i>", key="q", status="submitted")
    found = check(make_ground([plan]), site_offer(2.001, 2)).checks[0]
    spacing = next(
        line
        for line, c in zip(criterion_lines(found, "vi"), found.criteria, strict=True)
        if c.code == "spacing"
    )
    assert "<i>Viettel</i>" in spacing.sentence
    assert "<i>Viettel" not in verdict_html(found, HEADING, "vi")
