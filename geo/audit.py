"""What the join left over, in numbers: people, tiles, tests and coverage that belong to no unit; areas that differ."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.arrays import FloatArray
from geo.people import PopulationGrid
from geo.quality import Finding, Severity
from geo.schema import EVERY_OPERATOR


def people_outside(list_id: str, people: FloatArray, grid: PopulationGrid) -> Finding:
    """How many people of the raster (of the window read) live in no unit of the list."""
    living = float(np.nansum(people))
    outside = grid.total - living
    return Finding(
        Severity.NOTE,
        "audit_people",
        f"{list_id}: {living:,.0f} people in units; {outside:,.0f} more in the part of the raster read around them",
        done="not counted",
    )


def people_unknown(list_id: str, units: pd.Series, people: FloatArray) -> list[Finding]:
    """Units for which the raster holds no figure at all."""
    codes = units[np.isnan(people)].tolist()
    return [
        Finding(
            Severity.WARNING,
            "people_unknown",
            f"{list_id}: unit {code} lies wholly in cells for which the population raster gives no figure",
            unit=str(code),
            done="its people are not known, which is not nobody",
        )
        for code in codes
    ]


def coverage_nowhere(list_id: str, coverage: pd.DataFrame) -> list[Finding]:
    """Claims that touch no unit of the list: another region's file, or swapped coordinates."""
    claim = ["operator", "technology", "evidence"]
    operators = coverage[coverage["operator"] != EVERY_OPERATOR]
    touched = operators.groupby(claim, sort=True)["covered_area_km2"].max().reset_index()
    return [
        Finding(
            Severity.WARNING,
            "coverage_outside",
            f"{list_id}: {row.operator} {row.technology} ({row.evidence}) touches no unit; is it the file of this region?",
            done="counted as no coverage",
        )
        for row in touched[touched["covered_area_km2"] == 0].itertuples()
    ]


def declared_areas(list_id: str, differing: pd.DataFrame) -> list[Finding]:
    """Units whose outline is not of the area their publisher declares."""
    return [
        Finding(
            Severity.WARNING,
            "declared_area",
            f"{list_id}: {row.name_} measures {row.area_km2:,.2f} km², declared {row.declared_area_km2:,.2f} ({row.difference:+.1%})",
            unit=str(row.unit_code),
            done="the measured area is used",
        )
        for row in differing.rename(columns={"name": "name_"}).itertuples()
    ]


def tiles_and_tests(list_id: str, counted: Mapping[str, Mapping[str, Mapping[str, float]]]) -> list[Finding]:
    """Tests shared out and left over, per network and per quarter of it, from `geo.speed.audit_tiles`."""
    findings = []
    for network, quarters in counted.items():
        total = {name: sum(row[name] for row in quarters.values()) for name in next(iter(quarters.values()))}
        period = f"{min(quarters)}" if len(quarters) == 1 else f"{min(quarters)} to {max(quarters)}"
        findings.append(_tests("audit_tests", f"{list_id}: {network} {period}", total))
        findings += [
            _tests("tests_by_quarter", f"{list_id}: {network} {q}", row) for q, row in quarters.items()
        ]
    return findings


def _tests(code: str, what: str, row: Mapping[str, float]) -> Finding:
    return Finding(
        Severity.NOTE,
        code,
        f"{what}: {row['tests_allocated']:,.1f} of {row['tests_total']:,.0f} tests in units, {row['tests_outside']:,.1f} outside; "
        f"{row['tiles_outside']:,.0f} of {row['tiles_total']:,.0f} tiles touch no unit",
        done="tests outside every unit are not counted",
    )
