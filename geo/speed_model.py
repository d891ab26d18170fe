"""The model behind a list's speeds: levels of quarters, scatter of tests, spread between units, and what follows for a unit.

Lower half of `geo.shrinkage`; METHODS.md, "Speed", has every formula and what came of trying it on real tiles.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from geo.arrays import FLOAT_NOISE, BoolArray, FloatArray, IntArray, ratio
from geo.pooling import (
    LEAST_SPARE,
    Prior,
    excess_variance,
    fit_prior,
    half_widths,
    log_of_mean,
    own_weight,
    shrink,
)
from geo.tile_pairs import Pairs, relative_variance, tile_mixture, variance_components

STEP_SD: Final = 0.2
"""How far the level of all units is expected to move in a quarter, in logs, before the tiles are asked. A quarter with a
handful of tests then cannot move the rest. Real steps of five years: 0.05 to 0.08 at the median, 0.32 at most (METHODS.md)."""
_ROUNDS: Final = 3
"""Levels, scatter and again: the third round moves nothing that is printed."""


@dataclass(frozen=True)
class SpeedModel:
    """All that a list of units and a network share. Logs and relative variances, but for `freedom` (a count).

    `levels` (quarters,): log level of a quarter over the newest; `level_variance`: their covariance. `sigma2`, `omega2`:
    see `geo.tile_pairs`; `phi2`: of a unit's own wobble from quarter to quarter; `prior` is None where units are too few
    to be pooled; `freedom`: degrees for Student's t.
    """

    levels: FloatArray
    level_variance: FloatArray
    sigma2: float
    omega2: float
    phi2: float
    prior: Prior | None
    freedom: float


@dataclass(frozen=True)
class UnitSpeeds:
    """One value per unit, null without tests: `mean_mbps` weighted and levelled, its log corrected for bias (`value`) with
    sampling `variance`, `weight` of its own in the `estimate`, log `group_mean` it is drawn to, and the interval (Mbps), from
    `spread`, the variance of the estimate's log.
    """

    mean_mbps: FloatArray
    value: FloatArray
    variance: FloatArray
    weight: FloatArray
    group_mean: FloatArray
    spread: FloatArray
    estimate_mbps: FloatArray
    low_mbps: FloatArray
    high_mbps: FloatArray


def quarter_weights(quarters: int, quarter_weight: float) -> FloatArray:
    """(quarters,) from the oldest: 0.125, 0.25, 0.5, 1 for four quarters of weight 0.5."""
    return np.asarray(quarter_weight ** np.arange(quarters - 1, -1, -1.0), dtype=float)


def enough_devices(pairs: Pairs, min_devices: float) -> BoolArray:
    """(units,) whether a unit has the devices that an estimate needs."""
    # three devices shared out and summed again can come to 2.9999999999999996
    return np.asarray(pairs.sum_units(pairs.devices) >= max(min_devices, FLOAT_NOISE) - FLOAT_NOISE)


def has_speed(pairs: Pairs) -> BoolArray:
    """(units,) whether any test of a unit was above 0: nothing else has a logarithm, and a say in the model."""
    return np.asarray(pairs.sum_units(pairs.tests * pairs.mbps) > 0)


def number_groups(groups: Sequence[str] | None, enough: BoolArray) -> IntArray:
    """(units,) number of each unit's group; one group for all where groups leave too few units to compare, or for None.

    A unit whose group has no unit with `enough` devices is put into group 0: nothing is estimated for it.
    """
    numbers = np.zeros(len(enough), dtype=np.int64)
    if groups is None:
        return numbers
    names, found = np.unique(np.asarray(groups, dtype=str)[enough], return_inverse=True)
    if len(found) - len(names) < LEAST_SPARE:
        return numbers
    numbers[enough] = found
    return numbers


def fit_speed(pairs: Pairs, weights: FloatArray, enough: BoolArray, groups: IntArray) -> SpeedModel | None:
    """The shared part, from `pairs` and the `weights` (quarters,); None where tests are too few to say how they scatter.

    Only units with `enough` devices have a say in the prior; all tests have one in levels and scatter.
    """
    model = SpeedModel(
        np.zeros(pairs.quarters), np.zeros((pairs.quarters, pairs.quarters)), 1.0, 0.0, 0.02, None, 0.0
    )
    for _ in range(_ROUNDS):
        model = fit_levels(pairs, model)
        scatter = _scatter(pairs, model)
        if scatter is None:
            return None
        sigma2, omega2, freedom = scatter
        model = replace(model, sigma2=sigma2, omega2=omega2, freedom=float(freedom))
        model = replace(model, phi2=_wobble(pairs, model))
    _, value, variance = own_values(pairs, weights, model)
    prior = fit_prior(value[enough], variance[enough], groups[enough])
    return replace(model, prior=prior, freedom=min(model.freedom, prior.freedom) if prior else model.freedom)


def _scatter(pairs: Pairs, model: SpeedModel) -> tuple[float, float, int] | None:
    """`variance_components` of the levelled pairs, over their units' means."""
    levelled = _level(pairs, model)
    mean = ratio(levelled.sum_units(levelled.tests * levelled.mbps), levelled.sum_units(levelled.tests))
    known = np.asarray(mean[pairs.unit] > 0)
    relative = levelled.mbps[known] / mean[pairs.unit[known]]
    return variance_components(levelled.select(known), relative)


def _cells(pairs: Pairs, model: SpeedModel) -> tuple[FloatArray, FloatArray]:
    """(units, quarters) log mean, corrected for bias, and its variance about the unit's but for phi2; null without tests."""
    tests = pairs.sum_cells(pairs.tests)
    speed = pairs.sum_cells(pairs.tests * pairs.mbps)
    known = speed > 0
    chance = pairs.sum_cells(pairs.tests**2 / pairs.devices) / np.where(known, tests, 1.0) ** 2
    relative = model.sigma2 * chance + model.omega2 * tile_mixture(pairs)
    low, variance = log_of_mean(np.where(known, relative, np.nan))
    mean = np.where(known, np.log(np.where(known, speed / np.where(known, tests, 1.0), 1.0)), np.nan)
    return mean + low, variance


def fit_levels(pairs: Pairs, model: SpeedModel) -> SpeedModel:
    """Log levels of quarters, from units tested in several: least squares on units and quarters, steps held by `STEP_SD`."""
    value, variance = _cells(pairs, model)
    weight = np.where(np.isnan(variance), 0.0, 1 / (np.nan_to_num(variance) + model.phi2 + 1e-9))
    total = weight.sum(axis=1)
    weight, value, total = weight[total > 0], np.nan_to_num(value)[total > 0], total[total > 0]
    centred = value - ((weight * value).sum(axis=1) / total)[:, None]
    normal = np.diag(weight.sum(axis=0)) - (weight.T / total) @ weight
    step = np.diff(np.eye(pairs.quarters), axis=0)
    normal = (normal + step.T @ step / STEP_SD**2)[:-1, :-1]
    variance_of_levels = np.zeros_like(model.level_variance)
    variance_of_levels[:-1, :-1] = np.linalg.inv(normal)
    levels = variance_of_levels[:, :-1] @ (weight * centred).sum(axis=0)[:-1]
    return replace(model, levels=levels, level_variance=variance_of_levels)


def _level(pairs: Pairs, model: SpeedModel) -> Pairs:
    """The pairs with their speeds brought to the newest quarter's level."""
    return replace(pairs, mbps=pairs.mbps * np.exp(-model.levels[pairs.quarter]))


def _wobble(pairs: Pairs, model: SpeedModel) -> float:
    """phi2: what a unit moves from quarter to quarter beyond all units' movement and chance."""
    value, variance = _cells(pairs, model)
    value = value - model.levels
    seen = ~np.isnan(value)
    weight = np.where(seen, 1 / (np.nan_to_num(variance) + model.phi2 + 1e-9), 0.0)
    centre = (weight * np.nan_to_num(value)).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-300)
    freedom = int(seen.sum() - seen.any(axis=1).sum() - (seen.any(axis=0).sum() - 1))
    squares = (value - centre[:, None])[seen] ** 2
    # residuals about a mean that was fitted to them are short by the share of one among those of its unit
    share = (weight / np.maximum(weight.sum(axis=1), 1e-300)[:, None])[seen]
    kept = share < 1 - FLOAT_NOISE
    if freedom < LEAST_SPARE:
        return 0.0
    return excess_variance(squares[kept], variance[seen][kept], float(freedom))


def own_values(
    pairs: Pairs, weights: FloatArray, model: SpeedModel
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(units,) levelled weighted mean (Mbps), its log corrected for bias, and the variance of that."""
    levelled = _level(pairs, model)
    faded = levelled.tests * weights[levelled.quarter]
    mean = ratio(levelled.sum_units(faded * levelled.mbps), levelled.sum_units(faded))
    low, sampling = log_of_mean(relative_variance(levelled, faded, model.sigma2, model.omega2))
    shares = _quarter_shares(pairs, weights)
    value = np.log(np.where(mean > 0, mean, np.nan)) + low
    return mean, value, sampling + model.phi2 * (shares**2).sum(axis=1)


def _quarter_shares(pairs: Pairs, weights: FloatArray) -> FloatArray:
    """(units, quarters) share of each quarter in the unit's weights; zeros without tests."""
    cells = pairs.sum_cells(pairs.tests * weights[pairs.quarter])
    return np.asarray(cells / np.maximum(cells.sum(axis=1, keepdims=True), 1e-300), dtype=float)


def estimate_units(
    pairs: Pairs, weights: FloatArray, model: SpeedModel | None, groups: IntArray
) -> UnitSpeeds:
    """Every unit by the model: drawn to its group's mean where there is a prior, its own value else, its plain mean without.

    A unit whose tests all gave 0 is 0 Mbps, as measured, without an interval.
    """
    if model is None:
        faded = pairs.tests * weights[pairs.quarter]
        mean = ratio(pairs.sum_units(faded * pairs.mbps), pairs.sum_units(faded))
        null = np.full(pairs.units, np.nan)
        return UnitSpeeds(mean, null, null, np.ones(pairs.units), null, null, mean, null, null)
    mean, value, variance = own_values(pairs, weights, model)
    estimate, spread, weight, group_mean = value, variance, np.ones(pairs.units), np.full(pairs.units, np.nan)
    if model.prior is not None:
        weight, group_mean = own_weight(variance, model.prior), model.prior.mean[groups]
        estimate, spread = shrink(value, variance, model.prior, groups)
    shares = _quarter_shares(pairs, weights)
    # an error in the quarters' levels is all units' alike: pooling does not lessen it
    spread = spread + np.einsum("uq,qr,ur->u", shares, model.level_variance, shares)
    half = half_widths(spread, model.freedom)
    return UnitSpeeds(
        mean,
        value,
        variance,
        weight,
        group_mean,
        spread,
        np.where(mean == 0, 0.0, np.exp(estimate)),
        np.exp(estimate - half),
        np.exp(estimate + half),
    )
