"""Power diagrams (weighted Voronoi) of points in a plane, and the weights that give each cell a wanted area.

The cell of site i is {p : |p - s_i|² - w_i ≤ |p - s_j|² - w_j for all j}. Cells come from the lower convex hull of
the sites lifted to (x, y, x² + y² - w) (Aurenhammer 1987); weights from the damped Newton method for semi-discrete
optimal transport (Kitagawa, Mérigot and Thibert 2019), which converges from any weights that leave no cell empty.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import ConvexHull

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]

_MAX_STEPS = 60
_FAR_FACTOR = 1000.0


class FitError(RuntimeError):
    """The wanted areas cannot be met by any power diagram of these sites in this domain."""


@dataclass(frozen=True)
class Diagram:
    """Cells cut to the domain (one per site) and the dual edges: pairs of sites and the length (m) they share."""

    cells: Geometries
    pairs: IntArray
    shared_m: FloatArray


def power_diagram(sites: FloatArray, weights: FloatArray, domain: shapely.Geometry) -> Diagram:
    """The diagram of `sites` (n × 2, metres) with `weights` (n, m²), cut to `domain` (a polygon in the same plane)."""
    triangles, centres = _regular_triangulation(sites, weights)
    ends = _dual_edges(triangles)
    inner = (ends[:, :2] < len(sites)).all(axis=1)
    pairs = ends[inner, :2]
    duals = shapely.linestrings(centres[ends[inner, 2:]])
    cells = _cells(len(sites), triangles, centres)
    return Diagram(
        cells=shapely.intersection(cells, domain),
        pairs=pairs,
        shared_m=np.asarray(shapely.length(shapely.intersection(duals, domain)), dtype=float),
    )


def fit_areas(
    sites: FloatArray,
    wanted_m2: FloatArray,
    fitted: npt.NDArray[np.bool_],
    domain: shapely.Geometry,
    *,
    tolerance: float = 1e-6,
) -> FloatArray:
    """Weights (m²) that give every site of `fitted` its wanted area; the others keep weight 0 and anchor the scale.

    Raises `FitError` when the areas are not met to `tolerance` (relative to the smallest wanted area).
    """
    weights = np.zeros(len(sites))
    diagram = power_diagram(sites, weights, domain)
    areas = np.asarray(shapely.area(diagram.cells), dtype=float)
    floor = 0.5 * min(areas[fitted].min(), wanted_m2[fitted].min())
    for _ in range(_MAX_STEPS):
        miss = np.where(fitted, wanted_m2 - areas, 0.0)
        if np.abs(miss).max() < tolerance * wanted_m2[fitted].min():
            return weights
        step = _newton_step(sites, diagram, fitted, miss)
        weights, diagram, areas = _damped(sites, weights, step, domain, fitted, wanted_m2, areas, floor)
    worst = float(np.abs(miss).max()) / 1e6
    raise FitError(
        f"areas still miss by up to {worst:.3f} km² after {_MAX_STEPS} steps; check sites and domain"
    )


def _damped(
    sites: FloatArray,
    weights: FloatArray,
    step: FloatArray,
    domain: shapely.Geometry,
    fitted: npt.NDArray[np.bool_],
    wanted_m2: FloatArray,
    areas: FloatArray,
    floor: float,
) -> tuple[FloatArray, Diagram, FloatArray]:
    """The longest halving of `step` that leaves no fitted cell below `floor` and brings the areas nearer."""
    before = np.linalg.norm((wanted_m2 - areas)[fitted])
    share = 1.0
    while share > 1e-6:
        tried = weights + share * step
        diagram = power_diagram(sites, tried, domain)
        now = np.asarray(shapely.area(diagram.cells), dtype=float)
        after = np.linalg.norm((wanted_m2 - now)[fitted])
        if now[fitted].min() > floor and after <= (1 - share / 2) * before:
            return tried, diagram, now
        share /= 2
    raise FitError("no step brings the cells nearer to their areas; check sites and domain")


def _newton_step(
    sites: FloatArray, diagram: Diagram, fitted: npt.NDArray[np.bool_], miss_m2: FloatArray
) -> FloatArray:
    """Solve H δ = miss with dA_i/dw_j = -shared_ij / (2 |s_i - s_j|), rows and columns of `fitted` only."""
    i, j = diagram.pairs.T
    rate = diagram.shared_m / (2 * np.linalg.norm(sites[i] - sites[j], axis=1))
    count = len(sites)
    hessian = np.zeros((count, count))
    hessian[i, j] = hessian[j, i] = -rate
    np.fill_diagonal(hessian, -hessian.sum(axis=1))
    chosen = np.flatnonzero(fitted)
    step = np.zeros(count)
    try:
        step[chosen] = np.linalg.solve(hessian[np.ix_(chosen, chosen)], miss_m2[chosen])
    except np.linalg.LinAlgError as fault:
        raise FitError(
            "cells have lost their free neighbours, so no step is defined; check sites and domain"
        ) from fault
    return step


def _regular_triangulation(sites: FloatArray, weights: FloatArray) -> tuple[IntArray, FloatArray]:
    """Triangles (m × 3, site numbers; numbers ≥ n are far helpers that bound every cell) and their power centres."""
    # whole metres, so that sums and cosines that differ in the last digit give the same points
    middle = np.rint(sites.mean(axis=0))
    reach = np.ptp(sites, axis=0).max()
    turn = np.arange(6) * np.pi / 3
    helpers = middle + np.rint(reach * _FAR_FACTOR * np.c_[np.cos(turn), np.sin(turn)])
    points = (np.r_[sites, helpers] - middle) / reach
    lifted = np.r_[weights / reach**2, np.zeros(len(helpers))]
    heights = (points**2).sum(axis=1) - lifted
    hull = ConvexHull(np.c_[points, heights])
    lower = hull.equations[:, 2] < 0
    normal = hull.equations[lower]
    centres = -normal[:, :2] / (2 * normal[:, 2:3]) * reach + middle
    return hull.simplices[lower].astype(np.int64), centres


def _dual_edges(triangles: IntArray) -> IntArray:
    """One row per edge of the triangulation with a triangle on both sides: site, site, triangle, triangle."""
    edges = np.sort(
        np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1
    )
    owner = np.tile(np.arange(len(triangles)), 3)
    order = np.lexsort((owner, edges[:, 1], edges[:, 0]))
    edges, owner = edges[order], owner[order]
    twin = np.flatnonzero((edges[1:] == edges[:-1]).all(axis=1))
    return np.asarray(np.c_[edges[twin], owner[twin], owner[twin + 1]], dtype=np.int64)


def _cells(count: int, triangles: IntArray, centres: FloatArray) -> Geometries:
    """Convex cell of each site from the centres of its triangles; an empty polygon where a site has none."""
    corners: list[list[int]] = [[] for _ in range(count)]
    for number, triangle in enumerate(triangles):
        for site in triangle:
            if site < count:
                corners[site].append(number)
    return np.array(
        [
            shapely.convex_hull(shapely.multipoints(centres[c])) if len(c) > 2 else shapely.Polygon()
            for c in corners
        ],
        dtype=object,
    )
