"""A friction surface: how many minutes a metre takes, cell by cell, as the Malaria Atlas Project publishes it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.arrays import FloatArray
from geo.errors import InputError


@dataclass(frozen=True, eq=False)
class FrictionGrid:
    """Minutes per metre, rows from north to south; NaN where nobody can go. Degrees in EPSG:4326, north-up."""

    minutes_per_m: FloatArray
    west: float
    north: float
    cell_width: float
    cell_height: float


def make_friction(
    minutes_per_m: npt.ArrayLike, *, west: float, north: float, cell_width: float, cell_height: float
) -> FrictionGrid:
    """A friction grid; cells that are not above 0 (nodata of the Malaria Atlas Project is below) are impassable.

    Raises `InputError` when no cell can be crossed.
    """
    values = np.array(minutes_per_m, dtype=float)
    values[~(np.isfinite(values) & (values > 0))] = np.nan
    if values.ndim != 2 or not np.isfinite(values).any():
        raise InputError(
            "the friction raster holds no cell that can be crossed; wanted minutes per metre above 0"
        )
    return FrictionGrid(values, west, north, cell_width, cell_height)
