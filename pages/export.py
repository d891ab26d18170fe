"""The export page: what, of which units, as which file; made, checked, and offered with all that must go with it."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from geo.errors import VunglomError
from geo.export_bytes import export_bytes
from geo.export_layers import WITHOUT_UNITS, layers_of
from geo.results import Built, UnitList
from geo.unit_filter import UnitFilter, as_conditions
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.escape import escape
from layers.filter_text import condition_text
from layers.map_sheet import count_line, make_sheet, make_sheets, map_indicators
from layers.palette import indicator_name
from layers.strings import Language, number, text
from layers.take import FORM_NAMES, file_line, take_hint_html
from layers.why import why_html
from pages.choices import choose, list_name, write_address
from pages.figure_condition import ask_condition
from pages.map_filter import Kept, filter_now, keep_now, set_filter, show_faults, show_left
from pages.map_filter_form import show_filter
from pages.shared import plain_name, show_banner, show_sources, stamp_of, terms_html

MAPS: Final = ("map_png", "map_html")
MIME: Final = {
    "geojson": "application/geo+json", "gpkg": "application/geopackage+sqlite3", "csv": "text/csv",
    "kml": "application/vnd.google-earth.kml+xml", "parquet": "application/vnd.apache.parquet", "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "html": "text/html", "zip": "application/zip",
}  # fmt: skip
MOST_UNITS_WITH_ALL: Final = 400
"""A page with more units carries the map of one indicator only: all of them would make a file of many megabytes."""
READY_KEY: Final = "take_ready"


@dataclass(frozen=True)
class Order:
    """What is to be made: a layer and its format, or a map of an indicator; of which units."""

    what: str
    fmt: str
    column: str
    units: UnitList
    wanted: UnitFilter
    language: Language

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two orders the same file."""
        return (self.what, self.fmt, self.column, self.units.id, *as_conditions(self.wanted), self.language)


@dataclass(frozen=True)
class Ready:
    """Files that were made: names and contents, the plain one first, and the rows it holds (None for a map)."""

    key: tuple[str, ...]
    files: tuple[tuple[str, bytes], ...]
    rows: int | None


def show(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:  # noqa: ARG001  # as every page
    """The whole page."""
    show_banner(built, language)
    st.html(take_hint_html(language))
    columns = st.columns(3)
    with columns[0]:
        name = choose(
            "list",
            text("unit_list", language),
            list(built.lists),
            lambda one: list_name(built.lists[one], language),
        )
        units = built.lists[name]
    offered = layers_of(built, units)
    with columns[1]:
        what = choose(
            "take", text("take_what", language), [*offered, *MAPS], lambda one: text(f"take_{one}", language)
        )
    with columns[2]:
        fmt, column = _choose_form(what, offered, units, language)
    kept = _choose_units(what, built, units, language)
    if kept is not None:
        _show_count(kept, units, language)
    wanted = kept.wanted if kept else UnitFilter()
    is_some = kept is None or bool(kept.units)
    order = Order(what, fmt, column, units, wanted, language)
    with st.container(horizontal=True):
        asked = st.button(text("take_make", language), type="primary", key="take_make", disabled=not is_some)
        if wanted:
            st.button(
                text("filter_clear", language), on_click=set_filter, args=(UnitFilter(),), key="take_clear"
            )
    if is_some:
        _show_files(order, built, language, asked=asked)
    show_sources(built, language)
    write_address({
        "page": "export", "lang": language if language != "vi" else None,
        "list": units.id if units.id != built.primary.id else None,
        "take": what if what != "communes" else None,
        "take_format": fmt if what in offered and fmt != offered[what][0] else None,
        "indicator": column if column not in ("", "verdict") else None,
        "where": list(as_conditions(filter_now()[0])) or None,
    })  # fmt: skip


def _choose_form(
    what: str, offered: dict[str, tuple[str, ...]], units: UnitList, language: Language
) -> tuple[str, str]:
    """The format of a layer, or the indicator of a map."""
    if what not in MAPS:
        return choose(
            "take_format",
            text("take_format", language),
            list(offered[what]),
            lambda one: text(f"take_format_{one}", language),
        ), ""
    usable = {one.column: one for one in map_indicators(units)}
    column = choose(
        "indicator",
        text("indicator", language),
        list(usable),
        lambda one: indicator_name(usable[one], language),
    )
    return what.removeprefix("map_"), column


def _choose_units(what: str, built: Built, units: UnitList, language: Language) -> Kept | None:
    """What the filter keeps, which is the map's; None for a layer that belongs to no list of units."""
    if what in WITHOUT_UNITS:
        st.html(f'<p class="vl-hint">{escape(text("take_no_filter", language))}</p>')
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        show_filter(built, (units,), language)
        with st.popover(text("condition", language), icon=":material/add:"):
            ask_condition(units, units.result, language)
    kept = keep_now(built, units)
    show_faults(language)
    show_left(built, units, kept, language)
    return kept


def _show_count(kept: Kept, units: UnitList, language: Language) -> None:
    """Which units go into the file, in words; what to do where there are none."""
    said = {"units": kept.units, "of_units": len(kept.inside), "units_not_known": kept.not_known}
    line = text("take_all", language, count=number(len(kept.inside), language))
    if kept.wanted:
        line = count_line(said, kept.people, language)
    conditions = "".join(f"<li>{escape(one)}</li>" for one in condition_text(kept.wanted, units, language))
    st.html(
        f'<div class="vl-take" role="status"><p><b data-units="{kept.units}">{escape(line)}</b>'
        f"{why_html('filter', language, place='take')}</p><ul>{conditions}</ul></div>"
    )
    if not kept.units:
        st.info(text("take_none", language))


def _show_files(order: Order, built: Built, language: Language, *, asked: bool) -> None:
    """The button that makes the file, then what was made; another choice lets go of it."""
    ready: Ready | None = st.session_state.get(READY_KEY)
    if ready is not None and ready.key != (*order.key, stamp_of(built)):
        ready = st.session_state[READY_KEY] = None
    if asked:
        with st.spinner(text("take_making", language)):
            ready = _make(order, built)
        st.session_state[READY_KEY] = ready
    if ready is None:
        return
    columns = st.columns(len(ready.files) + 1, vertical_alignment="center")
    for place, (column, (name, data)) in enumerate(zip(columns, ready.files, strict=False)):
        ending = name.rpartition(".")[2]
        label = text(
            "take_download_zip" if ending == "zip" else "take_download",
            language,
            form=FORM_NAMES.get(ending, ending),
        )
        column.download_button(
            label, data, name, MIME[ending], key=f"take_download_{place}", on_click="ignore", width="stretch"
        )
    lines = [file_line(name, len(data), ready.rows, language) for name, data in ready.files]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    st.html(f'<div class="vl-take" role="status"><ul>{items}</ul>{terms_html(built, language)}</div>')


def _make(order: Order, built: Built) -> Ready | None:
    """Make the files of an order; a fault is told on the page."""
    stem = plain_name(str(built.manifest["name"]))
    key = (*order.key, stamp_of(built))
    try:
        if order.what in MAPS:
            return Ready(key, (_make_map(order, built, stem),), None)
        list_id = None if order.what in WITHOUT_UNITS else order.units.id
        name = (
            "-".join(filter(None, (stem, order.what, list_id, "loc" if order.wanted else "")))
            + f".{order.fmt}"
        )
        made = export_bytes(built, order.what, order.fmt, name, units=list_id, where=order.wanted)
    except VunglomError as fault:
        st.error(text("take_failed", order.language))
        st.code(str(fault), language=None, wrap_lines=True)
        return None
    whole = (f"{made.name}.zip", made.zipped())
    # a CSV has no room for its sources: it goes with them or not at all
    files = (whole,) if order.fmt == "csv" else ((made.name, made.data), whole)
    return Ready(key, files, made.report.rows)


def _make_map(order: Order, built: Built, stem: str) -> tuple[str, bytes]:
    name = "-".join(
        filter(
            None, (stem, "ban_do", order.units.id, plain_name(order.column), "loc" if order.wanted else "")
        )
    )
    if order.what == "map_png":
        # slow to import and wanted for this file only
        from layers.map_image import map_png

        return f"{name}.png", map_png(
            make_sheet(built, order.units, order.column, order.language, order.wanted)
        )
    from layers.standalone import standalone_html

    known = [one.column for one in map_indicators(order.units)]
    others = known if len(order.units.result) <= MOST_UNITS_WITH_ALL else []
    columns = [order.column, *(one for one in others if one != order.column)]
    sheets = make_sheets(built, order.units, columns, order.language, order.wanted)
    return f"{name}.html", standalone_html(sheets)
