"""What each partner contributes to a joint gain, whatever the order: the Shapley value of the union of areas.

What a set of partners covers is a sum over places of "is any of them here?". In each of these games the partners who are
here are alike and the others bring nothing, so each of k of them gets 1/k; the value of a sum of games is the sum of the
values (Shapley 1953). Hence, for any number of partners, exactly: a partner's share is the sum, over the pieces that all
outlines together cut the plane into, of what a piece of its area holds / how many areas it lies in.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geo.arrays import BoolArray, FloatArray, ObjectArray
from geo.rollout_areas import Ground, measure


def cut_pieces(areas: Sequence[Any]) -> tuple[ObjectArray, BoolArray]:
    """The pieces of the areas' overlay, and (areas × pieces) which area each lies in.

    Outlines are noded once, so the work grows with how often they cross, not with the 2ⁿ sets of n areas.
    """
    lines = shapely.union_all(shapely.boundary(np.asarray(areas, dtype=object)))
    pieces = np.asarray(shapely.get_parts(shapely.polygonize([lines])), dtype=object)
    inside = np.zeros((len(areas), len(pieces)), dtype=bool)
    tree = shapely.STRtree(shapely.point_on_surface(pieces))
    for number, area in enumerate(areas):
        inside[number, tree.query(area, predicate="intersects")] = True
    some = inside.any(axis=0)
    return pieces[some], inside[:, some]


def contributions(ground: Ground, areas: Sequence[Any], place: int) -> FloatArray:
    """Shapley value of each area in people (`place` 0) or km² (1); they add up to what the union of the areas holds."""
    pieces, inside = cut_pieces(areas)
    if not len(pieces):
        return np.zeros(len(areas))
    held = measure(ground, list(pieces))[place]
    return np.asarray(inside @ (held / inside.sum(axis=0)), dtype=float)
