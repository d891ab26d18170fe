"""The units that a proposal touches, before and after, as rows of words."""

from typing import Any

import pandas as pd

from geo.rollout import Check
from layers.panel_html import verdict_word
from layers.strings import MISSING, Language, figure, number, text


def touched_columns(check: Check, language: Language) -> dict[str, str]:
    """Headings of `touched_rows`, in order."""
    return {
        "name": text("name", language),
        "inside": text("column_inside", language),
        "new": text("column_new", language),
        "share": text("column_share", language, technology=str(check.technology)),
        "verdict": text("column_verdict", language),
        "score": text("column_score", language),
        "rank": text("column_rank", language),
    }


def touched_rows(check: Check, language: Language) -> list[dict[str, str]]:
    """One row per unit, most newly covered people first; a figure that changes is shown as before → after."""
    return [
        {
            "name": f"{row['name']}",
            "inside": number(_known(row["inside_people"]), language),
            "new": number(_known(row["new_people"]), language),
            "share": _pair(row, "covered_share", lambda v: figure(v, "share", language), language),
            "verdict": _words(row, language),
            "score": _pair(row, "score", lambda v: number(v, language, decimals=1), language),
            "rank": _pair(row, "rank", lambda v: number(v, language), language),
        }
        for row in check.units.to_dict("records")
    ]


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _pair(row: dict[Any, Any], name: str, write: Any, language: Language) -> str:
    before, after = (write(_known(row[f"{name}_{when}"])) for when in ("before", "after"))
    if before == after or after == MISSING:
        return str(before)
    return text("before_after", language, before=before, after=after)


def _words(row: dict[Any, Any], language: Language) -> str:
    before = verdict_word(str(row["verdict_before"]), language)
    if row["verdict_after"] is None or pd.isna(row["verdict_after"]):
        return before
    after = verdict_word(str(row["verdict_after"]), language)
    return before if before == after else text("before_after", language, before=before, after=after)
