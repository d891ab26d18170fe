"""A province for the benchmark: units in full resolution, tiles, coverage, people, towns, all from one seed."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.population_grid import PopulationGrid, make_grid
from geo.read import concat_files, read_vector
from geo.tiles import TILE_ZOOM
from tests.tiny import latitude, quadkey

FloatArray = npt.NDArray[np.float64]

REAL_UNITS = Path(__file__).parents[1].parent / "shared" / "real" / "vn2025" / "dong_nai" / "wards"
BOUNDS = (106.4, 10.6, 107.6, 12.3)
"""West, south, east, north in degrees of the synthetic province: about the extent of Đồng Nai."""
CELLS_PER_DEGREE = 1200
"""A population grid of about 100 m."""
POINTS_PER_EDGE = 695
OPERATORS = ("Viettel", "VNPT", "MobiFone", "Vietnamobile")
RADIUS_DEGREES = {"3G": 0.035, "4G": 0.03, "5G": 0.015}
DISCS = 300


@dataclass(frozen=True)
class Province:
    """Everything that the stages are given; `source` says whether the outlines are real."""

    source: str
    units: gpd.GeoDataFrame
    tiles: pd.DataFrame
    claims: gpd.GeoDataFrame
    towns: gpd.GeoDataFrame
    grid: PopulationGrid


def make_province(*, seed: int, tiles: int, synthetic: bool) -> Province:
    """The real Đồng Nai outlines where they lie beside the project (unless `synthetic`), all else invented."""
    rng = np.random.default_rng(seed)
    real = REAL_UNITS.is_dir() and not synthetic
    units = _read_units() if real else _wiggly_units(rng)
    return Province(
        source="real outlines of Đồng Nai, all else invented" if real else "synthetic",
        units=units,
        tiles=_tiles(units, tiles, rng),
        claims=_claims(units, rng),
        towns=gpd.GeoDataFrame(geometry=_points(units, 12, rng), crs=units.crs),
        grid=_grid(units, rng),
    )


def _read_units() -> gpd.GeoDataFrame:
    frame = concat_files([(path.name, read_vector(path)) for path in sorted(REAL_UNITS.glob("*.geojson"))])
    return frame[["code", "name", "geometry"]].rename(columns={"code": "unit_code"}).assign(vintage="2025-07")


def _wiggly_units(rng: np.random.Generator) -> gpd.GeoDataFrame:
    """95 units with shared borders: a Voronoi diagram of a jittered lattice, each edge bent once for both its sides."""
    west, south, east, north = BOUNDS
    columns, rows = np.meshgrid(np.arange(8), np.arange(12))
    lattice = np.column_stack([columns.ravel(), rows.ravel()])[:95] + rng.uniform(0.25, 0.75, (95, 2))
    points = shapely.MultiPoint(lattice / (8, 12) * (east - west, north - south) + (west, south))
    frame = shapely.box(*BOUNDS)
    edges = shapely.intersection(shapely.voronoi_polygons(points, only_edges=True, extend_to=frame), frame)
    lines = shapely.get_parts(shapely.union_all([edges, frame.boundary]))
    bent = [_bend(segment, rng) for line in lines for segment in _segments(line)]
    shapes = shapely.get_parts(shapely.polygonize(bent))
    codes = [f"{place:05}" for place in range(len(shapes))]
    return gpd.GeoDataFrame(
        {"unit_code": codes, "name": codes, "vintage": "other"}, geometry=shapes, crs="EPSG:4326"
    )


def _segments(line: shapely.LineString) -> list[FloatArray]:
    points = shapely.get_coordinates(line)
    return [points[place : place + 2] for place in range(len(points) - 1)]


def _bend(segment: FloatArray, rng: np.random.Generator) -> shapely.LineString:
    """The segment as a river would draw it: ends kept, never far enough off to meet another border."""
    along = np.linspace(0, 1, POINTS_PER_EDGE)
    waves = np.arange(1, 61)
    noise = np.sin(2 * np.pi * (np.outer(along, waves) + rng.random(60))) @ (1 / waves)
    step = segment[1] - segment[0]
    aside = 0.008 * noise * np.sin(np.pi * along)
    points = segment[0] + np.outer(along, step) + np.outer(aside, (-step[1], step[0]))
    points[0], points[-1] = segment
    return shapely.LineString(points)


def _points(units: gpd.GeoDataFrame, count: int, rng: np.random.Generator) -> npt.NDArray[np.object_]:
    west, south, east, north = units.total_bounds
    return np.asarray(
        shapely.points(rng.uniform(west, east, count), rng.uniform(south, north, count)), dtype=object
    )


def _tiles(units: gpd.GeoDataFrame, count: int, rng: np.random.Generator) -> pd.DataFrame:
    """`count` distinct tiles of the extent, one quarter of the mobile network."""
    west, south, east, north = units.total_bounds
    left, right = (int((x + 180) / 360 * 2**TILE_ZOOM) for x in (west, east))
    rows = [y for y in range(2**TILE_ZOOM) if south < latitude(y + 0.5) < north] if count else []
    every = [(x, y) for x in range(left, right + 1) for y in rows]
    chosen = rng.choice(len(every), min(count, len(every)), replace=False)
    return pd.DataFrame(
        {
            "quadkey": [quadkey(*every[place]) for place in chosen],
            "network": "mobile",
            "quarter": "2026Q2",
            "avg_d_kbps": rng.integers(500, 200_000, len(chosen)),
            "avg_u_kbps": rng.integers(100, 60_000, len(chosen)),
            "avg_lat_ms": rng.integers(5, 200, len(chosen)),
            "tests": rng.integers(1, 40, len(chosen)),
            "devices": rng.integers(1, 12, len(chosen)),
        }
    )


def _claims(units: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Four operators × three technologies, each the discs around its sites."""
    rows = []
    for operator in OPERATORS:
        for technology, radius in RADIUS_DEGREES.items():
            discs = shapely.buffer(_points(units, DISCS, rng), radius * rng.uniform(0.5, 1.5, DISCS))
            rows.append((operator, technology, "declared", "2026-09-30", shapely.union_all(discs)))
    columns = ["operator", "technology", "evidence", "as_of", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, crs=units.crs)


def _grid(units: gpd.GeoDataFrame, rng: np.random.Generator) -> PopulationGrid:
    west, south, east, north = units.total_bounds
    columns, rows = (int(np.ceil(span * CELLS_PER_DEGREE)) + 1 for span in (east - west, north - south))
    cells = rng.gamma(0.3, 4.0, (rows, columns)) * (rng.random((rows, columns)) < 0.6)
    side = 1 / CELLS_PER_DEGREE
    return make_grid(cells, west=west, north=north, cell_width=side, cell_height=side)
