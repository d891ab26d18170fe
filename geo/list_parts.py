"""What each stage gives of one list of units: the part of the result, the tables, and what the report says of them."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd

from geo import audit, quality_figures, quality_sites, quality_units
from geo.arrays import FloatArray
from geo.contradictions import CONTRADICTION_COLUMNS, ContradictionRules, find_contradictions, log_scatter
from geo.coverage import BY_OPERATOR_COLUMNS, cover_units, union_by_technology
from geo.errors import InputError
from geo.friction import FrictionGrid
from geo.indicators import Indicator
from geo.inputs import UnitsInput
from geo.outlines import find_gaps, shared_by_later
from geo.people import count_people, count_people_of_units
from geo.population_grid import PopulationGrid
from geo.quality import Finding
from geo.quarters import newest_quarters
from geo.reasons import CONTRADICTED
from geo.remoteness import town_distance_km
from geo.rules import Rules
from geo.schema import Network, empty_table
from geo.settlement import SettlementGrid, classify_units
from geo.shrinkage import NetworkSpeeds, estimate_networks, speed_columns
from geo.speed import (
    BY_QUARTER_COLUMNS,
    aggregate_speed,
    audit_tiles,
    share_tiles,
    summarise_speed,
    summarise_tiles,
)
from geo.travel import town_minutes
from geo.trends import fit_trends
from geo.units import differs_from_declared, urban_points

Parts = dict[str, pd.DataFrame]
"""Parts of the result by what they are of; each has `unit_code`."""


class SpeedParts(NamedTuple):
    """The quarters' table, what of the speeds goes into the result, what the report says of the tiles, how they are shared out,
    and how much tests of one tile scatter on the mobile network (None where there are no tests, or too few to say).
    """

    by_quarter: pd.DataFrame
    parts: Parts
    findings: list[Finding]
    shares: pd.DataFrame | None = None
    sigma_log: float | None = None


@dataclass(frozen=True)
class StageInputs:
    """What the stages of every list of units are given: checked inputs, each None when it was not added."""

    grid: PopulationGrid | None
    tiles: pd.DataFrame | None
    areas: gpd.GeoDataFrame | None
    towns: gpd.GeoDataFrame | None
    rules: Rules
    settlements: SettlementGrid | None = None
    indicators: tuple[Indicator, ...] = ()
    cells: gpd.GeoDataFrame | None = None
    friction: FrictionGrid | None = None


def sites_of(found: UnitsInput, given: StageInputs) -> list[Finding]:
    """What the report says of the cell records, by themselves and against what operators declare."""
    if given.cells is None:
        return []
    findings = quality_sites.sites_outside(found.id, given.cells, found.units)
    if given.areas is not None:
        findings += quality_sites.coverage_misses_sites(found.id, given.areas, given.cells, found.units)
        findings += quality_sites.coverage_without_site(found.id, given.areas, given.cells, found.units)
    return findings


def outlines_of(found: UnitsInput, grid: PopulationGrid | None) -> list[Finding]:
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


def figures_of(list_id: str, communes: gpd.GeoDataFrame, rules: Rules) -> list[Finding]:
    """What the report says of the list's figures."""
    few = quality_figures.few_tests(
        list_id, communes, min_devices=rules.min_devices, decisive_devices=rules.decisive_devices
    )
    return [*quality_figures.people_zero(list_id, communes), *few]


def people_of(
    found: UnitsInput, given: StageInputs
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


def coverage_of(
    found: UnitsInput, given: StageInputs, people: FloatArray | None
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


def remoteness_of(found: UnitsInput, given: StageInputs) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Distance to the towns that were added, else to the urban units, and minutes over a friction surface; the units without a way.

    Nothing where there are neither towns nor urban units.
    """
    towns = urban_points(found.units) if given.towns is None else given.towns
    if not len(towns):
        return {}, []
    far = town_distance_km(found.units, towns, given.grid)
    if given.friction is None:
        return {"remoteness": far.rename_axis("unit_code").reset_index()}, []
    minutes = town_minutes(found.units, towns, given.friction, given.grid)
    both = pd.concat([far, minutes], axis=1).rename_axis("unit_code").reset_index()
    return {"remoteness": both}, audit.without_way(found.id, minutes)


def settlement_of(found: UnitsInput, given: StageInputs) -> dict[str, pd.DataFrame]:
    """The settlement class of each unit; nothing without a grid."""
    if given.settlements is None:
        return {}
    return {"settlement": classify_units(found.units, given.settlements)[["unit_code", "settlement"]]}


def speed_of(found: UnitsInput, given: StageInputs, people: FloatArray | None) -> SpeedParts:
    """Speeds of a list's units; raises `InputError` when no tile touches one."""
    tiles, units, rules = given.tiles, found.units, given.rules
    if tiles is None:
        return SpeedParts(empty_table(("unit_code", "vintage", *BY_QUARTER_COLUMNS[1:])), {}, [])
    codes = units["unit_code"].tolist()
    shares = share_tiles(tiles, units, given.grid)
    if shares.empty:
        raise InputError(
            f"none of the {len(tiles):,} speed tiles touches a unit of {found.id}: the tiles are of another region, or the "
            "outlines have latitude and longitude swapped; give the tiles of this region"
        )
    by_quarter = aggregate_speed(tiles, shares, codes)
    unit_people = None if people is None else pd.Series(people, index=codes)
    networks = estimate_networks(tiles, shares, codes, **estimate_choices(units, rules))
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
    findings = [*audit.tiles_and_tests(found.id, audit_tiles(tiles, shares)), *reach]
    return SpeedParts(by_quarter, tables, findings, shares, _mobile_scatter(networks))


def _mobile_scatter(networks: dict[str, NetworkSpeeds]) -> float | None:
    found = networks.get(str(Network.MOBILE))
    model = None if found is None else found.model
    return None if model is None else log_scatter(model.sigma2, model.omega2)


def contradictions_of(
    found: UnitsInput,
    given: StageInputs,
    coverage: pd.DataFrame,
    speeds: SpeedParts,
    people: FloatArray | None,
) -> pd.DataFrame | None:
    """Where tests contradict declared 4G; None where there are no tests, no claims, or nobody declares 4G."""
    shares = speeds.shares
    if given.areas is None or given.tiles is None or shares is None:
        return None
    rules = (
        ContradictionRules() if speeds.sigma_log is None else ContradictionRules(sigma_log=speeds.sigma_log)
    )
    living = None if people is None else pd.Series(people, index=found.units["unit_code"].tolist())
    frame = find_contradictions(found.units, given.areas, coverage, given.tiles, shares, living, rules=rules)
    return None if frame.empty else frame


def contradicted_column(contradicted: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """The share of people in the result; nothing where shares are of area, which the column's name would deny."""
    if contradicted is None or (contradicted["basis"] != "people").any():
        return {}
    # where no tile was judged nothing is known, which is not nobody
    share = contradicted["contradicted_share"].where(contradicted["judged_tiles"] > 0)
    return {"contradictions": contradicted[["unit_code"]].assign(**{CONTRADICTED: share})}


def contradictions_table(contradicted: pd.DataFrame | None) -> pd.DataFrame:
    """All the numbers behind `declared_not_measured`, of one type whether there are rows or not."""
    table = empty_table(CONTRADICTION_COLUMNS) if contradicted is None else contradicted
    types = {"judged_tiles": float, "contradicted_tiles": float, "declared_not_measured": bool}
    return table.astype(types)


def estimate_choices(units: gpd.GeoDataFrame, rules: Rules) -> dict[str, Any]:
    """What `estimate_networks` is asked for: units are drawn to the mean of their province where the list says it."""
    provinces = units["province_code"].fillna("").astype(str).tolist() if "province_code" in units else None
    return {
        "quarters": rules.speed_quarters,
        "quarter_weight": rules.speed_quarter_weight,
        "min_devices": rules.min_devices,
        "groups": provinces,
    }
