"""Adding an input: by upload, or fetched from its publisher; then the results are built anew in the background."""

from functools import partial
from pathlib import Path
from typing import Any, Final

import streamlit as st

from geo.additions import Kind
from geo.errors import VunglomError
from geo.job import build_command
from geo.uploads import add_command, fetch_command
from layers.escape import escape, escape_markdown
from layers.strings import Language, text
from pages.data_form import Given, put_files, show_form
from pages.data_state import SAID_KEY, empty_box_after, submit, takes_box
from pages.workspaces import may_edit

PREFIX: Final = "add"
SOURCES: Final = ("ookla", "population", "places", "boundaries", "opencellid")


def show_adding(root: Path, language: Language) -> None:
    """Upload, and below it fetch."""
    if not may_edit():
        return
    st.html(f'<section class="vl-panel"><h3>{escape(text("add_upload", language))}</h3></section>')
    kinds = [str(one) for one in Kind]
    kind = Kind(
        st.selectbox(
            text("add_kind", language), kinds, key=f"{PREFIX}_kind", index=kinds.index("coverage"),
            format_func=lambda one: text(f"kind_{one}", language),
        )
    )  # fmt: skip
    st.caption(text(f"add_about_{kind}", language))
    given = show_form(PREFIX, kind, language)
    replace = st.checkbox(
        text("add_replace", language, kind=text(f"kind_{kind}", language).lower()), key=f"{PREFIX}_replace",
        help=text("add_replace_help", language),
    )  # fmt: skip
    build = st.checkbox(text("add_build", language), value=True, key=f"{PREFIX}_build")
    ready = bool(given.files) and not given.missing and not takes_box(PREFIX)
    st.button(
        text("add_button", language), key="add_button", type="primary", disabled=not ready,
        on_click=partial(take_files, root, kind, given, replace, build, language),
    )  # fmt: skip
    show_missing(given, language)
    show_fetching(root, language)


def show_missing(given: Given, language: Language) -> None:
    """Why the button cannot be pressed yet."""
    if not given.files:
        st.caption(text("add_no_file", language))
    elif given.missing:
        names = ", ".join(text(f"add_{name}", language) for name in given.missing)
        st.caption(escape_markdown(text("add_missing", language, names=names)))


def take_files(root: Path, kind: Kind, given: Given, replace: bool, build: bool, language: Language) -> None:
    """Put the files on disk and begin the job that adds them; a fault leaves all as it is."""
    if not may_edit():
        return
    try:
        tray, paths = put_files(kind, given.files)
    except VunglomError as fault:
        st.session_state[SAID_KEY] = (text("fault_file", language, name=given.title), str(fault))
        return
    commands = [add_command(root, kind, paths, given.options, replace=replace, mend=given.mend)]
    if build:
        commands.append(build_command(root))
    job = submit(root, commands, language, title=given.title, after=tray.drop)
    if job is None:
        tray.drop()
    else:
        empty_box_after(job, PREFIX)


def show_fetching(root: Path, language: Language) -> None:
    """Open data straight from their publishers; the network is asked only when the button is pressed."""
    st.html(f'<section class="vl-panel"><h3>{escape(text("fetch_title", language))}</h3></section>')
    st.caption(text("fetch_hint", language))
    places = st.columns([1.6, 1.6, 1.6, 1.2], vertical_alignment="bottom")
    with places[0]:
        source = str(
            st.selectbox(
                text("fetch_source", language), SOURCES, key="fetch_source",
                format_func=lambda one: text(f"fetch_{one}", language),
            )
        )  # fmt: skip
    options: dict[str, Any] = {}
    with places[1]:
        if source == "ookla":
            options["network"] = st.selectbox(
                text("add_network", language), ("mobile", "fixed"), key="fetch_network",
                format_func=lambda one: text(f"network_{one}", language),
            )  # fmt: skip
        elif source == "boundaries":
            options["province"] = st.text_input(
                text("own_province", language), key="fetch_province", max_chars=80
            )
        elif source == "population":
            options["year"] = st.number_input(
                text("fetch_year", language), 2015, 2030, 2025, key="fetch_year"
            )
    with places[2]:
        if source == "ookla":
            options["quarters"] = st.text_input(
                text("fetch_quarters", language), key="fetch_quarters", max_chars=40, placeholder="2026Q1..latest-published",
                help=text("fetch_quarters_help", language),
            )  # fmt: skip
    lacking = source == "boundaries" and not str(options.get("province") or "").strip()
    replace = source in ("population", "boundaries")
    places[3].button(
        text("fetch_button", language), key="fetch_button", width="stretch", disabled=lacking,
        on_click=partial(_fetch, root, source, options, replace, language),
    )  # fmt: skip
    if source == "boundaries":
        st.caption(text("fetch_boundaries_warning", language))


def _fetch(root: Path, source: str, options: dict[str, Any], replace: bool, language: Language) -> None:
    commands = [fetch_command(root, source, options, replace=replace), build_command(root)]
    submit(root, commands, language, title=text(f"fetch_{source}", language))
