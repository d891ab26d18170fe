"""Uploading a proposal: the file box, what is being checked instead of a drawing, and the way back."""

from functools import partial
from pathlib import Path
from typing import Final

import streamlit as st

from geo.errors import InputError
from geo.read import GEOJSON_SUFFIXES
from geo.read_ogr import OGR_SUFFIXES
from geo.rollout_desk import Desk
from layers.box_style import box_style
from layers.escape import escape_markdown
from layers.faults import details_of, fault_text
from layers.file_part import file_text
from layers.reader_notes import note_texts
from layers.strings import Language, number, text
from pages.desk import BOX_KEY, FOCUS_KEY, HELD_KEY, About, features, held, put_drawing, read_upload, redraw
from pages.desk_save import say
from pages.file_part import choose_part, let_go, look_into, opened, show_choice, show_waiting

MEND_KEY: Final = "desk_mend"
STASH_KEY: Final = "desk_stash"
LARGEST_MB: Final = 50
SUFFIXES: Final = (*GEOJSON_SUFFIXES, *OGR_SUFFIXES, ".csv", ".xlsx")


def show_upload(desk: Desk, about: About, language: Language) -> None:
    """The file box."""
    show_box_words(language)
    st.checkbox(text("upload_mend", language), key=MEND_KEY, help=text("upload_mend_help", language))
    key = f"{BOX_KEY} {st.session_state.setdefault(BOX_KEY, 0)}"
    st.file_uploader(
        text("upload", language), key=key, max_upload_size=LARGEST_MB, label_visibility="collapsed",
        on_change=partial(take_file, key, desk, about, language),
    )  # fmt: skip
    forget_unused()
    show_choice(BOX_KEY, language, partial(take_part, desk, about, language))
    st.caption(escape_markdown(text("upload_help", language, size=LARGEST_MB)))


def forget_unused() -> None:
    """Let go of the file whose part was on the desk once another drawing or proposal is there."""
    found, given = opened(BOX_KEY), held()
    if found is not None and found.chosen and (given is None or not given.is_file):
        let_go(BOX_KEY)


def show_box_words(language: Language) -> None:
    """The file box in the language of the page: the words that Streamlit puts there are English ones."""
    st.html(box_style(text("upload_choose", language)))


def take_file(key: str, desk: Desk, about: About, language: Language) -> None:
    """A file that was put into the box takes the place of the drawing, which is kept aside; a fault leaves all as it is."""
    given = st.session_state.get(key)
    if given is None:
        return
    # a new box is empty, so that the same file can be given again once it is mended
    st.session_state[BOX_KEY] += 1
    name = given.name
    if Path(name).suffix.lower() not in SUFFIXES:
        say("error", text("fault_file_kind", language, name=name))
        return
    try:
        is_whole, layer = look_into(BOX_KEY, name, given.getvalue())
    except (InputError, OSError) as fault:
        say_fault(fault, name, language)
        return
    if is_whole:
        let_go(BOX_KEY)
        use_file(name, given.getvalue(), layer, desk, about, language)


def say_fault(fault: InputError | OSError, name: str, language: Language) -> None:
    """Why a file is not used; an `OSError` is a full disk: the file is laid down before it is read."""
    if isinstance(fault, InputError):
        say("error", fault_text(fault, "fault_file", language, name=name), details_of(fault, name))
    else:
        say("error", text("fault_file", language, name=name), str(fault))


def use_file(
    name: str, content: bytes, layer: str | None, desk: Desk, about: About, language: Language
) -> bool:
    """Whether what the file holds, or this part of it, is on the desk now in place of the drawing."""
    try:
        found = read_upload(
            name, content, about, desk, mend=bool(st.session_state.get(MEND_KEY)), layer=layer
        )
    except (InputError, OSError) as fault:
        say_fault(fault, name, language)
        return False
    if held() is None:
        st.session_state[STASH_KEY] = features()
    put_drawing([])
    st.session_state[HELD_KEY] = found
    st.session_state[FOCUS_KEY] = st.session_state.get(FOCUS_KEY, 0) + 1
    return True


def take_part(desk: Desk, about: About, language: Language, part: str) -> None:
    """The sheet or layer that was chosen takes the place of the drawing, or of the one chosen before."""
    found = opened(BOX_KEY)
    if found is not None and use_file(found.name, found.content, part, desk, about, language):
        choose_part(BOX_KEY, part)


def drop_file() -> None:
    """Back to the drawing that was there before the file."""
    let_go(BOX_KEY)
    st.session_state[HELD_KEY] = None
    put_drawing(st.session_state.pop(STASH_KEY, []))


def to_drawing(drawn: list[dict[str, object]]) -> None:
    """What came from a file becomes a drawing that can be mended."""
    st.session_state[HELD_KEY] = None
    st.session_state.pop(STASH_KEY, None)
    put_drawing(drawn)


def show_used(language: Language) -> None:
    """Which file is checked instead of a drawing, what the reader noted, and the ways out."""
    show_waiting(BOX_KEY, language)
    given = held()
    if given is None:
        return
    count = text(f"upload_{given.kind}", language, count=number(len(given.geometry["features"]), language))
    line = text("upload_used", language, name=file_text(given.name, given.layer, language), count=count)
    said, edit, drop = st.columns([3, 1.3, 1.3], vertical_alignment="center")
    said.info(escape_markdown(line))
    drawn = redraw(given.geometry)
    edit.button(
        text("edit_copy", language), key="edit_copy", disabled=drawn is None, width="stretch",
        help=text("edit_copy_not", language) if drawn is None else None,
        on_click=partial(to_drawing, drawn or []),
    )  # fmt: skip
    drop.button(text("upload_drop", language), key="upload_drop", on_click=drop_file, width="stretch")
    if given.notes:
        st.caption(escape_markdown(" ".join(note_texts(given.notes, language))))
        with st.expander(text("upload_notes", language, count=number(len(given.notes), language))):
            st.code("\n".join(given.notes), language=None, wrap_lines=True)
