"""Below the map: the ranked table of the units that the filter keeps, and the same as files."""

from functools import partial
from typing import Final

import streamlit as st

from geo.results import Built, UnitList
from layers.escape import escape
from layers.panel_html import ranks_text
from layers.strings import MISSING, Language, number, text
from layers.table import ranked_table, styled
from layers.why import meaning_text
from pages.map_filter import Kept
from pages.map_levels import take_unit
from pages.shared import UnitsForm, plain_name, terms_html, units_file

TABLE_HEIGHT_PX: Final = 420
TABLE_KEY: Final = "ranking"
SHOWN_KEY: Final = "ranking_shown"


def take_row(built: Built, codes: tuple[str, ...]) -> None:
    """A row chosen in the table becomes the unit looked at; the row let go of leaves none."""
    rows = st.session_state[TABLE_KEY]["selection"]["rows"]
    if rows == st.session_state.get(SHOWN_KEY):
        # the browser's echo of the row the page itself marked
        return
    take_unit(built, codes[rows[0]] if rows else None)


def show_table(built: Built, units: UnitList, chosen_units: UnitList, language: Language) -> None:
    """The ranked table of the units that the filter keeps; its chosen row is the unit looked at."""
    table = ranked_table(chosen_units.result, language)
    row = table.row_of(st.session_state.get("unit"))
    wanted = [] if row is None else [row]
    hint = text("table_hint", language)
    if row is not None:
        # ranks are those of the whole list, whatever the filter
        whole = ranked_table(units.result, language)
        place = whole.codes.index(table.codes[row])
        rank, count = ranks_text(*whole.ranks_of(place), language), number(len(whole.codes), language)
        hint = text("table_chosen", language, unit=table.frame.iloc[row]["name"], rank=rank, count=count)
    if len(table.codes) < len(units.result):
        hint += " " + text("table_kept", language, units=number(len(table.codes), language))
    title = f"<h3>{escape(text('table', language))}</h3>"
    st.html(f'<section class="vl-panel">{title}<p class="vl-hint">{escape(hint)}</p></section>')
    st.session_state[SHOWN_KEY] = wanted
    held = st.session_state.get(TABLE_KEY)
    if held is None or held["selection"]["rows"] != wanted:
        # in full, as the browser will say it back: anything less would look like a choice of the visitor's
        st.session_state[TABLE_KEY] = {"selection": {"rows": wanted, "columns": [], "cells": []}}
    st.dataframe(
        styled(table, language),
        key=TABLE_KEY,
        height=min(TABLE_HEIGHT_PX, 38 + 35 * len(table.codes)),
        hide_index=True,
        placeholder=MISSING,
        column_config={
            name: st.column_config.Column(heading, help=meaning_text(name, language))
            for name, heading in table.headings.items()
        },
        selection_mode="single-row",
        on_select=partial(take_row, built, table.codes),
    )


def show_downloads(units: UnitList, kept: Kept, built: Built, language: Language) -> None:
    """The units that the filter keeps, as files to take home; made when asked for."""
    name = f"{plain_name(str(built.manifest['name']))}-{units.id}{'-filtered' if kept.wanted else ''}"
    offers: tuple[tuple[UnitsForm, str, str], ...] = (
        ("geojson", f"{name}.geojson", "application/geo+json"),
        ("csv", f"{name}.csv", "text/csv"),
    )
    *columns, aside = st.columns([1, 1, 4], vertical_alignment="center")
    if said := terms_html(built, language):
        aside.html(said)
    for column, (form, file_name, mime) in zip(columns, offers, strict=True):
        column.download_button(
            text(f"download_{form}", language), partial(units_file, form, units, built.manifest, kept.wanted), file_name, mime,
            key=f"download_{form}", help=text(f"download_{form}_help", language), on_click="ignore", width="stretch",
        )  # fmt: skip
