"""Wires the stages: a workspace's inputs → the tables of `built/`, written whole or not at all.

Tables go to a temporary folder, are read back and checked, the manifest last; then the folder takes the place of
`built/`, so that a reader sees the old results or the new, never a mixture.
"""

import hashlib
import json
import os
import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from geo import __version__, audit, inputs
from geo.arrays import FloatArray
from geo.clusters import find_hotspots
from geo.communes import join_communes, order_columns
from geo.coverage import BY_OPERATOR_COLUMNS, cover_units, dissolve_coverage, union_by_technology
from geo.errors import ExportError, InputError
from geo.gaps import judge_goals, judge_units
from geo.people import PopulationGrid, count_people_of_units
from geo.quality import Finding, Severity, findings_as_json
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
from geo.trends import fit_trends
from geo.units import differs_from_declared, urban_points
from geo.workspace import FORMAT, LIST_TABLES, Workspace, require_unchanged, sha256_of, write_atomically

Progress = Callable[[str], None]

_DRAFT: Final = ".built-"
_OLD: Final = ".built-old-"
_STALE_SECONDS: Final = 3600.0

_LIBRARIES: Final = (
    "geopandas",
    "shapely",
    "pyproj",
    "exactextract",
    "pandas",
    "numpy",
    "pyarrow",
    "rasterio",
    "esda",
)


@dataclass(frozen=True)
class Evidence:
    """What the stages of every list of units are given: checked inputs, each None when it was not added."""

    grid: PopulationGrid | None
    tiles: pd.DataFrame | None
    areas: gpd.GeoDataFrame | None
    towns: gpd.GeoDataFrame | None
    rules: Rules


@dataclass(frozen=True)
class ListTables:
    """The tables of one list of units and what was found while making them."""

    id: str
    vintage: str
    level: str
    communes: gpd.GeoDataFrame
    goals: pd.DataFrame
    coverage_by_operator: pd.DataFrame
    speed_by_quarter: pd.DataFrame
    findings: tuple[Finding, ...]


def build(workspace: Workspace, *, progress: Progress = lambda _: None) -> dict[str, Any]:
    """Build every list of units of the workspace into `built/` and return the manifest.

    Raises an `InputError` with one message when an input is at fault; `built/` is then as it was.
    """
    _recover(workspace)
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
    evidence = Evidence(grid, tiles, areas, _towns(places), workspace.rules)
    tables = []
    for found in lists:
        progress(f"computing {found.id} ({len(found.units)} units)")
        tables.append(build_list(found, evidence))
    progress("writing")
    findings = [*findings, *superseded, *(finding for table in tables for finding in table.findings)]
    return _write(workspace, tables, findings, areas, places)


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


def build_list(found: inputs.UnitsInput, evidence: Evidence) -> ListTables:
    """Every stage for one list of units: join, goals, verdicts, clusters, findings."""
    units = found.units
    parts: dict[str, pd.DataFrame] = {}
    coverage, speed, findings = (
        empty_table(BY_OPERATOR_COLUMNS),
        empty_table(("unit_code", "vintage", *BY_QUARTER_COLUMNS[1:])),
        [*found.findings],
    )
    people = None
    if evidence.grid is not None:
        people = count_people_of_units(evidence.grid, units.geometry.to_numpy())
        parts["people"] = pd.DataFrame({"unit_code": units["unit_code"], "people": people})
        findings.append(audit.people_outside(found.id, people, evidence.grid))
        findings += audit.people_unknown(found.id, units["unit_code"], people)
    if evidence.areas is not None:
        rules = evidence.rules
        coverage = cover_units(units, evidence.areas, evidence.grid)
        parts["coverage"] = union_by_technology(
            units,
            evidence.areas,
            evidence.grid,
            evidence_order=rules.coverage_evidence,
            operator_share=rules.operator_share,
            coverage=coverage,
        )
        findings += audit.coverage_nowhere(found.id, coverage)
    if evidence.tiles is not None:
        speed, tables, checked = _speed(found, evidence, people)
        parts |= tables
        findings += checked
    towns = urban_points(units) if evidence.towns is None else evidence.towns
    if len(towns):
        distance = town_distance_km(units, towns, evidence.grid)
        parts["remoteness"] = distance.rename("town_distance_km").rename_axis("unit_code").reset_index()
    measured, unmatched = join_communes(units, parts)
    goals = judge_goals(measured, evidence.rules)
    judged = measured.merge(judge_units(goals), on="unit_code", validate="one_to_one")
    hotspots = find_hotspots(judged, judged["gap_score"])
    communes = order_columns(judged.merge(hotspots, on="unit_code", validate="one_to_one"))
    findings += [*unmatched, *audit.declared_areas(found.id, differs_from_declared(units))]
    return ListTables(
        id=found.id,
        vintage=str(found.vintage),
        level=str(found.level),
        communes=validate_result(with_text_types(communes)),
        goals=with_text_types(goals),
        coverage_by_operator=with_text_types(coverage),
        speed_by_quarter=with_text_types(speed),
        findings=tuple(findings),
    )


def _speed(
    found: inputs.UnitsInput, evidence: Evidence, people: FloatArray | None
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], list[Finding]]:
    """The quarters' table, what of it goes into the result, and what the audit says of the tiles."""
    tiles, units, rules = evidence.tiles, found.units, evidence.rules
    assert tiles is not None  # noqa: S101 - the caller checked; this tells the type checker
    codes = units["unit_code"].tolist()
    shares = share_tiles(tiles, units, evidence.grid)
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


def _write(
    workspace: Workspace,
    tables: list[ListTables],
    findings: list[Finding],
    areas: gpd.GeoDataFrame | None,
    places: gpd.GeoDataFrame | None,
) -> dict[str, Any]:
    """Write everything beside `built/`, the manifest last, read it back, and swap the folders."""
    draft = workspace.root / f"{_DRAFT}{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        frames = _frames(tables, areas, places)
        for name, frame in frames.items():
            _write_parquet(frame, draft / name)
        _write_json(findings_as_json(findings), draft / "quality.json")
        manifest = _manifest(workspace, tables, draft, sorted(frames))
        _write_json(manifest, draft / "manifest.json")
        _swap(draft, workspace.built)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return manifest


def _frames(
    tables: list[ListTables], areas: gpd.GeoDataFrame | None, places: gpd.GeoDataFrame | None
) -> dict[str, pd.DataFrame]:
    frames: dict[str, pd.DataFrame] = {}
    for place, table in enumerate(tables):
        folder = _folder(place, table.id)
        for name in LIST_TABLES:
            frames[f"{folder}{name}.parquet"] = getattr(table, name)
    frames |= {"coverage_areas.parquet": areas} if areas is not None else {}
    return frames | ({"places.parquet": places} if places is not None else {})


def _folder(place: int, list_id: str) -> str:
    """Where a list's tables are under `built/`: the first list's at the top, as DESIGN §4 promises."""
    return "" if place == 0 else f"lists/{list_id}/"


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write and read back: the copy on disk must hold the same rows and columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(frame, gpd.GeoDataFrame):
        frame.to_parquet(path, index=False, compression="zstd", schema_version="1.1.0")
        back: pd.DataFrame = gpd.read_parquet(path)
    else:
        frame.to_parquet(path, index=False, compression="zstd")
        back = pd.read_parquet(path)
    if back.shape != frame.shape or list(back.columns) != list(frame.columns):
        raise ExportError(
            f"{path.name}: read back {back.shape} rows and columns, wrote {frame.shape}; is the disk full?"
        )


def _write_json(content: Any, path: Path) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    write_atomically(path, (text + "\n").encode("utf-8"))


def _manifest(
    workspace: Workspace, tables: list[ListTables], draft: Path, names: list[str]
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": workspace.name,
        "illustrative": workspace.illustrative,
        "note": workspace.note,
        "vunglom_version": __version__,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
        "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "fingerprint": fingerprint(workspace),
        "rules": workspace.rules.as_dict(),
        "inputs": [given.as_dict() for given in workspace.inputs],
        "lists": [
            {
                "id": table.id,
                "vintage": table.vintage,
                "level": table.level,
                "units": len(table.communes),
                "folder": _folder(place, table.id).rstrip("/") or ".",
            }
            for place, table in enumerate(tables)
        ],
        "tables": {name: sha256_of(draft / name) for name in names},
    }


def _swap(draft: Path, built: Path) -> None:
    """Put `draft` in the place of `built`; when that fails, the old results are put back."""
    old = built.with_name(f"{_OLD}{os.getpid()}")
    if built.exists():
        built.rename(old)
    try:
        draft.rename(built)
    except OSError:
        if old.exists():
            old.rename(built)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _recover(workspace: Workspace) -> None:
    """Put back the results that a build killed in the middle of its swap set aside, and clear what dead builds left."""
    aside = sorted(workspace.root.glob(f"{_OLD}*"), key=lambda folder: folder.stat().st_mtime)
    if aside and not workspace.built.exists():
        aside.pop().rename(workspace.built)
    for folder in workspace.root.glob(f"{_DRAFT}*"):
        # a younger one may be another build at work
        if time.time() - folder.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def fingerprint(workspace: Workspace) -> str:
    """Hex sha256 of everything a build's tables depend on: inputs, rules, name, version of the code."""
    content = {
        "version": __version__,
        "name": workspace.name,
        "illustrative": workspace.illustrative,
        "note": workspace.note,
        "rules": workspace.rules.as_dict(),
        "inputs": [given.as_dict() for given in workspace.inputs],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("utf-8")).hexdigest()


def is_current(workspace: Workspace) -> bool:
    """Whether `built/` holds the results of exactly these inputs, rules and code."""
    try:
        manifest = json.loads((workspace.built / "manifest.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    return bool(manifest.get("fingerprint") == fingerprint(workspace))
