"""The inputs of a workspace as checked frames: options of `workspace.toml` + raw files → what the stages take.

`geo.admission` runs the same functions on files before they are copied in, so what enters a workspace can be built.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import confined, read
from geo.arrays import BoolArray, ObjectArray
from geo.crs import Bounds
from geo.errors import InputError, WorkspaceError
from geo.input_options import (
    code_width_of,
    held_on,
    list_id,
    mends_of,
    operator_of,
    option_of,
    quarter_and_network,
)
from geo.mend_coordinates import VIETNAM
from geo.quality import Finding
from geo.schema import VIETNAMESE_VINTAGES, Evidence, Level, Technology, Vintage
from geo.units import UnitColumns
from geo.workspace import Input, Workspace


@dataclass(frozen=True)
class NamedFile:
    """A file and the name the user knows it by."""

    path: Path
    name: str


@dataclass(frozen=True, eq=False)
class UnitsInput:
    """One list of units, read and checked; `unmatched` and `overlaps` say how its outlines fit (`geo.outlines`)."""

    id: str
    vintage: Vintage
    level: Level
    units: gpd.GeoDataFrame
    unmatched: BoolArray
    overlaps: gpd.GeoDataFrame
    findings: tuple[Finding, ...]


def files_of(workspace: Workspace, given: Input) -> list[NamedFile]:
    """The stored files of an input with the names they came with."""
    return [NamedFile(workspace.resolve(file), file.name) for file in given.files]


def read_boundaries(files: Sequence[NamedFile], options: dict[str, Any]) -> UnitsInput:
    """One list of units from one or many files of polygons; raises `InputError` at the first fault."""
    what = files[0].name
    columns = UnitColumns(
        code=str(options.get("code", "")),
        label=str(options.get("label", "")),
        vintage=option_of(options, "vintage", Vintage, what),
        level=option_of(options, "level", Level, what),
        code_width=code_width_of(options, what),
        **{name: str(options.get(name, "")) for name in _COLUMN_OPTIONS},
    )
    found = confined.read_units(
        [file.path for file in files],
        names=[file.name for file in files],
        columns=asdict(columns),
        layer=options.get("layer"),
        crs=options.get("crs"),
        wanted=read.Wanted(
            sorted(mends_of(options, what)), _expected(options), list(columns.named().values())
        ),
    )
    return UnitsInput(
        list_id(options, what),
        columns.vintage,
        columns.level,
        found.units,
        found.unmatched,
        found.overlaps,
        tuple(found.findings),
    )


def region_of(lists: Sequence[UnitsInput]) -> Bounds:
    """West, south, east and north of all units."""
    return around(np.concatenate([found.units.geometry.to_numpy() for found in lists]))


def outlines_of_boundaries(workspace: Workspace) -> ObjectArray:
    """The outlines of all units, degrees, without the checks of a list of units."""
    shapes = [
        found.frame.geometry.to_numpy()
        for entry in workspace.of_kind("boundaries")
        for found in _read_polygons(files_of(workspace, entry), entry.options, _expected(entry.options))
    ]
    return np.concatenate([np.empty(0, dtype=object), *shapes])


def _expected(options: dict[str, Any]) -> Bounds | None:
    """Where the units of a list can only lie, None where that is not known."""
    return VIETNAM if options.get("vintage") in set(VIETNAMESE_VINTAGES) else None


def around(shapes: ObjectArray) -> Bounds:
    """West, south, east and north of all shapes."""
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return west, south, east, north


def _read_polygons(
    files: Sequence[NamedFile], options: dict[str, Any], region: Bounds | None
) -> list[read.Polygons]:
    """Polygons of files of one input, their axes mended as the options say; texts are not looked at."""
    return confined.read_all_polygons(
        [file.path for file in files],
        layer=options.get("layer"),
        crs=options.get("crs"),
        wanted=read.Wanted(sorted(mends_of(options, files[0].name)), region, ()),
    )


_COLUMN_OPTIONS: Final = (
    "kind", "district_code", "district_name", "province_code", "province_name", "declared_area",
)  # fmt: skip


def read_unit_lists(workspace: Workspace) -> list[UnitsInput]:
    """Every list of units, in the order first added; raises when there is none or a list was added twice."""
    given = workspace.of_kind("boundaries")
    if not given:
        raise WorkspaceError(
            f"{workspace.root}: no boundaries yet; add them with `vunglom add DIR boundaries FILE --code … --label …`"
        )
    lists = [read_boundaries(files_of(workspace, entry), entry.options) for entry in given]
    twice = {found.id for found in lists if [other.id for other in lists].count(found.id) > 1}
    if twice:
        raise WorkspaceError(
            f"{workspace.root}: boundaries of {', '.join(sorted(twice))} were added more than once; "
            "keep one (`vunglom add … --replace`) or give the files of one list in one add"
        )
    return lists


def read_speed(workspace: Workspace) -> pd.DataFrame | None:
    """Tiles of every network and quarter (`TILE_COLUMNS`, `network`, `quarter`); None without a speed input."""
    frames = []
    for given in workspace.of_kind("speed"):
        for file in files_of(workspace, given):
            quarter, network = quarter_and_network(file.name, file.name, given.options)
            frames.append(
                confined.read_tiles(file.path).assign(network=str(network), quarter=quarter, file=file.name)
            )
    if not frames:
        return None
    tiles = pd.concat(frames, ignore_index=True)
    _require_tiles_once(tiles)
    return tiles.drop(columns="file")


def _require_tiles_once(tiles: pd.DataFrame) -> None:
    key = ["network", "quarter", "quadkey"]
    twice = tiles[tiles.duplicated(key, keep=False)]
    if len(twice):
        first = twice.iloc[0]
        same = (twice[key] == first[key]).all(axis=1)
        files = ", ".join(sorted(set(twice.loc[same, "file"])))
        raise InputError(
            f"tile {first['quadkey']} of {first['network']} {first['quarter']} stands {int(same.sum())} times ({files}; {len(twice)} such rows), "
            "so its tests would count twice; keep one file per network and quarter"
        )


def read_coverage_file(
    file: NamedFile, options: dict[str, Any], region: Bounds | None = None
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Polygons of one claim: `operator`, `technology`, `evidence`, `as_of`, geometry; and what was mended."""
    technology = option_of(options, "technology", Technology, file.name)
    evidence = option_of(options, "evidence", Evidence, file.name)
    operator = operator_of(options, file.name)
    if not operator:
        raise InputError(f"{file.name}: no operator given; say whose coverage it is with --operator")
    as_of = held_on(options, file.name, needed=True)
    frame, found, _ = _read_polygons([file], options, region)[0]
    findings = [replace(finding, file=file.name) for finding in found]
    claim = {"operator": operator, "technology": str(technology), "evidence": str(evidence), "as_of": as_of}
    return frame[["geometry"]].assign(**claim), findings


Located = tuple[gpd.GeoDataFrame, list[Finding]]
"""Rows with a geometry, and what was mended, set aside or noticed while they were read."""


def read_inputs(
    workspace: Workspace,
    kind: str,
    read_one: Callable[[NamedFile, dict[str, Any]], Located],
    wanted: Callable[[dict[str, Any]], bool] = lambda _: True,
) -> tuple[gpd.GeoDataFrame | None, list[Finding]]:
    """Every file of a kind (whose input's options are wanted) one below the other; None where there is none."""
    read_ones = [
        read_one(file, given.options)
        for given in workspace.of_kind(kind)
        if wanted(given.options)
        for file in files_of(workspace, given)
    ]
    findings = [finding for _, found in read_ones for finding in found]
    frames = [frame for frame, _ in read_ones]
    if not frames:
        return None, findings
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs), findings


def read_coverage(
    workspace: Workspace, region: Bounds | None = None, technology: str = "", evidence: str = ""
) -> tuple[gpd.GeoDataFrame | None, list[Finding]]:
    """Every coverage claim (of a technology and kind of evidence, if said) one below the other; None where there is none."""

    def is_wanted(options: dict[str, Any]) -> bool:
        return not technology or (options.get("technology"), options.get("evidence")) == (
            technology,
            evidence,
        )

    return read_inputs(
        workspace, "coverage", lambda file, options: read_coverage_file(file, options, region), is_wanted
    )
