"""The page that checks a rollout area: form, map to draw on, verdict, units touched, downloads, saved proposals."""

from datetime import UTC, datetime
from typing import Final

import streamlit as st

from geo import __version__
from geo.errors import InputError
from geo.operators import operator_key
from geo.proposals import Content
from geo.results import Built
from geo.rollout import Check, Report
from geo.rollout_desk import KNOWN_OPERATORS, Desk
from geo.rollout_export import as_geojson, as_xlsx
from geo.schema import Technology
from geo.sort_names import in_order
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.escape import escape_markdown
from layers.faults import fault_text, has_details
from layers.file_part import file_text
from layers.labels import labels_by_code
from layers.overlays import operators_of
from layers.saved import status_text
from layers.sources import short_sources, terms
from layers.strings import MISSING, Language, moment, text
from layers.touched import touched_html
from layers.verdict_html import Heading, intro_html, summary_html, verdict_html
from pages import desk as desks
from pages import desk_save, desk_upload
from pages.check_map import show_map
from pages.choices import PROPOSAL_KEY, choose, list_chosen, write_address
from pages.desk import About
from pages.shared import plain_name, show_banner, show_sources, stamp_of, terms_html

PANEL_HEIGHT_PX: Final = 560
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    """The whole page."""
    show_banner(built, language)
    with st.spinner(text("checking", language)):
        desk, state = desks.open_desk(workspace, list_chosen(built).id, stamp_of(built))
    desk_save.open_from_address(desk, language)
    # in places of their own: whatever comes and goes above the map would make it another map, with the view lost
    with st.container():
        desk_save.show_said(language)
    with st.container():
        about = show_form(desk, language)
    content, report, fault = examine(desk, state, about, language)
    check = report.checks[0] if report else None
    left, right = st.columns([3, 2], gap="medium")
    with right, st.container(height=PANEL_HEIGHT_PX, border=True, key="verdict_box"):
        show_verdict(desk, about, check, fault, language)
    with left:
        show_map(workspace, desk, assets, about, check, language)
    if report is not None and content is not None:
        st.html(touched_html(report.checks[0], language, labels_by_code(desk.units.result)))
        show_downloads(desk, content, report, language)
    desk_save.show_saving(desk, content, language)
    desk_save.show_saved(desk, language)
    show_sources(built, language)
    remember(desk, built, language)


def show_form(desk: Desk, language: Language) -> About:
    """Who proposes what and when; cost, speed and file behind a button each."""
    places = st.columns([1.8, 0.9, 0.9, 1.2, 1.2], vertical_alignment="bottom")
    with places[0]:
        operator = choose_operator(desk, language)
    with places[1]:
        st.session_state.setdefault("offer_technology", "4G")
        names = [str(technology) for technology in Technology]
        technology = Technology(choose("offer_technology", text("offer_technology", language), names, str))
    with places[2]:
        st.session_state.setdefault("offer_year", datetime.now(UTC).year + 1)
        year = st.number_input(text("offer_year", language), 2000, 2100, key="offer_year", step=1)
    with places[3], st.popover(text("offer_extra", language), width="stretch"):
        st.session_state.setdefault("offer_cost", None)
        st.session_state.setdefault("offer_speed", None)
        cost = st.number_input(
            text("offer_cost", language),
            min_value=0.0,
            key="offer_cost",
            help=text("offer_cost_help", language),
        )
        speed = st.number_input(text("offer_speed", language), min_value=0.0, key="offer_speed")
    about = About(operator, technology, None if year is None else int(year), cost, speed)
    with places[4], st.popover(text("upload", language), width="stretch"):
        desk_upload.show_upload(desk, about, language)
    known = {operator_key(name) for name in KNOWN_OPERATORS}
    known |= {key for claims in desk.ground.coverage.values() for key in claims.keys}
    if operator_key(operator) not in known:
        st.caption(escape_markdown(text("offer_unknown", language, operator=operator)))
    desk_upload.show_used(language)
    return about


def choose_operator(desk: Desk, language: Language) -> str:
    """The operator: one of those with coverage or a proposal here, or any other name."""
    areas = desk.built.coverage_areas
    here = in_order(name for one in Technology for name in operators_of(areas, str(one)))
    others = in_order((*KNOWN_OPERATORS, *(saved.content.operator for saved in desk.proposals)))
    held = st.session_state.get("offer_operator")
    options = list(dict.fromkeys([*here, *others, *([str(held)] if held else [])]))
    st.session_state["offer_operator"] = held if held in options else options[0]
    chosen = st.selectbox(
        text("offer_operator", language), options, key="offer_operator", accept_new_options=True,
        help=text("offer_operator_new", language),
    )  # fmt: skip
    return str(chosen or options[0]).strip() or options[0]


def examine(
    desk: Desk, state: str, about: About, language: Language
) -> tuple[Content | None, Report | None, InputError | None]:
    """What is on the desk, its check, or why there is none."""
    if not desks.features() and desks.held() is None:
        return None, None, None
    opened = desk_save.opened(desk)
    name = str(st.session_state.get("save_name") or "").strip() or text("proposal_new", language)
    try:
        content = desks.content_of(desk, about, name)
        key, status = (opened.id, str(opened.status)) if opened else ("new", "draft")
        return content, desks.check_one(desk, state, content, key, status), None
    except InputError as fault:
        return None, None, fault


def heading_of(desk: Desk, about: About, language: Language) -> Heading:
    """What the verdict is about."""
    opened = desk_save.opened(desk)
    name = str(st.session_state.get("save_name") or "").strip() or text("proposal_new", language)
    year = MISSING if about.year is None else str(about.year)
    line = text("about_line", language, operator=about.operator, technology=about.technology, year=year)
    if opened is not None:
        line += f" · {opened.id} · {status_text(opened.status, language)}"
    given = desks.held()
    if given is not None and given.is_file:
        line += f" · {text('about_file', language, file=file_text(given.name, given.layer, language))}"
    return Heading(name, line)


def show_verdict(
    desk: Desk, about: About, check: Check | None, fault: InputError | None, language: Language
) -> None:
    """The card, or why there is none, or how to begin."""
    if fault is not None:
        sentence = fault_text(fault, "fault_check", language)
        desk_save.show_fault(sentence, str(fault) if has_details(fault) else "", language)
    if check is None:
        st.html(intro_html(language))
        return
    opened = desk_save.opened(desk)
    if opened is not None and opened.content.vintage != desk.units.id:
        st.warning(escape_markdown(text("fault_list", language, list=opened.content.vintage)))
    st.html(verdict_html(check, heading_of(desk, about, language), language))


def show_downloads(desk: Desk, content: Content, report: Report, language: Language) -> None:
    """Files to take home; made when asked for."""
    check, of = report.checks[0], (report, desk.built, desk.units)
    name = f"{plain_name(content.name)}-{content.technology}".lower()
    heading = heading_of(
        desk, About(content.operator, content.technology, content.year, None, None), language
    )

    def summary() -> bytes:
        made = text(
            "summary_made", language, time=moment(datetime.now(UTC).isoformat(timespec="seconds"), language),
            version=__version__, built=moment(str(desk.built.manifest["built_at"]), language),
        )  # fmt: skip
        sources = short_sources(desk.built.manifest["inputs"], language)
        names = labels_by_code(desk.units.result)
        notes = [*labels_of(desk, language), made]
        return summary_html(check, heading, notes, sources, language, names).encode()

    places = st.columns([1, 1, 1.3, 3], vertical_alignment="center")
    places[0].download_button(
        text("take_geojson", language), lambda: as_geojson(*of), f"{name}.geojson", "application/geo+json",
        key="take_geojson", on_click="ignore", width="stretch",
    )  # fmt: skip
    places[1].download_button(
        text("take_xlsx", language), lambda: as_xlsx(*of), f"{name}.xlsx", XLSX, key="take_xlsx", on_click="ignore",
        width="stretch",
    )  # fmt: skip
    places[2].download_button(
        text("take_summary", language), summary, f"{name}.html", "text/html", key="take_summary",
        help=text("take_summary_help", language), on_click="ignore", width="stretch",
    )  # fmt: skip
    if said := terms_html(desk.built, language):
        places[3].html(said)


def labels_of(desk: Desk, language: Language) -> list[str]:
    """What must stand on every paper: that the data are illustrative, and the terms they came under."""
    manifest = desk.built.manifest
    illustrative = [f"{text('illustrative', language)} {text('illustrative_more', language)}"]
    said = terms(manifest["inputs"], language)
    return [*(illustrative if manifest["illustrative"] else []), *([said] if said else [])]


def remember(desk: Desk, built: Built, language: Language) -> None:
    """Write the view into the address: the proposal that is open makes it a link to that proposal."""
    write_address(
        {
            "lang": language if language != "vi" else None,
            "page": "check",
            "list": desk.units.id if desk.units.id != built.primary.id else None,
            "proposal": st.session_state.get(PROPOSAL_KEY),
        }
    )
