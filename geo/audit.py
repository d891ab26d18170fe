"""What the join left over, in numbers: people, tiles, tests and coverage that belong to no unit; areas that differ."""

from collections.abc import Mapping

import pandas as pd

from geo.crs import FloatArray
from geo.people import PopulationGrid
from geo.quality import Finding, Severity


def people_outside(list_id: str, people: FloatArray, grid: PopulationGrid) -> Finding:
    """How many people of the raster (of the window read) live in no unit of the list."""
    outside = grid.total - float(people.sum())
    return Finding(
        Severity.NOTE,
        "audit_people",
        f"{list_id}: {people.sum():,.0f} people in units; {outside:,.0f} more in the part of the raster read around them",
        done="not counted",
    )


def coverage_nowhere(list_id: str, coverage: pd.DataFrame) -> list[Finding]:
    """Claims that touch no unit of the list: another region's file, or swapped coordinates."""
    claim = ["operator", "technology", "evidence"]
    touched = coverage.groupby(claim, sort=True)["covered_area_km2"].max().reset_index()
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
    """Tests shared out and left over, per network and quarter, from `geo.speed.audit_tiles`."""
    return [
        Finding(
            Severity.NOTE,
            "audit_tiles",
            f"{list_id}: {network} {quarter}: {row['tests_allocated']:,.1f} of {row['tests_total']:,.0f} tests in units, "
            f"{row['tests_outside']:,.1f} outside; {row['tiles_outside']:,.0f} of {row['tiles_total']:,.0f} tiles touch no unit",
            done="tests outside every unit are not counted",
        )
        for network, quarters in counted.items()
        for quarter, row in quarters.items()
    ]
