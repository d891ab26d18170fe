"""One list of units read from its files and held against itself; run in a confined process (`geo.confined.read_units`).

Outlines can be valid one by one and still made to cross each other without end, so how they fit is found out here,
where time and memory are bounded, and not by the process that asks.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd

from geo.arrays import BoolArray
from geo.outlines import find_overlaps, require_no_rivals, unmatched_edges
from geo.quality import Finding
from geo.read import AS_IT_IS, Polygons, concat_files, read_polygons, require_columns
from geo.schema import Level, Vintage
from geo.units import UnitColumns, clean_text, make_units


class Boundaries(NamedTuple):
    """Checked units; which outlines have edges that match no neighbour's; pairs that overlap; what was found."""

    units: gpd.GeoDataFrame
    unmatched: BoolArray
    overlaps: gpd.GeoDataFrame
    findings: list[Finding]


def read_units(
    paths: Sequence[Path],
    *,
    names: Sequence[str],
    columns: dict[str, Any],
    layer: str | None = None,
    crs: str | None = None,
    wanted: Sequence[Any] = AS_IT_IS,
) -> Boundaries:
    """The units of files known to the user by `names`; raises `InputError` at the first fault.

    `columns`: the fields of `geo.units.UnitColumns`, as plain values. `wanted`: those of `geo.read.Wanted`.
    """
    named = UnitColumns(
        **{**columns, "vintage": Vintage(columns["vintage"]), "level": Level(columns["level"])}
    )
    frames, findings = [], []
    for path, name in zip(paths, names, strict=True):
        found = read_polygons(path, layer=layer, crs=crs, wanted=wanted)
        require_columns(found.frame, [named.code], name, option="--code")
        require_columns(found.frame, [named.label], name, option="--label")
        require_columns(found.frame, [*named.named().values(), *filter(None, [named.declared_area])], name)
        frames.append((name, found.frame))
        findings += [_of_unit(replace(one, file=name), found, named) for one in found.findings]
    units = make_units(concat_files(frames), named)
    unmatched = unmatched_edges(units.geometry.to_numpy())
    overlaps = find_overlaps(units, unmatched)
    source = names[0] if len(names) == 1 else f"{len(names)} files ({names[0]} …)"
    require_no_rivals(overlaps, source=source)
    return Boundaries(units, unmatched, overlaps, findings)


def _of_unit(finding: Finding, found: Polygons, columns: UnitColumns) -> Finding:
    """The finding about a row with the code and name that stand in it."""
    rows = pd.concat([part.loc[part["file_row"] == finding.row] for part in (found.frame, found.aside)])
    if rows.empty:
        return finding
    code, label = (clean_text(rows[name].iloc[0]) or "" for name in (columns.code, columns.label))
    return replace(finding, unit=code, message=f"{label} ({code}): {finding.message}")
