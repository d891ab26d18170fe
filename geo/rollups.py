"""A built list of units by districts, provinces, all together, or the units of a younger list (`geo.aggregate`)."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

import pandas as pd

from geo.aggregate import (
    PEOPLE,
    WHOLE_LIST,
    Rollup,
    members_by_level,
    members_of_all,
    roll_up,
    roll_up_coverage,
)
from geo.coverage import union_by_technology
from geo.errors import CallError
from geo.results import UnitList
from geo.rules import Rules
from geo.schema import EVERY_OPERATOR, VIETNAMESE_VINTAGES, Level, Technology, Vintage, coverage_column
from geo.unit_lists import unit_by_code, units
from geo.vintages import crosswalk, crosswalk_members

Shares = Mapping[str, Mapping[str, float]]
"""Split unit → its parts' codes in the younger list → share 0-1 of its people."""


class By(StrEnum):
    """What the wholes are."""

    DISTRICT = "district"
    PROVINCE = "province"
    ALL = "all"


LEADING: Final = ("unit_code", "vintage", "name", "units")


def split_units(given: UnitList, to: Vintage) -> list[str]:
    """Codes of the list that went to more than one unit of the younger list."""
    split = set(crosswalk(Vintage(given.vintage), to).split)
    return [code for code in given.result["unit_code"].astype(str) if code in split]


def roll_up_list(
    given: UnitList,
    rules: Rules,
    *,
    by: By | None = None,
    to: Vintage | None = None,
    shares: Shares | None = None,
    partial: bool = False,
) -> Rollup:
    """`LEADING`, what `geo.aggregate.roll_up` gives, and `{t}_operators`, `{t}_evidence`, per whole; and what was kept back.

    `by` what, or `to` the communes of a younger list, or both: to the districts or provinces of that list. Parts of a whole
    that the list does not hold are parts whose figures are not known. `shares` of split units; without theirs, what they
    are part of is kept back. Raises `CallError`, `InputError` or `VintageError` where the units have no such wholes.
    """
    members, names = _members(given, by, to, shares)
    rolled = roll_up(given.result, members, partial=partial)
    table = rolled.table
    table.insert(1, "vintage", str(to or given.vintage))
    table.insert(2, "name", table["unit_code"].map(names))
    if given.coverage.empty:
        return rolled
    return _with_operators(rolled, given, members, rules, partial)


def _members(
    given: UnitList, by: By | None, to: Vintage | None, shares: Shares | None
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Which unit is part of what, and the wholes' names."""
    if to is not None:
        return _members_to(given, by, to, shares or {})
    if by is None:
        raise CallError("rollup needs --by district, province or all, or --to and a younger list of units")
    if by is By.ALL:
        return members_of_all(given.result), {WHOLE_LIST: given.id}
    members = members_by_level(given.result, Level(by))
    names = given.result.get(f"{by}_name", given.result[f"{by}_code"])
    return members, dict(zip(members["whole_code"], names.fillna("").astype(str), strict=True))


def _members_to(
    given: UnitList, by: By | None, to: Vintage, shares: Shares
) -> tuple[pd.DataFrame, dict[str, str]]:
    if (
        given.level != Level.COMMUNE
        or given.vintage not in VIETNAMESE_VINTAGES
        or to not in VIETNAMESE_VINTAGES
    ):
        raise CallError(
            f"{given.id} cannot be rolled up to {to}: only communes of {', '.join(VIETNAMESE_VINTAGES)} have a known successor; "
            "choose such a list with --units, or leave --to out"
        )
    members = crosswalk_members(crosswalk(Vintage(given.vintage), to), shares)
    level = Level.COMMUNE
    if by is By.ALL:
        members["whole_code"] = WHOLE_LIST
    elif by is not None:
        level = Level(by)
        above = {unit.code: getattr(unit, f"{by}_code") for unit in units(to, Level.COMMUNE)}
        members["whole_code"] = members["whole_code"].map(above)
        if members["whole_code"].eq("").any():
            raise CallError(f"the list {to} has no {by}s; wanted --by province or all, or another --to")
    parts = members.groupby(["unit_code", "whole_code"], as_index=False)["share"].sum(min_count=1)
    # a unit all of whose parts lie in one whole is that whole's, however it was split
    parts.loc[~parts["unit_code"].duplicated(keep=False), "share"] = 1.0
    held = parts["unit_code"].isin(given.result["unit_code"])
    if by is By.ALL:
        return parts[held], {WHOLE_LIST: given.id}
    parts = parts[parts["whole_code"].isin(parts.loc[held, "whole_code"])].reset_index(drop=True)
    listed = unit_by_code(to, level)
    return parts, {code: listed[code].full_name for code in parts["whole_code"].unique()}


def _with_operators(
    rolled: Rollup, given: UnitList, members: pd.DataFrame, rules: Rules, partial: bool
) -> Rollup:
    """With `{t}_operators` and `{t}_evidence` from the operators' figures of the whole; null where one of these was kept back."""
    result = pd.DataFrame(given.result)
    coverage = roll_up_coverage(given.coverage, result, members, partial=partial)
    table = rolled.table.set_index("unit_code")
    people = table.get(PEOPLE)
    union = union_by_technology(
        coverage.table, people, evidence_order=rules.coverage_evidence, operator_share=rules.operator_share
    ).set_index("unit_code")
    known = coverage.table[coverage.table["operator"] != EVERY_OPERATOR]
    presence = known["covered_people_share"].fillna(known["covered_area_share"])
    kept_back = [rolled.withheld]
    for technology in Technology:
        name = coverage_column(technology, "operators")
        if name not in union:
            continue
        evidence = union[coverage_column(technology, "evidence")]
        used = (known["technology"] == str(technology)) & (known["evidence"] == evidence.iloc[0])
        lost = known.loc[used & presence.isna(), "unit_code"].unique()
        table[name] = union[name].astype(float).mask(union.index.isin(lost))
        table[coverage_column(technology, "evidence")] = evidence
        why = coverage.withheld[coverage.withheld["whole_code"].isin(lost)]
        kept_back.append(why[["whole_code", "unit_code"]].drop_duplicates().assign(column=name))
    withheld = pd.concat(kept_back, ignore_index=True)[["whole_code", "column", "unit_code"]]
    return replace(rolled, table=table.reset_index(), withheld=withheld.drop_duplicates(ignore_index=True))
