"""Towns at real published centres; schools and clinics at invented points where the invented people live."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from data.sample_outlines import Outlines
from data.sample_people import Grid
from data.sample_sources import to_degrees
from data.sample_steady import chance, snap

TOWN_APART_M: Final = 2_000.0
TOWNS: Final = 25
SCHOOLS: Final = 150
CLINICS: Final = 60
URBAN: Final = ("phường", "thị trấn")


def make_places(outlines: Outlines, grid: Grid) -> gpd.GeoDataFrame:
    """Points (EPSG:4326, 6 decimals) with `name` and `class` (town, school, clinic)."""
    frame = pd.concat(
        [
            _towns(outlines),
            _where_people_live(grid, "school", "Trường học mẫu", SCHOOLS),
            _where_people_live(grid, "clinic", "Trạm y tế mẫu", CLINICS),
        ],
        ignore_index=True,
    )
    points = gpd.points_from_xy(frame.pop("longitude"), frame.pop("latitude"))
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
    longitude, latitude = to_degrees(points[kept]).T
    names = named["name"].to_numpy()[kept]
    return pd.DataFrame({"name": names, "class": "town", "longitude": longitude, "latitude": latitude})


def _where_people_live(grid: Grid, kind: str, label: str, count: int) -> pd.DataFrame:
    """One in every unit, the rest by people; each somewhere inside its cell of the grid."""
    rng = chance(kind, *grid.people.shape)
    longitude, latitude = grid.centres()
    rows, columns = np.nonzero((grid.people > 0) & (grid.unit >= 0))
    units = grid.unit[rows, columns]
    # a draw for every cell of the grid, lived in or not, so that no cell shifts the chance of the next
    luck = rng.gumbel(0, 1, grid.people.shape)
    jitter = rng.uniform(-0.4, 0.4, (2, *grid.people.shape)) * grid.transform.a
    keen = snap(np.log(grid.people[rows, columns]) + luck[rows, columns], 9)
    order = np.argsort(-keen, kind="stable")
    firsts = order[np.unique(units[order], return_index=True)[1]]
    rest = order[~np.isin(order, firsts)][: count - len(firsts)]
    chosen = np.sort(np.concatenate([firsts, rest]))
    row, column = rows[chosen], columns[chosen]
    return pd.DataFrame(
        {
            "name": [f"{label} {number}" for number in range(1, count + 1)],
            "class": kind,
            "longitude": snap(longitude[column] + jitter[0, row, column], 6),
            "latitude": snap(latitude[row] + jitter[1, row, column], 6),
        }
    )
