"""What lies over the map, in a popover: operators, kinds of evidence, strength and order of coverage, and places."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from geo.results import Built
from layers.escape import escape_markdown
from layers.explore import FULL_OPACITY
from layers.overlays import evidence_of, operators_of
from layers.strings import Language, text
from pages.choices import choose_many, show_points

LEAST_OPACITY: Final = 20
STEP: Final = 10


@dataclass(frozen=True)
class Over:
    """What lies over the units: operators and kinds of evidence (none stands for all), strength in per cent, operators from the
    topmost down, and classes of places.
    """

    operators: tuple[str, ...]
    evidence: tuple[str, ...]
    opacity: int
    order: tuple[str, ...]
    places: tuple[str, ...]


def show_overlays(built: Built, technology: str, language: Language) -> Over:
    """The popover; the choices of coverage are there once a technology is chosen."""
    known = operators_of(built.coverage_areas, technology)
    with st.popover(
        text("overlays", language), icon=":material/layers:", help=text("overlays_help", language)
    ):
        places = show_points(built, language)
        operators = choose_many(
            "operators", text("operators", language), known, text("operators_all", language), disabled=not technology,
        )  # fmt: skip
        evidence = _show_evidence(built, technology, language)
        opacity = _show_opacity(technology, language)
        order = _show_order(known, operators, language)
        if not technology:
            st.caption(text("overlays_none", language))
    return Over(operators, evidence, opacity, order, places)


def _show_evidence(built: Built, technology: str, language: Language) -> tuple[str, ...]:
    kinds = evidence_of(built.coverage_areas, technology)
    given = st.session_state.get("evidence", st.query_params.get_all("evidence"))
    st.session_state["evidence"] = [one for one in given if one in kinds]
    if len(kinds) < 2:
        return ()
    chosen = st.pills(
        text("overlays_evidence", language), kinds, selection_mode="multi", key="evidence",
        format_func=lambda one: text(f"evidence_{one}", language),
    )  # fmt: skip
    return tuple(chosen)


def _show_opacity(technology: str, language: Language) -> int:
    given = str(st.session_state.get("opacity", st.query_params.get("opacity", FULL_OPACITY)))
    value = int(given) if given.isascii() and given.isdecimal() and len(given) <= 3 else FULL_OPACITY
    value = min(max(value // STEP * STEP, LEAST_OPACITY), FULL_OPACITY)
    st.session_state["opacity"] = value
    return int(
        st.slider(
            text("overlays_opacity", language), LEAST_OPACITY, FULL_OPACITY, step=STEP, key="opacity", format="%d%%",
            disabled=not technology,
        )
    )  # fmt: skip


def order_now(known: tuple[str, ...]) -> tuple[str, ...]:
    """Operators from the topmost down: as they were put, the others in their own order below."""
    given = st.session_state.get("order", st.query_params.get_all("order"))
    first = [one for one in dict.fromkeys(given) if one in known]
    return (*first, *(one for one in known if one not in first))


def _show_order(known: tuple[str, ...], operators: tuple[str, ...], language: Language) -> tuple[str, ...]:
    """The operators in order, each but the first with a button that moves it up."""
    order = order_now(known)
    shown = [one for one in order if not operators or one in operators]
    if len(shown) > 1:
        st.caption(text("overlays_order", language))
        with st.container(horizontal=True, key="overlay_order"):
            for place, operator in enumerate(shown):
                st.button(
                    f"{place + 1}. {escape_markdown(operator)}", key=f"order_up_{operator}", width="content",
                    icon=":material/arrow_upward:" if place else None, disabled=not place, on_click=_move_up,
                    args=(order, operator, shown[place - 1]), help=text("overlays_up", language, name=escape_markdown(operator)),
                )  # fmt: skip
    return order


def _move_up(order: tuple[str, ...], operator: str, above: str) -> None:
    """Put an operator before the one that was shown above it."""
    others = [one for one in order if one != operator]
    others.insert(others.index(above), operator)
    st.session_state["order"] = others
