"""Tables by unit → the same figures for districts, provinces, the whole list, or the units of another vintage.

Counts are added up, shares averaged by what they are shares of, speeds by their tests: never a mean of means. A whole of
which a part's figure is not known has none (missing is not zero), unless partial ones are asked for; what was kept back is
listed. Figures that cannot be had from their parts (ranks, intervals, counts of distinct tiles or operators) are left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from geo.arrays import BoolArray, FloatArray, ratio, sums
from geo.errors import InputError
from geo.people_sum import UNKNOWN_UNITS, sum_people
from geo.schema import Level, Network, Technology, Verdict, coverage_column, speed_column

PEOPLE: Final = "people"
AREA: Final = "area_km2"
MEMBER_COLUMNS: Final = ("unit_code", "whole_code", "share")
"""Which unit belongs to which whole; `share` 0-1 of the unit's people: 1 but for units that were split, null if not known."""
WHOLE_LIST: Final = "all"
"""Code of the one whole that takes in every unit of a list."""


def _result_rules() -> dict[str, str | None]:
    rules: dict[str, str | None] = {AREA: None, PEOPLE: None}
    for technology in Technology:
        rules[coverage_column(technology, "covered_people_share")] = PEOPLE
        rules[coverage_column(technology, "covered_area_share")] = AREA
        rules[coverage_column(technology, "uncovered_people")] = None
    for network in Network:
        tests = speed_column(network, "tests")
        rules |= {
            speed_column(network, name): tests
            for name in ("download_raw_mbps", "upload_raw_mbps", "latency_raw_ms")
        }
        rules |= {tests: None, speed_column(network, "devices"): None}
        rules[speed_column(network, "tested_people_share")] = PEOPLE
    return rules | {"town_distance_km": PEOPLE, "town_minutes": PEOPLE, "gap_score": PEOPLE}


RESULT_RULES: Final[Mapping[str, str | None]] = MappingProxyType(_result_rules())
"""Column of the result table → the column its mean is weighted by, or None for one that is added up."""
COVERAGE_RULES: Final[Mapping[str, str | None]] = MappingProxyType(
    {
        "covered_people": None,
        "covered_people_share": PEOPLE,
        "covered_area_km2": None,
        "covered_area_share": AREA,
    }
)
_BY_AREA: Final = (AREA, "covered_area_km2")
"""Amounts of land, which a share of people does not divide."""


@dataclass(frozen=True)
class Rollup:
    """The table of wholes, and per figure that was kept back: `whole_code`, `column`, and the `unit_code` that lacks it."""

    table: pd.DataFrame
    withheld: pd.DataFrame


def members_by_level(result: pd.DataFrame, level: Level) -> pd.DataFrame:
    """`MEMBER_COLUMNS` of a result table by its `district_code` or `province_code`; raises `InputError` where one lacks it."""
    column = f"{level}_code"
    codes = result[column] if column in result else pd.Series(None, index=result.index, dtype=object)
    lost = result.loc[codes.isna(), "unit_code"].tolist()
    if lost:
        raise InputError(
            f"{len(lost)} of {len(result)} units have no {column} ({', '.join(map(str, lost[:5]))}), so they cannot be added up by "
            f"{level}; Vietnam's lists of 2025 and later have no districts"
        )
    return pd.DataFrame({"unit_code": result["unit_code"], "whole_code": codes.astype(str), "share": 1.0})


def members_of_all(result: pd.DataFrame) -> pd.DataFrame:
    """`MEMBER_COLUMNS` that put every unit of a result table into one whole, `WHOLE_LIST`."""
    return pd.DataFrame({"unit_code": result["unit_code"], "whole_code": WHOLE_LIST, "share": 1.0})


def roll_up(result: pd.DataFrame, members: pd.DataFrame, *, partial: bool = False) -> Rollup:
    """A result table (DESIGN §4) by the wholes of `members`, sorted by their code (`unit_code`).

    Columns: `unit_code`, `units`, `people_known` (the sum of the parts whose people are known, null where that is none) with
    `people_unknown_units` (how many are not in it), what `RESULT_RULES` names and the table has (a mean where its weight is there too),
    and where there are verdicts `{verdict}_units` and `{verdict}_people`. A unit of `members` that the table does not
    have is a part whose figures are not known. `partial`: figures of the known parts, in place of none.
    """
    _require_members(members, result)
    parts = members.merge(
        pd.DataFrame(result).drop(columns="geometry", errors="ignore"), on="unit_code", how="left"
    )
    counts = _verdict_counts(parts) if "verdict" in result else pd.DataFrame(index=parts.index)
    rules = {**RESULT_RULES, **{str(name): None for name in counts}}
    rolled = _roll(pd.concat([parts, counts], axis=1), ["whole_code"], rules, partial)
    units = parts.groupby("whole_code")["unit_code"].nunique()
    rolled.table.insert(1, "units", units.reindex(rolled.table["whole_code"]).to_numpy())
    if PEOPLE in parts:
        place = list(rolled.table).index(PEOPLE)
        sums_known = _known_people(parts).reindex(rolled.table["whole_code"])
        for offset, name in enumerate(sums_known, start=1):
            rolled.table.insert(place + offset, name, sums_known[name].to_numpy())
    return Rollup(rolled.table.rename(columns={"whole_code": "unit_code"}), rolled.withheld)


def _known_people(parts: pd.DataFrame) -> pd.DataFrame:
    """By whole: the sum of the people that are known, and of how many units they are not."""
    amount = pd.Series(_amounts(parts, PEOPLE, None)[0], index=parts.index)
    found = {str(code): sum_people(amount[rows]) for code, rows in parts.groupby("whole_code").groups.items()}
    return pd.DataFrame(
        {
            f"{PEOPLE}_known": {
                code: np.nan if one.known is None else one.known for code, one in found.items()
            },
            f"{PEOPLE}{UNKNOWN_UNITS}": {code: one.unknown_units for code, one in found.items()},
        }
    )


def _verdict_counts(parts: pd.DataFrame) -> pd.DataFrame:
    """Per part and verdict: 1 or 0 units, and its people or 0; null where the verdict is not known, or counts a split unit."""
    counts = {}
    for verdict in Verdict:
        here = parts["verdict"].eq(str(verdict)).astype(float).where(parts["verdict"].notna())
        counts[f"{verdict}_units"] = here.where(parts["share"] == 1)
        if PEOPLE in parts:
            counts[f"{verdict}_people"] = parts[PEOPLE].astype(float).where(here != 0, here)
    return pd.DataFrame(counts)


def roll_up_coverage(
    coverage: pd.DataFrame, result: pd.DataFrame, members: pd.DataFrame, *, partial: bool = False
) -> Rollup:
    """The operators' table (`geo.coverage.BY_OPERATOR_COLUMNS`) by wholes; `result` gives the units' people and area.

    With `geo.coverage.union_by_technology` the outcome gives a whole its `{t}_operators` and `{t}_evidence`.
    """
    weights = result[[name for name in ("unit_code", PEOPLE, AREA) if name in result]]
    keys = ["operator", "technology", "evidence", "as_of"]
    return _roll_long(
        coverage.merge(weights, on="unit_code", how="left"), members, keys, COVERAGE_RULES, partial
    )


def _roll_long(
    table: pd.DataFrame,
    members: pd.DataFrame,
    keys: list[str],
    rules: Mapping[str, str | None],
    partial: bool,
) -> Rollup:
    """A table of several rows per unit: every whole has a row per key, and lacks a figure where a part has no such row."""
    _require_members(members, table)
    each = members.merge(table[keys].drop_duplicates(), how="cross")
    parts = each.merge(table, on=["unit_code", *keys], how="left")
    rolled = _roll(parts, ["whole_code", *keys], rules, partial)
    return Rollup(rolled.table.rename(columns={"whole_code": "unit_code"}), rolled.withheld)


def _require_members(members: pd.DataFrame, table: pd.DataFrame) -> None:
    twice = members.duplicated(["unit_code", "whole_code"])
    if twice.any():
        row = members[twice].iloc[0]
        raise InputError(
            f"unit {row['unit_code']} stands twice in {row['whole_code']}; wanted one row per unit and whole"
        )
    strangers = sorted(set(table["unit_code"]) - set(members["unit_code"]))
    if strangers:
        raise InputError(
            f"{len(strangers)} units of the table belong to no whole: {', '.join(strangers[:5])}; are the table and the wholes "
            "of one vintage?"
        )


def _roll(parts: pd.DataFrame, keys: list[str], rules: Mapping[str, str | None], partial: bool) -> Rollup:
    groups = parts.groupby(keys, sort=True)
    place, count = np.asarray(groups.ngroup(), dtype=np.int64), groups.ngroups
    table = groups.size().reset_index()[keys]
    kept_back = []
    for name, weight in rules.items():
        if name not in parts or (weight is not None and weight not in parts):
            continue
        amount, total = _amounts(parts, name, weight)
        unknown = np.isnan(amount) | np.isnan(total)
        value = sums(place, np.where(unknown, 0.0, amount), count)
        if weight is not None:
            below = sums(place, np.where(unknown, 0.0, total), count)
            value = ratio(value, below)
        known_parts = np.bincount(place, ~unknown, minlength=count)
        missing_parts = np.bincount(place, unknown, minlength=count)
        table[name] = np.where((known_parts == 0) | ((missing_parts > 0) & (not partial)), np.nan, value)
        kept_back.append(_kept_back(parts, name, unknown))
    columns = ["whole_code", "column", "unit_code"]
    found = pd.concat(kept_back, ignore_index=True) if kept_back else pd.DataFrame(columns=columns)
    return Rollup(table, found.drop_duplicates().reset_index(drop=True))


def _amounts(parts: pd.DataFrame, name: str, weight: str | None) -> tuple[FloatArray, FloatArray]:
    """What each part brings to the sum above and below the line; null where it is not known, 0 for a part without weight."""
    value, share = _number(parts, name), _number(parts, "share")
    if (weight or name) in _BY_AREA:
        share = np.where(share == 1, 1.0, np.nan)
    if weight is None:
        return value * share, np.ones(len(parts))
    total = _number(parts, weight) * share
    return np.where(total == 0, 0.0, value * total), total


def _kept_back(parts: pd.DataFrame, name: str, unknown: BoolArray) -> pd.DataFrame:
    return parts.loc[unknown, ["whole_code", "unit_code"]].assign(column=name)[
        ["whole_code", "column", "unit_code"]
    ]


def _number(parts: pd.DataFrame, name: str) -> FloatArray:
    return np.asarray(parts[name].to_numpy(dtype=float, na_value=np.nan))
