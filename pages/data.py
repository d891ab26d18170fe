"""The data page: what the figures are made of, what was found in it, adding and building, workspaces, and the way back."""

from functools import partial
from pathlib import Path
from typing import Final

import streamlit as st

from geo.results import Built
from geo.workspace import Workspace, load_workspace
from layers.assets import MapAssets
from layers.escape import escape
from layers.strings import Language, text
from layers.why import why_html
from pages.choices import write_address
from pages.data_add import show_adding
from pages.data_findings import show_findings
from pages.data_inputs import show_inputs
from pages.data_new import show_own_data
from pages.data_state import show_jobs, show_state
from pages.shared import show_banner
from pages.workspaces import OPEN_KEY, known_workspaces, may_edit, served_root, switch_to

VIEWS: Final = ("inputs", "findings", "add", "own")
VIEW_KEY: Final = "data_view"


def show(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    """The whole page."""
    show_banner(built, language)
    title, chooser = st.columns([3, 2], vertical_alignment="bottom")
    hint = escape(text("data_hint", language))
    title.html(
        f'<section class="vl-panel"><h2>{escape(text("data_title", language))}{why_html("finding", language)}</h2><p class="vl-hint">{hint}</p></section>'
    )
    with chooser:
        show_workspaces(workspace.root, language)
    # the job in a place of its own: whatever comes and goes above the map would make it another map
    with st.container():
        show_jobs(workspace.root, language)
    with st.container():
        show_state(workspace, built, language)
    view = show_views(language)
    extra: dict[str, object] = {}
    if view == "inputs":
        show_inputs(workspace, built, language)
    elif view == "findings":
        extra = show_findings(workspace, built, assets, language)
    elif view == "add":
        show_adding(workspace.root, language)
    else:
        show_own_data(workspace, language)
    write_address(
        {
            "lang": language if language != "vi" else None,
            "page": "data",
            "view": view if view != VIEWS[0] else None,
            **extra,
        }
    )


def show_unbuilt(root: Path, language: Language) -> bool:
    """The page of a workspace without results: what runs in it, adding to it, building it."""
    workspace = load_workspace(root)
    show_workspaces(root, language)
    show_jobs(root, language)
    st.info(text("data_unbuilt", language))
    show_state(workspace, None, language)
    show_adding(root, language)
    write_address({"lang": language if language != "vi" else None, "page": "data", "view": "add"})
    return True


def show_views(language: Language) -> str:
    """The switch between the parts of the page; those that change data only where that is allowed."""
    views = VIEWS if may_edit() else VIEWS[:2]
    given = st.session_state.get(VIEW_KEY, st.query_params.get("view"))
    st.session_state[VIEW_KEY] = given if given in views else views[0]
    chosen = st.segmented_control(
        text("data_view", language), views, key=VIEW_KEY, format_func=lambda one: text(f"data_view_{one}", language),
        required=True, label_visibility="collapsed",
    )  # fmt: skip
    if not may_edit():
        st.caption(text("read_only", language))
    return str(chosen or views[0])


def show_workspaces(root: Path, language: Language) -> None:
    """The box that opens another workspace; nothing where there is only one."""
    known = known_workspaces(served_root())
    names = list(known)
    now = next((name for name, path in known.items() if path == root), names[0])
    if len(names) == 1:
        return
    key = f"workspace_box {now}"
    st.selectbox(
        text("workspace", language), names, index=names.index(now), key=key, on_change=partial(_take_workspace, key),
        help=text("workspace_help", language),
    )  # fmt: skip


def _take_workspace(key: str) -> None:
    wanted = str(st.session_state[key])
    if wanted != st.session_state.get(OPEN_KEY):
        switch_to(wanted)
