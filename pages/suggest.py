"""The page that suggests sites: parameters, progress, the chosen sites on the map with what each adds, downloads."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import shapely
import streamlit as st

from geo.desk import circle
from geo.errors import GivenUpError, InputError
from geo.results import Built
from geo.rollout_desk import Desk
from geo.suggest import Suggestion, as_geojson, as_xlsx
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.faults import fault_text
from layers.labels import labels_by_code
from layers.legend import legend_classes, legend_html
from layers.own import with_own
from layers.palette import INDICATORS, indicator_name
from layers.plan_text import (
    cost_of,
    curve_html,
    plan_intro_html,
    site_labels,
    sites_html,
    suggestion_html,
)
from layers.rollout_map import (
    KEPT_COLOUR,
    NEW_COLOUR,
    AreaMark,
    check_message,
    display_copy,
    focus_on,
    marks_legend,
    sites_mark,
)
from layers.strings import Language, text
from layers.units import units_message
from pages import plan_job
from pages.check import XLSX
from pages.choices import go_to, list_chosen, write_address
from pages.desk import open_desk, put_drawing
from pages.desk_save import show_fault, show_said, start_new
from pages.plan_form import plan_link, show_form
from pages.shared import show_banner, show_sources, stamp_of
from pages.units_map import show_base, view_of

PANEL_HEIGHT_PX: Final = 520
_POLL_S: Final = 1.0


def show(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    """The whole page."""
    show_banner(built, language)
    with st.spinner(text("checking", language)):
        desk, _ = open_desk(workspace, list_chosen(built).id, stamp_of(built))
    basis = f"{stamp_of(built)} {desk.units.id}"
    # in places of their own: whatever comes and goes above the map would make it another map
    with st.container():
        show_said(language)
    with st.container():
        ask = show_form(desk, basis, language)
    with st.container():
        found = show_progress(basis, language)
        if found is not None and found.ask != ask:
            st.warning(text("plan_changed", language))
    left, right = st.columns([3, 2], gap="medium")
    with right, st.container(height=PANEL_HEIGHT_PX, border=True, key="plan_box"):
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
            **plan_link(),
        }
    )


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
    except GivenUpError:
        st.info(text("plan_given_up", language))
        return None
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
    result = with_own(desk.units.result, desk.units.indicators)
    areas, marks, focus = reach_marks(found, labels_by_code(desk.units.result), language)
    view = view_of(desk.built, desk.units, verdict, language)
    message = check_message(units_message(result, view), draw=None, marks=marks, focus=focus)
    show_base(workspace, desk.built, assets, message, page="suggest")
    name = text("units_tint", language, name=indicator_name(verdict, language))
    classes = legend_classes(verdict, result, language)
    st.html(marks_legend(areas) + legend_html(name, classes, (), (), language))


def reach_marks(
    found: Suggestion | None, labels: Mapping[str, str], language: Language
) -> tuple[list[AreaMark], list[dict[str, Any]], dict[str, Any] | None]:
    """The reach of the sites as one area, the marks for the map, and where to look."""
    if found is None or not len(found.sites):
        return [], [], None
    places = [(point.x, point.y) for point in found.sites.geometry]
    reaches = [circle(*place, radius) for place, radius in zip(places, found.sites["radius_m"], strict=True)]
    whole = shapely.union_all(reaches)
    areas = [AreaMark(display_copy(whole), text("plan_reach_mark", language), NEW_COLOUR, 0.25, 1.5)]
    if found.kept is not None:
        old = [
            circle(point.x, point.y, radius)
            for point, radius in zip(found.kept.geometry, found.kept["radius_m"], strict=True)
        ]
        label = text("plan_kept_mark", language)
        areas.append(AreaMark(display_copy(shapely.union_all(old)), label, KEPT_COLOUR, 0.25, 1.0, "4 4"))
    marks = [*(area.as_dict() for area in areas), sites_mark(places, *site_labels(found, language, labels))]
    return areas, marks, focus_on(whole, str(marks[0]["id"]))


def show_sites(desk: Desk, found: Suggestion, language: Language) -> None:
    """The sites as a table, the files, and the way to the check page."""
    st.html(sites_html(found, language, labels_by_code(desk.units.result)))
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
    # the cost of what was on the desk before is not that of these sites
    st.session_state["offer_cost"] = cost_of(found)
    go_to("check", language)
