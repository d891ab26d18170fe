"""Zoom-16 tiles of speed tests → one row per unit: who the tests belong to, and what they say on average.

A tile's figure is already a mean over its tests. A tile that lies in several units is shared out among them by its
people (by its area where no people are known), n = tests · share, and a unit's raw mean is Σ n·x / Σ n (DESIGN §5).
"""

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import FloatArray, IntArray, ratio, share_of
from geo.crs import equal_area_km2
from geo.people import count_people, count_people_in_boxes
from geo.population_grid import PopulationGrid
from geo.quarters import newest_quarters
from geo.schema import speed_column
from geo.tiles import cut_tiles, tile_bounds

SHARE_COLUMNS: Final = ("quadkey", "unit_code", "share", "area_share", "interior", "people")
BY_QUARTER_COLUMNS: Final = (
    "unit_code", "network", "quarter", "download_raw_mbps", "upload_raw_mbps", "latency_raw_ms",
    "tests", "devices", "tiles", "upload_tests", "latency_tests",
)  # fmt: skip
"""`upload_tests`, `latency_tests`: the tests behind these two means, whose tile figures may be null."""
_MEANS: Final = {
    # figure: (tile column, factor to the figure's unit, column of the tests behind it)
    "download_raw_mbps": ("avg_d_kbps", 1e-3, "download_tests"),
    "upload_raw_mbps": ("avg_u_kbps", 1e-3, "upload_tests"),
    "latency_raw_ms": ("avg_lat_ms", 1.0, "latency_tests"),
}


def share_tiles(tiles: pd.DataFrame, units: gpd.GeoDataFrame, grid: PopulationGrid | None) -> pd.DataFrame:
    """How much of each distinct tile of `tiles` (column quadkey) belongs to each unit it meets: `SHARE_COLUMNS`.

    `share`: people in tile ∩ unit over people in the tile, or `area_share` (equal-area) without a grid or people;
    where units overlap and shares of one tile sum to more than 1, they are scaled to 1. `interior`: the tile lies
    wholly in the unit. `people`: in tile ∩ unit, null without grid. Sorted by quadkey and unit_code; a tile that
    meets no unit has no row. Raises `InputError` naming the rows of bad quadkeys.
    """
    quadkeys = np.sort(tiles["quadkey"].astype(str).drop_duplicates().to_numpy(dtype=object))
    bounds = tile_bounds(list(quadkeys))
    boxes = shapely.box(*bounds.T)
    tile, unit, interior, pieces = cut_tiles(boxes, bounds, units.geometry.to_numpy())
    area_share = np.ones(len(tile))
    area_share[~interior] = equal_area_km2(pieces) / equal_area_km2(boxes[tile[~interior]])
    people = np.full(len(tile), np.nan)
    share = area_share.copy()
    if grid is not None:
        whole = count_people_in_boxes(grid, bounds)[tile]
        people[interior] = whole[interior]
        people[~interior] = count_people(grid, pieces)
        np.divide(people, whole, out=share, where=whole > 0)
    frame = pd.DataFrame(
        {
            "quadkey": quadkeys[tile],
            "unit_code": units["unit_code"].to_numpy()[unit],
            "share": _scale_to_one(share, tile),
            "area_share": area_share,
            "interior": interior,
            "people": people,
        }
    )
    return frame.sort_values(["quadkey", "unit_code"], ignore_index=True)


def _scale_to_one(share: FloatArray, tile: IntArray) -> FloatArray:
    if not len(tile):
        return share
    total = np.bincount(tile, share)
    return share / np.maximum(total, 1.0)[tile]


def _number(column: pd.Series) -> FloatArray:
    return column.to_numpy(dtype=float, na_value=np.nan)


def aggregate_speed(tiles: pd.DataFrame, shares: pd.DataFrame, unit_codes: Sequence[str]) -> pd.DataFrame:
    """`BY_QUARTER_COLUMNS`, one row per unit × network × quarter that occurs in `tiles`, tested or not.

    `tiles`: quadkey, network, quarter and `geo.schema.TILE_COLUMNS` (kbps, ms, counts). A tile figure that is null
    is left out of its own mean only. Without tests: tests, devices, tiles 0 and means null.
    """
    tested = tiles[_number(tiles["tests"]) > 0]
    periods = pd.MultiIndex.from_frame(
        tiles[["network", "quarter"]].astype(str).drop_duplicates()
    ).sort_values()
    pairs = tested.merge(shares[["quadkey", "unit_code", "share"]], on="quadkey")
    codes: pd.Index[str] = pd.Index(list(unit_codes), dtype=object)
    period = periods.get_indexer(pd.MultiIndex.from_frame(pairs[["network", "quarter"]].astype(str)))
    cell = codes.get_indexer(pd.Index(pairs["unit_code"], dtype=object)) * len(periods) + period
    figures = _sum_pairs(pairs, cell, len(codes) * len(periods))
    frame = pd.DataFrame(
        {
            "unit_code": np.repeat(codes.to_numpy(), len(periods)),
            "network": np.tile(periods.get_level_values(0).to_numpy(), len(codes)),
            "quarter": np.tile(periods.get_level_values(1).to_numpy(), len(codes)),
            **figures,
        }
    )
    return frame[list(BY_QUARTER_COLUMNS)]


def _sum_pairs(pairs: pd.DataFrame, cell: IntArray, cells: int) -> dict[str, FloatArray]:
    """Counts and means of every cell (unit × network × quarter), summed over its (tile, unit) pairs."""
    share = _number(pairs["share"])
    tests = _number(pairs["tests"]) * share

    def total(weights: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(cell, weights, minlength=cells), dtype=float)

    figures = {
        "tests": total(tests),
        "devices": total(np.nan_to_num(_number(pairs["devices"])) * share),
        "tiles": total(np.ones(len(pairs))),
    }
    for figure, (column, factor, behind) in _MEANS.items():
        values = _number(pairs[column]) * factor
        weights = np.where(np.isnan(values), 0.0, tests)
        figures[behind] = total(weights)
        figures[figure] = ratio(total(weights * np.nan_to_num(values)), figures[behind])
    return figures


def summarise_speed(by_quarter: pd.DataFrame, *, quarters: int) -> pd.DataFrame:
    """One row per unit: raw figures of each network pooled over its newest `quarters` quarters, from `aggregate_speed`.

    `{n}_quarters`: quarters of the window with tests in the unit. The estimate is `geo.shrinkage`'s.
    """
    wide = pd.DataFrame({"unit_code": pd.unique(by_quarter["unit_code"])})
    for network, window in newest_quarters(by_quarter, quarters).items():
        rows = by_quarter[(by_quarter["network"] == network) & by_quarter["quarter"].isin(window)]
        pooled = _pool(rows).reindex(wide["unit_code"])
        for figure in pooled.columns:
            wide[speed_column(network, figure)] = pooled[figure].to_numpy()
    return wide


def _pool(rows: pd.DataFrame) -> pd.DataFrame:
    """Several quarters of one network in one row per unit_code (the index)."""
    behind = {
        "download_raw_mbps": rows["tests"],
        "upload_raw_mbps": rows["upload_tests"],
        "latency_raw_ms": rows["latency_tests"],
    }
    sums = rows[["unit_code", "tests", "devices"]].assign(
        quarters=(rows["tests"] > 0).astype(float),
        **{f"{figure}_sum": rows[figure].fillna(0.0) * tests for figure, tests in behind.items()},
        **{f"{figure}_tests": tests for figure, tests in behind.items()},
    )
    total = sums.groupby("unit_code").sum()
    means = {
        figure: ratio(total[f"{figure}_sum"].to_numpy(), total[f"{figure}_tests"].to_numpy())
        for figure in behind
    }
    counts = {**total[["tests", "devices"]], "quarters": total["quarters"].astype(np.int64)}
    return pd.DataFrame({**means, **counts}, index=total.index)


def summarise_tiles(
    tiles: pd.DataFrame,
    shares: pd.DataFrame,
    unit_codes: Sequence[str],
    unit_people: pd.Series | None,
    *,
    quarters: int,
) -> pd.DataFrame:
    """One row per unit and the same window as `summarise_speed`: `{n}_tiles` and `{n}_tested_people_share`.

    `unit_people`: people per unit_code (the index), None without a grid; the share is null where it is 0 or null.
    """
    wide = pd.DataFrame({"unit_code": list(unit_codes)})
    tested = tiles[_number(tiles["tests"]) > 0]
    for network, window in newest_quarters(tiles, quarters).items():
        used = tested[(tested["network"].astype(str) == network) & tested["quarter"].isin(window)]
        touched = shares[shares["quadkey"].isin(used["quadkey"])].groupby("unit_code")
        count = touched.size().reindex(wide["unit_code"]).fillna(0.0)
        wide[speed_column(network, "tiles")] = count.to_numpy(dtype=float)
        share = np.full(len(wide), np.nan)
        if unit_people is not None:
            living = touched["people"].sum().reindex(wide["unit_code"]).fillna(0.0).to_numpy()
            share = share_of(living, _number(unit_people.reindex(wide["unit_code"])))
        wide[speed_column(network, "tested_people_share")] = share
    return wide


def audit_tiles(tiles: pd.DataFrame, shares: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """Network → quarter → what became of its tiles and tests; tests_allocated + tests_outside = tests_total.

    `tiles_outside` meet no unit; `tiles_border` meet some unit and lie wholly inside none.
    """
    by_tile = shares.groupby("quadkey").agg(share=("share", "sum"), interior=("interior", "any"))
    found = by_tile.reindex(tiles["quadkey"])
    tests = np.nan_to_num(_number(tiles["tests"]))
    allocated = tests * found["share"].fillna(0.0).to_numpy(dtype=float)
    interior = found["interior"].eq(True).to_numpy()
    touching = found["share"].notna().to_numpy()
    sums = pd.DataFrame(
        {
            "network": tiles["network"].astype(str).to_numpy(),
            "quarter": tiles["quarter"].astype(str).to_numpy(),
            "tests_total": tests,
            "tests_allocated": allocated,
            "tests_outside": tests - allocated,
            "tiles_total": 1.0,
            "tiles_outside": (~touching).astype(float),
            "tiles_border": (touching & ~interior).astype(float),
        }
    )
    audit: dict[str, dict[str, dict[str, float]]] = {}
    for row in sums.groupby(["network", "quarter"], as_index=False).sum().to_dict("records"):
        network, quarter = str(row.pop("network")), str(row.pop("quarter"))
        audit.setdefault(network, {})[quarter] = {str(name): float(value) for name, value in row.items()}
    return audit
