"""An invented list of cell sites, as two operators might hand in part of theirs: masts at settlements they serve."""

import csv
import io
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.power_diagram import FloatArray, IntArray
from data.sample_coverage import SHADOW_M, settlements_with_site
from data.sample_outlines import Outlines
from data.sample_sources import to_degrees
from data.sample_steady import chance, snap

LISTED: Final = ("Viettel", "VinaPhone")
BANDS_MHZ: Final = {"4G": 1800, "5G": 2600}
APART_M: Final = 7_000
"""A list of part of the masts: of those nearer to each other than this the smaller settlement's is left out."""
NOTE: Final = "trạm minh hoạ, không có thật / illustrative, no real site"
COLUMNS: Final = (
    "ict_id", "lat", "lon", "operator_name", "radio_type", "downlink_frequency_mhz", "antenna_height", "note",
)  # fmt: skip
_MAST_M: Final = (30, 48)
_ORDER: Final = {"town": 0, "village": 1, "hamlet": 2}


def make_sites(
    settlements: pd.DataFrame, outlines: Outlines, coverage: dict[tuple[str, str], gpd.GeoDataFrame]
) -> pd.DataFrame:
    """`COLUMNS`, one row per mast and technology: 4G, and 5G where the operator has it there.

    `settlements` with `unserved`, from `data.sample_coverage.mark_unserved`; `coverage` as `make_coverage` gives it: a
    mast stands inside what its operator declares.
    """
    rows: list[tuple[str, ...]] = []
    for operator in LISTED:
        clear = settlements_with_site(settlements, outlines, operator, "4G") & _away_from_blanks(settlements)
        masts = settlements.loc[_thinned(settlements, clear), ["x", "y"]].to_numpy()
        places = to_degrees(masts, decimals=5)
        for technology, mhz in BANDS_MHZ.items():
            area = shapely.union_all(coverage[operator, technology].geometry.to_numpy())
            inside = shapely.contains_xy(area, places[:, 0], places[:, 1])
            rows += [
                _row(operator, int(number), technology, mhz, masts[number], places[number])
                for number in np.flatnonzero(inside)
            ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(
    operator: str, number: int, technology: str, mhz: int, mast: FloatArray, place: FloatArray
) -> tuple[str, ...]:
    high = int(snap(chance("mast", operator, int(mast[0]), int(mast[1])).uniform(*_MAST_M)))
    name = f"MAU-{operator.upper()}-{number + 1:03}-{technology}"
    return (name, f"{place[1]:.5f}", f"{place[0]:.5f}", operator, technology, str(mhz), str(high), NOTE)


def _away_from_blanks(settlements: pd.DataFrame) -> "pd.Series[bool]":
    """Settlements further from every unserved one than its blank reaches; squares of whole metres, so exact."""
    points = settlements[["x", "y"]].to_numpy()
    dark = points[settlements["unserved"].to_numpy()]
    squared = ((points[:, None] - dark[None]) ** 2).sum(axis=2)
    return pd.Series((squared > (1.25 * SHADOW_M["4G"]) ** 2).all(axis=1), index=settlements.index)


def _thinned(settlements: pd.DataFrame, wanted: "pd.Series[bool]") -> IntArray:
    """Labels of the `wanted` settlements, towns and the largest first, that keep `APART_M` from those taken before."""
    order = settlements[wanted].assign(kind=settlements["kind"].map(_ORDER))
    order = order.sort_values(["kind", "people", "x", "y"], ascending=[True, False, True, True])
    taken: list[int] = []
    points = settlements[["x", "y"]]
    for label in order.index:
        apart = ((points.loc[taken] - points.loc[label]) ** 2).sum(axis=1)
        if (apart >= APART_M**2).all():
            taken.append(int(label))
    return np.array(sorted(taken), dtype=np.int64)


def write_sites(sites: pd.DataFrame, path: Path) -> Path:
    """The CSV file in the ITU/Giga cell-site columns, the same bytes on every run."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(sites.columns)
    writer.writerows(sites.itertuples(index=False))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(stream.getvalue().encode("utf-8"))
    return path
