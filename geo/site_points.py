"""Lists of sites from a file: points of the region with a name and a cost where the file has them, misplaced ones named."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geo import confined
from geo.arrays import FloatArray
from geo.candidates import inside_units
from geo.errors import InputError
from geo.mend_coordinates import numbers
from geo.mends import NO_MENDS, Mend, Mends, name_rows
from geo.names import clean_name, plain_key
from geo.quality import Finding, Severity
from geo.sayings import some

MOST_SITES: Final = 50_000
_NAMES: Final = (
    "name",
    "site name",
    "site",
    "ten",
    "ten tram",
    "source ict id",
    "ict id",
    "site id",
    "id",
    "order",
)
_POINT: Final = "."
_GROUPED: Final = r"[1-9][0-9]{0,2}\.[0-9]{3}"
"""One point with three digits after it: thousands set apart, as Vietnam writes them, or decimals."""
_COSTS: Final = ("cost", "capex", "price", "chi phi", "gia")


def read_site_points(
    path: Path, units: gpd.GeoDataFrame, *, mends: Mends = NO_MENDS, layer: str | None = None
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Points inside a unit with the file's columns, `file_row`, `name`, `cost` (null where not given); and findings.

    `layer` names the sheet or layer of a file that has several. A point outside every unit (in the sea, beyond the
    border) is set aside with a finding. Raises `InputError` when all are, when there are more than `MOST_SITES`, or when
    a cost is no number of 0 or more.
    """
    region = tuple(float(edge) for edge in units.total_bounds)
    frame, findings = confined.read_points(path, mends=mends, region=region, sheet=layer or "")
    if len(frame) > MOST_SITES:
        raise InputError(
            f"{path.name}: {len(frame):,} sites, more than {MOST_SITES:,}; give them in parts, or their area as polygons"
        )
    points = shapely.get_coordinates(frame.geometry.to_numpy())
    inside = inside_units(units, points)
    if not inside.all():
        rows = frame["file_row"].to_numpy()[~inside].tolist() if "file_row" in frame else _numbers(~inside)
        said = f"{len(rows)} of {len(frame)} sites lie outside every unit ({name_rows(rows)}): in the sea, or beyond the border"
        if not inside.any():
            raise InputError(f"{path.name}: {said}; check which file and which workspace this is")
        findings = [
            *findings,
            Finding(
                Severity.WARNING,
                "sites_outside",
                said,
                file=path.name,
                done="left out",
                said="sites_outside_rows",
                values={"outside": len(rows), "total": len(frame), "rows": some(rows, 5)},
            ),
        ]
    names, cost = _names(frame), _costs(frame, path.name, mends)
    kept = frame.assign(name=names, cost=cost)[inside]
    return kept.reset_index(drop=True), findings


def _numbers(mask: Sequence[bool] | np.ndarray) -> list[int]:
    return [int(place) + 1 for place in np.flatnonzero(mask)]


def _column(frame: gpd.GeoDataFrame, aliases: Sequence[str]) -> str:
    """The first column whose name is one of the aliases, case, accents and underscores aside; empty where none is."""
    keys = {plain_key(str(name)): str(name) for name in frame.columns if name != "geometry"}
    return next((keys[alias] for alias in aliases if alias in keys), "")


def _names(frame: gpd.GeoDataFrame) -> list[str]:
    found = _column(frame, _NAMES)
    given = frame[found].map(clean_name).tolist() if found else [""] * len(frame)
    return [name or f"site {number}" for number, name in enumerate(given, start=1)]


def _costs(frame: gpd.GeoDataFrame, source: str, mends: Mends) -> FloatArray:
    """Costs, null where blank. A decimal comma is mended when asked; `1.500` all over may mean 1500, so it is refused."""
    found = _column(frame, _COSTS)
    if not found:
        return np.full(len(frame), np.nan)
    cost, commas = numbers(frame[found])
    blank = frame[found].map(clean_name).to_numpy() == ""
    wrong = ~blank & ~(np.isfinite(cost) & (cost >= 0))
    if wrong.any():
        first = int(np.argmax(wrong))
        raise InputError(
            f"{source}: cost of site {first + 1} is {frame[found].iloc[first]!r} ({int(wrong.sum())} such); wanted a number of 0 or more, or nothing"
        )
    if commas.any() and str(Mend.DECIMAL_COMMA) not in {str(kind) for kind in mends}:
        raise InputError(
            f"{source}: cost of site {int(np.argmax(commas)) + 1} is {frame[found][commas].iloc[0]!r}, with a comma ({int(commas.sum())} such); "
            f"write it without, or, if it sets decimals apart, say --mend {Mend.DECIMAL_COMMA}"
        )
    texts = frame[found].map(clean_name)
    grouped = texts.str.fullmatch(_GROUPED).to_numpy(dtype=bool)
    if grouped.any() and not (texts.str.contains(_POINT, regex=False).to_numpy(dtype=bool) & ~grouped).any():
        first = texts[grouped].iloc[0]
        raise InputError(
            f"{source}: cost {first!r} may be {first.replace(_POINT, '')} or {float(first):g} ({int(grouped.sum())} such); "
            f"write it as {first.replace(_POINT, '')} or as {first}0"
        )
    return cost
