"""Below the map: the ranked table of the units that the filter keeps, and the same as files."""

from functools import partial
from typing import Final

import streamlit as st

from geo.results import Built, UnitList
from layers.escape import escape
from layers.panel_html import ranks_text
from layers.strings import Language, number, text
from layers.table import ranked_table, ranks_of
from layers.why import meaning_text
from pages.choose_row import choose_row
from pages.map_filter import Kept
from pages.map_levels import take_unit
from pages.shared import UnitsForm, plain_name, terms_html, units_file

TABLE_HEIGHT_PX: Final = 420
TABLE_KEY: Final = "ranking"


def show_table(built: Built, units: UnitList, chosen_units: UnitList, language: Language) -> None:
    """The ranked table of the units that the filter keeps; its chosen row is the unit looked at."""
    table = ranked_table(chosen_units.result, language)
    row = table.row_of(st.session_state.get("unit"))
    hint = text("table_hint", language)
    if row is not None:
        # ranks are those of the whole list, whatever the filter
        whole = ranked_table(units.result, language)
        place = whole.ids.index(table.ids[row])
        rank, count = ranks_text(*ranks_of(whole, place), language), number(len(whole.ids), language)
        hint = text("table_chosen", language, unit=table.frame.iloc[row]["name"], rank=rank, count=count)
    if len(table.ids) < len(units.result):
        hint += " " + text("table_kept", language, units=number(len(table.ids), language))
    title = f"<h3>{escape(text('table', language))}</h3>"
    st.html(f'<section class="vl-panel">{title}<p class="vl-hint">{escape(hint)}</p></section>')
    choose_row(
        TABLE_KEY, table, st.session_state.get("unit"), partial(take_unit, built), language, most_px=TABLE_HEIGHT_PX,
        helps={name: meaning_text(name, language) for name in table.headings},
    )  # fmt: skip


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
