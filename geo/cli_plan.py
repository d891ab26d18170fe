"""The command `plan`: where to build next."""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import typer

from geo.arrays import FloatArray
from geo.candidates import grid_candidates, office_candidates, place_candidates
from geo.cli_options import MendKinds
from geo.cli_rows import Form, FormOption, ListOption, choose_list, print_rows
from geo.cover_exact import TIME_LIMIT_SECONDS
from geo.demand import Demand, Need, find_demand
from geo.errors import CallError, WorkspaceError
from geo.export import export_what_if
from geo.files import require_place
from geo.mends import NO_MENDS, Mends
from geo.planning import Plan, Radius, plan_sites, radii_of
from geo.quality import Finding
from geo.reporting import reporting
from geo.results import Built, UnitList, read_built
from geo.rules import load_rules
from geo.schema import PlaceClass, Technology
from geo.site_areas import model_radii
from geo.site_points import read_site_points
from geo.what_if import read_people, require_current, union_today
from geo.workspace import Workspace, load_workspace

RADIUS_M: Final = 3_000.0
LARGEST_RADIUS_M: Final = 200_000.0
GRID_M: Final = 1_000.0
_SHOWN: Final = (
    "order", "unit_code", "unit_name", "name", "radius_m", "people_gained", "people_cumulative", "cost", "cost_cumulative",
)  # fmt: skip
_FORMATS: Final = {
    ".geojson": "geojson",
    ".json": "geojson",
    ".gpkg": "gpkg",
    ".csv": "csv",
    ".parquet": "parquet",
}


class Model(StrEnum):
    """How far a site reaches when no radius is given."""

    RMA = "rma"


@dataclass(frozen=True)
class CandidateChoice:
    """Where sites may stand: a file, places of these classes, the units' offices, or a grid; the first that is given."""

    file: Path | None = None
    places: str = ""
    grid_m: float = GRID_M
    site_cost: float | None = None
    mends: Mends = NO_MENDS


def plan(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The workspace folder, built.")],
    out: Annotated[Path, typer.Option(help="File to write: .geojson, .gpkg, .csv or .parquet.")],
    technology: Annotated[Technology, typer.Option(help="Technology to bring to people.")] = Technology.G4,
    sites: Annotated[int | None, typer.Option(help="At most so many sites.")] = None,
    budget: Annotated[
        float | None, typer.Option(help="At most so much cost together, in the unit of the costs.")
    ] = None,
    candidates: Annotated[Path | None, typer.Option(help="Where sites may stand: a file of points.")] = None,
    places: Annotated[
        str, typer.Option(help="Or at places: town, school, clinic, office; more with commas.")
    ] = "",
    grid: Annotated[float, typer.Option(help="Or on a grid of so many metres.")] = GRID_M,
    radius: Annotated[float | None, typer.Option(help="Metres that a site reaches; 3000 by default.")] = None,
    model: Annotated[Model | None, typer.Option(help="Or as far as a model says.")] = None,
    operator: Annotated[str, typer.Option(help="Whose sites, where the model's band depends on it.")] = "",
    need: Annotated[
        Need, typer.Option(help="Weigh people alike, or by the gap score of their unit.")
    ] = Need.PEOPLE,
    keep: Annotated[Path | None, typer.Option(help="Sites decided on already, a file of points.")] = None,
    site_cost: Annotated[float | None, typer.Option(help="Cost of a candidate that states none.")] = None,
    all_people: Annotated[
        bool, typer.Option("--all-people", help="Plan as if nobody were covered today.")
    ] = False,
    time_limit: Annotated[float, typer.Option(help="Seconds for the proof.")] = TIME_LIMIT_SECONDS,
    mend: MendKinds = None,
    units: ListOption = "",
    form: FormOption = Form.TABLE,
) -> None:
    """Choose the sites that reach most people without coverage, proven best or with how far from it they may be."""
    with reporting(form is Form.JSON):
        if sites is None and budget is None:
            raise CallError("say how many sites with --sites, or how much money with --budget")
        if not time_limit > 0:
            raise CallError(f"--time-limit is {time_limit}; wanted seconds above 0")
        if radius is not None and radius > LARGEST_RADIUS_M:
            raise CallError(f"--radius is {radius:g}; wanted metres up to {LARGEST_RADIUS_M:,.0f}")
        fmt, mends = _format_of(out), tuple(mend) if mend else NO_MENDS
        require_place(out, inputs=[file for file in (candidates, keep) if file is not None], root=directory)
        workspace = load_workspace(directory)
        require_current(workspace)
        built = read_built(directory)
        chosen = choose_list(built, units)
        reach = reach_of(technology, radius, model, operator)
        demand = _demand(workspace, built, chosen, technology, need, all_people=all_people)
        choice = CandidateChoice(candidates, places, grid, site_cost, mends)
        found, findings = find_candidates(choice, built, chosen, demand, reach)
        existing = None
        if keep is not None:
            existing, more = read_site_points(keep, chosen.result, mends=mends)
            findings = [*findings, *more]
        done = plan_sites(
            demand,
            found,
            radius=reach,
            sites=sites,
            budget=budget,
            existing=existing,
            time_limit_seconds=time_limit,
        )
        table = with_units(done.sites, chosen.result)
        asked = {
            "technology": str(technology), "need": str(need), "sites_asked": sites, "budget": budget,
            "radius_m": radius if model is None else None, "model": None if model is None else str(model),
            "assumed_uncovered": all_people,
        }  # fmt: skip
        said = {**asked, **done.summary(), "findings": [finding.message for finding in findings]}
        export_what_if(table, "plan_sites", fmt, out, built=built, units=chosen, said=said)
        _tell(built, chosen, table, said, done, form, findings, out)


def _format_of(out: Path) -> str:
    if out.suffix.lower() not in _FORMATS:
        raise CallError(
            f"{out.name}: cannot write {out.suffix or 'no ending'!r}; wanted one of {', '.join(_FORMATS)}"
        )
    return _FORMATS[out.suffix.lower()]


def reach_of(technology: Technology, radius: float | None, model: Model | None, operator: str) -> Radius:
    """The radius given, the model's for a new site of this technology and operator, or the default."""
    if model is None:
        return RADIUS_M if radius is None else radius
    if radius is not None:
        raise CallError("give --radius or --model, not both")

    def modelled(sites: gpd.GeoDataFrame) -> FloatArray:
        unknown = pd.Series(np.nan, index=sites.index)
        named = sites.assign(
            site_id=[str(place) for place in range(len(sites))], operator=operator, technology=str(technology),
            frequency_mhz=unknown, eirp_dbm=unknown, antenna_height_m=unknown,
        )  # fmt: skip
        return np.asarray(model_radii(named)["radius_m"].to_numpy(dtype=float, na_value=np.nan))

    return modelled


def _demand(
    workspace: Workspace,
    built: Built,
    units: UnitList,
    technology: Technology,
    need: Need,
    *,
    all_people: bool,
) -> Demand:
    people = read_people(workspace, units)
    if people is None:
        raise WorkspaceError(
            f"{workspace.root}: no population grid, so nobody is known to be without coverage; add one with `vunglom add DIR population FILE`"
        )
    rules = load_rules(built.manifest["rules"], source="manifest.json")
    covered = None if all_people else union_today(built, technology, rules)
    return find_demand(units.result, people, covered, need=need)


def find_candidates(
    choice: CandidateChoice, built: Built, units: UnitList, demand: Demand, reach: Radius
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """The candidates asked for, `site_cost` where one states none, and what was set aside."""
    findings: list[Finding] = []
    if choice.file is not None:
        found, findings = read_site_points(choice.file, units.result, mends=choice.mends)
    elif choice.places:
        found = _at_places(choice.places, built, units)
    else:
        probe = office_candidates(units.result.iloc[:1])
        found = grid_candidates(units.result, demand.centres, choice.grid_m, float(radii_of(probe, reach)[0]))
    if choice.site_cost is not None:
        if not 0 <= choice.site_cost < np.inf:
            raise CallError(f"--site-cost is {choice.site_cost}; wanted 0 or more")
        found = found.assign(cost=found["cost"].fillna(choice.site_cost))
    return found, findings


def _at_places(text: str, built: Built, units: UnitList) -> gpd.GeoDataFrame:
    kinds = [kind.strip() for kind in text.split(",") if kind.strip()]
    wrong = [kind for kind in kinds if kind not in {str(known) for known in PlaceClass}]
    if wrong or not kinds:
        raise CallError(f"--places is {text!r}; wanted {', '.join(PlaceClass)}, more than one with commas")
    known = set() if built.places is None else set(built.places["class"])
    if kinds == [str(PlaceClass.OFFICE)] and str(PlaceClass.OFFICE) not in known:
        # a point inside each unit stands in for its office
        return office_candidates(units.result)
    return place_candidates(built.places, kinds)


def with_units(sites: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The sites with code, vintage and name of the unit that each stands in."""
    tree = shapely.STRtree(units.geometry.to_numpy())
    place, unit = tree.query(sites.geometry.to_numpy(), predicate="intersects")
    where = pd.Series(unit, index=place).groupby(level=0).first().reindex(range(len(sites)))
    known = where.notna().to_numpy()
    table = sites.copy()
    for position, (name, column) in enumerate(
        (("unit_code", "unit_code"), ("vintage", "vintage"), ("unit_name", "name"))
    ):
        values = np.full(len(sites), None, dtype=object)
        values[known] = units[column].to_numpy()[where[known].astype(int)]
        table.insert(1 + position, name, values)
    return table


def _tell(
    built: Built, units: UnitList, table: gpd.GeoDataFrame, said: dict[str, Any], done: Plan, form: Form,
    findings: list[Finding], out: Path,
) -> None:  # fmt: skip
    for finding in findings:
        typer.echo(f"vunglom: {finding.message}", err=True)
    rows = table.drop(columns="geometry").assign(
        longitude=shapely.get_x(table.geometry.to_numpy()), latitude=shapely.get_y(table.geometry.to_numpy())
    )
    print_rows(
        built, units, "rows", rows, form, title="Sites", plan=json.loads(json.dumps(said)), out=str(out)
    )
    if form is Form.TABLE:
        how = "proven best" if done.solution.proven else f"at most {done.solution.gap:.2%} short of the best"
        typer.echo(
            f"{len(table)} of {done.candidates:,} candidate sites bring {done.sites['people_gained'].sum():,.0f} of "
            f"{done.people_uncovered:,.0f} people without coverage ({how}); greedy alone: {done.solution.greedy_objective:,.0f}. {out}"
        )
