"""The glossary and the key of colours of the method page, as HTML; every colour comes from `layers.palette`."""

from collections.abc import Iterable
from typing import Final

from geo.colours import NO_DATA_HATCH
from geo.definition import Definition
from layers.definitions import GROUPS, TERMS, definition_of, meaning_of, title_of
from layers.escape import escape
from layers.legend import swatch_fill
from layers.method_text import anchor_of
from layers.overlays import DASHES
from layers.palette import (
    INDICATORS,
    NO_DATA,
    OPERATOR_COLOURS,
    PLACE_COLOURS,
    Indicator,
    class_labels,
    indicator_name,
    thin_line,
)
from layers.strings import Language, text

_LINES: Final = {None: "solid", "2 4": "dotted", "7 5": "dashed"}
"""CSS names of the map's dashes."""


def term_anchor(term: str) -> str:
    """The anchor of a term on the page."""
    return f"term-{term}"


def term_card_html(term: str, language: Language) -> str:
    """The definition asked for, first on the page; nothing for a term not known."""
    definition = definition_of(term)
    if definition is None:
        return ""
    return (
        f'<section class="vl-term-card" id="{escape(term_anchor(definition.term))}-card">'
        f"<h2>{escape(title_of(definition, language))}</h2>{_body_html(definition, language)}</section>"
    )


def _body_html(definition: Definition, language: Language) -> str:
    section = f'<a href="#{escape(anchor_of(definition.section))}">{escape(definition.section)}</a>'
    more = f"{escape(text('method_section', language))} {section}"
    source = (
        f"<br>{escape(text('method_source', language, source=definition.source))}"
        if definition.source
        else ""
    )
    return f"<div>{escape(meaning_of(definition, language))}<br><small>{more}{source}</small></div>"


def glossary_html(language: Language) -> str:
    """Every term by group: title, name in files, meaning, section."""
    return "".join(_group_html(group, language) for group in GROUPS)


def _group_html(group: str, language: Language) -> str:
    lines = "".join(_term_html(d, language) for d in TERMS.values() if d.group == group)
    heading = escape(text(f"glossary_{group}", language))
    return f'<h3 id="glossary-{escape(group)}">{heading}</h3><dl class="vl-terms-list">{lines}</dl>'


def _term_html(definition: Definition, language: Language) -> str:
    code = definition.term.removeprefix("column_")
    shown = f" <code>{escape(code)}</code>" if definition.group in ("figure", "unit", "column") else ""
    return (
        f'<dt id="{escape(term_anchor(definition.term))}">{escape(title_of(definition, language))}{shown}</dt>'
        f"<dd>{_body_html(definition, language)}</dd>"
    )


def colours_html(language: Language, indicators: Iterable[Indicator] = INDICATORS) -> str:
    """What each colour, hatch and mark of the map means."""
    parts = [_indicator_html(indicator, language) for indicator in indicators]
    return "".join((_hatches_html(language), *parts, _operators_html(language), _places_html(language)))


def _indicator_html(indicator: Indicator, language: Language) -> str:
    labels = class_labels(indicator, language)
    items = [
        _item(swatch_fill(swatch), label) for swatch, label in zip(indicator.swatches, labels, strict=True)
    ]
    return _list_html(indicator_name(indicator, language), items)


def _hatches_html(language: Language) -> str:
    thin = f"background:repeating-linear-gradient(45deg,transparent 0 4px,{thin_line('#ffffff')} 4px 5px)"
    lines = (
        "background:repeating-linear-gradient(135deg,transparent 0 4px,{0} 4px 5px);border:1.5px solid {0}"
    )
    items = [
        _item(swatch_fill(NO_DATA), text("def_no_data", language)),
        _item(thin, text("def_thin", language)),
        _item(lines.format(NO_DATA_HATCH), text("method_overlay", language)),
    ]
    return _list_html(text("method_hatches", language), items)


def _operators_html(language: Language) -> str:
    """Operators take colours in the order of their names; the line says the kind of evidence."""
    items = [
        _item(f"background:{colour}", text("method_operator", language, number=str(place)))
        for place, colour in enumerate(OPERATOR_COLOURS, start=1)
    ]
    kinds = [
        _item(f"border:2px {_LINES[dash]} {NO_DATA_HATCH}", text(f"evidence_{kind}", language))
        for kind, dash in DASHES.items()
    ]
    return _list_html(text("method_operators", language), [*items, *kinds])


def _places_html(language: Language) -> str:
    items = [
        _item(f"background:{colour};border-radius:50%", text(f"place_{kind}", language))
        for kind, colour in PLACE_COLOURS.items()
    ]
    return _list_html(text("places", language), items)


def _item(style: str, label: str) -> str:
    return f'<li><span class="vl-swatch" style="{style}"></span><span>{escape(label)}</span></li>'


def _list_html(title: str, items: Iterable[str]) -> str:
    return f'<h3>{escape(title)}</h3><ul class="vl-swatches">{"".join(items)}</ul>'
