"""Shares at their upper end: noise of single-precision sums is 1, anything more is left to be seen."""

import numpy as np
import pytest

from geo.arrays import share_of


@pytest.mark.parametrize(
    ("part", "share"),
    [(5.0, 0.5), (10.0, 1.0), (10.0 * (1 + 1e-16), 1.0), (10.0 * (1 + 4e-9), 1.0), (10.0 * (1 + 2e-7), 1.0)],
)
def test_noise_above_one_is_one(part: float, share: float) -> None:
    assert share_of(np.array([part]), np.array([10.0])).tolist() == [share]


def test_a_fault_is_left_to_be_seen() -> None:
    assert share_of(np.array([10.001]), np.array([10.0]))[0] > 1
