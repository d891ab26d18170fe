"""The benchmark measures what it says: a clean province, and two joins that give the same answer."""

import numpy as np
import pytest
import shapely

from tests.bench import join_tests, overlay_tests
from tests.bench_data import Province, make_province


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
