"""A proposal against today: whom it newly covers, what it repeats, which units it changes (DESIGN §5, Rollout).

Newly covered people live inside the proposal, outside all existing coverage of its technology and outside every other
operator's accepted plan. Shapes are cut exactly, unit by unit, and people counted by exact fraction of their cells: inside
= covered already or by others' accepted plans + newly covered, to 1e-6.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import FloatArray, IntArray, ObjectArray
from geo.crs import equal_area_km2
from geo.errors import InputError, VintageError
from geo.proposal import Proposal
from geo.rollout_base import Covered, Today, area_of, cut_away, older_technologies, shared, touched_units
from geo.rollout_sites import SiteDistance, nearest_planned_site
from geo.rollout_units import Rejudge, all_after, unit_rows, with_after
from geo.schema import PlaceClass, Verdict

GAINED: tuple[str, ...] = (str(PlaceClass.SCHOOL), str(PlaceClass.CLINIC))
"""Classes of places whose coverage is counted."""

_NO_PLACES = gpd.GeoDataFrame({"name": [], "class": []}, geometry=[], crs=4326)


@dataclass(frozen=True)
class Figures:
    """People and km² of a proposal inside the region; null where not known (no grid, or no coverage of the technology known).

    `covered_same_operator`, `covered_others`, `covered_plans` (by others' accepted plans) overlap each other;
    `duplicated_people` counts whoever is in any of them once. `upgraded_people`: newly covered who have an older technology
    today. `low` and `high`: newly covered people at a cautious and a hopeful reach of modelled sites, else the figure itself.
    """

    area_km2: float
    outside_share: float
    newly_covered_km2: float
    people_inside: float
    covered_same_operator: float
    covered_others: float
    covered_plans: float
    newly_covered_people: float
    newly_covered_low: float
    newly_covered_high: float
    duplicated_people: float
    duplicated_share: float
    upgraded_people: float
    gap_share: float
    cost_per_person: float


@dataclass(frozen=True, eq=False)
class Check:
    """What a proposal changes. `units`: a row for each that it reaches; `gained`: places newly covered (`name`, `class`).

    `gain` (k,) the newly covered part of each unit of `gain_units`, as polygons; `nearest`: another operator's planned site.
    """

    proposal: Proposal
    figures: Figures
    units: pd.DataFrame
    gained: gpd.GeoDataFrame
    nearest: SiteDistance | None
    gain_units: IntArray
    gain: ObjectArray
    gain_people: FloatArray


@dataclass(frozen=True, eq=False)
class _Parts:
    """A proposal unit by unit: its part, that outside existing coverage, and that outside others' accepted plans too."""

    units: IntArray
    inside: ObjectArray
    beyond: ObjectArray
    gain: ObjectArray


def check_proposal(today: Today, proposal: Proposal, rejudge: Rejudge | None = None) -> Check:
    """The check of one proposal; without `rejudge` the units have no figures of afterwards.

    Raises `InputError` when the proposal lies wholly outside the region, `VintageError` when it is of another list of units.
    """
    _require_same_list(today, proposal)
    covered = today.covered(proposal.technology)
    parts = _cut(today, proposal, proposal.area)
    if not len(parts.units):
        raise InputError(_outside(today, proposal))
    own, others, plans = _covered_parts(today, proposal, covered, parts)
    older = _with_older(today, proposal, parts)
    groups = [parts.inside, parts.beyond, parts.gain, own, others, plans, older]
    counted = np.split(today.count(np.concatenate(groups)), len(groups))
    units = unit_rows(today, proposal, parts.units)
    unknown = np.full(len(units), np.nan)
    units = units.assign(
        people_inside=counted[0],
        newly_covered_people=counted[2] if covered.known else unknown,
        area_inside_km2=area_of(parts.inside),
        newly_covered_km2=area_of(parts.gain) if covered.known else unknown,
    )
    if rejudge is not None:
        units = with_after(today, proposal, units, rejudge)
    gain_people = counted[2] if covered.known else np.full(len(parts.units), np.nan)
    return Check(
        proposal=proposal,
        figures=_figures(today, proposal, covered, parts, counted, units),
        units=units,
        gained=_gained_places(today, parts.gain, known=covered.known),
        nearest=nearest_planned_site(proposal, today.plans),
        gain_units=parts.units,
        gain=parts.gain,
        gain_people=gain_people,
    )


def _require_same_list(today: Today, proposal: Proposal) -> None:
    here = str(today.communes["vintage"].iloc[0])
    if proposal.vintage and proposal.vintage != here:
        raise VintageError(
            f"{proposal.name}: is of the list of units {proposal.vintage}, the workspace shows {here}; choose that list with --units, "
            "or save the proposal again without a list (its area does not depend on it)"
        )


def _outside(today: Today, proposal: Proposal) -> str:
    swapped = shapely.transform(proposal.area, lambda x, y: (y, x), interleaved=False)
    west, south, east, north = today.communes.total_bounds
    text = f"{proposal.name}: lies wholly outside the region (longitude {west:.2f} to {east:.2f}, latitude {south:.2f} to {north:.2f})"
    if len(today.tree.query(swapped, predicate="intersects")):
        return f"{text}; with latitude and longitude exchanged it lies inside: exchange them in the file"
    return f"{text}; check the file, its coordinate reference system and the workspace"


def _cut(today: Today, proposal: Proposal, area: Any) -> _Parts:
    units, inside = touched_units(today, area)
    beyond = cut_away(inside, today.covered(proposal.technology).union[units])
    gain = beyond
    for plan in today.plans_of_others(proposal):
        near = np.full(len(units), plan.area, dtype=object)
        near[~shapely.intersects(plan.area, gain)] = None
        gain = cut_away(gain, near)
    return _Parts(units, inside, beyond, gain)


def _covered_parts(
    today: Today, proposal: Proposal, covered: Covered, parts: _Parts
) -> tuple[ObjectArray, ObjectArray, ObjectArray]:
    """What of the proposal its own operator covers, others cover, and others' accepted plans will cover, unit by unit."""
    nothing = np.full(len(parts.units), None, dtype=object)
    mine = covered.by_operator.get(proposal.operator)
    own = nothing if mine is None else shared(parts.inside, mine[parts.units])
    theirs = nothing.copy()
    for place, unit in enumerate(parts.units):
        theirs[place] = today.covered_by_others(proposal.technology, proposal.operator, int(unit))
    plans = [plan.area for plan in today.plans_of_others(proposal)]
    planned = nothing
    if plans:
        planned = shared(parts.inside, np.full(len(parts.units), shapely.union_all(plans), dtype=object))
    return own, shared(parts.inside, theirs), planned


def _with_older(today: Today, proposal: Proposal, parts: _Parts) -> ObjectArray:
    """What of the gain has an older technology today."""
    older = np.full(len(parts.units), None, dtype=object)
    for technology in older_technologies(proposal.technology):
        union = today.covered(technology).union[parts.units]
        for place in np.flatnonzero(~shapely.is_missing(union)):
            older[place] = union[place] if older[place] is None else shapely.union(older[place], union[place])
    return shared(parts.gain, older)


def _figures(
    today: Today,
    proposal: Proposal,
    covered: Covered,
    parts: _Parts,
    counted: Sequence[FloatArray],
    units: pd.DataFrame,
) -> Figures:
    inside, _, gain, own, others, planned, older = (float(group.sum()) for group in counted)
    whole_km2, here_km2 = float(equal_area_km2([proposal.area])[0]), float(area_of(parts.inside).sum())
    if not covered.known:
        gain = own = others = planned = older = np.nan
    low, high = _range(today, proposal, gain, inside, known=covered.known)
    in_gap = (units["verdict_before"] == str(Verdict.GAP)).to_numpy()
    to_gap = float(counted[2][in_gap].sum()) if covered.known else np.nan
    return Figures(
        area_km2=here_km2,
        outside_share=float(np.clip(1 - here_km2 / whole_km2, 0, 1)),
        newly_covered_km2=float(area_of(parts.gain).sum()) if covered.known else np.nan,
        people_inside=inside,
        covered_same_operator=own,
        covered_others=others,
        covered_plans=planned,
        newly_covered_people=gain,
        newly_covered_low=low,
        newly_covered_high=high,
        duplicated_people=float(np.maximum(inside - gain, 0.0)),
        duplicated_share=_share(inside - gain, inside),
        upgraded_people=older,
        gap_share=_share(to_gap, gain),
        cost_per_person=_share(np.nan if proposal.cost is None else proposal.cost, gain, most=np.inf),
    )


def _share(part: float, whole: float, *, most: float = 1.0) -> float:
    """Part / whole, null where the whole is 0 or either is not known."""
    return float(np.clip(part / whole, 0.0, most)) if whole > 0 else float("nan")


def _range(
    today: Today, proposal: Proposal, gain: float, inside: float, *, known: bool
) -> tuple[float, float]:
    """Newly covered people at the ends of the modelled reach; where no coverage is known, between nobody and all inside."""
    if not known:
        return (0.0, inside) if np.isfinite(inside) else (np.nan, np.nan)
    ends = []
    for area in (proposal.area_low, proposal.area_high):
        if area is None:
            ends.append(gain)
            continue
        parts = _cut(today, proposal, area)
        ends.append(float(today.count(parts.gain).sum()) if len(parts.units) else 0.0)
    return min(ends[0], gain), max(ends[1], gain)


def _gained_places(today: Today, gain: ObjectArray, *, known: bool) -> gpd.GeoDataFrame:
    """Schools and clinics inside the newly covered ground; none where that is not known."""
    if today.places is None:
        return _NO_PLACES
    places = today.places[today.places["class"].isin(GAINED)]
    if not known:
        return places.iloc[:0]
    there = gain[~shapely.is_missing(gain)]
    found = shapely.STRtree(there).query(places.geometry.to_numpy(), predicate="intersects")[0]
    return places.iloc[np.unique(found)].reset_index(drop=True)


def check_all(today: Today, proposals: Sequence[Proposal], rejudge: Rejudge | None = None) -> list[Check]:
    """`check_proposal` of each, every one against today alone, in their order.

    All are judged anew in one call, so that many are quick; intervals of afterwards are left out.
    """
    checks = [check_proposal(today, proposal) for proposal in proposals]
    if rejudge is None:
        return checks
    tables = all_after(today, [(check.proposal, check.units) for check in checks], rejudge)
    return [replace(check, units=units) for check, units in zip(checks, tables, strict=True)]


def with_plans(today: Today, plans: Sequence[Proposal]) -> Today:
    """The same day with other plans on record; what was worked out of coverage stays."""
    return replace(today, plans=tuple(plans))
