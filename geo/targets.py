"""National goals, dated and cited, and the planner's own: which units and how many people are still short of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.errors import WorkspaceError
from geo.goals import INDICATOR_ID, Faults
from geo.intervals import OWN_PREFIX, figure_interval, numbers
from geo.people_sum import UNKNOWN_UNITS, people_of_rows, sum_columns, sum_people
from geo.rules import Rules
from geo.schema import RESULT_BY_NAME


class State(StrEnum):
    """What a target says of a unit; the four are never merged."""

    MET = "met"
    SHORT = "short"
    UNDECIDED = "undecided"
    NO_EVIDENCE = "no_evidence"


@dataclass(frozen=True)
class Target:
    """One goal: the figure it reads, the value wanted and by when, who set it and on what day (ISO)."""

    id: str
    column: str
    unit: str
    goal: float
    due: str
    source: str
    said_on: str
    better: str = "higher"


_D36: Final = "Decision 36/QĐ-TTg (information and communications infrastructure planning 2021-2030)"
_D1132: Final = "Decision 1132/QĐ-TTg (digital infrastructure strategy to 2025, towards 2030)"

_MINISTRY_2025: Final = "Ministry of Science and Technology, half-year conference of 2025-07-14"

NATIONAL_TARGETS: Final = (
    Target("4g_people", "4g_covered_people_share", "share", 0.998, "2025-12-31",
           "Ministry of Information and Communications, publishing Decision 36: 4G reaches 99.8 % of people; a level to keep", "2024-02-23"),
    Target("5g_people_2025", "5g_covered_people_share", "share", 0.90, "2025-12-31",
           f"{_MINISTRY_2025}: 5G for 90 % of people by the end of 2025", "2025-07-14"),
    Target("5g_people_2030", "5g_covered_people_share", "share", 0.99, "2030-12-31",
           f"{_D36}, repeated by {_D1132} of 2024-10-09: 5G for 99 % of people by 2030", "2024-01-11"),
    Target("mobile_40", "mobile_download_mbps", "Mbps", 40.0, "2025-12-31",
           f"{_D36}: mean download of 4G at least 40 Mb/s by 2025", "2024-01-11"),
    Target("mobile_100", "mobile_download_mbps", "Mbps", 100.0, "2025-12-31",
           f"{_D36}: mean download of 5G at least 100 Mb/s by 2025; {_MINISTRY_2025}: mobile at least 100 Mb/s", "2024-01-11"),
    Target("fixed_200", "fixed_download_mbps", "Mbps", 200.0, "2025-12-31",
           f"{_D36}: 90 % of users on fixed Internet, mean 200 Mb/s by 2025; {_MINISTRY_2025}: fixed 200 Mb/s", "2024-01-11"),
)  # fmt: skip
"""What the decisions of 2024 and the ministry's figures of 2025 ask and this project's columns can answer; METHODS names the rest."""

TARGET_COLUMNS: Final = (
    "target", "due", "unit_code", "name", "province_code", "province_name", "unit", "goal", "value", "low", "high",
    "state", "short_by", "people", "people_short",
)  # fmt: skip
PROVINCE_COLUMNS: Final = (
    "target", "due", "province_code", "province_name", "unit", "goal", "units", *(f"units_{s}" for s in State),
    *(f"people_{s}{ending}" for s in State for ending in ("", UNKNOWN_UNITS)),
    "people_to_cover", f"people_to_cover{UNKNOWN_UNITS}", "value", "low", "high", "state",
)  # fmt: skip
_NEEDED: Final = ("id", "column", "goal")
_ALLOWED: Final = ("id", "column", "unit", "goal", "due", "source", "said_on", "better")
_UNITS: Final = {"0-1": "share"}


def load_targets(given: Sequence[dict[str, Any]], own: Sequence[str], *, source: str) -> tuple[Target, ...]:
    """The national targets and the tables [[targets]]; raises `WorkspaceError` listing every fault.

    `own`: ids of the workspace's own indicators, which a target may read as `indicator:<id>`.
    """
    faults = Faults()
    targets = [*NATIONAL_TARGETS, *(_load(table, n, own, faults) for n, table in enumerate(given, start=1))]
    ids = [target.id for target in targets]
    faults.found += [
        f"target {name} stands more than once" for name in sorted({i for i in ids if ids.count(i) > 1})
    ]
    if faults.found:
        raise WorkspaceError(f"{source}: " + "; ".join(faults.found))
    return tuple(targets)


def _load(table: dict[str, Any], number: int, own: Sequence[str], faults: Faults) -> Target:
    where = f"[[targets]] number {number}"
    faults.found += [f"{where} lacks {name}" for name in _NEEDED if name not in table]
    faults.found += [
        f"{where}: {name} is not known (known: {', '.join(_ALLOWED)})"
        for name in table
        if name not in _ALLOWED
    ]
    texts = {name: str(table.get(name, "")) for name in _ALLOWED if name != "goal"}
    column = texts["column"]
    about = RESULT_BY_NAME.get(column)
    readable = (about is not None and about.kind == "number") or column in {
        f"{OWN_PREFIX}{name}" for name in own
    }
    if "column" in table and not readable:
        faults.found.append(
            f"{where}: column is {column!r}, wanted one with figures of the result table, or {OWN_PREFIX}<id> of an own indicator"
        )
    if "id" in table and not INDICATOR_ID.fullmatch(texts["id"]):
        faults.found.append(f"{where}: id is {texts['id']!r}, wanted small letters and digits joined by _")
    if texts["better"] not in ("", "higher", "lower"):
        faults.found.append(f"{where}: better is {texts['better']!r}, wanted higher or lower")
    goal = faults.number(table.get("goal", 0.0), f"{where}: goal", 0.0)
    unit = texts["unit"] or (_UNITS.get(about.unit, about.unit) if about else "")
    if unit == "share" and not 0 <= goal <= 1:
        faults.found.append(f"{where}: goal is {goal}, wanted a share of 0 to 1")
    return Target(
        texts["id"], column, unit, goal, texts["due"], texts["source"] or "own target", texts["said_on"],
        texts["better"] or "higher",
    )  # fmt: skip


def judge_targets(communes: pd.DataFrame, targets: Sequence[Target], rules: Rules) -> pd.DataFrame:
    """One row per target × unit with `TARGET_COLUMNS`, in the targets' order, units by code.

    `communes`: the result table, with own indicators as columns `indicator:<id>`. `short_by` in the target's unit and
    `people_short` (people still to be covered) where a target is missed for certain; null elsewhere.
    """
    return pd.concat([_judge(communes, target, rules) for target in targets], ignore_index=True)


def _judge(communes: pd.DataFrame, target: Target, rules: Rules) -> pd.DataFrame:
    value, low, high = figure_interval(communes, target.column, rules.decisive_devices)
    frame = pd.DataFrame({"unit_code": communes["unit_code"], "value": value, "low": low, "high": high})
    frame["state"] = states(low, high, target)
    for name in ("name", "province_code", "province_name"):
        frame[name] = communes.get(name)
    frame["target"], frame["due"], frame["unit"], frame["goal"] = (
        target.id,
        target.due,
        target.unit,
        target.goal,
    )
    frame["people"] = numbers(communes, "people")
    is_short = frame["state"] == State.SHORT
    frame["short_by"] = (target.goal - best_known(value, low, high)).abs().where(is_short)
    covers = target.column.endswith("_covered_people_share")
    frame["people_short"] = (frame["short_by"] * frame["people"]).where(is_short & covers)
    return frame.sort_values("unit_code", ignore_index=True)[list(TARGET_COLUMNS)]


def best_known(value: pd.Series, low: pd.Series, high: pd.Series) -> pd.Series:
    """The figure, or the one that its ends leave no doubt about."""
    return value.where(value.notna(), low.where(low == high))


def states(low: pd.Series, high: pd.Series, target: Target) -> pd.Series:
    """State of every interval; null ends are no evidence, one that holds the goal is undecided."""
    least, best, goal = (low, high, target.goal) if target.better == "higher" else (-high, -low, -target.goal)
    found = np.select(
        [low.isna() | high.isna(), least >= goal, best < goal],
        [State.NO_EVIDENCE, State.MET, State.SHORT],
        default=State.UNDECIDED,
    )
    return pd.Series(found, index=low.index)


def sum_by_province(judged: pd.DataFrame, targets: Sequence[Target]) -> pd.DataFrame:
    """One row per target × province with `PROVINCE_COLUMNS`: units and people by state, and the province's own figure.

    Sums of people are of the units whose people are known (null where that is none), each with how many units are not: a least,
    not a total (`geo.people_sum`). The figure is people-weighted, for shares of people only; units
    without a figure leave it between the ends that they could give it.
    """
    by_id = {target.id: target for target in targets}
    keys = judged[["target", "province_code", "province_name"]].astype(object).fillna("")
    groups = judged.groupby([keys[name] for name in keys], sort=False)
    rows = [
        _province(rows, by_id[str(target)], str(code), str(name)) for (target, code, name), rows in groups
    ]
    counts = [name for name in PROVINCE_COLUMNS if name.endswith(UNKNOWN_UNITS)]
    return pd.DataFrame(rows, columns=list(PROVINCE_COLUMNS)).astype(dict.fromkeys(counts, "Int64"))


def _province(rows: pd.DataFrame, target: Target, code: str, name: str) -> dict[str, Any]:
    record: dict[str, Any] = {
        "target": target.id, "due": target.due, "province_code": code or None, "province_name": name or None,
        "unit": target.unit, "goal": target.goal, "units": len(rows),
    }  # fmt: skip
    for state in State:
        mine = rows[rows["state"] == state]
        record[f"units_{state}"] = len(mine)
        record |= sum_columns(f"people_{state}", people_of_rows(mine))
    covers = target.column.endswith("_covered_people_share")
    short = rows.loc[rows["state"] == State.SHORT, "people_short"]
    nothing: dict[str, Any] = {"people_to_cover": np.nan, f"people_to_cover{UNKNOWN_UNITS}": None}
    record |= sum_columns("people_to_cover", sum_people(short)) if covers else nothing
    ends = [_weighted(rows, part) for part in ("value", "low", "high")] if covers else [np.nan] * 3
    record["value"], record["low"], record["high"] = ends
    record["state"] = (
        str(states(pd.Series([ends[1]]), pd.Series([ends[2]]), target).iloc[0]) if covers else None
    )
    return record


def _weighted(rows: pd.DataFrame, part: str) -> float:
    """Σ share · people / Σ people; the ends of what is not known are 0 and 1; null where people are not known."""
    people = rows["people"]
    if people.isna().any() or people.sum() <= 0:
        return np.nan
    if part == "value":
        share = best_known(rows["value"], rows["low"], rows["high"])
        # units without people have no share and weigh nothing
        share = share.where(people > 0, 0.0)
    else:
        share = rows[part].fillna(0.0 if part == "low" else 1.0)
        if rows["low"].isna().all():
            return np.nan
    return float((share * people).sum(skipna=False) / people.sum())
