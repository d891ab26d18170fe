"""Where an operator's word and the tests disagree: people declared covered who live in tiles whose tests are too slow.

A tile counts as a contradiction only when even the upper end of its speed is below what the technology must give; a unit
only when it has more such tiles than chance would make. Silence (no tests, few devices) contradicts nothing.
"""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.special import polygamma
from scipy.stats import binom, norm

from geo.arrays import BoolArray, ObjectArray, share_of
from geo.crs import equal_area_km2
from geo.errors import InputError, RulesError
from geo.schema import EVERY_OPERATOR, Evidence, Network, Technology
from geo.tiles import tile_bounds

CONTRADICTION_COLUMNS: Final = (
    "unit_code", "technology", "as_of", "declared_share", "judged_share", "contradicted_share", "basis", "judged_tiles",
    "contradicted_tiles", "devices", "chance", "declared_not_measured",
)  # fmt: skip
"""One row per unit. Shares 0-1 of the unit's people (`basis` people) or area (`basis` area, without a grid):
`declared_share` inside the declared union; `judged_share` in declared tiles with enough devices; `contradicted_share` in
those of them that are too slow. `chance`: probability of that many slow tiles if every tile were fast enough."""
LEAST_SCATTER: Final = 0.5
"""Tests that seem to scatter less than this are too few or too alike to accuse anybody by."""


@dataclass(frozen=True)
class ContradictionRules:
    """`floor_mbps`: mobile download under which a place has no usable service, the operators' own zone-1 minimum.

    `min_devices`: devices over the window from which a tile is judged. `sigma_log`: standard deviation of the logarithm of
    single devices within a tile, from `log_scatter` where tests can tell; else the default, which real tiles come close to.
    `alpha`: chance of calling a tile, and then a unit, slow when it is not. `min_tiles`: judged tiles from which a unit is
    judged. `quarters`: the newest so many are pooled.
    """

    floor_mbps: float = 5.0
    min_devices: float = 3.0
    sigma_log: float = 1.0
    alpha: float = 0.05
    min_tiles: int = 2
    quarters: int = 4

    def __post_init__(self) -> None:
        positive = ("floor_mbps", "min_devices", "sigma_log", "min_tiles", "quarters")
        faults = [
            f"{name} is {getattr(self, name)}, wanted above 0"
            for name in positive
            if not getattr(self, name) > 0
        ]
        if not 0 < self.alpha < 0.5:
            faults.append(f"alpha is {self.alpha}, wanted above 0 and below 0.5")
        if faults:
            raise RulesError(f"rules for declared and measured: {'; '.join(faults)}")


def log_scatter(sigma2: float, omega2: float) -> float:
    """`sigma_log` from the variances of `geo.tile_pairs`: √ψ'((1 + omega2) / sigma2), `LEAST_SCATTER` at the least.

    sigma2 is relative to the square of the unit's mean, and squares of tile means are 1 + omega2 times that on average; ψ' is
    the variance of the logarithm of a gamma-distributed speed of that relative variance, as in the speed model.
    """
    if sigma2 <= 0:
        return LEAST_SCATTER
    return max(LEAST_SCATTER, float(np.sqrt(polygamma(1, (1 + omega2) / sigma2))))


def find_contradictions(
    units: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    coverage: pd.DataFrame,
    tiles: pd.DataFrame,
    shares: pd.DataFrame,
    unit_people: pd.Series | None,
    *,
    technology: Technology = Technology.G4,
    rules: ContradictionRules | None = None,
) -> pd.DataFrame:
    """`CONTRADICTION_COLUMNS`, one row per unit in their order; no rows where nobody declares the technology.

    `areas`: dissolved claims, `coverage`: the operators' table (`dissolve_coverage`, `cover_units` of `geo.coverage`);
    `tiles`, `shares`: speed tiles and how they are shared out (`geo.speed.share_tiles`); `unit_people`: people by unit_code,
    None without a grid. Only mobile tests count, and only tiles that lie wholly inside the declared union: a test in a tile
    on its edge may have been made outside.
    """
    rules = rules or ContradictionRules()
    declared = areas[(areas["technology"] == str(technology)) & (areas["evidence"] == str(Evidence.DECLARED))]
    if declared.empty:
        return pd.DataFrame(columns=list(CONTRADICTION_COLUMNS))
    judged = judge_tiles(tiles, rules)
    judged = judged[_inside(judged["quadkey"], shapely.union_all(declared.geometry.to_numpy()))]
    pairs = shares.merge(judged, on="quadkey")
    whole = _weigh(pairs, units, unit_people)
    basis = "area" if unit_people is None else "people"
    sums = _sum_pairs(pairs).reindex(units["unit_code"]).fillna(0.0)
    rows = coverage[
        (coverage["technology"] == str(technology)) & (coverage["evidence"] == str(Evidence.DECLARED))
    ]
    union = rows[rows["operator"] == EVERY_OPERATOR].set_index("unit_code").reindex(units["unit_code"])
    total = np.asarray(whole.reindex(units["unit_code"]), dtype=np.float64)
    tried, slow = sums["judged_tiles"].to_numpy(), sums["contradicted_tiles"].to_numpy()
    chance = np.where(tried > 0, binom.sf(slow - 1, tried, rules.alpha), np.nan)
    return pd.DataFrame(
        {
            "unit_code": units["unit_code"].to_numpy(),
            "technology": str(technology),
            "as_of": union["as_of"].to_numpy(),
            "declared_share": union[f"covered_{basis}_share"].to_numpy(dtype=float),
            "judged_share": share_of(sums["judged"].to_numpy(), total),
            "contradicted_share": share_of(sums["slow"].to_numpy(), total),
            "basis": basis,
            "judged_tiles": tried.astype(np.int64),
            "contradicted_tiles": slow.astype(np.int64),
            "devices": sums["devices"].to_numpy(),
            "chance": chance,
            "declared_not_measured": (tried >= rules.min_tiles) & (slow > 0) & (chance <= rules.alpha),
        }
    )


def _weigh(pairs: pd.DataFrame, units: gpd.GeoDataFrame, unit_people: pd.Series | None) -> pd.Series:
    """Puts `weight` to each pair, people or without a grid km², and returns the same of whole units by unit_code."""
    if unit_people is not None:
        pairs["weight"] = pairs["people"]
        return unit_people.astype(float)
    pairs["weight"] = pairs["area_share"].to_numpy() * equal_area_km2(_boxes(pairs["quadkey"]))
    return pd.Series(equal_area_km2(units.geometry.to_numpy()), index=units["unit_code"].tolist())


def _sum_pairs(pairs: pd.DataFrame) -> pd.DataFrame:
    """Per unit_code: people (or km²) in judged tiles and in slow ones, how many tiles, devices shared out."""
    parts = pd.DataFrame(
        {
            "unit_code": pairs["unit_code"],
            "judged": pairs["weight"],
            "slow": pairs["weight"].where(pairs["slow"], 0.0),
            "judged_tiles": 1.0,
            "contradicted_tiles": pairs["slow"].astype(float),
            "devices": pairs["devices"] * pairs["share"],
        }
    )
    return parts.groupby("unit_code").sum()


def judge_tiles(tiles: pd.DataFrame, rules: ContradictionRules) -> pd.DataFrame:
    """`quadkey`, `devices`, `upper_mbps`, `slow` of each mobile tile with enough devices in the newest quarters.

    The tile's mean over its tests is taken as the middle of the logarithms, which it exceeds when tests are skewed: the
    upper end exp(ln x + z σ / √devices) errs to the side of the declaration.
    """
    mobile = tiles[
        (tiles["network"].astype(str) == str(Network.MOBILE))
        & (tiles["tests"].to_numpy(dtype=float, na_value=0) > 0)
    ]
    window = sorted(mobile["quarter"].astype(str).unique())[-rules.quarters :]
    used = mobile[mobile["quarter"].astype(str).isin(window) & mobile["avg_d_kbps"].notna()]
    tests, kbps = (used[name].to_numpy(dtype=float) for name in ("tests", "avg_d_kbps"))
    if (kbps < 0).any():
        raise InputError("speed tiles: a download speed is below 0; wanted kbps of 0 or more")
    sums = pd.DataFrame(
        {
            "quadkey": used["quadkey"].astype(str).to_numpy(),
            "tests": tests,
            "sum": tests * kbps / 1000,
            "devices": np.nan_to_num(used["devices"].to_numpy(dtype=float, na_value=np.nan)),
        }
    )
    pooled = sums.groupby("quadkey", as_index=False).sum()
    pooled = pooled[pooled["devices"] >= rules.min_devices].reset_index(drop=True)
    spread = norm.ppf(1 - rules.alpha) * rules.sigma_log / np.sqrt(pooled["devices"])
    pooled["upper_mbps"] = pooled["sum"] / pooled["tests"] * np.exp(spread)
    pooled["slow"] = pooled["upper_mbps"] < rules.floor_mbps
    return pooled[["quadkey", "devices", "upper_mbps", "slow"]]


def _boxes(quadkeys: pd.Series) -> ObjectArray:
    return np.asarray(shapely.box(*tile_bounds(quadkeys.tolist()).T), dtype=object)


def _inside(quadkeys: pd.Series, area: shapely.Geometry) -> BoolArray:
    shapely.prepare(area)
    return np.asarray(shapely.contains(area, _boxes(quadkeys)), dtype=bool)
