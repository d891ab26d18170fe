"""What each partner contributes to a joint gain, whatever the order: the Shapley value of the union of areas.

For a union every partner's Shapley value is the sum, over the pieces that its area is made of, of what the piece holds
divided by how many partners offer it (a covering game; each of a piece's offerers is the first to bring it in equally many
orders). Exact: the pieces themselves. Sampled: the same mean over random places of the union.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from geo.arrays import FloatArray
from geo.crs import equal_area_km2
from geo.people import PopulationGrid, cell_centres, cells_within, make_grid
from geo.pieces import common, union, without

EXACT_PARTNERS: Final = 8
"""Up to so many partners the pieces (at most 2^8 - 1) are cut; beyond, places are sampled."""
SAMPLES: Final = 20_000
SEED: Final = 2026
_MOST_ROUNDS: Final = 200
_LATTICE: Final = 200


@dataclass(frozen=True, eq=False)
class Atom:
    """A piece of the joint area, and the places of the partners who offer it."""

    area: Any
    partners: tuple[int, ...]


def cut_atoms(areas: Sequence[Any]) -> list[Atom]:
    """The union of the areas cut into pieces, each offered by the same partners throughout."""
    atoms: list[Atom] = []
    for place, area in enumerate(areas):
        shapely.prepare(area)
        cut, rest = [], [area]
        for atom in atoms:
            if not shapely.intersects(area, atom.area):
                cut.append(atom)
                continue
            both = common(atom.area, area)
            alone = without(atom.area, area)
            cut += [Atom(both, (*atom.partners, place)), Atom(alone, atom.partners)]
            rest.append(atom.area)
        fresh = without(area, union(rest[1:])) if len(rest) > 1 else area
        atoms = [atom for atom in [*cut, Atom(fresh, (place,))] if not atom.area.is_empty]
    return atoms


def exact_shares(atoms: Sequence[Atom], held: FloatArray, partners: int) -> FloatArray:
    """Shapley value of each partner; `held`: people (or km²) in each atom."""
    values = np.zeros(partners)
    for atom, amount in zip(atoms, held, strict=True):
        values[list(atom.partners)] += amount / len(atom.partners)
    return values


def sampled_shares(areas: Sequence[Any], places: FloatArray, total: float) -> tuple[FloatArray, FloatArray]:
    """Shapley values and their standard errors from `places` (n, 2), random ones of the union in proportion to what it holds.

    The values add up to `total`, what the whole union holds.
    """
    points = shapely.points(places)
    inside = np.zeros((len(areas), len(points)), dtype=float)
    for row, area in enumerate(areas):
        shapely.prepare(area)
        inside[row] = shapely.intersects(area, points)
    offers = inside.sum(axis=0)
    known = offers > 0
    share = inside[:, known] / offers[known]
    count = max(int(known.sum()), 1)
    return total * share.mean(axis=1), total * share.std(axis=1) / np.sqrt(count)


def random_places(grid: PopulationGrid, area: Any, *, count: int = SAMPLES, seed: int = SEED) -> FloatArray:
    """Up to `count` random places (n, 2) lon/lat of an area, in proportion to the people of the grid's cells."""
    rows, columns, people = cells_within(grid, area)
    if not len(people):
        return np.empty((0, 2))
    rng = np.random.default_rng(seed)
    shapely.prepare(area)
    chosen = rng.choice(len(people), count, p=people / people.sum())
    places = np.full((count, 2), np.nan)
    still = np.arange(count)
    for _ in range(_MOST_ROUNDS):
        aside, down = rng.uniform(-0.5, 0.5, (2, len(still)))
        drawn = cell_centres(grid, rows[chosen[still]] + down, columns[chosen[still]] + aside)
        hit = shapely.intersects(area, shapely.points(drawn))
        places[still[hit]] = drawn[hit]
        still = still[~hit]
        if not len(still):
            break
    return np.asarray(places[np.isfinite(places[:, 0])], dtype=float)


def area_grid(area: Any) -> PopulationGrid:
    """A grid whose cells hold their km² in place of people, over the bounds of an area: for places in proportion to area."""
    west, south, east, north = area.bounds
    edges = np.linspace(north, south, _LATTICE + 1)
    row_km2 = equal_area_km2(shapely.box(west, edges[1:], east, edges[:-1])) / _LATTICE
    cells = np.repeat(row_km2[:, None], _LATTICE, axis=1)
    return make_grid(
        cells,
        west=west,
        north=north,
        cell_width=(east - west) / _LATTICE,
        cell_height=(north - south) / _LATTICE,
    )
