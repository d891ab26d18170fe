"""Entry of the app: the workspace, the language and the list of pages; every page does its own showing.

streamlit run app.py [-- WORKSPACE]        (or VUNGLOM_WORKSPACE=… ; `vunglom serve DIR` sets it)
"""

import os
import sys
from importlib import import_module
from pathlib import Path

import streamlit as st

from geo.errors import NotBuiltError, VunglomError
from geo.results import Built
from geo.workspace import Workspace
from layers.assets import PAGE_STYLE, MapAssets, app_static_folder, install_assets
from layers.escape import escape, escape_markdown
from layers.strings import LANGUAGE_NAMES, LANGUAGES, Language, as_language, text
from pages.choices import follow_address, keep_widgets, language_key, page_key
from pages.guard import guarded
from pages.register import PAGES, page_of
from pages.results import choose_workspace, read_results, warm_up
from pages.serving import browser_files, first_visit, host_guard, upload_guard
from pages.workspaces import UNKNOWN_KEY, may_edit, open_root


def show_language_switch() -> Language:
    """The language switch; its choice is part of the address."""
    # the first choice is kept apart: a switch whose value is assigned in session state comes back empty two runs later
    first = st.session_state.setdefault("first_language", as_language(st.query_params.get("lang")))
    chosen = st.segmented_control(
        text("language", first),
        LANGUAGES,
        default=first,
        format_func=LANGUAGE_NAMES.__getitem__,
        key=language_key(),
        required=True,
        label_visibility="collapsed",
    )
    return as_language(chosen)


def show_page_switch(language: Language) -> str:
    """The switch between the pages; `?page=check` opens one, no `page` is the map."""
    asked = st.query_params.get("page")
    first = st.session_state.setdefault("first_page", asked if asked in PAGES else PAGES[0])
    chosen = st.segmented_control(
        text("pages", language),
        PAGES,
        default=first,
        format_func=lambda name: text(f"page_{name}", language),
        key=page_key(),
        required=True,
        label_visibility="collapsed",
    )
    return str(chosen or first)


def show_header(title_place: "st.delta_generator.DeltaGenerator", name: str, language: Language) -> None:
    """Name of the tool, of the region, and what the tool is for."""
    title = escape(text("app_title", language)) + (f" · {escape(name)}" if name else "")
    subtitle = escape(text("app_subtitle", language))
    title_place.html(f'<div class="vl-title"><h1>{title}</h1><span>{subtitle}</span></div>')


def show_fault(key: str, fault: VunglomError, root: Path, command: str, language: Language) -> None:
    """A fault as a page of its own: what happened and what to do in words, then the detail for whoever mends it.

    Where visitors come from other machines they are not told in which folder of this one the workspace lies.
    """
    hidden = "" if may_edit() else f"{root.parent}{os.sep}"
    said, told = (one.replace(hidden, "") if hidden else one for one in (str(fault), command))
    with st.container(border=True):
        st.subheader(text(key, language))
        st.write(text(f"{key}_how", language))
        st.code(told or said, language=None, wrap_lines=True)
        if told:
            st.caption(escape_markdown(said))


def show_page(name: str, workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    """One page of a built workspace."""
    keep_widgets(name)
    # not at the top: the map's component makes itself known to the server only while a script runs
    with guarded(language):
        page = import_module(page_of(name).module)
        page.show(workspace, built, assets, language)


def show_unbuilt(page: str, root: Path, language: Language) -> bool:
    """The data page of a workspace without results, where it can be built; False where the fault has to do."""
    if page != "data" or not may_edit():
        return False
    # not at the top, as every page
    return bool(import_module("pages.data").show_unbuilt(root, language))


def show_unknown_workspace(language: Language) -> None:
    """The address named a workspace that there is not: nobody should take another's figures for it."""
    name = st.session_state.pop(UNKNOWN_KEY, None)
    if name is not None:
        said = escape(text("workspace_unknown", language, name=name[:80]))
        st.html(f'<div class="vl-banner" role="alert">{said}</div>')


def main() -> None:
    """One run of the app for one visitor."""
    st.set_page_config(page_title=text("app_title", "vi"), layout="wide", initial_sidebar_state="collapsed")
    st.html(PAGE_STYLE)
    follow_address()
    title_place, language_place = st.columns([5, 1], vertical_alignment="center")
    with language_place, st.container(horizontal=True, horizontal_alignment="right", key="languages"):
        language = show_language_switch()
    page = show_page_switch(language)
    served = choose_workspace(sys.argv[1:], os.environ)
    root = open_root(served)
    show_unknown_workspace(language)
    name = ""
    try:
        assets = install_assets(app_static_folder())
        workspace, built = read_results(root)
        name = str(built.manifest["name"])
        show_header(title_place, name, language)
        show_page(page, workspace, built, assets, language)
    except NotBuiltError as fault:
        show_header(title_place, name, language)
        if show_unbuilt(page, root, language):
            return
        show_fault("not_built", fault, root, f"vunglom build {root}", language)
    except VunglomError as fault:
        show_header(title_place, name, language)
        show_fault("workspace_fault", fault, root, "", language)


# `streamlit run` finds this name and imports this file when the server starts, then runs it for each visitor
app = st.App(__file__, middleware=[host_guard(), upload_guard(), browser_files()], lifespan=first_visit)

if __name__ == "__main__":
    main()
else:
    warm_up(choose_workspace(sys.argv[1:], os.environ))
