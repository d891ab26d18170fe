"""The check of proposals against today (DESIGN §5, Rollout): whom they newly serve, what they duplicate, what changes.

Every figure is of the part of a proposal inside the units. Today's coverage is the one behind the headline figures (one
kind of evidence per technology); accepted plans are the stored proposals of status `accepted` or `built`, without those that
are being checked: these are weighed against each other by their contributions, not by who came first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import shapely

from geo.errors import InputError
from geo.people_sum import PeopleSum, sum_people
from geo.rollout_areas import Ground, Offer
from geo.rollout_check import UNKNOWN, Advice, Criterion, Figures, Range, Reason, judge, overall
from geo.rollout_figures import cost_per_person, duplicated_share, measure_parts, nearest_site, places_in
from geo.rollout_lay import Laid, change_of, join, lay
from geo.rollout_rules import RolloutRules
from geo.rollout_sums import Contribution, contribute
from geo.rollout_units import Rejudge, change_units, gain_in_gaps, lifted
from geo.schema import Technology


@dataclass(frozen=True, eq=False)
class Check:
    """What a proposal, or all of one technology together, changes.

    `people_unknown_units`: touched units whose people are not known and in no figure of people (0 without a grid).
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
    people_unknown_units: int
    lifted_units: int
    criteria: tuple[Criterion, ...]
    advice: Advice
    reasons: tuple[Reason, ...]
    area: Any
    new_area: Any


@dataclass(frozen=True, eq=False)
class Together:
    """All checked proposals of one technology as one: the check of their union, and what each partner brings to it.

    `promised_twice`: sum of the single gains beyond the joint one (people, km² without a grid). `method`: how the
    contributions were had, `exact` for any number of partners; `not known` where today's coverage is not.
    """

    check: Check
    contributions: tuple[Contribution, ...]
    promised_twice: float | None
    method: str


@dataclass(frozen=True, eq=False)
class Report:
    """Per proposal, and per technology in sum; `rules`: the thresholds it was judged by; `notes`: per key of a proposal what
    was mended, left out or assumed while it was read.
    """

    checks: tuple[Check, ...]
    together: tuple[Together, ...] = field(default=())
    rules: RolloutRules = field(default_factory=RolloutRules)
    notes: Mapping[str, Sequence[str]] = field(default_factory=dict)


def check_proposals(
    ground: Ground,
    offers: Sequence[Offer],
    rejudge: Rejudge,
    *,
    rules: RolloutRules | None = None,
    operator_share: float = 0.5,
    notes: Mapping[str, Sequence[str]] | None = None,
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
    together = [
        [one for one in laid if one.offer.technology == technology]
        for technology in dict.fromkeys(offer.technology for offer in offers)
    ]
    # one proposal alone is its own sum
    joint = [(members, join(members)) for members in together if len(members) > 1]
    groups = [([one], one) for one in laid] + joint
    changes = [change_of(ground, members, one) for members, one in groups]
    tables = change_units(ground, changes, operator_share, rejudge)
    found = {
        id(one): _check(ground, members, one, table, offers, rules)
        for (members, one), table in zip(groups, tables, strict=True)
    }
    single = _with_same_areas([found[id(one)] for one in laid], laid)
    joined = {id(members): one for members, one in joint}
    sums = [
        _together(ground, members, found[id(joined.get(id(members), members[0]))]) for members in together
    ]
    return Report(tuple(single), tuple(sums), rules, notes or {})


def _check(
    ground: Ground,
    members: Sequence[Laid],
    one: Laid,
    units: pd.DataFrame,
    offers: Sequence[Offer],
    rules: RolloutRules,
) -> Check:
    offer, figures = one.offer, measure_parts(ground, one)
    people = PeopleSum(None, 0) if ground.grid is None else sum_people(units["inside_people"])
    if people.known is None:
        figures = {name: (UNKNOWN, km2) for name, (_, km2) in figures.items()}
    seen = _seen(ground, members, one, units, offers, figures, people)
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
        basis=seen.basis,
        evidence="" if claims is None else claims.evidence,
        modelled=offer.modelled,
        outside_share=one.outside_share,
        figures=figures,
        duplicated_share=seen.duplicated_share,
        gap_share=seen.gap_share,
        cost_per_new_person=seen.cost_per_new_person,
        places=places_in(ground, one.middle["new"]),
        nearest_site_km=seen.nearest_site_km,
        nearest_site_of=seen.nearest_site_of,
        units=units,
        people_unknown_units=people.unknown_units,
        lifted_units=lifted(units),
        criteria=criteria,
        advice=overall(criteria),
        reasons=(*(c.reason for c in criteria), *_more_reasons(seen, figures, one, len(units))),
        area=one.middle["inside"],
        new_area=one.middle["new"],
    )


def _seen(
    ground: Ground,
    members: Sequence[Laid],
    one: Laid,
    units: pd.DataFrame,
    offers: Sequence[Offer],
    figures: dict[str, tuple[Range, Range]],
    people: PeopleSum,
) -> Figures:
    """The figures that the criteria are judged on."""
    offer, known = one.offer, one.middle["new"] is not None
    basis, place = ("area", 1) if people.known is None else ("people", 0)
    new_people, _ = figures["new"]
    nearest_km, nearest_of = nearest_site(ground, members, offers)
    return Figures(
        basis=basis,
        new_people=new_people,
        duplicated_share=duplicated_share(figures, place),
        gap_share=gain_in_gaps(units, "new_people" if basis == "people" else "new_km2"),
        cost=offer.cost,
        cost_per_new_person=cost_per_person(offer.cost, new_people),
        outside_share=one.outside_share,
        coverage_known=known,
        sites=len(offer.sites),
        nearest_site_km=nearest_km,
        nearest_site_of=nearest_of,
        verdicts_known=bool(units["verdict_before"].notna().all()) and known,
        people_unknown_units=people.unknown_units,
    )


def _more_reasons(
    seen: Figures, figures: dict[str, tuple[Range, Range]], one: Laid, touched: int
) -> tuple[Reason, ...]:
    """What is to be said beside the criteria."""
    more = list(one.notes)
    if not seen.coverage_known:
        more.append(Reason("coverage_unknown", {"technology": str(one.offer.technology)}))
    if seen.people_unknown_units:
        more.append(Reason("people_unknown_units", {"count": seen.people_unknown_units, "units": touched}))
    if one.offer.modelled:
        more.append(Reason("modelled", {}))
    place = 0 if seen.basis == "people" else 1
    own, inside = figures["own_plans"][place].value, figures["inside"][place].value
    if own:
        more.append(Reason("own_plan", {"value": own, "basis": seen.basis, "inside": inside}))
    return tuple(more)


def _with_same_areas(checks: Sequence[Check], laid: Sequence[Laid]) -> list[Check]:
    """A note on proposals of one technology whose areas are the same to the last digit: one file given twice."""
    seen: dict[tuple[Technology, bytes], str] = {}
    done = []
    for check, one in zip(checks, laid, strict=True):
        mark = (one.offer.technology, shapely.to_wkb(shapely.normalize(one.offer.area)))
        other = seen.setdefault(mark, one.offer.key)
        note = () if other == one.offer.key else (Reason("same_area", {"other": other}),)
        done.append(replace(check, reasons=(*check.reasons, *note)))
    return done


def _together(ground: Ground, members: Sequence[Laid], check: Check) -> Together:
    """The joint check with each partner's contribution, in people (in km² without a grid)."""
    place = 0 if check.basis == "people" else 1
    total = check.figures["new"][place].value
    if total is None:
        return Together(check, (), None, "not known")
    return Together(check, *contribute(ground, members, total, place), "exact")
