"""The units that a proposal touches, before and after, as rows of words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from geo.people_sum import PeopleSum
from geo.rollout import Check
from layers.escape import escape
from layers.panel_html import verdict_word
from layers.parts import whole_parts
from layers.people_words import people_figure_text
from layers.strings import MISSING, Language, figure, number, text

NO_LABELS: Final[Mapping[str, str]] = MappingProxyType({})


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


def touched_rows(
    check: Check, language: Language, labels: Mapping[str, str] = NO_LABELS
) -> list[dict[str, str]]:
    """One row per unit, most newly covered people first; a figure that changes is shown as before → after.

    `labels`: what a unit is called elsewhere (`labels_by_code`), by its code. People of the units add up to the card's, as written.
    """
    inside, new = (_people(check, name) for name in ("inside", "new"))
    return [
        {
            "name": labels.get(str(row["unit_code"]), str(row["name"])),
            "inside": number(inside[place], language),
            "new": number(new[place], language),
            "share": _pair(row, "covered_share", lambda v: figure(v, "share", language), language),
            "verdict": _words(row, language),
            "score": _ranged_pair(row, "score", lambda v: number(v, language, decimals=1), language),
            "rank": _ranged_pair(row, "rank", lambda v: number(v, language), language),
        }
        for place, row in enumerate(check.units.to_dict("records"))
    ]


def touched_html(check: Check, language: Language, labels: Mapping[str, str] = NO_LABELS) -> str:
    """The units as a table with the sum of people below; one line where none is touched."""
    rows = touched_rows(check, language, labels)
    title = f"<h3>{escape(text('units_touched', language))} ({number(len(rows), language)})</h3>"
    if not rows:
        return f'<section class="vl-panel">{title}<p class="vl-hint">{escape(text("units_none", language))}</p></section>'
    head = "".join(f"<th>{escape(said)}</th>" for said in touched_columns(check, language).values())
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    sums = {
        name: PeopleSum(check.figures[name][0].value, check.people_unknown_units)
        for name in ("inside", "new")
    }
    total = {
        "name": text("units_sum", language),
        **{name: people_figure_text(found, language) for name, found in sums.items()},
    }
    foot = f"<tr class=vl-strong>{_cells(total)}{'<td></td>' * (len(rows[0]) - len(total))}</tr>"
    return (
        f'<section class="vl-panel">{title}<div class="vl-touched"><table class="vl-table vl-num"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody><tfoot>{foot}</tfoot></table></div></section>"
    )


def _cells(row: dict[str, str]) -> str:
    return "".join(f"<td>{escape(cell)}</td>" for cell in row.values())


def _people(check: Check, name: str) -> list[float | None]:
    values = [_known(value) for value in check.units[f"{name}_people"]]
    return whole_parts(values, check.figures[name][0].value)


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _pair(row: dict[Any, Any], name: str, write: Any, language: Language) -> str:
    before, after = (write(_known(row[f"{name}_{when}"])) for when in ("before", "after"))
    if before == after or after == MISSING:
        return str(before)
    return text("before_after", language, before=before, after=after)


def _ranged_pair(row: dict[Any, Any], name: str, write: Any, language: Language) -> str:
    """As `_pair`, each figure with its 90 % interval where it has one: `21,0 (16,2–42,4)`."""
    before, after = (_ranged(row, name, when, write) for when in ("before", "after"))
    if before == after or after == MISSING:
        return before
    return text("before_after", language, before=before, after=after)


def _ranged(row: dict[Any, Any], name: str, when: str, write: Any) -> str:
    said = str(write(_known(row[f"{name}_{when}"])))
    low, high = (_known(row.get(f"{name}_{end}_{when}")) for end in ("low", "high"))
    if low is None or high is None or write(low) == write(high):
        return said
    return f"{said} ({write(low)}–{write(high)})"


def _words(row: dict[Any, Any], language: Language) -> str:
    before = verdict_word(str(row["verdict_before"]), language)
    if row["verdict_after"] is None or pd.isna(row["verdict_after"]):
        return before
    after = verdict_word(str(row["verdict_after"]), language)
    return before if before == after else text("before_after", language, before=before, after=after)
