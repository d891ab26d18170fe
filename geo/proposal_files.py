"""Files of partners → proposals: areas of any vector format, or lists of sites whose areas are modelled, labelled as such.

The rows of one operator, technology and year are one proposal. What a row does not say, the call says.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import confined
from geo.arrays import FloatArray
from geo.errors import InputError
from geo.mend_coordinates import numbers
from geo.names import clean_name
from geo.points_table import is_table
from geo.propagation import ModelRules
from geo.proposal import Proposal, make_proposal
from geo.quality import Finding
from geo.read import Wanted
from geo.site_areas import TERRAIN_BLIND, draw_areas, model_radii
from geo.site_points import find_alias, read_costs, read_site_points
from geo.site_text import RADIOS

_OPERATORS: Final = ("operator", "operator name", "nha mang", "doanh nghiep", "don vi")
_TECHNOLOGIES: Final = ("technology", "radio type", "radio", "cong nghe")
_YEARS: Final = ("year", "nam")
_SPEEDS: Final = ("promised mbps", "speed mbps", "download mbps", "toc do mbps", "toc do")
_VINTAGES: Final = ("vintage",)
_RADII: Final = ("radius m", "radius", "ban kinh m", "ban kinh")
_MODEL: Final = {
    "frequency_mhz": ("frequency mhz", "downlink frequency mhz"),
    "eirp_dbm": ("eirp dbm",),
    "antenna_height_m": ("antenna height m", "antenna height"),
    "azimuth_degrees": ("azimuth degrees", "azimuth"),
}
_CAUTIOUS, _HOPEFUL = 0.95, 0.75
"""Share of places at the edge where the signal suffices, for the near and the far end of a modelled reach."""


@dataclass(frozen=True)
class Terms:
    """What is said of a whole file, for rows that do not say it. `radius_m`: how far its sites reach; None: modelled."""

    operator: str = ""
    technology: str = ""
    year: int | None = None
    cost: float | None = None
    promised_mbps: float | None = None
    name: str = ""
    radius_m: float | None = None


def read_proposal_file(
    path: Path, terms: Terms, units: gpd.GeoDataFrame, *, known_operators: Collection[str] = ()
) -> tuple[list[Proposal], list[Finding]]:
    """The proposals of a file, in the order of operator, technology and year, and what was noted.

    Raises `InputError` naming the file and the row, operator, technology, figure or outline at fault.
    """
    if terms.radius_m is not None and not (np.isfinite(terms.radius_m) and terms.radius_m > 0):
        raise InputError(f"the radius is {terms.radius_m} m; wanted a number of metres above 0")
    frame, findings, are_sites = _read(path, units)
    said = _said(frame, terms, path.name)
    proposals = []
    groups = said.groupby(["operator", "technology", "year"], sort=True)
    many = groups.ngroups > 1
    for key, rows in groups:
        operator, technology, year = (str(part) for part in key)
        part = frame.loc[rows.index]
        given = (
            _shapes(part, operator, technology, terms) if are_sites else {"area": part.geometry.to_numpy()}
        )
        if are_sites and given["area"] is None:
            raise InputError(
                f"{path.name}: no site of {operator} {technology} can be modelled (frequency outside 0.5-7 GHz or antenna outside 10-150 m); "
                "say how far they reach with --radius"
            )
        title = terms.name or path.stem
        proposals.append(
            make_proposal(
                name=f"{title} {operator} {technology}{f' {year}' if year != '0' else ''}" if many else title,
                operator=operator,
                technology=technology,
                year=int(year) or None,
                cost=_total_cost(rows["cost"], terms, many=many),
                promised_mbps=_promised(rows["promised_mbps"], terms),
                vintage=_one(rows["vintage"], path.name),
                known_operators=known_operators,
                **given,
            )
        )
    return proposals, findings


def _read(path: Path, units: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Finding], bool]:
    """Rows with polygons, or with points (True); the region tells swapped axes."""
    if is_table(path):
        frame, findings = read_site_points(path, units)
        return frame, findings, True
    region = [float(edge) for edge in units.total_bounds]
    try:
        found = confined.read_polygons(path, wanted=Wanted((), region, None))
    except InputError as fault:
        # one reader per kind of shape: a file of points is a list of sites
        if "wanted Polygon or MultiPolygon" not in str(fault):
            raise
        try:
            frame, findings = read_site_points(path, units)
        except InputError as other:
            raise (fault if "is not a point" in str(other) else other) from None
        return frame, findings, True
    return found.frame, found.findings, False


def _said(frame: gpd.GeoDataFrame, terms: Terms, source: str) -> pd.DataFrame:
    """`operator`, `technology`, `year` (0 where not said), `cost`, `promised_mbps`, `vintage` of every row."""
    year = _numbers(frame, _YEARS, source)
    wrong = np.flatnonzero(np.isfinite(year) & (year != np.floor(year)))
    if len(wrong):
        raise InputError(f"{source}: year of row {wrong[0] + 1} is {year[wrong[0]]:g}; wanted a whole number")
    return pd.DataFrame(
        {
            "operator": _texts(frame, _OPERATORS, terms.operator),
            "technology": [
                RADIOS.get(text.upper(), text.upper())
                for text in _texts(frame, _TECHNOLOGIES, terms.technology)
            ],
            "year": np.where(np.isfinite(year), year, terms.year or 0).astype(int),
            "cost": read_costs(frame, source),
            "promised_mbps": _numbers(frame, _SPEEDS, source),
            "vintage": _texts(frame, _VINTAGES, ""),
        },
        index=frame.index,
    )


def _texts(frame: gpd.GeoDataFrame, aliases: tuple[str, ...], otherwise: str) -> list[str]:
    column = find_alias(frame, aliases)
    given = frame[column].map(clean_name).tolist() if column else [""] * len(frame)
    return [text or clean_name(otherwise) for text in given]


def _numbers(frame: gpd.GeoDataFrame, aliases: tuple[str, ...], source: str) -> FloatArray:
    """The column of numbers, null where blank; raises `InputError` naming the first cell that is none."""
    column = find_alias(frame, aliases)
    if not column:
        return np.full(len(frame), np.nan)
    found, _ = numbers(frame[column])
    wrong = np.flatnonzero(np.isnan(found) & (frame[column].map(clean_name).to_numpy() != ""))
    if len(wrong):
        raise InputError(
            f"{source}: {column} of row {wrong[0] + 1} is {str(frame[column].iloc[wrong[0]])!r}; wanted a number, or nothing"
        )
    return found


def _total_cost(costs: pd.Series, terms: Terms, *, many: bool) -> float | None:
    """The sum of the rows' costs; the call's where no row has one and there is one proposal; None where some row has none."""
    if costs.notna().all():
        return float(costs.sum())
    return terms.cost if costs.isna().all() and not many else None


def _promised(speeds: pd.Series, terms: Terms) -> float | None:
    """The least speed promised by a row, for the whole area can count on that; else the call's."""
    known = speeds.dropna()
    return float(known.min()) if len(known) else terms.promised_mbps


def _one(texts: pd.Series, source: str) -> str:
    found = sorted(set(texts) - {""})
    if len(found) > 1:
        raise InputError(
            f"{source}: rows are of the lists of units {', '.join(found)}; give them in one file each"
        )
    return found[0] if found else ""


def _shapes(sites: gpd.GeoDataFrame, operator: str, technology: str, terms: Terms) -> dict[str, Any]:
    """Area, its near and far end, points and the words for how the area came about."""
    points = shapely.get_coordinates(sites.geometry.to_numpy())
    table = pd.DataFrame({"site_id": [str(place) for place in range(len(sites))]}, index=sites.index)
    for name, aliases in _MODEL.items():
        table[name] = _numbers(sites, aliases, "sites")
    azimuths = [None if np.isnan(angle) else [float(angle)] for angle in table.pop("azimuth_degrees")]
    given = gpd.GeoDataFrame(
        table.assign(operator=operator, technology=technology, azimuths_degrees=pd.Series(azimuths, index=table.index)),
        geometry=sites.geometry.to_numpy(), crs=sites.crs,
    )  # fmt: skip
    own = _numbers(sites, _RADII, "sites")
    radius = np.where(np.isnan(own), np.nan if terms.radius_m is None else terms.radius_m, own)
    if np.isfinite(radius).all():
        if not (radius > 0).all():
            raise InputError(
                f"radius of row {int(np.argmax(radius <= 0)) + 1} is {radius.min():g}; wanted metres above 0"
            )
        area = shapely.union_all(draw_areas(given.assign(radius_m=radius)).geometry.to_numpy())
        return {"area": area, "points": points, "basis": "sites with a given radius"}
    ends = [_modelled(given, share) for share in (_CAUTIOUS, ModelRules().reliability, _HOPEFUL)]
    return {
        "area": ends[1],
        "area_low": ends[0],
        "area_high": ends[2],
        "points": points,
        "basis": TERRAIN_BLIND,
    }


def _modelled(sites: gpd.GeoDataFrame, reliability: float) -> Any:
    """The union of the sites' modelled areas; None where none can be modelled."""
    drawn = draw_areas(model_radii(sites, ModelRules(reliability=reliability)))
    return shapely.union_all(drawn.geometry.to_numpy()) if len(drawn) else None
