"""Why an older list has no figure of a table of a younger one, and that the figure of a whole is never that of its parts."""

from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from geo.own_parts import table_vintages, whole_of
from geo.results import UnitList
from geo.schema import Vintage
from geo.vintages import crosswalk
from layers.filter_text import border_unknown, border_unknown_text, knows_border
from layers.own import own_lines
from layers.strings import LANGUAGES, text

WHOLE = "25280"
"""Lộc Thạnh of 2026-04, put together of two communes of 2024."""
WAYS = crosswalk(Vintage.V2026_04, Vintage.V2024)
PARTS = WAYS.targets[WHOLE]
SINGLE = next(
    code for code, parts in WAYS.targets.items() if len(parts) == 1 and len(WAYS.parts[parts[0]]) == 1
)


def test_the_scene() -> None:
    assert len(PARTS) == 2
    assert WHOLE in PARTS


def test_a_part_names_the_whole_and_a_unit_that_stayed_one_names_none() -> None:
    for part in PARTS:
        assert whole_of(part, "2024", "2026-04") == "xã Lộc Thạnh"
        assert whole_of(part, "2024", "2025-07") == "xã Lộc Thạnh"
    assert whole_of(WAYS.targets[SINGLE][0], "2024", "2026-04") is None


@pytest.mark.parametrize(
    ("vintage", "table"),
    [("2026-04", "2024"), ("2024", "2024"), ("2025-07", "2026-04"), ("2026-04", "2025-07"), ("2024", "other"), ("other", "2026-04"), ("2024", "")],
)  # fmt: skip
def test_only_a_younger_list_keeps_figures_back(vintage: str, table: str) -> None:
    assert whole_of(WHOLE, vintage, table) is None
    assert whole_of("none", "2024", "2026-04") is None


def test_what_a_table_is_of_is_read_from_the_manifest_and_never_guessed() -> None:
    def given(name: Any, vintage: Any, kind: str = "indicator") -> dict[str, Any]:
        return {"kind": kind, "options": {"name": name, "vintage": vintage}}

    inputs = [
        given("A", "2024"),
        given("B", "2024"),
        given("B", "2026-04"),
        given("C", "2026-04", "boundaries"),
    ]
    broken = [
        None,
        3,
        "x",
        {},
        {"kind": "indicator"},
        {"kind": "indicator", "options": []},
        {"kind": "indicator", "options": {"name": "D"}},
    ]
    assert table_vintages([*inputs, *broken]) == {"A": "2024"}


def own(values: dict[str, float | None], name: str = "border", label: str = "Giáp biên giới") -> pd.DataFrame:
    unit = "yes_no" if name == "border" else "%"
    return pd.DataFrame(
        {
            "unit_code": list(values), "vintage": "2024", "indicator": name, "label": label, "unit": unit, "better": "lower",
            "goal": None, "worst": None, "date": "", "value": list(values.values()), "rank": 1,
        }
    ).astype({"value": float})  # fmt: skip


def test_a_yes_of_the_whole_is_said_to_be_unknown_of_a_part_with_what_would_help() -> None:
    rows = own({PARTS[0]: None, PARTS[1]: None})
    tables = {"Giáp biên giới": "2026-04"}
    [said] = own_lines(rows, PARTS[0], "vi", tables)
    assert said.startswith(
        "Giáp biên giới: chưa biết cho riêng đơn vị này. Bảng ghi theo danh sách từ 30/4/2026"
    )
    assert "là một phần của xã Lộc Thạnh" in said
    assert "theo danh sách trước 7/2025 ở trang Dữ liệu thì sẽ biết" in said
    [said] = own_lines(rows, PARTS[0], "en", tables)
    assert "one part of xã Lộc Thạnh" in said
    # a table of this list, or of one that nobody knows, is merely without a figure
    for known in ({"Giáp biên giới": "2024"}, {}, {"Khác": "2026-04"}):
        assert own_lines(rows, PARTS[0], "vi", known) == ("Giáp biên giới: chưa có số liệu.",)


def test_what_is_known_is_said_and_what_is_unknown_for_one_reason_is_told_once() -> None:
    three = pd.concat(
        [
            own({PARTS[0]: 1.0}),
            own({PARTS[0]: None}, "a", "Kỹ năng số"),
            own({PARTS[0]: None}, "b", "Dịch vụ số"),
        ]
    )
    told = own_lines(
        three, PARTS[0], "en", {"Kỹ năng số": "2026-04", "Dịch vụ số": "2026-04", "Giáp biên giới": "2026-04"}
    )
    assert len(told) == 2
    assert told[0] == "A border unit."
    assert told[1].startswith("Dịch vụ số, Kỹ năng số: not known for this unit by itself")


def a_list(vintage: str, level: str, values: list[float | None]) -> UnitList:
    codes = [str(number) for number in range(3)]
    result = gpd.GeoDataFrame({"unit_code": codes})
    none = pd.DataFrame()
    rows = own(dict(zip(codes, values, strict=True))) if values else none
    return UnitList(f"{vintage}-{level}", vintage, level, result, none, none, none, indicators=rows)


NEW, OLD, DISTRICTS = (
    a_list("2026-04", "commune", [1.0, 0.0, None]), a_list("2024", "commune", [None, None, None]), a_list("2024", "district", []),
)  # fmt: skip


def test_of_how_many_units_it_is_not_known() -> None:
    assert [border_unknown(one) for one in (NEW, OLD, DISTRICTS)] == [1, 3, 3]
    assert [knows_border(one) for one in (NEW, OLD, DISTRICTS)] == [True, False, False]
    other = replace(NEW, indicators=NEW.indicators.assign(indicator="x"))
    assert not knows_border(other)


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_the_filter_cannot_ask_for_the_border_and_what_would_help(language: Any) -> None:
    lists = (NEW, OLD, DISTRICTS)
    of_new = text("level_commune", language) + ", " + text("vintage_2026-04", language)
    assert border_unknown_text(OLD, (OLD, DISTRICTS), language) == text("filter_border_unknown", language)
    assert border_unknown_text(OLD, lists, language) == text("filter_border_younger", language, lists=of_new)
    assert border_unknown_text(DISTRICTS, lists, language) == text(
        "filter_border_level", language, lists=of_new
    )
    for key in ("unknown", "younger", "level"):
        assert text("kind_border_line", language) in text(f"filter_border_{key}", language, lists="x")
        assert text("data_view_add", language) in text(f"filter_border_{key}", language, lists="x")
