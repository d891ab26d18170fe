"""Several proposals together: nobody counted twice, whatever the order, and what each partner contributes to the sum.

The gains are cut into pieces that belong to the same proposals throughout. The union of gains is the sum over pieces. A
partner's contribution is its Shapley value (Shapley 1953): its mean marginal gain over every order of the partners. For a game of
coverage it has a closed form, exact for any number of partners: a piece is shared equally among those who offer it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
import shapely
from scipy.sparse.csgraph import connected_components

from geo.arrays import BoolArray, FloatArray, IntArray, ObjectArray
from geo.rollout import Check
from geo.rollout_base import SLIVER_DEGREES2, Today, area_of


@dataclass(frozen=True, eq=False)
class Pieces:
    """Disjoint pieces of all gains: `unit`, `people` (null where not known) and `km2` of each, and whose they are.

    `members` (pieces × proposals): whether the piece lies in the proposal's gain.
    """

    unit: IntArray
    people: FloatArray
    km2: FloatArray
    members: BoolArray


def cut_pieces(today: Today, checks: Sequence[Check]) -> Pieces:
    """The pieces of the gains of these checks. Proposals of different technologies do not overlap: each is a gain of its own."""
    rows = [
        (owner, int(unit), shape, float(people))
        for owner, check in enumerate(checks)
        for unit, shape, people in zip(check.gain_units, check.gain, check.gain_people, strict=True)
        if shape is not None
    ]
    owner = np.array([row[0] for row in rows], dtype=np.int64)
    unit = np.array([row[1] for row in rows], dtype=np.int64)
    shapes = np.array([*(row[2] for row in rows), None], dtype=object)[:-1]
    people = np.array([row[3] for row in rows], dtype=float)
    technology = np.array([str(checks[row[0]].proposal.technology) for row in rows], dtype=object)
    groups = _overlapping(shapes, unit, technology)
    alone = np.bincount(groups, minlength=groups.max(initial=-1) + 1)[groups] == 1
    owned = np.zeros((len(rows), len(checks)), dtype=bool)
    owned[np.arange(len(rows)), owner] = True
    parts = [(unit[alone], shapes[alone], people[alone], owned[alone])]
    for group in np.unique(groups[~alone]):
        inside = np.flatnonzero(groups == group)
        faces, members = _faces(shapes[inside], owner[inside], len(checks))
        counted = today.count(faces)
        if np.isnan(people[inside]).any():
            counted[:] = np.nan
        parts.append((np.full(len(faces), unit[inside[0]]), faces, counted, members))
    return Pieces(
        unit=np.concatenate([part[0] for part in parts]),
        people=np.concatenate([part[2] for part in parts]),
        km2=area_of(np.concatenate([part[1] for part in parts])),
        members=np.concatenate([part[3] for part in parts]),
    )


def _overlapping(shapes: ObjectArray, unit: IntArray, technology: ObjectArray) -> IntArray:
    """A number for each shape, the same for those that overlap, one through another, in one unit with one technology."""
    if not len(shapes):
        return np.zeros(0, dtype=np.int64)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    alike = (unit[one] == unit[other]) & (technology[one] == technology[other])
    size = len(shapes)
    links = sp.coo_array((np.ones(alike.sum()), (one[alike], other[alike])), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _faces(shapes: ObjectArray, owner: IntArray, owners: int) -> tuple[ObjectArray, BoolArray]:
    """The faces that all outlines together draw, and in whose shapes each lies."""
    lines = shapely.union_all(shapely.boundary(shapes))
    faces = shapely.get_parts(shapely.polygonize([lines]))
    inside = shapely.point_on_surface(faces)
    face, shape = shapely.STRtree(shapes).query(inside, predicate="within")
    members = np.zeros((len(faces), owners), dtype=bool)
    members[face, owner[shape]] = True
    kept = members.any(axis=1) & (shapely.area(faces) > SLIVER_DEGREES2)
    return faces[kept], members[kept]


def union_gain(pieces: Pieces) -> tuple[float, float]:
    """People (null where any is not known) and km² of all gains together, everyone once."""
    return float(pieces.people.sum()), float(pieces.km2.sum())


def contributions(checks: Sequence[Check], pieces: Pieces, *, by_operator: bool = False) -> pd.DataFrame:
    """`partner`, `alone_people`, `people`, `only_people`, `alone_km2`, `km2`: per proposal, or per operator.

    `alone`: the gain if there were no other; `people`, `km2`: the order-free contribution, which adds up to the union;
    `only`: what nobody else offers.
    """
    names = [check.proposal.operator if by_operator else check.proposal.name for check in checks]
    partners = list(dict.fromkeys(names)) if by_operator else names
    belongs = np.zeros((len(checks), len(partners)), dtype=bool)
    places = [partners.index(name) for name in names] if by_operator else range(len(names))
    belongs[np.arange(len(checks)), list(places)] = True
    members = (pieces.members.astype(float) @ belongs) > 0
    offered = np.maximum(members.sum(axis=1), 1)
    only = members & (offered == 1)[:, None]
    return pd.DataFrame(
        {
            "partner": partners,
            "alone_people": _sums(pieces.people, members),
            "people": _sums(pieces.people / offered, members),
            "only_people": _sums(pieces.people, only),
            "alone_km2": pieces.km2 @ members,
            "km2": (pieces.km2 / offered) @ members,
        }
    )


def _sums(values: FloatArray, members: BoolArray) -> FloatArray:
    """Sum of the values of each column's members; null where one of them is."""
    unknown = np.isnan(values)
    sums = np.where(unknown, 0.0, values) @ members
    return np.where(unknown @ members, np.nan, sums)
