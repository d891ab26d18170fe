"""The page that suggests sites: parameters, progress, the chosen sites on the map with what each adds, downloads."""

import os
from functools import partial
from typing import Any, Final

import shapely
import streamlit as st
from streamlit_folium import st_folium

from geo.demand import Need
from geo.desk import circle
from geo.errors import InputError
from geo.results import Built
from geo.rollout_desk import Desk
from geo.schema import PlaceClass, Technology
from geo.suggest import GRID, Ask, Suggestion, as_geojson, as_xlsx
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.base_map import BaseMap, base_map_key, choose_basemap
from layers.faults import fault_text
from layers.legend import legend_classes, legend_html
from layers.own import with_own
from layers.palette import INDICATORS, indicator_name
from layers.plan_text import curve_html, plan_intro_html, site_labels, site_rows, suggestion_html
from layers.rollout_map import (
    NEW_COLOUR,
    AreaMark,
    check_message,
    display_copy,
    focus_on,
    marks_legend,
    sites_mark,
)
from layers.strings import Language, text
from layers.units import UnitsView, units_group, units_message
from pages import plan_job
from pages.check import XLSX
from pages.choices import choose, go_to, list_chosen, write_address
from pages.desk import open_desk, put_drawing
from pages.desk_save import show_fault, start_new
from pages.shared import bounds_of, publish_list, show_banner, show_sources, stamp_of

PANEL_HEIGHT_PX: Final = 520
MAP_HEIGHT_PX: Final = 470
TIME_LIMIT_S: Final = 30
MOST_SITES: Final = 200
_POLL_S: Final = 1.0


def show(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    """The whole page."""
    show_banner(built, language)
    with st.spinner(text("checking", language)):
        desk, _ = open_desk(workspace, list_chosen(built).id, stamp_of(built))
    basis = f"{stamp_of(built)} {desk.units.id}"
    # in places of their own: whatever comes and goes above the map would make it another map
    with st.container():
        show_form(desk, basis, language)
    with st.container():
        found = show_progress(basis, language)
    left, right = st.columns([3, 2], gap="medium")
    with right, st.container(height=PANEL_HEIGHT_PX, border=True):
        st.html(plan_intro_html(language) if found is None else suggestion_html(found, language))
        if found is not None and len(found.sites):
            st.html(curve_html(found, language))
    with left:
        show_map(workspace, desk, assets, found, language)
    if found is not None and len(found.sites):
        show_sites(desk, found, language)
    show_sources(built, language)
    write_address(
        {
            "lang": language if language != "vi" else None,
            "page": "suggest",
            "list": desk.units.id if desk.units.id != built.primary.id else None,
        }
    )


def show_form(desk: Desk, basis: str, language: Language) -> None:
    """The parameters, and the button that begins."""
    for key, value in (
        ("plan_sites", 5), ("plan_budget", None), ("plan_cost", None), ("plan_radius", 3.0), ("plan_grid", 1000),
        ("plan_time", TIME_LIMIT_S), ("plan_technology", "4G"),
    ):  # fmt: skip
        st.session_state.setdefault(key, value)
    places = st.columns([0.8, 1.1, 1.1, 1.2, 1.3, 1.3, 1.1, 0.8], vertical_alignment="bottom")
    with places[0]:
        technology = Technology(
            _choose("technology", [str(one) for one in Technology], language, words=False)
        )
    with places[1]:
        by_sites = _choose("limit", ["sites", "budget"], language) == "sites"
    with places[2]:
        sites = _number("sites", language, 1, MOST_SITES, 1) if by_sites else None
        budget = None if by_sites else _number("budget", language, 0.0)
    with places[3]:
        modelled = _choose("reach", ["radius", "model"], language) == "model"
    with places[4]:
        candidates = _choose("candidates", candidates_of(desk), language)
    with places[5]:
        need = Need(_choose("need", [str(one) for one in Need], language))
    with places[6], st.popover(text("plan_more", language), width="stretch"):
        cost = _number("cost", language, 0.0)
        radius_km = None if modelled else _number("radius", language, 0.1, 50.0)
        grid = _number("grid", language, 100, 20_000, 100)
        seconds = _number("time", language, 1, 300, 1)
    lacking = (not by_sites and (budget is None or cost is None)) or (not modelled and radius_km is None)
    ask = Ask(
        technology=technology,
        operator="",
        sites=None if sites is None else int(sites),
        budget=budget,
        site_cost=cost,
        radius_m=None if radius_km is None else 1000.0 * radius_km,
        candidates=candidates,
        grid_m=float(grid or 1000),
        need=need,
        time_limit_seconds=float(seconds or TIME_LIMIT_S),
    )
    places[7].button(
        text("plan_run", language), key="plan_run", type="primary", disabled=lacking, width="stretch",
        on_click=partial(plan_job.start, desk, basis, ask),
    )  # fmt: skip
    if lacking:
        st.caption(text("plan_lacking", language))


def _choose(name: str, options: list[str], language: Language, *, words: bool = True) -> str:
    label = text(f"plan_{name}", language)
    return choose(
        f"plan_{name}", label, options, lambda one: text(f"plan_{name}_{one}", language) if words else one
    )


def _number(name: str, language: Language, low: Any, high: Any = None, step: Any = None) -> Any:
    return st.number_input(text(f"plan_{name}", language), low, high, key=f"plan_{name}", step=step)


def candidates_of(desk: Desk) -> list[str]:
    """The grid, and the classes of places that there are; offices always, since a point in each unit stands in for one."""
    known = set() if desk.built.places is None else set(desk.built.places["class"].astype(str))
    return [GRID, *(str(one) for one in PlaceClass if str(one) in known or one is PlaceClass.OFFICE)]


def show_progress(basis: str, language: Language) -> Suggestion | None:
    """The suggestion when it is there; while it is computed, how far it is; a fault in words."""
    job = plan_job.current(basis)
    if job is None:
        return None
    if not job.future.done():
        watch(job, language)
        return None
    try:
        return job.future.result()
    except InputError as fault:
        show_fault(fault_text(fault, "fault_suggest", language), str(fault), language)
        return None


@st.fragment(run_every=_POLL_S)
def watch(job: plan_job.Job, language: Language) -> None:
    """Looks every second; the rest of the page is not drawn again until there is something to see."""
    if job.future.done():
        st.rerun()
    said = text("plan_running", language, seconds=f"{job.seconds:.0f}", limit=f"{job.limit:.0f}")
    bar, stop = st.columns([5, 1], vertical_alignment="bottom")
    bar.progress(min(1.0, job.seconds / job.limit), text=said)
    if stop.button(text("plan_stop", language), key="plan_stop", width="stretch"):
        plan_job.drop()
        st.rerun()


def show_map(
    workspace: Workspace, desk: Desk, assets: MapAssets, found: Suggestion | None, language: Language
) -> None:
    """Units by verdict, pale; the chosen sites with their numbers and their reach."""
    verdict = INDICATORS[0]
    view = UnitsView(
        address=publish_list(desk.units, stamp_of(desk.built), desk.units.id),
        bounds=bounds_of(desk.units),
        indicator=verdict,
        language=language,
    )
    result = with_own(desk.units.result, desk.units.indicators)
    reach, marks, focus = reach_marks(found, language)
    message = check_message(units_message(result, view), draw=None, marks=marks, focus=focus)
    basemap = choose_basemap(workspace.basemap_url, workspace.basemap_attribution, os.environ)
    bounds = bounds_of(desk.built.primary)
    st_folium(
        BaseMap(assets, bounds, basemap), key=base_map_key(bounds, basemap, page="suggest"), height=MAP_HEIGHT_PX,
        use_container_width=True, returned_objects=[], feature_group_to_add=units_group(message),
    )  # fmt: skip
    name = text("units_tint", language, name=indicator_name(verdict, language))
    classes = legend_classes(verdict, result, language)
    st.html(marks_legend(reach) + legend_html(name, classes, (), (), language))


def reach_marks(
    found: Suggestion | None, language: Language
) -> tuple[list[AreaMark], list[dict[str, Any]], dict[str, Any] | None]:
    """The reach of the sites as one area, the marks for the map, and where to look."""
    if found is None or not len(found.sites):
        return [], [], None
    places = [(point.x, point.y) for point in found.sites.geometry]
    reaches = [circle(*place, radius) for place, radius in zip(places, found.sites["radius_m"], strict=True)]
    whole = shapely.union_all(reaches)
    reach = AreaMark(display_copy(whole), text("plan_reach_mark", language), NEW_COLOUR, 0.25, 1.5)
    marks = [reach.as_dict(), sites_mark(places, *site_labels(found, language))]
    return [reach], marks, focus_on(whole, str(marks[0]["id"]))


def show_sites(desk: Desk, found: Suggestion, language: Language) -> None:
    """The sites as a table, the files, and the way to the check page."""
    rows = site_rows(found, language)
    st.dataframe(rows, hide_index=True, height=min(390, 38 + 35 * len(rows)), key="plan_table")
    name = f"de_xuat_vi_tri-{found.ask.technology}".lower()
    places = st.columns([1, 1, 2, 2], vertical_alignment="center")
    places[0].download_button(
        text("take_geojson", language), partial(as_geojson, desk, found), f"{name}.geojson", "application/geo+json",
        key="plan_geojson", on_click="ignore", width="stretch",
    )  # fmt: skip
    places[1].download_button(
        text("take_xlsx", language), partial(as_xlsx, found), f"{name}.xlsx", XLSX, key="plan_xlsx", on_click="ignore",
        width="stretch",
    )  # fmt: skip
    places[2].button(
        text("plan_take_over", language), key="plan_take_over", help=text("plan_take_over_help", language), width="stretch",
        on_click=partial(take_over, found, language),
    )  # fmt: skip


def take_over(found: Suggestion, language: Language) -> None:
    """Put the sites on the check page's map: circles of the given radius, or sites whose reach is modelled."""
    start_new()
    modelled = found.ask.radius_m is None
    properties: dict[str, Any] = (
        {"kind": "site"} if modelled else {"kind": "circle", "radius": found.ask.radius_m}
    )
    put_drawing(
        [
            {
                "type": "Feature",
                "properties": dict(properties),
                "geometry": {"type": "Point", "coordinates": [point.x, point.y]},
            }
            for point in found.sites.geometry
        ]
    )
    st.session_state["offer_technology"] = str(found.ask.technology)
    go_to("check", language)
