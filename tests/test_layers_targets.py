"""Targets on the page: states by hand, no evidence hatched and never coloured, own targets by their id, files whole."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from geo.results import read_built
from geo.rules import Rules
from geo.target_report import TargetReport, known_targets, report_targets
from geo.targets import NATIONAL_TARGETS, Target, judge_targets, sum_by_province
from geo.workspace import load_workspace
from layers.palette import classify
from layers.row_table import in_order
from layers.strings import LANGUAGES
from layers.targets import (
    STATE_COLUMN,
    STATE_INDICATOR,
    goal_line,
    progress_html,
    short_line,
    short_table,
    take_home,
    target_name,
    target_source,
    with_states,
)
from tests.files import succeed

FOUR_G = next(target for target in NATIONAL_TARGETS if target.id == "4g_people")
OWN = Target("<b>own</b>", "people", "people", 5000.0, "", "said by `me`", "", "lower")


def _communes() -> gpd.GeoDataFrame:
    frame = {
        "unit_code": ["01", "02", "03"],
        "name": ["An", "<i>Bù</i>", "Chơn"],
        "kind": ["xã", None, "xã"],
        "province_code": "75",
        "province_name": "Đồng Nai",
        "people": [1000.0, 2000.0, 3000.0],
        "4g_covered_people_share": [1.0, 0.9, None],
        "4g_covered_area_share": None,
    }
    return gpd.GeoDataFrame(frame, geometry=[box(i, 0, i + 1, 1) for i in range(3)], crs=4326)


def _report() -> TargetReport:
    table = pd.DataFrame(_communes().drop(columns="geometry"))
    judged = judge_targets(table, (FOUR_G, OWN), Rules())
    return TargetReport((FOUR_G, OWN), judged, sum_by_province(judged, (FOUR_G, OWN)))


def test_a_unit_without_evidence_has_the_hatch_of_no_data() -> None:
    result = with_states(_communes(), _report().by_unit, "4g_people")
    assert result[STATE_COLUMN].fillna("–").tolist() == ["met", "short", "–"]
    classes = classify(STATE_INDICATOR, result[STATE_COLUMN].tolist()).tolist()
    assert classes[2] == len(STATE_INDICATOR.swatches) - 1
    assert STATE_INDICATOR.swatches[-1].hatch


def test_the_bar_counts_units_and_says_them_to_a_screen_reader() -> None:
    html = progress_html(_report(), "4g_people", "en")
    assert 'aria-label="Short: 1, Undecided: 0, Met: 1, No evidence: 1"' in html
    assert html.count("vl-chosen-target") == 1
    assert "<b>own</b>" not in html


def test_who_is_short_by_hand() -> None:
    # unit 02: 2,000 people, 90 % covered, 99.8 % wanted: 196 people to cover; of the whole nothing exact can be said
    said = short_line(_report(), FOUR_G, "vi")
    assert "1 đơn vị chắc chắn chưa đạt, có 2.000 người" in said
    assert "Còn cần phủ ở các đơn vị đó: 196 người." in said
    # (1000 · 1 + 2000 · 0.9 + 3000 · 0…1) / 6000
    assert "46,6% – 96,6%" in said


def test_people_short_are_a_least_where_a_unit_is_not_known() -> None:
    report = _report()
    # two units of 90 %, of which one has no known number of people
    both = report.by_unit[(report.by_unit["target"] == "4g_people") & (report.by_unit["state"] == "short")]
    unknown = both.assign(unit_code="09", people=np.nan, people_short=np.nan)
    said = short_line(replace(report, by_unit=pd.concat([report.by_unit, unknown])), FOUR_G, "vi")
    assert "2 đơn vị chắc chắn chưa đạt, có ít nhất 2.000 người; 1 đơn vị chưa có số dân." in said
    assert "Còn cần phủ ở các đơn vị đó: ít nhất 196 người; 1 đơn vị chưa có số dân." in said
    nobody = report.by_unit.assign(people=np.nan, people_short=np.nan)
    said = short_line(replace(report, by_unit=nobody), FOUR_G, "en")
    assert said.startswith("1 unit is short for certain; the people of none of them are known.")


def test_the_table_has_short_units_first() -> None:
    table = short_table(_report(), FOUR_G, _communes(), "vi")
    assert table.ids == ("02", "01", "03")
    assert table.frame["target_state"].tolist() == ["Chưa đạt", "Đạt", "Chưa có bằng chứng"]
    assert table.frame["target_short_by"].tolist() == ["9,8 điểm %", "–", "–"]
    # shares have no interval here: a column of dashes would only take room
    assert "target_interval" not in table.headings
    # no evidence is no figure: last, whichever way
    assert in_order(table, "target_value").ids == ("02", "01", "03")
    assert in_order(table, "target_value", down=True).ids == ("01", "02", "03")
    assert in_order(table, "target_state", down=True).ids == ("01", "02", "03")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_national_target_has_words(language: str) -> None:
    for target in NATIONAL_TARGETS:
        assert target_name(target, language) != target.id  # type: ignore[arg-type]
        assert "36" in target_source(target, language) or "2025" in target_source(target, language)  # type: ignore[arg-type]
    assert target_name(OWN, language) == OWN.id  # type: ignore[arg-type]
    assert goal_line(OWN, language).startswith("≤ 5")  # type: ignore[arg-type]


def test_a_row_of_the_file_carries_who_set_the_target() -> None:
    table = take_home(_report(), "2026-04", {"data_sources": "Ookla", "note": "illustrative"})
    assert len(table) == 6
    assert set(table["vintage"]) == {"2026-04"}
    assert set(table["data_sources"]) == {"Ookla"}
    assert table.loc[table["target"] == OWN.id, "target_source"].tolist() == ["said by `me`"] * 3


def test_the_report_is_what_the_command_prints(full: Path) -> None:
    succeed("build", full)
    workspace, built = load_workspace(full), read_built(full)
    report = report_targets(built, built.primary, known_targets(workspace.targets, built.primary))
    assert len(report.by_unit) == len(report.targets) * len(built.primary.result)
