"""GHS-POP tiles as the publisher zips them, small enough for tests: the published grid with cells 100 times as wide."""

import io
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.transform import Affine

from geo.sources.ghspop import Tile
from tests.fault_server import Site

CELLS = 120
"""Cells of a tile's side here; published ones have 12,000."""
STEP = 0.0833333330032682
"""Degrees of a cell here: 100 times the published 3 arc-seconds, with the rounding of the published headers."""
WEST, NORTH = -180.00791620856731, 89.09958317764332
"""The published corner of R1_C1, digits as in the files' headers."""
FOLDER = "/ftp/jrc-opendata/GHSL/GHS_POP_GLOBE_R2023A/GHS_POP_E{epoch}_GLOBE_R2023A_4326_3ss/V1-0/tiles"
INDEX = "/download/GHSL_data_4326_shapefile.zip"

Values = Callable[[np.ndarray, np.ndarray], np.ndarray]


def name_of(epoch: int, tile: Tile) -> str:
    return f"GHS_POP_E{epoch}_GLOBE_R2023A_4326_3ss_V1_0_{tile.id}"


def people(columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Another number in every cell of the world, by its place in the whole grid."""
    return np.asarray((columns + 1) * 0.001 + (rows + 1))


def write_tile(path: Path, tile: Tile, *, values: Values = people, nodata: float | None = -200.0, **changes: Any) -> Path:  # fmt: skip
    """One tile as GeoTIFF: float64, EPSG:4326, one band."""
    left, top = (tile.column - 1) * CELLS, (tile.row - 1) * CELLS
    rows, columns = np.mgrid[top : top + CELLS, left : left + CELLS]
    profile: dict[str, Any] = {
        "driver": "GTiff", "width": CELLS, "height": CELLS, "count": 1, "dtype": "float64", "crs": "EPSG:4326",
        "nodata": nodata, "compress": "lzw",
        "transform": Affine(STEP, 0, WEST + left * STEP, 0, -STEP, NORTH - top * STEP), **changes,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(values(columns, rows).astype(profile["dtype"]), 1)
    return path


def zipped(folder: Path, epoch: int, tile: Tile, **changes: Any) -> bytes:
    """The tile's archive: the raster, the report and the table of inputs that lie beside it."""
    raster = write_tile(folder / f"{name_of(epoch, tile)}.tif", tile, **changes)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(raster, raster.name)
        archive.writestr("GHSL_Data_Package_2023.pdf", b"%PDF-1.7")
        archive.writestr("GHS_POP_GLOBE_R2023A_input_metadata.xlsx", b"PK")
    raster.unlink()
    return held.getvalue()


def add_tile(site: Site, folder: Path, tile: Tile, *, epoch: int = 2025, **changes: Any) -> str:
    """Serve a tile; returns its path."""
    path = f"{FOLDER.format(epoch=epoch)}/{name_of(epoch, tile)}.zip"
    site.add(path, zipped(folder, epoch, tile, **changes))
    return path


def add_index(site: Site, folder: Path, tiles: Iterable[Tile]) -> None:
    """Serve the index of the tiles that exist, a shapefile written by GDAL, zipped."""
    there = list(tiles)
    corners = [tile.bounds for tile in there]
    frame = gpd.GeoDataFrame(
        {
            "tile_id": [tile.id for tile in there],
            **{side: [c[n] for c in corners] for n, side in enumerate(("left", "bottom", "right", "top"))},
        },
        geometry=[shapely.box(*corner) for corner in corners],
        crs="EPSG:4326",
    )
    frame.to_file(folder / "WGS84_tile_schema.shp")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.glob("WGS84_tile_schema.*")):
            archive.write(part, part.name)
    site.add(INDEX, held.getvalue())
