"""Where to build next, on cells and candidates whose answers the eye can check."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.candidates import (
    grid_candidates,
    inside_units,
    make_candidates,
    office_candidates,
    place_candidates,
    within_reach,
)
from geo.crs import geodesic_m
from geo.demand import Demand, Need, find_demand
from geo.errors import InputError
from geo.people import count_people, people_in_cells
from geo.planning import cover_matrix, plan_sites, radii_of
from tests.tiny import grid_over, tiles_box, units_of, voronoi_units

TILE_M = 596.0
"""East-west side of a tile of `tests.tiny`, near 14.9° N: between 590 and 600 m."""
UNITS = units_of(A=tiles_box(0, 0, 6, 4), B=tiles_box(6, 0, 12, 4))
STRIPS = grid_over(0, 0, 12, 4, [[10, 10, 10, 10, 20, 20, 20, 20, 5, 5, 5, 5]])


def at(*places: tuple[float, float], cost: list[float] | None = None) -> gpd.GeoDataFrame:
    """Candidates in the middle of strips, counted in tiles east and south of the corner."""
    points = np.array([shapely.get_coordinates(tiles_box(x, y, x, y).centroid)[0] for x, y in places])
    return make_candidates(points, [f"c{number}" for number in range(len(places))], cost)


def test_demand_is_the_people_outside_coverage_of_each_unit() -> None:
    covered = tiles_box(0, 0, 4.5, 4)
    demand = find_demand(UNITS, STRIPS, covered)
    # half of the fifth strip is covered; A has strips 0-5, B 6-11
    assert demand.people.tolist() == pytest.approx([10, 20, 20, 20, 5, 5, 5, 5], rel=1e-6)
    assert demand.unit.tolist() == [0, 0, 1, 1, 1, 1, 1, 1]
    assert demand.weight.tolist() == demand.people.tolist()


def test_without_coverage_everybody_is_demand() -> None:
    assert find_demand(UNITS, STRIPS).people.sum() == pytest.approx(140)


def test_where_all_is_covered_there_is_no_demand() -> None:
    demand = find_demand(UNITS, STRIPS, tiles_box(-1, -1, 13, 5))
    assert len(demand.people) == 0
    plan = plan_sites(demand, at((3, 2)), radius=1000.0, sites=2)
    assert (len(plan.sites), plan.solution.proven, plan.summary()["people_gained"]) == (0, True, 0.0)


def test_need_weighs_people_by_the_score_of_their_unit() -> None:
    units = UNITS.assign(gap_score=[50.0, 100.0])
    demand = find_demand(units, STRIPS, need=Need.SCORE)
    assert demand.weight.sum() == pytest.approx(0.5 * 80 + 1.0 * 60)
    assert demand.unscored == 0.0


def test_a_unit_without_a_score_weighs_the_mean_of_the_others_and_is_said() -> None:
    demand = find_demand(UNITS.assign(gap_score=[40.0, np.nan]), STRIPS, need=Need.SCORE)
    assert demand.weight.sum() == pytest.approx(0.4 * 140)
    assert demand.unscored == pytest.approx(60)


def test_without_any_score_people_cannot_be_weighed() -> None:
    with pytest.raises(InputError, match="no unit has a gap score"):
        find_demand(UNITS, STRIPS, need=Need.SCORE)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000))
def test_people_in_cells_are_those_of_count_people(seed: int) -> None:
    units = voronoi_units(seed, 6)
    grid = grid_over(0, 0, 8, 8, np.random.default_rng(seed).gamma(0.5, 10, (13, 11)))
    unit, rows, columns, people = people_in_cells(grid, units.geometry.to_numpy())
    summed = np.bincount(unit, people, minlength=len(units))
    assert summed == pytest.approx(count_people(grid, units.geometry.to_numpy()), rel=1e-5)
    assert (people <= grid.values[rows, columns] * (1 + 1e-6)).all()


def test_one_site_stands_where_it_reaches_most_people() -> None:
    demand = find_demand(UNITS, STRIPS)
    # 1.6 strips to either side: the middle of strip 5 reaches 4, 5 and 6, that of strip 10 only 9, 10 and 11
    plan = plan_sites(demand, at((10.5, 2), (5.5, 2), (1.5, 2)), radius=1.6 * TILE_M, sites=1)
    row = plan.sites.iloc[0]
    assert (row["name"], row["people_gained"], row["order"]) == ("c1", pytest.approx(60), 1)
    assert plan.solution.proven


def test_the_curve_says_what_each_further_site_brings() -> None:
    demand = find_demand(UNITS, STRIPS)
    plan = plan_sites(demand, at((10.5, 2), (5.5, 2), (1.5, 2)), radius=1.6 * TILE_M, sites=3)
    assert plan.sites["name"].tolist() == ["c1", "c2", "c0"]
    assert plan.sites["people_gained"].tolist() == pytest.approx([60, 30, 15])
    assert plan.sites["people_cumulative"].tolist() == pytest.approx([60, 90, 105])
    assert plan.people_uncovered == pytest.approx(140)
    assert plan.people_reachable == pytest.approx(105)


def test_sites_decided_on_already_are_nobodys_gain() -> None:
    demand = find_demand(UNITS, STRIPS)
    plan = plan_sites(
        demand, at((10.5, 2), (5.5, 2), (1.5, 2)), radius=1.6 * TILE_M, sites=1, existing=at((5.5, 2))
    )
    assert plan.sites["name"].tolist() == ["c2"]
    assert plan.people_kept == pytest.approx(60)
    assert plan.sites["people_gained"].sum() == pytest.approx(30)


def test_a_budget_is_kept_and_costs_add_up() -> None:
    demand = find_demand(UNITS, STRIPS)
    places = at((10.5, 2), (5.5, 2), (1.5, 2), cost=[2.0, 9.0, 3.0])
    plan = plan_sites(demand, places, radius=1.6 * TILE_M, budget=5.0)
    assert plan.sites["name"].tolist() == ["c2", "c0"]
    assert plan.sites["cost_cumulative"].tolist() == [3.0, 5.0]


def test_every_candidate_may_reach_its_own_way() -> None:
    demand = find_demand(UNITS, STRIPS)
    plan = plan_sites(
        demand,
        at((10.5, 2), (5.5, 2)),
        radius=lambda sites: np.where(sites["name"] == "c0", 9e4, 1.0),
        sites=1,
    )
    assert plan.sites[["name", "radius_m"]].values.tolist() == [["c0", 9e4]]
    assert plan.sites["people_gained"].tolist() == pytest.approx([140])


def test_need_can_move_the_site() -> None:
    units = UNITS.assign(gap_score=[10.0, 100.0])
    places = at((1.5, 2), (9.5, 2))
    by_people = plan_sites(find_demand(units, STRIPS), places, radius=1.6 * TILE_M, sites=1)
    by_score = plan_sites(find_demand(units, STRIPS, need=Need.SCORE), places, radius=1.6 * TILE_M, sites=1)
    assert by_people.sites["name"].tolist() == ["c0"]
    assert by_score.sites["name"].tolist() == ["c1"]
    assert by_score.sites["people_gained"].tolist() == pytest.approx([15])
    assert by_score.sites["weight_gained"].tolist() == pytest.approx([15])


def test_distances_are_those_along_the_ground() -> None:
    demand = find_demand(UNITS, STRIPS)
    places = at((1.5, 2), (9.5, 2))
    points = shapely.get_coordinates(places.geometry.to_numpy())
    for metres in (500.0, 1000.0, 3000.0):
        covers = cover_matrix(places, demand, radii_of(places, metres)).toarray() > 0
        for place, point in enumerate(points):
            true = geodesic_m(np.tile(point, (len(demand.people), 1)), demand.centres) <= metres
            assert covers[place].tolist() == true.tolist()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), count=st.integers(1, 5))
def test_adding_a_site_never_lowers_coverage(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    demand = Demand(
        centres=random.uniform((105.0, 11.0), (105.2, 11.2), (80, 2)), people=random.integers(1, 9, 80).astype(float),
        weight=np.ones(80), unit=np.zeros(80, dtype=np.int64),
    )  # fmt: skip
    places = make_candidates(random.uniform((105.0, 11.0), (105.2, 11.2), (12, 2)), [""] * 12)
    fewer, more = (plan_sites(demand, places, radius=4000.0, sites=k) for k in (count, count + 1))
    assert more.solution.objective >= fewer.solution.objective


def test_grid_candidates_lie_in_a_unit_and_near_somebody() -> None:
    demand = find_demand(UNITS, STRIPS, tiles_box(0, 0, 10, 4))
    found = grid_candidates(UNITS, demand.centres, 300.0, 700.0)
    points = shapely.get_coordinates(found.geometry.to_numpy())
    assert inside_units(UNITS, points).all()
    assert within_reach(points, demand.centres, 700.0).all()
    assert found["name"].is_unique
    step = np.diff(np.sort(np.unique(found.to_crs(32648).geometry.x.round(1))))
    assert step.min() == pytest.approx(300.0, abs=0.2)


def test_places_and_offices_are_candidates() -> None:
    places = gpd.GeoDataFrame(
        {"name": ["Chợ", "Trường", "Trạm"], "class": ["town", "school", "clinic"]},
        geometry=at((1, 1), (2, 2), (3, 3)).geometry.to_numpy(), crs=4326,
    )  # fmt: skip
    assert place_candidates(places, ["school", "clinic"])["name"].tolist() == ["Trường", "Trạm"]
    offices = office_candidates(UNITS)
    assert offices["name"].tolist() == ["A", "B"]
    assert offices.geometry.within(UNITS.geometry).all()


DEMAND = find_demand(UNITS, STRIPS)


@pytest.mark.parametrize(
    ("work", "match"),
    [
        (lambda: plan_sites(DEMAND, at((1, 1))[:0], radius=1.0, sites=1), "no candidate site"),
        (lambda: plan_sites(DEMAND, at((1, 1)), radius=-5.0, sites=1), r"radius of -5.0 m \(1 such\)"),
        (lambda: plan_sites(DEMAND, at((1, 1)), radius=float("nan"), sites=1), "radius of nan m"),
        (lambda: plan_sites(DEMAND, at((1, 1)), radius=9.0), "neither a number of sites nor a budget"),
        (lambda: plan_sites(DEMAND, at((1, 1)), radius=9.0, budget=5.0), "1 of 1 candidates have no cost"),
        (
            lambda: plan_sites(DEMAND, at((1, 1), cost=[-1.0]), radius=9.0, budget=5.0),
            "cost of candidate 0 is -1.0",
        ),
        (lambda: grid_candidates(UNITS, DEMAND.centres, 0.0, 500.0), "spacing is 0.0 m"),
        (lambda: grid_candidates(UNITS, DEMAND.centres, 0.5, 500.0), "more than 50,000; give a wider one"),
        (lambda: grid_candidates(UNITS, DEMAND.centres[:0], 500.0, 500.0), "no point of a grid of 500 m"),
        (lambda: place_candidates(None, ["school"]), "there are no places"),
        (lambda: place_candidates(pd.DataFrame({"class": ["town"]}), ["school"]), r"there are town\)"),
    ],
)
def test_what_cannot_be_planned_is_named(work: Any, match: str) -> None:
    with pytest.raises(InputError, match=match):
        work()
