"""A workspace of the planner's own in three steps: name and boundaries, data, build."""

from functools import partial
from pathlib import Path
from typing import Final

import streamlit as st

from geo.additions import Kind
from geo.errors import VunglomError
from geo.job import build_command
from geo.uploads import fetch_command, new_command
from geo.workspace import CONFIG_NAME, Workspace
from geo.workspaces import new_folder
from layers.escape import escape, escape_markdown
from layers.strings import Language, text
from pages.data_add import show_missing
from pages.data_form import Given, put_files, show_form
from pages.data_state import SAID_KEY, empty_box_after, submit, takes_box, watch_other
from pages.workspaces import folders, may_make, served_root

PREFIX: Final = "own"
FETCH, UPLOAD = "fetch", "upload"


def show_own_data(workspace: Workspace, language: Language) -> None:
    """The three steps; the first makes a workspace and opens it, the others are its own pages."""
    steps = "".join(f"<li>{escape(text(f'own_step_{number}', language))}</li>" for number in (1, 2, 3))
    st.html(
        f'<section class="vl-panel"><h3>{escape(text("data_own_title", language))}</h3><ol class="vl-steps">{steps}</ol></section>'
    )
    if not may_make(served_root()):
        st.info(text("own_no_place", language))
        return
    st.html(f'<section class="vl-panel"><h4>{escape(text("own_step_1", language))}</h4></section>')
    name = st.text_input(
        text("own_name", language),
        key="own_name",
        max_chars=100,
        placeholder=text("own_name_example", language),
    )
    way = st.segmented_control(
        text("own_way", language), (FETCH, UPLOAD), key="own_way", default=FETCH, required=True,
        format_func=lambda one: text(f"own_way_{one}", language), label_visibility="collapsed",
    )  # fmt: skip
    if way == FETCH:
        _show_fetch(str(name or "").strip(), language)
    else:
        _show_upload(str(name or "").strip(), language)
    st.html(
        f'<section class="vl-panel"><h4>{escape(text("own_step_2", language))}</h4><p>{escape(text("own_step_2_how", language))}</p>'
        f"<h4>{escape(text('own_step_3', language))}</h4><p>{escape(text('own_step_3_how', language))}</p></section>"
    )
    if not workspace.illustrative:
        st.caption(escape_markdown(text("own_open", language, name=workspace.name)))


def _show_fetch(name: str, language: Language) -> None:
    st.caption(text("own_fetch_hint", language))
    province = st.text_input(text("own_province", language), key="own_province", max_chars=80)
    wanted = str(province or "").strip()
    st.button(
        text("own_fetch", language), key="own_fetch", type="primary", disabled=not wanted,
        on_click=partial(fetch_new, name or wanted, [wanted], language),
    )  # fmt: skip


def fetch_new(name: str, provinces: list[str], language: Language) -> None:
    """Fetch the boundaries of a province into a workspace of its own, build it and open it; nothing else is touched."""
    served = served_root()
    if not may_make(served):
        return
    root = new_folder(folders(served), name)
    commands = [
        fetch_command(root, "boundaries", {"province": provinces[0], "name": name}),
        build_command(root),
    ]
    if submit(root, commands, language, title=name, after=partial(_forget_empty, root)) is not None:
        watch_other(root, root.name)


def _forget_empty(root: Path) -> None:
    """What a fetch that failed left beside: an empty folder is no workspace."""
    if root.is_dir() and not (root / CONFIG_NAME).exists() and not any(root.iterdir()):
        root.rmdir()


def _show_upload(name: str, language: Language) -> None:
    given = show_form(PREFIX, Kind.BOUNDARIES, language)
    ready = bool(name) and bool(given.files) and not given.missing and not takes_box(PREFIX)
    st.button(
        text("own_make", language), key="own_make", type="primary", disabled=not ready,
        on_click=partial(make_new, name, given, language),
    )  # fmt: skip
    if not name:
        st.caption(text("own_no_name", language))
    else:
        show_missing(given, language)


def make_new(name: str, given: Given, language: Language) -> None:
    """Make a workspace of uploaded boundaries, build it and open it."""
    served = served_root()
    if not may_make(served):
        return
    try:
        tray, paths = put_files(Kind.BOUNDARIES, given.files)
    except VunglomError as fault:
        st.session_state[SAID_KEY] = (text("fault_file", language, name=given.title), str(fault))
        return
    root = new_folder(folders(served), name)
    commands = [new_command(root, name, paths, given.options, mend=given.mend), build_command(root)]
    job = submit(root, commands, language, title=given.title, after=tray.drop)
    if job is None:
        tray.drop()
        return
    watch_other(root, root.name)
    empty_box_after(job, PREFIX)
