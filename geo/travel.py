"""How many minutes people need to the nearest town, over a friction surface (minutes per metre).

Cheapest paths over the grid's eight neighbours, after Weiss et al. 2018 ("A global map of travel time to cities", Nature
553): a step costs the mean friction of its two cells times its length on the ellipsoid, row by row. That is why Dijkstra's
algorithm of scipy serves better here than scikit-image's MCP_Geometric, which knows one cell size for the whole grid.
"""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from geo.arrays import BoolArray, FloatArray, IntArray
from geo.crs import geocentric_m, geodesic_m
from geo.errors import InputError
from geo.friction import FrictionGrid
from geo.people import populated_cells
from geo.population_grid import PopulationGrid

REACHED_SHARE: Final = 0.9
"""Share of a unit's people that must have a way to a town before the mean of theirs is given for the unit."""
_STEPS: Final = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Rows and columns to half of the neighbours; the other half are the same steps the other way."""


def town_minutes(
    units: gpd.GeoDataFrame, towns: gpd.GeoDataFrame, friction: FrictionGrid, grid: PopulationGrid | None
) -> pd.Series:
    """Minutes from a unit's people to the nearest town, their mean; a Series by unit_code.

    Mean over the populated cells whose centre lies in the unit, weighted by people; without a grid, or without such a
    cell, from a point inside the unit. Null where fewer than `REACHED_SHARE` of the people have a way. `towns`: points in
    EPSG:4326; a town in a cell that cannot be crossed counts from the nearest that can. Raises `InputError` when no town
    lies on the friction grid.
    """
    minutes = travel_minutes(friction, shapely.get_coordinates(towns.geometry.to_numpy()))
    shapes = units.geometry.to_numpy()
    time = _read(friction, minutes, shapely.get_coordinates(shapely.point_on_surface(shapes)))
    if grid is not None:
        unit, centres, people = populated_cells(grid, shapes)
        needed = _read(friction, minutes, centres)
        known = np.isfinite(needed)
        living = np.bincount(unit, people, minlength=len(shapes))
        reached = np.bincount(unit[known], people[known], minlength=len(shapes))
        total = np.bincount(unit[known], (people * needed)[known], minlength=len(shapes))
        mean = np.full(len(shapes), np.nan)
        np.divide(total, reached, out=mean, where=(reached > 0) & (reached >= REACHED_SHARE * living))
        time = np.where(living > 0, mean, time)
    return pd.Series(time, index=pd.Index(units["unit_code"]), name="town_minutes")


def travel_minutes(friction: FrictionGrid, towns: FloatArray) -> FloatArray:
    """Minutes from every cell's centre to the nearest of (n, 2) lon/lat `towns`, NaN where there is no way."""
    rows, columns, inside = _cells_of(friction, towns)
    if not inside.any():
        raise InputError(
            f"none of the {len(towns)} towns lies on the friction raster, so travel times are not known; give the raster of "
            "this region, or places of class town inside it"
        )
    starts = _passable(friction, rows[inside], columns[inside])
    minutes = dijkstra(_graph(friction), directed=False, indices=np.unique(starts), min_only=True)
    found = np.asarray(minutes, dtype=float).reshape(friction.minutes_per_m.shape)
    return np.where(np.isfinite(found), found, np.nan)


def _graph(friction: FrictionGrid) -> coo_array:
    values = friction.minutes_per_m
    rows, columns = values.shape
    number = np.arange(values.size, dtype=np.int64).reshape(values.shape)
    across, down = _lengths_m(friction)
    ends, costs = [], []
    for south, east in _STEPS:
        here = (slice(0, rows - south), slice(max(-east, 0), columns - max(east, 0)))
        there = (slice(south, rows), slice(max(east, 0), columns + min(east, 0)))
        width = (across[: rows - south] + across[south:]) / 2 * abs(east)
        length = np.hypot(width, down[: rows - south] * south)[:, None]
        cost = (values[here] + values[there]) / 2 * length
        way = np.isfinite(cost)
        ends.append(np.stack([number[here][way], number[there][way]]))
        costs.append(cost[way])
    return coo_array(
        (np.concatenate(costs), tuple(np.concatenate(ends, axis=1))), shape=(values.size, values.size)
    ).tocsr()


def _lengths_m(friction: FrictionGrid) -> tuple[FloatArray, FloatArray]:
    """Of each row: metres from a cell's centre to its eastern neighbour's, and to its southern neighbour's."""
    latitude = friction.north - (np.arange(len(friction.minutes_per_m) + 1) + 0.5) * friction.cell_height
    here = np.column_stack([np.zeros(len(latitude)), np.clip(latitude, -90, 90)])
    east = here + np.array([friction.cell_width, 0.0])
    return geodesic_m(here[:-1], east[:-1]), geodesic_m(here[:-1], here[1:])


def _cells_of(friction: FrictionGrid, points: FloatArray) -> tuple[IntArray, IntArray, BoolArray]:
    """Row and column of each lon/lat point, and whether it lies on the grid."""
    rows = np.floor((friction.north - points[:, 1]) / friction.cell_height).astype(np.int64)
    columns = np.floor((points[:, 0] - friction.west) / friction.cell_width).astype(np.int64)
    height, width = friction.minutes_per_m.shape
    return rows, columns, (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)


def _passable(friction: FrictionGrid, rows: IntArray, columns: IntArray) -> IntArray:
    """Numbers of the cells, each that cannot be crossed replaced by the nearest that can."""
    open_rows, open_columns = np.nonzero(np.isfinite(friction.minutes_per_m))
    nearest = cKDTree(geocentric_m(_centres(friction, open_rows, open_columns)))
    _, place = nearest.query(geocentric_m(_centres(friction, rows, columns)))
    width = friction.minutes_per_m.shape[1]
    return np.asarray(open_rows[place] * width + open_columns[place], dtype=np.int64)


def _centres(friction: FrictionGrid, rows: IntArray, columns: IntArray) -> FloatArray:
    x = friction.west + (columns + 0.5) * friction.cell_width
    return np.column_stack([x, friction.north - (rows + 0.5) * friction.cell_height])


def _read(friction: FrictionGrid, minutes: FloatArray, points: FloatArray) -> FloatArray:
    """Minutes of the cells in which the points lie, NaN off the grid."""
    rows, columns, inside = _cells_of(friction, points)
    found = np.full(len(points), np.nan)
    found[inside] = minutes[rows[inside], columns[inside]]
    return found
