"""People in geometries: squares whose answers the eye can check, conservation, and exactextract as an outside oracle."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from geo.crs import STORAGE_CRS
from geo.errors import InputError
from geo.people import (
    count_people,
    count_people_in_boxes,
    count_people_of_units,
    outside_share,
    populated_cells,
)
from geo.population_grid import PopulationGrid, cell_centres, make_grid


@pytest.fixture
def grid() -> PopulationGrid:
    """Two rows of two cells of one degree: 1 2 / 3 4, from (10, 20) down to (12, 18)."""
    return make_grid([[1, 2], [3, 4]], west=10, north=20, cell_width=1, cell_height=1)


def _uneven(seed: int, rows: int = 30, columns: int = 40) -> PopulationGrid:
    cells = np.random.default_rng(seed).gamma(0.5, 20, (rows, columns))
    return make_grid(cells, west=106.0, north=12.0, cell_width=0.01, cell_height=0.0125)


@pytest.mark.parametrize(
    ("geometry", "people"),
    [
        (shapely.box(10, 18, 12, 20), 10.0),
        (shapely.box(10, 19, 11, 20), 1.0),
        (shapely.box(10.5, 18.5, 11.5, 19.5), 2.5),
        (shapely.box(11, 18, 99, 90), 6.0),
        (shapely.box(0, 0, 1, 1), 0.0),
        (shapely.box(-180, -90, 180, 90), 10.0),
        (shapely.Polygon([(10, 18), (11, 18), (10, 19)]), 1.5),
        (shapely.Polygon([(10, 18), (11, 18), (10, 19)][::-1]), 1.5),
        (shapely.box(10, 18, 12, 20).difference(shapely.box(11.5, 18, 12, 18.5)), 9.0),
        (shapely.box(10, 18, 12, 20).difference(shapely.box(10.5, 18.5, 11.5, 19.5)), 7.5),
        (shapely.MultiPolygon([shapely.box(10, 19, 11, 20), shapely.box(11, 18, 12, 19)]), 5.0),
        (None, 0.0),
        (shapely.Polygon(), 0.0),
    ],
)
def test_people_of_a_shape_checked_by_eye(grid: PopulationGrid, geometry: Any, people: float) -> None:
    assert count_people(grid, [geometry]) == pytest.approx([people], abs=1e-6)


def test_no_geometries_no_figures(grid: PopulationGrid) -> None:
    assert count_people(grid, []).shape == (0,)
    assert count_people_in_boxes(grid, np.empty((0, 4))).shape == (0,)


def test_unknown_cells_hold_nobody_and_are_told_apart_from_empty_ones() -> None:
    grid = make_grid([[np.nan, 0.0, 5.0]], west=0, north=1, cell_width=1, cell_height=1)
    assert grid.values.tolist() == [[0.0, 0.0, 5.0]]
    assert grid.known.tolist() == [[False, True, True]]
    assert grid.total == 5.0


@pytest.mark.parametrize(
    ("geometry", "message"),
    [
        (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "geometry 1 is not a valid polygon .Self-intersection"),
        (shapely.Point(0, 0), "geometry 1 is a Point; .* Polygon or MultiPolygon only"),
        (shapely.LineString([(0, 0), (1, 1)]), "geometry 1 is a LineString"),
        (shapely.GeometryCollection([shapely.box(0, 0, 1, 1)]), "geometry 1 is a GeometryCollection"),
    ],
)  # fmt: skip
def test_a_geometry_without_an_inside_is_refused(grid: PopulationGrid, geometry: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        count_people(grid, [shapely.box(10, 18, 11, 19), geometry])


def test_boxes_outside_or_flat_hold_nobody(grid: PopulationGrid) -> None:
    bounds = [(0, 0, 1, 1), (11, 19, 11, 20), (10.5, 18.5, 11.5, 19.5), (-50, -50, 50, 50), (12, 18, 13, 20)]
    assert count_people_in_boxes(grid, bounds) == pytest.approx([0, 0, 2.5, 10, 0])


def test_an_empty_corner_of_a_full_grid_is_exactly_empty() -> None:
    cells = np.full((3, 50), 1e6 / 7)
    cells[:, 30:40] = 0.0
    grid = make_grid(cells, west=0, north=3, cell_width=1, cell_height=1)
    box = shapely.box(31.3, 0.2, 38.9, 2.7)
    assert count_people(grid, [box])[0] == 0.0
    assert count_people_in_boxes(grid, [box.bounds])[0] == 0.0


@settings(deadline=None)
@given(
    st.integers(0, 5),
    st.lists(st.tuples(st.floats(105.9, 106.5), st.floats(11.5, 12.1)), min_size=3, max_size=12, unique=True),
)
def test_hulls_agree_with_cutting_every_cell(seed: int, corners: list[tuple[float, float]]) -> None:
    hull = shapely.MultiPoint(corners).convex_hull
    if hull.geom_type != "Polygon" or not hull.is_valid:
        return
    grid = _uneven(seed)
    rows, columns = np.indices(grid.values.shape)
    west, north = grid.west + columns * grid.cell_width, grid.north - rows * grid.cell_height
    cells = shapely.box(west, north - grid.cell_height, west + grid.cell_width, north)
    inside = shapely.area(shapely.intersection(cells, hull)) / (grid.cell_width * grid.cell_height)
    wanted = float((grid.values * inside).sum())
    assert count_people(grid, [hull])[0] == pytest.approx(wanted, rel=1e-6, abs=grid.total * 1e-7)


@settings(deadline=None)
@given(st.floats(105.9, 106.5), st.floats(11.5, 12.1), st.floats(0, 0.5), st.floats(0, 0.5))
def test_boxes_agree_with_polygons(west: float, south: float, width: float, height: float) -> None:
    box = shapely.box(west, south, west + width, south + height)
    grid = _uneven(1)
    people = count_people(grid, [box])[0] if box.is_valid else 0.0
    assert count_people_in_boxes(grid, [box.bounds])[0] == pytest.approx(
        people, rel=1e-6, abs=grid.total * 1e-7
    )


@settings(deadline=None)
@given(st.integers(0, 5), st.integers(2, 25))
def test_people_are_conserved_over_a_partition(seed: int, cells: int) -> None:
    grid = _uneven(seed)
    points = np.random.default_rng(cells).uniform((106.0, 11.625), (106.4, 12.0), (cells, 2))
    whole = shapely.box(*grid.bounds)
    pieces = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=whole))
    people = count_people(grid, shapely.intersection(pieces, whole))
    assert people.sum() == pytest.approx(grid.total, rel=1e-6)


def test_order_of_geometries_is_kept() -> None:
    grid = _uneven(2)
    lefts = np.random.default_rng(3).uniform(106.0, 106.3, 40)
    boxes = shapely.box(lefts, 11.7, lefts + 0.0731, 11.9)
    people = count_people(grid, boxes)
    assert count_people(grid, boxes[::-1])[::-1].tolist() == people.tolist()


@pytest.mark.parametrize(
    ("geometry", "share"),
    [
        (shapely.box(10, 18, 11, 19), 0.0),
        (shapely.box(11, 19, 13, 20), 0.5),
        (shapely.box(30, 30, 31, 31), 1.0),
        (None, 0.0),
        (shapely.Polygon(), 0.0),
    ],
)
def test_outside_share(grid: PopulationGrid, geometry: Any, share: float) -> None:
    assert outside_share(grid, [geometry]) == pytest.approx([share], abs=1e-12)


def test_a_unit_without_any_figure_is_unknown_and_an_empty_one_is_empty() -> None:
    grid = make_grid([[np.nan, np.nan, 0, 7]], west=0, north=1, cell_width=1, cell_height=1)
    units = [shapely.box(0, 0, 2, 1), shapely.box(2, 0, 3, 1), shapely.box(1, 0, 4, 1)]
    assert count_people_of_units(grid, units).tolist() == pytest.approx([np.nan, 0, 7], nan_ok=True)


UTM = CRS.from_epsg(32648)
MOLLWEIDE = CRS.from_user_input("ESRI:54009")


def _projected(crs: CRS, seed: int = 0) -> PopulationGrid:
    """100 m cells, 90 rows of 120, from a corner near 106.4° E, 11.8° N."""
    west, north = Transformer.from_crs(STORAGE_CRS, crs, always_xy=True).transform(106.4, 11.8)
    cells = np.random.default_rng(seed).gamma(0.5, 20, (90, 120))
    return make_grid(cells, west=west, north=north, cell_width=100, cell_height=100, crs=crs)


@settings(deadline=None, max_examples=20)
@given(st.sampled_from([UTM, MOLLWEIDE]), st.integers(0, 5), st.integers(2, 25))
def test_people_are_conserved_in_any_crs(crs: CRS, seed: int, cells: int) -> None:
    grid = _projected(crs, seed)
    points = np.random.default_rng(cells).uniform((106.4, 11.7), (106.5, 11.8), (cells, 2))
    whole = shapely.box(106.2, 11.6, 106.7, 12.0)
    pieces = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=whole))
    people = count_people(grid, shapely.intersection(pieces, whole))
    assert people.sum() == pytest.approx(grid.total, rel=1e-6)
    assert outside_share(grid, [whole])[0] > 0.5


def test_a_square_of_a_projected_grid_holds_its_cells() -> None:
    grid = _projected(UTM)
    left, top = grid.west + 2000, grid.north - 1000
    back = Transformer.from_crs(UTM, STORAGE_CRS, always_xy=True)
    edge = shapely.segmentize(shapely.box(left, top - 500, left + 700, top), 10)
    square = shapely.transform(edge, back.transform, interleaved=False)
    assert count_people(grid, [square])[0] == pytest.approx(grid.values[10:15, 20:27].sum(), rel=1e-5)
    assert outside_share(grid, [square])[0] == 0


def test_long_edges_are_bent_as_the_projection_bends_them() -> None:
    """A box of whole degrees in UTM: the middle of its southern edge lies some 40 m off the straight line."""
    grid = make_grid(
        np.ones((1300, 1300)), west=640_000, north=1_340_000, cell_width=100, cell_height=100, crs=UTM
    )
    box = shapely.box(106.5, 11.0, 107.4, 11.9)
    fine = shapely.transform(
        shapely.segmentize(box, 1e-4),
        Transformer.from_crs(STORAGE_CRS, UTM, always_xy=True).transform,
        interleaved=False,
    )
    assert count_people(grid, [box])[0] == pytest.approx(shapely.area(fine) / 1e4, rel=1e-6)


def test_boxes_in_a_projected_grid_are_the_polygons() -> None:
    grid = _projected(MOLLWEIDE)
    bounds = np.array([(106.41, 11.75, 106.42, 11.76), (0.0, 0.0, 1.0, 1.0)])
    assert count_people_in_boxes(grid, bounds).tolist() == count_people(grid, shapely.box(*bounds.T)).tolist()


@pytest.mark.parametrize("crs", [UTM, MOLLWEIDE, STORAGE_CRS])
def test_populated_cells_are_where_they_are(crs: CRS) -> None:
    grid = _projected(crs)
    if crs == STORAGE_CRS:
        grid = make_grid(grid.values, west=106.4, north=11.8, cell_width=0.001, cell_height=0.001)
    unit, centres, people = populated_cells(
        grid, [shapely.box(106.3, 11.5, 106.45, 12.1), shapely.box(106.45, 11.5, 106.7, 12.1)]
    )
    assert people.sum() == pytest.approx(grid.total)
    assert (unit == (centres[:, 0] > 106.45)).all()
    corner = cell_centres(grid, np.array([0]), np.array([0]))[0]
    assert corner == pytest.approx((106.4005, 11.7995), abs=1e-4)


def test_a_shape_where_the_grids_crs_ends_is_an_error() -> None:
    far = make_grid(
        [[1.0]],
        west=0,
        north=1,
        cell_width=1,
        cell_height=1,
        crs=CRS.from_proj4("+proj=gnom +lat_0=12 +lon_0=106"),
    )
    with pytest.raises(
        InputError, match=r"geometry 1 lies where the population raster's CRS .* has no coordinates"
    ):
        count_people(far, [shapely.box(106, 11, 107, 12), shapely.box(-74, -13, -73, -12)])


def test_a_province_of_100_m_cells_is_counted_in_two_seconds(real: Path) -> None:
    """2.9 million cells and the 95 units of Đồng Nai in full resolution; processor time, and the best of three: a busy machine is no fault."""
    files = sorted((real / "vn2025" / "dong_nai" / "wards").glob("*.geojson"))
    units = shapely.make_valid(
        [
            shapely.geometry.shape(json.loads(file.read_text(encoding="utf-8"))["features"][0]["geometry"])
            for file in files
        ]
    )
    cells = np.random.default_rng(0).gamma(0.3, 4.0, (2040, 1440))
    grid = make_grid(cells, west=106.4, north=12.3, cell_width=1 / 1200, cell_height=1 / 1200)
    seconds = []
    for _ in range(3):
        start = time.process_time()
        people = count_people_of_units(grid, units)
        seconds.append(time.process_time() - start)
    assert len(units) == 95
    assert people.sum() < grid.total
    assert min(seconds) < 2
