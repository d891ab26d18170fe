"""How often outlines cross each other, counted only as far as a bound: laying one over the other takes time by that number.

Two valid outlines of a few thousand corners can cross a million times (two combs across each other), and then their
union has as many holes. Nothing that was surveyed, drawn or modelled comes near the bound.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geo.arrays import FloatArray, IntArray, ObjectArray

MOST_CROSSINGS: Final = 500_000
"""Times that one set of outlines may cross another, or as often as both have edges: outlines that run along each other
may cross at every edge. Laying them over each other then takes some seconds, or a time by their size."""
MOST_TESTS: Final = 200_000_000
"""Pairs of edges looked at before outlines are called too tangled without counting on: some ten seconds."""
_CHAIN: Final = 16
"""Edges that are boxed and looked up together."""
_NEIGHBOURS: Final = 20
"""Chains that a chain may meet in the mean, whatever their number: those of its own outline's twin, and of its neighbours'."""
_PAIRS_AT_ONCE: Final = 4_000
_BOXES_AT_ONCE: Final = 2_000_000


@dataclass(frozen=True, eq=False)
class Chains:
    """Edges of all rings from `start` to `end` (n, 2), cut into chains that begin at `first`, and the box of each chain."""

    start: FloatArray
    end: FloatArray
    first: IntArray
    boxes: ObjectArray


def cross_too_often(left: Chains, right: Chains, *, most: int | None = None) -> bool:
    """Whether the edges of two sets of polygons (`chains_of`) cross more than `most` times, by default as `MOST_CROSSINGS` says.

    Also True where so many edges lie close together that counting took more than `MOST_TESTS` looks. Edges that only touch
    or run along each other do not cross.
    """
    if not len(left.first) or not len(right.first):
        return False
    allowed = max(MOST_CROSSINGS, len(left.start) + len(right.start)) if most is None else most
    looks = max(MOST_TESTS, _NEIGHBOURS * _CHAIN**2 * (len(left.first) + len(right.first)))
    tree = shapely.STRtree(left.boxes)
    # a piece of the one could meet every chain of the other without filling the memory
    step = max(1, _BOXES_AT_ONCE // len(left.first))
    crossings = tests = 0
    for begin in range(0, len(right.first), step):
        near_right, near_left = tree.query(right.boxes[begin : begin + step])
        for piece in range(0, len(near_left), _PAIRS_AT_ONCE):
            part = slice(piece, piece + _PAIRS_AT_ONCE)
            crossings += _count(left, near_left[part], right, near_right[part] + begin)
            tests += len(near_left[part]) * _CHAIN**2
            if crossings > allowed or tests > looks:
                return True
    return False


def chains_of(shapes: ObjectArray) -> Chains:
    """The edges of polygons in any CRS, ready to be counted against others in the same."""
    rings = shapely.get_rings(shapely.get_parts(shapes))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    edges = np.flatnonzero(ring[1:] == ring[:-1])
    start, end = points[edges], points[edges + 1]
    whose = ring[edges]
    opens = np.flatnonzero(np.r_[True, whose[1:] != whose[:-1]]) if len(edges) else edges
    within = np.arange(len(edges)) - np.repeat(opens, np.diff(np.r_[opens, len(edges)]))
    first = np.flatnonzero(within % _CHAIN == 0)
    if not len(first):
        return Chains(start, end, first, np.empty(0, dtype=object))
    low = np.minimum.reduceat(np.minimum(start, end), first)
    high = np.maximum.reduceat(np.maximum(start, end), first)
    return Chains(start, end, first, shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))


def _count(left: Chains, of_left: IntArray, right: Chains, of_right: IntArray) -> int:
    """Crossings of pairs of chains: the ends of each edge lie on different sides of the other."""
    a, b = (part[:, :, None] for part in _edges(left, of_left))
    c, d = (part[:, None, :] for part in _edges(right, of_right))
    apart = _side(a, b, c) * _side(a, b, d) < 0
    return int((apart & (_side(c, d, a) * _side(c, d, b) < 0)).sum())


def _edges(chains: Chains, which: IntArray) -> tuple[FloatArray, FloatArray]:
    """(n, chain, 2) starts and ends of the edges of these chains; what is beyond a chain's last edge is no length long."""
    ends = np.r_[chains.first[1:], len(chains.start)][which]
    place = chains.first[which][:, None] + np.arange(_CHAIN)
    inside = place < ends[:, None]
    place = np.minimum(place, len(chains.start) - 1)
    start = chains.start[place]
    return start, np.where(inside[:, :, None], chains.end[place], start)


def _side(a: FloatArray, b: FloatArray, point: FloatArray) -> FloatArray:
    """Above 0 where the point lies to the left of the line from `a` to `b`, below 0 to the right, as signs."""
    across = (b[..., 0] - a[..., 0]) * (point[..., 1] - a[..., 1])
    along = (b[..., 1] - a[..., 1]) * (point[..., 0] - a[..., 0])
    # products of tiny numbers would vanish, their signs do not
    return np.asarray(np.sign(across - along), dtype=float)
