"""Where to measure next: how much of a unit's score new tests would settle, and how many of them it takes."""

from typing import Final

import numpy as np
import pandas as pd

from geo.arrays import FloatArray, ratio
from geo.intervals import numbers
from geo.precision import MOST_DEVICES, devices_missing, fit_precision, log_half_width
from geo.rules import Rules
from geo.schema import Network, Outcome

NEXT_COLUMNS: Final = (
    "place", "unit_code", "name", "network", "people", "outcome", "open_points", "devices", "tests", "half_width",
    "devices_missing", "tests_missing", "samples_missing",
)  # fmt: skip
_OPEN: Final = (Outcome.UNDECIDED, Outcome.NO_EVIDENCE)


def rank_measurements(communes: pd.DataFrame, goals: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """One row per unit and network that has a goal, most to be settled first, with `NEXT_COLUMNS`.

    First come goals that are not decided, then those with most `open_points` (points of the score between the ends of the
    interval), then most people. `half_width` is relative (0.2: ±20 %); `devices_missing` and `tests_missing` until it is
    `rules.half_width`, `samples_missing` until there are `rules.wanted_samples` tests. Null where it cannot be told.
    """
    parts = [_of_network(communes, goals, str(network), rules) for network in Network]
    frame = pd.concat(parts, ignore_index=True)
    frame["_decided"] = ~frame["outcome"].isin(_OPEN)
    order = ["_decided", "open_points", "people", "unit_code", "network"]
    frame = frame.sort_values(order, ascending=[True, False, False, True, True], ignore_index=True)
    frame["place"] = np.arange(1, len(frame) + 1)
    return frame[list(NEXT_COLUMNS)]


def _of_network(communes: pd.DataFrame, goals: pd.DataFrame, network: str, rules: Rules) -> pd.DataFrame:
    rows = goals[goals["dimension"] == network].set_index("unit_code").reindex(communes["unit_code"])
    frame = pd.DataFrame({"unit_code": communes["unit_code"].to_numpy(), "name": communes["name"].to_numpy()})
    frame["network"], frame["people"] = network, numbers(communes, "people").to_numpy()
    frame["outcome"] = rows["outcome"].to_numpy()
    total = goals.groupby("unit_code")["weight"].sum().reindex(communes["unit_code"]).to_numpy()
    frame["open_points"] = 100 * _open_deficit(rows) * rows["weight"].to_numpy(dtype=float) / total
    # a unit that no test reached has 0 of them, one without any speed input too: more tests are what it wants
    devices, tests = (
        numbers(communes, f"{network}_{name}").fillna(0.0).to_numpy() for name in ("devices", "tests")
    )
    low, high = (numbers(communes, f"{network}_download_{end}").to_numpy() for end in ("low", "high"))
    width = log_half_width(low, high)
    frame["devices"], frame["tests"] = devices, tests
    frame["half_width"] = np.expm1(width)
    missing = _devices_missing(width, devices, rules)
    frame["devices_missing"] = missing
    per_device = ratio(np.array([tests.sum()]), np.array([devices.sum()]))[0]
    frame["tests_missing"] = np.ceil(np.round(missing * per_device, 6))
    frame["samples_missing"] = np.ceil(np.round(np.maximum(rules.wanted_samples - tests, 0.0), 6))
    return frame[frame["outcome"].notna()]


def _devices_missing(width: FloatArray, devices: FloatArray, rules: Rules) -> FloatArray:
    """From the unit's own interval, else from how intervals narrow over the list of units."""
    wanted = float(np.log1p(rules.half_width))
    fitted = fit_precision(width, devices)
    by_own = devices_missing(width, wanted, devices, fitted.pooling)
    by_list = np.ceil(np.round(np.maximum(fitted.devices_for(wanted) - devices, 0.0), 6))
    return np.where(np.isfinite(width), by_own, np.where(by_list <= MOST_DEVICES, by_list, np.nan))


def _open_deficit(rows: pd.DataFrame) -> FloatArray:
    """Deficit at the low end less deficit at the high end; the whole 1 where nothing is known."""
    goal, worst = rows["goal"].to_numpy(dtype=float), rows["worst"].to_numpy(dtype=float)
    at_low, at_high = (
        np.clip((goal - rows[end].to_numpy(dtype=float)) / (goal - worst), 0.0, 1.0)
        for end in ("low", "high")
    )
    return np.where(np.isnan(rows["low"].to_numpy(dtype=float)), 1.0, np.abs(at_low - at_high))
