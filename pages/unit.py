"""The page of one unit: chosen by list and name or by its link; to read, to print, to take home as a brief."""

from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from geo.proposal_store import Store
from geo.results import Built, UnitList
from geo.rules import load_rules
from geo.schema import Verdict
from geo.touching import proposals_touching
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.brief_data import codes_of, foot_of
from layers.brief_pdf import Press, brief_pdf, briefs_zip, file_name, open_press
from layers.escape import escape, escape_markdown
from layers.palette import INDICATORS
from layers.panel_html import verdict_word
from layers.quarter_chart import quarter_spec, quarter_words
from layers.story import ListTables, Story, furthest, tell
from layers.strings import Language, number, text
from layers.unit_others import measure_html, peers_html, proposals_html, start_html
from layers.unit_page import (
    evidence_html,
    figures_html,
    head_html,
    paper_html,
    part_title,
    reach_html,
    reasons_html,
    slopes_html,
)
from layers.units import units_message
from pages.choices import choose, go_to, list_name, show_search, write_address
from pages.shared import (
    plain_name,
    show_banner,
    show_sources,
    stamp_of,
    terms_html,
)
from pages.units_map import show_base, take_click, view_of

EVERY_UNIT: Final = "all"


def show(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    """The whole page."""
    show_banner(built, language)
    asked = st.session_state.get("unit", st.query_params.get("unit"))
    units, code, aside = show_choice(built, language)
    press = open_list(built, units, stamp_of(built), units.id)
    list_id = units.id if units.id != built.primary.id else None
    story = None if code is None else tell(code, press.tables, language)
    if story is None:
        if asked:
            st.warning(escape_markdown(text("unit_gone", language, code=str(asked)[:80])))
        st.html(start_html(furthest(press.tables), list_id, language))
    else:
        show_download(aside, press, story, language)
        if said := terms_html(built, language):
            # on paper they stand at the foot
            st.html(f'<div class="vl-screen">{said}</div>')
        show_story(workspace, built, assets, press.tables, story, language)
    show_many(press, built, language)
    show_sources(built, language)
    st.html(paper_html(foot_of(press.imprint, language).values()))
    write_address(
        {
            "lang": language if language != "vi" else None,
            "page": "unit",
            "list": list_id,
            "unit": code,
        }
    )


def show_choice(
    built: Built, language: Language
) -> tuple[UnitList, str | None, "st.delta_generator.DeltaGenerator"]:
    """Which list and which unit; the way back to the map; and the place for the unit's brief."""
    places = st.columns([1.4, 1.8, 0.9, 1.1], vertical_alignment="bottom")
    with places[0]:
        names = {one: list_name(built.lists[one], language) for one in built.lists}
        chosen = choose(
            "list", text("unit_list", language), list(names), names.__getitem__, on_change=leave_unit
        )
        units = built.lists[chosen]
    with places[1]:
        code = show_search(units, language)
    places[2].button(
        text("unit_back", language), key="unit_back", on_click=go_to, args=("map", language), width="stretch",
        disabled=code is None,
    )  # fmt: skip
    return units, code, places[3]


def leave_unit() -> None:
    """Another list is another set of places: the same code in it is not the same unit."""
    st.session_state["unit"] = None


@st.cache_resource(max_entries=8, show_spinner=False)
def open_list(_built: Built, _units: UnitList, stamp: str, list_id: str) -> Press:  # noqa: ARG001  # they tell builds and lists apart
    """What pages and briefs of one list share, computed once."""
    return open_press(_built, _units)


def show_story(
    workspace: Workspace,
    built: Built,
    assets: MapAssets,
    tables: ListTables,
    story: Story,
    language: Language,
) -> None:
    """All sections, the longer ones on the left."""
    units = tables.units
    list_id = units.id if units.id != built.primary.id else None
    st.html(head_html(story, language))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.html(figures_html(story, language) + reasons_html(story, language))
        show_quarters(story, language)
        st.html(reach_html(story, language))
    with right:
        show_locator(workspace, built, assets, tables, story.panel.code, language)
        shape = units.result.geometry[units.result["unit_code"] == story.panel.code].iloc[0]
        touching = proposals_touching(shape, Store(workspace.root).newest())
        rules = load_rules(built.manifest["rules"], source="manifest.json")
        st.html(
            peers_html(story, list_id, language)
            + measure_html(story.tests, rules, language)
            + proposals_html(touching, list_id, language)
            + evidence_html(story, language)
        )


def show_quarters(story: Story, language: Language) -> None:
    """A chart per network that the list has tests of, and the slopes."""
    st.html(part_title("unit_quarters", language, term="unit_quarters"))
    for network, points in story.quarters:
        title = text("unit_quarters_of", language, network=text(f"network_{network}", language))
        st.html(f'<p class="vl-chart-title">{escape(title)}</p>')
        goal = next((line for line in story.panel.goals if line.dimension == network), None)
        st.vega_lite_chart(
            quarter_spec(points, goal, language), width="stretch", alt=quarter_words(points, language),
            key=f"quarters {network} {language}",
        )  # fmt: skip
    note = text("unit_quarters_note" if story.quarters else "unit_quarters_none", language)
    st.html(
        f'<section class="vl-panel"><p class="vl-note">{escape(note)}</p></section>{slopes_html(story, language)}'
    )


def show_locator(
    workspace: Workspace, built: Built, assets: MapAssets, tables: ListTables, code: str, language: Language
) -> None:
    """A small map of verdicts with the unit outlined; a click on another one opens its page."""
    view = view_of(built, tables.units, INDICATORS[0], language, selected=code, thin=tables.thin)
    st.html(part_title("unit_locator", language))
    message = units_message(tables.units.result, view)
    show_base(workspace, built, assets, message, page="unit", take=take_click)
    hint = escape(text("unit_locator_hint", language))
    st.html(f'<section class="vl-panel vl-screen"><p class="vl-note">{hint}</p></section>')


def show_download(
    place: "st.delta_generator.DeltaGenerator", press: Press, story: Story, language: Language
) -> None:
    """The brief of this unit."""
    code = story.panel.code
    place.download_button(
        text("brief_get", language), partial(brief_pdf, press, code, language), file_name(story.panel.label, code),
        "application/pdf", key="brief_get", help=text("brief_get_help", language), on_click="ignore", width="stretch",
        type="primary",
    )  # fmt: skip


def show_many(press: Press, built: Built, language: Language) -> None:
    """Briefs of all units of the list, or of those with one verdict, as one file."""
    with st.expander(text("brief_many", language)):
        counted = {EVERY_UNIT: codes_of(press.tables)}
        counted |= {str(one): codes_of(press.tables, str(one)) for one in Verdict}
        options = [name for name, codes in counted.items() if codes]
        place, button = st.columns([2, 1.4], vertical_alignment="bottom")
        with place:
            which = choose("brief_which", text("brief_which", language), options, _words(counted, language))
        codes = counted[which]
        name = f"{plain_name(str(built.manifest['name']))}-{press.tables.units.id}-{which}.zip"
        button.download_button(
            text("brief_zip", language, count=number(len(codes), language)), partial(briefs_zip, press, codes, language),
            name, "application/zip", key="brief_zip", help=text("brief_zip_help", language), on_click="ignore",
            width="stretch",
        )  # fmt: skip


def _words(counted: dict[str, tuple[str, ...]], language: Language) -> Callable[[str], str]:
    def words(which: str) -> str:
        count = number(len(counted[which]), language)
        if which == EVERY_UNIT:
            return text("brief_all", language, count=count)
        return text("brief_of_verdict", language, verdict=verdict_word(which, language), count=count)

    return words
