"""GeoJSON as strict JSON: GDAL is never asked, because its driver follows links and reads other files (RFC 7946)."""

import json
import re
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjCrsError

from geo.errors import CrsError, InputError

_CRS_NAME: Final = re.compile(r"(?:urn:ogc:def:crs:EPSG:[0-9.]*:|EPSG:)([0-9]{4,6})", re.IGNORECASE)
"""A coordinate system by number alone: other texts can name files and addresses."""


_DOUBTFUL: Final = re.compile(rb"\\u[dD]|[0-9][eE][+]?[0-9]{3}|[0-9]{300}")
"""Escapes of surrogates, and numbers that may be too large to be any: only then are properties looked through."""


def read_geojson(path: Path) -> gpd.GeoDataFrame:
    """Features of a FeatureCollection, columns as published, in file order; raises `InputError` naming the feature at fault.

    Not accepted: NaN, Infinity, numbers too large to be any, text that is not UTF-8, nesting deeper than the parser's
    own limit, a `crs` member that is anything but a plain name.
    """
    raw = path.read_bytes()
    try:
        document = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, ValueError) as fault:
        raise InputError(
            f"{path.name}: not valid GeoJSON text ({fault}); export it again as GeoJSON in UTF-8"
        ) from fault
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise InputError(f"{path.name}: no list of features; wanted a GeoJSON FeatureCollection")
    crs = _crs_of(document, path.name)
    doubtful = _DOUBTFUL.search(raw) is not None
    del document, raw
    rows, texts = [], []
    for number, feature in enumerate(features, start=1):
        row, geometry = _parts_of(feature, number, path.name)
        if doubtful:
            _require_plain(row, number, path.name)
        rows.append(row)
        texts.append(None if geometry is None else json.dumps(geometry))
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=_read_shapes(texts, path.name), crs=crs)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _parts_of(feature: Any, number: int, source: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Properties (with the feature's own id, unless they have one) and geometry of a feature."""
    given = feature if isinstance(feature, dict) else {"properties": feature, "geometry": feature}
    properties, geometry = given.get("properties"), given.get("geometry")
    if feature is None or not isinstance(properties, dict | None) or not isinstance(geometry, dict | None):
        raise InputError(
            f"{source}: feature {number} is not a GeoJSON feature; wanted properties and geometry objects"
        )
    row = {name: value for name, value in (properties or {}).items() if name != "geometry"}
    if "id" in given and "id" not in row:
        row["id"] = given["id"]
    return row, geometry


def _read_shapes(texts: list[str | None], source: str) -> Any:
    try:
        return shapely.from_geojson(np.array(texts, dtype=object))
    except shapely.errors.GEOSException:
        number, fault = next(filter(None, map(_fault_of, enumerate(texts, start=1))))
        raise InputError(
            f"{source}: feature {number} has a geometry that cannot be read ({fault}); draw or export it again"
        ) from None


def _fault_of(numbered: tuple[int, str | None]) -> tuple[int, str] | None:
    number, text = numbered
    try:
        shapely.from_geojson(text)
    except shapely.errors.GEOSException as fault:
        return number, str(fault)[:200]
    return None


def _require_plain(properties: Any, number: int, source: str) -> None:
    """Properties that can be written again: no halves of surrogate pairs, no numbers that overflowed."""
    try:
        json.dumps(properties, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except UnicodeEncodeError as fault:
        raise InputError(
            f"{source}: feature {number} holds half of a surrogate pair in its properties; mend the text"
        ) from fault
    except ValueError as fault:
        raise InputError(
            f"{source}: feature {number} holds a number too large to be one in its properties; mend it"
        ) from fault


def _crs_of(document: dict[str, Any], source: str) -> CRS | None:
    member = document.get("crs")
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or member.get("type") != "name":
        raise CrsError(
            f"{source}: its crs member is not a plain name; wanted none (RFC 7946) or a name such as urn:ogc:def:crs:OGC:1.3:CRS84"
        )
    if name.upper().endswith("CRS84"):
        return CRS.from_epsg(4326)
    numbered = _CRS_NAME.fullmatch(name)
    try:
        return CRS.from_epsg(int(numbered.group(1)) if numbered else 0)
    except ProjCrsError as fault:
        raise CrsError(
            f"{source}: its crs member names {name!r:.60}; wanted a number of EPSG (urn:ogc:def:crs:EPSG::4326), or none for longitude and latitude"
        ) from fault
