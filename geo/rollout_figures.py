"""The figures of a proposal that was laid over the ground: people, km², shares, costs, places, distances."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely
from scipy.spatial import cKDTree

from geo.crs import geocentric_m
from geo.operators import operator_key
from geo.pieces import without
from geo.rollout_areas import Ground, Offer, measure
from geo.rollout_check import UNKNOWN, Range, range_of
from geo.rollout_lay import Laid
from geo.rollout_rules import PARTS
from geo.schema import PlaceClass

Figures = dict[str, tuple[Range, Range]]
_KM: Final = 1000.0


def measure_parts(ground: Ground, one: Laid) -> Figures:
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
        _range(
            [np.maximum(level[kind][place["inside"]] - level[kind][place["new"]], 0.0) for level in levels]
        )
        for kind in (0, 1)
    )
    return figures  # type: ignore[return-value]


def _plain(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _range(levels: Sequence[float]) -> Range:
    low, value, high = (_plain(level) for level in levels)
    return range_of(low, value, high)


def duplicated_share(figures: Figures, place: int) -> Range:
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


def cost_per_person(cost: float | None, new_people: Range) -> Range:
    """Cost / newly covered people; without a best value or an upper end where that may be nobody."""
    if cost is None or not new_people.high:
        return UNKNOWN
    if new_people.value is None or new_people.value <= 0 or not new_people.low:
        return UNKNOWN
    return Range(cost / new_people.value, cost / new_people.high, cost / new_people.low)


def places_in(ground: Ground, new: Any) -> dict[str, int | None]:
    """Schools and clinics inside the newly covered area; None where none of the class are given."""
    found: dict[str, int | None] = {}
    for kind in (PlaceClass.SCHOOL, PlaceClass.CLINIC):
        rows = None if ground.places is None else ground.places[ground.places["class"] == str(kind)]
        if rows is None or rows.empty or new is None:
            found[str(kind)] = None
        else:
            found[str(kind)] = int(shapely.intersects(new, rows.geometry.to_numpy()).sum())
    return found


def nearest_site(
    ground: Ground, members: Sequence[Laid], offers: Sequence[Offer]
) -> tuple[float | None, str]:
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
