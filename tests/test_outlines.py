"""Outlines of one list: who lies over whom and how much, what lies between them, and how often a place counts too much."""

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import equal_area_km2, geodesic_area_km2
from geo.errors import InputError
from geo.outlines import find_gaps, find_overlaps, require_no_rivals, shared_by_later, unmatched_edges
from geo.people import count_people
from tests.files import PEOPLE, A, B, C
from tests.tiny import grid_over, tiles_box, units_of, voronoi_units


def _units(**shapes: Any) -> gpd.GeoDataFrame:
    units = units_of(**shapes)
    return units.assign(area_km2=geodesic_area_km2(units.geometry))


def _overlaps(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return find_overlaps(units, unmatched_edges(units.geometry.to_numpy()))


def _gaps(**shapes: Any) -> gpd.GeoDataFrame:
    units = _units(**shapes)
    return find_gaps(units, unmatched_edges(units.geometry.to_numpy()))


def _codes(pairs: gpd.GeoDataFrame) -> list[list[str]]:
    found: list[list[str]] = pairs[["unit_code", "other_code"]].to_numpy().tolist()
    return found


def test_neighbours_neither_overlap_nor_leave_gaps() -> None:
    assert _overlaps(_units(a=A, b=B, c=C)).empty
    assert _gaps(a=A, b=B, c=C).empty
    shapes = voronoi_units(3, 20).set_index("unit_code").geometry.to_dict()
    assert _overlaps(_units(**shapes)).empty
    assert _gaps(**shapes).empty


def test_overlaps_are_measured_against_each_unit_largest_first() -> None:
    pairs = _overlaps(_units(a=A, b=tiles_box(4, 0, 8, 4), c=C, d=tiles_box(11.9, 0, 13, 4)))
    assert _codes(pairs) == [["a", "b"], ["c", "d"]]
    assert pairs["unit_share"].tolist() == pytest.approx([0.5 / 4.5, 0.1 / 4], rel=1e-7)
    assert pairs["other_share"].tolist() == pytest.approx([0.5 / 4, 0.1 / 1.1], rel=1e-7)
    assert pairs["share"].tolist() == pytest.approx([0.5 / 4, 0.1 / 1.1], rel=1e-7)
    assert pairs["overlap_km2"].tolist() == pytest.approx(equal_area_km2(pairs.geometry).tolist())
    require_no_rivals(pairs, source="x")


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        ({"a": A, "b": tiles_box(1, 1, 2, 2)}, "b lies wholly in a"),
        ({"a": tiles_box(1, 1, 2, 2), "b": A}, "a lies wholly in b"),
        ({"a": A, "b": A}, "a and b have the same outline"),
        ({"a": shapely.MultiPolygon([A, C]), "b": tiles_box(9, 1, 10, 2)}, "b lies wholly in a"),
        ({"a": A, "b": tiles_box(2, 0, 6, 4)}, r"a and b share .* km² \(62\.5% of the smaller\)"),
    ],
)
def test_two_outlines_of_one_place_are_found_once_and_refused(shapes: dict[str, Any], said: str) -> None:
    pairs = _overlaps(_units(**shapes))
    assert _codes(pairs) == [["a", "b"]]
    with pytest.raises(
        InputError, match=rf"x: units overlap by more than half.*: {said}.*one level of units"
    ):
        require_no_rivals(pairs, source="x")


def test_a_unit_in_the_hole_of_another_is_no_overlap_and_fills_the_gap() -> None:
    inner = tiles_box(1, 1, 2, 2)
    assert _overlaps(_units(a=A.difference(inner), b=inner)).empty
    assert _gaps(a=A.difference(inner), b=inner).empty


def test_a_gap_is_what_units_enclose_and_says_who_does() -> None:
    ring = A.difference(tiles_box(1, 1, 3, 3))
    # between B, C and the two strips above and below: one tile wide, two high
    gaps = _gaps(a=ring, b=B, c=tiles_box(9, 0, 12, 4), d=tiles_box(8, 0, 9, 1), e=tiles_box(8, 3, 9, 4))
    assert gaps["around"].tolist() == [["a"], ["b", "c", "d", "e"]]
    assert gaps["gap_km2"].tolist() == pytest.approx(
        equal_area_km2([tiles_box(1, 1, 3, 3), tiles_box(8, 1, 9, 3)]).tolist()
    )


def test_a_bay_is_no_gap_and_an_island_is_not_part_of_one() -> None:
    assert _gaps(a=A, b=tiles_box(5, 0, 8, 4), c=tiles_box(4.5, 3, 5, 4)).empty
    island = tiles_box(1.5, 1.5, 2, 2)
    gaps = _gaps(a=A.difference(tiles_box(1, 1, 3, 3)), b=island)
    wanted = tiles_box(1, 1, 3, 3).difference(island)
    assert gaps["gap_km2"].tolist() == pytest.approx(equal_area_km2([wanted]).tolist())
    assert gaps["around"].tolist() == [["a", "b"]]


def test_a_sliver_on_the_border_of_two_units_is_a_gap() -> None:
    sliver = tiles_box(4.499, 1, 4.501, 3)
    gaps = _gaps(a=A.difference(sliver), b=B.difference(sliver))
    assert gaps["around"].tolist() == [["a", "b"]]
    assert gaps["gap_km2"].tolist() == pytest.approx(equal_area_km2([sliver]).tolist())


@st.composite
def _boxes(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Up to eight boxes on a grid of six, some with an edge in the middle of another's: every way to meet."""
    corner = st.integers(0, 5)
    shapes = {}
    for number in range(draw(st.integers(1, 8))):
        left, top = draw(corner), draw(corner)
        right, bottom = draw(st.integers(left + 1, 6)), draw(st.integers(top + 1, 6))
        shapes[f"u{number}"] = tiles_box(left, top, right, bottom)
    return _units(**shapes)


@given(units=_boxes())
@settings(max_examples=200, deadline=None)
def test_overlaps_and_gaps_against_the_plain_way(units: gpd.GeoDataFrame) -> None:
    shapes = units.geometry.to_numpy()
    unmatched = unmatched_edges(shapes)
    pairs = find_overlaps(units, unmatched)
    area = {
        (f"u{i}", f"u{j}"): shapely.area(shapely.intersection(shapes[i], shapes[j]))
        for i in range(len(shapes))
        for j in range(i + 1, len(shapes))
    }
    assert {tuple(pair) for pair in _codes(pairs)} == {pair for pair, size in area.items() if size > 1e-15}
    union = shapely.union_all(shapes)
    filled = sum(shapely.area(shapely.polygons(part.exterior)) for part in shapely.get_parts(union))
    islands = sum(
        shapely.area(one)
        for one in shapely.get_parts(union)
        for other in shapely.get_parts(union)
        if shapely.polygons(other.exterior).contains_properly(one)
    )
    gaps = find_gaps(units, unmatched)
    assert shapely.area(gaps.geometry.to_numpy()).sum() == pytest.approx(
        filled - islands - shapely.area(union), abs=1e-15
    )
    # what sums over units have too much, place by place
    excess = shapely.area(shapes).sum() - shapely.area(union)
    assert shapely.area(shared_by_later(pairs)).sum() == pytest.approx(excess, rel=1e-9, abs=1e-15)


def test_three_units_over_one_place_count_its_people_twice_too_often() -> None:
    units = _units(a=tiles_box(0, 0, 4, 4), b=tiles_box(3, 0, 6, 4), c=tiles_box(3, 0, 8, 4))
    grid = grid_over(0, 0, 12, 4, [PEOPLE])
    # strip 3 (10 people) is in all three, strips 4 and 5 (20 each) in b and c
    later = shared_by_later(_overlaps(units))
    assert count_people(grid, later).tolist() == pytest.approx([10, 50], rel=1e-6)
    sums = count_people(grid, units.geometry.to_numpy()).sum()
    assert sums - 60 == pytest.approx(120, rel=1e-6)


def test_nothing_is_shared_where_nothing_overlaps() -> None:
    units = _units(a=A, b=B)
    assert shared_by_later(_overlaps(units)).tolist() == []
    assert (
        np.asarray(count_people(grid_over(0, 0, 12, 4, [PEOPLE]), shared_by_later(_overlaps(units)))).size
        == 0
    )
