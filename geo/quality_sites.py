"""Findings about cell records: those outside the region, and declared coverage that its operator's own sites do not bear out.

A cell frame has `geo.schema.CELL_COLUMNS` and Points in EPSG:4326. Positions from crowds (OpenCelliD) are estimates, so
it is the share that tells, not the single record.
"""

from collections.abc import Iterator
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import BoolArray, ObjectArray
from geo.crs import equal_area_km2
from geo.quality import Finding, Severity, listed
from geo.sayings import some
from geo.schema import Evidence

MISSED_WARNING_SHARE: Final = 0.10
"""Share of an operator's own sites outside its declared coverage from which it is a warning: more than positions err."""


def inside_units(cells: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> BoolArray:
    """Whether each cell record lies in some unit, its border included."""
    tree = shapely.STRtree(units.geometry.to_numpy())
    found, _ = tree.query(cells.geometry.to_numpy(), predicate="intersects")
    inside = np.zeros(len(cells), dtype=bool)
    inside[found] = True
    return inside


def sites_outside(list_id: str, cells: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> list[Finding]:
    """Per operator: how many of its cell records lie in no unit of the list."""
    outside = cells[~inside_units(cells, units)]
    totals = cells.groupby(cells["operator"].fillna("")).size()
    findings = []
    for operator, rows in outside.groupby(outside["operator"].fillna(""), sort=True):
        share = len(rows) / totals[operator]
        values = {
            "outside": len(rows),
            "total": int(totals[operator]),
            "share": float(share),
            "cells": some(rows["cell_id"].tolist(), 6),
        }
        findings.append(
            Finding(
                Severity.WARNING,
                "sites_outside",
                f"{list_id}: {operator or 'no operator'}: {len(rows):,} of {totals[operator]:,} cell records ({share:.1%}) lie in no unit: "
                f"{listed(rows['cell_id'].astype(str).tolist())}",
                done="they still cover what they reach of the units",
                mend="check that the file is of this region and that latitude and longitude are not swapped",
                value=share,
                said="sites_outside" if operator else "sites_outside_nobody",
                values={**values, "operator": str(operator)} if operator else values,
            )
        )
    return findings


def coverage_misses_sites(
    list_id: str, areas: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, units: gpd.GeoDataFrame
) -> list[Finding]:
    """Per operator × technology: its own cell records in the region that lie outside what it declares as covered.

    `areas`: one row per claim with operator, technology, evidence, as_of and its polygons, from `geo.coverage.dissolve_coverage`.
    """
    findings = []
    for claim, area, points in _declared_with_cells(areas, cells[inside_units(cells, units)]):
        shapely.prepare(area)
        missed = int((~shapely.intersects(area, points)).sum())
        if missed:
            share = missed / len(points)
            findings.append(
                Finding(
                    Severity.WARNING if share >= MISSED_WARNING_SHARE else Severity.NOTE,
                    "coverage_misses_sites",
                    f"{list_id}: {claim}: {missed:,} of its own {len(points):,} cell records ({share:.1%}) lie outside its declared coverage",
                    done="the declared coverage is used as it is",
                    mend="ask the operator: the polygons may be old or of other sites, or the records of sites that were taken down",
                    value=share,
                    values={"claim": claim, "missed": missed, "total": len(points), "share": share},
                )
            )
    return findings


def coverage_without_site(
    list_id: str, areas: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, units: gpd.GeoDataFrame
) -> list[Finding]:
    """Per operator × technology: parts of its declared coverage that reach the region and hold none of its cell records."""
    tree = shapely.STRtree(units.geometry.to_numpy())
    findings = []
    for claim, area, points in _declared_with_cells(areas, cells):
        parts = shapely.get_parts(area)
        here = parts[np.unique(tree.query(parts, predicate="intersects")[0])]
        held = np.unique(shapely.STRtree(points).query(here, predicate="intersects")[0])
        empty = np.delete(here, held)
        if len(empty):
            km2 = float(equal_area_km2(empty).sum())
            findings.append(
                Finding(
                    Severity.NOTE,
                    "coverage_without_site",
                    f"{list_id}: {claim}: {len(empty):,} of {len(here):,} parts of its declared coverage, {km2:,.1f} km², hold none of its cell records",
                    done="the declared coverage is used as it is",
                    mend="hills can cut a part off from its site; where parts are many, ask the operator which sites serve them",
                    value=km2,
                    values={"claim": claim, "empty": len(empty), "parts": len(here), "km2": km2},
                )
            )
    return findings


def _declared_with_cells(
    areas: gpd.GeoDataFrame, cells: gpd.GeoDataFrame
) -> Iterator[tuple[str, Any, ObjectArray]]:
    """`Viettel 4G (2026-09-30)`, the declared area and the operator's own points of that technology, where it has both."""
    for row in areas[areas["evidence"] == str(Evidence.DECLARED)].itertuples():
        own = cells[(cells["operator"] == row.operator) & (cells["technology"] == row.technology)]
        if len(own):
            yield f"{row.operator} {row.technology} ({row.as_of})", row.geometry, own.geometry.to_numpy()


def unmodelled(left: pd.DataFrame, sites: int) -> list[Finding]:
    """Sites for which the model gives no area, by reason; `left`: from `geo.site_areas.unmodelled_sites`."""
    return [
        Finding(
            Severity.NOTE,
            "sites_unmodelled",
            f"{len(rows):,} of {sites:,} sites have no modelled area: {reason}: {listed(rows['site_id'].astype(str).tolist())}",
            done="left out of modelled coverage",
            mend="state frequency and antenna height in the site list",
            value=float(len(rows)),
            values={
                "count": len(rows),
                "total": sites,
                "reason": str(reason),
                "sites": some(rows["site_id"].tolist(), 6),
            },
        )
        for reason, rows in left.groupby("reason", sort=True)
    ]
