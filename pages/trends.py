"""The page of trends: who falls behind and who catches up, as a chart of slopes beside the map, and unit by unit."""

from typing import Final

import pandas as pd
import streamlit as st

from geo.results import Built, UnitList
from geo.schema import Direction, Network
from geo.table_write import encode_csv
from geo.trend_table import trend_rows
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.escape import escape
from layers.palette import INDICATORS
from layers.sources import about_rows
from layers.strings import Language, number, text
from layers.trend_multiples import MOST_MULTIPLES, multiples_html
from layers.trends import counts_html, direction_word, slope_points, slope_spec, trend_table
from layers.why import term_title, why_html
from pages.choices import choose, list_name, look_at_unit, unit_chosen, write_address
from pages.choose_row import choose_row
from pages.shared import plain_name, show_banner, show_sources, terms_html
from pages.units_map import show_units_map

CHART_KEY: Final = "trend_chart"
SELECT: Final = "unit_of_chart"
ALL: Final = "all"
PANEL_PX: Final = 520


def show(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    """The whole page."""
    show_banner(built, language)
    title = f"<h2>{escape(text('trends_title', language))}</h2>"
    st.html(
        f'<section class="vl-panel">{title}<p class="vl-hint">{escape(text("trends_hint", language))}</p></section>'
    )
    units, network, only = show_form(built, language)
    unit_chosen(units)
    rows = trend_rows(units.result, units.speed, network)
    st.html(counts_html(rows, language) + _definitions(network, language))
    shown = rows if only == ALL else rows[rows["direction"].astype(object) == only]
    left, right = st.columns([3, 2], gap="medium")
    with left:
        indicator = next(one for one in INDICATORS if one.column == f"{network}_direction")
        result = units.result
        if indicator.column not in result.columns:
            result = result.assign(**{indicator.column: None})
        show_units_map(workspace, built, assets, units, result, indicator, language, page="trends")
    with right:
        show_slopes(shown, rows, units, language)
    if len(shown.dropna(subset=["trend_mbps_per_year"])):
        show_multiples(shown, units, network, language)
        show_table(shown, units, built, network, language)
    show_sources(built, language)
    remember(units, built, network, only, language)


def show_form(built: Built, language: Language) -> tuple[UnitList, str, str]:
    """The list of units, the network, and which direction to show."""
    places = st.columns(3)
    with places[0]:
        ids = list(built.lists)
        one = choose("list", text("unit_list", language), ids, lambda i: list_name(built.lists[i], language))
    with places[1]:
        networks = [str(network) for network in Network]
        network = choose(
            "trend_network", text("trend_network", language), networks,
            lambda name: text(f"trend_network_{name}", language),
        )  # fmt: skip
    with places[2]:
        only = choose(
            "trend_show", text("trend_show", language), [ALL, *(str(one) for one in Direction)],
            lambda name: text("trend_show_all", language) if name == ALL else direction_word(name, language),
        )  # fmt: skip
    return built.lists[one], network, only


def _definitions(network: str, language: Language) -> str:
    """The terms of the page, each with the button that opens its definition."""
    terms = (f"{network}_direction", f"{network}_trend_mbps_per_year", "interval", "median")
    said = " · ".join(f"{escape(term_title(one, language))}{why_html(one, language)}" for one in terms)
    return f'<p class="vl-hint">{said}</p>'


def show_slopes(shown: pd.DataFrame, rows: pd.DataFrame, units: UnitList, language: Language) -> None:
    """The chart of slopes; a mark that is clicked is the unit looked at."""
    hint = escape(text("trend_chart_hint", language))
    st.html(
        f'<section class="vl-panel"><h3>{escape(text("trend_chart", language))}</h3><p class="vl-hint">{hint}</p></section>'
    )
    points = slope_points(shown, units.result, language)
    if not points:
        has_trend = rows["trend_mbps_per_year"].notna().any()
        st.info(text("trend_empty" if has_trend else "trend_none", language))
        return
    spec = slope_spec(points, language, selected=st.session_state.get("unit"), select=SELECT)
    with st.container(height=PANEL_PX - 90, key="slopes_box"):
        st.vega_lite_chart(
            spec, width="stretch", key=CHART_KEY, on_select=take_mark, selection_mode=SELECT,
            alt=text("trend_chart", language),
        )  # fmt: skip


def take_mark() -> None:
    """A mark chosen in the chart becomes the unit looked at."""
    chosen = (st.session_state.get(CHART_KEY) or {}).get("selection", {}).get(SELECT)
    if chosen:
        st.session_state["unit"] = str(chosen[0]["code"])


def show_multiples(shown: pd.DataFrame, units: UnitList, network: str, language: Language) -> None:
    """Unit by unit, those that move first."""
    html = multiples_html(shown, units.speed, units.result, network, language)
    count = int(shown["trend_mbps_per_year"].notna().sum())
    more = ""
    if count > MOST_MULTIPLES:
        said = text(
            "trend_more", language, shown=number(MOST_MULTIPLES, language), count=number(count, language)
        )
        more = f'<p class="vl-hint">{escape(said)}</p>'
    hint = escape(text("trend_multiples_hint", language))
    title = f"<h3>{escape(text('trend_multiples', language))}</h3>"
    st.html(f'<section class="vl-panel">{title}<p class="vl-hint">{hint}</p>{html}{more}</section>')


def show_table(shown: pd.DataFrame, units: UnitList, built: Built, network: str, language: Language) -> None:
    """Every unit of the group with its figures, and the same as a file."""
    st.html(f'<section class="vl-panel"><h3>{escape(text("trend_table", language))}</h3></section>')
    rows = trend_table(shown, units.result, language)
    choose_row("trend_table", rows, st.session_state.get("unit"), look_at_unit, language, most_px=420)
    name = f"{plain_name(str(built.manifest['name']))}-{units.id}-{network}-trends.csv"

    def table() -> bytes:
        names = units.result[["unit_code", "vintage", "name"]]
        about = about_rows(built.manifest, language)
        return encode_csv(shown.merge(names, on="unit_code").assign(network=network, **about))

    places = st.columns([1, 4], vertical_alignment="center")
    places[0].download_button(
        text("trends_csv", language),
        table,
        name,
        "text/csv",
        key="trends_csv",
        on_click="ignore",
        width="stretch",
    )
    if said := terms_html(built, language):
        places[1].html(said)


def remember(units: UnitList, built: Built, network: str, only: str, language: Language) -> None:
    """Write the view into the address."""
    write_address(
        {
            "lang": language if language != "vi" else None,
            "page": "trends",
            "list": units.id if units.id != built.primary.id else None,
            "trend_network": network if network != str(next(iter(Network))) else None,
            "trend_show": only if only != ALL else None,
            "unit": st.session_state.get("unit"),
        }
    )
