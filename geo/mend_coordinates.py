"""Coordinates gone wrong: decimal commas, lost decimal points, exchanged axes, metres without a CRS.

Works on whole columns. Everything is mended on a copy and told; `geo.mends.conclude` decides whether that was wanted.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.arrays import FloatArray
from geo.crs import Bounds
from geo.mends import Mend, Mess
from geo.vn2000 import advise, in_metres

VIETNAM: Final[Bounds] = (102.0, 4.5, 118.0, 23.5)
"""Where Vietnam's land, sea and islands lie (QCVN 80:2024/BTNMT, 1.2): the region of Vietnamese lists of units."""
ROOM_DEG: Final = 0.5
"""How far outside the region's bounds a point still counts as in it."""
_COMMA: Final = r"[+-]?[0-9]{1,8},[0-9]+"
_NUMBER: Final = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_LEAST_SHIFTED: Final = 1_000
_POWERS: Final = tuple(10.0**power for power in range(1, 13))

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Coordinates:
    """Longitudes and latitudes (or eastings and northings) by row, NaN where a cell is none, and what was mended."""

    x: FloatArray
    y: FloatArray
    messes: tuple[Mess, ...] = ()


def settle(x: pd.Series, y: pd.Series, rows: npt.NDArray[np.int_], region: Bounds | None) -> Coordinates:
    """Columns of text or numbers → degrees, every mess mended and told; the rows are their numbers in the file."""
    (east, commas_x), (north, commas_y) = numbers(x), numbers(y)
    messes = [_comma_mess(commas_x | commas_y, x, y, rows)]
    known = np.isfinite(east) & np.isfinite(north)
    whole_x, whole_y, shifted = unshift(east, north, region)
    # 1067543, 115361 is 106.7543, 11.5361 where that is the region, and metres elsewhere
    all_shifted = region is not None and bool(shifted[known].all())
    if in_metres(east[known], north[known]) is not None and not all_shifted:
        messes.append(_metres_mess(east, north, known, rows, region))
        return Coordinates(east, north, tuple(mess for mess in messes if mess))
    east, north = whole_x, whole_y
    messes.append(
        _mess(Mend.SHIFTED, "the decimal point is missing", shifted, rows, x, y, "the point was put back")
    )
    exchanged = swapped(east, north, region)
    messes.append(_swap_mess(exchanged, rows, east, north))
    east, north = np.where(exchanged, north, east), np.where(exchanged, east, north)
    return Coordinates(east, north, tuple(mess for mess in messes if mess))


def numbers(column: pd.Series) -> tuple[FloatArray, Mask]:
    """Numbers of a column of text or numbers (NaN where a cell is none), and which were written with a decimal comma."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=float, na_value=np.nan), np.zeros(len(column), dtype=bool)
    text = column.astype(str).str.strip()
    commas = text.str.fullmatch(_COMMA).to_numpy(dtype=bool)
    if commas.any():
        text = text.where(~commas, text.str.replace(",", ".", regex=False))
    sound = text.where(text.str.fullmatch(_NUMBER))
    return pd.to_numeric(sound, errors="coerce").to_numpy(dtype=float, na_value=np.nan), commas


def inside(x: FloatArray, y: FloatArray, region: Bounds, *, room_deg: float = ROOM_DEG) -> Mask:
    """Which points lie in the region or at most `room_deg` beyond its bounds."""
    west, south, east, north = region
    found: Mask = (
        (x >= west - room_deg) & (x <= east + room_deg) & (y >= south - room_deg) & (y <= north + room_deg)
    )
    return found


def swapped(x: FloatArray, y: FloatArray, region: Bounds | None) -> Mask:
    """Rows that lie in the region only with their axes exchanged, or whose latitude can only be a longitude."""
    beyond: Mask = (np.abs(y) > 90) & (np.abs(y) <= 180) & (np.abs(x) <= 90)
    return beyond if region is None else beyond | (inside(y, x, region) & ~inside(x, y, region))


def unshift(x: FloatArray, y: FloatArray, region: Bounds | None) -> tuple[FloatArray, FloatArray, Mask]:
    """Whole numbers too large for degrees that lie in the region once a decimal point is put in, and which rows those are.

    A row is mended only where its point then lies in the region (in Vietnam where that is not known).
    """
    west, south, east, north = region or VIETNAM
    mended_x = _with_point(x, west - ROOM_DEG, east + ROOM_DEG, 180)
    mended_y = _with_point(y, south - ROOM_DEG, north + ROOM_DEG, 90)
    changed = (mended_x != x) & np.isfinite(x) | (mended_y != y) & np.isfinite(y)
    fit = changed & inside(mended_x, mended_y, region or VIETNAM)
    return np.where(fit, mended_x, x), np.where(fit, mended_y, y), fit


def _with_point(values: FloatArray, low: float, high: float, most: float) -> FloatArray:
    """The value divided by the one power of ten that brings it between the bounds; as it was where none or several do."""
    with np.errstate(invalid="ignore"):
        candidates = (np.abs(values) >= max(most, _LEAST_SHIFTED)) & (values == np.floor(values))
    found, times = values.copy(), np.zeros(len(values), dtype=int)
    for power in _POWERS:
        moved = values / power
        fits = candidates & (moved >= low) & (moved <= high)
        found, times = np.where(fits & (times == 0), moved, found), times + fits
    return np.where(times == 1, found, values)


def _mess(
    kind: Mend, wrong: str, mask: Mask, rows: npt.NDArray[np.int_], x: Any, y: Any, done: str
) -> Mess | None:
    places = np.flatnonzero(mask)
    if not len(places):
        return None
    seen = [f"longitude {_shown(x, place)}, latitude {_shown(y, place)}" for place in places[:100]]
    values = [{"x": _shown(x, place), "y": _shown(y, place)} for place in places[:100]]
    return Mess(str(kind), wrong, rows[places].tolist(), seen, done, said="mended_place", values=values)


def _shown(values: Any, place: int) -> str:
    cell = values.iloc[place] if isinstance(values, pd.Series) else values[place]
    return f"{cell:.10g}" if isinstance(cell, float) else f"{cell!s:.30}"


def _comma_mess(mask: Mask, x: pd.Series, y: pd.Series, rows: npt.NDArray[np.int_]) -> Mess | None:
    return _mess(
        Mend.DECIMAL_COMMA,
        "decimals are set apart by a comma",
        mask,
        rows,
        x,
        y,
        "the comma was read as a point",
    )


def _swap_mess(mask: Mask, rows: npt.NDArray[np.int_], x: FloatArray, y: FloatArray) -> Mess | None:
    return _mess(
        Mend.SWAPPED, "latitude and longitude are exchanged", mask, rows, x, y, "they were exchanged back"
    )


def _metres_mess(
    x: FloatArray, y: FloatArray, known: Mask, rows: npt.NDArray[np.int_], region: Bounds | None
) -> Mess:
    places = np.flatnonzero(known)
    seen = [f"{x[place]:.10g}, {y[place]:.10g}" for place in places[:100]]
    mend = f"name the CRS with --crs; {advise(x[known], y[known], region)}"
    return Mess(
        "missing_crs",
        "coordinates are metres and the file says no CRS",
        rows[places].tolist(),
        seen,
        "",
        mend,
    )


def exchange_axes(shapes: Any, region: Bounds | None, rows: npt.NDArray[np.int_]) -> tuple[Any, Mess | None]:
    """Geometries (degrees) with those exchanged back whose whole extent is as `swapped` says, and the mess."""
    west, south, east, north = shapely.bounds(shapes).T
    mask = swapped(west, south, region) & swapped(east, north, region)
    if not mask.any():
        return shapes, None
    mended = shapes.copy()
    mended[mask] = shapely.transform(shapes[mask], lambda points: points[:, ::-1])
    return mended, _swap_mess(mask, rows, (west + east) / 2, (south + north) / 2)
