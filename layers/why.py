"""The small question mark beside a figure or a heading: what it means, one click away, with the way to the whole method."""

import hashlib
from typing import Final
from urllib.parse import urlencode

from geo.column_terms import column_term
from layers.definitions import definition_of, meaning_of, title_of
from layers.escape import escape
from layers.strings import Language, text

__all__ = ["column_term", "goal_term", "meaning_text", "method_link", "term_title", "why_html"]

METHOD_PAGE: Final = "method"


def method_link(term: str, language: Language) -> str:
    """Address of the method page at this term, in this language."""
    asked = {"page": METHOD_PAGE, "term": term} | ({} if language == "vi" else {"lang": language})
    return f"?{urlencode(asked)}"


def goal_term(dimension: str) -> str:
    """The term of a goal: an own indicator has the one of all own indicators."""
    term = f"goal_{dimension}"
    return term if definition_of(term) else "own"


def term_title(term: str, language: Language) -> str:
    """The term in words; itself where it is not defined."""
    definition = definition_of(term)
    return term if definition is None else title_of(definition, language)


def meaning_text(term: str, language: Language) -> str | None:
    """The definition as plain text, for what shows a hint of its own (a table's heading); None for a term not defined."""
    definition = definition_of(term)
    return None if definition is None else meaning_of(definition, language)


def why_html(term: str, language: Language, *, place: str = "") -> str:
    """A button that opens the term's definition above the page, as HTML for `st.html`; nothing for a term not defined.

    It works without script and by keyboard (the browser's own popover; Escape closes it). Where a term stands several
    times on a page, `place` tells the buttons apart.
    """
    definition = definition_of(term)
    if definition is None:
        return ""
    title, meaning = title_of(definition, language), meaning_of(definition, language)
    digest = hashlib.sha256(f"{term} {place}".encode()).hexdigest()[:10]
    label = escape(text("why_label", language, term=title))
    return (
        f'<button type="button" class="vl-why" popovertarget="why-{digest}" aria-label="{label}" title="{label}"></button>'
        f'<span class="vl-why-box" id="why-{digest}" popover="auto" role="dialog" aria-label="{escape(title)}">'
        f"<b>{escape(title)}</b><span>{escape(meaning)}</span>"
        f'<a href="{escape(method_link(term, language))}" target="_blank">{escape(text("why_more", language))}</a></span>'
    )
