"""The publisher's own recipe, for comparison: whole tiles to every unit they touch, test-weighted mean, 50 tests at least.

As in the county example of Ookla's open-data tutorials. It counts the tests of a border tile in each of its units, pools no
quarters and says nothing of uncertainty: figures by it agree with what others publish, and enter no verdict here.
"""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import ratio
from geo.tiles import tile_bounds

MIN_TESTS: Final = 50
LABEL: Final = (
    "Ookla's tutorial recipe: tiles that intersect a unit count wholly, test-weighted mean, at least 50 tests"
)


def ookla_tutorial(tiles: pd.DataFrame, units: gpd.GeoDataFrame) -> pd.DataFrame:
    """One row per unit × network × quarter of `tiles`: unit_code, network, quarter, tests, avg_d_mbps_wt.

    `tiles`: network, quarter, quadkey, avg_d_kbps, tests; `units`: unit_code, EPSG:4326. `avg_d_mbps_wt` is null under
    `MIN_TESTS` tests. Raises `InputError` naming the rows of bad quadkeys.
    """
    quadkeys = np.sort(tiles["quadkey"].astype(str).drop_duplicates().to_numpy(dtype=object))
    tree = shapely.STRtree(shapely.box(*tile_bounds(list(quadkeys)).T))
    unit, tile = tree.query(units.geometry.to_numpy(), predicate="intersects")
    codes = units["unit_code"].to_numpy()
    touched = pd.DataFrame({"unit_code": codes[unit], "quadkey": quadkeys[tile]})
    pairs = tiles[tiles["tests"] > 0].merge(touched, on="quadkey")
    key = ["unit_code", "network", "quarter"]
    sums = pairs.assign(product=pairs["avg_d_kbps"] / 1000 * pairs["tests"]).groupby(key)[
        ["product", "tests"]
    ]
    periods = tiles[["network", "quarter"]].drop_duplicates().sort_values(["network", "quarter"])
    every = pd.DataFrame({"unit_code": codes}).merge(periods, how="cross")
    found = every.merge(sums.sum().reset_index(), on=key, how="left")
    found["tests"] = found["tests"].fillna(0.0)
    mean = ratio(found["product"].to_numpy(), found["tests"].to_numpy(dtype=float))
    found["avg_d_mbps_wt"] = np.where(found["tests"] >= MIN_TESTS, mean, np.nan)
    return found[[*key, "tests", "avg_d_mbps_wt"]]
