"""From the sample to real outlines in one click: fetched into a workspace of their own, the sample stays as it is."""

from functools import partial

import pandas as pd
import streamlit as st

from geo.workspaces import folder_name
from layers.strings import Language, text
from pages.turning import go_to
from pages.workspaces import known_workspaces, may_make, served_root, switch_to


def offer_real_boundaries(result: pd.DataFrame, language: Language) -> None:
    """The button under the banner; nothing where no workspace may be made. The network is asked only when it is pressed."""
    province = province_of(result)
    if not province or not may_make(served_root()):
        return
    st.button(
        text("real_boundaries", language, province=province), key="real_boundaries", icon=":material/map:",
        help=text("real_boundaries_help", language), on_click=partial(_take, province, language),
    )  # fmt: skip


def _take(province: str, language: Language) -> None:
    known = folder_name(province)
    if known in known_workspaces(served_root()):
        switch_to(known)
        return
    # slow to import, and few press the button
    from pages.data_new import fetch_new

    fetch_new(province, [province], language)
    go_to("data", language)


def province_of(result: pd.DataFrame) -> str:
    """The province that most units of a list say they lie in; empty where none says it."""
    if "province_name" not in result.columns:
        return ""
    names = result["province_name"].dropna().astype(str)
    return "" if names.empty else str(names.mode().iloc[0])
