"""Where a site may stand: a grid of so many metres, places, or a file; every candidate a point in EPSG:4326."""

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from scipy.spatial import cKDTree

from geo.arrays import BoolArray, FloatArray
from geo.crs import STORAGE_CRS, geocentric_m, metric_crs
from geo.errors import InputError

CANDIDATE_COLUMNS: Final = ("name", "cost")
"""Beside `geometry`; `cost` is null where none was given."""
MOST_CANDIDATES: Final = 50_000
WIDEST_GRID_M: Final = 1_000_000.0


def grid_candidates(
    units: gpd.GeoDataFrame, centres: FloatArray, spacing_m: float, reach_m: float
) -> gpd.GeoDataFrame:
    """Points of a square grid inside a unit from which some of the cells (n, 2 lon/lat) lie within reach.

    Rows run south to north in the region's UTM zone and are named `r3c14`. Raises `InputError` for a spacing that gives none
    or more than `MOST_CANDIDATES`.
    """
    if not 0 < spacing_m <= WIDEST_GRID_M:
        raise InputError(
            f"the grid's spacing is {spacing_m} m; wanted a number of metres above 0, up to {WIDEST_GRID_M:,.0f}"
        )
    crs = metric_crs(tuple(units.total_bounds))
    to_plane = Transformer.from_crs(STORAGE_CRS, crs, always_xy=True)
    back = Transformer.from_crs(crs, STORAGE_CRS, always_xy=True)
    west, south, east, north = to_plane.transform_bounds(*units.total_bounds)
    columns, rows = (int((high - low) // spacing_m) + 1 for low, high in ((west, east), (south, north)))
    if columns * rows > 100 * MOST_CANDIDATES:
        raise InputError(_too_many(columns * rows, spacing_m))
    column, row = (found.ravel() for found in np.meshgrid(np.arange(columns), np.arange(rows)))
    offset = spacing_m / 2
    points = np.column_stack(
        back.transform(west + offset + column * spacing_m, south + offset + row * spacing_m)
    )
    kept = within_reach(points, centres, reach_m) & inside_units(units, points)
    if not kept.any():
        raise InputError(
            f"no point of a grid of {spacing_m:g} m lies in a unit and within {reach_m:g} m of anybody uncovered; "
            "give a finer grid or a larger radius"
        )
    if kept.sum() > MOST_CANDIDATES:
        raise InputError(_too_many(int(kept.sum()), spacing_m))
    names = [f"r{r}c{c}" for r, c in zip(row[kept], column[kept], strict=True)]
    return make_candidates(points[kept], names)


def _too_many(count: int, spacing_m: float) -> str:
    return f"a grid of {spacing_m:g} m has {count:,} points here, more than {MOST_CANDIDATES:,}; give a wider one"


def within_reach(points: FloatArray, centres: FloatArray, reach_m: float) -> BoolArray:
    """Whether some cell lies within reach of each lon/lat point."""
    if not len(centres):
        return np.zeros(len(points), dtype=bool)
    distance, _ = cKDTree(geocentric_m(centres)).query(geocentric_m(points), distance_upper_bound=reach_m)
    return np.asarray(np.isfinite(distance))


def inside_units(units: gpd.GeoDataFrame, points: FloatArray) -> BoolArray:
    """Whether each lon/lat point lies in a unit, not in the sea or beyond the border."""
    tree = shapely.STRtree(units.geometry.to_numpy())
    found = tree.query(shapely.points(points), predicate="intersects")[0]
    inside = np.zeros(len(points), dtype=bool)
    inside[found] = True
    return inside


def place_candidates(places: gpd.GeoDataFrame | None, kinds: Sequence[str]) -> gpd.GeoDataFrame:
    """The places of these classes (`name`, `class`, point); raises `InputError` when there is none."""
    known = [] if places is None else sorted(places["class"].unique())
    if places is None or not set(kinds) & set(known):
        has = ", ".join(known) or "no places"
        raise InputError(
            f"no place of class {', '.join(kinds)} here (there are {has}); add them with `vunglom add DIR places FILE`"
        )
    chosen = places[places["class"].isin(kinds)]
    return make_candidates(
        shapely.get_coordinates(chosen.geometry.to_numpy()), chosen["name"].astype(str).tolist()
    )


def office_candidates(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A point inside every unit, standing in for its office where no places of class office are known."""
    points = shapely.get_coordinates(shapely.point_on_surface(units.geometry.to_numpy()))
    return make_candidates(points, units["name"].astype(str).tolist())


def make_candidates(
    points: FloatArray, names: Sequence[str], cost: Sequence[float] | FloatArray | None = None
) -> gpd.GeoDataFrame:
    """`CANDIDATE_COLUMNS` and points from (n, 2) lon/lat."""
    costs = np.full(len(points), np.nan) if cost is None else np.asarray(cost, dtype=float)
    table = pd.DataFrame({"name": list(names), "cost": costs})
    return gpd.GeoDataFrame(table, geometry=shapely.points(points), crs=STORAGE_CRS)
