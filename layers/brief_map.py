"""A map as SVG, drawn by our own code for paper: units in the colours of their verdicts, hatched where the evidence is thin.

Hatches are lines cut to the outlines, not patterns: every viewer and printer draws a line. Display only: outlines are
simplified, and the projection is a plane with true proportions in the middle of the map.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from geo.arrays import FloatArray, ObjectArray
from geo.crs import geodesic_m
from layers.palette import NO_DATA_FILL, NO_DATA_HATCH, VERDICT_COLOURS, thin_line
from layers.simplify import simplify_units

WIDTH: Final = 600.0
TALLEST: Final = 640.0
_MARGIN: Final = 18.0
_HATCH_STEP: Final = 7.0
_SMALL_SHARE: Final = 0.06
"""A unit narrower than this share of the map gets a ring around it, so that it is found."""
_EDGE: Final = "#475569"
_CHOSEN: Final = "#0f172a"
_SCALES_KM: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Ground:
    """Everything that maps of one list have in common: outlines on paper by code, what is drawn of all, height, scale in km."""

    shapes: dict[str, Any]
    drawn: str
    height: float
    scale_km: int
    scale_length: float


def fill_of(verdict: str) -> str:
    """Colour of a verdict; light grey for every other word."""
    return str(VERDICT_COLOURS.get(verdict, NO_DATA_FILL))  # type: ignore[call-overload]


def prepare_ground(units: gpd.GeoDataFrame, verdicts: Mapping[str, str], thin: Collection[str]) -> Ground:
    """`units`: unit_code and outlines (EPSG:4326) of what the map shows; `verdicts` by code; `thin`: codes to hatch."""
    codes = units["unit_code"].astype(str).tolist()
    bounds = [float(edge) for edge in units.total_bounds]
    shapes, height, per_degree = to_paper(list(units.geometry), bounds)
    by_code = dict(zip(codes, shapes, strict=True))
    parts = []
    for code, shape in by_code.items():
        verdict = verdicts.get(code, "unknown")
        fill = fill_of(verdict)
        parts.append(f'<path d="{path_of(shape)}" fill="{fill}" stroke="{_EDGE}" stroke-width="0.8"/>')
        if verdict not in VERDICT_COLOURS:
            parts.append(hatch_of(shape, NO_DATA_HATCH, rising=True))
        elif code in thin:
            parts.append(hatch_of(shape, thin_line(fill), rising=False))
    scale_km, length = scale_bar(bounds, per_degree)
    return Ground(by_code, "".join(parts), height, scale_km, length)


def draw_map(ground: Ground, code: str) -> str:
    """The map with unit `code` in bold outline, as SVG; no text stands in it."""
    shape = ground.shapes[code]
    path = path_of(shape)
    marks = (
        f'<path d="{path}" fill="none" stroke="#ffffff" stroke-width="6" stroke-linejoin="round"/>'
        f'<path d="{path}" fill="none" stroke="{_CHOSEN}" stroke-width="3" stroke-linejoin="round"/>'
        f"{_ring(shape)}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {ground.height:g}">'
        f"{ground.drawn}{marks}</svg>"
    )


def swatch(verdict: str, *, thin: bool = False) -> str:
    """A square of the legend as SVG."""
    box = shapely.box(1, 1, 35, 25)
    fill = fill_of(verdict)
    hatch = ""
    if verdict not in VERDICT_COLOURS:
        hatch = hatch_of(box, NO_DATA_HATCH, rising=True)
    elif thin:
        hatch = hatch_of(box, thin_line(fill), rising=False)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 26">'
        f'<path d="{path_of(box)}" fill="{fill}" stroke="{_EDGE}" stroke-width="1"/>{hatch}</svg>'
    )


def to_paper(
    outlines: Sequence[Any], bounds: Sequence[float], *, simple: bool = False
) -> tuple[list[Any], float, float]:
    """The outlines in units of the paper (y downwards), its height, and the paper's units per degree of longitude.

    `simple`: they are display copies, simplified already.
    """
    west, south, east, north = bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    wide, tall = max((east - west) * squeeze, 1e-9), max(north - south, 1e-9)
    scale = min((WIDTH - 2 * _MARGIN) / wide, (TALLEST - 2 * _MARGIN) / tall)
    left = (WIDTH - wide * scale) / 2

    def place(points: FloatArray) -> FloatArray:
        x = left + (points[:, 0] - west) * squeeze * scale
        return np.column_stack([x, _MARGIN + (north - points[:, 1]) * scale])

    # half a unit of the paper is a tenth of a millimetre in print
    drawn = outlines if simple else simplify_units(outlines, 0.5 / scale)
    return [shapely.transform(shape, place) for shape in drawn], tall * scale + 2 * _MARGIN, squeeze * scale


def scale_bar(bounds: Sequence[float], per_degree: float) -> tuple[int, float]:
    """A round number of km for the scale bar, and its length in units of the paper."""
    west, south, east, north = bounds
    middle = (south + north) / 2
    ends = np.array([[west, middle]]), np.array([[east, middle]])
    km_per_unit = float(geodesic_m(*ends)[0]) / 1000 / max((east - west) * per_degree, 1e-9)
    longest = [km for km in _SCALES_KM if km <= 0.3 * WIDTH * km_per_unit]
    km = longest[-1] if longest else _SCALES_KM[0]
    return km, km / max(km_per_unit, 1e-9)


def path_of(shape: Any) -> str:
    """Polygons or lines as the `d` of a path, to a tenth of a unit."""
    parts = []
    for part in shapely.get_parts(shape):
        if shapely.get_type_id(part) == 3:
            rings = shapely.get_rings(part)
            parts += [f"{_line(shapely.get_coordinates(ring)[:-1])}Z" for ring in rings]
        elif shapely.get_type_id(part) == 1:
            parts.append(_line(shapely.get_coordinates(part)))
    return "".join(parts)


def _line(points: FloatArray) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def hatch_of(shape: Any, colour: str, *, rising: bool) -> str:
    """Slanting lines cut to the outline."""
    # an outline simplified for the eye may cross itself, which cannot be cut
    lines = shapely.intersection(shapely.make_valid(shape), _slanting(shape.bounds, rising=rising))
    drawn = path_of(lines)
    return f'<path d="{drawn}" fill="none" stroke="{colour}" stroke-width="1.2"/>' if drawn else ""


def _slanting(bounds: Sequence[float], *, rising: bool) -> Any:
    left, top, right, bottom = bounds
    sign = 1 if rising else -1
    # x + sign·y is the same all along a line: lines of neighbours then meet
    ends = sorted((left + sign * top, left + sign * bottom, right + sign * top, right + sign * bottom))
    steps = np.arange(math.floor(ends[0] / _HATCH_STEP), math.ceil(ends[-1] / _HATCH_STEP) + 1) * _HATCH_STEP
    y = np.array([top - 1, bottom + 1])
    lines: ObjectArray = shapely.linestrings(
        np.stack([steps[:, None] - sign * y, np.broadcast_to(y, (len(steps), 2))], axis=-1)
    )
    return shapely.union_all(lines) if not len(lines) else shapely.multilinestrings(lines)


def _ring(shape: Any) -> str:
    left, top, right, bottom = shape.bounds
    size = max(right - left, bottom - top)
    if size > _SMALL_SHARE * WIDTH:
        return ""
    x, y, radius = (left + right) / 2, (top + bottom) / 2, size / 2 + 12
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="none" stroke="{_CHOSEN}" stroke-width="2.5"/>'
