"""The cells of rasters that lie in the region, copied unchanged into one GeoTIFF: the window of a file, or of several tiles.

What is written depends only on the sources' bytes and the region, so the same fetch gives the same sha256. Cells are read
and written a band of rows at a time; the memory needed does not grow with the region's height.
"""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.transform import Affine
from rasterio.windows import Window

from geo.crs import STORAGE_CRS, Bounds
from geo.errors import InputError

LARGEST_CELLS: Final = 1_000_000_000
"""Three times the whole of Vietnam at 3 arc-seconds: a file that asks for more is wrong or hostile."""
LARGEST_BLOCK_BYTES: Final = 256 * 1024**2
"""What GDAL must unpack at once to read any cell of a file."""
_CACHE_MB: Final = 128
"""GDAL's own cache: by default a share of the machine's memory, which would also decide in what order blocks are written."""
_MARGIN_CELLS: Final = 4
_BLOCK: Final = 256
_BAND_CELLS: Final = 4_000_000
_ALIGNED: Final = 0.01
"""How far, in cells, the grids of two tiles may be apart and still be one grid: publishers round corners."""


@dataclass(frozen=True)
class Piece:
    """A GeoTIFF and, where the publisher's scheme fixes them, the bounds it must have (to half a cell)."""

    path: Path
    bounds: Bounds | None = None


@dataclass(frozen=True)
class _Grid:
    """Where output cell (0, 0) begins, the size of a cell in degrees, and how many there are."""

    west: float
    north: float
    width: float
    height: float
    columns: int
    rows: int

    def place(self, west: float, north: float) -> tuple[float, float]:
        """Column and row, as fractions, of a corner."""
        return (west - self.west) / self.width, (self.north - north) / self.height


def merge_rasters(
    pieces: Sequence[Piece],
    bounds: Bounds,
    target: Path,
    *,
    extent: Bounds | None = None,
    nodata: float | None = None,
) -> None:
    """Write the cells of tiles of one grid that meet the bounds (degrees), and a few around them, to `target`.

    `extent`: how far the output may reach, by default as far as the pieces do. Where it has no piece the output holds
    `nodata`, the pieces' own value if they state one. Raises `InputError` when a piece cannot be read, is not on the grid
    of the first, or is not where its `bounds` say; or when nothing meets the bounds.
    """
    draft = target.with_name(f".{target.stem}.cut.tif")
    try:
        with rasterio.Env(GDAL_CACHEMAX=_CACHE_MB), ExitStack() as stack:
            opened = [stack.enter_context(rasterio.open(piece.path, driver="GTiff")) for piece in pieces]
            for piece, raster in zip(pieces, opened, strict=True):
                _require_piece(piece, raster, opened[0])
            grid = _output_grid(opened, bounds, extent or _union(opened), pieces[0].path.name)
            missing = opened[0].nodata if opened[0].nodata is not None else nodata
            _write(opened, grid, draft, missing)
    except RasterioError as fault:
        draft.unlink(missing_ok=True)
        raise InputError(
            f"{pieces[0].path.name}: cannot be read as GeoTIFF ({fault}); fetch it again"
        ) from None
    with draft.open("rb+") as stream:
        os.fsync(stream.fileno())
    draft.replace(target)


def _require_piece(piece: Piece, raster: Any, first: Any) -> None:
    name, step, wanted = piece.path.name, raster.transform, first.transform
    if raster.count != 1 or step.b or step.d or step.a <= 0 or step.e >= 0:
        raise InputError(f"{name}: wanted a north-up raster of one band; check the file's source")
    if raster.crs is None:
        raise InputError(f"{name}: does not state its CRS; wanted EPSG:4326; check the file's source")
    if raster.crs.to_epsg() != STORAGE_CRS.to_epsg():
        raise InputError(
            f"{name}: its CRS is {raster.crs}; wanted EPSG:4326, the edition in degrees; check the file's source"
        )
    block = max(rows * columns for rows, columns in raster.block_shapes)
    if block * np.dtype(raster.dtypes[0]).itemsize > LARGEST_BLOCK_BYTES:
        raise InputError(
            f"{name}: must be unpacked {block:,} cells at a time, more than can be held; check its source"
        )
    if piece.bounds is not None:
        apart = np.abs(np.subtract(tuple(raster.bounds), piece.bounds)) / step.a
        # the easternmost tile of a global grid may be a few cells wider
        short = raster.bounds.right < piece.bounds[2] - step.a / 2
        if max(apart[0], apart[1], apart[3]) > 0.5 or short:
            raise InputError(
                f"{name}: covers {_told(raster.bounds)}; wanted {_told(piece.bounds)}, which its name stands for"
            )
    columns, rows = (step.c - wanted.c) / wanted.a, (step.f - wanted.f) / wanted.e
    aligned = max(abs(columns - round(columns)), abs(rows - round(rows))) <= _ALIGNED
    same = np.allclose((step.a, step.e), (wanted.a, wanted.e), rtol=1e-9, atol=0)
    alike = (raster.crs, raster.dtypes[0], str(raster.nodata)) == (
        first.crs, first.dtypes[0], str(first.nodata)
    )  # fmt: skip
    if not (aligned and same and alike):
        raise InputError(
            f"{name}: is not of the same grid, CRS, type and nodata as {Path(first.name).name}; wanted tiles of one release"
        )


def _told(bounds: Any) -> str:
    west, south, east, north = bounds
    return f"longitude {west:.4f} to {east:.4f}, latitude {south:.4f} to {north:.4f}"


def _union(opened: Sequence[Any]) -> Bounds:
    corners = np.array([tuple(raster.bounds) for raster in opened])
    west, south = corners[:, :2].min(axis=0).tolist()
    east, north = corners[:, 2:].max(axis=0).tolist()
    return west, south, east, north


def _output_grid(opened: Sequence[Any], bounds: Bounds, extent: Bounds, name: str) -> _Grid:
    """The cells of the first raster's grid that meet bounds and extent, with a margin inside the extent."""
    step = opened[0].transform
    whole = _Grid(step.c, step.f, step.a, -step.e, 0, 0)
    left, top = whole.place(bounds[0], bounds[3])
    right, bottom = whole.place(bounds[2], bounds[1])
    first_column, first_row = (round(end) for end in whole.place(extent[0], extent[3]))
    last_column, last_row = (round(end) for end in whole.place(extent[2], extent[1]))
    left, top = (
        max(int(np.floor(left)) - _MARGIN_CELLS, first_column),
        max(int(np.floor(top)) - _MARGIN_CELLS, first_row),
    )
    right, bottom = (
        min(int(np.ceil(right)) + _MARGIN_CELLS, last_column),
        min(int(np.ceil(bottom)) + _MARGIN_CELLS, last_row),
    )
    if left >= right or top >= bottom:
        raise InputError(
            f"{name}: does not meet the region; give the country that the units lie in with --country"
        )
    if (right - left) * (bottom - top) > LARGEST_CELLS:
        raise InputError(
            f"{name}: the region has {(right - left) * (bottom - top):,} of its cells, more than {LARGEST_CELLS:,}; check the file's source"
        )
    return _Grid(step.c + left * step.a, step.f + top * step.e, step.a, -step.e, right - left, bottom - top)


def _write(opened: Sequence[Any], grid: _Grid, draft: Path, nodata: float | None) -> None:
    first = opened[0]
    profile = {
        "driver": "GTiff", "count": 1, "dtype": first.dtypes[0], "crs": first.crs, "nodata": nodata,
        "width": grid.columns, "height": grid.rows, "compress": "deflate", "predictor": 1, "bigtiff": "IF_SAFER",
        "transform": Affine(grid.width, 0.0, grid.west, 0.0, -grid.height, grid.north),
        "tiled": True, "blockxsize": _BLOCK, "blockysize": _BLOCK,
    }  # fmt: skip
    rows_at_once = max(_BAND_CELLS // grid.columns // _BLOCK, 1) * _BLOCK
    with rasterio.open(draft, "w", **profile) as written:
        for top in range(0, grid.rows, rows_at_once):
            rows = min(rows_at_once, grid.rows - top)
            band = np.full((rows, grid.columns), 0 if nodata is None else nodata, dtype=first.dtypes[0])
            for raster in opened:
                _copy(raster, grid, top, band)
            written.write(band, 1, window=Window(0, top, grid.columns, rows))


def _copy(raster: Any, grid: _Grid, top: int, band: np.ndarray) -> None:
    """Put the raster's cells of this band where they belong."""
    column, row = (round(end) for end in grid.place(raster.transform.c, raster.transform.f))
    left, right = max(column, 0), min(column + raster.width, grid.columns)
    upper, lower = max(row, top), min(row + raster.height, top + band.shape[0])
    if left < right and upper < lower:
        cells = raster.read(1, window=Window(left - column, upper - row, right - left, lower - upper))
        band[upper - top : lower - top, left:right] = cells
