"""The report on outlines and names: three squares and what is wrong with them, by hand."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo.crs import geodesic_area_km2
from geo.outlines import find_gaps, find_overlaps, unmatched_edges
from geo.quality import Finding, Severity
from geo.quality_units import declared_areas, duplicate_names, gaps_between, outlines, overlapping
from geo.units import differs_from_declared
from tests.files import A, B, C
from tests.tiny import tiles_box, units_of

LIST = "2026-04-commune"


def _units(**shapes: Any) -> gpd.GeoDataFrame:
    """Units as `make_units` gives them, the n-th of row 10 + n."""
    units = units_of(**shapes)
    rows = range(11, 11 + len(units))
    return units.assign(
        area_km2=geodesic_area_km2(units.geometry), kind="xã", file="xa.geojson", file_row=rows
    )


def _overlap(units: gpd.GeoDataFrame, people: list[float] | None = None) -> list[Finding]:
    pairs = find_overlaps(units, unmatched_edges(units.geometry.to_numpy()))
    return overlapping(LIST, units, pairs, None if people is None else np.array(people))


def _gap(units: gpd.GeoDataFrame) -> list[Finding]:
    return gaps_between(LIST, units, find_gaps(units, unmatched_edges(units.geometry.to_numpy())))


def test_the_note_on_outlines_counts_units_parts_and_vertices() -> None:
    found = outlines(LIST, _units(a=A, b=B.union(tiles_box(9, 0, 10, 1))))
    assert (found.severity, found.code, found.value) == (Severity.NOTE, "outlines", 2)
    assert found.message.startswith(f"{LIST}: 2 units in 3 parts, 15 vertices, ")


@pytest.mark.parametrize(
    ("edge", "severity", "share"),
    [
        (4, Severity.ERROR, "12.50%"),  # half a tile of B's four
        (4.45, Severity.ERROR, "1.41%"),
        (4.47, Severity.WARNING, "0.85%"),
        (4.4999, Severity.NOTE, "0.00%"),
    ],
)
def test_an_overlap_is_graded_by_its_share_and_size(edge: float, severity: Severity, share: str) -> None:
    (found,) = _overlap(_units(a=A, b=tiles_box(edge, 0, 8, 4)))
    assert (found.severity, found.code, found.unit, found.file, found.row) == (
        severity, "overlap", "a", "xa.geojson", 11
    )  # fmt: skip
    assert "xã a (a) and xã b (b) overlap by " in found.message
    assert f"({share} of the smaller)" in found.message
    assert "people" not in found.message
    assert found.value == pytest.approx((4.5 - edge) / 4.5 * geodesic_area_km2([A])[0], rel=1e-6)
    assert found.done
    assert "--replace" in found.mend


def test_an_overlap_says_how_many_people_count_in_both() -> None:
    units = _units(a=A, b=tiles_box(4, 0, 8, 4))
    (found,) = _overlap(units, [1234.4])
    assert found.message.endswith("; 1,234 people there count in both")
    for nobody in (0.4, float("nan")):
        (found,) = _overlap(units, [nobody])
        assert found.message.endswith("of the smaller)")


def test_small_areas_are_written_in_square_metres() -> None:
    strip = _units(a=A, b=tiles_box(4.4999, 0, 8, 4))
    (found,) = _overlap(strip)
    assert found.value is not None
    assert f"overlap by {found.value * 1e6:,.0f} m² " in found.message
    hair = _units(a=A, b=tiles_box(4.5 - 1e-8, 0, 8, 4))
    (found,) = _overlap(hair)
    assert "overlap by less than 1 m² " in found.message


def test_a_gap_names_the_units_around_it() -> None:
    found = _gap(_units(a=A, b=tiles_box(5, 0, 8, 4), c=tiles_box(4.5, 0, 5, 1), d=tiles_box(4.5, 3, 5, 4)))
    (gap,) = found
    assert (gap.severity, gap.code, gap.unit, gap.row) == (Severity.WARNING, "gap_between_units", "a", 11)
    assert gap.message.endswith("km² in no unit, enclosed by xã a (a), xã b (b), xã c (c), xã d (d)")
    assert gap.value == pytest.approx(geodesic_area_km2([tiles_box(4.5, 1, 5, 3)])[0], rel=1e-6)
    sliver = tiles_box(4.49, 1, 4.51, 1.5)
    (gap,) = _gap(_units(a=A.difference(sliver), b=B.difference(sliver)))
    assert gap.severity is Severity.NOTE
    assert " m² in no unit" in gap.message


@pytest.mark.parametrize(
    ("declared", "severity", "said"),
    [
        (99.5, None, ""),
        (98, Severity.WARNING, "(+2.0%)"),
        (91, Severity.WARNING, "(+9.9%)"),
        (90, Severity.ERROR, "(+11.1%)"),
        (112, Severity.ERROR, "(-10.7%)"),
        (None, None, ""),
    ],
)
def test_declared_areas_are_a_warning_over_1_and_an_error_over_10_percent(
    declared: float | None, severity: Severity | None, said: str
) -> None:
    units = _units(a=A, b=B).assign(area_km2=100.0, declared_area_km2=[100.0, declared])
    found = declared_areas(LIST, units, differs_from_declared(units))
    assert [(one.severity, one.unit, one.row) for one in found] == ([(severity, "b", 12)] if severity else [])
    assert all(
        f"xã b (b) measures 100.00 km², declared {declared:,.2f} {said}" in one.message for one in found
    )


def test_units_of_one_name_and_kind_in_one_province() -> None:
    units = _units(a=A, b=B, c=C, d=tiles_box(12, 0, 13, 1)).assign(name="Tân Phú")
    units["province_code"] = ["70", "75", "70", "70"]
    units["kind"] = ["xã", "xã", "xã", "phường"]
    (found,) = duplicate_names(LIST, units)
    assert (found.severity, found.code, found.unit, found.row) == (
        Severity.WARNING,
        "duplicate_name",
        "a",
        11,
    )
    assert found.message == f"{LIST}: 2 units of province 70 are called xã Tân Phú: a, c"
    assert duplicate_names(LIST, units.assign(province_code=["1", "2", "3", "4"])) == []
    (found,) = duplicate_names(LIST, units.assign(province_code=None, kind="xã"))
    assert found.message == f"{LIST}: 4 units without a province are called xã Tân Phú: a, b, c, d"


def test_names_in_a_list_without_provinces_are_one_note() -> None:
    units = _units(a=A, b=B, c=C).drop(columns="kind")
    assert duplicate_names(LIST, units) == []
    (found,) = duplicate_names(LIST, units.assign(name=["Tân Phú", "Tân Phú", "x"]))
    assert (found.severity, found.value) == (Severity.NOTE, 2)
    assert found.message == f"{LIST}: 2 units share their name with another of the list: Tân Phú"
    assert "--province-name" in found.mend


def test_a_frame_of_pandas_kinds_is_not_needed_for_names() -> None:
    units = _units(a=A, b=tiles_box(4, 0, 8, 4)).assign(kind=pd.Series([None, "xã"], dtype="str"))
    (found,) = _overlap(units)
    assert "a (a) and xã b (b)" in found.message
