"""The page of targets: progress to each national goal and each of one's own, who is short of it, files to take."""

from typing import Final

import pandas as pd
import streamlit as st

from geo.results import Built, UnitList
from geo.table_write import encode_csv, encode_xlsx
from geo.target_report import TargetReport, known_targets, report_targets
from geo.targets import Target
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.escape import escape
from layers.sources import about_rows
from layers.strings import Language, text
from layers.targets import (
    STATE_INDICATOR,
    progress_html,
    short_table,
    take_home,
    target_name,
    target_source,
    with_states,
)
from pages.choices import choose, list_name, look_at_unit, unit_chosen, write_address
from pages.choose_row import choose_row
from pages.shared import plain_name, show_banner, show_sources, stamp_of, terms_html
from pages.units_map import show_units_map

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    """The whole page."""
    show_banner(built, language)
    title = f"<h2>{escape(text('targets_title', language))}</h2>"
    st.html(
        f'<section class="vl-panel">{title}<p class="vl-hint">{escape(text("targets_hint", language))}</p></section>'
    )
    with st.container():
        first, second = st.columns(2)
        with first:
            ids = list(built.lists)
            one = choose(
                "list", text("unit_list", language), ids, lambda i: list_name(built.lists[i], language)
            )
            units = built.lists[one]
        unit_chosen(units)
        report = judged(workspace, built, units)
        by_id = {target.id: target for target in report.targets}
        with second:
            chosen = choose(
                "target", text("target", language), list(by_id), lambda i: target_name(by_id[i], language)
            )
    target = by_id[chosen]
    st.html(progress_html(report, chosen, language))
    # half for the table: it has six columns, and those that do not fit are out of sight
    left, right = st.columns(2, gap="medium")
    with left:
        title = f"<h3>{escape(target_name(target, language))}</h3>"
        source = f'<p class="vl-hint">{escape(target_source(target, language))}</p>'
        st.html(f'<section class="vl-panel">{title}{source}</section>')
        result = with_states(units.result, report.by_unit, chosen)
        show_units_map(workspace, built, assets, units, result, STATE_INDICATOR, language, page="targets")
    with right:
        show_table(report, target, units, language)
        show_downloads(report, built, units, language)
    show_sources(built, language)
    remember(units, built, chosen, report, language)


def judged(workspace: Workspace, built: Built, units: UnitList) -> TargetReport:
    """The report of this list, computed once for all visitors."""
    targets = known_targets(workspace.targets, units)
    return _judged(built, units, stamp_of(built), units.id, targets)


@st.cache_resource(max_entries=16, show_spinner=False)
def _judged(
    _built: Built,
    _units: UnitList,
    stamp: str,  # noqa: ARG001  # the cache tells results apart by them
    list_id: str,  # noqa: ARG001
    targets: tuple[Target, ...],
) -> TargetReport:
    return report_targets(_built, _units, targets)


def show_table(report: TargetReport, target: Target, units: UnitList, language: Language) -> None:
    """Units, those short of the target first; a row chosen is the unit looked at."""
    table = short_table(report, target, units.result, language)
    choose_row("target_table", table, st.session_state.get("unit"), look_at_unit, language, most_px=430)


def show_downloads(report: TargetReport, built: Built, units: UnitList, language: Language) -> None:
    """All targets and units as CSV and XLSX, with sources and terms in every row's note."""
    name = f"{plain_name(str(built.manifest['name']))}-{units.id}-targets"

    def table() -> pd.DataFrame:
        return take_home(report, units.vintage, about_rows(built.manifest, language))

    first, second = st.columns(2)
    first.download_button(
        text("targets_csv", language), lambda: encode_csv(table()), f"{name}.csv", "text/csv", key="targets_csv",
        on_click="ignore", width="stretch",
    )  # fmt: skip
    second.download_button(
        text("targets_xlsx", language), lambda: encode_xlsx(table()), f"{name}.xlsx", XLSX, key="targets_xlsx",
        on_click="ignore", width="stretch",
    )  # fmt: skip
    if said := terms_html(built, language):
        st.html(said)


def remember(units: UnitList, built: Built, target: str, report: TargetReport, language: Language) -> None:
    """Write the view into the address."""
    write_address(
        {
            "lang": language if language != "vi" else None,
            "page": "targets",
            "list": units.id if units.id != built.primary.id else None,
            "target": target if target != report.targets[0].id else None,
            "unit": st.session_state.get("unit"),
        }
    )
