"""GeoJSON after RFC 7946: lon/lat of WGS 84, right-hand rule, bbox, six decimals, valid rings; and its own reader."""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, NoReturn

import numpy as np
import numpy.typing as npt
import shapely
import shapely.geometry

from geo.crs import equal_area_km2
from geo.errors import ExportError
from geo.export_rows import Deliverable, Row, require_rows

DECIMALS: Final = 6
GRID_DEGREES: Final = 1e-6
"""About 0.11 m: finer than any boundary or coverage file is known, and what RFC 7946 section 11.2 advises."""

_TYPES: Final = {"Polygon", "MultiPolygon", "Point"}

Geometries = npt.NDArray[np.object_]


def rounded(deliverable: Deliverable) -> Deliverable:
    """The deliverable with coordinates on the six-decimal grid and rings wound by the right-hand rule.

    Every vertex is rounded by itself, so borders that two units share stay shared; only a shape that rounding
    makes invalid is noded again (`reshaped` in the metadata names it). Raises `ExportError` rather than lose a shape.
    """
    frame = deliverable.frame
    before: Geometries = np.asarray(frame.geometry.array, dtype=object)
    labels = [deliverable.label(row, number) for number, row in enumerate(deliverable.rows(), start=1)]
    _require_sound(before, labels)
    after = shapely.transform(before, _round)
    broken = ~shapely.is_valid(after)
    after[broken] = shapely.transform(
        shapely.set_precision(before[broken], GRID_DEGREES, mode="valid_output"), _round
    )
    lost = shapely.is_empty(after) | ~shapely.is_valid(after)
    if lost.any():
        raise ExportError(
            f"{labels[int(np.argmax(lost))]}: the shape is too small for {DECIMALS} decimals and would vanish; "
            "export it as gpkg or parquet, which keep every digit, or mend the boundary"
        )
    # repeated points come from rounding; a valid ring keeps at least four without them
    after = shapely.orient_polygons(shapely.remove_repeated_points(after, 0.0))
    reshaped = [label for label, changed in zip(labels, broken, strict=True) if changed]
    metadata = {**deliverable.metadata, "rounding": _rounding(before, after, reshaped)}
    return replace(deliverable, frame=frame.set_geometry(after, crs=frame.crs), metadata=metadata)


def _round(coordinates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    # adding zero turns -0.0 into 0.0
    return np.round(coordinates, DECIMALS) + 0.0


def _rounding(before: Geometries, after: Geometries, reshaped: list[str]) -> dict[str, Any]:
    change = np.abs(equal_area_km2(after) - equal_area_km2(before))
    return {
        "decimals": DECIMALS,
        "reshaped": reshaped,
        "largest_area_change_km2": float(change.max()) if len(change) else 0.0,
    }


def _require_sound(geometries: Geometries, labels: list[str]) -> None:
    for geometry, label in zip(geometries, labels, strict=True):
        if geometry is None or geometry.is_empty or geometry.geom_type not in _TYPES:
            found = "no shape" if geometry is None or geometry.is_empty else f"a {geometry.geom_type}"
            raise ExportError(f"{label}: has {found}, wanted one of {', '.join(sorted(_TYPES))}; build again")
        west, south, east, north = geometry.bounds
        if west < -180 or east > 180 or south < -90 or north > 90:
            raise ExportError(
                f"{label}: reaches {west}, {south} to {east}, {north}, outside longitude ±180 and latitude ±90; "
                "cut shapes at the antimeridian and give longitude first"
            )
    valid = shapely.is_valid(geometries)
    if not valid.all():
        first = int(np.argmin(valid))
        reason = shapely.is_valid_reason(geometries[first])
        raise ExportError(
            f"{labels[first]}: the shape is not valid ({reason}); mend the boundary and build again"
        )


def collection_bbox(geometries: Geometries) -> list[float]:
    """West, south, east, north; west is greater than east where the shapes meet across the antimeridian (RFC 7946 5.2)."""
    bounds = shapely.bounds(shapely.get_parts(geometries))
    west, south, east, north = shapely.total_bounds(geometries).tolist()
    if west <= -180 and east >= 180:
        west, east = _around_the_antimeridian(bounds)
    return [west, south, east, north]


def _around_the_antimeridian(bounds: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The longitudes beside the widest empty band; the whole circle where there is none."""
    best, reach = (0.0, -180.0, 180.0), -180.0
    for start, end in sorted(bounds[:, [0, 2]].tolist()):
        best = max(best, (start - reach, start, reach))
        reach = max(reach, end)
    return (best[1], best[2]) if best[0] > 0 else (-180.0, 180.0)


def encode(deliverable: Deliverable) -> bytes:
    """The bytes of the FeatureCollection; the deliverable must have been `rounded`."""
    geometries: Geometries = np.asarray(deliverable.frame.geometry.array, dtype=object)
    head: dict[str, Any] = {"type": "FeatureCollection", "name": deliverable.layer}
    if len(geometries):
        head["bbox"] = collection_bbox(geometries)
    head["metadata"] = deliverable.metadata
    features = ",\n".join(
        _dumps(_feature(row, geometry, deliverable.id_column))
        for row, geometry in zip(deliverable.rows(), geometries, strict=True)
    )
    text = f'{_dumps(head)[:-1]}, "features": [\n{features}\n]}}\n'
    return text.encode("utf-8")


def _feature(row: Row, geometry: Any, id_column: str | None) -> dict[str, Any]:
    identity = {"id": row[id_column]} if id_column else {}
    return {"type": "Feature", **identity, "properties": row, "geometry": shapely.geometry.mapping(geometry)}


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def parse_strictly(content: bytes, *, source: str) -> Any:
    """JSON of RFC 8259 only: UTF-8 without a byte order mark, no NaN, no Infinity, text in NFC; else `ExportError`."""
    try:
        text = content.decode("utf-8")
        if text.startswith("\ufeff") or not unicodedata.is_normalized("NFC", text):
            raise ExportError(f"{source}: starts with a byte order mark or holds text that is not NFC")
        return json.loads(text, parse_constant=_refuse)
    except (UnicodeDecodeError, json.JSONDecodeError) as fault:
        raise ExportError(f"{source}: is not JSON ({fault}); nothing was kept") from fault


def _refuse(constant: str) -> NoReturn:
    raise ExportError(f"the file holds {constant}, which JSON does not have; nothing was kept")


def check(content: bytes, deliverable: Deliverable, *, source: str) -> None:
    """Read the bytes back as a stranger would and raise `ExportError` unless they are what was promised."""
    collection = parse_strictly(content, source=source)
    features = collection["features"]
    if collection["type"] != "FeatureCollection" or "crs" in collection:
        raise ExportError(f"{source}: wanted a FeatureCollection without crs; nothing was kept")
    require_rows(deliverable, [feature["properties"] for feature in features], source=source)
    if deliverable.id_column:
        ids = [feature.get("id") for feature in features]
        if ids != [feature["properties"][deliverable.id_column] for feature in features]:
            raise ExportError(f"{source}: feature ids are not the {deliverable.id_column}s; nothing was kept")
    geometries = np.array([_read_geometry(feature, source) for feature in features], dtype=object)
    wanted = collection_bbox(geometries) if len(geometries) else None
    if collection.get("bbox") != wanted:
        raise ExportError(f"{source}: bbox is {collection.get('bbox')}, the shapes reach {wanted}")
    if collection.get("metadata") != json.loads(_dumps(deliverable.metadata)):
        raise ExportError(f"{source}: the metadata were not read back as written; nothing was kept")


def _read_geometry(feature: dict[str, Any], source: str) -> Any:
    where = f"{source}: feature {feature.get('id', '')}"
    geometry = feature["geometry"]
    if geometry["type"] not in _TYPES:
        raise ExportError(f"{where}: is a {geometry['type']}, wanted one of {', '.join(sorted(_TYPES))}")
    for position, ring in _rings(geometry):
        _check_ring(ring, position, where)
    shape = shapely.geometry.shape(geometry)
    if not shape.is_valid:
        raise ExportError(
            f"{where}: rings are not valid ({shapely.is_valid_reason(shape)}); nothing was kept"
        )
    return shape


def _rings(geometry: dict[str, Any]) -> Iterator[tuple[int, Any]]:
    """Each ring with its position in its polygon (0 is the exterior)."""
    polygons = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}
    for polygon in polygons.get(geometry["type"], []):
        yield from enumerate(polygon)


def _check_ring(ring: Any, position: int, where: str) -> None:
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise ExportError(f"{where}: a ring has {len(ring)} positions or is open; nothing was kept")
    xy = np.array(ring, dtype=float)
    if (np.round(xy, DECIMALS) != xy).any():
        raise ExportError(f"{where}: coordinates have more than {DECIMALS} decimals; nothing was kept")
    # shoelace formula; taken from the first vertex, since degrees squared far from 0 lose digits
    x, y = (xy - xy[0]).T
    counter_clockwise = float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) > 0
    if counter_clockwise != (position == 0):
        raise ExportError(f"{where}: a ring is wound against the right-hand rule; nothing was kept")
