"""People of several units added up: what is known of them, and of how many units it is not known.

The one way to say a sum of people over units: a figure that leaves units out says how many, and is a least, not a total.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.arrays import sum_known

UNKNOWN_UNITS: Final = "_unknown_units"
"""A column that adds people up has one beside it of this ending: units whose people are not known and not in the sum."""


@dataclass(frozen=True)
class PeopleSum:
    """`known`: people of the units whose number is known, null where that is none of them (0 of no units); `unknown_units`: the others."""

    known: float | None
    unknown_units: int

    @property
    def is_whole(self) -> bool:
        """Whether nobody is left out."""
        return self.unknown_units == 0


def sum_people(people: Any) -> PeopleSum:
    """The sum of one number of people per unit, null where it is not known."""
    counts = pd.to_numeric(pd.Series(people), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return PeopleSum(sum_known(counts), int((~np.isfinite(counts)).sum()))


def people_of_rows(rows: pd.DataFrame) -> PeopleSum:
    """The sum of the column `people`, a row per unit; without the column nobody is known."""
    return sum_people(rows["people"]) if "people" in rows.columns else PeopleSum(None, len(rows))


def sum_columns(name: str, total: PeopleSum) -> dict[str, float | int]:
    """Both columns of a sum in a table: `name`, null where nobody is known, and `name` + `UNKNOWN_UNITS`."""
    return {
        name: np.nan if total.known is None else total.known,
        f"{name}{UNKNOWN_UNITS}": total.unknown_units,
    }
