"""The result table as it would read with more coverage: shares, people left out and operators, unit by unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.arrays import FLOAT_NOISE, FloatArray, IntArray, ObjectArray, share_of
from geo.rollout_base import Today, area_of, cut_away, touched_units
from geo.schema import coverage_column


@dataclass(frozen=True, eq=False)
class Addition:
    """Ground that an operator would newly serve with a technology."""

    technology: str
    operator: str
    area: Any


def add_coverage(today: Today, additions: Sequence[Addition]) -> pd.DataFrame:
    """The result table, without shapes, with the additions built; a technology of which nothing is known stays unknown.

    Operators are counted as in the build: present from `operator_share` of a unit's people (of its area without people).
    """
    table = today.table.copy()
    for technology in sorted({addition.technology for addition in additions}):
        if today.covered(technology).known:
            of_it = [addition for addition in additions if addition.technology == technology]
            _raise_shares(today, table, technology, shapely.union_all([addition.area for addition in of_it]))
            for operator in sorted({addition.operator for addition in of_it}):
                area = shapely.union_all(
                    [addition.area for addition in of_it if addition.operator == operator]
                )
                _count_operator(today, table, technology, operator, area)
    return table


def _raise_shares(today: Today, table: pd.DataFrame, technology: str, area: Any) -> None:
    units, parts = touched_units(today, area)
    beyond = cut_away(parts, today.covered(technology).union[units])
    people = today.people[units]
    share = _column(table, technology, "covered_people_share")[units] + share_of(today.count(beyond), people)
    _put(table, units, technology, "covered_people_share", np.minimum(share, 1.0))
    _put(table, units, technology, "uncovered_people", np.maximum(people * (1 - np.minimum(share, 1.0)), 0.0))
    of_area = _column(table, technology, "covered_area_share")[units] + share_of(
        area_of(beyond), today.area_km2[units]
    )
    _put(table, units, technology, "covered_area_share", np.minimum(of_area, 1.0))


def _count_operator(today: Today, table: pd.DataFrame, technology: str, operator: str, area: Any) -> None:
    units, parts = touched_units(today, area)
    mine = today.covered(technology).by_operator.get(operator)
    before: ObjectArray = np.full(len(units), None, dtype=object) if mine is None else mine[units]
    beyond = cut_away(parts, before)
    was = _presence(today, units, before)
    now = was + _presence(today, units, beyond)
    limit = today.rules.operator_share - FLOAT_NOISE
    more = (was < limit) & (now >= limit)
    _put(table, units, technology, "operators", _column(table, technology, "operators")[units] + more)


def _presence(today: Today, units: IntArray, shapes: ObjectArray) -> FloatArray:
    """Share of each unit's people inside its shape, of its area where it has no people."""
    of_people = share_of(today.count(shapes), today.people[units])
    of_area = share_of(area_of(shapes), today.area_km2[units])
    return np.where(np.isnan(of_people), of_area, of_people)


def _column(table: pd.DataFrame, technology: str, figure: str) -> FloatArray:
    name = coverage_column(technology, figure)
    if name not in table:
        return np.full(len(table), np.nan)
    return np.asarray(table[name].to_numpy(dtype=float, na_value=np.nan))


def _put(table: pd.DataFrame, units: IntArray, technology: str, figure: str, values: FloatArray) -> None:
    name = coverage_column(technology, figure)
    if name in table:
        column = _column(table, technology, figure).copy()
        column[units] = values
        table[name] = column
