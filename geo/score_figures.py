"""The goals table as matrices, which scores and ranks are drawn from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Figures:
    """The goals table as matrices, units × dimensions; units sorted by code, dimensions of weight 0 left out.

    `value` is null where no estimate is known; the ends are null where nothing is known, `high` may be infinite.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    units: tuple[str, ...]
    goal: FloatArray
    worst: FloatArray
    weight: FloatArray
    value: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def has_score(self) -> BoolArray:
        """Units of which some deficit is known; the others have no score and no rank."""
        return np.asarray(~np.isnan(self.value).all(axis=1))


def figures_of(goals: pd.DataFrame) -> Figures:
    """The table `goals` as matrices; a deficit that the ends settle without an estimate counts as an estimate."""
    used = goals[goals["weight"] > 0]
    about = used.drop_duplicates("dimension").set_index("dimension")
    names = tuple(about.index.astype(str))
    codes = tuple(sorted(goals["unit_code"].astype(str).unique()))

    def matrix(column: str) -> FloatArray:
        wide = used.pivot_table(index="unit_code", columns="dimension", values=column, dropna=False)
        return wide.reindex(index=list(codes), columns=list(names)).to_numpy(dtype=float)

    value, low, high = matrix("value"), matrix("low"), matrix("high")
    return Figures(
        codes=codes,
        names=names,
        units=tuple(about["unit"].astype(str)),
        goal=about["goal"].to_numpy(dtype=float),
        worst=about["worst"].to_numpy(dtype=float),
        weight=about["weight"].to_numpy(dtype=float) / about["weight"].sum(),
        value=np.where(np.isnan(value) & (low == high), low, value),
        low=low,
        high=high,
    )


def alike(*given: Figures) -> IntArray:
    """Group number of every unit, one table after the other; units of one group have the same figures."""
    keys = pd.DataFrame(np.concatenate([np.concatenate([f.value, f.low, f.high], axis=1) for f in given]))
    return np.asarray(keys.groupby(list(keys.columns), dropna=False, sort=False).ngroup(), dtype=np.int64)
