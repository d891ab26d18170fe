"""What each partner contributes to what all proposals of one technology bring together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geo.arrays import FloatArray
from geo.operators import operator_key
from geo.pieces import union, without
from geo.rollout_areas import Ground, measure
from geo.rollout_lay import Laid
from geo.rollout_shares import contributions


@dataclass(frozen=True)
class Contribution:
    """What one partner brings to a joint gain: alone, as the last one to come, and whatever the order (Shapley value)."""

    operator: str
    proposals: int
    alone: float
    last: float
    share: float


def contribute(
    ground: Ground, members: Sequence[Laid], total: float, place: int
) -> tuple[tuple[Contribution, ...], float]:
    """Each partner's contribution, and what was promised twice; `place`: 0 people, 1 km².

    `total`: what the members newly cover together; the contributions add up to it.
    """
    names: dict[str, str] = {}
    for member in members:
        names.setdefault(operator_key(member.offer.operator), member.offer.operator)
    keys = [operator_key(member.offer.operator) for member in members]
    areas = [
        union([m.middle["new"] for m, own in zip(members, keys, strict=True) if own == key]) for key in names
    ]
    alone = measure(ground, areas)[place]
    last = _last(ground, areas, place)
    shares = contributions(ground, areas, place)
    singles = measure(ground, [member.middle["new"] for member in members])[place]
    found = [
        Contribution(name, keys.count(key), *map(float, numbers))
        for (key, name), *numbers in zip(names.items(), alone, last, shares, strict=True)
    ]
    ordered = sorted(found, key=lambda c: (-c.share, c.operator))
    return tuple(ordered), max(0.0, float(singles.sum()) - total)


def _last(ground: Ground, areas: Sequence[Any], place: int) -> FloatArray:
    """What each partner alone offers: what would be lost without it."""
    others = [union([b for other, b in enumerate(areas) if other != own]) for own in range(len(areas))]
    return measure(ground, [without(a, b) for a, b in zip(areas, others, strict=True)])[place]
