"""Proposals laid over the ground one by one, and those of one technology joined into one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from geo.arrays import FLOAT_NOISE
from geo.crs import equal_area_km2
from geo.errors import InputError
from geo.operators import operator_key
from geo.pieces import union, without
from geo.rollout_areas import Ground, Offer, clip_to_units, split
from geo.rollout_check import Reason
from geo.rollout_rules import PARTS
from geo.rollout_units import Change

_LEAST_INSIDE: Final = 1e-6
"""Share of an area, or of the units where these are smaller, below which none is inside: the width of a border."""


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


def lay(ground: Ground, offer: Offer, left_out: Sequence[str]) -> Laid:
    """The offer's parts; raises `InputError` when none of it lies inside the units."""
    middle = clip_to_units(ground, offer.area)
    # swapped coordinates may lie beyond the poles, where areas cannot be had
    smaller = min(shapely.area(offer.area), shapely.area(ground.layer.shapes).sum())
    if shapely.area(middle) <= _LEAST_INSIDE * smaller:
        raise InputError(_nowhere(ground, offer))
    whole, within = equal_area_km2([offer.area, middle])
    outside = 1.0 - float(within / whole)
    outside = outside if outside > FLOAT_NOISE else 0.0
    best = split(ground, offer, middle, left_out)
    low, high = (
        best if area is offer.area else split(ground, offer, clip_to_units(ground, area), left_out)
        for area in (offer.areas[0], offer.areas[2])
    )
    return Laid(offer, outside, (low, best, high), _site_notes(ground, offer))


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
    """Sites outside every unit (in the sea or in a neighbouring region), and sites that could not be modelled."""
    count = len(offer.sites)
    if not count:
        return ()
    hit = np.unique(ground.layer.tree.query(shapely.points(offer.sites), predicate="intersects")[0])
    found = {"sites_outside": count - len(hit), "not_modelled": offer.unmodelled}
    return tuple(Reason(code, {"count": number, "sites": count}) for code, number in found.items() if number)


def join(members: Sequence[Laid]) -> Laid:
    """The members as one: the union of each part; what is duplicated is what none of them newly covers."""
    if len(members) == 1:
        return members[0]
    best = _join_level(members, 1)
    modelled = any(one.offer.modelled for one in members)
    low, high = (_join_level(members, 0), _join_level(members, 2)) if modelled else (best, best)
    costs = [one.offer.cost for one in members]
    offer = Offer(
        key="+".join(one.offer.key for one in members),
        operator=members[0].offer.operator,
        technology=members[0].offer.technology,
        area=best["inside"],
        low=low["inside"] if modelled else None,
        high=high["inside"] if modelled else None,
        sites=np.concatenate([one.offer.sites for one in members]),
        cost=None if None in costs else float(sum(cost for cost in costs if cost is not None)),
    )
    km2 = equal_area_km2([one.offer.area for one in members])
    outside = float(km2 @ [one.outside_share for one in members] / km2.sum())
    return Laid(offer, outside, (low, best, high))


def _join_level(members: Sequence[Laid], level: int) -> dict[str, Any]:
    return {name: _union_known([one.parts[level][name] for one in members]) for name in PARTS}


def _union_known(shapes: Sequence[Any]) -> Any:
    return None if any(shape is None for shape in shapes) else union(list(shapes))


def change_of(ground: Ground, members: Sequence[Laid], one: Laid) -> Change:
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
