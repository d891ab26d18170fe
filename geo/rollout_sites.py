"""How far a proposal's sites lie from those that other operators plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from geo.crs import geocentric_m, geodesic_m
from geo.proposal import Proposal, Status

METRES_PER_KM: Final = 1000.0
PLANNED: Final = (Status.SUBMITTED, Status.ACCEPTED, Status.BUILT)
"""Statuses whose sites count as planned: a draft is nobody's business yet."""


@dataclass(frozen=True)
class SiteDistance:
    """The nearest planned site of another operator: how far, whose, in which proposal, and which of the own sites (from 0)."""

    km: float
    operator: str
    proposal: str
    site: int


def nearest_planned_site(proposal: Proposal, plans: Sequence[Proposal]) -> SiteDistance | None:
    """Over all own sites the nearest one of another operator's plans, any technology; None where either has no sites."""
    own = proposal.sites
    theirs = [
        plan
        for plan in plans
        if plan.status in PLANNED
        and plan.operator != proposal.operator
        and plan.points is not None
        and len(plan.sites)
    ]
    if not len(own) or not theirs:
        return None
    points = np.concatenate([plan.sites for plan in theirs])
    whose = np.repeat(np.arange(len(theirs)), [len(plan.sites) for plan in theirs])
    distance, place = cKDTree(geocentric_m(points)).query(geocentric_m(own))
    site = int(distance.argmin())
    other = int(place[site])
    plan = theirs[int(whose[other])]
    metres = float(geodesic_m(own[[site]], points[[other]])[0])
    return SiteDistance(metres / METRES_PER_KM, plan.operator, plan.name, site)
