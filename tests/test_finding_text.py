"""Findings in the reader's language: every sentence has its words in both, and the code supplies what they name."""

import ast
import re
import string
from pathlib import Path
from typing import Any

import pytest

import geo
from geo.pipeline import build
from geo.quality import CODES, Finding, Severity, findings_as_json
from geo.results import read_built
from geo.sayings import SAYINGS, plain_values, some
from geo.workspace import load_workspace
from layers.finding_html import finding_html, findings_table
from layers.finding_text import finding_done, finding_sentence, has_sentence
from layers.strings import LANGUAGES, Language
from layers.words_said_en import SAID_EN
from layers.words_said_vi import SAID_VI
from tests.fake_built import communes

GEO = Path(geo.__file__).parent
SAMPLE: dict[str, Any] = {
    "living": 1234.4, "outside": 12.5, "network": "mobile", "quarters": ["2026Q1", "2026Q2"], "allocated": 10.25, "total": 40,
    "tiles_outside": 3.0, "tiles": 9.0, "count": 1200, "rows": some([3, 4, 5], 2), "far": 2, "degrees": 0.35,
    "claim": "Viettel 4G (2026-09-30)", "missed": 3, "share": 0.125, "operator": "Viettel", "technology": "4G",
    "evidence": "declared", "empty": 2, "parts": 7, "km2": 0.5, "kind": "speed", "files": some(["a.csv", "b.csv"], 1),
    "date": "hôm qua", "unit": "xã Lộc (1)", "declared_km2": 0.4, "difference": -0.2, "names": some(["Lộc"], 6),
    "codes": some(["1", "2"], 6), "province": "75", "name": "Lộc", "encoding": "UTF-16", "devices": 2.5, "needed": 3.0,
    "around": some(["xã A (1)"], 6), "indicator": "Hồ sơ", "units": 9, "vintage": "2026-04", "column": "lat", "cell": "1,5",
    "before": "Lá»™c", "after": "Lộc", "byte": 3, "x": "106,7", "y": "11.5", "listed": 50, "separator": "semicolon", "lost": 1,
    "vertices": 99, "first": "xã A (1)", "second": "xã B (2)", "people": 12.0, "cells": 5, "reason": "Self-intersection[106.5 11.2]",
    "change": 0.5, "limit": 0.01, "crossings": 1000, "table": "speed", "sheet": "Sheet1", "others": some(["Trang 2"], 6),
    "sites": some(["s1"], 6), "day": "2026-03-31", "age": 400, "now": "2027-05-01", "as_of": "2025-12-31", "without": 2,
    "area_share": 0.25, "people_share": 0.5, "at": 8, "km": 258.4, "metres": 200.0,
}  # fmt: skip
"""A value for every name; some sentences hold another kind of it under the same name."""
OTHER: dict[str, dict[str, Any]] = {
    "indicator_inexact": {"units": some(["xã A"], 3)}, "indicator_lost": {"units": some(["xã A"], 3)},
    "indicator_split": {"units": some(["xã A"], 3)}, "units_without_row": {"units": some(["1"], 3)},
    "sites_outside": {"cells": some(["c1"], 6)}, "sites_outside_nobody": {"cells": some(["c1"], 6)},
    "operator_spellings": {"others": some(["VIETTEL"], 6)}, "sites_unmodelled": {"reason": "signal too weak at 10 m"}, "stale_date": {"limit": 270},
    "places_far": {"x": 0.0, "y": 0.0}, "border_unsure": {"units": some(["xã A (1)"], 6)},
}  # fmt: skip


def values_of(said: str) -> dict[str, Any]:
    return {name: {**SAMPLE, **OTHER.get(said, {})}[name] for name in SAYINGS[said]}


def row_of(said: str, **given: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "code": "outlines",
        "message": "English only",
        "said": said,
        "values": values_of(said),
    }
    return findings_as_json([Finding(Severity.NOTE, **{**whole, **given})])[0]


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_words_that_name_its_values_and_no_other(language: Language) -> None:
    words = SAID_VI if language == "vi" else SAID_EN
    assert {key.removeprefix("said_") for key in words if key.startswith("said_")} == set(SAYINGS)
    for said, names in SAYINGS.items():
        assert fields(words[f"said_{said}"]) == set(names), said


def _finding_calls() -> list[tuple[str, ast.Call]]:
    """Every `Finding(…)` of geo/, but for the one that unpacks a whole one."""
    trees = {file.name: ast.parse(file.read_text(encoding="utf-8")) for file in sorted(GEO.rglob("*.py"))}
    return [
        (f"{name}:{node.lineno}", node)
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding" and node.args
    ]


def test_whoever_makes_a_finding_gives_its_values() -> None:
    calls = _finding_calls()
    assert len(calls) > 30
    for where, call in calls:
        keywords = {one.arg: one.value for one in call.keywords}
        assert "values" in keywords, where
        code = call.args[1]
        if "said" not in keywords and isinstance(code, ast.Constant):
            # without a sentence of its own name it must say which
            assert code.value in SAYINGS, where
        for literal in _sayings_named(keywords.get("said")):
            assert any(said.startswith(literal) for said in SAYINGS), where


def _sayings_named(node: ast.expr | None) -> list[str]:
    """Texts that an argument `said` may be, or begins with."""
    if isinstance(node, ast.IfExp):
        return [*_sayings_named(node.body), *_sayings_named(node.orelse)]
    if isinstance(node, ast.JoinedStr):
        node = node.values[0]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def test_every_code_has_a_sentence() -> None:
    """Of its own name or of names that begin with it; all kinds of mending share those of `mended`."""
    said = set(SAYINGS)
    lost = [code for code in CODES if not any(one == code or one.startswith(f"{code}_") for one in said)]
    assert [code for code in lost if not code.startswith("mended_")] == []
    assert any(one.startswith("mended_") for one in said)


@pytest.mark.parametrize("said", SAYINGS)
def test_a_sentence_is_whole_in_both_languages(said: str) -> None:
    row = row_of(said)
    vi, en = (finding_sentence(row, language) for language in LANGUAGES)
    assert vi != en
    for sentence in (vi, en):
        assert "English only" not in sentence
        assert not re.search(r"[{}]|\bnan\b|None", sentence)
    # the words that English sentences cannot do without
    assert not re.search(r"\b(the|of|and|are|is|in|no|lie|rows?|units?|people|tests?)\b", vi), vi


@pytest.mark.parametrize(
    ("said", "vi", "en"),
    [
        ("too_few_tests", "xã Lộc (1), Di động: có phép đo của 2,50 thiết bị, dưới mức 3 cần để ước lượng.",
         "xã Lộc (1), Mobile: tests of 2.50 devices, under the 3 that an estimate needs."),
        ("stale_date", "Đo tốc độ, a.csv và 1 nữa: của ngày 31/3/2026, 400 ngày trước 1/5/2027; loại này coi là cũ sau 270 ngày.",
         "Speed tests, a.csv and 1 more: of 2026-03-31, 400 days before 2027-05-01; such data are stale after 270 days."),
        ("declared_area", "xã Lộc (1): đo được 0,50 km², công bố 0,40 km² (-20,0%).", "xã Lộc (1) measures 0.50 km², declared 0.40 km² (-20.0%)."),
        ("repaired", "Hình có lỗi: đường viền tự cắt (106.5, 11.2). Sau khi sửa, diện tích đổi 50,0000%.",
         "Outline at fault: it crosses itself (106.5, 11.2). Mended, its area changed by 50.0000%."),
    ],
)  # fmt: skip
def test_sentences_by_hand(said: str, vi: str, en: str) -> None:
    assert (finding_sentence(row_of(said), "vi"), finding_sentence(row_of(said), "en")) == (vi, en)


@pytest.mark.parametrize(
    ("km2", "said"), [(1234.5, "1.234,50 km²"), (0.005, "5.000 m²"), (1e-7, "dưới 1 m²")]
)
def test_a_small_overlap_is_said_in_square_metres(km2: float, said: str) -> None:
    row = row_of("overlap", values={**values_of("overlap"), "km2": km2})
    assert f"chồng lên nhau {said} (" in finding_sentence(row, "vi")


@pytest.mark.parametrize(
    "changed",
    [
        {"said": "", "values": None}, {"said": "of_a_later_version", "values": {"a": 1}},
        {"said": "outlines", "values": {"units": 3}}, {"said": "outlines", "values": {**values_of("outlines"), "km2": "much"}},
    ],
)  # fmt: skip
def test_what_this_page_cannot_say_stays_english(changed: dict[str, Any]) -> None:
    old = {**row_of("outlines"), **changed}
    assert finding_sentence(old, "vi") == "English only"


def test_a_finding_of_an_earlier_build_is_shown_as_it_was() -> None:
    """Its `quality.json` knows neither `said` nor `values`."""
    old = {
        name: value
        for name, value in row_of("outlines", done="kept", mend="do it").items()
        if name not in ("said", "values")
    }
    html = finding_html(old, communes(), "vi")
    assert 'lang="en"' in html
    assert all(one in html for one in ("English only", "kept", "do it"))


def test_names_from_data_are_escaped() -> None:
    row = row_of(
        "sheet",
        code="sheet",
        values={"sheet": "<img src=x onerror=alert(1)>", "others": some(["{name}"], 6)},
        done="x",
    )
    html = finding_html(row, communes(), "vi")
    assert "<img" not in html
    assert "&lt;img" in html
    # braces of a name are a name, not a place to put something
    assert "&#123;name&#125;" in html
    assert "English only" not in html
    assert 'lang="vi"' in html


def test_the_table_of_the_page_says_it_too() -> None:
    rows = [row_of("outlines"), {**row_of("outlines"), "values": None}]
    frame = findings_table(rows, communes(), "vi").frame
    assert frame["finding_column_words"].tolist() == [finding_sentence(rows[0], "vi"), "English only"]


@pytest.mark.parametrize(
    ("said", "values", "match"),
    [
        ("outlines", {"units": 1}, "wanted .*vertices"), ("nothing", {}, "finding 'nothing'"),
        ("encoding", {"encoding": "x", "more": 1}, r"\['encoding', 'more'\]"),
    ],
)  # fmt: skip
def test_values_that_are_not_the_sentences_are_refused(said: str, values: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        plain_values(said, values)
    with pytest.raises(ValueError, match=match):
        Finding(Severity.NOTE, "outlines", "m", said=said, values=values)


def test_a_long_list_is_cut_and_counted() -> None:
    assert some(range(5), 2) == {"names": ["0", "1"], "more": 3}
    assert some([], 2) == {"names": [], "more": 0}


def test_everything_a_build_finds_is_said_in_both_languages(full: Path) -> None:
    """The three squares: what is found there goes through `quality.json`, as the page reads it."""
    build(load_workspace(full))
    rows = read_built(full).quality
    assert {"audit_people", "audit_tests", "outlines", "tile_coverage", "too_few_tests"} <= {
        row["code"] for row in rows
    }
    for row in rows:
        assert has_sentence(row), row
        assert finding_sentence(row, "vi") != row["message"]
        if row["done"]:
            assert finding_done(row, "vi") != row["done"], row
