"""What a unit is called."""

from typing import Any

import pandas as pd


def unit_label(row: Any) -> str:
    """Kind and name of a unit, the way people say it: “phường Bình Long”."""
    kind = getattr(row, "kind", None)
    name = str(row.name)
    if kind is None or pd.isna(kind) or not str(kind) or name.casefold().startswith(str(kind).casefold()):
        return name
    return f"{kind} {name}"


def labels_by_code(result: pd.DataFrame) -> dict[str, str]:
    """`unit_label` of every unit, by its code."""
    return dict(zip(result["unit_code"].astype(str), unit_labels(result), strict=True))


def unit_labels(result: pd.DataFrame) -> list[str]:
    """`unit_label` of every row, in the table's order."""
    names = result[["name", "kind"] if "kind" in result.columns else ["name"]]
    # `itertuples` keeps `name` as a field; a row Series would hide it behind its own `name`
    return [unit_label(row) for row in names.itertuples(index=False)]
