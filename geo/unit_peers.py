"""Units beside a unit: those whose outlines touch it, and those most like it in what they lack, in people and in distance."""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import FloatArray
from geo.intervals import numbers

TOUCH_DEGREES: Final = 1e-6
"""Outlines this near to one another touch: about 0.1 m, what rounding in files leaves between shared borders."""
PEOPLE_TIMES: Final = 8.0
"""Units of which one has this many times the people of the other, or more, are as unlike in people as can be."""
TOWN_KM: Final = 40.0
"""Units whose people live this much nearer to a town, or more, are as unlike in distance as can be."""
MOST_SIMILAR: Final = 5


def neighbours(units: gpd.GeoDataFrame, code: str) -> tuple[str, ...]:
    """Codes of the units whose outlines touch that of `code` in an edge or a corner, or overlap it, in ascending order."""
    codes = units["unit_code"].astype(str).to_numpy()
    shapes = units.geometry.to_numpy()
    own = shapes[codes == code][0]
    found = shapely.STRtree(shapes).query(own, predicate="dwithin", distance=TOUCH_DEGREES)
    return tuple(sorted(one for one in codes[found].tolist() if one != code))


@dataclass(frozen=True)
class Features:
    """What units are compared by: `codes` (units,), `deficits` (units, goals) 0-1, `others` (units, 2): people and distance."""

    codes: tuple[str, ...]
    deficits: FloatArray
    others: FloatArray


def unit_features(communes: pd.DataFrame, goals: pd.DataFrame) -> Features:
    """Deficits of every goal, log of people in parts of `PEOPLE_TIMES`, town distance in parts of `TOWN_KM`; null if unknown."""
    codes = communes["unit_code"].astype(str)
    deficits = goals.assign(unit_code=goals["unit_code"].astype(str)).pivot(
        index="unit_code", columns="dimension", values="deficit"
    )
    logs = np.log(np.maximum(numbers(communes, "people").to_numpy(), 1.0)) / np.log(PEOPLE_TIMES)
    town = numbers(communes, "town_distance_km").to_numpy() / TOWN_KM
    known = deficits.reindex(codes).to_numpy(dtype=float)
    return Features(tuple(codes), known, np.column_stack([logs, town]))


def similar_units(features: Features, code: str, *, most: int = MOST_SIMILAR) -> pd.DataFrame:
    """`unit_code`, `difference` (0 alike to 1) of the `most` units nearest to `code`, nearest first, ties by code.

    The difference is the mean over what is compared of how far apart two units are, each 1 at most. What is known of one
    unit alone counts 1, what is known of neither is not compared. Units that have no goal's deficit known in both are left
    out.
    """
    place = features.codes.index(code)
    difference = _differences(np.column_stack([features.deficits, features.others]), place)
    known = np.isfinite(features.deficits)
    comparable = (known & known[place]).any(axis=1)
    comparable[place] = False
    frame = pd.DataFrame({"unit_code": features.codes, "difference": difference})[comparable]
    # rounded: noise in the last digit must not order units that are alike
    order = frame.assign(difference=frame["difference"].round(9)).sort_values(["difference", "unit_code"])
    return pd.DataFrame(order.head(most).reset_index(drop=True))


def _differences(features: FloatArray, place: int) -> FloatArray:
    known = np.isfinite(features)
    apart = np.minimum(
        np.abs(np.where(known, features, 0.0) - np.where(known[place], features[place], 0.0)), 1.0
    )
    apart = np.where(known == known[place], apart, 1.0)
    compared = known | known[place]
    counted = compared.sum(axis=1)
    return np.asarray((apart * compared).sum(axis=1) / np.maximum(counted, 1), dtype=float)
