"""The benchmark measures what it says: a clean province, and two joins that give the same answer."""

import numpy as np
import pytest
import shapely

from tests import bench, bench_planning
from tests.bench import join_tests, overlay_tests, time_planning
from tests.bench_data import Province, make_province
from tests.bench_rollout import VERTICES, make_offers, time_rollout


@pytest.fixture(scope="module")
def province() -> Province:
    return make_province(seed=1, tiles=2_000, synthetic=True)


def test_the_synthetic_province_is_a_clean_coverage(province: Province) -> None:
    shapes = province.units.geometry.to_numpy()
    assert len(shapes) == 95
    assert 350_000 < shapely.get_num_coordinates(shapes).sum() < 400_000
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert province.tiles["quadkey"].is_unique
    assert len(province.claims) == 12


def test_both_joins_find_the_same(province: Province) -> None:
    ours, theirs = join_tests(province), overlay_tests(province)
    assert set(ours.index) == set(theirs.index)
    assert np.abs(ours / theirs.reindex(ours.index) - 1).max() < 1e-9


def test_the_rollout_is_timed_on_areas_of_100_corners(province: Province) -> None:
    offers = make_offers(province, 3, np.random.default_rng(1))
    assert [shapely.get_num_coordinates(offer.area) - 1 for offer in offers] == [VERTICES] * 3
    assert all(offer.area.is_valid for offer in offers)
    rows = time_rollout(province, checks=2, many=3)
    assert len(rows) == 4
    assert all(seconds > 0 for _, seconds, _ in rows)


def test_planning_is_timed_beside_spopt_which_is_ended_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(_problem: object, what: str, _limit: float) -> bench_planning.Result:
        return bench_planning.Result(what, 1.5, 10.0, 12.0, "gap 1 %")

    def silent(seed: int, radius_m: float, _limit: float, patience: float) -> bench_planning.Result:
        asked.append((seed, radius_m, patience))
        return bench_planning.Result("spopt + CBC", patience, np.nan, np.nan, "no answer")

    monkeypatch.setattr(bench_planning, "time_ours", answer)
    monkeypatch.setattr(bench_planning, "time_spopt_within", silent)
    rows = time_planning(5.0, 7.0)
    assert asked == [(bench.PLANNING_SEED, bench_planning.COMPARED_M, 7.0)]
    assert [row.what.split(",")[0] for row in rows] == ["planning: seed 1"] * 3 + ["planning: spopt + CBC"]
    assert (rows[0].seconds, rows[0].note) == (1.5, "people covered 10.0, bound 12.0; gap 1 %")
    assert (rows[3].seconds, rows[3].note) == (7.0, "people covered –, bound –; no answer")
    assert len(time_planning(5.0, 0.0)) == 3
