"""Areas cut into small pieces hold the same places, whatever their shape."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.pieces import MOST_VERTICES, NOTHING, common, make_layer, polygons_only, subdivide, union, without


def wavy(seed: int, corners: int = 3_000) -> shapely.Polygon:
    """A valid star of many corners around 106° E, 11° N, with a hole."""
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    radius = rng.uniform(0.5, 1.0, corners)
    ring = np.column_stack([106 + radius * np.cos(angles), 11 + radius * np.sin(angles)])
    return shapely.Polygon(ring, [shapely.Point(106, 11).buffer(0.3).exterior.coords])


@pytest.mark.parametrize("seed", range(3))
def test_pieces_are_small_and_make_up_the_area(seed: int) -> None:
    whole = wavy(seed)
    pieces = subdivide(whole)
    assert len(pieces) > 10
    assert shapely.get_num_coordinates(pieces).max() <= MOST_VERTICES
    assert shapely.is_valid(pieces).all()
    assert shapely.area(pieces).sum() == pytest.approx(whole.area, rel=1e-12)
    assert shapely.union_all(pieces).symmetric_difference(whole).area < 1e-12


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2), st.floats(-0.8, 0.8), st.floats(-0.8, 0.8), st.floats(0.01, 0.9))
def test_a_part_of_a_layer_is_the_plain_intersection(seed: int, x: float, y: float, size: float) -> None:
    one, other = wavy(seed), shapely.box(105, 10, 106, 11)
    layer, window = make_layer([one, None, other]), shapely.Point(106 + x, 11 + y).buffer(size)
    for owners, area in ((np.array([True, False, False]), one), (np.array([False, False, True]), other)):
        assert layer.within(window, owners).symmetric_difference(common(area, window)).area < 1e-12
    both = shapely.union_all([one, other])
    assert layer.within(window).symmetric_difference(common(both, window)).area < 1e-12
    parts, owner = layer.pairs(window)
    assert shapely.area(parts[owner == 0]).sum() == pytest.approx(one.intersection(window).area, abs=1e-12)


def test_nothing_has_no_pieces_and_nothing_is_found_in_it() -> None:
    assert len(subdivide(None)) == len(subdivide(NOTHING)) == 0
    layer = make_layer([])
    assert layer.within(shapely.box(0, 0, 1, 1)).is_empty
    assert union([]).is_empty
    assert make_layer([shapely.box(0, 0, 1, 1)]).within(NOTHING).is_empty


def test_an_overlay_that_comes_out_invalid_is_made_valid() -> None:
    # what GEOS made of the union of an operator's pieces in a real province: one shell inside another
    nested = shapely.MultiPolygon([shapely.box(0, 0, 4, 4), shapely.box(1, 1, 2, 2)])
    assert not nested.is_valid
    whole, other = polygons_only([nested, shapely.box(0, 0, 1, 1)])
    assert whole.is_valid
    assert (whole.area, other.area) == (16, 1)


def test_edges_and_slivers_are_no_part() -> None:
    left, right = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    assert common(left, right).is_empty
    assert polygons_only([shapely.Point(0, 0), left])[0].is_empty
    assert without(left, shapely.box(0, 0, 1, 1 - 1e-15)).is_empty
    assert without(left, right).equals(left)
