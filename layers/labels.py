"""What a unit is called."""

from typing import Any

import pandas as pd

from layers.strings import Language, has_text, text


def unit_label(row: Any) -> str:
    """Kind and name of a unit, the way people say it: “phường Bình Long”."""
    kind = getattr(row, "kind", None)
    name = str(row.name)
    if kind is None or pd.isna(kind) or not str(kind) or name.casefold().startswith(str(kind).casefold()):
        return name
    return f"{kind} {name}"


def list_words(list_id: str, language: Language) -> str:
    """A list of units in words, from its id: `2026-04-commune` is “cấp xã, từ 30/4/2026”."""
    vintage, _, level = list_id.rpartition("-")
    words = text(f"vintage_{vintage}", language) if has_text(f"vintage_{vintage}") else vintage
    return f"{text(f'level_{level}', language)}, {words}"


def labels_by_code(result: pd.DataFrame) -> dict[str, str]:
    """`unit_label` of every unit, by its code."""
    return dict(zip(result["unit_code"].astype(str), unit_labels(result), strict=True))


def unit_labels(result: pd.DataFrame) -> list[str]:
    """`unit_label` of every row, in the table's order."""
    names = result[["name", "kind"] if "kind" in result.columns else ["name"]]
    # `itertuples` keeps `name` as a field; a row Series would hide it behind its own `name`
    return [unit_label(row) for row in names.itertuples(index=False)]
