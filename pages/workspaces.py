"""Which workspace a visitor sees: the one served, or another of the folders that whoever runs the app has named."""

import os
import sys
from pathlib import Path
from typing import Final

import streamlit as st

from geo.workspaces import EDITABLE_VARIABLE, can_make, find_workspaces, folders_of, is_loopback
from pages.register import LINKED_KEYS
from pages.results import SAMPLE, choose_workspace

OPEN_KEY: Final = "workspace_open"
"""Name of the workspace that is open, None for the one served; part of the address."""
NEXT_KEY: Final = "workspace_next"
UNKNOWN_KEY: Final = "workspace_unknown"


def served_root() -> Path:
    """The workspace that the app was started with."""
    return choose_workspace(sys.argv[1:], os.environ)


def folders(served: Path) -> tuple[Path, ...]:
    """The folders of workspaces; new ones are made in the first."""
    return folders_of(served, os.environ, sample=SAMPLE, home=Path.home())


def known_workspaces(served: Path) -> dict[str, Path]:
    """Every workspace that can be opened, by its name in the address."""
    return find_workspaces(served, folders(served))


def open_root(served: Path) -> Path:
    """The folder of the workspace that is open; call before any widget is made. A name that there is not opens the one served."""
    if NEXT_KEY in st.session_state:
        _enter(st.session_state.pop(NEXT_KEY))
    asked = st.session_state.setdefault(OPEN_KEY, st.query_params.get("workspace"))
    if asked is None:
        return served
    found = known_workspaces(served).get(str(asked))
    if found is None:
        st.session_state[OPEN_KEY], st.session_state[UNKNOWN_KEY] = None, str(asked)
        return served
    if found == served:
        st.session_state[OPEN_KEY] = None
    return found


def switch_to(name: str) -> None:
    """Open another workspace, from a button; at the next run where widgets are made already."""
    st.session_state[NEXT_KEY] = name


def _enter(name: str) -> None:
    st.session_state[OPEN_KEY] = name
    # what was chosen is of the other workspace's lists and units
    for key in LINKED_KEYS:
        st.session_state.pop(key, None)
        if key in st.query_params:
            del st.query_params[key]


def may_edit() -> bool:
    """Whether visitors may change data: as `vunglom serve` was told, else only where no other machine can reach the app."""
    said = os.environ.get(EDITABLE_VARIABLE, "")
    if said in ("0", "1"):
        return said == "1"
    return is_loopback(str(st.get_option("server.address") or ""))


def may_make(served: Path) -> bool:
    """Whether a new workspace can be made."""
    return may_edit() and can_make(folders(served))
