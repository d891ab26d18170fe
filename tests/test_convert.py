"""Tables from one list of units to another: sums conserved, rates by people, split units, and what is kept back."""

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cli_convert import SplitInputs, convert_table, read_outlines
from geo.convert import Conversion, Outcome, balance, convert_rows
from geo.convert_report import as_report, as_text, leftover_table
from geo.convert_rows import ConversionRequest, Decimal, given_units, match_rows, parse_number
from geo.errors import CallError, CrsError, InputError, VintageError
from geo.population_grid import PopulationGrid, make_grid
from geo.schema import Vintage
from geo.split_shares import people_shares
from geo.unit_lists import by_code, communes
from geo.vintages import crosswalk
from tests.lists import list_frame

OLD, MID, NEW = Vintage.V2024, Vintage.V2025_07, Vintage.V2026_04
BINH_PHUOC = tuple(unit.code for unit in communes(OLD) if unit.province_code == "70")
NORTH = tuple(sorted({code for old in BINH_PHUOC for code in crosswalk(OLD, NEW).targets[old]}))
SPLIT = "00007"
"""Cống Vị in Hà Nội: split between Ngọc Hà (00008) and Giảng Võ (00025)."""


def _convert(table: pd.DataFrame, **options: Any) -> Conversion:
    request = ConversionRequest(**{"source": OLD, "target": NEW, "code": "code", **options})
    return convert_table(table, request, SplitInputs(), source="table.csv")[0]


def _table(codes: tuple[str, ...], **columns: list[Any]) -> pd.DataFrame:
    texts = {name: ["" if cell is None else str(cell) for cell in cells] for name, cells in columns.items()}
    return pd.DataFrame({"code": list(codes), **texts}, dtype=object)


def test_three_communes_into_one_checked_by_eye() -> None:
    # Thị trấn Lộc Ninh, Lộc Thuận and Lộc Thái became Lộc Ninh
    table = _table(("25270", "25288", "25297"), schools=[1, 2, 4], reach=[0.5, 1, 0], people=[100, 300, 0])
    done = _convert(table, sums=("schools", "people"), means=("reach",), weight="people")
    row = done.table.iloc[0]
    assert done.is_whole
    assert (row["unit_code"], row["vintage"], row["name"], row["kind"]) == (
        "25270",
        "2026-04",
        "Lộc Ninh",
        "phường",
    )
    assert (row["schools"], row["people"], row["reach"]) == (7, 400, 0.875)
    assert (row["parts_given"], row["parts"], row["complete"]) == (3, 3, True)


def test_the_111_communes_of_binh_phuoc_become_40_units_with_counts_conserved() -> None:
    people = [1000 + 7 * number for number in range(111)]
    done = _convert(_table(BINH_PHUOC, people=people), sums=("people",))
    assert done.is_whole
    assert tuple(done.table["unit_code"]) == NORTH
    assert len(done.table) == 40
    assert done.table["people"].sum() == sum(people)
    assert str(done.table["people"].dtype) == "Int64"
    assert done.table["complete"].all()


def test_by_names_alone_the_111_land_in_the_same_units() -> None:
    listed = list_frame(OLD).query("province_code == '70'").astype(object)
    listed["people"] = [str(number) for number in range(111)]
    by_name = _convert(
        listed, code="", name="name", province="Bình Phước", district="district_name", sums=("people",)
    )
    with_codes = _convert(listed, code="unit_code", sums=("people",))
    pd.testing.assert_frame_equal(by_name.table, with_codes.table)


def test_the_whole_of_2024_converts_and_471_split_communes_are_named() -> None:
    codes = tuple(unit.code for unit in communes(OLD))
    people = list(range(len(codes)))
    done = _convert(
        _table(codes, people=people, name=[unit.full_name for unit in communes(OLD)]),
        name="name",
        sums=("people",),
    )
    split = [found for found in done.outcomes if found.outcome is Outcome.SPLIT]
    assert len(done.outcomes) == 10_040
    assert len(split) == 471
    assert all(found.row.match.unit and found.row.match.unit.label in found.reason for found in split)
    assert [found.outcome for found in done.outcomes].count(Outcome.CONVERTED) == 9_569
    account = balance(done)["people"]
    assert account["given"] == sum(people) == account["converted"] + account["withheld"] + account["left"]
    report = as_report(done, file="table.csv", columns=["code", "people"])
    assert sum(row["outcome"] == "split" for row in report["table"]) == 471
    assert "471 split" in as_text(report)


def test_the_whole_of_2024_converts_exactly_once_the_split_ones_have_shares() -> None:
    ways = crosswalk(OLD, NEW)
    shares = {code: dict.fromkeys(ways.targets[code], 1 / len(ways.targets[code])) for code in ways.split}
    codes = tuple(ways.targets)
    people = [number % 97 for number in range(len(codes))]
    request = ConversionRequest(OLD, NEW, code="code", sums=("people",))
    table = _table(codes, people=people)
    rows = match_rows(table, given_units(table, request, source="t"), request, source="t")
    done = convert_rows(rows, request, shares=shares)
    assert done.is_whole
    assert len(done.table) == 3_321
    assert done.table["complete"].all()
    assert done.table["people"].sum() == pytest.approx(sum(people), rel=1e-12)


def test_to_2025_07_and_on_to_2026_04_is_the_same_as_in_one_step() -> None:
    table = _table(BINH_PHUOC, people=list(range(111)))
    direct, first = _convert(table, sums=("people",)), _convert(table, target=MID, sums=("people",))
    assert set(first.table["province_name"]) == {"Tỉnh Đồng Nai"}
    again = _table(tuple(first.table["unit_code"]), people=first.table["people"].tolist())
    second = _convert(again, source=MID, sums=("people",))
    columns = ["unit_code", "vintage", "name", "kind", "province_name", "people"]
    pd.testing.assert_frame_equal(second.table[columns], direct.table[columns])
    back = _convert(again, source=NEW, target=MID, sums=("people",))
    assert back.table["people"].tolist() == first.table["people"].tolist()


def test_a_union_is_not_taken_apart_and_the_reason_is_given() -> None:
    done = _convert(_table(NORTH, people=[1] * 40), source=NEW, target=OLD, sums=("people",))
    unions = [found for found in done.outcomes if found.outcome is Outcome.UNION]
    assert len(unions) == 38
    assert "is a union of units of 2024 (" in unions[0].reason
    assert "cannot be taken apart" in unions[0].reason
    # two units of the 40 were one commune before, and go back
    assert [row.name for row in done.table.itertuples()] == ["Bù Gia Mập", "Đak Ơ"]
    assert "district_name" in done.table


def test_what_a_part_lacks_is_not_taken_for_zero() -> None:
    table = _table(("25270", "25288", "25297"), people=[100, None, 50], schools=[1, 1, 1])
    done = _convert(table, sums=("people", "schools"))
    assert pd.isna(done.table["people"][0])
    assert done.table["schools"][0] == 3
    (held,) = done.withheld
    assert (held.code, held.column, held.missing, held.rows) == ("25270", "people", ("25288",), (1, 3))
    assert balance(done)["people"] == {"given": 150, "converted": 0, "withheld": 150, "left": 0}


def test_a_unit_with_parts_missing_has_no_figure_unless_it_was_asked_for() -> None:
    table = _table(("25270", "25288"), people=[100, 20])
    whole, partial = (_convert(table, sums=("people",), partial=partial) for partial in (False, True))
    assert pd.isna(whole.table["people"][0])
    assert not whole.is_whole
    assert partial.table["people"][0] == 120
    assert not partial.table["complete"][0]
    notes = as_report(partial, file="t", columns=["code", "people"])["notes"]
    assert any("lower bounds, not totals" in note for note in notes)


def test_a_rate_where_nobody_lives_is_not_known() -> None:
    table = _table(("25270", "25288", "25297"), rate=[1, 2, 3], people=[0, 0, 0])
    done = _convert(table, means=("rate",), weight="people")
    assert pd.isna(done.table["rate"][0])


def test_nothing_of_the_table_is_dropped() -> None:
    table = _table(("25270", "99999", SPLIT, ""), people=[1, 2, 4, 8], note=["a", "b", "c", "d"])
    done = _convert(table, sums=("people",))
    left = leftover_table(done, table)
    assert left["row"].tolist() == [1, 2, 3, 4]
    assert left["outcome"].tolist() == ["withheld", "unmatched", "split", "unmatched"]
    assert left["given: note"].tolist() == ["a", "b", "c", "d"]
    assert "not known for its parts Xã Lộc Thuận" in left["reason"][0]
    assert balance(done)["people"] == {"given": 15, "converted": 0, "withheld": 1, "left": 14}
    assert "columns not carried over: note" in as_text(as_report(done, file="t", columns=list(table.columns)))


PARTS = st.lists(st.sampled_from(BINH_PHUOC), unique=True, min_size=1, max_size=111)
COUNTS = st.integers(-(10**12), 10**12) | st.none()


@settings(max_examples=60, deadline=None)
@given(st.data(), PARTS, st.booleans())
def test_totals_are_conserved_and_the_order_of_rows_is_irrelevant(
    data: Any, codes: list[str], partial: bool
) -> None:
    counts = data.draw(st.lists(COUNTS, min_size=len(codes), max_size=len(codes)))
    order = data.draw(st.permutations(range(len(codes))))
    one = _convert(_table(tuple(codes), n=counts), sums=("n",), partial=partial)
    other = _convert(
        _table(tuple(codes[i] for i in order), n=[counts[i] for i in order]), sums=("n",), partial=partial
    )
    pd.testing.assert_frame_equal(one.table, other.table)
    account = balance(one)["n"]
    assert account["given"] == sum(count for count in counts if count is not None)
    assert account["given"] == account["converted"] + account["withheld"]
    assert account["converted"] == sum(one.table["n"].dropna().tolist())
    assert account == balance(other)["n"]
    assert not (partial and account["withheld"])


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_rates_are_the_people_weighted_mean_whatever_the_order(chance: random.Random) -> None:
    people = [chance.randrange(1, 5000) for _ in BINH_PHUOC]
    rates = [chance.random() for _ in BINH_PHUOC]
    order = chance.sample(range(111), 111)
    one = _convert(_table(BINH_PHUOC, r=rates, p=people), means=("r",), weight="p")
    other = _convert(
        _table(tuple(BINH_PHUOC[i] for i in order), r=[rates[i] for i in order], p=[people[i] for i in order]),
        means=("r",), weight="p",
    )  # fmt: skip
    pd.testing.assert_frame_equal(one.table, other.table)
    ways, known = crosswalk(OLD, NEW), dict(zip(BINH_PHUOC, zip(rates, people, strict=True), strict=True))
    for code, value in zip(one.table["unit_code"], one.table["r"], strict=True):
        parts = [known[part] for part in ways.parts[code]]
        exact = sum(Fraction(r) * p for r, p in parts) / sum(p for _, p in parts)
        assert value == pytest.approx(float(exact), rel=1e-12)
        assert min(r for r, _ in parts) <= value * (1 + 1e-12)
        assert value * (1 - 1e-12) <= max(r for r, _ in parts)


def _outlines(**shapes: Any) -> gpd.GeoDataFrame:
    codes = [code.removeprefix("u") for code in shapes]
    return gpd.GeoDataFrame({"unit_code": codes}, geometry=list(shapes.values()), crs=4326)


def _strip(west: float, east: float) -> shapely.Polygon:
    return shapely.box(105 + west / 100, 21, 105 + east / 100, 21.01)


GRID = make_grid([[10, 20, 30, 40]], west=105, north=21.01, cell_width=0.01, cell_height=0.01)
NOBODY = make_grid(np.zeros((1, 4)), west=105, north=21.01, cell_width=0.01, cell_height=0.01)
SMALL = make_grid([[5]], west=105, north=21.01, cell_width=0.01, cell_height=0.01)
OLD_OUTLINE = _outlines(u00007=_strip(0, 4))


def _shares(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, grid: PopulationGrid = GRID) -> Any:
    return people_shares((SPLIT,), crosswalk(OLD, NEW), old, new, grid)


def test_a_split_commune_is_shared_by_people_not_area() -> None:
    shares, refusals = _shares(OLD_OUTLINE, _outlines(u00008=_strip(-2, 1), u00025=_strip(1, 6)))
    assert refusals == {}
    assert shares[SPLIT] == pytest.approx({"00008": 0.1, "00025": 0.9})
    request = ConversionRequest(OLD, NEW, code="code", sums=("n",), partial=True)
    table = _table((SPLIT,), n=[50])
    rows = match_rows(table, given_units(table, request, source="t"), request, source="t")
    done = convert_rows(rows, request, shares=shares)
    assert done.outcomes[0].outcome is Outcome.SHARED
    assert done.table["n"].tolist() == pytest.approx([5, 45])


@pytest.mark.parametrize(
    ("old", "new", "grid", "match"),
    [
        (OLD_OUTLINE, _outlines(u00008=_strip(0, 1)), GRID, "do not hold 2026-04 00025"),
        (_outlines(u00004=_strip(0, 4)), _outlines(u00008=_strip(0, 1), u00025=_strip(1, 4)), GRID, "do not hold 2024 00007"),
        (OLD_OUTLINE, _outlines(u00008=_strip(0, 1), u00025=_strip(2, 4)), GRID, "cover 75.0% of it"),
        (OLD_OUTLINE, _outlines(u00008=_strip(0, 3), u00025=_strip(1, 4)), GRID, "cover 150.0% of it"),
        (OLD_OUTLINE, _outlines(u00008=_strip(0, 1), u00025=_strip(1, 4)), NOBODY, "nobody in it"),
        (OLD_OUTLINE, _outlines(u00008=_strip(0, 1), u00025=_strip(1, 4)), SMALL, "does not cover it"),
    ],
)  # fmt: skip
def test_shares_are_refused_with_a_reason(old: Any, new: Any, grid: PopulationGrid, match: str) -> None:
    shares, refusals = _shares(old, new, grid)
    assert shares == {}
    assert match in refusals[SPLIT]


def test_outlines_that_meet_at_a_line_only_share_nobody() -> None:
    shares, _ = _shares(OLD_OUTLINE, _outlines(u00008=_strip(4, 8), u00025=_strip(0, 4)))
    assert shares[SPLIT] == {"00008": 0.0, "00025": 1.0}


def test_outlines_must_be_one_row_per_unit_in_one_crs() -> None:
    twice = gpd.GeoDataFrame(pd.concat([OLD_OUTLINE, OLD_OUTLINE]), crs=4326)
    with pytest.raises(InputError, match="old outlines hold unit 00007 more than once"):
        _shares(twice, OLD_OUTLINE)
    with pytest.raises(CrsError, match="different CRSs"):
        _shares(OLD_OUTLINE, OLD_OUTLINE.to_crs(3857))


def test_outlines_of_another_vintage_are_found_out_by_their_names(tmp_path: Path) -> None:
    file = tmp_path / "new.geojson"
    gpd.GeoDataFrame({"code": ["26740"], "name": ["Sài Gòn"]}, geometry=[_strip(0, 1)], crs=4326).to_file(
        file
    )
    assert read_outlines(file, NEW)[0]["unit_code"].tolist() == ["26740"]
    with pytest.raises(VintageError, match=r"new\.geojson was given as vintage 2024"):
        read_outlines(file, OLD)


UNSAID, POINT, COMMA = Decimal.UNSAID, Decimal.POINT, Decimal.COMMA


@pytest.mark.parametrize(
    ("cell", "decimal", "number"),
    [("", UNSAID, None), (" ", COMMA, None), ("12", UNSAID, 12), ("-3", COMMA, -3), ("1.5", UNSAID, 1.5), (".5", POINT, 0.5),
     ("1e3", UNSAID, 1000.0), ("0.1234", UNSAID, 0.1234), ("0.125", UNSAID, 0.125), ("1,5", COMMA, 1.5), ("1.234,5", COMMA, 1234.5), ("1.234", COMMA, 1234),
     ("1.234.567", COMMA, 1234567), ("1.234", POINT, 1.234), ("1,234.5", POINT, 1234.5), ("1,234,567", POINT, 1234567),
     ("9007199254740993", UNSAID, 9007199254740993), (1.234, UNSAID, 1.234), (0.5, COMMA, 0.5)],
)  # fmt: skip
def test_numbers(cell: str | float, decimal: Decimal, number: float | None) -> None:
    assert parse_number(cell, "here", decimal=decimal) == number


@pytest.mark.parametrize(
    ("cell", "decimal"),
    [("1,5", UNSAID), ("1.234", UNSAID), ("1.234,5", UNSAID), ("1,234", UNSAID), ("1.5", COMMA), ("1,5", POINT), ("1,234,567", COMMA),
     ("1.234.567", POINT), ("1.2.3", COMMA), ("1 234", UNSAID), ("nan", UNSAID), ("inf", UNSAID), (float("inf"), UNSAID), ("-", UNSAID),
     ("n/a", UNSAID), ("0x10", UNSAID), ("1e999", UNSAID), ("١٢", UNSAID), ("#REF!", UNSAID), (",", COMMA), (".", POINT)],
)  # fmt: skip
def test_what_is_no_number_or_may_be_two_is_not_guessed(cell: str | float, decimal: Decimal) -> None:
    with pytest.raises(
        InputError, match=r"row 2, column 'n' holds .*wanted a number.*--decimal point .*--decimal comma"
    ):
        parse_number(cell, "row 2, column 'n'", decimal=decimal)


@pytest.mark.parametrize("cell", ["12%", "12 %", "0,5%"])
def test_a_percentage_is_asked_about(cell: str) -> None:
    with pytest.raises(
        InputError, match=r"row 2, column 'n' holds .*without a percent sign.*Format the cells as numbers"
    ):
        parse_number(cell, "row 2, column 'n'", decimal=COMMA)


def test_a_column_that_shows_what_its_points_are_needs_no_option() -> None:
    codes = ("25270", "25288", "25297")
    assert _convert(_table(codes, n=["1.234", "0.5", "2"]), sums=("n",)).table["n"][0] == pytest.approx(3.734)
    with pytest.raises(InputError, match=r"data row 1 holds '1\.234'"):
        _convert(_table(codes, n=["1.234", "5", "2"]), sums=("n",))
    assert _convert(_table(codes, n=["1.234", "5", "2"]), sums=("n",), decimal=COMMA).table["n"][0] == 1241


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"code": ""}, "--code-column, --name-column or both"),
        ({"code": "", "name": "name"}, "--province-column, or --province"),
        ({"means": ("r",)}, "with --weight"),
        ({"weight": "people"}, "--weight is for --mean"),
        ({"sums": ("n",), "means": ("n",), "weight": "n"}, "is in --sum and in --mean"),
    ],
)
def test_calls_that_cannot_be_meant(options: dict[str, Any], match: str) -> None:
    with pytest.raises(CallError, match=match):
        ConversionRequest(**{"source": OLD, "target": NEW, "code": "code", **options})


@pytest.mark.parametrize(
    ("columns", "options", "match"),
    [
        ({"code": ["25270"]}, {"sums": ("people",)}, "no column people; it has code"),
        ({"code": ["25270"]}, {"code": "ma"}, "no column ma"),
        ({"code": ["25270"], "n": ["many"]}, {"sums": ("n",)}, "column 'n', data row 1 holds 'many'"),
        ({"code": ["25270", "25270"]}, {}, "data rows 1 and 2 are both Thị trấn Lộc Ninh"),
        ({"code": ["25270"], "r": ["1"], "p": ["-4"]}, {"means": ("r",), "weight": "p"}, "holds -4; wanted people, 0 or more"),
        ({"code": ["25270"], "name": ["1"]}, {"sums": ("name",)}, "column name has a name that the new table uses"),
        ({"code": ["25270"], "parts": ["1"]}, {"sums": ("parts",)}, "column parts has a name"),
    ],
)  # fmt: skip
def test_tables_that_cannot_be_converted(
    columns: dict[str, list[str]], options: dict[str, Any], match: str
) -> None:
    with pytest.raises(InputError, match=match):
        _convert(pd.DataFrame(columns, dtype=object), **options)


def test_a_table_of_the_wrong_vintage_is_stopped_before_anything_is_added_up() -> None:
    listed = [unit for unit in communes(NEW) if unit.code in NORTH]
    table = _table(tuple(unit.code for unit in listed), name=[unit.name for unit in listed], n=[1] * 40)
    with pytest.raises(VintageError, match=r"table\.csv was given as vintage 2024.*--from 2025-07"):
        _convert(table, name="name", sums=("n",))
    assert by_code(OLD).keys() >= set(NORTH)


def test_no_conversion_to_a_list_that_is_not_known() -> None:
    with pytest.raises(VintageError, match="no list of units 'other'"):
        _convert(_table(("25270",)), target=Vintage.OTHER)
