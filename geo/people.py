"""The population grid, and counting the people inside any geometry by exact covered fraction of its cells.

Cells hold people, spread evenly over their cell. All coordinates are degrees in EPSG:4326; the grid is north-up.

The sum of cells × covered fraction over a polygon is the double integral of density over it, which Green's theorem
turns into a line integral: ∮ P(x, y) dy, where P is the people of a row of cells from its western end to x, per
row of height. P is linear inside a cell, so cutting the outline at the cell edges makes each piece's midpoint
exact. This is done in double precision, because exactextract keeps covered fractions in single precision (its
issue 101), and 1e-7 is too coarse for totals that must be conserved; the tests hold the two against each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import equal_area_km2
from geo.errors import InputError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

POLYGONAL: Final = (3, 6)
"""GEOS type numbers of Polygon and MultiPolygon: what people can be counted in."""
_GATHERED_CELLS: Final = 2_000_000
_VERTICES_AT_ONCE: Final = 500_000
"""Both bound the working memory of one step to about a hundred MiB."""


@dataclass(frozen=True, eq=False)
class PopulationGrid:
    """People per cell. `values` (rows from north to south) is 0 where `known` is False, never NaN or negative.

    `known`: cells for which the publisher gives a figure. `west`, `north`: outer corner of the first cell;
    `cell_width`, `cell_height`: degrees, positive. `total`: people of the whole grid.
    """

    values: FloatArray
    known: npt.NDArray[np.bool_]
    west: float
    north: float
    cell_width: float
    cell_height: float
    total: float

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the outer edges, degrees."""
        rows, columns = self.values.shape
        return (
            self.west,
            self.north - rows * self.cell_height,
            self.west + columns * self.cell_width,
            self.north,
        )

    @cached_property
    def from_west(self) -> FloatArray:
        """People of each row west of each cell edge: (rows, columns + 1), the first column 0."""
        edges = np.zeros((self.values.shape[0], self.values.shape[1] + 1))
        np.cumsum(self.values, axis=1, out=edges[:, 1:])
        return edges


def make_grid(
    cells: npt.ArrayLike, *, west: float, north: float, cell_width: float, cell_height: float
) -> PopulationGrid:
    """A grid from people per cell (2-D, first row northernmost), NaN where the publisher gives no figure."""
    values = np.array(cells, dtype=float)
    known = np.isfinite(values)
    values[~known] = 0.0
    return PopulationGrid(values, known, west, north, cell_width, cell_height, float(values.sum()))


def count_people(grid: PopulationGrid, geometries: Any) -> FloatArray:
    """People in each lon/lat polygon: sum of cells × covered fraction; 0 for None and empty ones.

    Nothing is counted outside the grid (see `outside_share`). Raises `InputError` naming the index of the first
    geometry that is no polygon or is not valid (its outline would not say what is inside).
    """
    shapes = np.asarray(geometries, dtype=object)
    people = np.zeros(len(shapes))
    present = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    _require_polygons(shapes, present)
    west, south, east, north = grid.bounds
    box = shapely.bounds(shapes[present])
    meets = (box[:, 0] < east) & (box[:, 2] > west) & (box[:, 1] < north) & (box[:, 3] > south)
    inside = present[meets]
    vertices = np.cumsum(shapely.get_num_coordinates(shapes[inside]))
    for members in np.split(inside, np.flatnonzero(np.diff(vertices // _VERTICES_AT_ONCE)) + 1):
        if len(members):
            people[members] = _integrate(grid, shapes[members])
    return people


def _require_polygons(shapes: npt.NDArray[np.object_], present: IntArray) -> None:
    wrong = present[~np.isin(shapely.get_type_id(shapes[present]), POLYGONAL)]
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


def _integrate(grid: PopulationGrid, shapes: npt.NDArray[np.object_]) -> FloatArray:
    """∮ P dy around each polygon, in cells: P from the cell edge west of the polygon, so that it stays small."""
    rows, columns = grid.values.shape
    start, stop, owner = _edges(grid, shapes)
    for axis, last in ((1, rows), (0, columns)):
        start, stop, source = _cut_at_lines(start, stop, axis, last)
        owner = owner[source]
        if axis == 1:
            middle = (start[:, 1] + stop[:, 1]) / 2
            counted = (middle > 0) & (middle < rows) & (start[:, 1] != stop[:, 1])
            start, stop, owner = start[counted], stop[counted], owner[counted]
    column = np.clip((start[:, 0] + stop[:, 0]) / 2, 0, columns)
    row = np.minimum(((start[:, 1] + stop[:, 1]) / 2).astype(np.int64), rows - 1)
    cell = np.minimum(column.astype(np.int64), columns - 1)
    first = np.clip((shapely.bounds(shapes)[:, 0] - grid.west) / grid.cell_width, 0, columns).astype(np.int64)
    west_of = grid.from_west[row, cell] - grid.from_west[row, first[owner]]
    people = (west_of + grid.values[row, cell] * (column - cell)) * (start[:, 1] - stop[:, 1])
    return np.maximum(np.bincount(owner, people, minlength=len(shapes)), 0.0)


def _edges(grid: PopulationGrid, shapes: npt.NDArray[np.object_]) -> tuple[FloatArray, FloatArray, IntArray]:
    """Start and stop (n, 2) of every edge as column, row in cells, and the index of its polygon; holes run backwards."""
    parts, part_shape = shapely.get_parts(shapely.orient_polygons(shapes), return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, point_ring = shapely.get_coordinates(rings, return_index=True)
    points = (points - (grid.west, grid.north)) / (grid.cell_width, -grid.cell_height)
    joined = point_ring[1:] == point_ring[:-1]
    return points[:-1][joined], points[1:][joined], part_shape[ring_part[point_ring[:-1][joined]]]


def _cut_at_lines(
    start: FloatArray, stop: FloatArray, axis: int, last: int
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Edges cut where their coordinate `axis` is a whole number of 0…`last`: start, stop, and the edge each is from."""
    low = np.minimum(start[:, axis], stop[:, axis])
    high = np.maximum(start[:, axis], stop[:, axis])
    lowest = np.maximum(np.floor(low) + 1, 0)
    highest = np.minimum(np.ceil(high) - 1, last)
    cuts = np.maximum(highest - lowest + 1, 0).astype(np.int64)
    source = np.repeat(np.arange(len(start)), cuts + 1)
    step = np.arange(len(source)) - np.repeat(np.cumsum(cuts + 1) - (cuts + 1), cuts + 1)
    rising = (stop[:, axis] > start[:, axis])[source]
    first_line, direction = np.where(rising, lowest[source], highest[source]), np.where(rising, 1.0, -1.0)
    cut_start, cut_stop = start[source], stop[source]
    for ends, here, line in (
        (cut_start, step > 0, first_line + (step - 1) * direction),
        (cut_stop, step < cuts[source], first_line + step * direction),
    ):
        origin, target, at = start[source[here]], stop[source[here]], line[here]
        along = (at - origin[:, axis]) / (target[:, axis] - origin[:, axis])
        ends[here, axis] = at
        ends[here, 1 - axis] = origin[:, 1 - axis] + along * (target[:, 1 - axis] - origin[:, 1 - axis])
    return cut_start, cut_stop, source


def count_people_in_boxes(grid: PopulationGrid, bounds: npt.ArrayLike) -> FloatArray:
    """People in each lon/lat box, `bounds` (n, 4) as west, south, east, north in degrees.

    The same sum as `count_people` of the boxes, from plain array slices and so some times faster.
    """
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
    """Share 0-1 of each polygon's area that lies outside the grid's outer edges; 0 for None and empty ones."""
    shapes = np.asarray(geometries, dtype=object)
    west, south, east, north = grid.bounds
    box = shapely.bounds(shapes)
    beyond = (box[:, 0] < west) | (box[:, 1] < south) | (box[:, 2] > east) | (box[:, 3] > north)
    share = np.zeros(len(shapes))
    if beyond.any():
        whole = equal_area_km2(shapes[beyond])
        within = equal_area_km2(shapely.intersection(shapes[beyond], shapely.box(west, south, east, north)))
        share[beyond] = np.clip(
            1.0 - np.divide(within, whole, out=np.ones_like(whole), where=whole > 0), 0, 1
        )
    return share
