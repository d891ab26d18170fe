"""Wires the stages: a workspace's inputs → the tables of `built/`, which `geo.store` writes whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from geo import audit, input_points, inputs
from geo.arrays import FloatArray
from geo.clusters import find_hotspots
from geo.communes import join_communes, order_columns
from geo.coverage import BY_OPERATOR_COLUMNS, cover_units, dissolve_coverage, union_by_technology
from geo.errors import InputError
from geo.gaps import judge_goals, judge_units
from geo.people import PopulationGrid, count_people_of_units
from geo.quality import Finding, Severity
from geo.remoteness import town_distance_km
from geo.rules import Rules
from geo.schema import PlaceClass, empty_table, validate_result, with_text_types
from geo.speed import (
    BY_QUARTER_COLUMNS,
    aggregate_speed,
    audit_tiles,
    share_tiles,
    summarise_speed,
    summarise_tiles,
)
from geo.store import ListTables, recover_built, write_built
from geo.trends import fit_trends
from geo.units import differs_from_declared, urban_points
from geo.workspace import Workspace, require_unchanged

Progress = Callable[[str], None]


@dataclass(frozen=True)
class StageInputs:
    """What the stages of every list of units are given: checked inputs, each None when it was not added."""

    grid: PopulationGrid | None
    tiles: pd.DataFrame | None
    areas: gpd.GeoDataFrame | None
    towns: gpd.GeoDataFrame | None
    rules: Rules


def build(workspace: Workspace, *, progress: Progress = lambda _: None) -> dict[str, Any]:
    """Build every list of units of the workspace into `built/` and return the manifest.

    Raises an `InputError` with one message when an input is at fault; `built/` is then as it was.
    """
    recover_built(workspace)
    progress("checking the files")
    require_unchanged(workspace)
    progress("reading boundaries")
    lists = inputs.read_unit_lists(workspace)
    progress("reading people, tiles, coverage, places, sites")
    grid = inputs.read_population_input(workspace, lists)
    tiles = inputs.read_speed(workspace)
    region = inputs.region_of(lists)
    claims, findings = inputs.read_coverage(workspace, region)
    places, mended = input_points.read_places(workspace, region)
    cells, aside = input_points.read_sites(workspace, region)
    areas, superseded = (None, []) if claims is None else _dissolve(claims)
    given = StageInputs(grid, tiles, areas, _towns(places), workspace.rules)
    tables = []
    for found in lists:
        progress(f"computing {found.id} ({len(found.units)} units)")
        tables.append(build_list(found, given))
    progress("writing")
    findings = [
        *findings,
        *mended,
        *aside,
        *superseded,
        *(finding for table in tables for finding in table.findings),
    ]
    return write_built(workspace, tables, findings, areas, places, sites=cells)


def _towns(places: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    if places is None:
        return None
    towns = places[places["class"] == str(PlaceClass.TOWN)]
    return towns if len(towns) else None


def _dissolve(claims: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    areas, superseded = dissolve_coverage(claims)
    findings = [
        Finding(
            Severity.NOTE,
            "superseded",
            f"{row.operator} {row.technology} {row.evidence} of {row.as_of} is older than another of the same kind",
            done="not used",
        )
        for row in superseded.itertuples()
    ]
    return areas, findings


def build_list(found: inputs.UnitsInput, given: StageInputs) -> ListTables:
    """Every stage for one list of units: join, goals, verdicts, clusters, findings."""
    people, people_table, findings = _people(found, given)
    coverage, coverage_table, covered = _coverage(found, given)
    speed, speed_tables, tested = _speed(found, given, people)
    parts = people_table | coverage_table | speed_tables | _remoteness(found, given)
    measured, unmatched = join_communes(found.units, parts)
    goals = judge_goals(measured, given.rules)
    judged = measured.merge(judge_units(goals), on="unit_code", validate="one_to_one")
    hotspots = find_hotspots(judged, judged["gap_score"])
    communes = order_columns(judged.merge(hotspots, on="unit_code", validate="one_to_one"))
    areas_off = audit.declared_areas(found.id, differs_from_declared(found.units))
    return ListTables(
        id=found.id,
        vintage=str(found.vintage),
        level=str(found.level),
        communes=validate_result(with_text_types(communes)),
        goals=with_text_types(goals),
        coverage_by_operator=with_text_types(coverage),
        speed_by_quarter=with_text_types(speed),
        findings=(*found.findings, *findings, *covered, *tested, *unmatched, *areas_off),
    )


def _people(
    found: inputs.UnitsInput, given: StageInputs
) -> tuple[FloatArray | None, dict[str, pd.DataFrame], list[Finding]]:
    """People of every unit (None without a grid), what of them goes into the result, and what the audit says."""
    if given.grid is None:
        return None, {}, []
    codes = found.units["unit_code"]
    people = count_people_of_units(given.grid, found.units.geometry.to_numpy())
    findings = [
        audit.people_outside(found.id, people, given.grid),
        *audit.people_unknown(found.id, codes, people),
    ]
    return people, {"people": pd.DataFrame({"unit_code": codes, "people": people})}, findings


def _coverage(
    found: inputs.UnitsInput, given: StageInputs
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], list[Finding]]:
    """The operators' table, what of it goes into the result, and the claims that touch no unit."""
    if given.areas is None:
        return empty_table(BY_OPERATOR_COLUMNS), {}, []
    coverage = cover_units(found.units, given.areas, given.grid)
    union = union_by_technology(
        found.units,
        given.areas,
        given.grid,
        evidence_order=given.rules.coverage_evidence,
        operator_share=given.rules.operator_share,
        coverage=coverage,
    )
    return coverage, {"coverage": union}, audit.coverage_nowhere(found.id, coverage)


def _remoteness(found: inputs.UnitsInput, given: StageInputs) -> dict[str, pd.DataFrame]:
    """Distances to the towns that were added, else to the urban units; nothing where there is neither."""
    towns = urban_points(found.units) if given.towns is None else given.towns
    if not len(towns):
        return {}
    distance = town_distance_km(found.units, towns, given.grid)
    return {"remoteness": distance.rename("town_distance_km").rename_axis("unit_code").reset_index()}


def _speed(
    found: inputs.UnitsInput, given: StageInputs, people: FloatArray | None
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], list[Finding]]:
    """The quarters' table, what of it goes into the result, and what the audit says of the tiles."""
    tiles, units, rules = given.tiles, found.units, given.rules
    if tiles is None:
        return empty_table(("unit_code", "vintage", *BY_QUARTER_COLUMNS[1:])), {}, []
    codes = units["unit_code"].tolist()
    shares = share_tiles(tiles, units, given.grid)
    if shares.empty:
        raise InputError(
            f"none of the {len(tiles):,} speed tiles touches a unit of {found.id}: the tiles are of another region, or the "
            "outlines have latitude and longitude swapped; give the tiles of this region"
        )
    by_quarter = aggregate_speed(tiles, shares, codes)
    unit_people = None if people is None else pd.Series(people, index=codes)
    tables = {
        "speed": summarise_speed(by_quarter, quarters=rules.speed_quarters, min_devices=rules.min_devices),
        "tested tiles": summarise_tiles(tiles, shares, codes, unit_people, quarters=rules.speed_quarters),
        "trends": fit_trends(by_quarter),
    }
    by_quarter.insert(1, "vintage", str(found.vintage))
    return by_quarter, tables, audit.tiles_and_tests(found.id, audit_tiles(tiles, shares))
