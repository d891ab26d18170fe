"""GeoPackage and GeoParquet, with the metadata inside the file; and their readers."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely

from geo.errors import ExportError
from geo.export_rows import Deliverable, Row, joined, plain, require_rows

METADATA_KEY: Final = "vunglom"
GEOPARQUET_VERSION: Final = "1.1.0"

_MULTI: Final[dict[str, Callable[[list[Any]], Any]]] = {
    "Polygon": shapely.MultiPolygon,
    "Point": lambda points: points[0],
}


def _metadata_text(deliverable: Deliverable) -> str:
    return json.dumps(deliverable.metadata, ensure_ascii=False, allow_nan=False)


def write_gpkg(deliverable: Deliverable, path: Path) -> None:
    """One layer named as the deliverable; lists joined to text; metadata on the file and on the layer."""
    text = {METADATA_KEY: _metadata_text(deliverable)}
    frame = _without_lists(deliverable)
    geometry: dict[str, Any] = {}
    if deliverable.has_geometry:
        frame = frame.set_geometry(_promoted(frame.geometry.array), crs=frame.crs)
        geometry = {"geometry_type": "Point" if _is_points(frame) else "MultiPolygon"}
    pyogrio.write_dataframe(
        frame,
        path,
        layer=deliverable.layer,
        driver="GPKG",
        dataset_metadata=text,
        layer_metadata=text,
        layer_options={
            "IDENTIFIER": deliverable.layer,
            "DESCRIPTION": _description(deliverable.metadata),
        },
        **geometry,
    )


def _description(metadata: dict[str, Any]) -> str:
    """What a map program shows of the layer: illustrative or whose, and the terms it came under."""
    return " | ".join([metadata.get("label", metadata["workspace"]), *metadata["terms"]])


def _without_lists(deliverable: Deliverable) -> Any:
    frame = deliverable.frame.copy()
    for name in _list_columns(deliverable):
        texts = [None if value is None else joined(value) for value in map(plain, frame[name].tolist())]
        frame[name] = pd.Series(texts, index=frame.index, dtype="string")
    return frame


def _list_columns(deliverable: Deliverable) -> list[str]:
    known = deliverable.columns
    return [name for name in deliverable.names if name in known and known[name].kind == "list"]


def _is_points(frame: Any) -> bool:
    return bool(len(frame)) and frame.geometry.iloc[0].geom_type == "Point"


def _promoted(geometries: Any) -> Any:
    """Single polygons as multi-polygons: a GeoPackage layer has one type of geometry."""
    return np.array(
        [_MULTI[g.geom_type]([g]) if g.geom_type in _MULTI else g for g in geometries], dtype=object
    )


def check_gpkg(path: Path, deliverable: Deliverable, *, source: str) -> None:
    """Read the file back with GDAL and raise `ExportError` unless rows, shapes and metadata are as promised."""
    info = pyogrio.read_info(path, layer=deliverable.layer)
    for place in ("dataset_metadata", "layer_metadata"):
        if (info[place] or {}).get(METADATA_KEY) != _metadata_text(deliverable):
            raise ExportError(f"{source}: {place} were not read back as written; nothing was kept")
    frame = pyogrio.read_dataframe(path, layer=deliverable.layer)
    rows = deliverable.rows()
    found = _frame_rows(frame, deliverable.names)
    for name in _list_columns(deliverable):
        for row, other in zip(rows, found, strict=False):
            if row[name] is not None and other[name] == joined(row[name]):
                other[name] = row[name]
    require_rows(deliverable, found, source=source)
    if deliverable.has_geometry:
        _require_shapes(_promoted(deliverable.frame.geometry.array), frame, source)


def _frame_rows(frame: Any, names: list[str]) -> list[Row]:
    records = frame[[name for name in names if name in frame.columns]].to_dict("records")
    return [{str(name): plain(value) for name, value in record.items()} for record in records]


def _require_shapes(wanted: Any, found: gpd.GeoDataFrame, source: str) -> None:
    if found.crs is None or found.crs.to_epsg() != 4326:
        raise ExportError(f"{source}: was read back in {found.crs}, wanted EPSG:4326; nothing was kept")
    same = shapely.to_wkb(np.asarray(wanted, dtype=object)) == shapely.to_wkb(
        np.asarray(found.geometry.array)
    )
    if not np.all(same):
        raise ExportError(f"{source}: shapes were not read back as written; nothing was kept")


def write_parquet(deliverable: Deliverable, path: Path) -> None:
    """GeoParquet 1.1 (plain Parquet without shapes) with the metadata under the key `vunglom`; the same bytes each time."""
    buffer = io.BytesIO()
    if deliverable.has_geometry:
        deliverable.frame.to_parquet(buffer, index=False, schema_version=GEOPARQUET_VERSION)
    else:
        deliverable.frame.to_parquet(buffer, index=False)
    buffer.seek(0)
    table = _with_text_lists(pq.read_table(buffer), _list_columns(deliverable))
    said = {METADATA_KEY: _metadata_text(deliverable).encode("utf-8")}
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **said})
    pq.write_table(table, path, compression="zstd")


def _with_text_lists(table: pa.Table, names: list[str]) -> pa.Table:
    """Lists of text also where every list is empty: Arrow would call those lists of nothing."""
    for name in names:
        place = table.schema.get_field_index(name)
        column = table.column(name).cast(pa.list_(pa.string()))
        table = table.set_column(place, pa.field(name, column.type), column)
    return table


def check_parquet(path: Path, deliverable: Deliverable, *, source: str) -> None:
    """Read the file back and raise `ExportError` unless rows, shapes and metadata are as promised."""
    said = pq.read_schema(path).metadata or {}
    if said.get(METADATA_KEY.encode()) != _metadata_text(deliverable).encode("utf-8"):
        raise ExportError(f"{source}: metadata were not read back as written; nothing was kept")
    frame = gpd.read_parquet(path) if deliverable.has_geometry else pd.read_parquet(path)
    require_rows(deliverable, _frame_rows(frame, deliverable.names), source=source)
    if deliverable.has_geometry:
        _require_shapes(deliverable.frame.geometry.array, frame, source)
