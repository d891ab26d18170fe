"""The command `plan`: where to build next."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import geopandas as gpd
import shapely
import typer

from geo.cli_options import MendKinds
from geo.cli_rows import Form, FormOption, ListOption, choose_list, print_rows
from geo.cover_exact import TIME_LIMIT_SECONDS
from geo.demand import Demand, Need, find_demand
from geo.errors import CallError, WorkspaceError
from geo.export import export_what_if
from geo.files import require_place
from geo.mends import NO_MENDS
from geo.pieces import union
from geo.plan_choice import (
    GRID_M,
    LARGEST_RADIUS_M,
    CandidateChoice,
    Model,
    find_candidates,
    reach_of,
    with_units,
)
from geo.planning import Plan, plan_sites
from geo.quality import Finding
from geo.reporting import reporting
from geo.results import Built, UnitList, read_built
from geo.rules import load_rules
from geo.schema import Technology
from geo.site_points import read_site_points
from geo.what_if import accepted_areas, read_people, require_current, union_today
from geo.workspace import Workspace, load_workspace

_FORMATS: Final = {
    ".geojson": "geojson",
    ".json": "geojson",
    ".gpkg": "gpkg",
    ".csv": "csv",
    ".parquet": "parquet",
}


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
        require_place(out, inputs=[file for file in (candidates, keep) if file is not None])
        workspace = load_workspace(directory)
        require_current(workspace)
        built = read_built(directory)
        chosen = choose_list(built, units)
        reach = reach_of(technology, radius, model, operator)
        accepted = [] if all_people else accepted_areas(directory, technology)
        demand = _demand(workspace, built, chosen, technology, need, all_people=all_people, accepted=accepted)
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
            "radius_m": reach if isinstance(reach, float) else None, "model": None if model is None else str(model),
            "assumed_uncovered": all_people, "accepted_plans": len(accepted),
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


def _demand(
    workspace: Workspace,
    built: Built,
    units: UnitList,
    technology: Technology,
    need: Need,
    *,
    all_people: bool,
    accepted: Sequence[Any],
) -> Demand:
    people = read_people(workspace, units)
    if people is None:
        raise WorkspaceError(
            f"{workspace.root}: no population grid, so nobody is known to be without coverage; add one with `vunglom add DIR population FILE`"
        )
    rules = load_rules(built.manifest["rules"], source="manifest.json")
    covered = None if all_people else union([union_today(built, technology, rules), *accepted])
    return find_demand(units.result, people, covered, need=need)


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
        if done.people_unknown_units:
            typer.echo(
                f"people of {done.people_unknown_units} of {len(units.result)} units are not known and in no sum"
            )
