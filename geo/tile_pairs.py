"""The pieces of tiles that speed estimates rest on, and how much tests of one unit scatter: the lower half of shrinkage.

One pair is a tile in a quarter, as far as it belongs to a unit. Its download is a mean over tests, of relative variance

    omega2 + sigma2 / devices

about its unit's mean: omega2 between the tiles of a unit, sigma2 between the devices of a tile (DESIGN §5).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import optimize

from geo.arrays import BoolArray, FloatArray, IntArray, ratio, sums
from geo.errors import InputError
from geo.pooling import LEAST_RESIDUALS


@dataclass(frozen=True)
class Pairs:
    """Arrays of one length: unit and tile by number, quarter 0 oldest, Mbps, tests and devices allocated to the unit."""

    unit: IntArray
    tile: IntArray
    quarter: IntArray
    mbps: FloatArray
    tests: FloatArray
    devices: FloatArray
    units: int
    quarters: int

    def sum_units(self, values: FloatArray) -> FloatArray:
        """(units,) sums."""
        return sums(self.unit, values, self.units)

    def sum_cells(self, values: FloatArray) -> FloatArray:
        """(units, quarters) sums."""
        cell = self.unit * self.quarters + self.quarter
        return sums(cell, values, self.units * self.quarters).reshape(self.units, self.quarters)

    def select(self, kept: BoolArray) -> "Pairs":
        """The pairs at which `kept` is true, among the same units and quarters."""
        return replace(
            self,
            unit=self.unit[kept],
            tile=self.tile[kept],
            quarter=self.quarter[kept],
            mbps=self.mbps[kept],
            tests=self.tests[kept],
            devices=self.devices[kept],
        )


def make_pairs(
    tiles: pd.DataFrame, shares: pd.DataFrame, unit_codes: Sequence[str], window: Sequence[str]
) -> Pairs:
    """Pairs of one network's tiles (quadkey, quarter, avg_d_kbps, tests, devices) in the quarters of `window`.

    Tiles without tests are left out. A tile with tests counts one device at least. Raises `InputError` for negative
    figures and for a tile that stands twice in a quarter.
    """
    used = tiles[tiles["quarter"].astype(str).isin(window) & (tiles["tests"] != 0)]
    _require_sound(used)
    pairs = used.merge(shares[["quadkey", "unit_code", "share"]], on="quadkey")
    share = pairs["share"].to_numpy(dtype=float)
    devices = np.maximum(np.nan_to_num(pairs["devices"].to_numpy(dtype=float, na_value=np.nan)), 1.0)
    codes: pd.Index[str] = pd.Index(list(unit_codes), dtype=object)
    every = Pairs(
        unit=codes.get_indexer(pd.Index(pairs["unit_code"], dtype=object)).astype(np.int64),
        tile=pd.factorize(pairs["quadkey"])[0].astype(np.int64),
        quarter=pd.Index(window).get_indexer(pd.Index(pairs["quarter"].astype(str))).astype(np.int64),
        mbps=pairs["avg_d_kbps"].to_numpy(dtype=float, na_value=np.nan) / 1000,
        tests=pairs["tests"].to_numpy(dtype=float) * share,
        devices=devices * share,
        units=len(codes),
        quarters=len(window),
    )
    return every.select((every.unit >= 0) & (share > 0) & ~np.isnan(every.mbps))


def _require_sound(tiles: pd.DataFrame) -> None:
    for name in ("avg_d_kbps", "tests", "devices"):
        bad = tiles[tiles[name].to_numpy(dtype=float, na_value=np.nan) < 0]
        if len(bad):
            row = bad.iloc[0]
            raise InputError(
                f"{name} is {row[name]} in tile {row['quadkey']} of {row['quarter']} ({len(bad)} such rows); wanted 0 or "
                "more: mend the rows or fetch the file again"
            )
    twice = tiles[tiles.duplicated(["quadkey", "quarter"])]
    if len(twice):
        row = twice.iloc[0]
        raise InputError(
            f"tile {row['quadkey']} stands twice in {row['quarter']} ({len(twice)} such rows), so its tests would count "
            "twice; wanted each tile once a quarter: is a file of that quarter given twice?"
        )


def variance_components(pairs: Pairs, relative: FloatArray) -> tuple[float, float, int] | None:
    """sigma2, omega2 and their degrees of freedom, from `relative`: each pair's speed over its unit's mean.

    Moments of a nested design with unequal numbers (analysis of variance, Searle, Casella & McCulloch 1992, ch. 5).
    sigma2 from the quarters of one tile, or where too few tiles come back, from tiles of few against those of many devices.
    None under `LEAST_RESIDUALS` degrees of freedom.
    """
    unit, place = _unit_tiles(pairs)
    devices = sums(place, pairs.devices)
    mean = ratio(sums(place, pairs.devices * relative), devices)
    within = float((pairs.devices * (relative - mean[place]) ** 2).sum())
    repeats = len(place) - len(unit)
    equations = _between(unit, devices, mean)
    freedom = repeats + round(equations[0][1])
    if freedom < LEAST_RESIDUALS:
        return None
    if repeats >= LEAST_RESIDUALS:
        sigma2 = within / repeats
        of_omega2, of_sigma2, found = equations[0]
        omega2 = max(0.0, (found - sigma2 * of_sigma2) / of_omega2) if of_omega2 > 0 else 0.0
        return sigma2, omega2, freedom
    # each equation by its own size, or the one with the larger weights would decide alone
    scaled = np.array([(o / s, 1.0, f / s) for o, s, f in equations if s > 0])
    (omega2, sigma2), _ = optimize.nnls(scaled[:, :2], scaled[:, 2])
    return float(sigma2), float(omega2), freedom


def _between(unit: IntArray, devices: FloatArray, mean: FloatArray) -> list[tuple[float, float, float]]:
    """Two moment equations a · omega2 + b · sigma2 = c between tiles of a unit, weighted by devices and devices^1.5.

    Both weigh tiles about as the means do: tiles of one device, of which there are most, would fit neither those of ten.
    """
    rows = []
    for weight in (devices, devices**1.5):
        total = sums(unit, weight)
        centre = ratio(sums(unit, weight * mean), total)
        found = float((weight * (mean - centre[unit]) ** 2).sum())
        own = weight * (1 - weight / total[unit])
        rows.append((float(own.sum()), float((own / devices).sum()), found))
    return rows


def relative_variance(pairs: Pairs, weights: FloatArray, sigma2: float, omega2: float) -> FloatArray:
    """(units,) variance of each unit's weighted mean over its square; null without tests. Pairs of one tile share its omega2."""
    total = pairs.sum_units(weights)
    unit, place = _unit_tiles(pairs)
    by_tile = sums(unit, sums(place, weights) ** 2, pairs.units)
    by_device = pairs.sum_units(weights**2 / pairs.devices)
    return ratio(omega2 * by_tile + sigma2 * by_device, total**2)


def tile_mixture(pairs: Pairs) -> FloatArray:
    """(units, quarters) how far a quarter's mix of tiles is from its unit's: Σ (share in the quarter − share in all)².

    Times omega2 it is the variance that other tiles bring to a quarter's mean, about the unit's. 0 without tests.
    """
    unit, place = _unit_tiles(pairs)
    tests = pairs.sum_cells(pairs.tests)
    here = pairs.tests / tests[pairs.unit, pairs.quarter]
    always = sums(place, pairs.tests) / pairs.sum_units(pairs.tests)[unit]
    squares = sums(unit, always**2, pairs.units)[:, None]
    mixture = pairs.sum_cells(here**2 - 2 * here * always[place]) + squares
    return np.where(tests > 0, np.maximum(mixture, 0.0), 0.0)


def _unit_tiles(pairs: Pairs) -> tuple[IntArray, IntArray]:
    """The unit of every tile of a unit, and at which of them each pair stands."""
    width = pairs.tile.max(initial=0) + 1
    code, place = np.unique(pairs.unit * width + pairs.tile, return_inverse=True)
    return code // width, place
