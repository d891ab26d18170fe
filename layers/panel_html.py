"""The panel, the overview and the headline as HTML; every text that is not ours goes through `escape`."""

from collections.abc import Iterable, Mapping
from typing import Final

from geo.people_sum import PeopleSum
from geo.schema import Outcome, Verdict, Vintage
from layers.escape import escape
from layers.goal_line import GoalLine
from layers.overview import FarBehind, Overview
from layers.palette import NO_DATA_FILL, NO_DATA_HATCH, VERDICT_COLOURS
from layers.panel import UnitPanel, dimension_name
from layers.panel_sections import coverage_html, place_html, trends_html, uncovered_html
from layers.people_words import unknown_units_text
from layers.strings import Language, figure, goal_figure, number, text, unit_word
from layers.why import goal_term, why_html

OUTCOME_MARKS: Final = {"pass": "✓", "fail": "✗", "undecided": "?", "no_evidence": "–"}
"""A sign beside the colour and the word, so that no outcome rests on colour."""


_TERMS: Final = {"rank": "rank", "score": "gap_score", "confidence": "confidence", "people": "people"}
"""Facts of a unit, in their order, and the terms that define them."""


def verdict_fill(verdict: str) -> str:
    """CSS background of a verdict's colour, hatched where there is not enough evidence."""
    for known, colour in VERDICT_COLOURS.items():
        if verdict == known:
            return f"background:{colour}"
    return f"background:repeating-linear-gradient(135deg,{NO_DATA_FILL} 0 4px,{NO_DATA_HATCH} 4px 5px)"


def verdict_word(verdict: str, language: Language) -> str:
    """The verdict in words; anything unknown to this page counts as not enough evidence."""
    return text(f"verdict_{verdict if verdict in {str(v) for v in Verdict} else Verdict.UNKNOWN}", language)


def headline_html(found: Overview, language: Language) -> str:
    """Units by verdict and people in gap units, as one row of cards."""
    cards = [
        _card(
            number(found.by_verdict[str(v)], language),
            verdict_word(str(v), language),
            verdict_fill(str(v)),
            why_html(f"verdict_{v}", language, place="card"),
        )
        for v in Verdict
    ]
    if found.people_in_gaps is None:
        cards.append(_card(number(None, language), text("people_unknown", language), ""))
    else:
        cards.append(_people_card(found.people_in_gaps, language))
    return f'<div class="vl-cards">{"".join(cards)}</div>'


def _people_card(people: PeopleSum, language: Language) -> str:
    """People in gap units; a least where those of some units are not known."""
    figure_text, label = number(people.known, language), text("people_in_gaps", language)
    if not people.is_whole:
        figure_text = (
            figure_text if people.known is None else text("people_least_bare", language, count=figure_text)
        )
        label += f"; {unknown_units_text(people, language)}"
    return _card(figure_text, label, "", why_html("people", language, place="card"))


def _card(figure_text: str, label: str, fill: str, why: str = "") -> str:
    bar = f'<i style="{fill}"></i>' if fill else ""
    return f'<div class="vl-card">{bar}<b>{escape(figure_text)}</b><span>{escape(label)}{why}</span></div>'


def overview_html(found: Overview, language: Language, own: Mapping[str, str] | None = None) -> str:
    """What to do, and how many units meet each goal, for when no unit is chosen; `own`: names of own indicators by id."""
    names = own or {}
    head = "".join(
        f"<th>{_outcome_mark(str(o))} {escape(text(f'outcome_{o}', language))}</th>" for o in Outcome
    )
    rows = "".join(
        f"<tr><td>{escape(dimension_name(dimension, names, language))}"
        f"{why_html(goal_term(dimension), language, place=f'overview {dimension}')}</td>"
        + "".join(f"<td>{escape(number(counts[str(o)], language))}</td>" for o in Outcome)
        + "</tr>"
        for dimension, counts in found.goals
    )
    return (
        f'<section class="vl-panel"><h2>{escape(text("overview", language))}</h2>'
        f'<p class="vl-hint">{escape(text("overview_hint", language))}</p>'
        f"<h3>{escape(text('overview_goals', language))}</h3>"
        f'<table class="vl-table vl-num"><thead><tr><th>{escape(text("criterion", language))}</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{_furthest_html(found.furthest, language)}</section>"
    )


def _furthest_html(units: Iterable[FarBehind], language: Language) -> str:
    rows = "".join(
        f'<tr><td><i style="{verdict_fill(unit.verdict)}"></i>{escape(unit.label)}</td>'
        f"<td>{escape(figure(unit.score, 'points', language))}</td><td>{escape(number(unit.people, language))}</td></tr>"
        for unit in units
    )
    if not rows:
        return ""
    heads = "".join(
        f"<th>{escape(text(key, language))}{why_html(_TERMS[key], language, place='furthest') if key in _TERMS else ''}</th>"
        for key in ("name", "score", "people")
    )
    return (
        f"<h3>{escape(text('furthest', language))}</h3>"
        f'<table class="vl-table vl-num vl-top"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    )


def panel_html(panel: UnitPanel, language: Language) -> str:
    """The panel of one unit."""
    return (
        f'<section class="vl-panel" data-code="{escape(panel.code)}">{heading_html(panel, language)}'
        f"{facts_html(panel, language)}"
        f"<h3>{escape(text('reasons', language))}</h3>{_list(panel.reasons or (text('no_reasons', language),))}"
        f"{_goals_table(panel.goals, language)}{trends_html(panel.trends, language)}"
        f"{uncovered_html(panel.uncovered, language)}{place_html(panel.place, language)}{_own(panel, language)}"
        f"<h3>{escape(text('evidence', language))}</h3>{_list(panel.evidence)}"
        f"{coverage_html(panel.coverage, language)}</section>"
    )


def _own(panel: UnitPanel, language: Language) -> str:
    return (
        f"<h3>{escape(text('own_title', language))}{why_html('own', language)}</h3>{_list(panel.own)}"
        if panel.own
        else ""
    )


def heading_html(panel: UnitPanel, language: Language) -> str:
    """Name, where it lies, and the verdict with its meaning."""
    known = panel.verdict if panel.verdict in {str(v) for v in Verdict} else str(Verdict.UNKNOWN)
    where = where_text(panel, language)
    return (
        f"<h2>{escape(panel.label)}</h2>"
        f'<p class="vl-hint">{escape(where)}</p>'
        f'<p class="vl-verdict"><i style="{verdict_fill(known)}"></i><b>{escape(verdict_word(known, language))}</b>'
        f"{why_html(f'verdict_{known}', language, place='unit')} "
        f"<span>{escape(text(f'meaning_{known}', language))}</span></p>"
    )


def where_text(panel: UnitPanel, language: Language) -> str:
    """District and province, code, and the list that the code is of, in one line."""
    code = f"{text('code', language)} {panel.code}"
    return " · ".join(part for part in (panel.parent, code, _vintage(panel.vintage, language)) if part)


def _vintage(vintage: str, language: Language) -> str:
    """Which list of units a code is of, in words; nothing for a list of one's own."""
    return "" if vintage == Vintage.OTHER else text(f"vintage_{vintage}", language)


def ranks_text(first: float | None, last: float | None, language: Language) -> str:
    """A rank, or the ranks that units alike share: `31–40`."""
    one = number(first, language)
    return one if first is None or last is None or not last > first else f"{one}–{number(last, language)}"


def facts_html(panel: UnitPanel, language: Language) -> str:
    """Rank, score, confidence and people, each with its definition one click away."""
    items = "".join(
        f"<div><dt>{escape(name)}{why_html(term, language, place='unit')}</dt>"
        f"<dd>{escape(value)}<small>{escape(ends)}</small></dd></div>"
        for (name, value, ends, _), term in zip(unit_facts(panel, language), _TERMS.values(), strict=True)
    )
    return f'<dl class="vl-facts">{items}</dl>'


def unit_facts(panel: UnitPanel, language: Language) -> tuple[tuple[str, str, str, str], ...]:
    """Name, figure, its ends and what it means, of rank, score, confidence and people."""
    ranked = f"{ranks_text(panel.rank, panel.rank_last, language)}/{number(panel.ranked, language)}"
    rank_ends = "" if panel.rank is None else _ends(*panel.rank_ends, "", language)
    score_ends = _ends(*panel.score_ends, "points", language)
    rank = text("rank_none", language) if panel.rank is None else ranked
    confidence = figure(panel.confidence, "share", language)
    facts = (
        ("rank", rank, rank_ends, text("rank_help", language)),
        ("score", figure(panel.score, "points", language), score_ends, text("score_help", language)),
        ("confidence", confidence, "", text("confidence_help", language)),
        ("people", number(panel.people, language), "", ""),
    )
    return tuple((text(key, language), value, ends, more) for key, value, ends, more in facts)


def _ends(low: float | None, high: float | None, unit: str, language: Language) -> str:
    """Both ends of an interval in brackets; nothing where there is none or it is a point."""
    if low is None or high is None:
        return ""
    first, last = figure(low, unit, language), figure(high, unit, language)
    return "" if first == last else f" ({first}–{last})"


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _goals_table(lines: Iterable[GoalLine], language: Language) -> str:
    terms = {"figure": "interval", "province_median": "median", "criterion": "essential"}
    head = "".join(
        f"<th>{escape(text(key, language))}{why_html(terms.get(key, ''), language, place='goals')}</th>"
        for key in ("criterion", "figure", "goal", "province_median", "outcome")
    )
    rows = "".join(_goal_row(line, language) for line in lines)
    return f'<table class="vl-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _goal_row(line: GoalLine, language: Language) -> str:
    essential = f"<small>{escape(text('essential', language))}</small>" if line.essential else ""
    cells = (
        goal_figure(line.goal, line.unit, language),
        figure(line.median, line.unit, language),
    )
    figures = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    interval = f"<small>{escape(said)}</small>" if (said := _interval(line, language)) else ""
    return (
        f"<tr><td>{escape(line.name)}{why_html(goal_term(line.dimension), language, place=f'goals {line.dimension}')}{essential}</td>"
        f"<td>{escape(figure(line.value, line.unit, language))}{interval}</td>{figures}"
        f"<td>{_outcome_mark(line.outcome)} {escape(text(f'outcome_{line.outcome}', language))}</td></tr>"
    )


def _interval(line: GoalLine, language: Language) -> str:
    """The interval behind a figure, when there is one with two ends that differ."""
    if line.low is None or line.high is None or line.low == line.high:
        return ""
    low, high = (figure(end, line.unit, language) for end in (line.low, line.high))
    unit = f" {unit_word(line.unit, language)}"
    # the figure above it says the unit, the column's head how sure
    return f"{low.removesuffix(unit)} – {high.removesuffix(unit)}"


def _outcome_mark(outcome: str) -> str:
    return f'<b class="vl-mark vl-{escape(outcome)}">{OUTCOME_MARKS.get(outcome, "–")}</b>'
