"""The national lists of units as tables, for tests of what is matched with them."""

import pandas as pd

from geo.schema import UNIT_TEXT_COLUMNS, Level, Vintage
from geo.unit_lists import units


def list_frame(vintage: Vintage, level: Level = Level.COMMUNE) -> pd.DataFrame:
    """A list as a table: `unit_code`, `vintage`, `name`, `kind`, district and province code and name (null if none)."""
    rows = [
        (u.code, str(u.vintage), u.name, u.kind, u.district_code or None, u.district_name or None,
         u.province_code, u.province_name) for u in units(vintage, level)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(UNIT_TEXT_COLUMNS))
