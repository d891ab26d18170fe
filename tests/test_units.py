"""Units: codes as text, names in NFC, kinds split off, overlaps found, areas against the declared ones."""

import unicodedata
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import geodesic_area_km2
from geo.errors import InputError
from geo.schema import Level, Vintage
from geo.units import (
    UnitColumns,
    clean_text,
    differs_from_declared,
    make_units,
    urban_points,
)
from tests.files import SQUARES, B
from tests.tiny import tiles_box, units_of

COLUMNS = UnitColumns(code="code", label="name", vintage=Vintage.OTHER, level=Level.COMMUNE)
LIST_2025 = replace(COLUMNS, vintage=Vintage.V2025_07)


def _raw(codes: list[Any], names: list[Any] | None = None, **columns: Any) -> gpd.GeoDataFrame:
    shapes = [tiles_box(4 * i, 0, 4 * i + 4, 4) for i in range(len(codes))]
    given_columns = {"code": codes, "name": names or [f"u{code}" for code in codes], **columns}
    frame = gpd.GeoDataFrame(given_columns, geometry=shapes, crs="EPSG:4326")
    return frame.assign(file="u.geojson", file_row=range(1, len(codes) + 1))


def test_units_are_sorted_and_keep_their_zeros_and_outlines() -> None:
    raw = _raw(["30", "07", "100"])
    units = make_units(raw, COLUMNS)
    assert units["unit_code"].tolist() == ["07", "100", "30"]
    assert units["vintage"].tolist() == ["other"] * 3
    assert units.geometry.iloc[0].equals(raw.geometry.iloc[1])
    assert units["area_km2"].tolist() == geodesic_area_km2(units.geometry).tolist()
    assert units["file"].tolist() == ["u.geojson"] * 3
    assert units["file_row"].tolist() == [2, 3, 1]
    assert "kind" not in units


@pytest.mark.parametrize("codes", [[5195, 25210], [5195.0, 25210.0], ["5195", "25210"], ["5195", 25210]])
def test_lost_zeros_are_restored_when_the_width_is_said(codes: list[Any]) -> None:
    units = make_units(_raw(codes), replace(LIST_2025, code_width=5))
    assert units["unit_code"].tolist() == ["05195", "25210"]


def test_names_become_nfc_with_single_spaces() -> None:
    nfd = unicodedata.normalize("NFD", "Lộc Thạnh")
    units = make_units(_raw(["1", "2", "3"], [nfd, "  Lộc\t Thạnh ", "Lộc\u00a0Thạnh"]), COLUMNS)
    assert units["name"].tolist() == ["Lộc Thạnh"] * 3


@pytest.mark.parametrize(
    ("name", "kind", "rest"),
    [
        ("Xã Lộc Thạnh", "xã", "Lộc Thạnh"),
        ("PHƯỜNG Bình Long", "phường", "Bình Long"),
        ("Thị trấn Tân Phú", "thị trấn", "Tân Phú"),
        ("Thị xã Phước Long", "thị xã", "Phước Long"),
        ("Đặc khu Côn Đảo", "đặc khu", "Côn Đảo"),
        ("Phường 1", "phường", "1"),
        ("Thành Công", None, "Thành Công"),
        ("Quận", None, "Quận"),
        ("Xãm", None, "Xãm"),
    ],
)
def test_the_kind_of_a_vietnamese_unit_is_split_from_its_name(name: str, kind: str | None, rest: str) -> None:
    unit = make_units(_raw(["25195"], [name]), LIST_2025).iloc[0]
    assert unit["name"] == rest
    assert pd.isna(unit["kind"]) if kind is None else unit["kind"] == kind


def test_kinds_and_parents_from_columns() -> None:
    raw = _raw(["1", "2"], ["Xã A", "B"], loai=["Xã", None], tinh=["75", ""], dien=[1.0, 2.0])
    units = make_units(raw, replace(COLUMNS, kind="loai", province_code="tinh", declared_area="dien"))
    assert units["kind"].fillna("none").tolist() == ["Xã", "none"]
    assert units["name"].tolist() == ["Xã A", "B"]
    assert units["province_code"].fillna("none").tolist() == ["75", "none"]
    assert units["declared_area_km2"].tolist() == [1, 2]


def test_kinds_of_a_vietnamese_column_are_written_small() -> None:
    units = make_units(_raw(["25195"], ["Bình Long"], loai=["Phường"]), replace(LIST_2025, kind="loai"))
    assert units["kind"].tolist() == ["phường"]
    assert len(urban_points(units)) == 1


@given(order=st.permutations(range(4)))
def test_the_order_of_rows_is_irrelevant(order: list[int]) -> None:
    raw = _raw(["4", "2", "3", "1"])
    shuffled = raw.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        pd.DataFrame(make_units(raw, COLUMNS)), pd.DataFrame(make_units(shuffled, COLUMNS))
    )


@given(text=st.text())
def test_clean_text_is_done_once(text: str) -> None:
    once = clean_text(text)
    assert once is None or (once == clean_text(once) and once == once.strip() != "")


@pytest.mark.parametrize("area", ["12,5", "big", 0, -3.0])
def test_a_declared_area_that_is_no_area_is_refused_by_row(area: Any) -> None:
    raw = _raw(["1", "2", "3"], km2=pd.Series([12.5, None, area], dtype=object))
    with pytest.raises(InputError, match=r"u.geojson: row 3: declared area is .* \(1 such rows\)"):
        make_units(raw, replace(COLUMNS, declared_area="km2"))


@pytest.mark.parametrize("column", ["code", "name"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": 1}, r"u.geojson: row 2: column '\w+' holds .*; wanted a plain text or number"),
        (["a"], "wanted a plain text or number"),
        ("a\x00b", "row 2: .* control character; mend the text"),
        ("a\x1bb", "control character"),
    ],
)
def test_what_no_file_can_carry_is_refused_by_row(column: str, value: Any, message: str) -> None:
    raw = _raw(["1", "2"])
    raw[column] = pd.Series([raw[column].iloc[0], value], dtype=object)
    with pytest.raises(InputError, match=message):
        make_units(raw, COLUMNS)


@pytest.mark.parametrize("missing", [None, float("nan"), "", " \t", "\u200b\u200f"])
def test_missing_text_is_none(missing: Any) -> None:
    assert clean_text(missing) is None


def test_areas_that_differ_from_the_declared_ones() -> None:
    units = units_of(**SQUARES).assign(area_km2=[100.0, 100.0, 100.0], declared_area_km2=[99.5, 98.0, None])
    differing = differs_from_declared(units)
    assert differing["unit_code"].tolist() == ["02"]
    assert differing["difference"].tolist() == pytest.approx([100 / 98 - 1])
    assert differs_from_declared(units.drop(columns="declared_area_km2")).empty


def test_towns_are_the_urban_units_where_none_are_given() -> None:
    units = units_of(**SQUARES).assign(kind=["xã", "phường", None])
    towns = urban_points(units)
    assert towns["name"].tolist() == ["02"]
    assert B.contains(towns.geometry.iloc[0])
    assert urban_points(units_of(**SQUARES)).empty
