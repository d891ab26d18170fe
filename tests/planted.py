"""Quarters with trends that are known, for the tests of trends and for `make validate`."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Planted:
    """`by_quarter` as `geo.speed.aggregate_speed` makes it; per unit its own slope of log speed per year beside the shared
    one, its level, and its true trend in the newest quarter (Mbps per year)."""

    by_quarter: pd.DataFrame
    slope: FloatArray
    level: FloatArray
    mbps_per_year: FloatArray


def plant(
    seed: int, *, units: int = 95, quarters: int = 12, slope: float = 0.0, share: float = 0.0, devices: float = 40.0,
    growth: float = 0.1, wobble: float = 0.1, shock: float = 0.1,
) -> Planted:  # fmt: skip
    """The first `share` of the units move by `slope` a year more than the rest, reaching their level in the newest quarter.

    All grow by `growth` a year. A unit wobbles by `wobble` (log) each quarter, all units together by `shock`; a mean over n
    devices is gamma with relative variance 1.4 / n, about what real tiles have.
    """
    rng = np.random.default_rng(seed)
    years = np.arange(quarters) / 4
    names = [f"{2022 + k // 4}Q{k % 4 + 1}" for k in range(quarters)]
    counts = np.maximum(1.0, rng.poisson(rng.gamma(1.2, devices / 1.2, (units, 1)) * np.ones(quarters)))
    own = np.where(np.arange(units) < share * units, slope, 0.0)
    level = np.log(50) + rng.normal(0, 0.3, units)
    shared = growth * (years - years[-1]) + rng.normal(0, shock, quarters)
    line = level[:, None] + own[:, None] * (years - years[-1]) + shared
    mean = np.exp(line + rng.normal(0, wobble, line.shape))
    found = mean * rng.gamma(counts / 1.4, 1.4 / counts)
    frame = pd.DataFrame(
        {
            "unit_code": np.repeat([f"{unit:03}" for unit in range(units)], quarters),
            "network": "mobile",
            "quarter": np.tile(names, units),
            "download_raw_mbps": found.ravel(),
            "tests": 1.5 * counts.ravel(),
            "devices": counts.ravel(),
        }
    )
    return Planted(frame, own, level, (own + growth) * np.exp(line[:, -1]))
