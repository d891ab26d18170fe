"""The raster half of `geo.read`: GeoTIFF of people per cell → `PopulationGrid`, of minutes per metre → `FrictionGrid`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import rasterio
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from rasterio.errors import RasterioError
from rasterio.windows import Window, from_bounds

from geo.arrays import FloatArray
from geo.crs import STORAGE_CRS, Bounds
from geo.errors import CrsError, InputError
from geo.friction import FrictionGrid, make_friction
from geo.population_grid import PopulationGrid, make_grid

_MARGIN_CELLS: Final = 2
_NAMES_A_FILE = re.compile(r"grids=(?!@null[\s\"])")
"""In a PROJ text inside the CRS; `@null` alone, which Web Mercator carries, is no file, a list that begins with it is."""
FRICTION_MARGIN_DEG: Final = 1.0
"""How far around the units a friction surface is read: towns and roads beyond the edge of a province serve it too."""
LARGEST_FRICTION: Final = 8_000_000
"""Cells around the units: Vietnam at the publisher's 30 seconds has 3 million, and paths over more take minutes and gigabytes."""
PLAUSIBLE_FRICTION: Final = (1e-4, 1.0)
"""Minutes per metre that the middle cell of a region can have: from 600 km/h to 60 m in an hour. Others are of another unit."""
MOST_PEOPLE: Final = 1e10


def read_population(path: Path, bounds: Bounds) -> PopulationGrid:
    """People per cell inside lon/lat `bounds` (west, south, east, north) and a small margin, never the whole file.

    The grid keeps the file's own CRS and cells. Raises `InputError` or `CrsError` when the file is no single-band north-up
    raster that states its CRS, does not meet the bounds, holds negative counts, or holds no figure there at all. Cells of the
    file's nodata value or NaN are cells for which the publisher gives no figure.
    """
    with _opened(path, "people per cell") as (source, crs):
        cells, transform = _read(source, _window(source, bounds, path.name, crs))
    _require_counts(cells, path.name)
    return make_grid(
        cells,
        west=transform.c,
        north=transform.f,
        cell_width=transform.a,
        cell_height=-transform.e,
        crs=crs,
    )


def read_friction(path: Path, bounds: Bounds) -> FrictionGrid:
    """Minutes per metre inside lon/lat `bounds` and `FRICTION_MARGIN_DEG` around, never the whole file.

    Raises `InputError` or `CrsError` when the file is no single-band north-up raster in EPSG:4326, does not meet the bounds,
    has more than `LARGEST_FRICTION` cells there, none that can be crossed, or figures that are not minutes per metre. Cells
    that are nodata, NaN, infinite or not above 0 cannot be crossed.
    """
    west, south, east, north = bounds
    around = (
        west - FRICTION_MARGIN_DEG,
        south - FRICTION_MARGIN_DEG,
        east + FRICTION_MARGIN_DEG,
        north + FRICTION_MARGIN_DEG,
    )
    with _opened(path, "minutes per metre") as (source, crs):
        if crs != STORAGE_CRS:
            raise CrsError(
                f"{path.name}: is in {crs.name}; wanted longitude and latitude (EPSG:4326), as the Malaria Atlas Project has it. "
                "Mend: gdalwarp -t_srs EPSG:4326"
            )
        # what meets only the margin is of another region
        _window(source, bounds, path.name, crs)
        window = _window(source, around, path.name, crs)
        if window.width * window.height > LARGEST_FRICTION:
            raise InputError(
                f"{path.name}: has {window.width * window.height:,} cells around the units, more cells than the {LARGEST_FRICTION:,} that "
                "ways are sought over; give a coarser raster (gdalwarp -tr 0.008333 0.008333 -r average)"
            )
        cells, transform = _read(source, window)
    try:
        grid = make_friction(
            cells, west=transform.c, north=transform.f, cell_width=transform.a, cell_height=-transform.e
        )
    except InputError as fault:
        raise InputError(f"{path.name}: around the units {fault}. Give the raster of this region") from fault
    middle, (low, high) = float(np.nanmedian(grid.minutes_per_m)), PLAUSIBLE_FRICTION
    if not low <= middle <= high:
        raise InputError(
            f"{path.name}: its middle cell takes {middle:g} minutes per metre ({60 / (1000 * middle):g} km/h), which nobody travels at; "
            f"wanted minutes per metre, {low:g} to {high:g}. Mend: divide minutes per kilometre by 1000, turn speeds over"
        )
    return grid


@contextmanager
def _opened(path: Path, what: str) -> Iterator[tuple[rasterio.DatasetReader, CRS]]:
    """The file as a north-up raster of one band, and its CRS; `what` its cells are said to hold."""
    if not path.is_file() or path.stat().st_size == 0:
        raise InputError(f"{path}: no such file, or it is empty; fetch it again")
    try:
        with rasterio.open(path, driver="GTiff") as source:
            _require_grid(source, path.name, what)
            yield source, _crs(source)
    except RasterioError as fault:
        raise InputError(
            f"{path.name}: cannot be read as GeoTIFF ({fault}); wanted {what} as GeoTIFF"
        ) from fault


def _read(source: rasterio.DatasetReader, window: Window) -> tuple[FloatArray, rasterio.Affine]:
    """Cells of the window, NaN where there is no figure, and how they lie."""
    cells = source.read(1, window=window, masked=True).astype(float).filled(np.nan)
    return cells, source.window_transform(window)


def _crs(source: rasterio.DatasetReader) -> CRS:
    if _NAMES_A_FILE.search(source.crs.to_wkt()):
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


def _require_grid(source: rasterio.DatasetReader, name: str, what: str) -> None:
    if source.count != 1:
        raise InputError(f"{name}: has {source.count} bands; wanted one band of {what}")
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


def _window(source: rasterio.DatasetReader, bounds: Bounds, name: str, crs: CRS) -> Window:
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


def _covered(bounds: Bounds, there: Transformer) -> str:
    """The raster's extent in degrees, or in its own units where its corners are off the earth."""
    found = there.transform_bounds(*bounds, direction="INVERSE")
    if np.isfinite(found).all():
        return _extent(found)
    return f"x {bounds[0]:,.0f} to {bounds[2]:,.0f}, y {bounds[1]:,.0f} to {bounds[3]:,.0f}"


def _extent(bounds: Bounds) -> str:
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
