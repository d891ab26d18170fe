"""Weighted lines through each unit's quarters, and how far quarters scatter about them: the lower half of trends."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import optimize

from geo.arrays import FloatArray
from geo.pooling import LEAST_RESIDUALS, LEAST_VARIANCE, log_of_mean

MIN_PEERS: Final = 4
"""Fewer units with a trend have no median to speak of: each is then fitted by itself and has no direction."""
_ROUNDS: Final = 5
_MOST_CORRELATION: Final = 0.9


@dataclass(frozen=True)
class Series:
    """`years` (quarters,); per unit and quarter log of Mbps and devices, null without tests."""

    years: FloatArray
    log_mbps: FloatArray
    devices: FloatArray


@dataclass(frozen=True)
class Lines:
    """Per unit a weighted line through its gaps: mean year and gap, slope per year and its variance; residuals (units,
    quarters) in standard deviations, null without tests.
    """

    mean_year: FloatArray
    mean_gap: FloatArray
    slope: FloatArray
    variance: FloatArray
    residual: FloatArray
    square: FloatArray


@dataclass(frozen=True)
class Noise:
    """Variance of a quarter's log mean about its unit's line: ψ'(devices / sigma2) + phi2."""

    sigma2: float
    phi2: float


def variances(series: Series, noise: Noise) -> FloatArray:
    """(units, quarters) variance of each log mean about its line; null without tests."""
    chance = log_of_mean(noise.sigma2 / series.devices)[1]
    return np.maximum(chance + noise.phi2, LEAST_VARIANCE)


def gaps(series: Series, noise: Noise) -> tuple[FloatArray, FloatArray]:
    """(units, quarters) log speed, corrected for bias, less the median of the quarter, and (quarters,) that median.

    Under `MIN_PEERS` units the speeds themselves, and zeros.
    """
    value = series.log_mbps + log_of_mean(noise.sigma2 / series.devices)[0]
    if len(value) < MIN_PEERS:
        return value, np.zeros(value.shape[1])
    median = np.nanmedian(value, axis=0)
    return value - median, np.asarray(median, dtype=float)


def fit_lines(years: FloatArray, gap: FloatArray, variance: FloatArray) -> Lines:
    """Weighted least squares of every row of `gap` on `years`, weights 1 / variance; null cells have no weight."""
    known = ~np.isnan(gap)
    weight = np.where(known, 1 / np.where(known, variance, 1.0), 0.0)
    total = weight.sum(axis=1)
    value = np.where(known, gap, 0.0)
    mean_year, mean_gap = (weight * years).sum(axis=1) / total, (weight * value).sum(axis=1) / total
    # centred on each unit's weighted means: sums of raw years squared would lose half the digits
    centred = years - mean_year[:, None]
    square = (weight * centred**2).sum(axis=1)
    slope = (weight * centred * (value - mean_gap[:, None])).sum(axis=1) / square
    error = value - mean_gap[:, None] - slope[:, None] * centred
    # a line passes near the points it was fitted to: their residuals are short by their leverage
    free = 1 - weight / total[:, None] - weight * centred**2 / square[:, None]
    usable = known & (free > 0.05)
    scale = np.where(usable, np.where(known, variance, 1.0) * free, 1.0)
    residual = np.where(usable, error / np.sqrt(scale), np.nan)
    return Lines(
        mean_year, mean_gap, slope, 1 / square, residual, np.where(usable, residual**2 * variance, np.nan)
    )


def fit_noise(series: Series) -> tuple[Noise, float]:
    """Scatter about the lines, as part by devices and part not, and its degrees of freedom.

    Squared residuals on ψ'(devices / sigma2) and 1 by weighted least squares, neither below 0, iterated.
    """
    noise = Noise(1.0, 0.02)
    cells = int(np.isfinite(series.log_mbps).sum())
    medians = len(series.years) if len(series.log_mbps) >= MIN_PEERS else 0
    freedom = float(cells - 2 * len(series.log_mbps) - medians)
    if freedom < LEAST_RESIDUALS:
        return noise, freedom
    for _ in range(_ROUNDS):
        variance = variances(series, noise)
        square = fit_lines(series.years, gaps(series, noise)[0], variance).square
        used = np.isfinite(square)
        sigma2 = max(noise.sigma2, 1e-6)
        by_device = log_of_mean(sigma2 / series.devices[used])[1] / sigma2
        design = np.column_stack([by_device, np.ones(used.sum())]) / variance[used][:, None]
        found, _ = optimize.nnls(design, square[used] / variance[used])
        # medians were fitted as well: that much of the scatter has gone into them
        found *= (freedom + medians) / freedom
        noise = Noise(float(found[0]), float(found[1]))
    return noise, freedom


def inflation(residual: FloatArray) -> float:
    """By how much residuals that resemble their neighbours in time widen a slope: (1 + r) / (1 − r), r ≥ 0 of lag one
    (Bartlett 1935, J. R. Stat. Soc. 98:536-543).
    """
    before, after = residual[:, :-1], residual[:, 1:]
    both = np.isfinite(before) & np.isfinite(after)
    power = float((before[both] ** 2).sum() * (after[both] ** 2).sum()) ** 0.5
    if power <= 0:
        return 1.0
    correlation = float(np.clip((before[both] * after[both]).sum() / power, 0.0, _MOST_CORRELATION))
    return (1 + correlation) / (1 - correlation)
