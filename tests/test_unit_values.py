"""Figures by unit from tables with codes or names: what matches, what does not, and that no row is lost."""

import pandas as pd
import pytest
import shapely

from geo.convert_rows import Decimal
from geo.errors import CallError, InputError, VintageError
from geo.schema import Vintage
from geo.unit_lists import list_frame
from geo.unit_table import Table
from geo.unit_values import UnitColumnsGiven, match_table
from tests.tiny import units_of

DONG_NAI = list_frame(Vintage.V2026_04).query("province_code == '75'").reset_index(drop=True)
LOC_THANH = (
    list_frame(Vintage.V2026_04).query("unit_code in ['25280', '25294', '25270']").reset_index(drop=True)
)


def table(rows: list[list[str]], *columns: str) -> Table:
    return Table(pd.DataFrame(rows, columns=list(columns), dtype=object), tuple(range(1, len(rows) + 1)))


def test_codes_and_names_lead_to_the_same_figures() -> None:
    by_code = match_table(
        table([["25270", "7"], ["25280", "1.5"]], "Mã xã", "people"), DONG_NAI, ["people"], source="a"
    )
    by_name = match_table(
        table([["Phường Lộc Ninh", "7"], ["Lộc Thạnh", "1.5"]], "Tên xã", "people"),
        DONG_NAI,
        ["people"],
        source="a",
    )
    for found in (by_code, by_name):
        assert found.values[["unit_code", "row", "people"]].to_numpy().tolist() == [
            ["25270", 1, 7.0],
            ["25280", 2, 1.5],
        ]
        assert len(found.missing) == 93
        assert found.unmatched.empty
    assert by_code.values["method"].tolist() == ["code", "code"]
    assert by_name.values["method"].tolist() == ["name", "name"]


def test_every_row_is_somewhere() -> None:
    rows = [
        ["25270", "Lộc Ninh", "1"], ["", "Loc Thanh", "2"], ["", "Không Có", "3"], ["00004", "Ba Đình", "4"],
        ["25294", "", ""], ["", "", "6"],
    ]  # fmt: skip
    found = match_table(table(rows, "code", "name", "people"), DONG_NAI, ["people"], source="a.csv")
    assert found.values["unit_code"].tolist() == ["25270", "25294"]
    assert found.values["people"].isna().tolist() == [False, True]
    assert found.ambiguous[["row", "candidates"]].to_numpy().tolist() == [[2, "25280, 25294"]]
    assert found.unmatched["row"].tolist() == [3, 6]
    assert found.outside[["row", "code"]].to_numpy().tolist() == [[4, "00004"]]
    assert "not one of the workspace's units" in found.outside["reason"].iloc[0]
    sizes = [len(part) for part in (found.values, found.ambiguous, found.unmatched, found.outside)]
    assert sum(sizes) == len(rows)


def test_the_rows_numbers_are_those_of_the_file() -> None:
    given = Table(pd.DataFrame({"code": ["25270", "99999"], "n": ["1", "2"]}, dtype=object), (3, 8))
    found = match_table(given, DONG_NAI, ["n"], source="a")
    assert (found.values["row"].tolist(), found.unmatched["row"].tolist()) == ([3], [8])


def test_the_vintage_must_be_the_units() -> None:
    given = table([["25270", "1"]], "code", "n")
    with pytest.raises(
        VintageError, match=r"a is of vintage 2024 and the units are of 2026-04.*convert-units a --from 2024"
    ):
        match_table(given, DONG_NAI, ["n"], vintage=Vintage.V2024, source="a")
    old = list_frame(Vintage.V2024).query("province_code == '70'")
    rows = [[code, name, "1"] for code, name in zip(old["unit_code"], old["name"], strict=True)]
    with pytest.raises(VintageError, match="they fit vintage 2024"):
        match_table(table(rows, "code", "name", "n"), DONG_NAI, ["n"], source="a")


@pytest.mark.parametrize(
    ("rows", "columns", "error", "match"),
    [
        ([["x", "1"]], ("place", "n"), InputError, r"no column of unit codes or names; it has place, n"),
        ([["25270", "1"], ["25270", "2"]], ("code", "n"), InputError, r"rows 1 and 2 are both"),
        (
            [["25270", "1,5"]],
            ("code", "n"),
            InputError,
            r"column 'n', data row 1 holds '1,5'.*--decimal comma",
        ),
        ([["25270", "1"]], ("code", "people"), InputError, r"no column n; it has code, people"),
    ],
)
def test_tables_at_fault(
    rows: list[list[str]], columns: tuple[str, ...], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        match_table(table(rows, *columns), DONG_NAI, ["n"], source="a")


def test_names_of_several_provinces_need_theirs() -> None:
    both = pd.concat(
        [DONG_NAI, list_frame(Vintage.V2026_04).query("province_code == '01'")], ignore_index=True
    )
    given = table([["Lộc Ninh", "1"]], "name", "n")
    with pytest.raises(CallError, match="names are looked up inside a province"):
        match_table(given, both, ["n"], source="a")
    found = match_table(given, both, ["n"], columns=UnitColumnsGiven(province="Đồng Nai"), source="a")
    assert found.values["unit_code"].tolist() == ["25270"]
    told = table([["Lộc Ninh", "Đồng Nai", "1,5"]], "name", "tỉnh", "n")
    found = match_table(told, both, ["n"], decimal=Decimal.COMMA, source="a")
    assert found.values["n"].tolist() == [1.5]


def test_units_of_another_country_match_by_their_own_codes_and_names() -> None:
    box = shapely.box(0, 0, 1, 1)
    units = units_of(Adjuntas=box, Añasco=box, Anasco=box)
    found = match_table(
        table([["adjuntas", "1"], ["Añasco", "2"], ["Ponce", "3"]], "name", "n"), units, ["n"], source="a"
    )
    assert found.values["unit_code"].tolist() == ["Adjuntas", "Añasco"]
    assert found.unmatched["reason"].tolist() == ["no unit 'Ponce'"]
    found = match_table(table([["Adjuntas", "1"], ["x", "2"]], "code", "n"), units, ["n"], source="a")
    assert (found.values["n"].tolist(), found.unmatched["row"].tolist()) == ([1.0], [2])
    twice = units_of(a=box, b=box).assign(name="Same")
    found = match_table(table([["same", "1"]], "name", "n"), twice, ["n"], source="a")
    assert found.ambiguous["candidates"].tolist() == ["a, b"]


def test_loc_thanh_and_loc_thanh_stay_apart() -> None:
    rows = [["Lộc Thạnh", "1"], ["Lộc Thành", "2"]]
    found = match_table(table(rows, "name", "n"), LOC_THANH, ["n"], source="a")
    assert dict(zip(found.values["unit_code"], found.values["n"], strict=True)) == {
        "25280": 1.0,
        "25294": 2.0,
    }
