"""What each partner contributes to a joint gain, whatever the order: the Shapley value of the union of areas.

What a set of partners covers is a sum over places of "is any of them here?". In each of these games the partners who are
here are alike and the others bring nothing, so each of k of them gets 1/k; the value of a sum of games is the sum of the
values (Shapley 1953). Hence, for any number of partners, exactly: a partner's share is Σ over k of what its area holds
where k partners are / k. Only the places of each k are cut out, never the 2ⁿ pieces that n areas may fall into.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from geo.arrays import FloatArray
from geo.pieces import NOTHING, common, make_layer, union, without
from geo.rollout_areas import Ground, measure


def cut_by_count(areas: Sequence[Any]) -> list[Any]:
    """Where exactly 1, 2, … of the areas are (polygons that do not overlap), up to the most that meet anywhere."""
    found: list[Any] = []
    for area in areas:
        inside = [common(here, area) for here in found]
        fresh = without(area, union(found)) if found else area
        stay = [without(here, area) for here in found]
        came = [fresh, *inside]
        found = [union([a, b]) for a, b in zip([*stay, NOTHING], came, strict=True)]
        while found and found[-1].is_empty:
            found.pop()
    return found


def contributions(ground: Ground, areas: Sequence[Any], place: int) -> FloatArray:
    """Shapley value of each area in people (`place` 0) or km² (1); they add up to what the union of the areas holds."""
    layer = make_layer(cut_by_count(areas))
    values = np.zeros(len(areas))
    for number, area in enumerate(areas):
        if area.is_empty:
            continue
        parts, owner = layer.pairs(area)
        values[number] = float((measure(ground, parts)[place] / (1 + owner)).sum())
    return values
