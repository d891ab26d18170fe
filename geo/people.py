"""Counting the people of a population grid inside any geometry, by the exact covered fraction of its cells.

Fractions come from exactextract, which keeps them in single precision (its issue 101): a sum is good to about 1e-7
of the cells on an outline, so totals are conserved to 1e-6 and better, and tests say so.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from exactextract import exact_extract
from exactextract.feature import Feature, FeatureSource
from exactextract.raster import NumPyRasterSource
from rasterio.features import rasterize
from rasterio.transform import from_origin

from geo.arrays import FloatArray, IntArray, is_polygonal
from geo.crs import equal_area_km2
from geo.errors import InputError
from geo.population_grid import PopulationGrid, cell_centres, to_grid_crs

_GATHERED_CELLS: Final = 2_000_000
"""Cells gathered at once while summing boxes: bounds the working memory to some tens of MiB."""


class _Shape(Feature):  # type: ignore[misc]
    """One geometry as WKB; exactextract's own GeoPandas source goes through GeoJSON text and is 5 times slower."""

    def __init__(self, wkb: bytes) -> None:
        super().__init__()
        self._wkb = wkb

    def geometry(self) -> bytes:
        return self._wkb

    def fields(self) -> list[str]:
        return []


class _Shapes(FeatureSource):  # type: ignore[misc]
    """An array of geometries, in its order."""

    def __init__(self, geometries: npt.NDArray[np.object_]) -> None:
        super().__init__()
        self._wkbs: list[bytes] = shapely.to_wkb(geometries).tolist()

    def count(self) -> int:
        return len(self._wkbs)

    def __iter__(self) -> Iterator[_Shape]:
        return (_Shape(wkb) for wkb in self._wkbs)

    def srs_wkt(self) -> None:
        return None


def count_people(grid: PopulationGrid, geometries: Any, *, placed: bool = False) -> FloatArray:
    """People in each lon/lat polygon: sum of cells × covered fraction; 0 for None and empty ones.

    `placed`: the polygons are in the grid's CRS already (`to_grid_crs`). Nothing is counted outside the grid (see
    `outside_share`). Raises `InputError` naming the index of the first
    geometry that is no polygon or is not valid (exactextract would crash on it).
    """
    shapes = np.asarray(geometries, dtype=object)
    people = np.zeros(len(shapes))
    present = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    _require_polygons(shapes, present)
    west, south, east, north = grid.bounds
    there = shapes[present] if placed else to_grid_crs(grid, shapes[present])
    box = shapely.bounds(there)
    meets = (box[:, 0] < east) & (box[:, 2] > west) & (box[:, 1] < north) & (box[:, 3] > south)
    inside = present[meets]
    if len(inside):
        raster = NumPyRasterSource(grid.values, west, south, east, north)
        sums = exact_extract(raster, _Shapes(there[meets]), ["sum"], output="pandas")
        people[inside] = sums["sum"].to_numpy(dtype=float)
    return people


def people_in_cells(grid: PopulationGrid, geometries: Any) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Every populated cell that a polygon covers some of: the polygon's position, the cell's row and column, the people.

    The people are those of `count_people`, cell by cell: cell × covered fraction. Raises as it does.
    """
    shapes = np.asarray(geometries, dtype=object)
    present = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    _require_polygons(shapes, present)
    nothing = (np.zeros(0, dtype=np.int64),) * 3
    if not len(present):
        return *nothing, np.zeros(0)
    raster = NumPyRasterSource(grid.values, *grid.bounds)
    there = to_grid_crs(grid, shapes[present])
    found = exact_extract(raster, _Shapes(there), ["cell_id", "coverage", "values"], output="pandas")
    position = np.repeat(present, [len(cells) for cells in found["cell_id"]])
    cell, share, people = (
        np.concatenate(found[name].to_list()) for name in ("cell_id", "coverage", "values")
    )
    kept = people * share > 0
    rows, columns = np.divmod(cell[kept].astype(np.int64), grid.values.shape[1])
    return position[kept], rows, columns, np.asarray(people[kept] * share[kept], dtype=float)


def count_people_of_units(grid: PopulationGrid, geometries: Any) -> FloatArray:
    """`count_people`, but null for a polygon in which no cell has a figure: nobody counted there, which is not nobody."""
    people = count_people(grid, geometries)
    if not grid.known.all():
        figures = replace(grid, values=grid.known.astype(float))
        people[(people == 0) & (count_people(figures, geometries) == 0)] = np.nan
    return people


def _require_polygons(shapes: npt.NDArray[np.object_], present: IntArray) -> None:
    wrong = present[~is_polygonal(shapes[present])]
    if len(wrong):
        raise InputError(
            f"geometry {wrong[0]} is a {shapes[wrong[0]].geom_type}; people can be counted in a Polygon or MultiPolygon only"
        )
    wrong = present[~shapely.is_valid(shapes[present])]
    if len(wrong):
        reason = shapely.is_valid_reason(shapes[wrong[0]])
        raise InputError(
            f"geometry {wrong[0]} is not a valid polygon ({reason}); people can be counted in valid ones only: "
            "mend it first (shapely.make_valid)"
        )


def count_people_in_boxes(grid: PopulationGrid, bounds: npt.ArrayLike) -> FloatArray:
    """People in each lon/lat box, `bounds` (n, 4) as west, south, east, north in degrees.

    The same sum as `count_people` of the boxes, in double precision from plain array slices, some times faster (the
    polygons themselves where the grid is in another CRS).
    """
    if not grid.is_lonlat:
        return count_people(grid, shapely.box(*np.asarray(bounds, dtype=float).reshape(-1, 4).T))
    west, south, east, north = np.asarray(bounds, dtype=float).reshape(-1, 4).T
    rows, columns = grid.values.shape
    left, right = (np.clip((x - grid.west) / grid.cell_width, 0, columns) for x in (west, east))
    top, bottom = (np.clip((grid.north - y) / grid.cell_height, 0, rows) for y in (north, south))
    width = np.ceil(right) - np.floor(left)
    height = np.ceil(bottom) - np.floor(top)
    people = np.zeros(len(left))
    for chunk in _chunks(width, height):
        across, x_share = _overlap(left[chunk], right[chunk], columns)
        down, y_share = _overlap(top[chunk], bottom[chunk], rows)
        window = grid.values[down[:, :, None], across[:, None, :]]
        people[chunk] = np.einsum("ni,nij,nj->n", y_share, window, x_share)
    return people


def _chunks(width: FloatArray, height: FloatArray) -> Iterator[IntArray]:
    """Indices of boxes with some area, boxes of like size (in cells) together, a bounded number of cells at a time."""
    longest = np.maximum(width, height)
    some = (width > 0) & (height > 0)
    size_class = np.where(some, np.ceil(np.log2(np.maximum(longest, 1))), -1)
    for size in np.unique(size_class[some]):
        members = np.flatnonzero(size_class == size)
        cells = width[members].max() * height[members].max()
        step = max(1, int(_GATHERED_CELLS / cells))
        yield from (members[start : start + step] for start in range(0, len(members), step))


def _overlap(start: FloatArray, stop: FloatArray, count: int) -> tuple[IntArray, FloatArray]:
    """Cell numbers (n, k) that the spans start…stop (in cells) touch, and the covered fraction 0-1 of each."""
    first = np.floor(start).astype(np.int64)
    reach = int((np.ceil(stop).astype(np.int64) - first).max())
    cells = first[:, None] + np.arange(reach)
    covered = np.minimum(stop[:, None], cells + 1) - np.maximum(start[:, None], cells)
    return np.minimum(cells, count - 1), np.clip(covered, 0.0, 1.0)


def outside_share(grid: PopulationGrid, geometries: Any) -> FloatArray:
    """Share 0-1 of each polygon's area that lies outside the grid's outer edges; 0 for None and empty ones.

    Areas are equal-area, or those of the grid's own plane where it has another CRS.
    """
    shapes = to_grid_crs(grid, np.asarray(geometries, dtype=object))
    area = equal_area_km2 if grid.is_lonlat else shapely.area
    west, south, east, north = grid.bounds
    box = shapely.bounds(shapes)
    beyond = (box[:, 0] < west) | (box[:, 1] < south) | (box[:, 2] > east) | (box[:, 3] > north)
    share = np.zeros(len(shapes))
    if beyond.any():
        whole = np.asarray(area(shapes[beyond]), dtype=float)
        within = np.asarray(area(shapely.intersection(shapes[beyond], shapely.box(west, south, east, north))))
        share[beyond] = np.clip(
            1.0 - np.divide(within, whole, out=np.ones_like(whole), where=whole > 0), 0, 1
        )
    return share


def populated_cells(grid: PopulationGrid, geometries: Any) -> tuple[IntArray, FloatArray, FloatArray]:
    """Of every cell with people whose centre lies in a unit: the unit's position, the centre (lon, lat), the people.

    A quick allocation of whole cells, for means over people; sums of people are `count_people`'s.
    """
    shapes = to_grid_crs(grid, np.asarray(geometries, dtype=object))
    burned = rasterize(
        ((shape, position) for position, shape in enumerate(shapes, start=1)),
        out_shape=grid.values.shape,
        transform=from_origin(grid.west, grid.north, grid.cell_width, grid.cell_height),
        fill=0,
        dtype="int32",
    )
    rows, columns = np.nonzero((burned > 0) & (grid.values > 0))
    unit = burned[rows, columns].astype(np.int64) - 1
    return unit, cell_centres(grid, rows, columns), grid.values[rows, columns]
