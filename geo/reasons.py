"""Reasons as data: what would flip a goal's outcome, and what speaks against a unit beside its goals."""

from typing import Final

import numpy as np
import pandas as pd

from geo.arrays import FloatArray
from geo.goals import Goal
from geo.intervals import numbers
from geo.precision import devices_missing, fit_precision, log_half_width
from geo.rules import Rules
from geo.schema import Network, Outcome

FLIP_COLUMNS: Final = ("flip_value", "flip_people", "flip_devices")
CONTRADICTED: Final = "4g_contradicted_people_share"
"""Optional column: share of people declared to have 4G where tests say otherwise."""
FALLING_BEHIND: Final = "falling_behind"
_DISTANCE_FLOOR: Final = 1e-6


def add_flips(frame: pd.DataFrame, communes: pd.DataFrame, goal: Goal, rules: Rules) -> pd.DataFrame:
    """The rows of one goal with `FLIP_COLUMNS`: what it takes to pass, or to be decided; null where nothing applies.

    `flip_value`: the figure from which the goal passes. `flip_people`: people still to be covered for that.
    `flip_devices`: devices still missing for a figure, or until the interval no longer holds the goal, if the figure stays.
    """
    open_ = frame["outcome"] != Outcome.PASS
    people = np.full(len(frame), np.nan)
    if goal.column.endswith("_covered_people_share"):
        short = (goal.goal - frame["value"]).to_numpy(dtype=float) * numbers(communes, "people").to_numpy()
        people = np.where(frame["outcome"] == Outcome.FAIL, np.maximum(short, 0.0), np.nan)
    return frame.assign(
        flip_value=pd.Series(goal.goal, index=frame.index).where(open_),
        flip_people=people,
        flip_devices=_flip_devices(frame, communes, goal, rules),
    )


def _flip_devices(frame: pd.DataFrame, communes: pd.DataFrame, goal: Goal, rules: Rules) -> FloatArray:
    column = f"{goal.column.removesuffix('_download_mbps')}_devices"
    if not goal.column.endswith("_download_mbps") or column not in communes:
        return np.full(len(frame), np.nan)
    devices = numbers(communes, column).fillna(0.0).to_numpy()
    low, high, value = (frame[name].to_numpy(dtype=float) for name in ("low", "high", "value"))
    width = log_half_width(low, high)
    distance = np.abs(np.log(np.maximum(value, _DISTANCE_FLOOR) / goal.goal))
    pooling = fit_precision(width, devices).pooling
    narrower = devices_missing(width, np.maximum(distance, _DISTANCE_FLOOR), devices, pooling)
    # without an interval the rule decides how many devices are enough
    thin = np.ceil(np.maximum(rules.decisive_devices - devices, 0.0))
    first = np.ceil(np.maximum(rules.min_devices - devices, 0.0))
    return np.select(
        [frame["outcome"] == Outcome.NO_EVIDENCE, frame["outcome"] == Outcome.UNDECIDED],
        [first, np.where(np.isfinite(width), narrower, thin)],
        default=np.nan,
    )


def find_signals(
    communes: pd.DataFrame, rules: Rules, contradictions: pd.DataFrame | None = None
) -> pd.DataFrame:
    """`unit_code`, `reason`: what speaks against a unit beside its goals; each makes it `watch` at the least.

    `{n}_falling_behind` where the column `{n}_direction` says so; `declared_not_measured` where more than
    `contradicted_share` of the people are declared covered and tests contradict it. Either column may be absent.
    `contradictions`: `unit_code`, `contradicted_share`, `declared_not_measured` (whether it is more than chance) of 4G,
    in place of the column.
    """
    found = [
        communes.loc[communes[column] == FALLING_BEHIND, ["unit_code"]].assign(
            reason=f"{network}_{FALLING_BEHIND}"
        )
        for network in Network
        if (column := f"{network}_direction") in communes
    ]
    contradicted = numbers(communes, CONTRADICTED) > rules.contradicted_share
    if contradictions is not None:
        many = contradictions["contradicted_share"] > rules.contradicted_share
        sure = contradictions.loc[many & contradictions["declared_not_measured"].astype(bool), "unit_code"]
        contradicted = communes["unit_code"].isin(sure)
    found.append(communes.loc[contradicted, ["unit_code"]].assign(reason="declared_not_measured"))
    return pd.DataFrame(pd.concat(found, ignore_index=True))
