"""A table whose chosen row is what is looked at, sorted as Vietnamese names and numbers are.

A heading pressed would sort in the browser, by whichever alphabet the browser speaks, with what is not known as zero. So the
table takes the press for itself, as the choice of a column, and sorts here; the list above it does the same from the keyboard.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import streamlit as st

from layers.row_table import RowTable, in_order, styled
from layers.strings import MISSING, Language, text
from pages.choices import choose

OWN_ORDER: Final = "own"
_HEADING_PX: Final = 38
_ROW_PX: Final = 35


def choose_row(
    key: str,
    table: RowTable,
    chosen: str | None,
    take: Callable[[str | None], None],
    language: Language,
    *,
    most_px: int,
    helps: Mapping[str, str | None] | None = None,
) -> None:
    """Show the table with the row of `chosen` marked; `take` gets the id of a row chosen, None when it is let go of.

    `helps`: what a heading says when it is pointed at.
    """
    column, down = show_order(key, table, language)
    if column != OWN_ORDER:
        table = in_order(table, column, down=down)
    row = table.row_of(chosen)
    # in full, as the browser will say it back: anything less would look like a choice of the visitor's
    wanted: dict[str, list[Any]] = {
        "rows": [] if row is None else [row],
        "columns": [] if column == OWN_ORDER else [column],
        "cells": [],
    }
    st.session_state[f"{key} shown"], st.session_state[f"{key} ids"] = wanted["rows"], table.ids
    held = st.session_state.get(key)
    if held is None or dict(held["selection"]) != wanted:
        st.session_state[key] = {"selection": wanted}
    st.dataframe(
        styled(table) if table.written else table.frame,
        key=key,
        height=min(most_px, _HEADING_PX + _ROW_PX * len(table.ids)),
        hide_index=True,
        placeholder=MISSING,
        column_config={
            name: st.column_config.Column(
                f"{'↓' if down else '↑'} {heading}" if name == column else heading,
                help=(helps or {}).get(name),
            )
            for name, heading in table.headings.items()
        },
        selection_mode=["single-row", "single-column"],
        on_select=partial(_take, key, take),
    )


def show_order(key: str, table: RowTable, language: Language) -> tuple[str, bool]:
    """The column to sort by, or `OWN_ORDER`, and whether downwards."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=280):
            column = choose(
                _by(key),
                text("sort_by", language),
                [OWN_ORDER, *table.headings],
                lambda name: text("sort_own", language) if name == OWN_ORDER else table.headings[name],
            )
        down = st.toggle(text("sort_down", language), key=f"{key}_down", disabled=column == OWN_ORDER)
    return column, down


def _by(key: str) -> str:
    return f"{key}_sort"


def _take(key: str, take: Callable[[str | None], None]) -> None:
    """A heading pressed sorts by its column, or no longer; a row chosen is what is looked at, and none when it is let go of."""
    selection = st.session_state[key]["selection"]
    st.session_state[_by(key)] = selection["columns"][0] if selection["columns"] else OWN_ORDER
    rows = selection["rows"]
    if rows != st.session_state.get(f"{key} shown"):
        # else it is the browser's echo of the row the page itself marked
        take(st.session_state[f"{key} ids"][rows[0]] if rows else None)
