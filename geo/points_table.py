"""Tables with coordinates (CSV, XLSX, parquet) → points in EPSG:4326, every mess named and mended only when asked."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS, Transformer

from geo.arrays import FloatArray
from geo.crs import Bounds, parse_crs
from geo.errors import CrsError, InputError
from geo.mend_coordinates import Mask, inside, numbers, settle
from geo.mends import NO_MENDS, Mend, Mends, Mess, conclude, name_rows
from geo.names import plain_key
from geo.quality import Finding
from geo.read import GEOJSON_SUFFIXES, PARQUET_SUFFIXES, Wanted, read_points
from geo.read_ogr import OGR_SUFFIXES
from geo.table_xlsx import naming_sheet
from geo.tidy_table import copies_mess, tidy_texts
from geo.unit_table import open_table
from geo.vn2000 import as_bounds, in_metres

_TABLE_SUFFIXES: Final = (".csv", ".xlsx")
LATITUDES: Final = ("lat", "latitude", "vi do", "y", "northing")
LONGITUDES: Final = ("lon", "lng", "long", "longitude", "kinh do", "x", "easting")


def is_table(path: Path) -> bool:
    """Whether a file holds no outlines but columns: CSV, XLSX, or a parquet file that is no GeoParquet."""
    if path.suffix.lower() != ".parquet":
        return path.suffix.lower() in _TABLE_SUFFIXES
    try:
        return b"geo" not in (pq.read_schema(path).metadata or {})
    except (pa.ArrowException, OSError):
        return False


def find_column(
    columns: Iterable[str], aliases: tuple[str, ...], asked: str, source: str, *, option: str
) -> str:
    """The column asked for, else the one whose name (case and accents aside) is an alias; the earliest alias wins.

    Raises `InputError` with the columns there are when there is none, or two for one alias.
    """
    names = list(columns)
    if asked:
        found = [name for name in names if name == asked]
    else:
        keys = {alias: [name for name in names if plain_key(name) == alias] for alias in aliases}
        found = next((listed for listed in keys.values() if listed), [])
    if len(found) == 1:
        return found[0]
    wanted = asked or f"one called {', '.join(aliases)} (case and accents do not matter)"
    seen = f"columns {', '.join(found)} may all be it" if found else f"it has {', '.join(names)}"
    raise InputError(f"{source}: no column {wanted}; {seen}: name it with {option}")


def read_points_table(
    path: Path, *, lat: str = "", lon: str = "", sheet: str = "", crs: str = "", mends: Mends = NO_MENDS,
    region: Sequence[float] | None = None,
) -> tuple[gpd.GeoDataFrame, list[Finding]]:  # fmt: skip
    """One point per row in EPSG:4326, the other columns as text and `file_row`, and what was noted and mended.

    `lat` and `lon` name the columns (found by alias when empty), `crs` what their numbers are in (degrees when empty),
    `region` where they are expected (degrees). Raises one `InputError` naming every fault with its rows.
    """
    source = path.name
    table = open_table(path, sheet=sheet, mends=mends)
    rows = np.asarray(table.rows)
    frame, messes, notes = tidy_texts(table.frame, rows, source)
    with naming_sheet(table.findings):
        north = find_column(frame.columns, LATITUDES, lat, source, option="--lat-column")
        east = find_column(frame.columns, LONGITUDES, lon, source, option="--lon-column")
    copies = frame.duplicated().to_numpy()
    x, y, more = _degrees(frame[east], frame[north], rows, crs, as_bounds(region), source)
    findings = conclude([*messes, copies_mess(copies, rows), *more], mends, source=source)
    _require_points(x, y, frame[[east, north]], rows, source)
    points = gpd.GeoDataFrame(
        frame.drop(columns=[east, north]).assign(file_row=rows), geometry=shapely.points(x, y), crs=4326
    )
    return points[~copies].reset_index(drop=True), [*table.findings, *notes, *findings]


def read_any_points(
    path: Path, *, lat: str = "", lon: str = "", sheet: str = "", crs: str = "", mends: Mends = NO_MENDS,
    region: Sequence[float] | None = None, columns: Sequence[str] | None = None,
) -> tuple[gpd.GeoDataFrame, list[Finding]]:  # fmt: skip
    """`read_points_table` of a table, `geo.read.read_points` of any other file, whose texts in `columns` are looked at.

    `sheet` names the layer of a file that has layers.
    """
    suffix = path.suffix.lower()
    if suffix not in (*_TABLE_SUFFIXES, *GEOJSON_SUFFIXES, *PARQUET_SUFFIXES, *OGR_SUFFIXES, ".shp"):
        raise InputError(
            f"{path.name}: ending {suffix or 'none'!r} is not read here; wanted a table of points (.csv, .xlsx, .parquet: save it as one of "
            f"these) or a layer of points ({', '.join((*GEOJSON_SUFFIXES, *OGR_SUFFIXES))})"
        )
    if is_table(path):
        return read_points_table(path, lat=lat, lon=lon, sheet=sheet, crs=crs, mends=mends, region=region)
    wanted = Wanted(sorted(mends), region, columns)
    return read_points(path, layer=sheet or None, crs=crs or None, wanted=wanted)


def _degrees(
    east: pd.Series, north: pd.Series, rows: np.ndarray, crs: str, region: Bounds | None, source: str
) -> tuple[FloatArray, FloatArray, tuple[Mess, ...]]:
    if not crs or parse_crs(crs, source=source).is_geographic:
        settled = settle(east, north, rows, region)
        return settled.x, settled.y, settled.messes
    return from_metres(east, north, rows, parse_crs(crs, source=source), region, source)


def from_metres(
    east: pd.Series, north: pd.Series, rows: np.ndarray, crs: CRS, region: Bounds | None, source: str
) -> tuple[FloatArray, FloatArray, tuple[Mess, ...]]:
    """Eastings and northings of a CRS → degrees; axes the other way round (in Vietnam X is the northing) are a mess."""
    (x, commas_x), (y, commas_y) = numbers(east), numbers(north)
    known = np.isfinite(x) & np.isfinite(y)
    if known.any() and max(np.abs(x[known]).max(), np.abs(y[known]).max()) <= 180:
        raise CrsError(
            f"{source}: --crs {crs.to_string()} is in metres, but the coordinates are degrees; leave --crs out"
        )
    transform = Transformer.from_crs(crs, 4326, always_xy=True).transform
    messes = []
    if (commas_x | commas_y).any():
        messes.append(
            _whole_mess(Mend.DECIMAL_COMMA, "decimals are set apart by a comma", commas_x | commas_y, rows)
        )
    exchanged = in_metres(x[known], y[known]) is False
    lon, lat = transform(*((y, x) if exchanged else (x, y)))
    if not exchanged and region is not None and not inside(lon, lat, region)[known].any():
        other = transform(y, x)
        if inside(*other, region)[known].any():
            exchanged, (lon, lat) = True, other
    if exchanged:
        messes.append(_whole_mess(Mend.SWAPPED, "easting and northing are exchanged", known, rows))
    return np.where(known, lon, np.nan), np.where(known, lat, np.nan), tuple(messes)


def _whole_mess(kind: Mend, wrong: str, mask: Mask, rows: np.ndarray) -> Mess:
    places = np.flatnonzero(mask)
    said = "mended_axes" if kind is Mend.SWAPPED else "mended_commas"
    count = len(places)
    return Mess(
        str(kind),
        wrong,
        rows[places].tolist(),
        [""] * count,
        "read the other way",
        said=said,
        values=[{}] * count,
    )


def _require_points(x: FloatArray, y: FloatArray, cells: pd.DataFrame, rows: np.ndarray, source: str) -> None:
    """Raise `InputError` naming the rows whose coordinates are blank, no numbers, or nowhere on Earth."""
    blank = (cells.astype(str).apply(lambda column: column.str.strip()) == "").any(axis=1).to_numpy()
    unread = ~blank & ~(np.isfinite(x) & np.isfinite(y))
    beyond = ~blank & ~unread & ((np.abs(x) > 180) | (np.abs(y) > 90))
    faults = []
    for mask, what in ((blank, "no coordinates"), (unread, "coordinates that are no numbers"), (beyond, "coordinates beyond 180 and 90 degrees")):  # fmt: skip
        places = np.flatnonzero(mask)
        if len(places):
            first = ", ".join(f"{name} {cells[name].iloc[places[0]]!r}" for name in cells.columns)
            faults.append(f"{what} in {name_rows(rows[places].tolist())} (first: {first})")
    if faults:
        raise InputError(
            f"{source}: {'; '.join(faults)}. Wanted degrees such as 106.894 and 11.536: fill or delete the rows, or name the CRS with --crs"
        )
