"""How an interval of a speed narrows with more devices: what new tests would be needed to say more.

After shrinkage in logs (DESIGN §5) the variance of an estimate from n devices is σ² / (n + k), k = σ² / τ², so that its
squared half-width h² falls as 1 / (n + k). k is read from the table itself: 1 / h² is linear in n.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from geo.arrays import FloatArray

Z90: Final = 1.6448536269514722
"""The 95 % point of the standard normal: a 90 % interval reaches that many standard deviations either way."""
MOST_DEVICES: Final = 100_000.0
"""More than this in one commune is no advice: such a need is null."""
_MIN_UNITS: Final = 5


def log_half_width(low: FloatArray, high: FloatArray) -> FloatArray:
    """Half the width of an interval of speeds in natural logarithms; null without two finite ends above 0."""
    usable = (low > 0) & np.isfinite(high) & (high >= low)
    return 0.5 * np.log(np.where(usable, high, np.nan) / np.where(usable, low, np.nan))


@dataclass(frozen=True)
class Precision:
    """h² = scale / (n + pooling): pooling in devices (k), scale the squared half-width (in logs) of one device alone.

    `scale` is null and `pooling` 0 where the table cannot tell.
    """

    pooling: float = 0.0
    scale: float = np.nan

    def devices_for(self, wanted: float) -> float:
        """Devices that a unit of ordinary spread needs for this half-width; null where the table cannot tell."""
        return float(np.maximum(0.0, self.scale / wanted**2 - self.pooling))


def fit_precision(half_width: FloatArray, devices: FloatArray) -> Precision:
    """Least squares of 1/h² on n over the units with an interval (5 at least), each weighted by its relative error."""
    usable = (half_width > 0) & (devices > 0)
    h, n = half_width[usable], devices[usable]
    if len(h) < _MIN_UNITS or np.ptp(n) == 0:
        return Precision()
    slope, start = np.polyfit(n, h**-2, 1, w=h**2)
    return Precision(max(0.0, float(start / slope)), float(1 / slope)) if slope > 0 else Precision()


def devices_missing(
    half_width: FloatArray, wanted: FloatArray | float, devices: FloatArray, pooling: float
) -> FloatArray:
    """Devices still missing until the half-width (in logs) is `wanted`, at the estimate as it stands; rounded up.

    n' = (n + k)·(h / h')² − k, less the n there are. Null where either width or n is not known, and beyond `MOST_DEVICES`.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = (devices + pooling) * (half_width / wanted) ** 2 - pooling - devices
    # rounded first, so that float noise does not ask for one device more
    missing = np.ceil(np.round(np.maximum(needed, 0.0), 6))
    return np.where(missing <= MOST_DEVICES, missing, np.nan)
