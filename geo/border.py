"""Which units lie at a border, and how long their outline follows it, from the border as lines."""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from geo.arrays import FloatArray, ObjectArray
from geo.crs import STORAGE_CRS, geodesic_m, metric_crs
from geo.errors import CallError, InputError

BORDER_COLUMNS: Final = ("unit_code", "name", "border", "border_km")
LEAST_TOLERANCES: Final = 4.0
"""Of outline along the line, in tolerances, that make a border unit: two sides that leave a corner at 30° each give no more."""
DEFAULT_TOLERANCE_M: Final = 200.0
MOST_TOLERANCE_M: Final = 5_000.0
_PIECE_POINTS: Final = 200
_LEAST_DEGREE_M: Final = 110_000.0
"""A degree of latitude is nowhere shorter."""


@dataclass(frozen=True)
class BorderTable:
    """`units`: `BORDER_COLUMNS`, in the order given; `stray_km`: line inside units, farther than the tolerance from outlines."""

    units: pd.DataFrame
    stray_km: float


def measure_border(units: gpd.GeoDataFrame, lines: ObjectArray, *, tolerance_m: float) -> BorderTable:
    """Kilometres of each unit's outline within `tolerance_m` of the lines, and whether that makes it a border unit.

    `units`: `unit_code`, `name`, polygons in EPSG:4326; `lines`: LineStrings in EPSG:4326. Lengths are of the UTM zone of the
    unit's middle. `border` is 1 from `LEAST_TOLERANCES` tolerances on, 0 where no outline is within the tolerance, and null
    between: such a unit may touch the border in a corner alone. Raises `CallError` for a tolerance that is none, `InputError`
    where no outline is within it.
    """
    require_tolerance(tolerance_m)
    pieces = cut_lines(lines)
    tree = shapely.STRtree(pieces)
    metres, stray_m = np.zeros(len(units)), 0.0
    for place, shape in enumerate(units.geometry.to_numpy()):
        near = pieces[tree.query(_around(shape, tolerance_m))]
        if len(near):
            metres[place], stray = _along(shape, near, tolerance_m)
            stray_m += stray
    if not metres.any():
        raise InputError(_too_far(units, pieces, tree, tolerance_m))
    decided = np.where(metres >= LEAST_TOLERANCES * tolerance_m, 1.0, np.where(metres == 0, 0.0, np.nan))
    table = pd.DataFrame(
        {
            "unit_code": units["unit_code"].astype(str).to_numpy(),
            "name": units["name"].astype(str).to_numpy(),
            "border": pd.array(decided, dtype="Int64"),
            # with three decimals 2.757 would be read as thousands where points set them apart
            "border_km": (metres / 1000).round(2),
        }
    )
    return BorderTable(table, stray_m / 1000)


def require_tolerance(tolerance_m: float) -> None:
    """Raise `CallError` unless it is a distance above 0 and at most `MOST_TOLERANCE_M`."""
    if not 0 < tolerance_m <= MOST_TOLERANCE_M:
        raise CallError(
            f"--tolerance-m is {tolerance_m:g}; wanted metres above 0, at most {MOST_TOLERANCE_M:g}: how far the line and "
            "the outlines of the units may lie apart"
        )


def cut_lines(lines: ObjectArray) -> ObjectArray:
    """The same lines in pieces of few points, so that a unit meets only those near it."""
    cut = []
    for line in lines:
        points = shapely.get_coordinates(line)
        cut += [
            shapely.LineString(points[start : start + _PIECE_POINTS + 1])
            for start in range(0, len(points) - 1, _PIECE_POINTS)
        ]
    return np.array(cut, dtype=object)


def _around(shape: shapely.Geometry, reach_m: float) -> shapely.Geometry:
    """A box (EPSG:4326) that holds everything within `reach_m` of the shape, and more."""
    west, south, east, north = shape.bounds
    high = reach_m / _LEAST_DEGREE_M
    wide = high / max(np.cos(np.radians(min(max(abs(south), abs(north)) + high, 89.0))), 0.01)
    return shapely.box(west - wide, south - high, east + wide, north + high)


def _along(shape: shapely.Geometry, near: ObjectArray, tolerance_m: float) -> tuple[float, float]:
    """Metres of the outline within the tolerance of the lines, and of the lines inside it but farther from it than that."""
    project = Transformer.from_crs(STORAGE_CRS, metric_crs(shape.bounds), always_xy=True).transform
    outline = shapely.transform(shapely.boundary(shape), project, interleaved=False)
    lines = shapely.multilinestrings(shapely.transform(near, project, interleaved=False))
    reached = shapely.intersection(outline, shapely.buffer(lines, tolerance_m, quad_segs=32))
    inside = shapely.intersection(lines, shapely.transform(shape, project, interleaved=False))
    stray = shapely.difference(inside, shapely.buffer(outline, tolerance_m))
    return float(shapely.length(reached)), float(shapely.length(stray))


def _too_far(units: gpd.GeoDataFrame, pieces: ObjectArray, tree: shapely.STRtree, tolerance_m: float) -> str:
    outlines = shapely.boundary(units.geometry.to_numpy())
    nearest = tree.nearest(outlines)
    place = int(np.argmin(shapely.distance(outlines, pieces[nearest])))
    metres = _apart_m(outlines[place], pieces[nearest[place]])
    row = units.iloc[place]
    mend = (
        f"say --tolerance-m {np.ceil(metres / 100) * 100:g} if both draw the same border"
        if metres <= MOST_TOLERANCE_M
        else "is it the border of this region, and in the CRS that it says?"
    )
    return (
        f"the line lies {metres / 1000:,.1f} km from the nearest outline of a unit ({row['unit_code']} {row['name']}); "
        f"wanted it within --tolerance-m {tolerance_m:g} of some: {mend}"
    )


def _apart_m(outline: shapely.Geometry, line: shapely.Geometry) -> float:
    ends: FloatArray = shapely.get_coordinates(shapely.shortest_line(outline, line))
    return float(geodesic_m(ends[:1], ends[1:])[0])
