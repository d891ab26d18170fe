"""The page that suggests sites: parameters, progress, the chosen sites on the map with what each adds, downloads."""

import os
from collections.abc import Callable
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
from geo.suggest import FILE, GRID, Ask, Suggestion, as_geojson, as_xlsx
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.base_map import BaseMap, base_map_key, choose_basemap
from layers.faults import fault_text
from layers.legend import legend_classes, legend_html
from layers.own import with_own
from layers.palette import INDICATORS, indicator_name
from layers.plan_text import (
    curve_html,
    places_text,
    plan_intro_html,
    reach_text,
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
from layers.units import UnitsView, units_group, units_message
from pages import plan_files, plan_job
from pages.check import XLSX
from pages.choices import choose, go_to, list_chosen, write_address
from pages.desk import open_desk, put_drawing
from pages.desk_save import show_fault, show_said, start_new
from pages.shared import bounds_of, publish_list, show_banner, show_sources, stamp_of

PANEL_HEIGHT_PX: Final = 520
MAP_HEIGHT_PX: Final = 470
TIME_LIMIT_S: Final = 30
MOST_SITES: Final = 200
GRID_M: Final = 1000.0
MARGIN: Final = 0.12
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
        }
    )


def show_form(desk: Desk, basis: str, language: Language) -> Ask:
    """The parameters, and the button that begins."""
    for key, value in (
        ("plan_sites", 5), ("plan_budget", None), ("plan_cost", None), ("plan_radius", 3000), ("plan_grid", 1000),
        ("plan_time", TIME_LIMIT_S), ("plan_technology", "4G"),
    ):  # fmt: skip
        st.session_state.setdefault(key, value)
    files = plan_files.given_files(basis)
    places = st.columns([0.7, 1, 1, 1.2, 1.3, 1.1, 1, 1, 0.7], vertical_alignment="bottom")
    with places[6], st.popover(text("plan_more", language), width="stretch"):
        cost = _number("cost", language, 0.0)
        radius_m = _number("radius", language, 100, 50_000, 100)
        grid = _number("grid", language, 100, 20_000, 100)
        seconds = _number("time", language, 1, 300, 1)
    with places[7], st.popover(text("plan_files", language), width="stretch"):
        plan_files.show_files(desk, basis, language)
    with places[0]:
        technology = Technology(_choose("technology", [str(one) for one in Technology], language, str))
    with places[1]:
        by_sites = _choose("limit", ["sites", "budget"], language) == "sites"
    with places[2]:
        sites = _number("sites", language, 1, MOST_SITES, 1) if by_sites else None
        budget = None if by_sites else _number("budget", language, 0.0)
    with places[3]:
        reach = partial(_reach_words, radius_m, language)
        modelled = _choose("reach", ["radius", "model"], language, reach) == "model"
    with places[4]:
        words = partial(places_text, grid_m=float(grid or GRID_M), language=language)
        candidates = _choose("candidates", candidates_of(desk), language, words)
    with places[5]:
        need = Need(_choose("need", [str(one) for one in Need], language))
    ask = Ask(
        technology=technology,
        operator="",
        sites=None if sites is None else int(sites),
        budget=budget,
        site_cost=cost,
        radius_m=None if modelled or radius_m is None else float(radius_m),
        candidates=candidates,
        grid_m=float(grid or GRID_M),
        need=need,
        time_limit_seconds=float(seconds or TIME_LIMIT_S),
        candidates_file=files["candidates"].name if candidates == FILE and "candidates" in files else "",
        keep_file=files["keep"].name if "keep" in files else "",
    )
    lacking = lacking_of(ask, files, modelled=modelled, by_sites=by_sites)
    places[8].button(
        text("plan_run", language), key="plan_run", type="primary", disabled=bool(lacking), width="stretch",
        on_click=partial(plan_job.start, desk, basis, ask, plan_files.lists_of(files)),
    )  # fmt: skip
    if lacking:
        st.caption(text(lacking, language))
    plan_files.show_used_files(files, language)
    return ask


def lacking_of(ask: Ask, files: dict[str, plan_files.SiteFile], *, modelled: bool, by_sites: bool) -> str:
    """The sentence for what is still to be filled in; empty where nothing is."""
    from_file = files.get("candidates") if ask.candidates == FILE else None
    if ask.candidates == FILE and from_file is None:
        return "plan_lacking_file"
    if not modelled and ask.radius_m is None:
        return "plan_lacking_radius"
    priced = from_file is not None and bool(from_file.sites["cost"].notna().all())
    if not by_sites and (ask.budget is None or (ask.site_cost is None and not priced)):
        return "plan_lacking"
    return ""


def _reach_words(radius_m: int | None, language: Language, reach: str) -> str:
    if reach == "model" or radius_m is None:
        return text(f"plan_reach_{reach}", language)
    return reach_text(float(radius_m), language)


def _choose(
    name: str, options: list[str], language: Language, words: Callable[[str], str] | None = None
) -> str:
    label = text(f"plan_{name}", language)
    return choose(f"plan_{name}", label, options, words or (lambda one: text(f"plan_{name}_{one}", language)))


def _number(name: str, language: Language, low: Any, high: Any = None, step: Any = None) -> Any:
    """A box for a number; one of money without the two decimals that would be written the English way."""
    shown = "%g" if isinstance(low, float) else None
    return st.number_input(
        text(f"plan_{name}", language), low, high, key=f"plan_{name}", step=step, format=shown
    )


def candidates_of(desk: Desk) -> list[str]:
    """The grid, the classes of places that there are (offices always, since a point in each unit stands in), a file."""
    known = set() if desk.built.places is None else set(desk.built.places["class"].astype(str))
    return [GRID, *(str(one) for one in PlaceClass if str(one) in known or one is PlaceClass.OFFICE), FILE]


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
    areas, marks, focus = reach_marks(found, language)
    message = check_message(units_message(result, view), draw=None, marks=marks, focus=focus)
    basemap = choose_basemap(workspace.basemap_url, workspace.basemap_attribution, os.environ)
    bounds = bounds_of(desk.built.primary)
    st_folium(
        BaseMap(assets, bounds, basemap), key=base_map_key(bounds, basemap, page="suggest"), height=MAP_HEIGHT_PX,
        use_container_width=True, returned_objects=[], feature_group_to_add=units_group(message),
    )  # fmt: skip
    name = text("units_tint", language, name=indicator_name(verdict, language))
    classes = legend_classes(verdict, result, language)
    st.html(marks_legend(areas) + legend_html(name, classes, (), (), language))


def reach_marks(
    found: Suggestion | None, language: Language
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
    marks = [*(area.as_dict() for area in areas), sites_mark(places, *site_labels(found, language))]
    west, south, east, north = whole.bounds
    # room around, so that no site lies below the buttons
    seen = shapely.buffer(whole.envelope, MARGIN * max(east - west, north - south))
    return areas, marks, focus_on(seen, str(marks[0]["id"]))


def show_sites(desk: Desk, found: Suggestion, language: Language) -> None:
    """The sites as a table, the files, and the way to the check page."""
    st.html(sites_html(found, language))
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
