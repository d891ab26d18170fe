"""The benchmark measures what it says: a clean province, and two joins that give the same answer."""

import numpy as np
import pytest
import shapely

from tests.bench import join_tests, overlay_tests
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
