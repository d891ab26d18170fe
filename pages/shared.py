"""What several pages show alike: the banner, sources, terms, display copies of outlines and coverage."""

import re
import unicodedata
from typing import Any, Final, Literal

import streamlit as st

from geo.results import Built, UnitList
from geo.unit_filter import UnitFilter
from layers.assets import app_static_folder
from layers.escape import escape
from layers.overlays import Overlay, coverage_overlays
from layers.simplify import publish_units
from layers.sources import source_lines, terms
from layers.strings import Language, moment, text
from pages.real_boundaries import offer_real_boundaries
from pages.results import stamp_of as stamp_of

UnitsForm = Literal["geojson", "csv"]
FRAME_PX: Final = 440
"""The height that a map's component asks for; `page.css` says how high its frame is."""


def show_banner(built: Built, language: Language) -> None:
    """The warning over figures that are made up; nothing over real ones."""
    if built.manifest["illustrative"]:
        more = (
            f"<b>{escape(text('illustrative', language))}</b> {escape(text('illustrative_more', language))}"
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(f'<div class="vl-banner" role="note">{more}</div>', width="stretch")
            offer_real_boundaries(built.primary.result, language)


def bounds_of(units: UnitList) -> tuple[float, float, float, float]:
    """West, south, east, north of a list of units in degrees."""
    west, south, east, north = (float(edge) for edge in units.result.total_bounds)
    return west, south, east, north


def map_place(page: str) -> "st.delta_generator.DeltaGenerator":
    """Where the map of a page (or one of two compared, `a` or `b`) stands: `page.css` knows by it how high it may be."""
    return st.container(key=f"screen_{page}")


@st.cache_resource(max_entries=32, show_spinner=False)
def publish_list(_units: UnitList, stamp: str, list_id: str) -> str:  # noqa: ARG001  # the cache tells lists apart by them
    """Address of the display copy of a list's outlines, made once."""
    return publish_units(_units.result, app_static_folder())


@st.cache_resource(max_entries=128, show_spinner=False)
def publish_coverage(
    _built: Built,
    stamp: str,  # noqa: ARG001
    technology: str,
    operators: tuple[str, ...],
    language: Language,
    evidence: tuple[str, ...] = (),
) -> tuple[Overlay, ...]:
    """Overlays of one technology, made once for each choice of operators and kinds of evidence."""
    if _built.coverage_areas is None or not technology:
        return ()
    return coverage_overlays(
        _built.coverage_areas, technology, operators, app_static_folder(), language, evidence=evidence
    )


def plain_name(name: str) -> str:
    """`Bình Phước` → `binh_phuoc`, for a file name that every system takes."""
    bare = (
        unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
        .encode("ascii", "ignore")
        .decode()
    )
    return re.sub(r"[^a-z0-9]+", "_", bare.lower()).strip("_") or "vunglom"


def units_file(form: UnitsForm, units: UnitList, manifest: dict[str, Any], where: UnitFilter) -> bytes:
    """The result table of the units that meet `where` as a file; raises `ExportError`."""
    # slow to import, and not wanted before somebody asks for a file
    from geo.export import communes_csv, communes_geojson

    make = communes_geojson if form == "geojson" else communes_csv
    return make(units, manifest, where=where)


def show_sources(built: Built, language: Language) -> None:
    """Where the figures come from."""
    made = text(
        "built_at",
        language,
        time=moment(str(built.manifest["built_at"]), language),
        version=built.manifest["vunglom_version"],
    )
    lines = [*source_lines(built.manifest["inputs"], language), made]
    with st.expander(text("sources", language)):
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        st.html(f'<div class="vl-panel"><ul>{items}</ul></div>')


def terms_html(built: Built, language: Language) -> str:
    """The terms that go with the figures wherever they show; empty when there are none to mention."""
    said = terms(built.manifest["inputs"], language)
    return f'<p class="vl-terms">{escape(said)}</p>' if said else ""
