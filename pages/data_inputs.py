"""The part of the data page that lists the inputs."""

from datetime import UTC, datetime

import streamlit as st

from geo.input_table import input_rows, inputs_frame
from geo.results import Built
from geo.table_write import encode_csv
from geo.workspace import Workspace
from layers.inputs_html import inputs_html
from layers.strings import Language, text
from pages.shared import plain_name


def show_inputs(workspace: Workspace, built: Built, language: Language) -> None:
    """Every input, and the same as a file."""
    rows = input_rows(workspace, built.manifest["inputs"], datetime.now(UTC).date())
    st.html(f'<section class="vl-panel">{inputs_html(rows, language)}</section>')
    st.download_button(
        text("inputs_csv", language),
        lambda: encode_csv(inputs_frame(rows)),
        f"{plain_name(workspace.name)}-inputs.csv",
        "text/csv",
        key="inputs_csv",
        on_click="ignore",
    )
