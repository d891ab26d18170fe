"""Where to build next, asked from an open desk: demand beside today's coverage and accepted plans, candidates, the choice."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd

from geo.column_meanings import plan_meanings
from geo.deadline import never, require_wanted
from geo.demand import Demand, Need, find_demand
from geo.errors import InputError
from geo.export import export_what_if
from geo.pieces import union
from geo.plan_choice import CandidateChoice, Model, find_candidates, reach_of, with_units
from geo.planning import Plan, Radius, plan_sites, radii_of
from geo.rollout_desk import Desk
from geo.rollout_export import workbook
from geo.schema import Technology
from geo.what_if import union_today

GRID = "grid"
FILE = "file"


@dataclass(frozen=True)
class Ask:
    """What is asked: at most `sites`, or within `budget` at `site_cost` each; `radius_m` None for the model's reach.

    `candidates`: `grid` (of `grid_m` metres), a class of places, or `file`; `candidates_file`, `keep_file`: names of the lists
    given (`Lists`), empty where none was.
    """

    technology: Technology
    operator: str
    sites: int | None
    budget: float | None
    site_cost: float | None
    radius_m: float | None
    candidates: str
    grid_m: float
    need: Need
    time_limit_seconds: float
    candidates_file: str = ""
    keep_file: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a file's metadata."""
        return {
            "technology": str(self.technology), "need": str(self.need), "sites_asked": self.sites, "budget": self.budget,
            "radius_m": self.radius_m, "model": str(Model.RMA) if self.radius_m is None else None,
            "candidates_from": self.candidates, "candidates_file": self.candidates_file or None,
            "keep_file": self.keep_file or None, "assumed_uncovered": False,
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Lists:
    """Sites of files, as `geo.site_points.read_site_points` gives them: where new ones may stand, and those decided on already."""

    candidates: gpd.GeoDataFrame | None = None
    keep: gpd.GeoDataFrame | None = None
    notes: tuple[str, ...] = ()


NO_LISTS = Lists()


@dataclass(frozen=True, eq=False)
class Suggestion:
    """The answer: the plan, and its sites with the unit that each stands in.

    `kept`: points of the sites decided on already with their `radius_m`, None where none were given. `accepted`: how many accepted
    or built proposals of the technology are nobody's to plan for any more.
    """

    ask: Ask
    plan: Plan
    sites: gpd.GeoDataFrame
    kept: gpd.GeoDataFrame | None = None
    notes: tuple[str, ...] = ()
    accepted: int = 0

    @property
    def said(self) -> dict[str, Any]:
        """What a file says of the choice."""
        told = {**self.ask.as_dict(), "accepted_plans": self.accepted}
        return {**told, **self.plan.summary(), "findings": list(self.notes)}


def suggest(
    desk: Desk, ask: Ask, lists: Lists = NO_LISTS, given_up: Callable[[], bool] = never
) -> Suggestion:
    """Choose the sites; raises `InputError` where people or coverage are not known, or nothing can be chosen from.

    Raises `GivenUpError` soon after `given_up` says that nobody waits any more.
    """
    demand = demand_of(desk, ask)
    require_wanted(given_up)
    reach = reach_of(
        ask.technology, ask.radius_m, None if ask.radius_m is not None else Model.RMA, ask.operator
    )
    candidates = candidates_of(desk, ask, lists, demand, reach)
    require_wanted(given_up)
    plan = plan_sites(
        demand,
        candidates,
        radius=reach,
        sites=ask.sites,
        budget=ask.budget,
        existing=lists.keep,
        time_limit_seconds=ask.time_limit_seconds,
        given_up=given_up,
    )
    kept = None if lists.keep is None else lists.keep.assign(radius_m=radii_of(lists.keep, reach))
    sites = with_units(plan.sites, desk.units.result)
    return Suggestion(ask, plan, sites, kept, lists.notes, len(accepted_of(desk, ask)))


def candidates_of(desk: Desk, ask: Ask, lists: Lists, demand: Demand, reach: Radius) -> gpd.GeoDataFrame:
    """Where sites may stand; a site of a file that states no cost has that of the question."""
    if ask.candidates != FILE:
        places = "" if ask.candidates == GRID else ask.candidates
        choice = CandidateChoice(places=places, grid_m=ask.grid_m, site_cost=ask.site_cost)
        return find_candidates(choice, desk.built, desk.units, demand, reach)[0]
    if lists.candidates is None:
        raise InputError("no file of candidate sites was given; give one, or choose from a grid or places")
    if ask.site_cost is None:
        return lists.candidates
    return lists.candidates.assign(cost=lists.candidates["cost"].fillna(ask.site_cost))


def demand_of(desk: Desk, ask: Ask) -> Demand:
    """People outside today's coverage and outside every accepted plan of the technology."""
    if desk.ground.grid is None:
        raise InputError(
            f"{desk.root}: no population grid, so nobody is known to be without coverage; "
            "add one with `vunglom add DIR population FILE`"
        )
    covered = union_today(desk.built, ask.technology, desk.rules)
    accepted = accepted_of(desk, ask)
    return find_demand(
        desk.units.result,
        desk.ground.grid,
        union([covered, *accepted]) if accepted else covered,
        need=ask.need,
    )


def accepted_of(desk: Desk, ask: Ask) -> list[Any]:
    """Areas of the accepted and built proposals of the technology."""
    return [offer.area for offer in desk.ground.plans.offers if offer.technology == ask.technology]


def as_geojson(desk: Desk, found: Suggestion) -> bytes:
    """The sites as GeoJSON (RFC 7946) with what was asked, the bound and the sources in its metadata."""
    with TemporaryDirectory(prefix="vunglom-plan-") as folder:
        out = Path(folder) / "sites.geojson"
        export_what_if(
            found.sites, "plan_sites", "geojson", out, built=desk.built, units=desk.units, said=found.said
        )
        return out.read_bytes()


def as_xlsx(found: Suggestion) -> bytes:
    """A workbook: the sites with longitude and latitude, what was asked and found, and what the columns mean."""
    places = found.sites.geometry
    table = found.sites.drop(columns="geometry").assign(longitude=places.x, latitude=places.y)
    told = [{"what": name, "value": value} for name, value in found.said.items() if name != "findings"]
    told += [{"what": "finding", "value": note} for note in found.notes]
    rows = [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]
    return workbook({"sites": rows, "plan": told, "columns": plan_meanings(map(str, table.columns))})
