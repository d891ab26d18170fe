"""What the stages share about arrays: their types, polygons without left-over lines, and sums, and divisions that keep null null."""

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
ObjectArray = npt.NDArray[np.object_]

POLYGONAL: Final = (3, 6)
"""GEOS type numbers of Polygon and MultiPolygon."""
FLOAT_NOISE: Final = 1e-9
"""Two figures closer than this differ by rounding only: shares are of the order of 1, counts of 1 to 1e6."""
SINGLE_NOISE: Final = 1e-6
"""Covered fractions of grid cells are in single precision: two ways to count the same people differ by about 1e-7."""


def is_polygonal(shapes: ObjectArray) -> BoolArray:
    """Whether each is a Polygon or MultiPolygon (None is neither)."""
    return np.isin(shapely.get_type_id(shapes), POLYGONAL)


def only_polygons(pieces: ObjectArray) -> ObjectArray:
    """The pieces of an intersection without the lines and points that remain where outlines only touch."""
    kept = pieces.copy()
    for index in np.flatnonzero(~is_polygonal(pieces)):
        parts = shapely.get_parts(pieces[index])
        kept[index] = shapely.union_all(parts[shapely.area(parts) > 0])
    return kept


def ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Above / below, null where below is 0 or null."""
    found = np.full(len(below), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


def share_of(part: FloatArray, whole: FloatArray) -> FloatArray:
    """`ratio` with single-precision noise above 1 set to 1; anything further off would be a fault and is left to be seen."""
    share = ratio(part, whole)
    return np.where((share > 1) & (share <= 1 + SINGLE_NOISE), 1.0, share)


def sums(places: IntArray, values: FloatArray, count: int = 0) -> FloatArray:
    """Sum of the values at each place 0, 1, …: `count` sums at least, as many as the places need."""
    return np.asarray(np.bincount(places, values, minlength=count), dtype=float)


def sum_known(values: FloatArray) -> float | None:
    """Sum of the values that are known; None where none of them is, 0 of no values at all."""
    known = values[np.isfinite(values)]
    return float(known.sum()) if known.size or not values.size else None
