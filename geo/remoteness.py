"""How far people live from the nearest town."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer
from scipy.spatial import cKDTree

from geo.arrays import FloatArray
from geo.crs import STORAGE_CRS, metric_crs
from geo.errors import InputError
from geo.people import populated_cells
from geo.population_grid import PopulationGrid

METRES_PER_KM: Final = 1000.0


def town_distance_km(
    units: gpd.GeoDataFrame, towns: gpd.GeoDataFrame, grid: PopulationGrid | None
) -> pd.Series:
    """Straight-line km from a unit's people to the nearest town, their mean; a Series by unit_code.

    Mean over the populated cells whose centre lies in the unit, weighted by people; without a grid, or
    without such a cell, from a point inside the unit. Plane distances in the UTM zone of the region (`geo.crs.metric_crs`).
    `towns`: points in EPSG:4326. Raises `InputError` when there is none: no town is not distance 0.
    """
    points = shapely.get_coordinates(towns.geometry.to_numpy())
    if not len(points):
        raise InputError(
            "no towns were given, so the distance to the nearest one is not known; add places of class town"
        )
    crs = metric_crs(tuple(units.total_bounds))
    nearest = cKDTree(_project(points, crs))
    shapes = units.geometry.to_numpy()
    inside = shapely.get_coordinates(shapely.point_on_surface(shapes))
    distance = _distance_km(nearest, inside, crs)
    if grid is not None:
        unit, centres, people = populated_cells(grid, shapes)
        living = np.bincount(unit, people, minlength=len(shapes))
        travelled = np.bincount(unit, people * _distance_km(nearest, centres, crs), minlength=len(shapes))
        np.divide(travelled, living, out=distance, where=living > 0)
    return pd.Series(distance, index=pd.Index(units["unit_code"]), name="town_distance_km")


def _project(points: FloatArray, crs: CRS) -> FloatArray:
    x, y = Transformer.from_crs(STORAGE_CRS, crs, always_xy=True).transform(points[:, 0], points[:, 1])
    return np.column_stack([x, y])


def _distance_km(nearest: cKDTree, points: FloatArray, crs: CRS) -> FloatArray:
    metres, _ = nearest.query(_project(points, crs), workers=-1)
    return np.asarray(metres, dtype=float) / METRES_PER_KM
