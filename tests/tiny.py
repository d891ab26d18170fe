"""Hand-made tiles, units and grids whose answers the eye can check, for the tests of the stages."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.population_grid import PopulationGrid, make_grid

X, Y = 52_000, 30_000
"""A zoom-16 tile in Vietnam, near 105.6° E, 14.9° N: the corner from which the tests count."""


def quadkey(x: int, y: int) -> str:
    """Quadkey of a zoom-16 tile, digit by digit as its definition says."""
    return "".join(str((x >> bit & 1) + 2 * (y >> bit & 1)) for bit in range(15, -1, -1))


def longitude(x: float) -> float:
    return x / 2**16 * 360 - 180


def latitude(y: float) -> float:
    return float(np.degrees(2 * np.arctan(np.exp(np.pi * (1 - 2 * y / 2**16))) - np.pi / 2))


def tiles_box(left: float, top: float, right: float, bottom: float) -> Any:
    """A rectangle given in tiles east and south of the corner."""
    return shapely.box(longitude(X + left), latitude(Y + bottom), longitude(X + right), latitude(Y + top))


def tile_key(right: int, down: int) -> str:
    """The tile so many tiles east and south of the corner."""
    return quadkey(X + right, Y + down)


def units_of(**shapes: Any) -> gpd.GeoDataFrame:
    """Units named by keyword."""
    return gpd.GeoDataFrame(
        {"unit_code": list(shapes), "vintage": "other", "name": list(shapes)},
        geometry=list(shapes.values()),
        crs="EPSG:4326",
    )


def grid_over(left: float, top: float, right: float, bottom: float, cells: Any) -> PopulationGrid:
    """People per cell of a grid spanned over a rectangle given in tiles."""
    west, south, east, north = tiles_box(left, top, right, bottom).bounds
    rows, columns = np.shape(cells)
    return make_grid(
        cells, west=west, north=north, cell_width=(east - west) / columns, cell_height=(north - south) / rows
    )


def speed_rows(
    rows: Sequence[tuple[str, str, str, float, float, float | None, float, float]],
) -> pd.DataFrame:
    """Rows of network, quarter, quadkey, kbps down, kbps up, ms, tests, devices."""
    columns = ["network", "quarter", "quadkey", "avg_d_kbps", "avg_u_kbps", "avg_lat_ms", "tests", "devices"]
    return pd.DataFrame(rows, columns=columns)


def voronoi_units(seed: int, count: int, span: float = 8.0) -> gpd.GeoDataFrame:
    """`count` units that tile a square of `span` × `span` tiles without gap or overlap."""
    whole = tiles_box(0, 0, span, span)
    west, south, east, north = whole.bounds
    points = np.random.default_rng(seed).uniform((west, south), (east, north), (count, 2))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=whole))
    return units_of(
        **{f"u{place:02}": shape for place, shape in enumerate(shapely.intersection(cells, whole))}
    )


def random_tests(seed: int, rows: int, span: int = 8) -> pd.DataFrame:
    """`rows` distinct tiles of the square at most, over two networks and three quarters, some latencies null."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "network": rng.choice(["mobile", "fixed"], rows),
            "quarter": rng.choice(["2025Q4", "2026Q1", "2026Q2"], rows),
            "quadkey": [tile_key(*place) for place in rng.integers(0, span, (rows, 2))],
            "avg_d_kbps": rng.integers(0, 200_000, rows),
            "avg_u_kbps": rng.integers(0, 50_000, rows),
            "avg_lat_ms": np.where(rng.random(rows) < 0.2, np.nan, rng.integers(1, 300, rows)),
            "tests": rng.integers(0, 30, rows),
            "devices": rng.integers(0, 9, rows),
        }
    )
    return frame.drop_duplicates(["network", "quarter", "quadkey"], ignore_index=True)
