"""File → raw frame: with `geo.read_tiles` and `geo.read_raster` the only reader of untrusted bytes.

Every reader either returns a whole frame or raises `InputError` naming the file, the row or column at fault,
what was wanted and how to mend it. Nothing is dropped; what is repaired is said in the frame's `repairs`.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjCrsError

from geo.crs import equal_area_km2, to_storage
from geo.errors import CrsError, InputError

GEOJSON_SUFFIXES: Final = (".geojson", ".json")
PARQUET_SUFFIXES: Final = (".parquet", ".geoparquet")
OGR_SUFFIXES: Final = (".gpkg", ".fgb", ".shp", ".zip", ".kml")
POLYGONS: Final = ("Polygon", "MultiPolygon")
OGR_FAULTS: Final = (
    pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError, pyogrio.errors.GeometryError, shapely.errors.GEOSException,
)  # fmt: skip
REPAIR_LIMIT: Final = 0.01
"""Share of a polygon's area that a repair may change before the polygon is refused (DESIGN: 1 %)."""


def read_vector(
    path: Path, *, layer: str | None = None, crs: str | None = None, lonlat: bool = True
) -> gpd.GeoDataFrame:
    """Features of a vector file in EPSG:4326, columns as published, index 0…n-1 in file order.

    `crs` names the CRS of a file that does not state one; it never overrides a stated one. Without `lonlat` the
    coordinates are not yet checked and the CRS may be None: `geo.mend_frame` and `require_lonlat` have to follow.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the name and give the path of an existing file")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty; fetch or export it again")
    suffix = path.suffix.lower()
    if suffix in GEOJSON_SUFFIXES:
        frame = _read_geojson(path)
    elif suffix in PARQUET_SUFFIXES:
        frame = _read_geoparquet(path)
    elif suffix in OGR_SUFFIXES:
        frame = _read_ogr(path, layer)
    else:
        wanted = ", ".join((*GEOJSON_SUFFIXES, *PARQUET_SUFFIXES, *OGR_SUFFIXES))
        raise InputError(
            f"{path.name}: ending {suffix or 'none'!r} is not a vector format read here; wanted one of {wanted}"
        )
    if frame.empty:
        raise InputError(f"{path.name}: the file holds no features; export it again with its features")
    if frame.crs is None and (crs or suffix in GEOJSON_SUFFIXES):
        frame = frame.set_crs(_said_crs(frame, crs, path.name))
    if lonlat or frame.crs is not None:
        frame = to_storage(frame, source=path.name)
    if lonlat:
        require_lonlat(frame, path.name)
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    columns = frame.drop(columns=["geometry", frame.geometry.name], errors="ignore")
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=frame.crs).reset_index(drop=True)


def _said_crs(frame: gpd.GeoDataFrame, crs: str | None, source: str) -> CRS:
    """The CRS that was said; for GeoJSON without a word longitude and latitude on WGS 84 (RFC 7946 §4)."""
    if not crs:
        return CRS.from_epsg(4326)
    said = _parse_crs(crs, source)
    if said.is_projected and np.abs(frame.total_bounds).max() <= 180:
        raise CrsError(f"{source}: {crs} is in metres, but the coordinates are degrees; leave --crs out")
    return said


def _parse_crs(text: str, source: str) -> CRS:
    try:
        return CRS.from_user_input(text)
    except ProjCrsError as fault:
        raise CrsError(
            f"{source}: {text!r} is not a coordinate reference system; wanted for example EPSG:4326"
        ) from fault


def _read_geojson(path: Path) -> gpd.GeoDataFrame:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_refuse_constant)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, ValueError) as fault:
        raise InputError(
            f"{path.name}: not valid GeoJSON text ({fault}); export it again as GeoJSON in UTF-8"
        ) from fault
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise InputError(f"{path.name}: no list of features; wanted a GeoJSON FeatureCollection")
    rows = [_feature_row(feature, number, path.name) for number, feature in enumerate(features, start=1)]
    frame = pd.DataFrame([properties for properties, _ in rows])
    return gpd.GeoDataFrame(
        frame, geometry=[geometry for _, geometry in rows], crs=_geojson_crs(document, path.name)
    )


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _feature_row(feature: Any, number: int, source: str) -> tuple[dict[str, Any], Any]:
    given = feature if isinstance(feature, dict) else {"properties": feature, "geometry": feature}
    properties, geometry = given.get("properties"), given.get("geometry")
    if feature is None or not isinstance(properties, dict | None) or not isinstance(geometry, dict | None):
        raise InputError(
            f"{source}: feature {number} is not a GeoJSON feature; wanted properties and geometry objects"
        )
    try:
        json.dumps(properties, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as fault:
        raise InputError(
            f"{source}: feature {number} holds half of a surrogate pair in its properties; mend the text"
        ) from fault
    row = {name: value for name, value in (properties or {}).items() if name != "geometry"}
    if "id" in given and "id" not in row:
        row["id"] = given["id"]
    try:
        shape = None if geometry is None else shapely.from_geojson(json.dumps(geometry))
    except shapely.errors.GEOSException as fault:
        raise InputError(
            f"{source}: feature {number} has a geometry that cannot be read ({fault}); draw or export it again"
        ) from fault
    return row, shape


def _geojson_crs(document: dict[str, Any], source: str) -> CRS | None:
    member = document.get("crs")
    if member is None:
        return None
    name = member.get("properties", {}).get("name") if isinstance(member, dict) else None
    if not isinstance(name, str) or member.get("type") != "name":
        raise CrsError(
            f"{source}: its crs member is not a plain name; wanted none (RFC 7946) or a name such as urn:ogc:def:crs:OGC:1.3:CRS84"
        )
    return CRS.from_epsg(4326) if name.upper().endswith("CRS84") else _parse_crs(name, source)


def _read_geoparquet(path: Path) -> gpd.GeoDataFrame:
    try:
        return gpd.read_parquet(path)
    except (ValueError, OSError, pa.ArrowException) as fault:
        raise InputError(
            f"{path.name}: not a GeoParquet file ({fault}); export it again with its geometry"
        ) from fault


def _read_ogr(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    try:
        names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
        if layer is None and len(names) > 1:
            raise InputError(
                f"{path.name}: holds {len(names)} layers ({', '.join(names)}); say which with --layer NAME"
            )
        frame = pyogrio.read_dataframe(path, layer=layer or names[0])
    except (*OGR_FAULTS, IndexError) as fault:
        raise InputError(
            f"{path.name}: cannot be opened ({fault}); check the file and its ending, or export it again"
        ) from fault
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(
            f"{path.name}: the layer has no geometry; wanted a layer of features with coordinates"
        )
    return frame


def require_lonlat(frame: gpd.GeoDataFrame, source: str) -> None:
    """Raise `InputError` unless the coordinates are longitudes and latitudes."""
    west, south, east, north = frame.total_bounds
    if not np.isfinite([west, south, east, north]).all():
        raise InputError(f"{source}: no feature has usable coordinates; export it again with its geometry")
    if -180 <= west <= 180 < east < 360 and south >= -90 and north <= 90:
        raise InputError(
            f"{source}: longitudes run on to {east:.6g}, past the 180° meridian; wanted outlines cut there, the part beyond it from -180 on "
            "(RFC 7946 §3.1.9). Mend: split them, for example with ogr2ogr -wrapdateline"
        )
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise CrsError(
            f"{source}: coordinates run from ({west:.6g}, {south:.6g}) to ({east:.6g}, {north:.6g}), which is not longitude and latitude. "
            "Mend: state the file's CRS (for GeoJSON re-export in EPSG:4326), or swap latitude and longitude back"
        )


def read_polygons(
    path: Path, *, layer: str | None = None, crs: str | None = None, lonlat: bool = True
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Polygons of a file in EPSG:4326 and the list of repairs made (one English sentence each); `lonlat` as `read_vector`.

    An invalid ring is mended when that changes the area by at most `REPAIR_LIMIT`, else refused by row.
    """
    frame = read_vector(path, layer=layer, crs=crs, lonlat=lonlat)
    missing = frame.index[frame.geometry.isna() | frame.geometry.is_empty]
    if len(missing):
        raise InputError(
            f"{path.name}: row {missing[0] + 1} has no geometry ({len(missing)} such rows); draw it or delete the row"
        )
    wrong = frame.index[~frame.geom_type.isin(POLYGONS)]
    if len(wrong):
        raise InputError(
            f"{path.name}: row {wrong[0] + 1} is a {frame.geom_type[wrong[0]]} ({len(wrong)} such rows); wanted Polygon or MultiPolygon"
        )
    return _repair(frame, path.name)


def _repair(frame: gpd.GeoDataFrame, source: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    shapes = frame.geometry.to_numpy().copy()
    repairs = []
    for row in np.flatnonzero(~shapely.is_valid(shapes)):
        mended = shapely.make_valid(shapes[row], method="structure")
        before, after = _areas([shapes[row], mended])
        reason = shapely.is_valid_reason(shapes[row])
        if not after:
            raise InputError(
                f"{source}: row {row + 1} has an outline that encloses nothing ({reason}); draw it again or delete the row"
            )
        change = abs(after - before) / max(before, after)
        if change > REPAIR_LIMIT or mended.geom_type not in POLYGONS:
            raise InputError(
                f"{source}: row {row + 1} is not a valid polygon ({reason}) and mending it would change its area by {change:.1%}, "
                f"more than {REPAIR_LIMIT:.0%}; draw it again or mend it in a GIS"
            )
        shapes[row] = mended
        repairs.append(
            f"{source}: row {row + 1} was not valid ({reason}); mended, area changed by {change:.4%}"
        )
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs)), repairs


def _areas(shapes: list[Any]) -> Any:
    """Areas that can be compared: equal-area, or plane where the axes are exchanged or in metres."""
    west, south, east, north = shapely.total_bounds(shapes)
    degrees = west >= -180 and east <= 180 and south >= -90 and north <= 90
    return equal_area_km2(shapes) if degrees else shapely.area(shapes)


def read_points(path: Path, *, crs: str | None = None, lonlat: bool = True) -> gpd.GeoDataFrame:
    """Points of a file in EPSG:4326; raises `InputError` naming the first row that is none; `lonlat` as `read_vector`."""
    frame = read_vector(path, crs=crs, lonlat=lonlat)
    wrong = frame.index[frame.geometry.isna() | (frame.geom_type != "Point")]
    if len(wrong):
        raise InputError(
            f"{path.name}: row {wrong[0] + 1} is not a point ({len(wrong)} such rows); wanted one Point per place"
        )
    return frame


def require_columns(frame: pd.DataFrame, wanted: Iterable[str], source: str, *, option: str = "") -> None:
    """Raise `InputError` naming the missing columns and those the file has."""
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        has = ", ".join(str(name) for name in frame.columns if name != "geometry") or "none"
        mend = f"; name the right column with {option}" if option else "; check that it is the right file"
        raise InputError(f"{source}: no column {', '.join(missing)} (it has: {has}){mend}")


def concat_files(frames: Sequence[tuple[str, gpd.GeoDataFrame]]) -> gpd.GeoDataFrame:
    """Frames of several files one below the other, each row with its `file` and its number there in `file_row`, from 1."""
    tagged = [frame.assign(file=name, file_row=range(1, len(frame) + 1)) for name, frame in frames]
    return gpd.GeoDataFrame(pd.concat(tagged, ignore_index=True), crs=tagged[0].crs)
