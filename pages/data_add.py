"""Adding an input: by upload, or fetched from its publisher; then the results are built anew in the background."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import streamlit as st

from geo.additions import Kind
from geo.border_table import border_input, border_lists, unserved_lists
from geo.errors import VunglomError
from geo.job import Command, build_command
from geo.uploads import BORDER_LINE, add_command, border_command, fetch_command
from geo.workspace import load_workspace
from layers.escape import escape, escape_markdown
from layers.inputs_html import input_label
from layers.labels import list_words
from layers.strings import Language, text
from pages.data_form import Given, put_files, show_form
from pages.data_state import SAID_KEY, empty_box_after, submit, takes_box
from pages.workspaces import may_edit

PREFIX: Final = "add"
BESIDE, ALL = "beside", "all"
SOURCES: Final = ("ookla", "population", "places", "boundaries", "opencellid")


def show_adding(root: Path, language: Language) -> None:
    """Upload, and below it fetch."""
    if not may_edit():
        return
    st.html(f'<section class="vl-panel"><h3>{escape(text("add_upload", language))}</h3></section>')
    kinds = [*map(str, Kind), BORDER_LINE]
    kind = str(
        st.selectbox(
            text("add_kind", language), kinds, key=f"{PREFIX}_kind", index=kinds.index("coverage"),
            format_func=lambda one: text(f"kind_{one}", language),
        )
    )  # fmt: skip
    st.caption(text(f"add_about_{kind}", language))
    lists = border_lists(load_workspace(root)) if kind == BORDER_LINE else ()
    given = show_form(PREFIX, kind, language, lists=lists)
    show_unserved(lists, given, language)
    place = show_place(root, kind, language)
    build = st.checkbox(text("add_build", language), value=True, key=f"{PREFIX}_build")
    ready = bool(given.files) and not given.missing and not takes_box(PREFIX)
    st.button(
        text("add_button", language), key="add_button", type="primary", disabled=not ready,
        on_click=partial(take_files, root, kind, given, place, build, language),
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


def show_unserved(lists: Sequence[str], given: Given, language: Language) -> None:
    """Which lists a table of border units for the list chosen will tell nothing of."""
    chosen = str(given.options.get("units", ""))
    unserved = unserved_lists(lists, chosen) if chosen else ()
    if unserved:
        names = "; ".join(list_words(one, language) for one in unserved)
        st.caption(escape_markdown(text("add_unserved", language, lists=names)))


def show_place(root: Path, kind: str, language: Language) -> str:
    """Beside the inputs of the kind, in place of one of them (the sha256 of its first file), or of all."""
    workspace = load_workspace(root)
    if kind == BORDER_LINE:
        held = border_input(workspace)
        if held is None:
            return BESIDE
        # there is one table of border units: nothing to choose, but something to know
        st.caption(escape_markdown(text("add_border_replaces", language, label=input_label(held, language))))
        return ALL
    known = {given.files[0].sha256: given for given in workspace.of_kind(kind)}
    if not known:
        return BESIDE

    def words(choice: str) -> str:
        if choice in known:
            return input_label(known[choice], language)
        return text(f"add_place_{choice}", language)

    return str(
        st.selectbox(
            text("add_place", language), (BESIDE, *known, ALL), key=f"{PREFIX}_place {kind}", format_func=words,
            help=text("add_place_help", language),
        )
    )  # fmt: skip


def take_files(root: Path, kind: str, given: Given, place: str, build: bool, language: Language) -> None:
    """Put the files on disk and begin the job that adds them; a fault leaves all as it is."""
    if not may_edit():
        return
    try:
        tray, paths = put_files(kind, given.files)
    except VunglomError as fault:
        st.session_state[SAID_KEY] = (text("fault_file", language, name=given.title), str(fault))
        return
    commands = [_adding(root, kind, paths, given, place)]
    if build:
        commands.append(build_command(root))
    job = submit(root, commands, language, title=given.title, after=tray.drop)
    if job is None:
        tray.drop()
    else:
        empty_box_after(job, PREFIX)


def _adding(root: Path, kind: str, paths: Sequence[Path], given: Given, place: str) -> Command:
    """The command that takes the files in, beside or in place of what is there."""
    if kind == BORDER_LINE:
        return border_command(root, paths[0], given.options, replace=place == ALL)
    instead_of = "" if place in (BESIDE, ALL) else place
    return add_command(
        root, kind, paths, given.options, replace=place == ALL, instead_of=instead_of, mend=given.mend
    )


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
