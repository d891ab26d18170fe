"""How intervals narrow with devices: the formula recovered from a table, and a need that is just enough."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.precision import Z90, devices_missing, fit_precision, log_half_width


def _width(devices: np.ndarray, sigma: float, pooling: float) -> np.ndarray:
    return Z90 * sigma / np.sqrt(devices + pooling)


@settings(max_examples=40, deadline=None)
@given(sigma=st.floats(0.1, 2), pooling=st.floats(0, 40), seed=st.integers(0, 99))
def test_pooling_and_spread_are_read_back_from_a_table(sigma: float, pooling: float, seed: int) -> None:
    devices = np.random.default_rng(seed).uniform(3, 500, 20)
    found = fit_precision(_width(devices, sigma, pooling), devices)
    assert found.pooling == pytest.approx(pooling, abs=1e-6)
    assert found.scale == pytest.approx((Z90 * sigma) ** 2, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    sigma=st.floats(0.2, 1.5),
    pooling=st.floats(0, 40),
    devices=st.floats(1, 300),
    wanted=st.floats(0.05, 0.5),
)
def test_the_devices_asked_for_are_just_enough(
    sigma: float, pooling: float, devices: float, wanted: float
) -> None:
    now = _width(np.array([devices]), sigma, pooling)
    more = devices_missing(now, wanted, np.array([devices]), pooling)
    assert more == np.ceil(more)
    assert _width(devices + more, sigma, pooling)[0] <= wanted * (1 + 1e-6)
    if more[0] > 0:
        assert _width(devices + more - 1, sigma, pooling)[0] >= wanted * (1 - 1e-6)


def test_half_width_is_of_logarithms_and_needs_two_ends() -> None:
    low, high = np.array([10.0, 0.0, 10.0, np.nan, 10.0]), np.array([40.0, 40.0, np.inf, 40.0, 10.0])
    assert log_half_width(low, high) == pytest.approx([np.log(2), np.nan, np.nan, np.nan, 0.0], nan_ok=True)


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_few_units_tell_nothing_of_pooling(count: int) -> None:
    devices = np.arange(1.0, count + 1)
    found = fit_precision(_width(devices, 1.0, 5.0), devices)
    assert found.pooling == 0
    assert np.isnan(found.scale)
    assert np.isnan(found.devices_for(0.2))


def test_units_that_narrow_the_wrong_way_tell_nothing_either() -> None:
    devices = np.arange(1.0, 9.0)
    assert fit_precision(devices / 10, devices).pooling == 0
    assert fit_precision(np.full(8, 0.3), np.full(8, 20.0)).pooling == 0


def test_a_need_beyond_all_reason_is_null() -> None:
    assert np.isnan(devices_missing(np.array([2.0]), 1e-6, np.array([5.0]), 0.0)).all()
