"""Tiles of the newest quarters → each unit's download speed with a 90 % interval, by empirical Bayes in logs (DESIGN §5).

What is estimated: a unit's test-weighted mean download in Mbps, at the level of the newest quarter. It is the same kind of
figure as the raw mean and as the goals, so no average of logs needs turning back; only the logs of unit means are pooled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.arrays import BoolArray, FloatArray
from geo.quarters import newest_quarters
from geo.schema import speed_column
from geo.speed_model import (
    SpeedModel,
    UnitSpeeds,
    enough_devices,
    estimate_units,
    fit_speed,
    has_speed,
    number_groups,
    quarter_weights,
)
from geo.tile_pairs import make_pairs


@dataclass(frozen=True)
class NetworkSpeeds:
    """One network of a list of units: its quarters and their weights, the model (None where tests are too few), and per unit
    tests and devices allocated, whether they are `enough` for an estimate, and its speeds.
    """

    window: tuple[str, ...]
    weights: FloatArray
    model: SpeedModel | None
    tests: FloatArray
    devices: FloatArray
    enough: BoolArray
    speeds: UnitSpeeds

    def as_dict(self) -> dict[str, Any]:
        """What all units share, as plain values; all but quarters and weights are null where tests are too few."""
        model = self.model
        prior = None if model is None else model.prior
        return {
            "quarters": list(self.window),
            "quarter_weights": self.weights.tolist(),
            "log_levels": None if model is None else model.levels.tolist(),
            "sigma2": None if model is None else model.sigma2,
            "omega2": None if model is None else model.omega2,
            "phi2": None if model is None else model.phi2,
            "tau2": None if prior is None else prior.tau2,
            "freedom": None if model is None else model.freedom,
        }


def estimate_networks(
    tiles: pd.DataFrame,
    shares: pd.DataFrame,
    unit_codes: Sequence[str],
    *,
    quarters: int,
    quarter_weight: float,
    min_devices: float,
    groups: Sequence[str] | None = None,
) -> dict[str, NetworkSpeeds]:
    """Network → its speeds, arrays in the order of `unit_codes`.

    `tiles`: network, quarter and `geo.schema.TILE_COLUMNS`; `shares` from `share_tiles`; each quarter weighs `quarter_weight`
    of the next newer; units under `min_devices` devices have no estimate. `groups`: whose mean a unit is drawn to, that of
    all units when None. Raises `InputError` for negative figures and for a tile given twice.
    """
    found = {}
    for network, window in newest_quarters(tiles, quarters).items():
        of_network = tiles[tiles["network"].astype(str) == network]
        pairs = make_pairs(of_network, shares, unit_codes, window)
        weights = quarter_weights(len(window), quarter_weight)
        enough = enough_devices(pairs, min_devices)
        usable = enough & has_speed(pairs)
        peers = number_groups(groups, usable)
        model = fit_speed(pairs, weights, usable, peers)
        speeds = estimate_units(pairs, weights, model, peers)
        tests, devices = pairs.sum_units(pairs.tests), pairs.sum_units(pairs.devices)
        found[network] = NetworkSpeeds(tuple(window), weights, model, tests, devices, enough, speeds)
    return found


def speed_columns(networks: dict[str, NetworkSpeeds], unit_codes: Sequence[str]) -> pd.DataFrame:
    """One row per unit: unit_code and `{n}_download_mbps`, `_low`, `_high` of each network, Mbps.

    All three are null without enough devices; the interval also where tests are too few to say how they scatter, or all gave 0.
    """
    wide = pd.DataFrame({"unit_code": list(unit_codes)})
    for network, found in networks.items():
        for column, values in (
            ("download_mbps", found.speeds.estimate_mbps),
            ("download_low", found.speeds.low_mbps),
            ("download_high", found.speeds.high_mbps),
        ):
            wide[speed_column(network, column)] = np.where(found.enough, values, np.nan)
    return wide


def speed_steps(networks: dict[str, NetworkSpeeds], unit_codes: Sequence[str]) -> pd.DataFrame:
    """One row per network and unit with the steps of its estimate, so that it can be had by hand (METHODS.md, "Speed")."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "unit_code": list(unit_codes),
                    "network": network,
                    "tests": found.tests,
                    "devices": found.devices,
                    "weighted_mean_mbps": found.speeds.mean_mbps,
                    "own_log": found.speeds.value,
                    "own_variance": found.speeds.variance,
                    "own_weight": found.speeds.weight,
                    "mean_log": found.speeds.group_mean,
                    "estimate_variance": found.speeds.spread,
                    "download_mbps": np.where(found.enough, found.speeds.estimate_mbps, np.nan),
                    "download_low": np.where(found.enough, found.speeds.low_mbps, np.nan),
                    "download_high": np.where(found.enough, found.speeds.high_mbps, np.nan),
                }
            )
            for network, found in networks.items()
        ],
        ignore_index=True,
    )
