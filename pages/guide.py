"""The guided start on the sample: four things a first visitor can do, each a button; gone once it is closed."""

from functools import partial
from typing import Final

import streamlit as st

from geo.results import Built, UnitList
from geo.schema import Verdict
from geo.unit_filter import UnitFilter, as_conditions
from layers.escape import escape
from layers.strings import Language, text
from pages.choices import go_to
from pages.map_filter import WHERE
from pages.register import page_of
from pages.shared import plain_name, units_file

CLOSED_KEY: Final = "guide_closed"
GAPS: Final = UnitFilter(verdicts=(str(Verdict.GAP),))


def show_guide(built: Built, units: UnitList, language: Language) -> None:
    """The steps, on illustrative data only: who has data of their own has passed them."""
    # whoever follows a link to a view wants that view
    is_link = any(key in st.query_params for key in page_of("map").linked)
    if not built.manifest["illustrative"] or st.session_state.setdefault(CLOSED_KEY, is_link):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="guide"):
        said = (
            f"<p><b>{escape(text('guide_title', language))}.</b> {escape(text('guide_lead', language))}</p>"
        )
        st.html(f'<section class="vl-panel">{said}</section>', width="stretch")
        st.button(
            text("guide_worst", language), key="guide_worst", help=text("guide_worst_help", language),
            on_click=_look_at_worst, args=(units,),
        )  # fmt: skip
        st.button(
            text("guide_gaps", language), key="guide_gaps", help=text("guide_gaps_help", language), on_click=_keep_gaps
        )  # fmt: skip
        name = f"{plain_name(str(built.manifest['name']))}-{units.id}-gap.geojson"
        st.download_button(
            text("guide_take", language), partial(units_file, "geojson", units, built.manifest, GAPS), name,
            "application/geo+json", key="guide_take", help=text("guide_take_help", language), on_click="ignore",
            type="primary",
        )  # fmt: skip
        st.button(
            text("guide_own", language), key="guide_own", help=text("guide_own_help", language),
            on_click=go_to, args=("data", language),
        )  # fmt: skip
        st.button(text("guide_close", language), key="guide_close", type="tertiary", on_click=_close)


def _look_at_worst(units: UnitList) -> None:
    """The unit that is furthest behind becomes the one looked at."""
    ranked = units.result.dropna(subset=["rank"]).sort_values(["rank", "unit_code"])
    if len(ranked):
        st.session_state["unit"] = str(ranked["unit_code"].iloc[0])


def _keep_gaps() -> None:
    st.session_state[WHERE] = list(as_conditions(GAPS))


def _close() -> None:
    st.session_state[CLOSED_KEY] = True
