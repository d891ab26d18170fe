"""Turning to another page from a button."""

from typing import Final

import streamlit as st

from layers.strings import Language

RETURNS_KEY: Final = "returns"


def returns() -> int:
    """How many times the visitor went back or forward."""
    return int(st.session_state.get(RETURNS_KEY, 0))


def go_to(page: str, language: Language) -> None:
    """Turn to another page, from a button: the switches are made anew, as after going back."""
    st.session_state["first_page"] = page
    st.session_state["first_language"] = language
    st.session_state[RETURNS_KEY] = returns() + 1


def hidden_key(name: str, language: Language, turn: int = 0) -> str:
    """Key of a widget in a popover: another one whenever its choice changes otherwise than by the visitor's hand.

    A closed popover's widgets are not there to be told: the browser would say what they held before, as if it were chosen.
    """
    return f"{name} {language} {returns()} {turn}"
