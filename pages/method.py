"""The method page: a term asked for, the glossary, what colours mean, and METHODS.md itself."""

from typing import Final

import streamlit as st

from geo.results import Built
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.definitions import TERMS, definition_of, title_of
from layers.escape import escape
from layers.glossary import colours_html, glossary_html, term_card_html
from layers.method_text import SUMMARY, Section, contents_html, methods_file, read_methods, sections_html
from layers.strings import Language, text
from pages.choices import write_address

TERM_KEY: Final = "term"
PARTS: Final = ("method_summary", "method_glossary", "method_colours", "method_full")


def show(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:  # noqa: ARG001  # as every page
    """The whole page."""
    sections = read_methods(methods_file())
    st.html(f'<div class="vl-method"><h2>{escape(text("method_title", language))}</h2>'
            f"<p>{escape(text('method_intro', language))}</p></div>")  # fmt: skip
    term = _choose_term(language)
    _show_term(term, language)
    summary = tuple(s for s in sections if s.title == SUMMARY) if language == "vi" else ()
    parts = PARTS if summary else PARTS[1:]
    links = "".join(f'<li><a href="#{part}">{escape(text(part, language))}</a></li>' for part in parts)
    st.html(
        f'<nav aria-label="{escape(text("method_contents", language))}"><ul class="vl-toc">{links}</ul></nav>'
    )
    if summary:
        _show_part("method_summary", "", "".join(s.html for s in summary), language)
    _show_part("method_glossary", "", glossary_html(language), language)
    _show_part("method_colours", "method_colours_hint", colours_html(language), language)
    _show_full(tuple(s for s in sections if s.title != SUMMARY), language)
    write_address(
        {
            "page": "method",
            "lang": language if language != "vi" else None,
            TERM_KEY: term if definition_of(term or "") else None,
        }
    )


def _choose_term(language: Language) -> str | None:
    """The box that finds a term; its choice is part of the address."""
    given = st.session_state.get(TERM_KEY, st.query_params.get(TERM_KEY))
    found = definition_of(str(given)) if given else None
    st.session_state[TERM_KEY] = found.term if found else None
    chosen = st.selectbox(
        text("method_find", language), list(TERMS), index=None, key=TERM_KEY,
        placeholder=text("method_find_placeholder", language),
        format_func=lambda term: f"{title_of(TERMS[term], language)} ({term.removeprefix('column_')})",
    )  # fmt: skip
    return str(chosen) if chosen else str(given) if given and not found else None


def _show_term(term: str | None, language: Language) -> None:
    if term is None:
        return
    if definition_of(term) is None:
        st.html(f'<p class="vl-hint">{escape(text("method_unknown", language, term=term[:80]))}</p>')
        return
    st.html(f'<div class="vl-method">{term_card_html(term, language)}</div>')


def _show_part(part: str, hint: str, html: str, language: Language) -> None:
    said = f'<p class="vl-hint">{escape(text(hint, language))}</p>' if hint else ""
    st.html(
        f'<section class="vl-method"><h2 id="{part}">{escape(text(part, language))}</h2>{said}{html}</section>'
    )


def _show_full(sections: tuple[Section, ...], language: Language) -> None:
    """METHODS.md, which is English whatever the language of the page, with its table of contents."""
    body = contents_html(sections) + sections_html(sections, "en")
    _show_part("method_full", "method_full_hint", body, language)
