"""File → raw frame: with `geo.read_tiles` and `geo.read_raster` the only reader of untrusted bytes.

Every reader either returns a whole frame or raises `InputError` naming the file, the row or column at fault,
what was wanted and how to mend it. Nothing is dropped; what is mended or set aside comes back as findings.

These functions run in the process that calls them. Files from outside are read through `geo.confined`, which calls
them in a process with limits.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from geo.crs import parse_crs, to_storage
from geo.errors import CrsError, InputError
from geo.files import require_file
from geo.mend_frame import mend_frame
from geo.quality import Finding, listed
from geo.read_geojson import read_geojson
from geo.read_ogr import OGR_SUFFIXES, read_ogr
from geo.repair import POLYGONS, repair_polygons

GEOJSON_SUFFIXES: Final = (".geojson", ".json")
PARQUET_SUFFIXES: Final = (".parquet", ".geoparquet")
_MOST_NAMED: Final = 40
MOST_FEATURES: Final = 2_000_000
"""Rows of a vector layer: the world's municipalities are a tenth of this."""


class Wanted(NamedTuple):
    """What a reader is told of mess: what to mend, where the features are expected, which columns' texts are used.

    `mends` are of `geo.mends.Mend`; `region` is None where it is not known, `columns` None for all.
    """

    mends: Sequence[str] = ()
    region: Sequence[float] | None = None
    columns: Sequence[str] | None = None


AS_IT_IS: Final = Wanted()
"""Mend nothing, look at everything, expect the features anywhere."""


def read_vector(path: Path, *, layer: str | None = None, crs: str | None = None) -> gpd.GeoDataFrame:
    """Features of a vector file in EPSG:4326, columns as published, index 0…n-1 in file order.

    `crs` names the CRS of a file that does not state one; it never overrides a stated one.
    """
    frame = to_storage(_read_raw(path, layer, crs), source=path.name)
    require_lonlat(frame, path.name)
    return frame


def _read_raw(path: Path, layer: str | None, crs: str | None) -> gpd.GeoDataFrame:
    """Features as they stand in the file: in whatever CRS it or the caller says, None where nobody does."""
    require_file(path)
    suffix = path.suffix.lower()
    if suffix in GEOJSON_SUFFIXES:
        frame = read_geojson(path)
    elif suffix in PARQUET_SUFFIXES:
        frame = _read_geoparquet(path)
    elif suffix in OGR_SUFFIXES:
        frame = read_ogr(path, layer)
    elif suffix == ".shp":
        raise InputError(
            f"{path.name}: a Shapefile is several files; wanted them zipped together: give the .zip"
        )
    else:
        wanted = ", ".join((*GEOJSON_SUFFIXES, *PARQUET_SUFFIXES, *OGR_SUFFIXES))
        raise InputError(
            f"{path.name}: ending {suffix or 'none'!r} is not a vector format read here; wanted one of {wanted}"
        )
    if frame.empty:
        raise InputError(f"{path.name}: the file holds no features; export it again with its features")
    if frame.crs is None and (crs or suffix in GEOJSON_SUFFIXES):
        frame = frame.set_crs(_said_crs(frame, crs, path.name))
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    columns = frame.drop(columns=["geometry", frame.geometry.name], errors="ignore")
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=frame.crs).reset_index(drop=True)


def _said_crs(frame: gpd.GeoDataFrame, crs: str | None, source: str) -> CRS:
    """The CRS that was said; for GeoJSON without a word longitude and latitude on WGS 84 (RFC 7946 §4)."""
    if not crs:
        return CRS.from_epsg(4326)
    said = parse_crs(crs, source=source)
    if said.is_projected and np.abs(frame.total_bounds).max() <= 180:
        raise CrsError(f"{source}: {crs} is in metres, but the coordinates are degrees; leave --crs out")
    return said


def _read_mended(
    path: Path, layer: str | None, crs: str | None, wanted: Wanted
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Features in EPSG:4326 with `file_row`, their mess mended as wanted; raises `InputError` for what was not."""
    raw = _read_raw(path, layer, crs)
    numbered = raw.assign(file_row=range(1, len(raw) + 1))
    mended, findings = mend_frame(
        numbered, wanted.mends, source=path.name, region=wanted.region, columns=wanted.columns
    )
    require_lonlat(mended, path.name)
    return mended, findings


def _read_geoparquet(path: Path) -> gpd.GeoDataFrame:
    try:
        with pq.ParquetFile(path) as file:
            _require_modest(file, path.name)
        return gpd.read_parquet(path)
    except (ValueError, OSError, pa.ArrowException) as fault:
        raise InputError(
            f"{path.name}: not a GeoParquet file ({fault}); export it again with its geometry"
        ) from fault


def _require_modest(file: pq.ParquetFile, source: str) -> None:
    """Refuse what says itself that it is no layer of features; a file that lies is stopped by its process's limits."""
    if file.metadata.num_rows > MOST_FEATURES:
        raise InputError(
            f"{source}: {file.metadata.num_rows:,} rows; wanted at most {MOST_FEATURES:,} features: cut it to the region"
        )


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
            "Mend: export it again in EPSG:4326, or name the CRS that they are in with --crs (--crs EPSG:3857 for Web Mercator)"
        )


def _require_cut(frame: gpd.GeoDataFrame, source: str) -> None:
    """Raise `InputError` for an outline that crosses the 180° meridian uncut: it would reach around the Earth the other way.

    Its area would be right, as lines on the ellipsoid take the short way, and all that is counted in it wrong. One from -180 to 180 is
    of the whole Earth, or of a pole.
    """
    parts, owner = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    west, _, east, _ = shapely.bounds(parts).T
    wide = (east - west > 180) & (east - west < 360)
    if wide.any():
        row = frame["file_row"].iloc[owner[wide][0]]
        raise InputError(
            f"{source}: row {row} runs from longitude {west[wide][0]:.6g} to {east[wide][0]:.6g}, more than half around the Earth: does it cross the "
            "180° meridian? Wanted outlines cut there (RFC 7946 §3.1.9). Mend: split it, for example with ogr2ogr -wrapdateline"
        )


class Polygons(NamedTuple):
    """Usable rows with their number in the file (`file_row`, from 1), what was found, and the rows set aside."""

    frame: gpd.GeoDataFrame
    findings: list[Finding]
    aside: gpd.GeoDataFrame


def read_polygons(
    path: Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    wanted: Sequence[Any] = AS_IT_IS,
) -> Polygons:
    """Polygons of a file in EPSG:4326, `wanted` saying what to do about mess.

    An outline that is not valid is mended when that changes its area by at most `geo.repair.REPAIR_LIMIT`, else its row
    is set aside; each is a finding. Raises `InputError` when no row is left, or one is no polygon at all.
    """
    frame, mended = _read_mended(path, layer, crs, Wanted(*wanted))
    missing = frame.index[frame.geometry.isna() | frame.geometry.is_empty]
    if len(missing):
        raise InputError(
            f"{path.name}: row {frame['file_row'][missing[0]]} has no geometry ({len(missing)} such rows); draw it or delete the row"
        )
    wrong = frame.index[~frame.geom_type.isin(POLYGONS)]
    if len(wrong):
        raise InputError(
            f"{path.name}: row {frame['file_row'][wrong[0]]} is a {frame.geom_type[wrong[0]]} ({len(wrong)} such rows); wanted Polygon or MultiPolygon"
        )
    _require_cut(frame, path.name)
    whole, repaired, aside = repair_polygons(frame, path.name)
    found = Polygons(whole, [*mended, *repaired], aside)
    if found.frame.empty:
        first = repaired[0]
        raise InputError(f"{first.message}; no row of the file can be used: {first.mend}")
    return found


def read_points(
    path: Path, *, layer: str | None = None, crs: str | None = None, wanted: Sequence[Any] = AS_IT_IS
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Points of a file in EPSG:4326 with `file_row`, and what was mended; raises `InputError` naming the first row that is none."""
    frame, findings = _read_mended(path, layer, crs, Wanted(*wanted))
    wrong = frame.index[frame.geometry.isna() | (frame.geom_type != "Point")]
    if len(wrong):
        raise InputError(
            f"{path.name}: row {frame['file_row'][wrong[0]]} is not a point ({len(wrong)} such rows); wanted one Point per place"
        )
    return frame, findings


def require_columns(frame: pd.DataFrame, wanted: Iterable[str], source: str, *, option: str = "") -> None:
    """Raise `InputError` naming the missing columns and those the file has."""
    names = [str(name) for name in frame.columns if name not in ("geometry", "file_row")]
    missing = [name for name in wanted if name not in names]
    if missing:
        has = listed(names, _MOST_NAMED) or "none"
        mend = f"; name the right column with {option}" if option else "; check that it is the right file"
        raise InputError(f"{source}: no column {', '.join(missing)} (it has: {has}){mend}")


def concat_files(frames: Sequence[tuple[str, gpd.GeoDataFrame]]) -> gpd.GeoDataFrame:
    """Frames of several files one below the other, each row with its `file`."""
    tagged = [frame.assign(file=name) for name, frame in frames]
    return gpd.GeoDataFrame(pd.concat(tagged, ignore_index=True), crs=tagged[0].crs)
