"""A file of lines → lines in EPSG:4326; of polygons the outer outline of all of them together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geo.arrays import ObjectArray
from geo.crs import STORAGE_CRS
from geo.errors import InputError
from geo.quality import Finding
from geo.read import read_vector
from geo.repair import POLYGONS, repair_polygons

LINES: Final = ("LineString", "MultiLineString", "LinearRing")


def read_lines(
    path: Path, *, layer: str | None = None, crs: str | None = None
) -> tuple[gpd.GeoDataFrame, bool, list[Finding]]:
    """Lines of a file (a LineString a row, EPSG:4326), whether they are outlines of polygons, and what was mended.

    Polygons are put together first, so that what they share is no line, and holes are left out. Raises `InputError` for
    points, for lines and polygons in one file, for rows without geometry and for lines without length.
    """
    frame = read_vector(path, layer=layer, crs=crs)
    _require_drawn(frame, path.name)
    kinds = set(frame.geom_type)
    if kinds <= set(POLYGONS):
        shapes, findings = _outer_outlines(frame, path.name)
    elif kinds <= set(LINES):
        shapes, findings = shapely.get_parts(frame.geometry.to_numpy()), []
    else:
        raise InputError(
            f"{path.name}: it holds {', '.join(sorted(kinds))}; wanted lines alone (LineString, MultiLineString), or polygons alone, "
            "whose outer outline is taken. Mend: export one kind, for example with QGIS: Extract by expression"
        )
    shapes = shapes[shapely.length(shapes) > 0]
    if not len(shapes):
        raise InputError(f"{path.name}: its lines have no length; export it again with its geometry")
    return gpd.GeoDataFrame(geometry=shapes, crs=STORAGE_CRS), kinds <= set(POLYGONS), findings


def _require_drawn(frame: gpd.GeoDataFrame, source: str) -> None:
    missing = np.flatnonzero(frame.geometry.isna() | frame.geometry.is_empty)
    if len(missing):
        raise InputError(
            f"{source}: row {missing[0] + 1} has no geometry ({len(missing)} such rows); draw it or delete the row"
        )
    corners, rows = shapely.get_coordinates(frame.geometry.to_numpy(), return_index=True)
    broken = rows[~np.isfinite(corners).all(axis=1)]
    if len(broken):
        raise InputError(
            f"{source}: row {broken[0] + 1} has a coordinate that is no number; export it again with its geometry"
        )


def _outer_outlines(frame: gpd.GeoDataFrame, source: str) -> tuple[ObjectArray, list[Finding]]:
    numbered = frame.assign(file_row=range(1, len(frame) + 1))
    whole, findings, aside = repair_polygons(numbered, source)
    if len(aside):
        raise InputError(f"{findings[0].message}; {findings[0].mend}")
    parts: Sequence[shapely.Polygon] = shapely.get_parts(shapely.union_all(whole.geometry.to_numpy()))
    return np.asarray(shapely.get_exterior_ring(parts), dtype=object), list(findings)
