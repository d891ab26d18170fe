"""What the join left over, in numbers: people, tiles, tests and coverage that belong to no unit, or to two."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.arrays import FloatArray
from geo.population_grid import PopulationGrid
from geo.quality import Finding, Severity
from geo.sayings import some
from geo.schema import EVERY_OPERATOR

TWICE_ERROR_SHARE: Final = 0.01
"""Share of all people counted more than once from which sums over units are wrong, not rounded."""
_SOMEBODY: Final = 0.5


def people_outside(list_id: str, people: FloatArray, grid: PopulationGrid, twice: float) -> Finding:
    """How many people of the raster (of the window read) live in no unit of the list; `twice`: from `people_twice`."""
    living = float(np.nansum(people)) - twice
    return Finding(
        Severity.NOTE,
        "audit_people",
        f"{list_id}: {living:,.0f} people in units; {grid.total - living:,.0f} more in the part of the raster read around them",
        done="not counted",
        value=grid.total - living,
        values={"living": living, "outside": float(grid.total - living)},
    )


def people_twice(list_id: str, people: FloatArray, shared: FloatArray) -> list[Finding]:
    """What sums over units have too much; `shared`: people in each of `geo.outlines.shared_by_later`."""
    twice, total = float(shared.sum()), float(np.nansum(people))
    if twice < _SOMEBODY:
        return []
    return [
        Finding(
            Severity.ERROR if twice > TWICE_ERROR_SHARE * total else Severity.WARNING,
            "people_twice",
            f"{list_id}: sums over units count {twice:,.0f} people ({twice / total:.2%}) too many, who live where outlines overlap",
            done="each unit keeps all its people; audit_people counts everyone once",
            mend="mend the outlines that the findings `overlap` name",
            value=twice,
            values={"people": twice, "share": twice / total},
        )
    ]


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
            values={"unit": str(code)},
            mend="give a raster with figures there: vunglom add DIR population FILE --replace",
        )
        for code in codes
    ]


def without_way(list_id: str, minutes: pd.Series) -> list[Finding]:
    """How many units have no time to a town, the first of them named; `minutes` by unit_code."""
    lost = minutes.index[minutes.isna()].astype(str).tolist()
    if not lost:
        return []
    return [
        Finding(
            Severity.WARNING,
            "no_way_to_town",
            f"{list_id}: {len(lost)} of {len(minutes)} units have no travel time to a town ({', '.join(lost[:5])}{' …' if len(lost) > 5 else ''}): "
            "too many of their people live off the friction surface, or cut off by cells that cannot be crossed",
            unit=lost[0] if len(lost) == 1 else "",
            done="their travel time is null",
            mend="leave islands; else give a surface of the whole region: vunglom add DIR friction FILE --replace",
            value=float(len(lost)),
            values={"lost": len(lost), "units": len(minutes), "codes": some(lost, 5)},
        )
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
            values={"operator": row.operator, "technology": row.technology, "evidence": row.evidence},
            mend="vunglom add DIR coverage with the file of this region; check that latitude and longitude are not swapped",
        )
        for row in touched[touched["covered_area_km2"] == 0].itertuples()
    ]


def tiles_and_tests(list_id: str, counted: Mapping[str, Mapping[str, Mapping[str, float]]]) -> list[Finding]:
    """Tests shared out and left over, per network and per quarter of it, from `geo.speed.audit_tiles`."""
    findings = []
    for network, quarters in counted.items():
        total = {name: sum(row[name] for row in quarters.values()) for name in next(iter(quarters.values()))}
        period = f"{min(quarters)}" if len(quarters) == 1 else f"{min(quarters)} to {max(quarters)}"
        about = {"network": str(network), "quarters": sorted({min(quarters), max(quarters)})}
        findings.append(_tests("audit_tests", f"{list_id}: {network} {period}", total, about))
        findings += [
            _tests("tests_by_quarter", f"{list_id}: {network} {q}", row, {**about, "quarters": [q]})
            for q, row in quarters.items()
        ]
    return findings


def _tests(code: str, what: str, row: Mapping[str, float], about: Mapping[str, Any]) -> Finding:
    return Finding(
        Severity.NOTE,
        code,
        f"{what}: {row['tests_allocated']:,.1f} of {row['tests_total']:,.0f} tests in units, {row['tests_outside']:,.1f} outside; "
        f"{row['tiles_outside']:,.0f} of {row['tiles_total']:,.0f} tiles touch no unit",
        done="tests outside every unit are not counted",
        values={
            **about,
            "allocated": float(row["tests_allocated"]),
            "total": float(row["tests_total"]),
            "outside": float(row["tests_outside"]),
            "tiles_outside": float(row["tiles_outside"]),
            "tiles": float(row["tiles_total"]),
        },
    )
