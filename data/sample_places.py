"""Towns at real published centres; schools and clinics at invented points where the invented people live."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from data.sample_outlines import Outlines
from data.sample_people import Grid
from data.sample_sources import to_lonlat

TOWN_APART_M: Final = 2_000.0
TOWNS: Final = 25
SCHOOLS: Final = 150
CLINICS: Final = 60
URBAN: Final = ("phường", "thị trấn")


def make_places(outlines: Outlines, grid: Grid, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Points (EPSG:4326, 6 decimals) with `name` and `class` (town, school, clinic)."""
    frame = pd.concat(
        [
            _towns(outlines),
            _where_people_live(grid, "school", "Trường học mẫu", SCHOOLS, rng),
            _where_people_live(grid, "clinic", "Trạm y tế mẫu", CLINICS, rng),
        ],
        ignore_index=True,
    )
    points = gpd.points_from_xy(frame.pop("longitude").round(6), frame.pop("latitude").round(6))
    return gpd.GeoDataFrame(frame, geometry=points, crs=4326)


def _towns(outlines: Outlines) -> pd.DataFrame:
    """Urban units of 2026, then urban communes of 2024 with another name and at least 2 km from those already named."""
    named = pd.concat([outlines.units, outlines.legacy], ignore_index=True)
    named = named[named["kind"].isin(URBAN)].drop_duplicates("name")
    kept: list[int] = []
    points = named[["x", "y"]].to_numpy()
    for row in range(len(named)):
        apart = np.linalg.norm(points[kept] - points[row], axis=1)
        if len(kept) < TOWNS and (apart > TOWN_APART_M).all():
            kept.append(row)
    longitude, latitude = to_lonlat().transform(*points[kept].T)
    names = named["name"].to_numpy()[kept]
    return pd.DataFrame({"name": names, "class": "town", "longitude": longitude, "latitude": latitude})


def _where_people_live(
    grid: Grid, kind: str, label: str, count: int, rng: np.random.Generator
) -> pd.DataFrame:
    """One in every unit, the rest by people; each somewhere inside its cell of the grid."""
    longitude, latitude = grid.centres()
    rows, columns = np.nonzero((grid.people > 0) & (grid.unit >= 0))
    units = grid.unit[rows, columns]
    keen = np.log(grid.people[rows, columns]) + rng.gumbel(0, 1, len(rows))
    order = np.argsort(-keen, kind="stable")
    firsts = order[np.unique(units[order], return_index=True)[1]]
    rest = order[~np.isin(order, firsts)][: count - len(firsts)]
    chosen = np.sort(np.concatenate([firsts, rest]))
    jitter = rng.uniform(-0.4, 0.4, (2, count)) * grid.transform.a
    return pd.DataFrame(
        {
            "name": [f"{label} {number}" for number in range(1, count + 1)],
            "class": kind,
            "longitude": longitude[columns[chosen]] + jitter[0],
            "latitude": latitude[rows[chosen]] + jitter[1],
        }
    )
