"""Wires the stages: a workspace's inputs → the tables of `built/`, which `geo.store` writes whole or not at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo import input_points, input_rasters, inputs, quality_sites
from geo.clusters import find_hotspots
from geo.communes import join_communes, order_columns
from geo.coverable import require_untangled, unite_claim
from geo.coverage import dissolve_coverage
from geo.files import one_at_a_time
from geo.gaps import judge_goals, judge_units
from geo.indicator_places import own_columns, place_indicators
from geo.indicators import read_indicators
from geo.list_parts import (
    StageInputs,
    contradicted_column,
    contradictions_of,
    contradictions_table,
    coverage_of,
    figures_of,
    outlines_of,
    people_of,
    remoteness_of,
    settlement_of,
    sites_of,
    speed_of,
)
from geo.quality import Finding, Severity
from geo.quality_inputs import check_dates
from geo.reasons import find_signals
from geo.rules import Rules
from geo.schema import PlaceClass, validate_result, with_text_types
from geo.scores import draw_standing, intervals_after, score_intervals
from geo.sensitivity import worst_shares
from geo.settlement import classify_cells
from geo.site_areas import model_coverage, model_radii, unmodelled_sites
from geo.sites import find_sites
from geo.spellings import with_one_spelling
from geo.store import BUILD_LOCK, ListTables, recover_built, write_built
from geo.workspace import Workspace, require_unchanged

Progress = Callable[[str], None]
JUDGED_COLUMNS: Final = (
    "unit_code", "verdict", "gap_score", "gap_score_low", "gap_score_high", "rank_low", "rank_high",
)  # fmt: skip
"""What judging some units again gives."""


def build(workspace: Workspace, *, progress: Progress = lambda _: None) -> dict[str, Any]:
    """Build every list of units of the workspace into `built/` and return the manifest.

    One build of a workspace at a time: another waits. Raises an `InputError` with one message when an input is at fault;
    `built/` is then as it was.
    """
    with one_at_a_time(workspace.root, BUILD_LOCK):
        return _build(workspace, progress)


def _build(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    recover_built(workspace)
    progress("checking the files")
    require_unchanged(workspace)
    progress("reading boundaries")
    lists = inputs.read_unit_lists(workspace)
    progress("reading people, tiles, coverage, places, sites")
    grid = input_rasters.read_population_input(workspace, lists)
    friction = input_rasters.read_friction_input(workspace, lists)
    tiles = inputs.read_speed(workspace)
    region = inputs.region_of(lists)
    claims, findings = inputs.read_coverage(workspace, region)
    places, mended = input_points.read_places(workspace, region)
    cells, aside = input_points.read_sites(workspace, region)
    (claims, cells), spelt = with_one_spelling(claims, cells)
    indicators = read_indicators(workspace)
    modelled, left = _modelled(cells)
    areas, superseded = _dissolve(claims, modelled)
    if areas is not None:
        require_untangled(areas, [found.units.geometry.to_numpy() for found in lists])
    settlements = None if grid is None else classify_cells(grid)
    given = StageInputs(
        grid, tiles, areas, _towns(places), workspace.rules, settlements, indicators, cells, friction
    )
    tables = []
    for found in lists:
        progress(f"computing {found.id} ({len(found.units)} units)")
        tables.append(build_list(found, given))
    progress("writing")
    dated = check_dates(workspace.inputs, datetime.now(UTC).date())
    of_lists = [finding for table in tables for finding in table.findings]
    told = [finding for one in indicators for finding in one.findings]
    findings = [*findings, *told, *mended, *aside, *spelt, *left, *superseded, *dated, *of_lists]
    return write_built(workspace, tables, findings, areas, places, sites=cells)


def _towns(places: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    if places is None:
        return None
    towns = places[places["class"] == str(PlaceClass.TOWN)]
    return towns if len(towns) else None


def _modelled(cells: gpd.GeoDataFrame | None) -> tuple[gpd.GeoDataFrame | None, list[Finding]]:
    """Coverage that the cell records' sites would give by the model, a claim of its own kind; and the sites it leaves out."""
    if cells is None or cells.empty:
        return None, []
    sites = find_sites(cells)
    newest = cells["updated"].dropna()
    claims = model_coverage(sites, as_of=str(newest.max()) if len(newest) else "")
    return claims, quality_sites.unmodelled(unmodelled_sites(model_radii(sites)), len(sites))


def _dissolve(*given: gpd.GeoDataFrame | None) -> tuple[gpd.GeoDataFrame | None, list[Finding]]:
    """One area per claim, of all kinds of evidence, each of its own; None where nobody claims anything."""
    frames = [claims for claims in given if claims is not None and len(claims)]
    if not frames:
        return None, []
    areas, superseded = dissolve_coverage(
        gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs), union=unite_claim
    )
    findings = [
        Finding(
            Severity.NOTE,
            "superseded",
            f"{row.operator} {row.technology} {row.evidence} of {row.as_of} is older than another of the same kind",
            done="not used",
            values={
                "operator": row.operator,
                "technology": row.technology,
                "evidence": row.evidence,
                "as_of": str(row.as_of),
            },
        )
        for row in superseded.itertuples()
    ]
    return areas, findings


def rejudge_with(rules: Rules, built: pd.DataFrame | None = None) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """What the check of proposals is given (`geo.rollout_units.Rejudge`): changed rows of the result table, judged as a build does.

    `built`: the whole table; without it there are no intervals. Rows may carry `own_columns`. What tests say against
    declared coverage stays as the build found it (`reasons`).
    """

    def judge(communes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        goals = judge_goals(communes, rules)
        return goals, judge_units(goals, find_signals(communes, rules, _contradicted_before(communes)))

    standing = None if built is None else draw_standing(*judge(built), rules)

    def rejudge(communes: pd.DataFrame) -> pd.DataFrame:
        goals, verdicts = judge(communes)
        if standing is not None:
            moved = communes[["unit_code", "was", "change"]].merge(
                verdicts[["unit_code", "gap_score"]], on="unit_code", validate="one_to_one"
            )
            ends = intervals_after(standing, goals, moved, rules)
            verdicts = verdicts.merge(ends, on="unit_code", validate="one_to_one")
        return verdicts[[name for name in JUDGED_COLUMNS if name in verdicts]]

    return rejudge


def _contradicted_before(communes: pd.DataFrame) -> pd.DataFrame | None:
    if "reasons" not in communes:
        return None
    found = communes["reasons"].map(lambda codes: "declared_not_measured" in list(codes))
    return pd.DataFrame(
        {"unit_code": communes["unit_code"], "contradicted_share": 1.0, "declared_not_measured": found}
    )


def build_list(found: inputs.UnitsInput, given: StageInputs) -> ListTables:
    """Every stage for one list of units: join, goals, verdicts, clusters, findings."""
    people, people_table, findings = people_of(found, given)
    coverage, coverage_table, covered = coverage_of(found, given, people)
    speeds = speed_of(found, given, people)
    contradicted = contradictions_of(found, given, coverage, speeds, people)
    remoteness, cut_off = remoteness_of(found, given)
    parts = (
        people_table
        | coverage_table
        | speeds.parts
        | contradicted_column(contradicted)
        | remoteness
        | settlement_of(found, given)
    )
    measured, unmatched = join_communes(found.units, parts)
    own, placed = place_indicators(given.indicators, found)
    # an own indicator of another list of units is no goal of this one
    rules = given.rules.with_own(set(own["indicator"]))
    goals = judge_goals(measured.assign(**own_columns(own, measured["unit_code"])), rules)
    verdicts = judge_units(goals, find_signals(measured, rules, contradicted))
    verdicts = verdicts.merge(score_intervals(goals, verdicts, rules), on="unit_code", validate="one_to_one")
    judged = measured.merge(verdicts, on="unit_code", validate="one_to_one")
    hotspots = find_hotspots(judged, judged["gap_score"])
    communes = order_columns(judged.merge(hotspots, on="unit_code", validate="one_to_one"))
    found_out = (
        *found.findings,
        *findings,
        *covered,
        *speeds.findings,
        *unmatched,
        *placed,
        *cut_off,
        *sites_of(found, given),
        *outlines_of(found, given.grid),
        *figures_of(found.id, communes, given.rules),
    )
    return ListTables(
        id=found.id,
        vintage=str(found.vintage),
        level=str(found.level),
        communes=validate_result(with_text_types(communes)),
        goals=with_text_types(goals),
        coverage_by_operator=with_text_types(coverage),
        speed_by_quarter=with_text_types(speeds.by_quarter),
        sensitivity=with_text_types(worst_shares(goals, verdicts, rules)),
        indicators=with_text_types(own),
        contradictions=with_text_types(contradictions_table(contradicted)),
        findings=tuple(replace(finding, list_id=found.id) for finding in found_out),
    )
