"""Operators whose name the inputs write in several ways: one operator, or it would count twice where its areas lie."""

from typing import Final

import geopandas as gpd
import pandas as pd

from geo.operators import one_spelling, other_spellings
from geo.quality import Finding, Severity, listed
from geo.sayings import some

MOST_NAMED: Final = 6
"""Spellings that a finding names; the rest are counted."""


def with_one_spelling(
    *tables: gpd.GeoDataFrame | None,
) -> tuple[list[gpd.GeoDataFrame | None], list[Finding]]:
    """The tables (coverage, cells) with each `operator` as it is written first in them, and a finding per operator written otherwise.

    Without it `Viettel` and `VIETTEL` would be two operators in a unit, and a newer claim of one would not replace an older one of the other.
    """
    names = [table["operator"] for table in tables if table is not None]
    if not names:
        return list(tables), []
    together = pd.concat([one.astype(object) for one in names], ignore_index=True)
    spelt = iter(_cut(one_spelling(together), [len(one) for one in names]))
    done = [None if table is None else table.assign(operator=next(spelt)) for table in tables]
    return done, [_finding(taken, others) for taken, others in other_spellings(together).items()]


def _cut(column: pd.Series, lengths: list[int]) -> list[object]:
    """The values of each table again."""
    ends = pd.Series(lengths).cumsum().tolist()
    return [column.iloc[end - length : end].to_numpy() for end, length in zip(ends, lengths, strict=True)]


def _finding(taken: str, others: list[str]) -> Finding:
    quoted = [repr(other) for other in others]
    return Finding(
        Severity.NOTE,
        "operator_spellings",
        f"the operator {taken} is also written {listed(quoted, MOST_NAMED)}",
        done=f"counted as one operator, {taken}",
        mend="nothing; if they are two operators after all, add the files again under names that differ in a letter",
        values={"operator": taken, "others": some(others, MOST_NAMED)},
    )
