"""Writers whose bytes depend on the data alone: no time stamps, fixed order, fixed decimals."""

import json
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import rasterio
import shapely

from data.sample_people import NODATA, Grid

FIRST_MONTH: Final = {"1": "01", "2": "04", "3": "07", "4": "10"}


def write_geojson(frame: gpd.GeoDataFrame, path: Path, *, decimals: int) -> Path:
    """A FeatureCollection, a feature a line, outer rings anticlockwise, coordinates rounded to `decimals`."""
    rings = shapely.orient_polygons(shapely.normalize(frame.geometry.to_numpy()))
    plain = frame.drop(columns=frame.geometry.name).to_dict("records")
    lines = [
        json.dumps(_feature(given, shape, decimals), ensure_ascii=False, separators=(",", ":"))
        for given, shape in zip(plain, rings, strict=True)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _feature(properties: dict[Any, Any], shape: shapely.Geometry, decimals: int) -> dict[str, Any]:
    geometry = shapely.geometry.mapping(shape)
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": geometry["type"], "coordinates": _rounded(geometry["coordinates"], decimals)},
    }


def _rounded(values: Any, decimals: int) -> Any:
    return (
        round(values, decimals)
        if isinstance(values, float)
        else [_rounded(value, decimals) for value in values]
    )


def speed_path(folder: Path, network: str, quarter: str) -> Path:
    """The publisher's path template, for example type=mobile/year=2025/quarter=1/2025-01-01_performance_mobile_tiles.parquet."""
    year, number = quarter.split("Q")
    name = f"{year}-{FIRST_MONTH[number]}-01_performance_{network}_tiles.parquet"
    return folder / f"type={network}" / f"year={year}" / f"quarter={number}" / name


def write_tiles(frame: pd.DataFrame, path: Path) -> Path:
    """One parquet file of tiles, without the pandas metadata (it names library versions)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    fields = [
        pa.field(field.name, pa.string() if pa.types.is_large_string(field.type) else field.type)
        for field in table.schema
    ]
    pq.write_table(
        table.cast(pa.schema(fields)), path, compression="zstd", compression_level=19, store_schema=False
    )
    return path


def write_grid(grid: Grid, path: Path) -> Path:
    """A tiled, deflated GeoTIFF of people per cell (float32, EPSG:4326)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows, columns = grid.people.shape
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=columns, count=1, dtype="float32", crs="EPSG:4326",
        transform=grid.transform, nodata=NODATA, compress="deflate", zlevel=9, predictor=3,
        tiled=True, blockxsize=256, blockysize=256,
    ) as target:  # fmt: skip
        target.write(grid.people, 1)
    return path
