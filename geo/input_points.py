"""The inputs of a workspace that are points, as checked frames: places and cell sites (the others: `geo.inputs`)."""

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo import confined, inputs, read
from geo.crs import Bounds
from geo.cut_cells import NEAR_DEG
from geo.errors import InputError
from geo.input_options import held_on, mends_of, operator_of
from geo.inputs import NamedFile
from geo.mend_coordinates import Mask, inside
from geo.mends import name_rows
from geo.quality import Finding, Severity
from geo.sayings import some
from geo.schema import PlaceClass
from geo.units import clean_text, require_text
from geo.workspace import Workspace


def read_places_file(
    file: NamedFile, options: dict[str, Any], region: Bounds | None = None
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Points with `name` and `class` (town, school or clinic) of a vector file or a table, and what was mended."""
    label, kind = str(options.get("label", "name")), str(options.get("class", "class"))
    named = {name: str(options.get(name, "")) for name in ("lat", "lon", "sheet", "crs")}
    mends = mends_of(options, file.name)
    frame, given = confined.read_points(file.path, mends=mends, region=region, columns=(label, kind), **named)
    findings = [replace(finding, file=file.name) for finding in given]
    read.require_columns(frame, [label], file.name, option="--label")
    read.require_columns(frame, [kind], file.name, option="--class")
    wrong = frame.index[~frame[kind].isin([str(place) for place in PlaceClass])]
    if len(wrong):
        wanted = ", ".join(PlaceClass)
        raise InputError(
            f"{file.name}: row {frame['file_row'][wrong[0]]} is of class {frame[kind][wrong[0]]!r} ({len(wrong)} such rows); wanted one of {wanted}"
        )
    require_text(frame[label], file.name + ": row " + frame["file_row"].astype(str))
    places = gpd.GeoDataFrame(
        {"name": frame[label].map(clean_text).fillna(""), "class": frame[kind]},
        geometry=frame.geometry,
        crs=frame.crs,
    )
    return places, [*findings, *_far_places(places, frame["file_row"].to_numpy(), region, file.name)]


def _far_places(
    places: gpd.GeoDataFrame, rows: np.ndarray, region: Bounds | None, source: str
) -> list[Finding]:
    """A warning of places that cannot be near any unit: a table's 0, 0 is in the Gulf of Guinea."""
    far = np.flatnonzero(~_near(places, region))
    if not len(far):
        return []
    first = places.geometry.iloc[far[0]]
    text = (
        f"{len(far)} of {len(places)} places lie more than {NEAR_DEG}° outside the region ({name_rows(rows[far].tolist())}; "
        f"first: {places['name'].iloc[far[0]]} at {first.x:.6g}, {first.y:.6g})"
    )
    mend = "correct their coordinates, or delete the rows"
    values = {
        "far": len(far), "total": len(places), "degrees": NEAR_DEG, "rows": some(rows[far].tolist(), 5),
        "name": str(places["name"].iloc[far[0]]), "x": float(first.x), "y": float(first.y),
    }  # fmt: skip
    return [Finding(Severity.WARNING, "places_far", text, file=source, done="kept", mend=mend, values=values)]


def read_places(
    workspace: Workspace, region: Bounds | None = None
) -> tuple[gpd.GeoDataFrame | None, list[Finding]]:
    """All places one below the other and what was mended; None without a places input."""
    return inputs.read_inputs(
        workspace, "places", lambda file, options: read_places_file(file, options, region)
    )


def read_sites_file(
    file: NamedFile, options: dict[str, Any], region: Bounds | None = None
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Cells of an OpenCelliD or site-list file (`CELL_COLUMNS`, Point), and what was mended or set aside."""
    operator = operator_of(options, file.name)
    as_of = held_on(options, file.name, needed=False)
    mends = mends_of(options, file.name)
    return confined.read_cells(
        file.path, name=file.name, as_of=as_of, operator=operator, mends=mends, region=region
    )


def read_sites(
    workspace: Workspace, region: Bounds | None = None
) -> tuple[gpd.GeoDataFrame | None, list[Finding]]:
    """Cells of every sites input inside or near the region, one below the other; None without a sites input."""
    return inputs.read_inputs(
        workspace, "sites", lambda file, options: _read_near_sites(file, options, region)
    )


def _read_near_sites(file: NamedFile, options: dict[str, Any], region: Bounds | None) -> inputs.Located:
    """`read_sites_file` without the cells that are far from the region, and how many those are."""
    frame, findings = read_sites_file(file, options, region)
    near = _near(frame, region)
    if not near.all():
        far = int((~near).sum())
        text = f"{far} of {len(frame)} cells lie more than {NEAR_DEG}° outside the region"
        values = {"far": far, "total": len(frame), "degrees": NEAR_DEG}
        findings = [
            *findings,
            Finding(Severity.NOTE, "cells_far", text, file=file.name, done="not used", values=values),
        ]
    return frame[near], findings


def _near(cells: gpd.GeoDataFrame, region: Bounds | None) -> Mask:
    if region is None:
        return np.ones(len(cells), dtype=bool)
    points = cells.geometry.to_numpy()
    return inside(shapely.get_x(points), shapely.get_y(points), region, room_deg=NEAR_DEG)
