"""The units that a proposal reaches: verdict, score and rank before and after, judged anew by what the caller brings."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.arrays import FloatArray, IntArray
from geo.proposal import Proposal
from geo.rollout_after import Addition, add_coverage
from geo.rollout_base import Today
from geo.schema import coverage_column

Rejudge = Callable[[pd.DataFrame], pd.DataFrame]
"""Result table with changed coverage → `unit_code`, `verdict`, `gap_score`, `rank` and their intervals anew, row by row alike."""

JUDGED: Final = ("verdict", "gap_score", "gap_score_low", "gap_score_high", "rank", "covered_people_share")
_INTERVAL: Final = ("gap_score_low", "gap_score_high")


def unit_rows(today: Today, proposal: Proposal, units: IntArray) -> pd.DataFrame:
    """`unit_code`, `vintage`, `name` and `JUDGED` before, of the units at these positions."""
    rows = today.table.iloc[units].reset_index(drop=True)
    table = pd.DataFrame({name: rows[name] for name in ("unit_code", "vintage", "name")})
    for name in JUDGED:
        table[f"{name}_before"] = _figure(rows, name, proposal)
    return table


def _figure(rows: pd.DataFrame, name: str, proposal: Proposal) -> Any:
    column = coverage_column(proposal.technology, name) if name == "covered_people_share" else name
    return rows[column].to_numpy() if column in rows else None


def with_after(today: Today, proposal: Proposal, units: pd.DataFrame, rejudge: Rejudge) -> pd.DataFrame:
    """The rows with `JUDGED` after the proposal is built: these units judged anew, ranked among all others as they are."""
    return all_after(today, [(proposal, units)], rejudge, intervals=True)[0]


def all_after(
    today: Today, given: Sequence[tuple[Proposal, pd.DataFrame]], rejudge: Rejudge, *, intervals: bool = False
) -> list[pd.DataFrame]:
    """`with_after` of many in one call of `rejudge`, each unit of each proposal under a code of its own.

    Intervals are drawn from a unit's code, so they are those of a build only for one proposal alone (`intervals`).
    """
    stacked = []
    for place, (proposal, units) in enumerate(given):
        changed = _after(today, proposal)
        rows = changed[changed["unit_code"].isin(set(units["unit_code"]))]
        stacked.append(rows.assign(unit_code=_codes(place, rows["unit_code"], intervals)))
    whole = pd.concat(stacked, ignore_index=True)
    judged = rejudge(whole).set_index("unit_code")
    whole = whole.set_index("unit_code")
    tables = []
    for place, (proposal, units) in enumerate(given):
        codes = _codes(place, units["unit_code"], intervals)
        mine = judged.loc[codes]
        score = mine["gap_score"].to_numpy(dtype=float, na_value=np.nan)
        mine = mine.assign(rank=_ranks(today, units, score))
        mine = mine if intervals else mine.assign(**dict.fromkeys(_INTERVAL))
        tables.append(_filled(units, mine, whole.loc[codes], proposal))
    return tables


def _codes(place: int, codes: pd.Series, plain: bool) -> list[str]:
    return [str(code) if plain else f"{place}:{code}" for code in codes]


def _after(today: Today, proposal: Proposal) -> pd.DataFrame:
    return add_coverage(today, [Addition(str(proposal.technology), proposal.operator, proposal.area)])


def _filled(
    units: pd.DataFrame, judged: pd.DataFrame, changed: pd.DataFrame, proposal: Proposal
) -> pd.DataFrame:
    table = units.copy()
    for name in JUDGED:
        source = changed if name == "covered_people_share" else judged
        table[f"{name}_after"] = _figure(source, name, proposal)
    return table


def _ranks(today: Today, units: pd.DataFrame, scores: FloatArray) -> Any:
    """Ranks of the units among all, theirs being the new scores: 1 is furthest behind, equal scores share the smallest."""
    every = today.table["gap_score"].to_numpy(dtype=float, na_value=np.nan).copy()
    place = pd.Index(today.table["unit_code"]).get_indexer(pd.Index(units["unit_code"]))
    every[place] = scores
    ranked = pd.Series(every).rank(ascending=False, method="min").astype("Int64")
    return ranked.iloc[place].array
