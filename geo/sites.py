"""Cell records → sites: cells that share a base station's number are one site, then cells of an operator at one place.

OpenCelliD's positions are estimates from where phones heard a cell, some hundred metres off; the number that a network
gives its base station is the better sign. Which digits of a cell's number name the station is the standard's rule on 4G
and 5G and the operators' habit on 2G and 3G.
"""

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geo.arrays import FloatArray, IntArray, ObjectArray
from geo.crs import STORAGE_CRS, geocentric_m, require_same
from geo.errors import InputError, RulesError
from geo.schema import CELL_COLUMNS, Technology

SITE_COLUMNS: Final = (
    "site_id", "operator", "technology", "cells", "frequency_mhz", "eirp_dbm", "antenna_height_m", "azimuths_degrees",
    "samples", "position_error_m",
)  # fmt: skip
"""Columns of a frame of sites, beside `geometry` (Point, EPSG:4326): one row per site × technology × operator."""
UNKNOWN_OPERATOR: Final = "unknown"
_GNB_BITS: Final = (22, 32)
_NCI_BITS: Final = 36


@dataclass(frozen=True)
class SiteRules:
    """How cells are grouped.

    `same_place_m`: stations of one operator within this distance of a better heard one are the same site.
    `stray_m`: a cell further than this from the middle of the cells with its station's number is not of that station:
    the number was reused or mistyped. 10 km is the longest reach that TR 38.901 RMa knows.
    `gnb_bits`: how many of the 36 bits of a 5G cell's number name its gNB (the operator's choice, 22 to 32).
    """

    same_place_m: float = 100.0
    stray_m: float = 10_000.0
    gnb_bits: int = 24

    def __post_init__(self) -> None:
        faults = [f"{name} is {getattr(self, name)}, wanted above 0" for name in ("same_place_m", "stray_m")
                  if not getattr(self, name) > 0]  # fmt: skip
        if not _GNB_BITS[0] <= self.gnb_bits <= _GNB_BITS[1]:
            faults.append(f"gnb_bits is {self.gnb_bits}, wanted 22 to 32")
        if faults:
            raise RulesError(f"rules for sites: {'; '.join(faults)}")


def find_sites(cells: gpd.GeoDataFrame, rules: SiteRules | None = None) -> gpd.GeoDataFrame:
    """`SITE_COLUMNS` and points, one row per site × technology × operator, sorted by `site_id` and technology.

    `cells`: `geo.schema.CELL_COLUMNS` and points in EPSG:4326, as `geo.read` gives them. The position of a row is the mean of
    its cells' weighted by samples (1 where not stated); `position_error_m` the weighted root mean square, over the cells that
    state a `range_m`, of range and distance from that position, null where none does. `frequency_mhz`: the lowest stated,
    which reaches furthest; `eirp_dbm`, `antenna_height_m`: medians of the stated; `azimuths_degrees`: the stated ones, None
    when a cell has none. Cells without an operator belong to one called `unknown`.
    """
    rules = rules or SiteRules()
    _require_cells(cells)
    cells = cells.reset_index(drop=True)
    operator = cells["operator"].astype(object).where(cells["operator"].notna(), UNKNOWN_OPERATOR).astype(str)
    points = shapely.get_coordinates(cells.geometry.to_numpy())
    weight = np.maximum(np.nan_to_num(_number(cells["samples"]), nan=1.0), 1.0)
    station = _stations(cells, operator, points, rules)
    site = _merge_places(station, operator.to_numpy(dtype=object), points, weight, rules.same_place_m)
    return _rows(cells, operator, points, weight, site)


def _require_cells(cells: gpd.GeoDataFrame) -> None:
    missing = [name for name in CELL_COLUMNS if name not in cells.columns]
    if missing:
        raise InputError(f"cells: column {', '.join(missing)} is missing; wanted {', '.join(CELL_COLUMNS)}")
    require_same((("cells", cells), ("storage", gpd.GeoSeries([], crs=STORAGE_CRS))))
    shapes = cells.geometry.to_numpy()
    wrong = np.flatnonzero((shapely.get_type_id(shapes) != 0) | shapely.is_empty(shapes))
    if len(wrong):
        raise InputError(
            f"cells: row {wrong[0] + 1} has no point ({len(wrong)} such rows); wanted a position for every cell"
        )
    known = [str(technology) for technology in Technology]
    unknown = sorted(set(cells["technology"].astype(str)) - set(known))
    if unknown:
        raise InputError(
            f"cells: technology {', '.join(unknown)} is not known; wanted one of {', '.join(known)}"
        )


def _number(column: pd.Series) -> FloatArray:
    return column.to_numpy(dtype=float, na_value=np.nan)


def station_numbers(cells: pd.DataFrame, gnb_bits: int) -> pd.Series:
    """The part of each cell's number that names its base station, null where the cell has no number.

    4G: cell >> 8 (28-bit ECI: 20 bits eNodeB, 8 bits cell; TS 36.300). 5G: the upper `gnb_bits` of the 36-bit NCI (TS
    38.300). 3G: a 28-bit number is RNC and cell (TS 25.401); RNC kept, last decimal digit of the cell dropped. 2G: last
    decimal digit dropped. That the last digit counts sectors on 2G and 3G is a habit of operators, no standard.
    """
    number = cells["cell"].astype("Int64")
    technology = cells["technology"].astype(str)
    low = number % 65_536
    found = number // 10
    found = found.mask(technology == str(Technology.G3), (number // 65_536) * 65_536 + low // 10)
    found = found.mask(technology == str(Technology.G4), number // 2**8)
    return found.mask(technology == str(Technology.G5), number // 2 ** (_NCI_BITS - gnb_bits))


def _stations(cells: gpd.GeoDataFrame, operator: pd.Series, points: FloatArray, rules: SiteRules) -> IntArray:
    """A number per cell, the same for cells of one base station: by identity, where there is none by place."""
    # areas (LAC) number 2G and 3G cells afresh; a 4G or 5G station may lie in several tracking areas
    afresh = cells["technology"].isin([str(Technology.G2), str(Technology.G3)])
    place = pd.Series([f"{x:.4f} {y:.4f}" for x, y in points], index=cells.index)
    identity = pd.DataFrame(
        {
            "mcc": cells["mcc"].astype("Int64"),
            "net": cells["net"].astype("Int64"),
            "technology": cells["technology"].astype(str),
            "area": cells["area"].astype("Int64").where(afresh),
            "station": station_numbers(cells, rules.gnb_bits),
            "operator": operator,
        }
    )
    known = identity["station"].notna()
    identity["place"] = place.where(~known, "")
    identity.loc[~known, ["mcc", "net", "technology", "area"]] = pd.NA
    group = identity.groupby(list(identity.columns), dropna=False, sort=True).ngroup()
    middle = pd.DataFrame(points).groupby(group.to_numpy()).transform("median").to_numpy()
    stray = _apart_m(points, middle) > rules.stray_m
    identity["place"] = identity["place"].mask(pd.Series(stray, index=cells.index), place)
    return np.asarray(
        identity.groupby(list(identity.columns), dropna=False, sort=True).ngroup(), dtype=np.int64
    )


def _apart_m(one: FloatArray, other: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.norm(geocentric_m(one) - geocentric_m(other), axis=1))


def _merge_places(
    station: IntArray, operator: ObjectArray, points: FloatArray, weight: FloatArray, same_place_m: float
) -> IntArray:
    """A number per cell, the same for the stations of one operator within `same_place_m` of its best heard one.

    The station with the most samples takes in those around it, then the next that is left: no chain of near neighbours
    grows across a town, and the order of rows is irrelevant.
    """
    count = int(station.max()) + 1 if len(station) else 0
    total = np.bincount(station, weight, minlength=count)
    centre = np.column_stack(
        [np.bincount(station, weight * points[:, axis], minlength=count) / total for axis in (0, 1)]
    )
    owner = np.empty(count, dtype=object)
    owner[station] = operator
    site = np.full(count, -1, dtype=np.int64)
    for name in np.unique(owner.astype(str)):
        members = np.flatnonzero(owner == name)
        members = members[np.lexsort((centre[members, 1], centre[members, 0], -total[members]))]
        place = geocentric_m(centre[members])
        near = cKDTree(place).query_ball_point(place, same_place_m)
        for seed, around in zip(members, near, strict=True):
            if site[seed] < 0:
                taken = members[around]
                site[taken[site[taken] < 0]] = seed
    return site[station]


def _rows(
    cells: gpd.GeoDataFrame, operator: pd.Series, points: FloatArray, weight: FloatArray, site: IntArray
) -> gpd.GeoDataFrame:
    """One row per site × technology; `site_id` counts an operator's sites from west to east, south to north."""
    frame = pd.DataFrame(
        {
            "operator": operator,
            "site": site,
            "technology": cells["technology"].astype(str),
            "x": points[:, 0] * weight,
            "y": points[:, 1] * weight,
            "weight": weight,
            "samples": _number(cells["samples"]),
            "cells": 1,
            **{
                name: _number(cells[name])
                for name in ("frequency_mhz", "eirp_dbm", "antenna_height_m", "azimuth_degrees")
            },
        }
    )
    key = ["operator", "site", "technology"]
    groups = frame.groupby(key, sort=True)
    table = groups[["x", "y", "weight", "cells"]].sum()
    table["samples"] = groups["samples"].sum(min_count=1)
    table["frequency_mhz"] = groups["frequency_mhz"].min()
    table[["eirp_dbm", "antenna_height_m"]] = groups[["eirp_dbm", "antenna_height_m"]].median()
    table["azimuths_degrees"] = _azimuths(frame, key)
    table["x"], table["y"] = table["x"] / table["weight"], table["y"] / table["weight"]
    middle = table.loc[pd.MultiIndex.from_frame(frame[key]), ["x", "y"]].to_numpy()
    frame["error"] = _number(cells["range_m"]) ** 2 + _apart_m(points, middle) ** 2
    table["position_error_m"] = _root_mean(frame, key)
    table = _with_ids(table.reset_index())
    return gpd.GeoDataFrame(
        table[list(SITE_COLUMNS)], geometry=shapely.points(table["x"], table["y"]), crs=STORAGE_CRS
    )


def _root_mean(frame: pd.DataFrame, key: list[str]) -> pd.Series:
    """Weighted root mean square of `error` over the cells that have one; null where none has."""
    stated = frame["error"].notna()
    sums = frame.assign(
        square=frame["error"] * frame["weight"], behind=frame["weight"].where(stated)
    ).groupby(key)
    mean: pd.Series = sums["square"].sum(min_count=1) / sums["behind"].sum(min_count=1)
    return mean**0.5


def _azimuths(frame: pd.DataFrame, key: list[str]) -> pd.Series:
    """The distinct azimuths of each site, or None when a cell states none: it may serve every direction."""
    groups = frame.groupby(key, sort=True)["azimuth_degrees"]
    stated = groups.count() == groups.size()
    given = frame[groups.transform("count").to_numpy() > 0]
    known: dict[Any, list[float]] = {
        site: sorted({float(a) % 360 for a in angles})
        for site, angles in given.groupby(key)["azimuth_degrees"]
    }
    lists = [known[site] if whole else None for site, whole in stated.items()]
    return pd.Series(lists, index=stated.index, dtype=object)


def _with_ids(table: pd.DataFrame) -> pd.DataFrame:
    """`site_id` = operator and number; the number follows the site's westernmost, southernmost row."""
    corner = table.groupby(["operator", "site"])[["x", "y"]].transform("min")
    order = table.assign(west=corner["x"], south=corner["y"]).sort_values(
        ["operator", "west", "south", "technology"], ignore_index=True
    )
    same = ["operator", "west", "south", "site"]
    number = order.groupby(same, sort=True).ngroup()
    first = number.groupby(order["operator"]).transform("min")
    order["site_id"] = [
        f"{operator}-{place + 1:05}"
        for operator, place in zip(order["operator"], number - first, strict=True)
    ]
    return order
