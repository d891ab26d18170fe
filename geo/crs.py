"""Coordinate reference systems: every area and distance of the project goes through here.

Storage is EPSG:4326 in longitude, latitude order. Areas are taken on the WGS 84 ellipsoid: either geodesically
(`geodesic_area_km2`, for published unit areas) or in the cylindrical equal-area projection, whose areas are exact
on the ellipsoid for any outline whose edges it draws straight (`equal_area_km2`, for the many pieces of a join).
Distances are taken in the UTM zone of the region, or through the earth where points of a whole country are near each
other or not (`geocentric_m`); circles are drawn by geodesics (`destinations`).
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError as ProjCrsError

from geo.arrays import FloatArray
from geo.errors import CrsError

STORAGE_CRS = CRS.from_epsg(4326)
EQUAL_AREA_CRS = CRS.from_proj4("+proj=cea +lat_ts=0 +lon_0=0 +datum=WGS84 +units=m")
SQUARE_METRES_PER_KM2 = 1_000_000.0

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_GEOD = Geod(ellps="WGS84")


def require_same(frames: Iterable[tuple[str, Any]]) -> None:
    """Raise `CrsError`, naming every layer, unless all (name, frame) pairs carry one and the same CRS."""
    named = [(name, frame.crs) for name, frame in frames]
    missing = [name for name, crs in named if crs is None]
    if missing:
        raise CrsError(f"no CRS on {', '.join(missing)}; set one with .set_crs before they meet")
    if any(crs != named[0][1] for _, crs in named[1:]):
        listed = "; ".join(f"{name}: {crs.to_string()}" for name, crs in named)
        raise CrsError(
            f"layers in different CRSs were about to be mixed ({listed}); bring them to one with .to_crs"
        )


def parse_crs(text: str, *, source: str) -> CRS:
    """The CRS that the user named (`EPSG:9210`, WKT …); raises `CrsError` naming `source`."""
    try:
        return CRS.from_user_input(text)
    except ProjCrsError as fault:
        raise CrsError(
            f"{source}: {text!r} is not a coordinate reference system; wanted for example EPSG:4326"
        ) from fault


def to_storage(frame: gpd.GeoDataFrame, *, source: str) -> gpd.GeoDataFrame:
    """The frame in EPSG:4326; raises `CrsError` naming `source` when its CRS is unknown."""
    if frame.crs is None:
        raise CrsError(
            f"{source}: the file does not say which coordinate reference system it is in. "
            "Wanted: longitude and latitude in EPSG:4326, or a file that states its CRS. "
            f"Mend: re-export it with its CRS, or name it: {_likely_crs(frame)}"
        )
    return frame if frame.crs == STORAGE_CRS else frame.to_crs(STORAGE_CRS)


def _likely_crs(frame: gpd.GeoDataFrame) -> str:
    """What to say after --crs of coordinates in no stated CRS."""
    west, south, east, north = frame.total_bounds
    if west >= -180 and east <= 180 and south >= -90 and north <= 90:
        return "its coordinates look like degrees, which are --crs EPSG:4326 (--crs EPSG:4756 for VN-2000)"
    return "--crs EPSG:9210, for example, is VN-2000 in the zone of 105°45', --crs EPSG:3857 Web Mercator"


def geodesic_area_km2(geometries: Iterable[Any]) -> FloatArray:
    """Area in km² of each lon/lat geometry, edges taken as geodesics (Karney 2013, through pyproj.Geod)."""
    return (
        np.array(
            [abs(_GEOD.geometry_area_perimeter(shapely.orient_polygons(g))[0]) for g in geometries],
            dtype=float,
        )
        / SQUARE_METRES_PER_KM2
    )


@lru_cache(maxsize=1)
def _to_equal_area() -> Transformer:
    return Transformer.from_crs(STORAGE_CRS, EQUAL_AREA_CRS, always_xy=True)


def equal_area_km2(geometries: Any) -> FloatArray:
    """Area in km² of an array of lon/lat geometries in the cylindrical equal-area projection."""
    projected = shapely.transform(
        np.asarray(geometries, dtype=object), _to_equal_area().transform, interleaved=False
    )
    return np.asarray(shapely.area(projected), dtype=float) / SQUARE_METRES_PER_KM2


def metric_crs(bounds: Bounds) -> CRS:
    """The WGS 84 / UTM zone of the middle of lon/lat bounds (west, south, east, north), for distances in metres."""
    longitude = (bounds[0] + bounds[2]) / 2
    latitude = (bounds[1] + bounds[3]) / 2
    zone = min(60, max(1, int((longitude + 180) // 6) + 1))
    return CRS.from_epsg((32600 if latitude >= 0 else 32700) + zone)


@lru_cache(maxsize=1)
def _to_geocentric() -> Transformer:
    return Transformer.from_crs(CRS.from_epsg(4979), CRS.from_epsg(4978), always_xy=True)


def geocentric_m(points: FloatArray) -> FloatArray:
    """(n, 3) metres from the earth's centre of (n, 2) lon/lat points: straight lines between them are true distances.

    Below the geodesic by less than 1 m at 60 km, in any country and over any zone border.
    """
    x, y, z = _to_geocentric().transform(points[:, 0], points[:, 1], np.zeros(len(points)))
    return np.column_stack([x, y, z])


def destinations(points: FloatArray, azimuths_degrees: FloatArray, distances_m: FloatArray) -> FloatArray:
    """(n, 2) lon/lat reached from (n, 2) lon/lat points along geodesics; longitudes continue past 180 where they must."""
    longitude, latitude, _ = _GEOD.fwd(points[:, 0], points[:, 1], azimuths_degrees, distances_m)
    turn = (np.asarray(longitude) - points[:, 0] + 180.0) % 360.0 - 180.0
    return np.column_stack([points[:, 0] + turn, latitude])


def geodesic_m(one: FloatArray, other: FloatArray) -> FloatArray:
    """Metres along the geodesic between (n, 2) lon/lat points and as many others."""
    _, _, metres = _GEOD.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])
    return np.asarray(metres, dtype=float)
