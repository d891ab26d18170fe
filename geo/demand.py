"""Who is still to be reached: people of every unit outside a technology's coverage, cell by cell, and what a person weighs."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import BoolArray, FloatArray, IntArray, only_polygons
from geo.errors import InputError
from geo.people import people_in_cells
from geo.people_sum import people_of_rows
from geo.population_grid import PopulationGrid, cell_centres

WORST_SCORE = 100.0


class Need(StrEnum):
    """What is to be covered most: people, or people times the gap score of their unit (0-1)."""

    PEOPLE = "people"
    SCORE = "score"


@dataclass(frozen=True, eq=False)
class Demand:
    """`centres` (n, 2) lon/lat of cells, `people` and `weight` (n,) in each, `unit` (n,) position of their unit.

    `unscored`: people of units without a score, weighed by the mean score of the others. `unknown_units`: units whose
    people are not known, so that nobody there is asked for.
    """

    centres: FloatArray
    people: FloatArray
    weight: FloatArray
    unit: IntArray
    unscored: float = 0.0
    unknown_units: int = 0

    def only(self, kept: BoolArray) -> "Demand":
        """The cells of this mask."""
        return replace(
            self,
            centres=self.centres[kept],
            people=self.people[kept],
            weight=self.weight[kept],
            unit=self.unit[kept],
        )


def find_demand(
    units: gpd.GeoDataFrame, grid: PopulationGrid, covered: Any = None, *, need: Need = Need.PEOPLE
) -> Demand:
    """Populated cells of the units outside `covered` (a polygon in EPSG:4326, None where nothing is), by exact fraction.

    A cell that the outline of the coverage or of a unit cuts counts with the people of its uncovered part there. `units`:
    polygons with `people`, null where the grid has no figure, and, for `Need.SCORE`, `gap_score`. Raises `InputError` when no unit has a score.
    """
    shapes = units.geometry.to_numpy()
    if covered is not None and not shapely.is_empty(covered):
        shapely.prepare(covered)
        touched = shapely.intersects(covered, shapes)
        shapes = shapes.copy()
        shapes[touched] = only_polygons(shapely.difference(shapes[touched], covered))
    unit, rows, columns, people = people_in_cells(grid, shapes)
    factor, unscored = _weights(units, need)
    centres = cell_centres(grid, rows, columns)
    unknown = people_of_rows(units).unknown_units if "people" in units else 0
    return Demand(centres, people, people * factor[unit], unit, float(people[unscored[unit]].sum()), unknown)


def _weights(units: gpd.GeoDataFrame, need: Need) -> tuple[FloatArray, BoolArray]:
    """What a person of each unit weighs, and which units have no score of their own."""
    if need is Need.PEOPLE:
        return np.ones(len(units)), np.zeros(len(units), dtype=bool)
    named = units["gap_score"] if "gap_score" in units else pd.Series(np.nan, index=units.index)
    score = named.to_numpy(dtype=float, na_value=np.nan) / WORST_SCORE
    unknown = np.isnan(score)
    if unknown.all():
        raise InputError(
            "no unit has a gap score, so people cannot be weighed by it; build with coverage or speed first, or use --need people"
        )
    # not knowing how bad it is must not make a unit's people count for nothing
    return np.where(unknown, score[~unknown].mean(), score), unknown
