"""The way from the map to the page of the unit looked at."""

import streamlit as st

from layers.strings import Language, text
from pages.choices import go_to


def show_open_unit(unit: str | None, language: Language) -> None:
    """A button below the panel of a unit; nothing where no unit is looked at."""
    if unit is not None and st.button(
        text("unit_open", language), key="open_unit", help=text("unit_open_help", language)
    ):
        go_to("unit", language)
        # of the whole app: the panel is in a part of the page that runs by itself
        st.rerun()
