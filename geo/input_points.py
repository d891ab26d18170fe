"""The inputs of a workspace that are points, as checked frames: places and cell sites (the others: `geo.inputs`)."""

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import inputs, read
from geo.errors import InputError
from geo.inputs import NamedFile
from geo.mend_frame import mend_frame
from geo.points_table import is_table, read_points_table
from geo.quality import Finding, Severity
from geo.read_sites import read_cells
from geo.schema import PlaceClass
from geo.units import clean_text
from geo.vn2000 import Bounds
from geo.workspace import Workspace

NEAR_DEG: Final = 0.35
"""How far around the units cells are kept: some 38 km, beyond which no GSM cell reaches (its timing advance ends at 35 km)."""


def read_places_file(
    file: NamedFile, options: dict[str, Any], region: Bounds | None = None
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Points with `name` and `class` (town, school or clinic) of a vector file or a table, and what was mended."""
    label, kind = str(options.get("label", "name")), str(options.get("class", "class"))
    frame, findings = _read_any_points(file, options, region, (label, kind))
    read.require_columns(frame.drop(columns="file_row"), [label], file.name, option="--label")
    read.require_columns(frame.drop(columns="file_row"), [kind], file.name, option="--class")
    wrong = frame.index[~frame[kind].isin([str(place) for place in PlaceClass])]
    if len(wrong):
        wanted = ", ".join(PlaceClass)
        raise InputError(
            f"{file.name}: row {frame['file_row'][wrong[0]]} is of class {frame[kind][wrong[0]]!r} ({len(wrong)} such rows); wanted one of {wanted}"
        )
    places = gpd.GeoDataFrame(
        {"name": frame[label].map(clean_text).fillna(""), "class": frame[kind]},
        geometry=frame.geometry,
        crs=frame.crs,
    )
    return places, findings


def _read_any_points(
    file: NamedFile, options: dict[str, Any], region: Bounds | None, columns: Sequence[str]
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Points with `file_row`, the number of each in its file."""
    mends, crs = inputs.mends_of(options, file.name), str(options.get("crs", ""))
    if is_table(file.path):
        named = {name: str(options.get(name, "")) for name in ("lat", "lon", "sheet")}
        return read_points_table(file.path, **named, crs=crs, mends=mends, region=region)
    raw = read.read_points(file.path, crs=crs or None, lonlat=False)
    raw = raw.assign(file_row=range(1, len(raw) + 1))
    frame, findings = mend_frame(raw, mends, source=file.name, region=region, columns=columns)
    read.require_lonlat(frame, file.name)
    return frame, findings


def read_places(
    workspace: Workspace, region: Bounds | None = None
) -> tuple[gpd.GeoDataFrame | None, list[Finding]]:
    """All places one below the other and what was mended; None without a places input."""
    frames, findings = [], []
    for given in workspace.of_kind("places"):
        for file in inputs.files_of(workspace, given):
            frame, found = read_places_file(file, given.options, region)
            frames.append(frame)
            findings += found
    if not frames:
        return None, []
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs), findings


def read_sites_file(
    file: NamedFile, options: dict[str, Any], region: Bounds | None = None
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Cells of an OpenCelliD or site-list file (`CELL_COLUMNS`, Point), and what was mended or set aside."""
    as_of, operator = str(options.get("as_of", "")), clean_text(options.get("operator", "")) or ""
    if as_of and not inputs.is_day(as_of):
        raise InputError(
            f"{file.name}: the date is {as_of!r}; wanted the day it holds for, as --as-of 2026-09-30"
        )
    mends = inputs.mends_of(options, file.name)
    return read_cells(file.path, name=file.name, as_of=as_of, operator=operator, mends=mends, region=region)


def read_sites(
    workspace: Workspace, region: Bounds | None = None
) -> tuple[gpd.GeoDataFrame | None, list[Finding]]:
    """Cells of every sites input inside or near the region, one below the other; None without a sites input."""
    frames, findings = [], []
    for given in workspace.of_kind("sites"):
        for file in inputs.files_of(workspace, given):
            frame, found = read_sites_file(file, given.options, region)
            near = _near(frame, region)
            if not near.all():
                text = (
                    f"{int((~near).sum())} of {len(frame)} cells lie more than {NEAR_DEG}° outside the region"
                )
                found = [
                    *found,
                    Finding(Severity.NOTE, "sites_outside", text, file=file.name, done="not used"),
                ]
            frames.append(frame[near])
            findings += found
    if not frames:
        return None, []
    cells = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs)
    return cells, findings


def _near(cells: gpd.GeoDataFrame, region: Bounds | None) -> np.ndarray:
    if region is None:
        return np.ones(len(cells), dtype=bool)
    west, south, east, north = region
    points = cells.geometry.to_numpy()
    x, y = shapely.get_x(points), shapely.get_y(points)
    return np.asarray(
        (x >= west - NEAR_DEG) & (x <= east + NEAR_DEG) & (y >= south - NEAR_DEG) & (y <= north + NEAR_DEG)
    )
