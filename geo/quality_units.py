"""Findings about the outlines and names of one list of units: overlaps, gaps, declared areas, names that stand twice."""

from collections.abc import Callable
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import FloatArray
from geo.crs import SQUARE_METRES_PER_KM2
from geo.quality import Finding, Severity, listed
from geo.sayings import some

OVERLAP_ERROR_SHARE: Final = 0.01
"""Share of the smaller unit from which an overlap is an error: a hundredth of its area counts for two units."""
SLIVER_KM2: Final = 0.01
"""Overlaps and gaps under a hectare are notes: less than one cell of the finest population grids (100 m)."""
DECLARED_ERROR: Final = 0.10
"""Difference of measured to declared area from which it is an error: more than two surveys of one place differ by."""
_SQUARE_METRE_KM2: Final = 1 / SQUARE_METRES_PER_KM2
_MEND: Final = "mend the outlines in a GIS, then vunglom add DIR boundaries FILE … --replace"


def outlines(list_id: str, units: gpd.GeoDataFrame) -> Finding:
    """How many units, parts and vertices the list has."""
    shapes = units.geometry.to_numpy()
    parts, vertices = shapely.get_num_geometries(shapes).sum(), shapely.get_num_coordinates(shapes).sum()
    return Finding(
        Severity.NOTE,
        "outlines",
        f"{list_id}: {len(units):,} units in {parts:,} parts, {vertices:,} vertices, {units['area_km2'].sum():,.1f} km² together",
        value=float(len(units)),
        values={"units": len(units), "parts": parts, "vertices": vertices, "km2": units["area_km2"].sum()},
    )


def overlapping(
    list_id: str, units: gpd.GeoDataFrame, overlaps: gpd.GeoDataFrame, people: FloatArray | None
) -> list[Finding]:
    """Each pair of units that share area, from `geo.outlines.find_overlaps`; `people` live in each, None without a grid."""
    named, placed = _namer(units), _placer(units)
    counts = np.full(len(overlaps), np.nan) if people is None else people
    return [
        Finding(
            _grade(row.overlap_km2, row.share > OVERLAP_ERROR_SHARE),
            "overlap",
            f"{list_id}: {named(row.unit_code)} and {named(row.other_code)} overlap by {_area(row.overlap_km2)} "
            f"({row.share:.2%} of the smaller){_who(count)}",
            unit=row.unit_code,
            **placed(row.unit_code),
            done="area and people there count in both units; a speed test there is shared out once",
            mend=_MEND,
            value=float(row.overlap_km2),
            said="overlap_people" if _who(count) else "overlap",
            values={
                "first": named(row.unit_code),
                "second": named(row.other_code),
                "km2": float(row.overlap_km2),
                "share": float(row.share),
                **({"people": float(count)} if _who(count) else {}),
            },
        )
        for row, count in zip(overlaps.itertuples(), counts, strict=True)
    ]


def _who(people: float) -> str:
    return f"; {people:,.0f} people there count in both" if people >= 0.5 else ""


def _grade(area_km2: float, wrong: bool) -> Severity:
    if wrong:
        return Severity.ERROR
    return Severity.WARNING if area_km2 >= SLIVER_KM2 else Severity.NOTE


def _area(area_km2: float) -> str:
    if area_km2 >= SLIVER_KM2:
        return f"{area_km2:,.4g} km²"
    return (
        f"{area_km2 * SQUARE_METRES_PER_KM2:,.0f} m²" if area_km2 >= _SQUARE_METRE_KM2 else "less than 1 m²"
    )


def gaps_between(list_id: str, units: gpd.GeoDataFrame, gaps: gpd.GeoDataFrame) -> list[Finding]:
    """Each area in no unit that units enclose, from `geo.outlines.find_gaps`."""
    named, placed = _namer(units), _placer(units)
    return [
        Finding(
            _grade(row.gap_km2, wrong=False),
            "gap_between_units",
            f"{list_id}: {_area(row.gap_km2)} in no unit, enclosed by {listed([named(code) for code in row.around])}",
            unit=row.around[0],
            **placed(row.around[0]),
            done="people and tests there belong to no unit",
            mend=f"a lake may stay; else {_MEND}",
            value=float(row.gap_km2),
            values={"km2": float(row.gap_km2), "around": some([named(code) for code in row.around], 6)},
        )
        for row in gaps.itertuples()
    ]


def declared_areas(list_id: str, units: gpd.GeoDataFrame, differing: pd.DataFrame) -> list[Finding]:
    """Units whose outline is not of the area their publisher declares, from `geo.units.differs_from_declared`."""
    named, placed = _namer(units), _placer(units)
    return [
        Finding(
            Severity.ERROR if abs(row["difference"]) > DECLARED_ERROR else Severity.WARNING,
            "declared_area",
            f"{list_id}: {named(row['unit_code'])} measures {row['area_km2']:,.2f} km², declared {row['declared_area_km2']:,.2f} "
            f"({row['difference']:+.1%})",
            unit=row["unit_code"],
            **placed(row["unit_code"]),
            done="the measured area is used",
            mend="ask the publisher which is right: the outline may take in sea or be another's, the declared figure may be mistyped",
            value=float(row["difference"]),
            values={
                "unit": named(row["unit_code"]),
                "km2": float(row["area_km2"]),
                "declared_km2": float(row["declared_area_km2"]),
                "difference": float(row["difference"]),
            },
        )
        for row in differing.to_dict("records")
    ]


def duplicate_names(list_id: str, units: gpd.GeoDataFrame) -> list[Finding]:
    """Units of one kind and name in one province; a single note for the whole list where it has no provinces."""
    within = [name for name in ("province_code", "province_name") if name in units][:1]
    named = pd.DataFrame(units[["unit_code", *within]]).assign(called=_full_names(units))
    twice = named[named.duplicated([*within, "called"], keep=False)]
    done, mend = "kept apart by their codes", "join tables to this list by code, never by name alone"
    if not within:
        message = f"{list_id}: {len(twice)} units share their name with another of the list: {listed(sorted(twice['called'].unique()))}"
        hint = f"{mend}; --province-name says which lie in one province"
        note = Finding(
            Severity.NOTE,
            "duplicate_name",
            message,
            done=done,
            mend=hint,
            value=float(len(twice)),
            values={"count": len(twice), "names": some(sorted(twice["called"].unique()), 6)},
        )
        return [note] if len(twice) else []
    placed = _placer(units)
    findings = []
    twice = twice.fillna({within[0]: ""})
    for (province, called), codes in twice.groupby([within[0], "called"])["unit_code"]:
        where = f"of province {province}" if province else "without a province"
        message = f"{list_id}: {len(codes)} units {where} are called {called}: {listed(codes.tolist())}"
        first = codes.iloc[0]
        values = {"count": len(codes), "name": called, "codes": some(codes.tolist(), 6)}
        findings.append(
            Finding(
                Severity.WARNING,
                "duplicate_name",
                message,
                first,
                **placed(first),
                done=done,
                mend=mend,
                said=f"duplicate_name_{'in' if province else 'without'}_province",
                values={**values, "province": str(province)} if province else values,
            )
        )
    return findings


def _full_names(units: pd.DataFrame) -> pd.Series:
    """`xã Lộc Thạnh`: kind and name, the name alone where no kind is known."""
    kinds = units["kind"].fillna("") if "kind" in units else pd.Series("", index=units.index)
    names: pd.Series = (kinds + " " + units["name"]).str.strip()
    return names


def _namer(units: pd.DataFrame) -> Callable[[str], str]:
    """From a code to `xã Lộc Thạnh (25280)`."""
    names = dict(zip(units["unit_code"], _full_names(units), strict=True))
    return lambda code: f"{names[code]} ({code})"


def _placer(units: pd.DataFrame) -> Callable[[str], dict[str, Any]]:
    """From a code to the file and row that its unit came from."""
    places = dict(zip(units["unit_code"], zip(units["file"], units["file_row"], strict=True), strict=True))
    return lambda code: {"file": str(places[code][0]), "row": int(places[code][1])}
