"""What lies over a map: the technology of coverage, and in a popover operators, kinds of evidence, strength, order and places."""

from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from geo.results import Built
from layers.escape import escape_markdown
from layers.explore import FULL_OPACITY, in_drawing_order
from layers.overlays import Overlay, PlaceMarks, evidence_of, operators_of, place_classes_of, technologies_of
from layers.strings import Language, text
from pages.choices import choose, hidden_key
from pages.map_parts import publish_places
from pages.shared import publish_coverage, stamp_of

NO_OVERLAY: Final = ""
LEAST_OPACITY: Final = 20
STEP: Final = 10


@dataclass(frozen=True)
class Over:
    """What lies over the units: the technology (empty: no coverage), operators and kinds of evidence (none stands for all),
    strength in per cent, operators from the topmost down, and classes of places.
    """

    technology: str
    operators: tuple[str, ...]
    evidence: tuple[str, ...]
    opacity: int
    order: tuple[str, ...]
    places: tuple[str, ...]


def choose_technology(built: Built, language: Language, *, is_in_row: bool = False) -> str:
    """The technology of the coverage to show, the first choice being none; in a row of buttons the box says itself what it is."""
    label = text("overlay", language)
    return choose(
        "overlay", label, [NO_OVERLAY, *technologies_of(built.coverage_areas)],
        lambda one: f"{label}: {one or text('overlay_none', language)}" if is_in_row else one or text("overlay_none", language),
        is_in_row=is_in_row,
    )  # fmt: skip


def show_overlays(built: Built, technology: str, language: Language) -> Over:
    """The popover; the choices of coverage are there once a technology is chosen."""
    known = operators_of(built.coverage_areas, technology)
    with st.popover(
        text("overlays", language), icon=":material/layers:", help=text("overlays_help", language)
    ):
        places = _show_points(built, language)
        operators = _show_operators(known, technology, language)
        evidence = _show_evidence(built, technology, language)
        opacity = _show_opacity(technology, language)
        order = _show_order(known, operators, language)
        if not technology:
            st.caption(text("overlays_none", language))
    return Over(technology, operators, evidence, opacity, order, places)


def over_link(built: Built, over: Over) -> dict[str, Any]:
    """What lies over the map as it stands in the address; what is as it opens is None."""
    towns = tuple(one for one in place_classes_of(built.places) if one == "town")
    return {
        "overlay": over.technology or None,
        "operators": list(over.operators) or None,
        "evidence": list(over.evidence) or None,
        "opacity": str(over.opacity) if over.opacity != FULL_OPACITY else None,
        "order": list(over.order)
        if over.order != operators_of(built.coverage_areas, over.technology)
        else None,
        "points": None if over.places == towns else list(over.places) or ["none"],
    }


def publish_over(
    built: Built, over: Over, language: Language
) -> tuple[tuple[Overlay, ...], tuple[PlaceMarks, ...]]:
    """Overlays and places that are asked for, each with the address of its display copy."""
    stamp = stamp_of(built)
    operators = over.operators or operators_of(built.coverage_areas, over.technology)
    overlays = publish_coverage(built, stamp, over.technology, operators, language, over.evidence)
    return in_drawing_order(overlays, over.order), publish_places(built, stamp, over.places, language)


def _hold(name: str, given: list[str], known: tuple[str, ...], language: Language) -> str:
    """Put what is chosen into a widget of the popover; returns the widget's key."""
    st.session_state[name] = [one for one in given if one in known]
    key = hidden_key(name, language)
    st.session_state[key] = st.session_state[name]
    return key


def _take(name: str, key: str) -> None:
    st.session_state[name] = st.session_state[key]


def _show_points(built: Built, language: Language) -> tuple[str, ...]:
    """Which places to show; towns unless the visitor says otherwise."""
    classes = place_classes_of(built.places)
    if not classes:
        return ()
    first = st.query_params.get_all("points") or [one for one in classes if one == "town"]
    key = _hold("points", st.session_state.get("points", first), classes, language)
    chosen = st.pills(
        text("places", language), classes, selection_mode="multi", key=key, on_change=_take, args=("points", key),
        format_func=lambda one: text(f"place_{one}", language),
    )  # fmt: skip
    return tuple(chosen)


def _show_operators(known: tuple[str, ...], technology: str, language: Language) -> tuple[str, ...]:
    """Whose coverage to show; none chosen stands for all."""
    given = st.session_state.get("operators", st.query_params.get_all("operators"))
    key = _hold("operators", given, known, language)
    return tuple(
        st.multiselect(
            text("operators", language), known, key=key, on_change=_take, args=("operators", key),
            placeholder=text("operators_all", language), disabled=not technology,
        )
    )  # fmt: skip


def _show_evidence(built: Built, technology: str, language: Language) -> tuple[str, ...]:
    """Which kinds of evidence to show; none chosen stands for all."""
    kinds = evidence_of(built.coverage_areas, technology)
    given = st.session_state.get("evidence", st.query_params.get_all("evidence"))
    key = _hold("evidence", given, kinds, language)
    if len(kinds) < 2:
        return ()
    chosen = st.pills(
        text("overlays_evidence", language), kinds, selection_mode="multi", key=key, on_change=_take,
        args=("evidence", key), format_func=lambda one: text(f"evidence_{one}", language),
    )  # fmt: skip
    return tuple(chosen)


def _show_opacity(technology: str, language: Language) -> int:
    given = str(st.session_state.get("opacity", st.query_params.get("opacity", FULL_OPACITY)))
    value = int(given) if given.isascii() and given.isdecimal() and len(given) <= 3 else FULL_OPACITY
    st.session_state["opacity"] = min(max(value // STEP * STEP, LEAST_OPACITY), FULL_OPACITY)
    key = hidden_key("opacity", language)
    st.session_state[key] = st.session_state["opacity"]
    return int(
        st.slider(
            text("overlays_opacity", language), LEAST_OPACITY, FULL_OPACITY, step=STEP, key=key, format="%d%%",
            on_change=_take, args=("opacity", key), disabled=not technology,
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
