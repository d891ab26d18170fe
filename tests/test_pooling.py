"""Pooling of many small groups: against published figures, against a search by hand, and what must always hold."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from geo.pooling import LIMIT, Prior, excess_variance, fit_prior, half_widths, log_of_mean, own_weight, shrink

FloatArray = npt.NDArray[np.float64]

TRIALS = np.array(
    [
        (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
        (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600),
        (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
    ],
    dtype=float,
)  # fmt: skip
"""Thirteen trials of the BCG vaccine (Colditz et al. 1994): ill and well, vaccinated and not."""


def _one_group(count: int) -> npt.NDArray[np.int64]:
    return np.zeros(count, dtype=np.int64)


def _log_odds() -> tuple[FloatArray, FloatArray]:
    a, b, c, d = TRIALS.T
    return np.log(a * d / (b * c)), (1 / TRIALS).sum(axis=1)


def test_plain_reml_gives_the_published_figures_of_the_bcg_trials() -> None:
    # metafor, rma(measure="OR", method="REML"): tau^2 0.3378, estimate -0.7452, standard error 0.1860
    values, variances = _log_odds()
    prior = fit_prior(values, variances, _one_group(13), adjusted=False)
    assert prior is not None
    assert prior.tau2 == pytest.approx(0.3378, abs=5e-5)
    assert prior.mean.tolist() == pytest.approx([-0.7452], abs=5e-5)
    assert np.sqrt(prior.mean_variance).tolist() == pytest.approx([0.1860], abs=5e-5)


def test_the_adjusted_estimate_is_the_highest_point_of_a_fine_search() -> None:
    values, variances = _log_odds()
    tau2 = np.exp(np.linspace(-6, 3, 200_001))
    weight = 1 / (variances[:, None] + tau2)
    mean = (weight * values[:, None]).sum(axis=0) / weight.sum(axis=0)
    height = np.log(tau2) + (np.log(weight).sum(axis=0) - np.log(weight.sum(axis=0))) / 2
    height -= (weight * (values[:, None] - mean) ** 2).sum(axis=0) / 2
    prior = fit_prior(values, variances, _one_group(13))
    assert prior is not None
    assert prior.tau2 == pytest.approx(tau2[np.argmax(height)], rel=1e-4)
    assert prior.tau2 > 0.3378
    assert prior.freedom == 11


def test_units_that_look_alike_are_not_called_alike_for_certain() -> None:
    values, variances = np.full(8, 3.0), np.full(8, 0.5)
    plain = fit_prior(values, variances, _one_group(8), adjusted=False)
    adjusted = fit_prior(values, variances, _one_group(8))
    assert plain is not None
    assert adjusted is not None
    assert plain.tau2 < 1e-6
    assert adjusted.tau2 > 0.05


@pytest.mark.parametrize(("count", "groups"), [(0, 0), (1, 1), (3, 1), (4, 2), (6, 4), (5, 3)])
def test_too_few_units_beyond_the_groups_have_no_prior(count: int, groups: int) -> None:
    numbers = np.arange(count) % max(groups, 1)
    assert fit_prior(np.arange(count, dtype=float), np.ones(count), numbers) is None


def test_groups_have_means_of_their_own_and_one_spread() -> None:
    values = np.array([1.0, 1.1, 0.9, 1.0, 9.0, 9.1, 8.9, 9.0])
    prior = fit_prior(values, np.full(8, 0.01), np.repeat([0, 1], 4))
    assert prior is not None
    assert prior.mean.tolist() == pytest.approx([1.0, 9.0], abs=1e-6)
    assert prior.tau2 < 0.1
    assert prior.freedom == 5


@pytest.mark.parametrize(("units", "noise"), [(6, 1.0), (12, 3.0), (40, 1.0), (40, 8.0), (95, 0.3)])
def test_nine_in_ten_intervals_hold_the_truth(units: int, noise: float) -> None:
    rng = np.random.default_rng(units)
    inside = []
    for _ in range(300):
        variances = noise * rng.gamma(1.0, 1.0, units) + 0.01
        truth = 2 + rng.normal(0, 1, units)
        values = truth + rng.normal(0, np.sqrt(variances))
        prior = fit_prior(values, variances, _one_group(units))
        assert prior is not None
        estimate, spread = shrink(values, variances, prior, _one_group(units))
        inside.append(np.abs(truth - estimate) <= half_widths(spread, prior.freedom))
    # few units: on the wide side, never on the narrow one
    assert 0.87 <= np.mean(inside) <= (0.975 if units < 10 else 0.95)


PRIORS = st.builds(
    lambda mean, spread, tau2: Prior(np.array([mean]), np.array([spread]), tau2, 20.0),
    st.floats(-5, 5), st.floats(0, 1), st.floats(1e-6, 10),
)  # fmt: skip


@given(PRIORS, st.floats(-8, 8), st.floats(0, 50), st.floats(0, 1))
def test_an_estimate_lies_between_the_value_and_the_mean_and_near_enough_to_the_value(
    prior: Prior, value: float, variance: float, less: float
) -> None:
    values, variances = np.array([value, value]), np.array([variance, variance * less])
    estimate, spread = shrink(values, variances, prior, _one_group(2))
    low, high = min(value, prior.mean[0]), max(value, prior.mean[0])
    assert ((low - 1e-12 <= estimate) & (estimate <= high + 1e-12)).all()
    assert (np.abs(estimate - values) <= LIMIT * np.sqrt(variances) + 1e-12).all()
    # less sampling variance never widens the interval
    assert spread[1] <= spread[0] * (1 + 1e-9)


def test_a_value_without_error_is_kept_and_one_far_off_is_moved_no_further_than_its_limit() -> None:
    prior = Prior(np.array([0.0]), np.array([0.1]), 1.0, 20.0)
    assert own_weight(np.array([0.0, 1.0, 9.0]), prior).tolist() == pytest.approx([1, 0.5, 0.1])
    estimate, spread = shrink(np.array([4.0, 1.0, 60.0]), np.array([0.0, 1.0, 9.0]), prior, _one_group(3))
    assert estimate.tolist() == pytest.approx([4.0, 0.5, 60 - 1.5 * 3])
    assert spread.tolist() == pytest.approx([0.0, 0.5 + 0.25 * 0.1, 0.9 + 0.81 * 0.1])


def test_half_widths_are_students() -> None:
    # 90 % two-sided, from a printed table: 2.920 for 2 degrees, 1.812 for 10, 1.645 for very many
    assert half_widths(np.full(1, 4.0), 2).tolist() == pytest.approx([2 * 2.920], abs=1e-3)
    assert half_widths(np.full(1, 1.0), 10).tolist() == pytest.approx([1.812], abs=1e-3)
    assert half_widths(np.full(1, 1.0), 1e7).tolist() == pytest.approx([stats.norm.ppf(0.95)], abs=1e-3)


def test_excess_variance_solves_its_equation() -> None:
    squares, variances = np.array([1.0, 4.0, 9.0, 2.0]), np.array([0.5, 1.0, 1.0, 0.1])
    excess = excess_variance(squares, variances, 3.0)
    assert (squares / (variances + excess)).sum() == pytest.approx(3.0)
    assert excess_variance(np.full(5, 0.5), np.ones(5), 4.0) == 0.0
    assert excess_variance(np.ones(5), np.ones(5), 0.0) == 0.0
    assert excess_variance(np.full(4, 1e6), np.ones(4), 3.0, upper=2.0) == 2.0


def test_logs_of_means_are_as_low_and_as_scattered_as_drawn_ones() -> None:
    rng = np.random.default_rng(1)
    for relative in (0.01, 0.1, 0.5, 1.4):
        drawn = np.log(rng.gamma(1 / relative, relative, 400_000))
        low, variance = log_of_mean(np.array([relative]))
        assert low[0] == pytest.approx(-drawn.mean(), abs=0.006)
        assert variance[0] == pytest.approx(drawn.var(), rel=0.01)
    # exponential means: Euler's constant and pi squared over six
    low, variance = log_of_mean(np.array([1.0, 0.0, np.nan]))
    assert low.tolist() == pytest.approx([0.5772156649, 0, np.nan], abs=1e-9, nan_ok=True)
    assert variance.tolist() == pytest.approx([np.pi**2 / 6, 0, np.nan], abs=1e-9, nan_ok=True)
