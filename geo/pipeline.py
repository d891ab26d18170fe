"""Wires the stages: a workspace's inputs → the tables of `built/`, which `geo.store` writes whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import geopandas as gpd
import pandas as pd

from geo import audit, inputs, quality_figures, quality_units
from geo.arrays import FloatArray
from geo.clusters import find_hotspots
from geo.communes import join_communes, order_columns
from geo.coverage import BY_OPERATOR_COLUMNS, cover_units, dissolve_coverage, union_by_technology
from geo.errors import CallError, InputError
from geo.gaps import judge_goals, judge_units
from geo.outlines import find_gaps, shared_by_later
from geo.people import PopulationGrid, count_people, count_people_of_units
from geo.quality import Finding, Severity
from geo.quality_inputs import check_dates
from geo.quarters import newest_quarters
from geo.remoteness import town_distance_km
from geo.rules import Rules
from geo.schema import PlaceClass, SpeedMode, empty_table, validate_result, with_text_types
from geo.settlement import SettlementGrid, classify_cells, classify_units
from geo.shrinkage import estimate_networks, speed_columns, speed_steps
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
from geo.tutorial import LABEL, ookla_tutorial
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
    settlements: SettlementGrid | None = None


def build(workspace: Workspace, *, progress: Progress = lambda _: None) -> dict[str, Any]:
    """Build every list of units of the workspace into `built/` and return the manifest.

    Raises an `InputError` with one message when an input is at fault; `built/` is then as it was.
    """
    recover_built(workspace)
    progress("checking the files")
    require_unchanged(workspace)
    progress("reading boundaries")
    lists = inputs.read_unit_lists(workspace)
    progress("reading people, tiles, coverage, places")
    grid = inputs.read_population_input(workspace, lists)
    tiles = inputs.read_speed(workspace)
    claims, findings = inputs.read_coverage(workspace)
    places = inputs.read_places(workspace)
    areas, superseded = (None, []) if claims is None else _dissolve(claims)
    settlements = None if grid is None else classify_cells(grid)
    given = StageInputs(grid, tiles, areas, _towns(places), workspace.rules, settlements)
    tables = []
    for found in lists:
        progress(f"computing {found.id} ({len(found.units)} units)")
        tables.append(build_list(found, given))
    progress("writing")
    dated = check_dates(workspace.inputs, datetime.now(UTC).date())
    findings = [*findings, *superseded, *dated, *(finding for table in tables for finding in table.findings)]
    return write_built(workspace, tables, findings, areas, places)


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
    coverage, coverage_table, covered = _coverage(found, given, people)
    speed, speed_tables, tested = _speed(found, given, people)
    parts = (
        people_table | coverage_table | speed_tables | _remoteness(found, given) | _settlement(found, given)
    )
    measured, unmatched = join_communes(found.units, parts)
    goals = judge_goals(measured, given.rules)
    judged = measured.merge(judge_units(goals), on="unit_code", validate="one_to_one")
    hotspots = find_hotspots(judged, judged["gap_score"])
    communes = order_columns(judged.merge(hotspots, on="unit_code", validate="one_to_one"))
    found_out = (
        *found.findings,
        *findings,
        *covered,
        *tested,
        *unmatched,
        *_outlines(found, given.grid),
        *_figures(found.id, communes, given.rules),
    )
    return ListTables(
        id=found.id,
        vintage=str(found.vintage),
        level=str(found.level),
        communes=validate_result(with_text_types(communes)),
        goals=with_text_types(goals),
        coverage_by_operator=with_text_types(coverage),
        speed_by_quarter=with_text_types(speed),
        findings=tuple(replace(finding, list_id=found.id) for finding in found_out),
    )


def rejudge_with(rules: Rules) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """What the check of proposals is given: rows of the result table → unit_code, verdict, gap_score, by the build's own judging."""

    def rejudge(communes: pd.DataFrame) -> pd.DataFrame:
        return judge_units(judge_goals(communes, rules))[["unit_code", "verdict", "gap_score"]]

    return rejudge


def _outlines(found: inputs.UnitsInput, grid: PopulationGrid | None) -> list[Finding]:
    """What the report says of the list's outlines and names."""
    people = None if grid is None else count_people(grid, found.overlaps.geometry.to_numpy())
    gaps = find_gaps(found.units, found.unmatched)
    return [
        quality_units.outlines(found.id, found.units),
        *quality_units.overlapping(found.id, found.units, found.overlaps, people),
        *quality_units.gaps_between(found.id, found.units, gaps),
        *quality_units.declared_areas(found.id, found.units, differs_from_declared(found.units)),
        *quality_units.duplicate_names(found.id, found.units),
    ]


def _figures(list_id: str, communes: gpd.GeoDataFrame, rules: Rules) -> list[Finding]:
    """What the report says of the list's figures."""
    few = quality_figures.few_tests(
        list_id, communes, min_devices=rules.min_devices, decisive_devices=rules.decisive_devices
    )
    return [*quality_figures.people_zero(list_id, communes), *few]


def _people(
    found: inputs.UnitsInput, given: StageInputs
) -> tuple[FloatArray | None, dict[str, pd.DataFrame], list[Finding]]:
    """People of every unit (None without a grid), what of them goes into the result, and what the audit says."""
    if given.grid is None:
        return None, {}, []
    codes = found.units["unit_code"]
    people = count_people_of_units(given.grid, found.units.geometry.to_numpy())
    shared = count_people(given.grid, shared_by_later(found.overlaps))
    findings = [
        audit.people_outside(found.id, people, given.grid, float(shared.sum())),
        *audit.people_twice(found.id, people, shared),
        *audit.people_unknown(found.id, codes, people),
    ]
    return people, {"people": pd.DataFrame({"unit_code": codes, "people": people})}, findings


def _coverage(
    found: inputs.UnitsInput, given: StageInputs, people: FloatArray | None
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], list[Finding]]:
    """The operators' table, what of it goes into the result, and the claims that touch no unit."""
    if given.areas is None:
        return empty_table(BY_OPERATOR_COLUMNS), {}, []
    coverage = cover_units(found.units, given.areas, given.grid)
    union = union_by_technology(
        coverage,
        None if people is None else pd.Series(people, index=found.units["unit_code"].tolist()),
        evidence_order=given.rules.coverage_evidence,
        operator_share=given.rules.operator_share,
    )
    return coverage, {"coverage": union}, audit.coverage_nowhere(found.id, coverage)


def _remoteness(found: inputs.UnitsInput, given: StageInputs) -> dict[str, pd.DataFrame]:
    """Distances to the towns that were added, else to the urban units; nothing where there is neither."""
    towns = urban_points(found.units) if given.towns is None else given.towns
    if not len(towns):
        return {}
    distance = town_distance_km(found.units, towns, given.grid)
    return {"remoteness": distance.rename("town_distance_km").rename_axis("unit_code").reset_index()}


def _settlement(found: inputs.UnitsInput, given: StageInputs) -> dict[str, pd.DataFrame]:
    """The settlement class of each unit; nothing without a grid."""
    if given.settlements is None:
        return {}
    return {"settlement": classify_units(found.units, given.settlements)[["unit_code", "settlement"]]}


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
    networks = estimate_networks(tiles, shares, codes, **_estimate_choices(units, rules))
    tables = {
        "speed": summarise_speed(by_quarter, quarters=rules.speed_quarters),
        "speed estimates": speed_columns(networks, codes),
        "tested tiles": summarise_tiles(tiles, shares, codes, unit_people, quarters=rules.speed_quarters),
        "trends": fit_trends(by_quarter),
    }
    by_quarter.insert(1, "vintage", str(found.vintage))
    windows = newest_quarters(tiles, rules.speed_quarters)
    tested = quality_figures.area_in_tiles_km2(tiles, shares, windows)
    reach = quality_figures.tile_coverage(found.id, units, tables["tested tiles"], unit_people, tested)
    return by_quarter, tables, [*audit.tiles_and_tests(found.id, audit_tiles(tiles, shares)), *reach]


def _estimate_choices(units: gpd.GeoDataFrame, rules: Rules) -> dict[str, Any]:
    """What `estimate_networks` is asked for: units are drawn to the mean of their province where the list says it."""
    provinces = units["province_code"].fillna("").astype(str).tolist() if "province_code" in units else None
    return {
        "quarters": rules.speed_quarters,
        "quarter_weight": rules.speed_quarter_weight,
        "min_devices": rules.min_devices,
        "groups": provinces,
    }


def read_speeds(
    workspace: Workspace, mode: SpeedMode, list_id: str = ""
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Speeds of one list of units (the first when not named) straight from the inputs: rows, and what holds for all of them.

    Raises an `InputError` without speed tiles, a `CallError` for a list that is not there.
    """
    require_unchanged(workspace)
    lists = {found.id: found for found in inputs.read_unit_lists(workspace)}
    if list_id and list_id not in lists:
        raise CallError(f"no list of units {list_id!r} here; there are {', '.join(lists)}")
    found = lists[list_id] if list_id else next(iter(lists.values()))
    tiles = inputs.read_speed(workspace)
    if tiles is None:
        raise InputError(
            f"{workspace.root}: no speed tiles here; add some: vunglom add {workspace.root} speed FILE"
        )
    shares = None
    if mode is not SpeedMode.TUTORIAL:
        grid = inputs.read_population_input(workspace, list(lists.values()))
        shares = share_tiles(tiles, found.units, grid)
    rows, label, more = _speeds(mode, tiles, found.units, shares, workspace.rules)
    rows.insert(1, "name", rows["unit_code"].map(found.units.set_index("unit_code")["name"]))
    return rows, {"list": found.id, "mode": str(mode), "label": label, **more}


def _speeds(
    mode: SpeedMode, tiles: pd.DataFrame, units: gpd.GeoDataFrame, shares: pd.DataFrame | None, rules: Rules
) -> tuple[pd.DataFrame, str, dict[str, Any]]:
    """Rows, what they are, and what all units share, in one of the ways of `SpeedMode`."""
    if shares is None:
        return ookla_tutorial(tiles, units), LABEL, {}
    codes = units["unit_code"].tolist()
    if mode is SpeedMode.RAW:
        return aggregate_speed(tiles, shares, codes), "Test-weighted means by quarter, no shrinkage", {}
    networks = estimate_networks(tiles, shares, codes, **_estimate_choices(units, rules))
    label = "Mean download at the newest quarter's level, with 90 % interval, step by step"
    return (
        speed_steps(networks, codes),
        label,
        {"networks": {name: found.as_dict() for name, found in networks.items()}},
    )
