"""Targets: four states that are never merged, people still short, provinces that add up, and own goals checked."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import WorkspaceError
from geo.export_xlsx import unescape
from geo.rules import Rules
from geo.table_write import encode_xlsx
from geo.targets import NATIONAL_TARGETS, State, Target, judge_targets, load_targets, sum_by_province
from tests.files import run, succeed

FOUR_G, MOBILE = (next(t for t in NATIONAL_TARGETS if t.id == name) for name in ("4g_people", "mobile_40"))


def _communes(*rows: dict[str, Any]) -> pd.DataFrame:
    base = {"name": "x", "province_code": "75", "province_name": "Đồng Nai", "people": 1000.0}
    return pd.DataFrame([{"unit_code": f"{place:02}", **base, **row} for place, row in enumerate(rows)])


def _share(value: float | None, area: float | None = None) -> dict[str, Any]:
    return {"4g_covered_people_share": value, "4g_covered_area_share": area}


def test_every_national_target_is_dated_and_cited() -> None:
    assert len({target.id for target in NATIONAL_TARGETS}) == len(NATIONAL_TARGETS) == 6
    for target in NATIONAL_TARGETS:
        assert pd.Timestamp(target.due) > pd.Timestamp(target.said_on) >= pd.Timestamp("2024-01-11")
        assert "Decision" in target.source or "Ministry" in target.source
    assert {t.id: t.goal for t in NATIONAL_TARGETS} == {
        "4g_people": 0.998, "5g_people_2025": 0.9, "5g_people_2030": 0.99, "mobile_40": 40, "mobile_100": 100, "fixed_200": 200,
    }  # fmt: skip


def test_states_and_what_is_short_by_hand() -> None:
    communes = _communes(
        _share(1.0), _share(0.9), _share(None, 0.5), _share(None), _share(None, 0.0), _share(None, 1.0)
    )
    table = judge_targets(communes, [FOUR_G], Rules())
    assert table["state"].tolist() == ["met", "short", "undecided", "no_evidence", "short", "met"]
    assert table["short_by"].tolist() == pytest.approx(
        [np.nan, 0.098, np.nan, np.nan, 0.998, np.nan], nan_ok=True
    )
    assert table["people_short"].tolist() == pytest.approx(
        [np.nan, 98, np.nan, np.nan, 998, np.nan], nan_ok=True
    )


def test_a_speed_is_short_by_mbps_and_undecided_in_its_interval() -> None:
    rows = [
        {"mobile_download_mbps": 30.0, "mobile_devices": 50.0},
        {"mobile_download_mbps": 30.0, "mobile_devices": 5.0},
        {"mobile_download_mbps": 45.0, "mobile_download_low": 39.0, "mobile_download_high": 60.0},
        {"mobile_download_mbps": 45.0, "mobile_download_low": 41.0, "mobile_download_high": 60.0},
        {},
    ]
    table = judge_targets(_communes(*rows), [MOBILE], Rules())
    assert table["state"].tolist() == ["short", "undecided", "undecided", "met", "no_evidence"]
    assert table["short_by"].dropna().tolist() == [10.0]
    assert table["people_short"].isna().all()


def test_provinces_add_people_and_weigh_shares_by_them() -> None:
    rows = [
        {**_share(1.0), "people": 3000.0},
        {**_share(0.6), "people": 1000.0},
        {**_share(None), "people": 1000.0, "province_code": "01", "province_name": "Hà Nội"},
        {**_share(1.0), "people": 4000.0, "province_code": "01", "province_name": "Hà Nội"},
    ]
    found = sum_by_province(judge_targets(_communes(*rows), [FOUR_G], Rules()), [FOUR_G]).set_index(
        "province_code"
    )
    south = found.loc["75"]
    assert (south["units"], south["units_met"], south["units_short"]) == (2, 1, 1)
    assert (south["people_met"], south["people_short"], south["people_to_cover"]) == (
        3000,
        1000,
        pytest.approx(398),
    )
    assert (south["value"], south["low"], south["high"], south["state"]) == (0.9, 0.9, 0.9, "short")
    north = found.loc["01"]
    # 4,000 covered of 5,000, and what becomes of the other 1,000 is not known
    assert np.isnan(north["value"])
    assert (north["low"], north["high"], north["state"]) == (0.8, 1.0, "undecided")
    assert north["people_no_evidence"] == 1000


def test_people_that_are_not_known_are_not_nobody() -> None:
    rows = [{**_share(0.5), "people": None}, _share(0.5)]
    row = sum_by_province(judge_targets(_communes(*rows), [FOUR_G], Rules()), [FOUR_G]).iloc[0]
    assert row["units_short"] == 2
    # 1,000 people and those of another unit: at least 1,000, of whom 49.8 % are still to be covered
    assert (row["people_short"], row["people_short_unknown_units"]) == (1000, 1)
    assert (row["people_to_cover"], row["people_to_cover_unknown_units"]) == (pytest.approx(498), 1)
    assert (row["people_met"], row["people_met_unknown_units"]) == (0, 0)
    assert np.isnan(row["value"])


def test_people_of_nobody_known_are_no_figure() -> None:
    rows = [{**_share(0.5), "people": None}, {"mobile_download_mbps": 30.0, "mobile_devices": 50.0}]
    found = sum_by_province(judge_targets(_communes(*rows), [FOUR_G, MOBILE], Rules()), [FOUR_G, MOBILE])
    four, mobile = found.to_dict("records")
    assert np.isnan(four["people_short"])
    assert np.isnan(four["people_to_cover"])
    assert (four["people_short_unknown_units"], four["people_to_cover_unknown_units"]) == (1, 1)
    # a speed says nothing of who is still to be covered: no sum, and no units left out of one
    assert np.isnan(mobile["people_to_cover"])
    assert pd.isna(mobile["people_to_cover_unknown_units"])


def test_a_list_without_provinces_or_people_is_one_group() -> None:
    communes = pd.DataFrame({"unit_code": ["1", "2"], "4g_covered_people_share": [1.0, 0.5]})
    row = sum_by_province(judge_targets(communes, [FOUR_G], Rules()), [FOUR_G]).iloc[0]
    assert (row["units"], row["units_met"], row["province_name"]) == (2, 1, None)
    assert row["state"] == "no_evidence"


@settings(max_examples=40, deadline=None)
@given(shares=st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=8), goal=st.floats(0, 1))
def test_every_unit_has_one_state_and_more_coverage_never_worsens_it(
    shares: list[float | None], goal: float
) -> None:
    target = replace(FOUR_G, goal=goal)
    communes = _communes(*map(_share, shares))
    table = judge_targets(communes, [target], Rules())
    counted = sum_by_province(table, [target]).iloc[0]
    assert sum(counted[f"units_{state}"] for state in State) == len(shares)
    assert sum(counted[f"people_{state}"] for state in State) == 1000 * len(shares)
    better = judge_targets(
        communes.assign(**{"4g_covered_people_share": communes["4g_covered_people_share"] ** 0.5}),
        [target],
        Rules(),
    )
    for before, after in zip(table["state"], better["state"], strict=True):
        assert (before, after) in {
            ("met", "met"),
            ("short", "met"),
            ("short", "short"),
            ("no_evidence", "no_evidence"),
        }


def test_lower_may_be_better() -> None:
    target = Target("town", "town_distance_km", "km", 10.0, "", "own", "", "lower")
    table = judge_targets(_communes({"town_distance_km": 4.0}, {"town_distance_km": 25.0}), [target], Rules())
    assert table["state"].tolist() == ["met", "short"]
    assert table["short_by"].tolist()[1] == 15.0


GOOD = {"id": "mobile_60", "column": "mobile_download_mbps", "goal": 60}


def test_own_targets_are_read_with_the_unit_of_their_column() -> None:
    own = load_targets(
        [GOOD, {"id": "ho_so", "column": "indicator:ho_so", "goal": 80, "unit": "%", "better": "lower"}],
        ["ho_so"],
        source="w",
    )
    assert own[:6] == NATIONAL_TARGETS
    assert (own[6].unit, own[6].goal, own[6].source, own[6].better) == ("Mbps", 60.0, "own target", "higher")
    assert (own[7].unit, own[7].better) == ("%", "lower")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"id": "Mobile 60"}, r"number 1: id is 'Mobile 60', wanted small letters"),
        ({"id": "mobile_40"}, r"target mobile_40 stands more than once"),
        ({"column": "mobile_speed"}, r"column is 'mobile_speed', wanted one with figures"),
        ({"column": "verdict"}, r"column is 'verdict', wanted one with figures"),
        ({"column": "indicator:ho_so"}, r"column is 'indicator:ho_so'"),
        ({"goal": "60"}, r"goal is '60', wanted a number"),
        ({"goal": float("nan")}, r"goal is nan, wanted a number"),
        ({"goal": True}, r"goal is True, wanted a number"),
        ({"column": "4g_covered_people_share"}, r"goal is 60\.0, wanted a share of 0 to 1"),
        ({"better": "more"}, r"better is 'more', wanted higher or lower"),
        ({"gaol": 3}, r"gaol is not known \(known: id, column"),
    ],
)  # fmt: skip
def test_bad_own_targets(change: dict[str, Any], match: str) -> None:
    with pytest.raises(WorkspaceError, match=match):
        load_targets([{**GOOD, **change}], [], source="workspace.toml")


def test_every_fault_of_every_target_in_one_message() -> None:
    with pytest.raises(
        WorkspaceError,
        match=r"w: .*number 1 lacks id.*number 1 lacks column.*number 1 lacks goal.*number 2: better",
    ):
        load_targets([{}, {**GOOD, "better": "?"}], [], source="w")


def test_the_command_in_each_form(full: Path) -> None:
    config = full / "workspace.toml"
    config.write_text(
        config.read_text(encoding="utf-8")
        + '\n[[targets]]\nid = "near"\ncolumn = "town_distance_km"\ngoal = 1\nbetter = "lower"\n',
        encoding="utf-8",
    )
    succeed("build", full, "--quiet")
    table = succeed("targets", full)
    assert "Decision 36/QĐ-TTg" in table
    assert "near" in table
    rows = list(
        csv.DictReader(
            io.StringIO(succeed("targets", full, "--format", "csv", "--by", "unit", "--target", "4g_people"))
        )
    )
    # people: all 50 of A, 50 of 70 in B, none of 20 in C
    assert [row["state"] for row in rows] == ["met", "short", "short"]
    assert [float(row["people_short"] or 0) for row in rows] == pytest.approx(
        [0, 70 * 0.998 - 50, 20 * 0.998], abs=1e-4
    )
    found = json.loads(succeed("targets", full, "--format", "json"))
    assert {target["id"] for target in found["targets"]} == {*(t.id for t in NATIONAL_TARGETS), "near"}
    assert len(found["units"]) == 7 * 3
    assert next(row for row in found["provinces"] if row["target"] == "4g_people")["units_short"] == 2
    assert run("targets", full, "--target", "none").exit_code == 2
    assert run("targets", full, "--units", "2024-commune").exit_code == 2
    # adding to the workspace keeps the planner's own targets
    succeed("rules", full, "--set", _rules(full), "--quiet")
    assert "near" in succeed("targets", full)


def _rules(folder: Path) -> Path:
    path = folder.parent / "rules.toml"
    path.write_text("draws = 150\n", encoding="utf-8")
    return path


def test_a_workbook_carries_any_text_and_runs_none() -> None:
    texts = ["=1+1", "x\x07y", "@SUM(A1)", "a\ud7ffb\ufffe", "_x0007_"]
    book = openpyxl.load_workbook(io.BytesIO(encode_xlsx(pd.DataFrame({"=name": texts, "figure": 1.5}))))
    cells = [row[0] for row in book["units"].iter_rows()]
    assert [cell.data_type for cell in cells] == ["s"] * 6
    assert [unescape(str(cell.value)) for cell in cells] == ["=name", *texts]
    assert book["units"].freeze_panes == "A2"
    assert book["units"].column_dimensions["A"].width == len("@SUM(A1)") + 2
