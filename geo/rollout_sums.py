"""What each partner contributes to what all proposals of one technology bring together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.arrays import FloatArray
from geo.operators import operator_key
from geo.pieces import union, without
from geo.rollout_areas import Ground, measure
from geo.rollout_lay import Laid
from geo.rollout_shares import (
    EXACT_PARTNERS,
    SEED,
    area_grid,
    cut_atoms,
    exact_shares,
    random_places,
    sampled_shares,
)


@dataclass(frozen=True)
class Contribution:
    """What one partner brings to a joint gain: alone, as the last one to come, and whatever the order (Shapley)."""

    operator: str
    proposals: int
    alone: float
    last: float
    share: float
    error: float


def contribute(
    ground: Ground, members: Sequence[Laid], total: float, place: int
) -> tuple[tuple[Contribution, ...], float, str]:
    """Each partner's contribution, what was promised twice, and how it was computed; `place`: 0 people, 1 km².

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
    values, errors, method = _shares(ground, areas, total, place)
    singles = measure(ground, [member.middle["new"] for member in members])[place]
    contributions = [
        Contribution(name, keys.count(key), *map(float, numbers))
        for (key, name), *numbers in zip(names.items(), alone, last, values, errors, strict=True)
    ]
    ordered = sorted(contributions, key=lambda c: (-c.share, c.operator))
    return tuple(ordered), max(0.0, float(singles.sum()) - total), method


def _last(ground: Ground, areas: Sequence[Any], place: int) -> FloatArray:
    """What each partner alone offers: what would be lost without it."""
    others = [union([b for other, b in enumerate(areas) if other != own]) for own in range(len(areas))]
    return measure(ground, [without(a, b) for a, b in zip(areas, others, strict=True)])[place]


def _shares(
    ground: Ground, areas: Sequence[Any], total: float, place: int
) -> tuple[FloatArray, FloatArray, str]:
    if len(areas) <= EXACT_PARTNERS:
        atoms = cut_atoms(areas)
        held = measure(ground, [atom.area for atom in atoms])[place]
        return exact_shares(atoms, held, len(areas)), np.zeros(len(areas)), "exact"
    whole = union(areas)
    grid = ground.grid if ground.grid is not None else area_grid(whole)
    places = random_places(grid, whole)
    values, errors = sampled_shares(areas, places, total)
    return values, errors, f"sampled: {len(places):,} places, seed {SEED}"
