"""Display copies of geometry: simplified as one coverage, rounded, and put where the browser can fetch them.

Display only: a rounded outline may touch itself, so no figure is ever computed from these copies.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import require_same
from layers.assets import URL_FROM_MAP, write_once

DECIMALS: Final = 5
"""Five decimals of a degree are about one metre."""
STEPS_ACROSS: Final = 2000
"""A screen is some 2,000 pixels wide: detail under 1/2,000 of the extent cannot be seen when all of it is."""
FORMAT: Final = b"vunglom display geometry 2"


def display_tolerance(bounds: Sequence[float]) -> float:
    """Tolerance in degrees for lon/lat `bounds` (west, south, east, north): 0.0007 for a province, 0.007 for the country."""
    return max(bounds[2] - bounds[0], bounds[3] - bounds[1]) / STEPS_ACROSS


def simplify_units(geometries: Sequence[Any], tolerance: float) -> list[Any]:
    """Polygons (lon/lat) simplified together, so that borders shared before are shared after."""
    if not len(geometries):
        return []
    simplified = shapely.coverage_simplify(np.asarray(geometries, dtype=object), tolerance)
    # a unit smaller than the tolerance would vanish from the map: it keeps its own outline
    return [g if s is None or s.is_empty else s for s, g in zip(simplified, geometries, strict=True)]


def publish_units(units: gpd.GeoDataFrame, static: Path) -> str:
    """Write a display copy of `units` (unit_code, geometry in EPSG:4326) under `static`; returns its address for the map.

    The only property is `code`; names travel with the figures, so that a copy serves every language.
    """
    codes = units["unit_code"].astype(str).tolist()
    tolerance = display_tolerance(units.total_bounds.tolist())
    address = _address(list(units.geometry), json.dumps([codes, tolerance]))
    if not (static / address).is_file():
        write_once(static / address, _simplified(units))
    return f"{URL_FROM_MAP}/{address}"


def display_units(units: gpd.GeoDataFrame, static: Path) -> bytes:
    """The display copy of `units` that `publish_units` writes, as GeoJSON, for a page that carries it along.

    Made once: a country takes half a minute.
    """
    kept = (static / publish_units(units, static).removeprefix(f"{URL_FROM_MAP}/")).read_bytes()
    return kept if _codes_in(kept) == units["unit_code"].astype(str).tolist() else _simplified(units)


def _codes_in(copy: bytes) -> list[str]:
    """Codes of a display copy; none of one that is no longer what was written."""
    try:
        return [str(one["properties"]["code"]) for one in json.loads(copy)["features"]]
    except (ValueError, LookupError, TypeError):
        return []


def display_outlines(units: gpd.GeoDataFrame, static: Path) -> list[Any]:
    """The outlines of `display_units` (lon/lat, five decimals), in the order of `units`."""
    return list(shapely.get_parts(shapely.from_geojson(display_units(units, static))))


def _simplified(units: gpd.GeoDataFrame) -> bytes:
    simple = simplify_units(list(units.geometry), display_tolerance(units.total_bounds.tolist()))
    return _feature_collection(simple, [{"code": code} for code in units["unit_code"].astype(str)])


def publish_shapes(shapes: gpd.GeoDataFrame, properties: Sequence[dict[str, str]], static: Path) -> str:
    """Write a display copy of any other layer (coverage areas, places; EPSG:4326); returns its address for the map."""
    require_same([("shapes", shapes), ("display", gpd.GeoSeries([], crs="EPSG:4326"))])
    outlines = list(shapes.geometry)
    tolerance = display_tolerance(shapes.total_bounds.tolist()) / 2 if outlines else 0.0
    address = _address(outlines, json.dumps([list(properties), tolerance]))
    if not (static / address).is_file():
        simple = list(shapely.simplify(np.asarray(outlines, dtype=object), tolerance)) if outlines else []
        write_once(static / address, _feature_collection(simple, properties))
    return f"{URL_FROM_MAP}/{address}"


def _address(outlines: Sequence[Any], rest: str) -> str:
    digest = hashlib.sha256(FORMAT + rest.encode())
    for outline in shapely.to_wkb(np.asarray(outlines, dtype=object)):
        digest.update(outline)
    return f"geo/{digest.hexdigest()[:16]}.geojson"


def _feature_collection(outlines: Sequence[Any], properties: Sequence[dict[str, str]]) -> bytes:
    rounded = shapely.transform(np.asarray(outlines, dtype=object), lambda xy: np.round(xy, DECIMALS))
    features = [
        f'{{"type":"Feature","properties":{json.dumps(own)},"geometry":{geometry}}}'
        for own, geometry in zip(properties, shapely.to_geojson(rounded), strict=True)
    ]
    return ('{"type":"FeatureCollection","features":[' + ",".join(features) + "]}").encode()
