"""The raster half of `geo.read`: GeoTIFF of people per cell → `PopulationGrid`."""

import re
from pathlib import Path

import numpy as np
import rasterio
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from rasterio.errors import RasterioError
from rasterio.windows import Window, from_bounds

from geo.crs import STORAGE_CRS
from geo.errors import CrsError, InputError
from geo.people import PopulationGrid, make_grid

_MARGIN_CELLS = 2
MOST_PEOPLE = 1e10
_GRID_FILE = re.compile(r"grids=(?!@null[\s\"])")
"""A file of shifts between datums; Web Mercator says that it has none, by that name."""


def read_population(path: Path, bounds: tuple[float, float, float, float]) -> PopulationGrid:
    """People per cell inside lon/lat `bounds` (west, south, east, north) and a small margin, never the whole file.

    The grid keeps the file's own CRS and cells. Raises `InputError` or `CrsError` when the file is no single-band north-up
    raster that states its CRS, does not meet the bounds, holds negative counts, or holds no figure there at all. Cells of the
    file's nodata value or NaN are cells for which the publisher gives no figure.
    """
    if not path.is_file() or path.stat().st_size == 0:
        raise InputError(f"{path}: no such file, or it is empty; fetch it again")
    try:
        with rasterio.open(path, driver="GTiff") as source:
            _require_grid(source, path.name)
            crs = _crs(source)
            window = _window(source, bounds, path.name, crs)
            cells = source.read(1, window=window, masked=True).astype(float).filled(np.nan)
            transform = source.window_transform(window)
    except RasterioError as fault:
        raise InputError(
            f"{path.name}: cannot be read as GeoTIFF ({fault}); wanted people per cell as GeoTIFF"
        ) from fault
    _require_counts(cells, path.name)
    return make_grid(
        cells,
        west=transform.c,
        north=transform.f,
        cell_width=transform.a,
        cell_height=-transform.e,
        crs=crs,
    )


def _crs(source: rasterio.DatasetReader) -> CRS:
    if _GRID_FILE.search(source.crs.to_wkt()):
        raise CrsError(
            f"{Path(source.name).name}: its CRS names a file; wanted one that does not. Mend: write another into it (gdal_edit -a_srs EPSG:…)"
        )
    return STORAGE_CRS if source.crs.to_epsg() == STORAGE_CRS.to_epsg() else CRS.from_wkt(source.crs.to_wkt())


def _to(crs: CRS, name: str) -> Transformer:
    try:
        return Transformer.from_crs(STORAGE_CRS, crs, always_xy=True)
    except ProjError as fault:
        raise CrsError(
            f"{name}: its CRS ({crs.name}) is not tied to the earth; wanted one that is. Mend: write the right one into the file "
            "(gdal_edit -a_srs EPSG:…)"
        ) from fault


def _require_grid(source: rasterio.DatasetReader, name: str) -> None:
    if source.count != 1:
        raise InputError(f"{name}: has {source.count} bands; wanted one band of people per cell")
    if source.crs is None:
        raise CrsError(
            f"{name}: does not state its CRS; wanted one that does. Mend: write it into the file (gdal_edit -a_srs EPSG:4326, or "
            "what its publisher says)"
        )
    step = source.transform
    if step.b or step.d or step.a <= 0 or step.e >= 0:
        raise InputError(
            f"{name}: the grid is turned or upside down; wanted a north-up grid. Mend: warp it with gdalwarp"
        )


def _window(
    source: rasterio.DatasetReader, bounds: tuple[float, float, float, float], name: str, crs: CRS
) -> Window:
    there = _to(crs, name)
    west, south, east, north = (
        bounds if crs == STORAGE_CRS else there.transform_bounds(*bounds, densify_pts=50)
    )
    if not np.isfinite([west, south, east, north]).all():
        raise InputError(
            f"{name}: is in {crs.name}, which has no coordinates for the units ({_extent(bounds)}); give the raster of this region"
        )
    cut = from_bounds(west, south, east, north, source.transform)
    left, top = int(np.floor(cut.col_off)) - _MARGIN_CELLS, int(np.floor(cut.row_off)) - _MARGIN_CELLS
    right = int(np.ceil(cut.col_off + cut.width)) + _MARGIN_CELLS
    bottom = int(np.ceil(cut.row_off + cut.height)) + _MARGIN_CELLS
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, source.width), min(bottom, source.height)
    if left >= right or top >= bottom:
        raise InputError(
            f"{name}: covers {_covered(source.bounds, there)}, which does not meet the units ({_extent(bounds)}); give the raster of this region"
        )
    return Window(left, top, right - left, bottom - top)


def _covered(bounds: tuple[float, float, float, float], there: Transformer) -> str:
    """The raster's extent in degrees, or in its own units where its corners are off the earth."""
    found = there.transform_bounds(*bounds, direction="INVERSE")
    if np.isfinite(found).all():
        return _extent(found)
    return f"x {bounds[0]:,.0f} to {bounds[2]:,.0f}, y {bounds[1]:,.0f} to {bounds[3]:,.0f}"


def _extent(bounds: tuple[float, float, float, float]) -> str:
    west, south, east, north = bounds
    return f"longitude {west:.3f} to {east:.3f}, latitude {south:.3f} to {north:.3f}"


def _require_counts(cells: np.ndarray, name: str) -> None:
    if not np.isfinite(cells).any():
        raise InputError(
            f"{name}: holds no figure at all inside the region (all cells are nodata); give the raster of this region"
        )
    if np.isinf(cells).any():
        raise InputError(
            f"{name}: holds infinite counts; if that value means no data, write it into the file (gdal_edit -a_nodata inf)"
        )
    low = np.nanmin(cells)
    if low < 0:
        raise InputError(
            f"{name}: holds negative counts (lowest {low:g}); if that value means no data, write it into the file (gdal_edit -a_nodata {low:g})"
        )
    total, high = np.nansum(cells), np.nanmax(cells)
    if total > MOST_PEOPLE:
        raise InputError(
            f"{name}: counts {total:.3g} people, more than live on Earth (up to {high:.9g} in a cell); if that value means no data, write it "
            f"into the file (gdal_edit -a_nodata {high:.9g})"
        )
