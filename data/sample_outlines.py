"""Approximate outlines: cells of a power diagram, legacy communes inside them, natural-looking shared edges.

Every outline of every list is put together from one set of lines, so borders are shared to the last digit. Centres,
cells and lines are in whole metres before anything is decided by them (`sample_steady`).
"""

import math
from dataclasses import dataclass
from functools import partial
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from data.power_diagram import FloatArray, Geometries, fit_areas, power_diagram
from data.sample_border import domain
from data.sample_sources import PLANE, to_degrees, to_plane_m
from data.sample_steady import chance, snap

FIT_REACH_M: Final = 28_000.0
"""Neighbours whose centre lies this near the region's centres get their published area too; farther ones do not matter."""
WEIGHT_DECIMALS: Final = -3
"""Weights are fitted far finer than they are kept: a step of 1000 m² moves an edge by about 0.1 m."""
SAME_POINT_M: Final = 100.0
INSET_RADII: Final = 0.25
SEARCH_STEP_M: Final = 250
GRID_M: Final = 5.0
WAVE_STEP_M: Final = 450.0
WAVE_LEAST_M: Final = 1_500.0
WAVE_SHARE: Final = 0.16


@dataclass(frozen=True)
class Outlines:
    """The three lists, each with `geometry` in EPSG:4326, 6 decimals.

    `x`, `y` (m) is a centre in the unit's straight-edged cell; `centre`: is it `published`, `moved` or `mended`.
    """

    units: gpd.GeoDataFrame
    legacy: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame


def in_metres(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`frame` (EPSG:4326) in `PLANE`, coordinates rounded to the centimetre; shared borders stay shared."""
    shapes = shapely.transform(frame.geometry.to_numpy(), partial(to_plane_m, decimals=2))
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=PLANE))


def unit_cells(around: pd.DataFrame) -> tuple[pd.DataFrame, Geometries]:
    """The region's units and their cells (whole metres of the plane), every cell with its published area."""
    world = domain()
    shapely.prepare(world)
    frame = around[shapely.contains_xy(world, around["x"], around["y"])].reset_index(drop=True)
    sites = frame[["x", "y"]].to_numpy()
    inside = frame["inside"].to_numpy()
    core = shapely.convex_hull(shapely.multipoints(sites[inside]))
    fitted = shapely.distance(shapely.points(sites), core) < FIT_REACH_M
    weights = snap(fit_areas(sites, frame["area_km2"].to_numpy() * 1e6, fitted, world), WEIGHT_DECIMALS)
    cells = shapely.transform(power_diagram(sites, weights, world).cells[inside], snap)
    return frame[inside].reset_index(drop=True), cells


def place_legacy(legacy: pd.DataFrame, cells: dict[str, shapely.Geometry]) -> pd.DataFrame:
    """Legacy communes with `x`, `y` inside the cell of the unit they went into, and `centre`: what was done to it.

    A centre outside that cell is `moved` to the nearest point well inside; one that is also the point of another
    commune or of the whole district is wrong, not inexact, and is `mended`: put where its siblings are farthest.
    """
    points = legacy[["x", "y"]].to_numpy()
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2) + np.diag(np.full(len(points), np.inf))
    to_district = np.linalg.norm(points - legacy[["district_x", "district_y"]].to_numpy(), axis=1)
    borrowed = (gaps.min(axis=1) < SAME_POINT_M) | (to_district < SAME_POINT_M)
    parents = np.array([cells[key] for key in legacy["new_key"]], dtype=object)
    outside = ~shapely.contains_xy(parents, points[:, 0], points[:, 1])
    marks = np.where(outside & borrowed, "mended", np.where(outside, "moved", "published"))
    for row in np.flatnonzero(marks == "moved"):
        points[row] = _nearest_inside(parents[row], points[row])
    for row in np.flatnonzero(marks == "mended"):
        siblings = (legacy["new_key"] == legacy["new_key"].iloc[row]).to_numpy() & (marks != "mended")
        points[row] = _farthest_inside(parents[row], points[siblings])
    return legacy.assign(x=points[:, 0], y=points[:, 1], centre=marks)


def _place_units(units: pd.DataFrame, cells: Geometries) -> pd.DataFrame:
    """Units whose centre lies in their own cell (a power cell need not hold its site), and `centre` as above."""
    points = units[["x", "y"]].to_numpy()
    outside = ~shapely.contains_xy(cells, points[:, 0], points[:, 1])
    for row in np.flatnonzero(outside):
        points[row] = _nearest_inside(cells[row], points[row])
    return units.assign(x=points[:, 0], y=points[:, 1], centre=np.where(outside, "moved", "published"))


def _inset(cell: shapely.Geometry) -> shapely.Geometry:
    return cell.buffer(-INSET_RADII * np.sqrt(cell.area / np.pi))


def _nearest_inside(cell: shapely.Geometry, point: FloatArray) -> FloatArray:
    near = shapely.shortest_line(_inset(cell), shapely.Point(point))
    return snap(shapely.get_coordinates(near)[0])


def _farthest_inside(cell: shapely.Geometry, others: FloatArray) -> FloatArray:
    """The point of the inset cell (on a grid of `SEARCH_STEP_M`) that is farthest from every other centre."""
    room = _inset(cell)
    west, south, east, north = (math.floor(edge / SEARCH_STEP_M) * SEARCH_STEP_M for edge in room.bounds)
    columns, rows = (np.arange(low, high + 1, SEARCH_STEP_M) for low, high in ((west, east), (south, north)))
    grid = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2).astype(float)
    grid = grid[shapely.contains_xy(room, grid[:, 0], grid[:, 1])]
    # squares of whole metres are exact, so equal distances are equal on every machine and the first one is taken
    squared = ((grid[:, None] - others[None]) ** 2).sum(axis=2).min(axis=1)
    return np.asarray(grid[squared.argmax()], dtype=float)


def legacy_cells(legacy: pd.DataFrame, cells: dict[str, shapely.Geometry]) -> Geometries:
    """Voronoi cells of the legacy centres inside their unit's cell; legacy areas are not in the package, so no weights."""
    pieces = np.empty(len(legacy), dtype=object)
    for key, rows in legacy.groupby("new_key").indices.items():
        sites = legacy[["x", "y"]].to_numpy()[rows]
        pieces[rows] = (
            shapely.transform(power_diagram(sites, np.zeros(len(rows)), cells[str(key)]).cells, snap)
            if len(rows) > 1
            else cells[str(key)]
        )
    return pieces


def natural_faces(pieces: Geometries) -> Geometries:
    """The pieces (metres) redrawn in EPSG:4326, 6 decimals: edges waver, and both sides of an edge waver alike."""
    lines = [shapely.LineString(to_degrees(_waver(segment))) for segment in _segments(pieces)]
    faces = shapely.get_parts(shapely.polygonize(_uncrossed(lines)))
    return _gather(faces, pieces)


def _segments(pieces: Geometries) -> npt.NDArray[np.int64]:
    """Every straight segment of the pieces' edges once: x, y, x, y (whole metres), the lesser end first, sorted."""
    network = shapely.union_all(shapely.boundary(pieces), grid_size=GRID_M)
    corners = [snap(shapely.get_coordinates(line)).astype(np.int64) for line in shapely.get_parts(network)]
    ends = np.concatenate([np.stack([line[:-1], line[1:]], axis=1) for line in corners])
    later = (ends[:, 0, 0] > ends[:, 1, 0]) | (
        (ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1])
    )
    ends[later] = ends[later, ::-1]
    return np.unique(ends.reshape(-1, 4), axis=0)


def _uncrossed(lines: list[shapely.LineString]) -> Geometries:
    """The lines, those that wavered across another drawn straight: straight ones meet at their ends alone."""
    drawn = np.array(lines, dtype=object)
    while True:
        first, second = shapely.STRtree(drawn).query(drawn, predicate="crosses")
        crossing = [i for i in np.unique(np.r_[first, second]) if shapely.get_num_points(drawn[i]) > 2]
        if not crossing:
            return drawn
        for i in crossing:
            drawn[i] = shapely.LineString([drawn[i].coords[0], drawn[i].coords[-1]])


def _gather(faces: Geometries, pieces: Geometries) -> Geometries:
    """One outline per piece from the faces whose inner point lies in it (snapping may leave specks beside a face)."""
    original = shapely.transform(pieces, to_degrees)
    tree = shapely.STRtree(original)
    owner = tree.nearest(shapely.point_on_surface(faces))
    outlines = [shapely.coverage_union_all(faces[owner == piece]) for piece in range(len(pieces))]
    return np.asarray(shapely.normalize(np.array(outlines, dtype=object)))


def _waver(segment: npt.NDArray[np.int64]) -> FloatArray:
    """A straight segment (x, y, x, y; whole metres) as a wavering line whose bends take as much from one side as they give back.

    Even sine waves under a symmetric taper are odd about the middle: the area on either side stays as it was.
    """
    ends = segment.reshape(2, 2).astype(float)
    length = math.sqrt(((segment[2:] - segment[:2]) ** 2).sum())
    if length < WAVE_LEAST_M:
        return ends
    waves = 2 * np.arange(1, 7)
    size = chance("edge", *segment.tolist()).uniform(-1, 1, len(waves)) * WAVE_SHARE * length / waves
    along = np.linspace(0, 1, int(length // WAVE_STEP_M) + 2)
    shift = 4 * along * (1 - along) * (size[:, None] * np.sin(np.pi * waves[:, None] * along)).sum(axis=0)
    shift[[0, -1]] = 0.0
    forward = (ends[1] - ends[0]) / length
    across = np.array([-forward[1], forward[0]])
    drawn = ends[0] + along[:, None] * length * forward + shift[:, None] * across
    return np.asarray(drawn, dtype=float)


def make_outlines(around: pd.DataFrame, legacy: pd.DataFrame, old_to_new: dict[str, str]) -> Outlines:
    """The region's units, legacy communes and legacy districts, as valid coverages of each other."""
    units, cells = unit_cells(around)
    units = _place_units(units, cells)
    by_key = dict(zip(units["key"], cells, strict=True))
    placed = place_legacy(legacy.assign(new_key=legacy["key"].map(old_to_new)), by_key)
    communes = gpd.GeoDataFrame(placed, geometry=natural_faces(legacy_cells(placed, by_key)), crs=4326)
    communes["new_code"] = communes["new_key"].map(units.set_index("key")["code"])
    outlines = _dissolve(communes, "new_code")
    return Outlines(
        units=gpd.GeoDataFrame(units, geometry=units["code"].map(outlines).to_numpy(), crs=4326),
        legacy=communes,
        districts=_districts(communes),
    )


def _districts(communes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    outlines = _dissolve(communes, "district_code")
    names = (
        communes.groupby("district_code", sort=True)[["district_name", "district_kind"]].first().reset_index()
    )
    return gpd.GeoDataFrame(names, geometry=names["district_code"].map(outlines).to_numpy(), crs=4326)


def _dissolve(communes: gpd.GeoDataFrame, column: str) -> dict[str, shapely.Geometry]:
    return {
        str(code): shapely.normalize(shapely.coverage_union_all(communes.geometry.to_numpy()[rows]))
        for code, rows in communes.groupby(column).indices.items()
    }
