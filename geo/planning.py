"""Where to build next: the sites among candidates that reach most uncovered people, within a number or a budget.

People of a cell count as reached when its centre lies within a site's radius. The choice is `geo.cover_exact`'s, proven or
with its bound; people are counted, never demand points.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp
import shapely
from scipy.spatial import cKDTree

from geo.arrays import FloatArray
from geo.cover import make_problem
from geo.cover_exact import TIME_LIMIT_SECONDS, CoverSolution, solve_cover
from geo.crs import geocentric_m
from geo.deadline import never
from geo.demand import Demand
from geo.errors import InputError

Radius = float | Callable[[gpd.GeoDataFrame], FloatArray]
"""Metres that a site reaches, the same for all or worked out for each candidate (a model of its reach)."""

SITE_COLUMNS: Final = (
    "order", "name", "radius_m", "people_gained", "people_cumulative", "weight_gained", "cost", "cost_cumulative",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Plan:
    """`sites` (`SITE_COLUMNS` and points), the one that adds most first, and how the search ended.

    `people_uncovered`: all who are outside today's coverage; `people_reachable`: those that some candidate reaches;
    `people_kept`: those that the sites already decided on reach, nobody's gain here. `people_unknown_units`: units whose
    people are not known and in none of these.
    """

    sites: gpd.GeoDataFrame
    solution: CoverSolution
    people_uncovered: float
    people_reachable: float
    people_kept: float
    unscored: float
    candidates: int
    people_unknown_units: int = 0

    def summary(self) -> dict[str, Any]:
        """Plain values for a file's metadata and for scripts."""
        found = self.solution
        return {
            "status": str(found.status),
            "proven": found.proven,
            "objective": found.objective,
            "bound": found.bound,
            "gap": found.gap,
            "greedy_objective": found.greedy_objective,
            "seconds": round(found.seconds, 3),
            "nodes": found.nodes,
            "candidates": self.candidates,
            "sites": len(self.sites),
            "people_gained": float(self.sites["people_gained"].sum()),
            "people_uncovered": self.people_uncovered,
            "people_reachable": self.people_reachable,
            "people_kept": self.people_kept,
            "people_without_score": self.unscored,
            "people_unknown_units": self.people_unknown_units,
        }


def plan_sites(
    demand: Demand,
    candidates: gpd.GeoDataFrame,
    *,
    radius: Radius,
    sites: int | None = None,
    budget: float | None = None,
    existing: gpd.GeoDataFrame | None = None,
    time_limit_seconds: float = TIME_LIMIT_SECONDS,
    given_up: Callable[[], bool] = never,
) -> Plan:
    """At most `sites` candidates, of at most `budget` together, that reach most of the demand's weight.

    `candidates`: `name`, `cost` (needed with a budget) and points in EPSG:4326; `existing`: points of sites decided on
    already, with the same radius. Raises `InputError` naming what cannot be used, and
    `GivenUpError` soon after `given_up` says that nobody waits any more.
    """
    if candidates.empty:
        raise InputError(
            "there is no candidate site; give a file, a grid or places with at least one inside the region"
        )
    kept = np.zeros(len(demand.people), dtype=bool)
    if existing is not None and len(existing):
        kept = cover_matrix(existing, demand, radii_of(existing, radius)).sum(axis=0) > 0
    left = demand.only(~kept)
    radii = radii_of(candidates, radius)
    covers = cover_matrix(candidates, left, radii)
    cost = _costs(candidates, budget)
    found = solve_cover(
        make_problem(left.weight, covers, sites=sites, budget=budget, cost=cost),
        time_limit_seconds=time_limit_seconds,
        given_up=given_up,
    )
    reached = np.asarray(covers.sum(axis=0)).ravel() > 0
    return Plan(
        sites=_site_rows(candidates, found, covers, left.people, radii),
        solution=found,
        people_uncovered=float(demand.people.sum()),
        people_reachable=float(left.people[reached].sum()),
        people_kept=float(demand.people[kept].sum()),
        unscored=demand.unscored,
        candidates=len(candidates),
        people_unknown_units=demand.unknown_units,
    )


def radii_of(sites: gpd.GeoDataFrame, radius: Radius) -> FloatArray:
    """Metres that each site reaches; raises `InputError` for one that is no number above zero."""
    given = radius(sites) if callable(radius) else np.full(len(sites), radius, dtype=float)
    radii = np.asarray(given, dtype=float)
    wrong = np.flatnonzero(~(np.isfinite(radii) & (radii > 0)))
    if len(wrong):
        raise InputError(
            f"site {wrong[0] + 1} has a radius of {radii[wrong[0]]} m ({len(wrong)} such); wanted a number of metres above 0"
        )
    return radii


def cover_matrix(sites: gpd.GeoDataFrame, demand: Demand, radii_m: FloatArray) -> sp.csr_array:
    """(sites × cells) of ones where the cell's centre lies within the site's radius, straight lines through the earth."""
    shape = (len(sites), len(demand.people))
    if not all(shape):
        return sp.csr_array(shape)
    points = geocentric_m(shapely.get_coordinates(sites.geometry.to_numpy()))
    near = cKDTree(geocentric_m(demand.centres)).query_ball_point(points, radii_m, return_sorted=True)
    columns = np.concatenate([np.asarray(found, dtype=np.int64) for found in near])
    ends = np.cumsum([0, *map(len, near)])
    return sp.csr_array((np.ones(len(columns)), columns, ends), shape=shape)


def _costs(candidates: gpd.GeoDataFrame, budget: float | None) -> FloatArray | None:
    """Costs where a budget asks for them; raises `InputError` for candidates without one, for missing is not free."""
    if budget is None:
        return None
    cost = candidates["cost"].to_numpy(dtype=float, na_value=np.nan) if "cost" in candidates else None
    if cost is None or np.isnan(cost).any():
        count = len(candidates) if cost is None else int(np.isnan(cost).sum())
        raise InputError(
            f"a budget was given, but {count} of {len(candidates)} candidates have no cost; give the file a column cost, "
            "or --site-cost for all of them"
        )
    return np.asarray(cost, dtype=float)


def _site_rows(
    candidates: gpd.GeoDataFrame,
    found: CoverSolution,
    covers: sp.csr_array,
    people: FloatArray,
    radii: FloatArray,
) -> gpd.GeoDataFrame:
    """The chosen candidates in order, with the people that each adds to those before it."""
    left, gained = people.copy(), []
    for place in found.chosen:
        reach = covers[[place]].indices
        gained.append(float(left[reach].sum()))
        left[reach] = 0.0
    rows = candidates.iloc[found.chosen].reset_index(drop=True)
    cost = (
        rows["cost"].to_numpy(dtype=float, na_value=np.nan) if "cost" in rows else np.full(len(rows), np.nan)
    )
    table = pd.DataFrame(
        {
            "order": np.arange(1, len(rows) + 1),
            "name": rows["name"].astype(str) if "name" in rows else "",
            "radius_m": radii[found.chosen],
            "people_gained": np.asarray(gained, dtype=float),
            "people_cumulative": np.cumsum(gained, dtype=float),
            "weight_gained": found.gains,
            "cost": cost,
            "cost_cumulative": np.cumsum(cost),
        }
    )
    return gpd.GeoDataFrame(table, geometry=rows.geometry.to_numpy(), crs=candidates.crs)
