"""The check of proposals against today (DESIGN §5, Rollout): whom they newly serve, what they duplicate, what changes.

Every figure is of the part of a proposal inside the units. Today's coverage is the one behind the headline figures (one
kind of evidence per technology); accepted plans are the stored proposals of status `accepted` or `built`, without those that
are being checked: these are weighed against each other by their contributions, not by who came first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geo.crs import equal_area_km2, geocentric_m
from geo.errors import InputError
from geo.pieces import NOTHING, union, without
from geo.rollout_areas import PARTS, Ground, Offer, clip_to_units, measure, operator_key, split
from geo.rollout_check import (
    UNKNOWN,
    Advice,
    Criterion,
    Figures,
    Range,
    Reason,
    judge,
    overall,
    range_of,
)
from geo.rollout_rules import RolloutRules
from geo.rollout_shares import (
    EXACT_PARTNERS,
    SAMPLES,
    SEED,
    area_grid,
    cut_atoms,
    exact_shares,
    random_places,
    sampled_shares,
)
from geo.rollout_units import Change, Rejudge, change_units, gain_in_gaps, lifted
from geo.schema import PlaceClass, Technology

_MOST_OUTSIDE: Final = 1.0 - 1e-6
_KM: Final = 1000.0


@dataclass(frozen=True, eq=False)
class Laid:
    """An offer laid over the ground: its parts at the low, middle and high area, and what was found on the way."""

    offer: Offer
    outside_share: float
    parts: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]
    notes: tuple[Reason, ...] = ()

    @property
    def middle(self) -> dict[str, Any]:
        """The parts of the best area."""
        return self.parts[1]


@dataclass(frozen=True, eq=False)
class Check:
    """What a proposal, or all of one technology together, changes.

    `figures`: per part of `PARTS` and `duplicated` two ranges, people and km². `basis`: what shares are of, `people` or
    `area` (without a grid). `evidence`: the kind of today's coverage, empty where there is none. `places`: schools and
    clinics newly covered, None where none are given. `area`, `new_area`: polygons in EPSG:4326.
    """

    key: str
    operators: tuple[str, ...]
    technology: Technology
    year: int | None
    status: str
    speed_mbps: float | None
    cost: float | None
    basis: str
    evidence: str
    modelled: bool
    outside_share: float
    figures: dict[str, tuple[Range, Range]]
    duplicated_share: Range
    gap_share: float | None
    cost_per_new_person: Range
    places: dict[str, int | None]
    nearest_site_km: float | None
    nearest_site_of: str
    units: pd.DataFrame
    lifted_units: int
    criteria: tuple[Criterion, ...]
    advice: Advice
    reasons: tuple[Reason, ...]
    area: Any
    new_area: Any


@dataclass(frozen=True)
class Contribution:
    """What one partner brings to a joint gain: alone, as the last one to come, and whatever the order (Shapley)."""

    operator: str
    proposals: int
    alone: float
    last: float
    share: float
    error: float


@dataclass(frozen=True, eq=False)
class Together:
    """All checked proposals of one technology as one: the check of their union, and what each partner brings to it.

    `promised_twice`: sum of the single gains beyond the joint one (people, km² without a grid). `method`: `exact` or
    `sampled`, with the number of places and the seed.
    """

    check: Check
    contributions: tuple[Contribution, ...]
    promised_twice: float | None
    method: str


@dataclass(frozen=True, eq=False)
class Report:
    """Per proposal, and per technology in sum."""

    checks: tuple[Check, ...]
    together: tuple[Together, ...] = field(default=())


def check_proposals(
    ground: Ground,
    offers: Sequence[Offer],
    rejudge: Rejudge,
    *,
    rules: RolloutRules | None = None,
    operator_share: float = 0.5,
) -> Report:
    """Check each offer and, per technology, all of them together.

    `operator_share`: share of a unit's people from which an operator counts as present (`Rules`). Raises `InputError` for
    an offer that lies wholly outside the units, naming it.
    """
    rules = rules or RolloutRules()
    keys = [offer.key for offer in offers]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise InputError(f"{', '.join(twice)}: given more than once; give each proposal once")
    laid = [lay(ground, offer, keys) for offer in offers]
    joint = [_join(ground, [one for one in laid if one.offer.technology == technology])
             for technology in Technology if any(o.technology == technology for o in offers)]  # fmt: skip
    groups = [([one], one) for one in laid] + joint
    changes = [_change(ground, members, one) for members, one in groups]
    tables = change_units(ground, changes, operator_share, rejudge)
    checks = [
        _check(ground, members, one, table, offers, rules)
        for (members, one), table in zip(groups, tables, strict=True)
    ]
    single = _with_same_areas(checks[: len(laid)], laid)
    sums = [
        _together(ground, members, check)
        for (members, _), check in zip(joint, checks[len(laid) :], strict=True)
    ]
    return Report(tuple(single), tuple(sums))


def lay(ground: Ground, offer: Offer, left_out: Sequence[str]) -> Laid:
    """The offer's parts; raises `InputError` when none of it lies inside the units."""
    whole = float(equal_area_km2([offer.area])[0])
    middle = clip_to_units(ground, offer.area)
    outside = max(0.0, 1.0 - float(equal_area_km2([middle])[0]) / whole) if whole > 0 else 1.0
    if outside >= _MOST_OUTSIDE:
        raise InputError(_nowhere(ground, offer))
    if outside < 1e-9:
        outside = 0.0
    areas = offer.areas
    insides = [middle if area is offer.area else clip_to_units(ground, area) for area in areas]
    found = {id(inside): split(ground, offer, inside, left_out) for inside in insides}
    return Laid(offer, outside, tuple(found[id(inside)] for inside in insides), _site_notes(ground, offer))  # type: ignore[arg-type]


def _nowhere(ground: Ground, offer: Offer) -> str:
    west, south, east, north = offer.area.bounds
    left, bottom, right, top = ground.units.total_bounds
    swapped = shapely.box(south, west, north, east).intersects(shapely.box(left, bottom, right, top))
    mend = (
        "latitude and longitude are probably exchanged: give longitude first"
        if swapped
        else "is it of another region, or in the sea? Give areas or sites inside the units"
    )
    return (
        f"{offer.key}: none of it lies inside the units (it spans {west:.4f}, {south:.4f} to {east:.4f}, {north:.4f}; "
        f"they span {left:.4f}, {bottom:.4f} to {right:.4f}, {top:.4f}); {mend}"
    )


def _site_notes(ground: Ground, offer: Offer) -> tuple[Reason, ...]:
    """Sites outside every unit: in the sea or in a neighbouring region."""
    if not len(offer.sites):
        return ()
    hit = np.unique(ground.layer.tree.query(shapely.points(offer.sites), predicate="intersects")[0])
    outside = len(offer.sites) - len(hit)
    return (Reason("sites_outside", {"count": outside, "sites": len(offer.sites)}),) if outside else ()


def _join(ground: Ground, members: Sequence[Laid]) -> tuple[list[Laid], Laid]:
    """The members as one: the union of each part; what is duplicated is what none of them newly covers."""
    first = members[0].offer
    if len(members) == 1:
        return list(members), members[0]
    parts = tuple(
        {name: _union_known([one.parts[level][name] for one in members]) for name in PARTS} for level in range(3)
    )
    costs = [one.offer.cost for one in members]
    offer = Offer(
        key="+".join(one.offer.key for one in members),
        operator=first.operator,
        technology=first.technology,
        area=parts[1]["inside"],
        low=parts[0]["inside"] if any(one.offer.modelled for one in members) else None,
        high=parts[2]["inside"] if any(one.offer.modelled for one in members) else None,
        sites=np.concatenate([one.offer.sites for one in members]),
        cost=None if None in costs else float(sum(cost for cost in costs if cost is not None)),
    )
    area = [float(equal_area_km2([one.offer.area])[0]) for one in members]
    outside = sum(a * one.outside_share for a, one in zip(area, members, strict=True)) / sum(area)
    return list(members), Laid(offer, outside, parts)  # type: ignore[arg-type]


def _union_known(shapes: Sequence[Any]) -> Any:
    return None if any(shape is None for shape in shapes) else union(list(shapes))


def _change(ground: Ground, members: Sequence[Laid], one: Laid) -> Change:
    """What the members add to the units, and to each operator's own coverage."""
    technology = one.offer.technology
    claims = ground.coverage.get(technology)
    added = {}
    for key in dict.fromkeys(operator_key(member.offer.operator) for member in members):
        own = union([m.middle["inside"] for m in members if operator_key(m.offer.operator) == key])
        if claims is None or not claims.of(key).any():
            # without a file of its own an operator is taken to count as present nowhere yet, as the build counts it
            added[key] = own
        else:
            added[key] = without(own, claims.layer.within(own, claims.of(key)))
    return Change(technology, one.middle["inside"], one.middle["new"], added)


def _check(
    ground: Ground,
    members: Sequence[Laid],
    one: Laid,
    units: pd.DataFrame,
    offers: Sequence[Offer],
    rules: RolloutRules,
) -> Check:
    offer = one.offer
    basis = "area" if ground.grid is None else "people"
    figures = _figures(ground, one)
    new_people, new_km2 = figures["new"]
    place = 0 if basis == "people" else 1
    inside, duplicated = figures["inside"][place], _duplicated_share(figures, place)
    cost = _cost_per_person(offer.cost, new_people)
    nearest_km, nearest_of = _nearest_site(ground, members, offers)
    gap = gain_in_gaps(units, "new_people" if basis == "people" else "new_km2")
    seen = Figures(
        basis=basis,
        new_people=new_people,
        duplicated_share=duplicated,
        gap_share=gap,
        cost=offer.cost,
        cost_per_new_person=cost,
        outside_share=one.outside_share,
        coverage_known=one.middle["new"] is not None,
        sites=len(offer.sites),
        nearest_site_km=nearest_km,
        nearest_site_of=nearest_of,
        verdicts_known=bool(units["verdict_before"].notna().all()) and one.middle["new"] is not None,
    )
    criteria = tuple(judge(seen, rules))
    claims = ground.coverage.get(offer.technology)
    return Check(
        key=offer.key,
        operators=tuple(dict.fromkeys(member.offer.operator for member in members)),
        technology=offer.technology,
        year=offer.year,
        status=offer.status,
        speed_mbps=offer.speed_mbps,
        cost=offer.cost,
        basis=basis,
        evidence="" if claims is None else claims.evidence,
        modelled=offer.modelled,
        outside_share=one.outside_share,
        figures=figures,
        duplicated_share=duplicated,
        gap_share=gap,
        cost_per_new_person=cost,
        places=_places(ground, one.middle["new"]),
        nearest_site_km=nearest_km,
        nearest_site_of=nearest_of,
        units=units,
        lifted_units=lifted(units),
        criteria=criteria,
        advice=overall(criteria),
        reasons=(*(c.reason for c in criteria), *_more_reasons(seen, figures, one, inside)),
        area=one.middle["inside"],
        new_area=one.middle["new"],
    )


def _figures(ground: Ground, one: Laid) -> dict[str, tuple[Range, Range]]:
    """People and km² of every part as ranges over the three areas, and of `duplicated`, the rest of `inside`."""
    distinct = {id(parts): parts for parts in one.parts}
    shapes = [parts[name] for parts in distinct.values() for name in PARTS]
    people, km2 = measure(ground, shapes)
    width = len(PARTS)
    measured = {
        key: (people[start : start + width], km2[start : start + width])
        for key, start in zip(distinct, range(0, len(shapes), width), strict=True)
    }
    levels = [measured[id(parts)] for parts in one.parts]
    figures = {
        name: tuple(_range([level[kind][place] for level in levels]) for kind in (0, 1))
        for place, name in enumerate(PARTS)
    }
    if one.middle["new"] is None:
        # no file is not no coverage: the gain may be nothing, or all that no accepted plan serves
        free = without(one.parts[2]["inside"], one.parts[2]["others_plans"])
        most = [_plain(found[0]) for found in measure(ground, [free])]
        figures["new"] = tuple(UNKNOWN if high is None else Range(None, 0.0, high) for high in most)
    place = {name: number for number, name in enumerate(PARTS)}
    figures["duplicated"] = tuple(
        _range([max(0.0, level[kind][place["inside"]] - level[kind][place["new"]]) for level in levels])
        for kind in (0, 1)
    )
    return figures  # type: ignore[return-value]


def _plain(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _range(levels: Sequence[float]) -> Range:
    low, value, high = (_plain(level) for level in levels)
    return range_of(low, value, high)


def _duplicated_share(figures: dict[str, tuple[Range, Range]], place: int) -> Range:
    """Duplicated / inside, a range; unknown where nobody (no area) is inside."""
    inside, part, new = figures["inside"][place], figures["duplicated"][place], figures["new"][place]
    if inside.value is None or inside.value <= 0:
        return UNKNOWN
    if part.value is None:
        top = inside.high or inside.value
        return Range(None, max(0.0, 1.0 - (new.high or 0.0) / top), 1.0) if new.known else UNKNOWN
    shares = [
        one / whole
        for one, whole in ((part.low, inside.low), (part.value, inside.value), (part.high, inside.high))
        if one is not None and whole
    ]
    return Range(part.value / inside.value, min(shares), max(shares))


def _cost_per_person(cost: float | None, new_people: Range) -> Range:
    """Cost / newly covered people; without a best value or an upper end where that may be nobody."""
    if cost is None or not new_people.high:
        return UNKNOWN
    if new_people.value is None or new_people.value <= 0 or not new_people.low:
        return UNKNOWN
    return Range(cost / new_people.value, cost / new_people.high, cost / new_people.low)


def _places(ground: Ground, new: Any) -> dict[str, int | None]:
    """Schools and clinics inside the newly covered area; None where none of the class are given."""
    found: dict[str, int | None] = {}
    for kind in (PlaceClass.SCHOOL, PlaceClass.CLINIC):
        rows = None if ground.places is None else ground.places[ground.places["class"] == str(kind)]
        if rows is None or rows.empty or new is None:
            found[str(kind)] = None
        else:
            found[str(kind)] = int(shapely.intersects(new, rows.geometry.to_numpy()).sum())
    return found


def _nearest_site(ground: Ground, members: Sequence[Laid], offers: Sequence[Offer]) -> tuple[float | None, str]:
    """Distance in km from a site of the members to the nearest planned one of another operator, and whose that is.

    Planned: stored proposals from `submitted` on, and the others that are being checked.
    """
    keys = {offer.key for offer in offers}
    others = [*offers, *(plan for plan in ground.planned if plan.key not in keys)]
    best: tuple[float | None, str] = (None, "")
    for member in members:
        if not len(member.offer.sites):
            continue
        own = operator_key(member.offer.operator)
        tree = cKDTree(geocentric_m(member.offer.sites))
        for other in others:
            if len(other.sites) and operator_key(other.operator) != own:
                metres = float(tree.query(geocentric_m(other.sites))[0].min())
                if best[0] is None or metres / _KM < best[0]:
                    best = (metres / _KM, other.operator)
    return best


def _more_reasons(
    seen: Figures, figures: dict[str, tuple[Range, Range]], one: Laid, inside: Range
) -> tuple[Reason, ...]:
    """What is to be said beside the criteria."""
    more = list(one.notes)
    if not seen.coverage_known:
        more.append(Reason("coverage_unknown", {"technology": str(one.offer.technology)}))
    if one.offer.modelled:
        more.append(Reason("modelled", {}))
    own = figures["own_plans"][0 if seen.basis == "people" else 1].value
    if own:
        more.append(Reason("own_plan", {"value": own, "basis": seen.basis, "inside": inside.value}))
    return tuple(more)


def _with_same_areas(checks: Sequence[Check], laid: Sequence[Laid]) -> list[Check]:
    """A note on proposals of one technology whose areas are the same to the last digit: one file given twice."""
    seen: dict[tuple[Technology, bytes], str] = {}
    done = []
    for check, one in zip(checks, laid, strict=True):
        mark = (one.offer.technology, shapely.to_wkb(shapely.normalize(one.offer.area)))
        other = seen.setdefault(mark, one.offer.key)
        note = () if other == one.offer.key else (Reason("same_area", {"other": other}),)
        done.append(_with_reasons(check, note))
    return done


def _with_reasons(check: Check, more: tuple[Reason, ...]) -> Check:
    return Check(**{**check.__dict__, "reasons": (*check.reasons, *more)}) if more else check


def _together(ground: Ground, members: Sequence[Laid], check: Check) -> Together:
    """The joint check with each partner's contribution, in people (in km² without a grid)."""
    place = 0 if check.basis == "people" else 1
    total = check.figures["new"][place].value
    if total is None or check.new_area is None:
        return Together(check, (), None, "not known")
    names: dict[str, str] = {}
    for member in members:
        names.setdefault(operator_key(member.offer.operator), member.offer.operator)
    areas = [union([m.middle["new"] for m in members if operator_key(m.offer.operator) == key]) for key in names]
    alone = measure(ground, areas)[place]
    last = _last(ground, areas, place)
    values, errors, method = _shares(ground, areas, check, total, place)
    singles = measure(ground, [member.middle["new"] for member in members])[place]
    counts = [sum(operator_key(m.offer.operator) == key for m in members) for key in names]
    contributions = [
        Contribution(name, count, float(a), float(b), float(value), float(error))
        for name, count, a, b, value, error in zip(
            names.values(), counts, alone, last, values, errors, strict=True
        )
    ]
    ordered = sorted(contributions, key=lambda c: (-c.share, c.operator))
    return Together(check, tuple(ordered), max(0.0, float(singles.sum()) - total), method)


def _last(ground: Ground, areas: Sequence[Any], place: int) -> np.ndarray:
    """What each partner alone offers: what would be lost without it."""
    others = [union([b for other, b in enumerate(areas) if other != own]) for own in range(len(areas))]
    return measure(ground, [without(a, b) for a, b in zip(areas, others, strict=True)])[place]


def _shares(
    ground: Ground, areas: Sequence[Any], check: Check, total: float, place: int
) -> tuple[np.ndarray, np.ndarray, str]:
    if len(areas) <= EXACT_PARTNERS:
        atoms = cut_atoms(areas)
        held = measure(ground, [atom.area for atom in atoms])[place]
        return exact_shares(atoms, held, len(areas)), np.zeros(len(areas)), "exact"
    whole = union(areas)
    grid = ground.grid if ground.grid is not None else area_grid(whole)
    places = random_places(grid, whole)
    values, errors = sampled_shares(areas, places, total)
    return values, errors, f"sampled: {min(SAMPLES, len(places)):,} places, seed {SEED}"


