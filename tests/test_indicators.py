"""Own indicators: tables matched by code and name, converted where that is exact, ranked, and set against the gap."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from shapely.geometry import box

from data.sample_border import BORDER_COMMUNES, BORDER_NOTE, BORDER_UNITS
from data.sample_indicators import NOTE, SAMPLE_INDICATORS, border_options, write_border, write_indicators
from data.sample_profiles import PROFILES
from geo.errors import CallError, InputError, VintageError
from geo.indicator_places import INDICATOR_COLUMNS, own_columns, place_indicators
from geo.indicator_stats import bivariate, relate, shortfall, thirds
from geo.indicators import Indicator, indicator_id, read_indicator
from geo.inputs import NamedFile, UnitsInput
from geo.schema import Level, Vintage
from geo.unit_lists import by_code
from geo.vintages import crosswalk
from geo.workspace import load_workspace
from tests.files import run, snapshot, succeed

SAID = {"name": "Hồ sơ trực tuyến", "unit": "%", "better": "higher", "by": "code", "vintage": "2026-04"}
OPTIONS = ["--name", "Hồ sơ", "--unit", "%", "--better", "higher", "--by", "code"]


def _list(
    codes: list[str], vintage: Vintage = Vintage.V2026_04, names: list[str] | None = None
) -> UnitsInput:
    listed = by_code(vintage) if vintage is not Vintage.OTHER else {}
    frame = gpd.GeoDataFrame(
        {
            "unit_code": codes,
            "vintage": str(vintage),
            "name": names or [listed[code].name for code in codes],
        },
        geometry=[box(place, 0, place + 1, 1) for place in range(len(codes))],
        crs="EPSG:4326",
    )
    return UnitsInput(
        f"{vintage}-commune",
        vintage,
        Level.COMMUNE,
        frame,
        np.zeros(len(codes), dtype=bool),
        frame.iloc[:0],
        (),
    )


def _read(folder: Path, text: str, **changes: Any) -> Indicator:
    path = folder / "own.csv"
    path.write_text(text, encoding="utf-8")
    return read_indicator(NamedFile(path, path.name), {**SAID, **changes})


def _placed(indicator: Indicator, found: UnitsInput) -> tuple[dict[str, float | None], list[str]]:
    table, findings = place_indicators([indicator], found)
    values = {
        code: None if pd.isna(v) else float(v)
        for code, v in zip(table["unit_code"], table["value"], strict=True)
    }
    return values, [finding.message for finding in findings]


@pytest.mark.parametrize(
    ("label", "wanted"),
    [("Hồ sơ trực tuyến", "ho_so_truc_tuyen"), ("Đ.tử – DTI 2025 (%)", "d_tu_dti_2025"), ("  x  ", "x")],
)
def test_ids_are_plain_words(label: str, wanted: str) -> None:
    assert indicator_id(label) == wanted


@pytest.mark.parametrize("label", ["", "…", "??"])
def test_a_name_without_letters_is_no_name(label: str) -> None:
    with pytest.raises(InputError, match="wanted the indicator's name in words"):
        indicator_id(label)


def test_by_code_with_ranks_from_the_worst(tmp_path: Path) -> None:
    indicator = _read(tmp_path, "code,value\n25195,61.5\n25210,12\n25217,\n25220,12\n")
    found = _list(["25195", "25210", "25217", "25220", "25222"])
    table, findings = place_indicators([indicator], found)
    assert tuple(table.columns) == INDICATOR_COLUMNS
    assert table["value"].fillna(-1).tolist() == [61.5, 12, -1, 12, -1]
    assert table["rank"].fillna(0).tolist() == [3, 1, 0, 1, 0]
    assert findings == []
    lower = place_indicators([replace(indicator, better="lower")], found)[0]
    assert lower["rank"].fillna(0).tolist() == [1, 2, 0, 2, 0]


@pytest.mark.parametrize("header", ["Mã xã", "MA_XA", "unit_code", "Mã ĐVHC", "Code"])
def test_columns_of_codes_are_known_however_they_are_written(tmp_path: Path, header: str) -> None:
    indicator = _read(tmp_path, f"{header},Tên xã,v\n25195,Bình Phước,7\n")
    assert (indicator.request.code, indicator.request.name, indicator.column) == (header, "Tên xã", "v")


def test_by_name_inside_a_province_and_what_does_not_match_is_said(tmp_path: Path) -> None:
    text = "ten_xa,tinh,v\nĐồng Xoài,Đồng Nai,1\nPhước Long,Đồng Nai,2\nLoc Thanh,Đồng Nai,3\nNowhere,Đồng Nai,4\n"
    indicator = _read(tmp_path, text, by="name", province_column="tinh")
    values, said = _placed(indicator, _list(["25210", "25217", "25280"]))
    assert values == {"25210": 1, "25217": 2, "25280": None}
    [message] = said
    assert "2 rows are no unit's: row 3:" in message
    assert "Lộc Thạnh" in message
    assert "row 4: no unit 'Nowhere'" in message


def test_a_table_of_one_s_own_list_is_matched_by_that_list(tmp_path: Path) -> None:
    found = _list(["a", "b", "c", "d"], Vintage.OTHER, ["Hoà An", "Ba Tơ", "Ba Tô", "Xa Lạ"])
    by_code_ = _read(tmp_path, "code,v\na,1\nz,2\n", vintage="other")
    values, said = _placed(by_code_, found)
    assert values == {"a": 1, "b": None, "c": None, "d": None}
    assert said == ["other-commune: Hồ sơ trực tuyến: 1 rows are no unit's: row 2: 'z' is no unit"]
    by_name = _read(tmp_path, "name,v\nHòa An,1\nBa To,2\nBa Tô,3\nXa La,4\n", vintage="other", by="name")
    values, said = _placed(by_name, found)
    assert values == {"a": 1, "b": None, "c": 3, "d": 4}
    assert "row 2: 'Ba To' is more than one unit" in said[0]


def test_a_unit_named_twice_is_refused(tmp_path: Path) -> None:
    own = _read(tmp_path, "code,v\na,1\na,2\n", vintage="other")
    with pytest.raises(InputError, match=r"data rows 1 and 2 are both unit a; wanted each unit once"):
        place_indicators([own], _list(["a"], Vintage.OTHER, ["x"]))
    national = _read(tmp_path, "code,v\n25195,1\n25195,2\n")
    with pytest.raises(InputError, match=r"data rows 1 and 2 are both .*wanted each unit once"):
        place_indicators([national], _list(["25195"]))


def test_another_list_s_table_has_no_rows_here(tmp_path: Path) -> None:
    own = _read(tmp_path, "code,v\na,1\n", vintage="other")
    table, [finding] = place_indicators([own], _list(["25195"]))
    assert table.empty
    assert tuple(table.columns) == INDICATOR_COLUMNS
    assert "is of vintage other" in finding.message
    districts = replace(own, level=Level.DISTRICT)
    assert place_indicators([districts], _list(["a"], Vintage.OTHER, ["x"]))[1] == []


# 25195 of 2026-04 (phường Bình Phước) is of several old wards; 25222 and 25225 each of their old xã
def _old(new: str) -> list[str]:
    return list(crosswalk(Vintage.V2024, Vintage.V2026_04).parts[new])


WHOLE = next(code for code in sorted(PROFILES) if len(_old(code)) == 1)
UNION = next(code for code in sorted(PROFILES) if len(_old(code)) == 3)


def test_rates_of_an_older_list_come_over_where_that_is_exact(tmp_path: Path) -> None:
    rows = "".join(f"{code},{10 + place}\n" for place, code in enumerate([*_old(WHOLE), *_old(UNION)]))
    indicator = _read(tmp_path, f"code,v\n{rows}", vintage="2024")
    values, said = _placed(indicator, _list(sorted([WHOLE, UNION])))
    assert values == {WHOLE: 10, UNION: None}
    [message] = said
    assert "1 units were put together, and a rate has no sum: give --weight" in message
    assert by_code(Vintage.V2026_04)[UNION].label in message


def test_people_weigh_rates_and_counts_are_added(tmp_path: Path) -> None:
    parts = _old(UNION)
    rows = "".join(
        f"{code},{rate},{people}\n"
        for code, rate, people in zip(parts, (10, 20, 60), (100, 100, 200), strict=True)
    )
    weighed = _read(tmp_path, f"code,v,dan\n{rows}", vintage="2024", weight="dan", value_column="v")
    values, said = _placed(weighed, _list([UNION]))
    assert values[UNION] == pytest.approx((1000 + 2000 + 12000) / 400)
    assert said == []
    counted = _read(tmp_path, f"code,v,dan\n{rows}", vintage="2024", figures="count", value_column="v")
    assert _placed(counted, _list([UNION])) == ({UNION: 90}, [])
    partly = _read(tmp_path, f"code,v\n{parts[0]},5\n", vintage="2024", figures="count")
    values, said = _placed(partly, _list([UNION]))
    assert values == {UNION: None}
    assert "units have no figure for some of their parts" in said[0]


YES_NO = {"figures": "yes_no", "unit": "", "id": "border"}


def test_yes_or_no_of_the_parts_is_that_of_the_whole(tmp_path: Path) -> None:
    """One border commune makes the unit one; where a part is not known and none of the others is, nothing is."""
    parts = crosswalk(Vintage.V2024, Vintage.V2026_04).parts
    two = {"25309": "1,0", "25280": "0,0", "25294": "1,1", "25279": "0,", "25222": "1"}
    rows = [
        f"{part},{side}\n"
        for code, sides in two.items()
        for part, side in zip(parts[code], sides.split(","), strict=True)
    ]
    indicator = _read(tmp_path, "code,v\n" + "".join(rows), vintage="2024", **YES_NO)
    values, said = _placed(indicator, _list(sorted(two)))
    assert values == {"25222": 1, "25279": None, "25280": 0, "25294": 1, "25309": 1}
    assert len(said) == 1
    assert "units have no figure for some of their parts: Xã Lộc Tấn" in said[0]
    own, _ = _placed(indicator, _list(["25222", "25294", "25305"], Vintage.V2024))
    assert own == {"25222": 1, "25294": 1, "25305": 1}


@pytest.mark.parametrize(
    "changes", [{"id": "border"}, {"name": "border"}, {"figures": "yes_no"}, {"unit": "yes_no"}]
)
def test_whether_a_unit_is_at_the_border_is_yes_or_no_however_it_was_said(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    indicator = _read(tmp_path, "code,v\n25195,1\n25210,0\n25217,\n", **changes)
    assert indicator.unit == "yes_no"
    assert (indicator.id == "border") == ("figures" not in changes and "unit" not in changes)
    assert indicator.label == changes.get("name", SAID["name"])
    with pytest.raises(
        InputError, match=r"column 'v', data row 2 holds '12'; wanted 1 for yes or 0 for no, or nothing"
    ):
        _read(tmp_path, "code,v\n25195,1\n25210,12\n", **changes)


def test_a_younger_table_cannot_be_taken_apart(tmp_path: Path) -> None:
    indicator = _read(tmp_path, f"code,v\n{UNION},5\n")
    values, said = _placed(indicator, _list(_old(UNION), Vintage.V2024))
    assert set(values.values()) == {None}
    assert "rows cannot be shared out" in said[0]


@pytest.mark.parametrize(
    ("text", "changes", "match"),
    [
        ("code,v\n25195,abc\n", {}, r"data row 1 holds 'abc'; wanted a number"),
        ("code,v\n25195,1,5\n", {}, r"data row 1 has 3 cells, the header 2"),
        ("code;v\n25195;1,5\n", {}, r"holds '1,5'; wanted a number.*--decimal comma"),
        ("code,v\n", {}, r"no rows below the header"),
        ("ward,v\n25195,1\n", {}, r"which column has the units' codes\? It has ward, v: name one with --code-column"),
        ("code,v\n25195,1\n", {"by": "name", "province": "Đồng Nai"}, r"which column has the units' names\?"),
        ("code,a,b\n25195,1,2\n", {}, r"which column has the figures\? It has a, b: name one with --value-column"),
        ("code\n25195\n", {}, r"which column has the figures\? It has no other"),
        ("code,v\n25195,1\n", {"value_column": "w"}, r"no column w; it has code, v"),
        ("code,v\n25195,1\n", {"better": "more"}, r"better is 'more'; wanted --better higher or --better lower"),
        ("code,v\n25195,1\n", {"by": "place"}, r"by is 'place'; wanted --by code or --by name"),
        ("code,v\n25195,1\n", {"figures": "sum"}, r"figures is 'sum'; wanted --figures rate"),
        ("code,v\n25195,1\n", {"goal": 80.0}, r"wanted --goal and --worst together"),
        ("code,v\n25195,1\n", {"goal": 80.0, "worst": 90.0}, r"goal 80 and worst 90 do not go with --better higher; wanted the worst below"),
        ("code,v\n25195,1\n", {"goal": 8.0, "worst": 8.0}, r"goal 8 and worst 8 do not go"),
        ("code,v\n25195,1\n", {"goal": 80.0, "worst": 9.0, "better": "lower"}, r"wanted the worst above the goal"),
        ("code,v,p\n25195,1,2\n", {"figures": "count", "weight": "p"}, r"counts are added up, so they need no weight"),
        ("code,v\n25195,1\n", {"name": "–"}, r"--name is '–'"),
        ("code,v\n25195,1\n", {"id": "Biên giới"}, r"--id is 'Biên giới'; wanted small letters, digits and _"),
        ("code,v\n25195,1\n", {"id": "a__b"}, r"--id is 'a__b'"),
        ("code,v,p\n25195,1,2\n", {"figures": "yes_no", "weight": "p"}, r"yes or no needs no weight; leave out --weight or --figures yes_no"),
        ("code,v\n25195,0.5\n", YES_NO, r"holds '0.5'; wanted 1 for yes or 0 for no"),
        ("code,v\n25195,-1\n", YES_NO, r"holds '-1'; wanted 1 for yes or 0 for no"),
        ("code,v\n25195,có\n", YES_NO, r"holds 'có'; wanted a number"),
    ],
)  # fmt: skip
def test_bad_tables(tmp_path: Path, text: str, changes: dict[str, Any], match: str) -> None:
    with pytest.raises(InputError, match=match):
        _placed(_read(tmp_path, text, **changes), _list(["25195"]))


def test_names_without_a_province_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="names are looked up inside a province"):
        _read(tmp_path, "name,v\nĐồng Xoài,1\n", by="name")


def test_the_wrong_vintage_is_refused(tmp_path: Path) -> None:
    old = by_code(Vintage.V2024)
    codes = [code for new in sorted(PROFILES)[:10] for code in _old(new)][:20]
    rows = "".join(f"{code},{old[code].name},1\n" for code in codes)
    with pytest.raises(VintageError, match=r"given as vintage 2026-04.*fit vintage 2024"):
        _read(tmp_path, f"code,name,v\n{rows}")


def test_columns_for_goals_are_in_the_order_of_the_units() -> None:
    own = pd.DataFrame({"unit_code": ["b", "a"], "indicator": "x", "value": [2.0, 1.0]})
    assert own_columns(own, pd.Series(["a", "b", "c"]))["indicator:x"].tolist() == pytest.approx(
        [1, 2, np.nan], nan_ok=True
    )


# ---- against the gap

SERIES = st.lists(st.none() | st.integers(-5, 5).map(float), min_size=5, max_size=30)


@settings(max_examples=50, deadline=None)
@given(data=st.data(), first=SERIES)
def test_rank_correlation_is_that_of_scipy_and_lies_in_its_interval(
    data: st.DataObject, first: list[float | None]
) -> None:
    second = data.draw(
        st.lists(st.none() | st.integers(-5, 5).map(float), min_size=len(first), max_size=len(first))
    )
    one, two = pd.Series(first, dtype=float), pd.Series(second, dtype=float)
    found = relate(one, two)
    known = one.notna() & two.notna()
    assert found.units == known.sum()
    if found.units < 5 or one[known].nunique() < 2 or two[known].nunique() < 2:
        assert found.rho is None
        return
    assert found.rho == pytest.approx(spearmanr(one[known], two[known]).statistic, abs=1e-9)
    assert found.low is not None
    assert found.high is not None
    assert -1 <= found.low <= float(found.rho or 0) <= found.high <= 1


def test_the_interval_holds_the_truth_nine_times_in_ten() -> None:
    rng = np.random.default_rng(1)
    # of a binormal with correlation r, Spearman's is 6/π · asin(r/2)
    r, trials, hits = 0.6, 600, 0
    truth = 6 / np.pi * np.arcsin(r / 2)
    for _ in range(trials):
        first = rng.normal(size=40)
        second = r * first + np.sqrt(1 - r**2) * rng.normal(size=40)
        found = relate(pd.Series(first), pd.Series(second))
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= truth <= found.high
    assert 0.86 <= hits / trials <= 0.94


def test_thirds_and_classes_of_both_by_hand() -> None:
    assert thirds(pd.Series([10.0, 20, 30, 40, 50, 60, np.nan])).fillna(0).tolist() == [1, 1, 2, 2, 3, 3, 0]
    assert thirds(pd.Series([5.0, 5, 5, 5])).tolist() == [2, 2, 2, 2]
    assert thirds(pd.Series([np.nan])).isna().all()
    both = bivariate(pd.Series([1.0, 2, 3, np.nan]), pd.Series([30.0, 20, 10, 5]))
    assert both["class"].tolist()[:3] == ["3-1", "2-2", "1-3"]
    assert both["class"].isna().tolist() == [False, False, False, True]
    assert shortfall(pd.DataFrame({"value": [1.0, 2], "better": ["higher", "lower"]})).tolist() == [-1, 2]


# ---- in a workspace


def _table(folder: Path, text: str = "code,v\n01,90\n02,50\n03,20\n") -> Path:
    path = folder / "own.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_added_built_listed_and_exported(full: Path, tmp_path: Path) -> None:
    said = succeed(
        "add",
        full,
        "indicator",
        _table(tmp_path),
        *OPTIONS,
        "--goal",
        80,
        "--worst",
        0,
        "--date",
        "2026-10-01",
    )
    assert said == f"{full}: 1 file of indicator in the workspace\n"
    succeed("build", full, "--quiet")
    listed = json.loads(succeed("indicators", full, "--format", "json"))["indicators"]
    assert [(row["indicator"], row["label"], row["units"], row["median"], row["rho"]) for row in listed] == [
        ("ho_so", "Hồ sơ", 3, 50, None)
    ]
    rows = list(
        csv.DictReader(io.StringIO(succeed("indicators", full, "--indicator", "ho_so", "--format", "csv")))
    )
    assert [(row["unit_code"], row["rank"], row["class"]) for row in rows] == [
        ("03", "1", "3-3"),
        ("02", "2", "2-2"),
        ("01", "3", "1-1"),
    ]
    assert "Own indicators" in succeed("indicators", full)
    assert run("indicators", full, "--indicator", "none").exit_code == 2
    out = tmp_path / "own_out.csv"
    succeed("export", full, "--layer", "indicators", "--format", "csv", "--out", out)
    assert (
        out.read_text(encoding="utf-8-sig")
        .splitlines()[1]
        .startswith("01,other,ho_so,Hồ sơ,%,higher,80,0,2026-10-01,90,3")
    )


def test_it_enters_the_score_only_when_the_rules_weigh_it(full: Path, tmp_path: Path) -> None:
    succeed("add", full, "indicator", _table(tmp_path), *OPTIONS)
    succeed("build", full, "--quiet")
    before = pd.read_parquet(full / "built" / "communes.parquet")
    assert "indicator:ho_so" not in before.columns
    assert "ho_so" not in set(pd.read_parquet(full / "built" / "goals.parquet")["dimension"])
    rules = tmp_path / "rules.toml"
    rules.write_text("[indicators.ho_so]\ngoal = 80\nworst = 0\nweight = 1.0\nunit = '%'\n", encoding="utf-8")
    succeed("rules", full, "--set", rules)
    assert "[indicators.ho_so]" in succeed("rules", full)
    succeed("build", full, "--quiet")
    goals = pd.read_parquet(full / "built" / "goals.parquet").set_index(["dimension", "unit_code"])
    own = goals.xs("ho_so")
    assert own["deficit"].tolist() == pytest.approx([0, 0.375, 0.75])
    assert own["evidence"].tolist() == ["given"] * 3
    after = pd.read_parquet(full / "built" / "communes.parquet")
    assert not after["gap_score"].equals(before["gap_score"])
    assert "ho_so_below_goal" in after["reasons"].iloc[1]
    assert list(after.columns) == list(before.columns)


def test_rules_that_weigh_what_is_not_there_stop_the_build(full: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text("[indicators.ho_so]\ngoal = 80\nworst = 0\nweight = 1.0\n", encoding="utf-8")
    succeed("rules", full, "--set", rules, "--quiet")
    result = run("build", full)
    assert result.exit_code == 1
    assert "the rules weigh indicator ho_so, which was not added (there are: none)" in result.stderr


def test_bad_rule_files_change_nothing_and_name_every_fault(full: Path, tmp_path: Path) -> None:
    rules = tmp_path / "bad.toml"
    rules.write_text("draws = 3\nseed = -1\n[indicators.4g]\nweight = 1\n", encoding="utf-8")
    before = snapshot(full)
    result = run("rules", full, "--set", rules)
    assert result.exit_code == 1
    for fault in (
        "bad.toml: ",
        "draws is 3, wanted 100 or more",
        "seed is -1, wanted 0 or more",
        "indicators.4g is no id",
        "lacks goal, worst",
    ):
        assert fault in result.stderr
    assert snapshot(full) == before
    assert run("rules", full, "--set", tmp_path / "none.toml").exit_code == 1


def test_the_same_name_again_wants_replace_and_leaves_the_others(full: Path, tmp_path: Path) -> None:
    table = _table(tmp_path)
    succeed("add", full, "indicator", table, *OPTIONS)
    succeed("add", full, "indicator", table, "--name", "Kỹ năng", *OPTIONS[2:])
    succeed("add", full, "indicator", table, *OPTIONS)
    assert len(load_workspace(full).of_kind("indicator")) == 2
    other = _table(tmp_path, "code,v\n01,1\n")
    result = run("add", full, "indicator", other, *OPTIONS)
    assert result.exit_code == 1
    assert "the workspace has an indicator ho_so already" in result.stderr
    succeed("add", full, "indicator", other, *OPTIONS, "--replace")
    kept = load_workspace(full).of_kind("indicator")
    assert sorted(given.options["name"] for given in kept) == ["Hồ sơ", "Kỹ năng"]


def test_an_id_of_its_own_is_what_the_table_is_known_by(full: Path, tmp_path: Path) -> None:
    said = [
        "--id",
        "border",
        "--name",
        "Giáp biên giới",
        "--figures",
        "yes_no",
        "--better",
        "lower",
        "--by",
        "code",
    ]
    table = _table(tmp_path, "code,v\n01,1\n02,0\n03,\n")
    succeed("add", full, "indicator", table, *said)
    other = _table(tmp_path, "code,v\n01,0\n02,0\n03,1\n")
    assert "an indicator border already" in run("add", full, "indicator", other, *said).stderr
    succeed("add", full, "indicator", other, *said[:3], "Xã biên giới", *said[4:], "--replace")
    assert [given.options["name"] for given in load_workspace(full).of_kind("indicator")] == ["Xã biên giới"]
    # its name is free for another
    succeed("add", full, "indicator", table, "--name", "Xã biên giới", "--figures", "yes_no", *said[6:])
    assert len(load_workspace(full).of_kind("indicator")) == 2


@pytest.mark.parametrize(
    ("text", "options", "status", "match"),
    [
        ("code,v\n99,1\n", OPTIONS, 1, r"none of its 1 rows is a unit of other-commune"),
        ("code,v\n01,x\n", OPTIONS, 1, r"holds 'x'; wanted a number"),
        ("code,v\n01,1\n", OPTIONS[2:], 2, r"add … indicator needs --name as well"),
        ("code,v\n01,1\n", [], 2, r"needs --name, --unit, --better, --by as well"),
        ("code,v\n01,1\n", [*OPTIONS, "--better", "more"], 2, r"more"),
        ("code,v\n01,1\n", [*OPTIONS, "--vintage", "2026-04"], 1, r"none of its 1 rows is a unit"),
        ("code,v\n01,1\n", [*OPTIONS, "--level", "district"], 1, r"none of its 1 rows is a unit"),
        ("code,v\n01,1\n", [*OPTIONS, "--goal", "5"], 1, r"wanted --goal and --worst together"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_is_not(
    full: Path, tmp_path: Path, text: str, options: list[str], status: int, match: str
) -> None:
    before = snapshot(full)
    result = run("add", full, "indicator", _table(tmp_path, text), *options)
    assert result.exit_code == status, result.output
    assert re.search(match, result.stderr), result.stderr
    assert snapshot(full) == before


def test_a_workspace_with_two_of_one_name_is_refused(full: Path, tmp_path: Path) -> None:
    table = _table(tmp_path)
    succeed("add", full, "indicator", table, *OPTIONS)
    succeed("add", full, "indicator", table, "--name", "Khác", *OPTIONS[2:])
    config = full / "workspace.toml"
    config.write_text(config.read_text(encoding="utf-8").replace('"Khác"', '"Hồ sơ"'), encoding="utf-8")
    assert "indicator ho_so was added more than once" in run("build", full).stderr


# ---- the sample's three tables


def test_the_sample_s_tables_are_labelled_the_same_every_time_and_can_be_added(tmp_path: Path) -> None:
    names = {code: by_code(Vintage.V2026_04)[code].name for code in PROFILES}
    first, second = (write_indicators(tmp_path / name, names) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    for path, sample in zip(first, SAMPLE_INDICATORS, strict=True):
        assert NOTE in path.read_text(encoding="utf-8-sig")
        indicator = read_indicator(NamedFile(path, path.name), sample.options())
        table, findings = place_indicators([indicator], _list(sorted(PROFILES)))
        assert findings == []
        assert table["value"].isna().sum() == 1
        assert table["value"].dropna().between(0, 100).all()
        values = dict(zip(table["unit_code"], table["value"], strict=True))
        assert (values["25399"] < values["25195"]) == (sample.better == "higher")


def test_the_sample_s_border_communes_lead_to_both_lists(tmp_path: Path) -> None:
    names = {code: unit.name for code, unit in by_code(Vintage.V2024).items() if unit.province_code == "70"}
    first, second = (write_border(tmp_path / name, names) for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    assert first.read_text(encoding="utf-8-sig").count(BORDER_NOTE) == len(names) == 111
    indicator = read_indicator(NamedFile(first, first.name), border_options())
    for vintage, codes, wanted in (
        (Vintage.V2024, sorted(names), BORDER_COMMUNES), (Vintage.V2026_04, sorted(PROFILES), BORDER_UNITS),
    ):  # fmt: skip
        values, said = _placed(indicator, _list(codes, vintage))
        assert said == []
        assert tuple(code for code in codes if values[code] == 1) == wanted
        assert set(values.values()) == {0.0, 1.0}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_indicator(NamedFile(tmp_path / "none.csv", "none.csv"), SAID)
