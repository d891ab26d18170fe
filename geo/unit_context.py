"""A unit's figures beside those of its province and of the nation."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geo.intervals import numbers
from geo.schema import VIETNAMESE_VINTAGES
from geo.targets import NATIONAL_TARGETS, Target

CONTEXT_COLUMNS: Final = (
    "dimension", "units", "units_known", "people_share", "value", "low", "high", "national", "national_on",
    "national_source",
)  # fmt: skip
LEVEL_REACHED: Final = {"4g_covered_people_share": "4g_people"}
"""Column → the national target that states what the nation has reached already. The others are wishes, and no figures."""


@dataclass(frozen=True)
class Peers:
    """Which units of a list are of a unit's province; `province` is None where the list does not name it: all units then."""

    province: str | None
    codes: frozenset[str]


def province_of(communes: pd.DataFrame, code: str) -> Peers:
    """The units of the province of unit `code`, itself among them; `communes`: the result table of one list."""
    everything = frozenset(communes["unit_code"].astype(str))
    if "province_code" not in communes:
        return Peers(None, everything)
    row = communes.loc[communes["unit_code"] == code].iloc[0]
    if pd.isna(row["province_code"]):
        return Peers(None, everything)
    same = communes.loc[communes["province_code"] == row["province_code"], "unit_code"]
    name = row.get("province_name")
    return Peers(
        str(row["province_code"]) if name is None or pd.isna(name) else str(name), frozenset(same.astype(str))
    )


def figures_in_context(communes: pd.DataFrame, goals: pd.DataFrame, peers: Peers) -> pd.DataFrame:
    """`CONTEXT_COLUMNS`, a row per goal in the goals' order: what stands beside the figures of any unit among `peers`.

    `value`: Σ people · figure / Σ people over the units of the province in this list that have the figure, which are
    `units_known` of `units` and hold `people_share` (0-1) of its people; null where people are not known. `low`, `high`:
    the ends weighed alike, so that they hold whatever the errors of units have in common; null where a unit with a figure
    lacks an end. `national` and its day and source where the nation's own figure is known, for Vietnamese lists.
    """
    people = numbers(communes, "people").set_axis(communes["unit_code"].astype(str))
    vietnamese = str(communes["vintage"].iloc[0]) in VIETNAMESE_VINTAGES
    records = [
        {
            "dimension": str(dimension),
            **_of_province(rows, peers, people),
            **_of_nation(str(rows["column"].iloc[0]), vietnamese),
        }
        for dimension, rows in goals.groupby("dimension", sort=False)
    ]
    return pd.DataFrame(records, columns=list(CONTEXT_COLUMNS))


def _of_province(goals: pd.DataFrame, peers: Peers, people: pd.Series) -> dict[str, float]:
    rows = goals[goals["unit_code"].astype(str).isin(peers.codes)]
    weight = people.reindex(rows["unit_code"].astype(str)).to_numpy(dtype=float)
    value, low, high = (rows[name].to_numpy(dtype=float) for name in ("value", "low", "high"))
    # a share that area settles is known without a figure of its own
    value = np.where(np.isnan(value) & (low == high), low, value)
    known = ~np.isnan(value)
    total, held = weight.sum(), weight[known].sum()
    found = {"units": float(len(rows)), "units_known": float(known.sum())}
    if not held > 0:  # nobody, or not known how many
        return {**found, "people_share": np.nan, "value": np.nan, "low": np.nan, "high": np.nan}
    ends = [float((weight[known] * part[known]).sum() / held) for part in (value, low, high)]
    value_, low_, high_ = (end if np.isfinite(end) else np.nan for end in ends)
    return {**found, "people_share": float(held / total), "value": value_, "low": low_, "high": high_}


def _of_nation(column: str, vietnamese: bool) -> dict[str, float | str | None]:
    target = national_level(column) if vietnamese else None
    if target is None:
        return {"national": np.nan, "national_on": None, "national_source": None}
    return {"national": target.goal, "national_on": target.said_on, "national_source": target.source}


def national_level(column: str) -> Target | None:
    """The target that says what the nation has reached in this column, if one does."""
    wanted = LEVEL_REACHED.get(column)
    return next((target for target in NATIONAL_TARGETS if target.id == wanted), None)
