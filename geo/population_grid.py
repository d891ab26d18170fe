"""The population grid: people per cell, spread evenly over it; and the way from lon/lat to its cells and back.

The grid is north-up, in any CRS. Geometries (EPSG:4326) are brought to it, never the grid to them: warping a grid of counts loses
people and makes others up.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

from geo.arrays import FloatArray, IntArray, ObjectArray, only_polygons
from geo.crs import STORAGE_CRS
from geo.errors import InputError

_LONGEST_EDGE_DEGREES: Final = 0.01
"""Edges are cut to this (1.1 km) before they go into another CRS: the straight pieces stay within 3 cm of the true line."""


@dataclass(frozen=True, eq=False)
class PopulationGrid:
    """People per cell. `values` (rows from north to south) is 0 where `known` is False, never NaN or negative.

    `known`: cells for which the publisher gives a figure. `west`, `north`: outer corner of the first cell;
    `cell_width`, `cell_height`: positive; all in units of `crs`. `total`: people of the whole grid.
    """

    values: FloatArray
    known: npt.NDArray[np.bool_]
    west: float
    north: float
    cell_width: float
    cell_height: float
    total: float
    crs: CRS = STORAGE_CRS

    @property
    def is_lonlat(self) -> bool:
        """Whether its cells are degrees in EPSG:4326."""
        return bool(self.crs == STORAGE_CRS)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the outer edges, in units of `crs`."""
        rows, columns = self.values.shape
        return (
            self.west,
            self.north - rows * self.cell_height,
            self.west + columns * self.cell_width,
            self.north,
        )


def make_grid(
    cells: npt.ArrayLike,
    *,
    west: float,
    north: float,
    cell_width: float,
    cell_height: float,
    crs: CRS = STORAGE_CRS,
) -> PopulationGrid:
    """A grid from people per cell (2-D, first row northernmost), NaN where the publisher gives no figure."""
    values = np.array(cells, dtype=float)
    known = np.isfinite(values)
    values[~known] = 0.0
    return PopulationGrid(values, known, west, north, cell_width, cell_height, float(values.sum()), crs)


def to_grid_crs(grid: PopulationGrid, shapes: ObjectArray) -> ObjectArray:
    """Valid lon/lat polygons in the grid's CRS: long edges cut first, what the way there made invalid mended.

    `count_people` does this by itself; before counting in several grids of one CRS it saves doing it again. Raises
    `InputError` for a shape that lies where the grid's CRS has no coordinates.
    """
    if grid.is_lonlat:
        return shapes
    transformer = Transformer.from_crs(STORAGE_CRS, grid.crs, always_xy=True)
    cut = shapely.segmentize(shapes, _LONGEST_EDGE_DEGREES)
    moved = shapely.transform(cut, transformer.transform, interleaved=False)
    lost = np.flatnonzero(
        ~np.isfinite(shapely.bounds(moved)).all(axis=1)
        & ~shapely.is_empty(shapes)
        & ~shapely.is_missing(shapes)
    )
    if len(lost):
        raise InputError(
            f"geometry {lost[0]} lies where the population raster's CRS ({grid.crs.name}) has no coordinates; "
            "give the raster of this region"
        )
    bent = ~shapely.is_valid(moved) & ~shapely.is_missing(moved)
    if bent.any():
        moved[bent] = only_polygons(shapely.make_valid(moved[bent]))
    return np.asarray(moved, dtype=object)


def cell_centres(
    grid: PopulationGrid, rows: IntArray | FloatArray, columns: IntArray | FloatArray
) -> FloatArray:
    """(n, 2) lon/lat in EPSG:4326 of the centres of these cells; broken numbers are places between centres."""
    x = grid.west + (columns + 0.5) * grid.cell_width
    y = grid.north - (rows + 0.5) * grid.cell_height
    if not grid.is_lonlat:
        x, y = Transformer.from_crs(grid.crs, STORAGE_CRS, always_xy=True).transform(x, y)
    return np.column_stack([x, y])
