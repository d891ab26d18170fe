"""The way from the map to the page of the unit looked at."""

import streamlit as st

from layers.panel import UnitPanel
from layers.strings import Language, text
from pages.choices import go_to


def show_open_unit(panel: UnitPanel | None, language: Language) -> None:
    """A button below the panel of a unit; nothing where no unit is looked at."""
    if panel is not None:
        st.button(
            text("unit_open", language), key="open_unit", help=text("unit_open_help", language),
            on_click=go_to, args=("unit", language),
        )  # fmt: skip
