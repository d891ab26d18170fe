"""The inputs of a workspace as checked frames: options of `workspace.toml` + raw files → what the stages take.

`geo.admission` runs the same functions on files before they are copied in, so what enters a workspace can be built.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import confined, read
from geo.arrays import BoolArray, ObjectArray
from geo.crs import Bounds
from geo.errors import InputError, WorkspaceError
from geo.mend_coordinates import VIETNAM
from geo.mends import Mends, parse_mends
from geo.quality import Finding
from geo.schema import EVERY_OPERATOR, VIETNAMESE_VINTAGES, Evidence, Level, Network, Technology, Vintage
from geo.sources import ookla
from geo.units import UnitColumns, clean_text, text_fault
from geo.workspace import Input, Workspace

_WIDEST_CODE: Final = 20

Choice = TypeVar("Choice", bound=StrEnum)


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


def _option(options: dict[str, Any], name: str, allowed: type[Choice], what: str) -> Choice:
    try:
        return allowed(str(options[name]))
    except KeyError as fault:
        raise WorkspaceError(f"{what}: option {name} is missing; add the input again") from fault
    except ValueError as fault:
        wanted = ", ".join(str(choice) for choice in allowed)
        raise WorkspaceError(f"{what}: {name} is {options[name]!r}; wanted one of {wanted}") from fault


def list_id(options: dict[str, Any], what: str) -> str:
    """`2026-04-commune`: the identity of the list of units that a boundaries input belongs to."""
    return f"{_option(options, 'vintage', Vintage, what)}-{_option(options, 'level', Level, what)}"


def _code_width(options: dict[str, Any], what: str) -> int:
    width = options.get("code_width", 0)
    if not isinstance(width, int) or isinstance(width, bool) or not 0 <= width <= _WIDEST_CODE:
        raise WorkspaceError(
            f"{what}: code_width is {width!r}; wanted how many digits a code has, 1 to {_WIDEST_CODE}"
        )
    return width


def read_boundaries(files: Sequence[NamedFile], options: dict[str, Any]) -> UnitsInput:
    """One list of units from one or many files of polygons; raises `InputError` at the first fault."""
    what = files[0].name
    columns = UnitColumns(
        code=str(options.get("code", "")),
        label=str(options.get("label", "")),
        vintage=_option(options, "vintage", Vintage, what),
        level=_option(options, "level", Level, what),
        code_width=_code_width(options, what),
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


def mends_of(options: dict[str, Any], what: str) -> Mends:
    """The mends that were asked for when the input was added."""
    return parse_mends(options.get("mend"), source=what)


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


def quarter_and_network(file: NamedFile, full_path: str, options: dict[str, Any]) -> tuple[str, Network]:
    """Quarter and network of a tile file from its path and the options; raises where they are missing or differ."""
    stated = ookla.quarter_of(full_path)
    quarter = options.get("quarter") or stated
    if not quarter or not ookla.QUARTER.match(str(quarter)):
        raise InputError(
            f"{file.name}: which quarter is it? Neither its path nor --quarter says it; wanted for example --quarter 2022Q3"
        )
    if stated and stated != quarter:
        raise InputError(
            f"{file.name}: its path says quarter {stated}, but {quarter} was given; correct one of them"
        )
    network = _option(options, "network", Network, file.name)
    named = ookla.network_of(full_path)
    if named and named != network:
        raise InputError(
            f"{file.name}: its path says network {named}, but {network} was given; correct one of them"
        )
    return str(quarter), network


def read_speed(workspace: Workspace) -> pd.DataFrame | None:
    """Tiles of every network and quarter (`TILE_COLUMNS`, `network`, `quarter`); None without a speed input."""
    frames = []
    for given in workspace.of_kind("speed"):
        for file in files_of(workspace, given):
            quarter, network = quarter_and_network(file, file.name, given.options)
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
    technology = _option(options, "technology", Technology, file.name)
    evidence = _option(options, "evidence", Evidence, file.name)
    operator = operator_of(options, file.name)
    if not operator:
        raise InputError(f"{file.name}: no operator given; say whose coverage it is with --operator")
    as_of = held_on(options, file.name, needed=True)
    frame, found, _ = _read_polygons([file], options, region)[0]
    findings = [replace(finding, file=file.name) for finding in found]
    claim = {"operator": operator, "technology": str(technology), "evidence": str(evidence), "as_of": as_of}
    return frame[["geometry"]].assign(**claim), findings


def operator_of(options: dict[str, Any], what: str) -> str:
    """The operator that was said, empty where none was; raises `InputError` for one that is no name or that means all."""
    operator = clean_text(options.get("operator", "")) or ""
    fault = text_fault(operator) or (
        "which stands for all operators together" if operator == EVERY_OPERATOR else ""
    )
    if fault:
        raise InputError(f"{what}: --operator is {operator!r:.60}, {fault}; wanted the operator's name")
    return operator


def held_on(options: dict[str, Any], what: str, *, needed: bool) -> str:
    """The day that a file holds for, empty where none was said and none is needed; raises `InputError` for what is no day."""
    text = str(options.get("as_of", ""))
    if (text or needed) and not _is_day(text):
        raise InputError(f"{what}: the date is {text!r}; wanted the day it holds for, as --as-of 2026-09-30")
    return text


def _is_day(text: str) -> bool:
    """Whether the text is a day as 2026-09-30, the one way of writing it that also sorts by time."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


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
