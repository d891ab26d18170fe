"""Files of sites on the suggest page: where new sites may stand, and those that exist or are decided on already."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import geopandas as gpd
import streamlit as st

from geo.errors import InputError
from geo.mends import NO_MENDS
from geo.rollout_desk import Desk
from geo.site_points import read_site_points
from geo.suggest import FILE, GRID, Lists
from layers.escape import escape_markdown
from layers.faults import details_of
from layers.file_part import file_text
from layers.reader_notes import note_texts
from layers.strings import Language, number, text
from pages.desk import PAGE_MENDS, as_file
from pages.desk_save import say
from pages.desk_upload import LARGEST_MB, MEND_KEY, SUFFIXES, say_fault, show_box_words
from pages.file_part import choose_part, let_go, look_into, opened, show_choice, show_waiting

KINDS: Final = ("candidates", "keep")
FILES_KEY: Final = "plan_lists"
_BOX_KEY: Final = "plan_box"


@dataclass(frozen=True, eq=False)
class SiteFile:
    """The sites of one uploaded file and what the reader noted; `basis` names the results they were read for."""

    name: str
    sites: gpd.GeoDataFrame
    notes: tuple[str, ...]
    basis: str
    layer: str = ""

    @property
    def source(self) -> str:
        """Its name, with the sheet or layer that was chosen, the same in every language."""
        return f"{self.name} [{self.layer}]" if self.layer else self.name

    def told(self, language: Language) -> str:
        """Its name, with the sheet or layer that was chosen."""
        return file_text(self.name, self.layer, language)


def given_files(basis: str) -> dict[str, SiteFile]:
    """The files in use by kind; one that was read for other results is dropped."""
    files: dict[str, SiteFile] = st.session_state.setdefault(FILES_KEY, {})
    for kind in [kind for kind, file in files.items() if file.basis != basis]:
        del files[kind]
    return files


def lists_of(files: dict[str, SiteFile]) -> Lists:
    """What the search is given."""
    candidates, keep = files.get("candidates"), files.get("keep")
    return Lists(
        None if candidates is None else candidates.sites,
        None if keep is None else keep.sites,
        tuple(note for file in files.values() for note in file.notes),
    )


def show_files(desk: Desk, basis: str, language: Language) -> None:
    """A box for each kind of file."""
    show_box_words(language)
    st.checkbox(text("upload_mend", language), key=MEND_KEY, help=text("upload_mend_help", language))
    for kind in KINDS:
        key = f"{_BOX_KEY} {kind} {st.session_state.setdefault(f'{_BOX_KEY} {kind}', 0)}"
        st.file_uploader(
            text(f"plan_file_{kind}", language), key=key, max_upload_size=LARGEST_MB,
            on_change=partial(take_sites, kind, key, desk, basis, language),
        )  # fmt: skip
        found = opened(_box(kind))
        if found is not None and found.chosen and kind not in given_files(basis):
            let_go(_box(kind))
        show_choice(_box(kind), language, partial(take_part, kind, desk, basis, language))
    st.caption(escape_markdown(text("plan_files_help", language, size=LARGEST_MB)))


def take_sites(kind: str, key: str, desk: Desk, basis: str, language: Language) -> None:
    """Read what was put into a box; a fault leaves all as it is."""
    given = st.session_state.get(key)
    if given is None:
        return
    # a new box is empty, so that the same file can be given again once it is mended
    st.session_state[f"{_BOX_KEY} {kind}"] += 1
    if Path(given.name).suffix.lower() not in SUFFIXES:
        say("error", text("fault_file_kind", language, name=given.name))
        return
    try:
        is_whole, layer = look_into(_box(kind), given.name, given.getvalue())
    except (InputError, OSError) as fault:
        say_fault(fault, given.name, language)
        return
    if is_whole:
        let_go(_box(kind))
        use_sites(kind, given.name, given.getvalue(), layer, desk, basis, language)


def _box(kind: str) -> str:
    """The name of a box, under which a file of several sheets or layers is kept."""
    return f"{_BOX_KEY} {kind}"


def use_sites(
    kind: str, name: str, content: bytes, layer: str | None, desk: Desk, basis: str, language: Language
) -> bool:
    """Whether the sites of a file, or of this part of it, are in use now."""
    mends = PAGE_MENDS if st.session_state.get(MEND_KEY) else NO_MENDS
    try:
        with as_file(name, content) as path:
            sites, findings = read_site_points(path, desk.units.result, mends=mends, layer=layer)
    except (InputError, OSError) as fault:
        say_fault(fault, name, language)
        return False
    notes = tuple(details_of(finding.message, name) for finding in findings)
    given_files(basis)[kind] = SiteFile(name, sites, notes, basis, layer or "")
    if kind == "candidates":
        st.session_state["plan_candidates"] = FILE
    return True


def take_part(kind: str, desk: Desk, basis: str, language: Language, part: str) -> None:
    """Read the sheet or layer that was chosen."""
    found = opened(_box(kind))
    if found is not None and use_sites(kind, found.name, found.content, part, desk, basis, language):
        choose_part(_box(kind), part)


def drop_sites(kind: str) -> None:
    """Do without a file."""
    let_go(_box(kind))
    st.session_state.get(FILES_KEY, {}).pop(kind, None)
    if kind == "candidates":
        st.session_state["plan_candidates"] = GRID


def show_used_files(files: dict[str, SiteFile], language: Language) -> None:
    """Which files are in use, what the reader noted of each, and a way to do without."""
    for kind in KINDS:
        show_waiting(_box(kind), language)
        file = files.get(kind)
        if file is None:
            continue
        said, drop = st.columns([5, 1], vertical_alignment="center")
        count = number(len(file.sites), language)
        line = text(f"plan_used_{kind}", language, name=file.told(language), count=count)
        said.info(escape_markdown(" ".join([line, *note_texts(file.notes, language)])))
        drop.button(
            text("plan_file_drop", language),
            key=f"plan_drop_{kind}",
            on_click=partial(drop_sites, kind),
            width="stretch",
        )
