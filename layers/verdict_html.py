"""The verdict on a proposal as HTML: the card beside the map and the summary that prints on one page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from geo.rollout import Check
from layers.escape import escape
from layers.panel_html import OUTCOME_MARKS
from layers.rollout_text import (
    CriterionLine,
    count_lines,
    criterion_lines,
    figure_lines,
    further_reasons,
    headline,
)
from layers.strings import MISSING, Language, text
from layers.touched import NO_LABELS, touched_columns, touched_rows
from layers.why import why_html

ADVICE_COLOURS: Final = {
    "recommended": ("#1d6fa5", "#ffffff"),
    "acceptable": ("#f3b33d", "#0f172a"),
    "questionable": ("#b23a0e", "#ffffff"),
}
"""Ground and ink of the overall outcome; contrast of 4.5 or more."""
_MARKS: Final = {**OUTCOME_MARKS, "not_judged": "–"}
_CLASSES: Final = {"not_judged": "no_evidence"}
_SUMMARY_UNITS: Final = 12
_STYLE: Final = """
@page { size: A4; margin: 10mm; }
body { font: 10pt/1.3 "Segoe UI", Roboto, "Noto Sans", sans-serif; color: #0f172a; max-width: 190mm; margin: 0 auto; }
h1 { font-size: 15pt; margin: 0 0 1mm; } h2 { font-size: 11pt; margin: 3mm 0 1mm; }
p { margin: 1mm 0; } .small { color: #475569; font-size: 8.5pt; }
.advice { display: inline-block; padding: 1mm 4mm; border-radius: 2mm; font-weight: 700; }
table { width: 100%; border-collapse: collapse; font-size: 9pt; }
th, td { text-align: left; padding: 0.7mm 1.5mm; border-bottom: 0.2mm solid #cbd5e1; vertical-align: top; }
td.n, th.n, .vl-num td:not(:first-child), .vl-num th:not(:first-child) { text-align: right; } .vl-part { padding-left: 5mm; } td small { color: #475569; }
"""


@dataclass(frozen=True)
class Heading:
    """What stands above a verdict: the proposal's name and one line about it."""

    name: str
    about: str


def intro_html(language: Language) -> str:
    """How to begin, for when there is nothing to check yet."""
    steps = "".join(f"<li>{escape(text(f'check_how_{step}', language))}</li>" for step in (1, 2, 3))
    return (
        f'<section class="vl-panel"><h2>{escape(text("page_check", language))}</h2>'
        f'<p class="vl-hint">{escape(text("check_intro", language))}</p><ol>{steps}</ol></section>'
    )


def verdict_html(check: Check, heading: Heading, language: Language) -> str:
    """The card: outcome, every criterion with figure, threshold and sentence, the figures, what else is to be said."""
    return (
        f'<section class="vl-panel vl-check" data-advice="{escape(check.advice)}"><h2>{escape(heading.name)}</h2>'
        f'<p class="vl-hint">{escape(heading.about)}</p>{_advice(check, language)}{_headline(check, language)}'
        f"{_criteria(check, language)}{_notes(check, language)}"
        f"<h3>{escape(text('figures', language))}</h3>{_figures(check, language, asks=True)}</section>"
    )


def _advice(check: Check, language: Language) -> str:
    ground, ink = ADVICE_COLOURS[str(check.advice)]
    return (
        f'<p class="vl-advice"><b style="background:{ground};color:{ink}">{escape(text(f"advice_{check.advice}", language))}</b>'
        f"{why_html(f'advice_{check.advice}', language)} "
        f"<span>{escape(text(f'advice_help_{check.advice}', language))}</span></p>"
    )


def _headline(check: Check, language: Language) -> str:
    said = headline(check, language)
    return f"<p>{escape(said)}</p>" if said else ""


def _criteria(check: Check, language: Language) -> str:
    rows = "".join(
        f'<div class="vl-criterion"><b class="vl-mark vl-{_CLASSES.get(line.outcome, line.outcome)}">{_MARKS[line.outcome]}</b>'
        f"<div><p><b>{escape(line.name)}</b>{why_html(f'criterion_{line.code}', language)}{_essential(line.essential, language)}"
        f'<span class="vl-outcome">{escape(text(f"judged_{line.outcome}", language))}</span></p>'
        f'<p class="vl-small">{escape(_against(line, language))}</p>'
        f"<p>{escape(line.sentence)}</p></div></div>"
        for line in criterion_lines(check, language)
    )
    return f'<div class="vl-criteria">{rows}</div>'


def _against(line: CriterionLine, language: Language) -> str:
    """The figure and its threshold; the threshold alone where there is no figure."""
    limit = f"{text('threshold', language)}: {line.threshold}"
    return limit if line.figure == MISSING else f"{line.figure} · {limit}"


def _essential(essential: bool, language: Language) -> str:
    return f" <small>{escape(text('essential', language))}</small>" if essential else ""


def _notes(check: Check, language: Language) -> str:
    notes = further_reasons(check, language)
    return f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in notes)}</ul>" if notes else ""


def _figures(check: Check, language: Language, *, asks: bool = False) -> str:
    """The parts of the proposal; `asks`: each with the button that opens its definition, which paper has no use for."""
    heads = ("", text("people_column", language), text("area_column", language))
    rows = "".join(
        f"<tr{' class=vl-strong' if line.code == 'new' else ''}><td{' class=vl-part' if line.part else ''}>{escape(line.name)}"
        f"{why_html(f'part_{line.code}', language) if asks else ''}</td>"
        f"<td>{escape(line.people)}</td><td>{escape(line.km2)}</td></tr>"
        for line in figure_lines(check, language)
    )
    more = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(value)}</td><td></td></tr>"
        for name, value in count_lines(check, language)
    )
    head = "".join(f"<th>{escape(word)}</th>" for word in heads)
    return (
        f'<table class="vl-table vl-num"><thead><tr>{head}</tr></thead><tbody>{rows}{more}</tbody></table>'
        f'<p class="vl-small small">{escape(text("figures_add_up", language))}</p>'
    )


def summary_html(
    check: Check,
    heading: Heading,
    notes: Sequence[str],
    sources: str,
    language: Language,
    labels: Mapping[str, str] = NO_LABELS,
) -> str:
    """A whole HTML document, without scripts or outside files, that prints on one A4 page.

    `notes`: what must be said of the data (illustrative, terms) and when this was made; `labels`: as in `touched_rows`.
    """
    told = "".join(f'<p class="small">{escape(note)}</p>' for note in notes)
    ground, ink = ADVICE_COLOURS[str(check.advice)]
    criteria = "".join(
        f"<tr><td>{_MARKS[line.outcome]} {escape(text(f'judged_{line.outcome}', language))}</td>"
        f"<td><b>{escape(line.name)}</b>{_essential(line.essential, language)}<br>{escape(line.sentence)}</td>"
        f'<td class="n">{escape(line.figure)}</td><td class="n">{escape(line.threshold)}</td></tr>'
        for line in criterion_lines(check, language)
    )
    heads = "".join(
        f"<th{' class=n' if number > 1 else ''}>{escape(text(key, language))}</th>"
        for number, key in enumerate(("outcome", "criterion", "figures", "threshold"))
    )
    title = f"{text('summary_title', language)}: {heading.name}"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1><p>{escape(heading.about)}</p>"
        f'<p><span class="advice" style="background:{ground};color:{ink}">{escape(text(f"advice_{check.advice}", language))}</span> '
        f"{escape(text(f'advice_help_{check.advice}', language))}</p>{_headline(check, language)}"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{criteria}</tbody></table>{_notes(check, language)}"
        f"<h2>{escape(text('figures', language))}</h2>{_figures(check, language)}"
        f"<h2>{escape(text('units_touched', language))}</h2>{_summary_units(check, language, labels)}"
        f'{told}<p class="small">{escape(text("summary_sources", language))}: '
        f"{escape(sources)}</p></body></html>"
    )


def _summary_units(check: Check, language: Language, labels: Mapping[str, str]) -> str:
    rows = touched_rows(check, language, labels)
    if not rows:
        return f"<p>{escape(text('units_none', language))}</p>"
    head = "".join(f"<th>{escape(name)}</th>" for name in touched_columns(check, language).values())
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row.values()) + "</tr>"
        for row in rows[:_SUMMARY_UNITS]
    )
    more = f"<p>… +{len(rows) - _SUMMARY_UNITS}</p>" if len(rows) > _SUMMARY_UNITS else ""
    return f'<table class="vl-num"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}'
