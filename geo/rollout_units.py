"""What a gain does to each unit it reaches: covered share, operators, verdict, score and rank before and after."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.arrays import FLOAT_NOISE, FloatArray, sums
from geo.crs import equal_area_km2
from geo.people import count_people
from geo.pieces import NOTHING
from geo.rollout_areas import Ground
from geo.schema import Technology, Verdict, coverage_column

Rejudge = Callable[[pd.DataFrame], pd.DataFrame]
"""Rows of the result table → unit_code, verdict, gap_score, as the build judges them, and the 90 % intervals `gap_score_low`,
`gap_score_high`, `rank_low`, `rank_high` where it draws any. Each row has a `unit_code` of its own; `was` is its unit's, and
rows of one `change` come true together."""
UNIT_COLUMNS: Final = (
    "unit_code", "name", "people", "area_km2", "inside_people", "inside_km2", "new_people", "new_km2", "covered_share_before",
    "covered_share_after", "operators_before", "operators_after", "verdict_before", "verdict_after", "score_before",
    "score_after", "rank_before", "rank_after", "score_low_before", "score_high_before", "score_low_after",
    "score_high_after", "rank_low_before", "rank_high_before", "rank_low_after", "rank_high_after",
)  # fmt: skip
_SCORE_ENDS: Final = ("gap_score_low", "gap_score_high")
_RANK_ENDS: Final = ("rank_low", "rank_high")
_JUDGED: Final = ("verdict", "gap_score", *_SCORE_ENDS, *_RANK_ENDS)
_LEAST_KM2: Final = 1e-6
"""A square metre: less of a unit is the width of a border, not a part of it."""


@dataclass(frozen=True, eq=False)
class Change:
    """What an offer, or several of one technology, adds: polygons inside the units.

    `new`: None where today's coverage is not known. `added`: per operator_key its own area beyond its own coverage,
    None where that is not known.
    """

    technology: Technology
    inside: Any
    new: Any
    added: Mapping[str, Any]


def by_unit(ground: Ground, shapes: Sequence[Any]) -> list[tuple[FloatArray, FloatArray]]:
    """People and km² of each polygon in each unit, in the units' order; null for None.

    People are null without a grid, and in a unit in which the grid has no figure: nobody counted there is not nobody.
    """
    count = len(ground.units)
    # all parts are measured in one call: many small ones cost more than what is in them
    cut = [ground.layer.pairs(NOTHING if shape is None else shape) for shape in shapes]
    parts = np.concatenate([part for part, _ in cut])
    place = np.concatenate([number * count + owner for number, (_, owner) in enumerate(cut)])
    km2 = sums(place, equal_area_km2(parts), count * len(cut)).reshape(len(cut), count)
    people = np.full_like(km2, np.nan)
    if ground.grid is not None:
        people = sums(place, count_people(ground.grid, parts), count * len(cut)).reshape(len(cut), count)
        if "people" in ground.units:
            people[:, _column(ground.units, "people").isna().to_numpy()] = np.nan
    missing = [shape is None for shape in shapes]
    people[missing], km2[missing] = np.nan, np.nan
    return list(zip(people, km2, strict=True))


def change_units(
    ground: Ground, changes: Sequence[Change], operator_share: float, rejudge: Rejudge
) -> list[pd.DataFrame]:
    """`UNIT_COLUMNS` of the units that each change touches, furthest behind first; all are judged in one call."""
    before = _before(ground.units)
    tables = [_touched(ground, change, operator_share) for change in changes]
    after = _judge(ground.units, changes, tables, rejudge)
    return [_ranked(before, table, found) for table, found in zip(tables, after, strict=True)]


def _before(units: pd.DataFrame) -> pd.DataFrame:
    """Verdict, score and rank as built, with their intervals; null where the table has none."""
    frame = pd.DataFrame({"unit_code": units["unit_code"]})
    for name in ("rank", *_JUDGED):
        frame[name] = units.get(name)
    for name in _JUDGED[1:]:
        frame[name] = pd.to_numeric(frame[name]).astype(float)
    return frame


def _touched(ground: Ground, change: Change, operator_share: float) -> pd.DataFrame:
    """The units that a change reaches, with the columns that do not need judging; `place` in the units' order."""
    units, technology = ground.units, change.technology
    found = by_unit(ground, [change.inside, change.new, *change.added.values()])
    (inside, inside_km2), (new, new_km2) = found[:2]
    table = pd.DataFrame(
        {
            "place": np.arange(len(units)),
            "unit_code": units["unit_code"],
            "name": units["name"],
            "people": _column(units, "people"),
            "area_km2": _column(units, "area_km2"),
            "inside_people": inside,
            "inside_km2": inside_km2,
            "new_people": new,
            "new_km2": new_km2,
            "operators_before": _column(units, coverage_column(technology, "operators")),
        }
    )
    people_share = _column(units, coverage_column(technology, "covered_people_share"))
    area_share = _column(units, coverage_column(technology, "covered_area_share"))
    table["people_share_after"] = _grown(people_share, new, _column(units, "people"))
    table["area_share_after"] = _grown(area_share, new_km2, _column(units, "area_km2"))
    by_people = people_share.notna()
    table["covered_share_before"] = people_share.where(by_people, area_share)
    table["covered_share_after"] = table["people_share_after"].where(by_people, table["area_share_after"])
    table["operators_after"] = table["operators_before"] + _arrived(
        ground, technology, dict(zip(change.added, found[2:], strict=True)), operator_share
    )
    return table[inside_km2 > _LEAST_KM2].reset_index(drop=True)


def _column(units: pd.DataFrame, name: str) -> pd.Series:
    if name not in units:
        return pd.Series(np.nan, index=units.index, dtype=float)
    return pd.to_numeric(units[name]).astype(float)


def _grown(share: pd.Series, gained: FloatArray, whole: pd.Series) -> pd.Series:
    """Share + gained / whole, never above 1; null where any is not known."""
    grown: pd.Series = share + gained / whole.where(whole > 0)
    return grown.clip(upper=1.0)


def _arrived(
    ground: Ground,
    technology: Technology,
    added: Mapping[str, tuple[FloatArray, FloatArray]],
    operator_share: float,
) -> FloatArray:
    """How many of the operators, by what they add to their own coverage, come to count as present in each unit who did not before."""
    arrived = np.zeros(len(ground.units))
    whole_people = _column(ground.units, "people").to_numpy()
    whole_km2 = _column(ground.units, "area_km2").to_numpy()
    for key, (people, area) in added.items():
        nothing = np.zeros(len(arrived))
        people_share, area_share = ground.shares.get((technology, key), (nothing, nothing))
        known = np.isfinite(people) & (whole_people > 0)
        had = np.where(known, people_share, area_share)
        gained = np.where(known, people / np.where(known, whole_people, 1.0), area / whole_km2)
        least = operator_share - FLOAT_NOISE
        arrived += (had < least) & (had + gained >= least)
    return arrived


def _judge(
    units: pd.DataFrame, changes: Sequence[Change], tables: Sequence[pd.DataFrame], rejudge: Rejudge
) -> list[pd.DataFrame]:
    """`_JUDGED` of every touched unit of every change; null where today's coverage is not known."""
    rows = []
    for number, (change, table) in enumerate(zip(changes, tables, strict=True)):
        wanted = units.iloc[table["place"].to_numpy()].drop(columns=units.geometry.name).copy()
        for figure, column in (("covered_people_share", "people_share_after"), ("covered_area_share", "area_share_after"),
                               ("operators", "operators_after")):  # fmt: skip
            name = coverage_column(change.technology, figure)
            if name in wanted:
                wanted[name] = table[column].to_numpy()
        rows.append(wanted.assign(was=wanted["unit_code"], change=number))
    everything = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()
    if everything.empty:
        return [pd.DataFrame(columns=list(_JUDGED)) for _ in tables]
    # a unit may stand in many changes: each row is judged as a unit of its own
    numbers = [f"{number:09}" for number in range(len(everything))]
    judged = rejudge(everything.assign(unit_code=numbers)).set_index("unit_code").loc[numbers]
    ends = np.cumsum([len(table) for table in tables])
    parts = [judged.iloc[end - len(table) : end] for end, table in zip(ends, tables, strict=True)]
    return [
        (part if change.new is not None else part.iloc[:0].reindex(part.index))
        .reindex(columns=list(_JUDGED))
        .reset_index(drop=True)
        for part, change in zip(parts, changes, strict=True)
    ]


def _ranked(before: pd.DataFrame, table: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The table with what was judged, and the rank among all units once the touched ones have their new score."""
    place = table["place"].to_numpy()
    scores = before["gap_score"].to_numpy().copy()
    found = after["gap_score"].to_numpy(dtype=float)
    known = np.isfinite(found)
    scores[place[known]] = found[known]
    ranks = np.where(known, 1.0 + (scores[None, :] > found[:, None]).sum(axis=1), np.nan)
    done = table.assign(
        verdict_before=before["verdict"].to_numpy()[place],
        score_before=before["gap_score"].to_numpy()[place],
        rank_before=pd.array(before["rank"].to_numpy()[place], dtype="Int64"),
        verdict_after=after["verdict"].to_numpy(),
        score_after=found,
        rank_after=pd.array(ranks, dtype="Int64"),
        **_intervals("before", before.iloc[place], np.full(len(place), np.nan)),
        **_intervals("after", after, ranks),
    )
    ordered = done.sort_values(["new_people", "new_km2", "unit_code"], ascending=[False, False, True])
    return ordered[list(UNIT_COLUMNS)].reset_index(drop=True)


def _intervals(when: str, judged: pd.DataFrame, rank: FloatArray) -> dict[str, Any]:
    """The four columns of one side; a rank interval also holds the rank itself, where that is given and there is one."""
    ends = {name: judged[name].to_numpy(dtype=float, na_value=np.nan) for name in (*_SCORE_ENDS, *_RANK_ENDS)}
    point = np.where(np.isnan(ends["rank_low"]), np.nan, rank)
    return {
        f"score_low_{when}": ends["gap_score_low"],
        f"score_high_{when}": ends["gap_score_high"],
        f"rank_low_{when}": pd.array(np.fmin(ends["rank_low"], point), dtype="Int64"),
        f"rank_high_{when}": pd.array(np.fmax(ends["rank_high"], point), dtype="Int64"),
    }


def lifted(table: pd.DataFrame) -> int:
    """How many units of a table were a gap and no longer are."""
    after = table["verdict_after"]
    return int(((table["verdict_before"] == Verdict.GAP) & after.notna() & (after != Verdict.GAP)).sum())


def gain_in_gaps(table: pd.DataFrame, figure: str) -> float | None:
    """Share 0-1 of a gain (`new_people` or `new_km2`) that goes to units of verdict gap; None where there is no gain."""
    total = float(table[figure].sum())
    if not np.isfinite(total) or total <= 0:
        return None
    return float(table.loc[table["verdict_before"] == Verdict.GAP, figure].sum()) / total
