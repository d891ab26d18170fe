"""Spatial clusters of the score: local Moran's I (LISA, Anselin 1995) with false-discovery control."""

import warnings
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.arrays import FloatArray

SEED: Final = 20260930
PERMUTATIONS: Final = 999
FALSE_DISCOVERY_RATE: Final = 0.10
MIN_UNITS: Final = 8
"""Fewer units than this leave too few permutations of a neighbourhood to say anything."""
_DECIMALS: Final = 6

_HIGH_HIGH, _HIGH_LOW = 1, 4  # quadrants as esda numbers them


def find_hotspots(units: gpd.GeoDataFrame, score: pd.Series) -> pd.DataFrame:
    """`unit_code`, `hotspot`: `cluster` (high score among high), `isolated` (high among low), `none`; null without a score.

    `units` and `score` share their index. Neighbours touch in an edge or a corner (queen contiguity); a unit without
    neighbours is `none`. p-values from seeded conditional permutation, Benjamini–Hochberg at `FALSE_DISCOVERY_RATE`.
    """
    hotspot = pd.Series(None, index=units.index, dtype=object)
    known = units[score.notna()]
    # the last digits of a score depend on the order of the inputs' rows, and would decide ties among the permutations
    values = score[score.notna()].to_numpy(dtype=float).round(_DECIMALS)
    if len(known) >= MIN_UNITS and np.ptp(values) > 0:
        hotspot.loc[known.index] = _classify(known.reset_index(drop=True), values)
    return pd.DataFrame({"unit_code": units["unit_code"], "hotspot": hotspot})


def contiguity(units: gpd.GeoDataFrame, *, rook: bool = False) -> Any:
    """Row-standardised weights (`libpysal.graph.Graph`) of units that touch in an edge or, unless `rook`, in a corner."""
    # slow to import (it brings scikit-learn), needed by builds only
    from libpysal.graph import Graph

    return Graph.build_contiguity(units, rook=rook).transform("r")


def _classify(units: gpd.GeoDataFrame, values: FloatArray) -> npt.NDArray[np.str_]:
    with warnings.catch_warnings():
        # esda warns that its own p-values will change (ours are taken two-sided below, whatever its version),
        # and that it would be faster with a compiler that nothing else here needs
        warnings.simplefilter("ignore")
        import esda  # slow to import, see above
        from esda.significance import calculate_significance

        graph = contiguity(units)
        # an island has no neighbourhood to permute: it is no test, and must not count among the tests either
        tested = ~np.isin(np.arange(len(units)), np.asarray(graph.isolates))
        if not tested.any():
            return np.full(len(units), "none")
        local = esda.Moran_Local(values, graph, permutations=PERMUTATIONS, seed=SEED)
        p_values = calculate_significance(local.Is, local.rlisas, alternative="two-sided").ravel()
    significant = np.zeros(len(units), dtype=bool)
    significant[tested] = p_values[tested] <= esda.fdr(p_values[tested], alpha=FALSE_DISCOVERY_RATE)
    quadrants = [significant & (local.q == _HIGH_HIGH), significant & (local.q == _HIGH_LOW)]
    return np.select(quadrants, ["cluster", "isolated"], default="none")
