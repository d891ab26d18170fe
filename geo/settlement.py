"""Settlement class of each unit by the degree of urbanisation: urban centres, urban clusters, rural cells.

Rules: Eurostat, Territorial typologies manual, cluster types (also GHS-SMOD): cells of 1 km²; an urban centre is a group of
cells of at least 1,500 people that share edges, its gaps filled, with at least 50,000 people; an urban cluster a group of
cells of at least 300 people that share edges or corners, with at least 5,000; the rest is rural. A unit is `centre` when at
least half of its people live in centres, `rural` when more than half live in rural cells, else `cluster`.
"""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS, Transformer
from scipy import ndimage

from geo.arrays import BoolArray, FloatArray, IntArray, share_of
from geo.crs import STORAGE_CRS
from geo.people import count_people
from geo.population_grid import PopulationGrid, cell_centres, make_grid, to_grid_crs

CELL_M: Final = 1000.0
CELLS_CRS: Final = CRS.from_user_input("ESRI:54009")
"""Mollweide, equal-area: the grid of GHS-SMOD, cells at whole kilometres."""
CENTRE_DENSITY: Final = 1500.0
CENTRE_PEOPLE: Final = 50_000.0
CLUSTER_DENSITY: Final = 300.0
CLUSTER_PEOPLE: Final = 5_000.0
SETTLEMENTS: Final = ("centre", "cluster", "rural")
_MAJORITY: Final = 5
"""Neighbours of eight that take a cell into their centre."""
_FINE_M: Final = 100.0
_SLACK: Final = 0.1
_EDGES: Final = ndimage.generate_binary_structure(2, 1)
_CORNERS: Final = ndimage.generate_binary_structure(2, 2)
_AROUND: Final = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]])


@dataclass(frozen=True, eq=False)
class SettlementGrid:
    """People per 1 km² cell and the class of each cell: 1 centre, 2 cluster, 3 rural; `CELLS_CRS`, rows from the north."""

    people: FloatArray
    classes: IntArray
    west: float
    north: float


def classify_units(units: gpd.GeoDataFrame, cells: SettlementGrid) -> pd.DataFrame:
    """`unit_code`, `settlement` (null where nobody lives), and shares 0-1 of people in `centre`, `cluster` and `rural` cells.

    `units`: polygons in EPSG:4326; `cells`: the result of `classify_cells`.
    """
    grids = [
        make_grid(
            np.where(cells.classes == number, cells.people, 0.0),
            west=cells.west, north=cells.north, cell_width=CELL_M, cell_height=CELL_M, crs=CELLS_CRS,
        )
        for number in (1, 2, 3)
    ]  # fmt: skip
    placed = to_grid_crs(grids[0], units.geometry.to_numpy())
    counted = [count_people(grid, placed, placed=True) for grid in grids]
    total = np.sum(counted, axis=0)
    shares = {name: share_of(people, total) for name, people in zip(SETTLEMENTS, counted, strict=True)}
    settlement = pd.Series(
        np.select([shares["centre"] >= 0.5, shares["rural"] > 0.5], ["centre", "rural"], default="cluster")
    )
    known = settlement.where(pd.Series(total > 0))
    return pd.DataFrame({"unit_code": units["unit_code"].to_numpy(), "settlement": known, **shares})


def classify_cells(grid: PopulationGrid) -> SettlementGrid:
    """The population grid in 1 km² cells with their classes; people are conserved.

    A cell larger than 100 m is cut into pieces of at most that, and each piece goes whole to the square its centre lies in.
    """
    people, west, north = _in_squares(grid)
    centre = _centres(people)
    cluster = _groups(people, people >= CLUSTER_DENSITY, _CORNERS, CLUSTER_PEOPLE)
    classes = np.where(centre, 1, np.where(cluster, 2, 3)).astype(np.int64)
    return SettlementGrid(people, classes, west, north)


def _in_squares(grid: PopulationGrid) -> tuple[FloatArray, float, float]:
    """People per 1 km square and the outer corner of the first; an empty square all around, which gap filling looks at."""
    x, y, people = _pieces(grid)
    if not len(people):
        return np.zeros((1, 1)), 0.0, 0.0
    columns, rows = np.floor(x / CELL_M).astype(np.int64), np.floor(-y / CELL_M).astype(np.int64)
    left, top = int(columns.min()) - 1, int(rows.min()) - 1
    shape = (int(rows.max()) - top + 2, int(columns.max()) - left + 2)
    number = (rows - top) * shape[1] + columns - left
    squares = np.bincount(number, people, minlength=shape[0] * shape[1]).reshape(shape)
    return np.asarray(squares, dtype=float), left * CELL_M, -top * CELL_M


def _pieces(grid: PopulationGrid) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Centres (in `CELLS_CRS`) and people of the populated cells, cut until no piece is larger than 100 m."""
    rows, columns = np.nonzero(grid.values > 0)
    people = grid.values[rows, columns]
    cuts = _cuts(grid)
    offsets = (np.arange(cuts) + 0.5) / cuts - 0.5
    down, across = (part.ravel() for part in np.meshgrid(offsets, offsets, indexing="ij"))
    points = cell_centres(grid, (rows[:, None] + down).ravel(), (columns[:, None] + across).ravel())
    x, y = Transformer.from_crs(STORAGE_CRS, CELLS_CRS, always_xy=True).transform(points[:, 0], points[:, 1])
    return x, y, np.repeat(people / cuts**2, cuts**2)


def _cuts(grid: PopulationGrid) -> int:
    """Into how many pieces a side of a cell is cut, from its size in the middle of the grid; 110 m still is one piece."""
    rows, columns = (size // 2 for size in grid.values.shape)
    corners = cell_centres(grid, np.array([rows, rows + 1]), np.array([columns, columns + 1]))
    x, y = Transformer.from_crs(STORAGE_CRS, CELLS_CRS, always_xy=True).transform(
        corners[:, 0], corners[:, 1]
    )
    return max(1, int(np.ceil(max(abs(np.diff(x)[0]), abs(np.diff(y)[0])) / _FINE_M - _SLACK)))


def _groups(people: FloatArray, dense: BoolArray, touching: BoolArray, least: float) -> BoolArray:
    """Cells of the groups of dense cells that hold at least so many people together."""
    labels, count = ndimage.label(dense, structure=touching)
    total = np.bincount(labels.ravel(), people.ravel(), minlength=count + 1)
    return np.asarray((total >= least)[labels] & dense, dtype=bool)


def _centres(people: FloatArray) -> BoolArray:
    """Cells of urban centres: groups joined by edges, their gaps filled, then measured."""
    labels, _ = ndimage.label(people >= CENTRE_DENSITY, structure=_EDGES)
    centre = np.zeros(people.shape, dtype=bool)
    for number, found in enumerate(ndimage.find_objects(labels), start=1):
        window = tuple(slice(max(part.start - 1, 0), part.stop + 1) for part in found)
        filled = _fill(labels[window] == number)
        if people[window][filled].sum() >= CENTRE_PEOPLE:
            centre[window] |= filled
    return centre


def _fill(group: BoolArray) -> BoolArray:
    """The group with every cell of whose eight neighbours five belong to it, again until none is added."""
    while True:
        around = ndimage.convolve(group.astype(np.int64), _AROUND, mode="constant")
        added = ~group & (around >= _MAJORITY)
        if not added.any():
            return group
        group = group | added
