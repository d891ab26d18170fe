"""Invented settlements and the population raster drawn from them; WorldPop's grid, none of its figures."""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from affine import Affine
from rasterio.features import rasterize
from scipy.sparse.csgraph import minimum_spanning_tree

from data.power_diagram import FloatArray
from data.sample_outlines import Outlines, in_metres
from data.sample_profiles import PROFILES, TOTAL_PEOPLE
from data.sample_sources import to_degrees
from data.sample_steady import chance, chances, snap

CELLS_PER_DEGREE: Final = 1200
NODATA: Final = -99999.0
PAD_M: Final = 1_000.0
ROAD_STEP_M: Final = 2_600.0
KIND_WEIGHT: Final = {"town": 10.0, "village": 4.0, "hamlet": 1.0}
METRES_PER_DEGREE_EAST: Final = 108_960.0
METRES_PER_DEGREE_NORTH: Final = 110_620.0
"""At 11.8° north; settlements are small, so one figure serves the region."""
SPREAD_LIMIT: Final = 2.8
"""Settlements end this many standard deviations from their middle."""

Labels = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Grid:
    """People per cell (rows from north, EPSG:4326), the unit number of each cell (-1 outside) and the affine map."""

    people: npt.NDArray[np.float32]
    unit: Labels
    transform: Affine

    def centres(self) -> tuple[FloatArray, FloatArray]:
        """Longitude of each column and latitude of each row."""
        rows, columns = self.people.shape
        longitude = self.transform.c + (np.arange(columns) + 0.5) * self.transform.a
        latitude = self.transform.f + (np.arange(rows) + 0.5) * self.transform.e
        return np.asarray(longitude, dtype=float), np.asarray(latitude, dtype=float)


def make_settlements(outlines: Outlines) -> pd.DataFrame:
    """Settlements: unit (row number), x, y (whole m), people, spread_m (whole m, standard deviation),
    kind (town, village, hamlet).
    """
    units = in_metres(outlines.units)
    parts = [
        _of_kind(units, units[["x", "y"]].to_numpy(), "town"),
        _of_kind(units, outlines.legacy[["x", "y"]].to_numpy(), "village"),
        _of_kind(units, _beside_roads(units), "hamlet"),
        _of_kind(units, _scattered(units), "hamlet"),
    ]
    frame = pd.concat(parts, ignore_index=True)
    unit = frame["unit"].to_numpy()
    luck = [rng.normal(0, 0.35) for rng in chances("settlement", frame[["x", "y"]].to_numpy())]
    weight = snap(frame["kind"].map(KIND_WEIGHT).to_numpy() * np.exp(luck), 6)
    people = snap(weight / np.bincount(unit, weights=weight)[unit] * _people_of_units(units)[unit], 3)
    return frame.assign(people=people, spread_m=snap(np.clip(9.0 * np.sqrt(people), 260.0, 1_100.0)))


def _people_of_units(units: gpd.GeoDataFrame) -> FloatArray:
    density = np.array([PROFILES[code].service.people_per_km2 for code in units["code"]])
    luck = [chance("people", code).normal(0, 0.1) for code in units["code"]]
    people = density * units["area_km2"].to_numpy() * np.exp(luck)
    return snap(people * TOTAL_PEOPLE / people.sum(), 3)


def _of_kind(units: gpd.GeoDataFrame, points: FloatArray, kind: str) -> pd.DataFrame:
    scatter_m = 400.0 if kind == "hamlet" else 150.0
    shift = np.array([rng.normal(0, scatter_m, 2) for rng in chances(kind, points)])
    moved = snap(points + shift)
    tree = shapely.STRtree(units.geometry.to_numpy())
    row, unit = tree.query(shapely.points(moved), predicate="within")
    return pd.DataFrame({"unit": unit, "x": moved[row, 0], "y": moved[row, 1], "kind": kind})


def _beside_roads(units: gpd.GeoDataFrame) -> FloatArray:
    """Points along the shortest network of straight roads between unit centres, with the two nearest links of each."""
    centres, codes = units[["x", "y"]].to_numpy(), units["code"].to_numpy()
    distance = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    links = minimum_spanning_tree(distance).toarray() > 0
    near = distance.argsort(axis=1, kind="stable")[:, 1:3]
    links[np.repeat(np.arange(len(centres)), 2), near.ravel()] = True
    points = []
    for i, j in np.argwhere(np.triu(links | links.T)):
        count = int(distance[i, j] // ROAD_STEP_M)
        along = np.sort(chance("road", codes[i], codes[j]).uniform(0.05, 0.95, count))[:, None]
        points.append(snap(centres[i] + along * (centres[j] - centres[i])))
    return np.concatenate(points)


def _scattered(units: gpd.GeoDataFrame) -> FloatArray:
    points = []
    for code, outline in zip(units["code"], units.geometry, strict=True):
        west, south, east, north = outline.bounds
        tried = snap(chance("scattered", code).uniform((west, south), (east, north), (600, 2)))
        room = outline.buffer(-900.0)
        held = tried[shapely.contains_xy(room, tried[:, 0], tried[:, 1])]
        points.append(held[: int(outline.area / 1e6 / PROFILES[code].service.km2_per_hamlet)])
    return np.concatenate(points)


def make_grid(outlines: Outlines, settlements: pd.DataFrame) -> Grid:
    """The raster of people: half-person steps, 0 where nobody lives, `NODATA` beyond 1 km outside the region."""
    padded = in_metres(outlines.units).geometry.union_all().buffer(PAD_M)
    around = shapely.transform(padded, to_degrees)
    west, south, east, north = around.bounds
    step = 1 / CELLS_PER_DEGREE
    left, top = np.floor(west / step) - 1, np.ceil(north / step) + 1
    shape = (int(top - np.floor(south / step)) + 1, int(np.ceil(east / step) - left) + 1)
    transform = Affine(step, 0.0, left / CELLS_PER_DEGREE, 0.0, -step, top / CELLS_PER_DEGREE)
    shapes = [(outline, number) for number, outline in enumerate(outlines.units.geometry)]
    unit = rasterize(shapes, out_shape=shape, transform=transform, fill=-1, dtype="int16")
    region = rasterize([around], out_shape=shape, transform=transform, dtype="uint8").astype(bool)
    people = _spread(Grid(np.zeros(shape, dtype=np.float32), unit, transform), settlements)
    return Grid(np.where(region, people, np.float32(NODATA)), unit, transform)


def _spread(grid: Grid, settlements: pd.DataFrame) -> npt.NDArray[np.float32]:
    """People of every settlement over the cells near it and in its own unit, uneven, in half-person steps."""
    longitude, latitude = grid.centres()
    rng = chance("cells", *grid.people.shape)
    uneven = np.exp(rng.normal(0, 0.6, grid.people.shape)) * (rng.random(grid.people.shape) < 0.5)
    total = np.zeros(grid.people.shape)
    middles = to_degrees(settlements[["x", "y"]].to_numpy())
    figures = settlements[["people", "spread_m", "unit"]].to_numpy(dtype=float)
    for (lon, lat), (people, spread_m, unit) in zip(middles, figures, strict=True):
        east_m = (longitude - lon) * METRES_PER_DEGREE_EAST
        north_m = (latitude - lat) * METRES_PER_DEGREE_NORTH
        reach_m = SPREAD_LIMIT * spread_m
        columns = np.flatnonzero(np.abs(east_m) < reach_m)
        rows = np.flatnonzero(np.abs(north_m) < reach_m)
        window = np.ix_(rows, columns)
        squared = (north_m[rows] ** 2)[:, None] + east_m[columns] ** 2
        here = np.exp(-squared / (2 * spread_m**2)) * uneven[window]
        here[(squared > reach_m**2) | (grid.unit[window] != unit)] = 0.0
        if here.sum() > 0:
            total[window] += here * people / here.sum()
    halves = np.floor(total * 2 + rng.random(total.shape)) / 2
    return np.asarray(halves, dtype=np.float32)
