"""Sections of a unit's panel as HTML: trends, people not covered, place, coverage by kind of evidence; all text escaped."""

from collections.abc import Iterable, Sequence
from typing import Final

from geo.schema import EVERY_OPERATOR, Direction, Evidence
from geo.sort_names import sort_key
from layers.escape import escape
from layers.panel import CoverageLine
from layers.panel_figures import TrendLine, UncoveredLine
from layers.strings import MISSING, Language, day, figure, signed, text
from layers.why import why_html

DIRECTION_MARKS: Final = {Direction.FALLING_BEHIND: "↘", Direction.STEADY: "→", Direction.CATCHING_UP: "↗"}
"""An arrow beside the word, so that no direction rests on colour."""
_TERMS: Final = {
    "trends": "mobile_trend_mbps_per_year", "uncovered": "4g_uncovered_people", "place": "town_distance_km",
    "coverage_table": "column_covered_people_share",
}  # fmt: skip
"""Terms that the headings of sections are defined by."""
_EVIDENCE_NOTES: Final = {str(Evidence.MEASURED): "measured_note", str(Evidence.MODELLED): "modelled_note"}


def trends_html(lines: Sequence[TrendLine], language: Language) -> str:
    """Slope with its interval and direction, per network; empty where the result has no trends."""
    if not lines:
        return ""
    helped = f' title="{escape(text("trend_direction_help", language))}"'
    heads = ("technology", "trend_slope", "trend_direction")
    head = "".join(
        f"<th{helped if key == 'trend_direction' else ''}>{escape(text(key, language))}</th>" for key in heads
    )
    return _section("trends", _table(head, [_trend_row(line, language) for line in lines]), language)


def _trend_row(line: TrendLine, language: Language) -> str:
    slope = MISSING if line.mbps_per_year is None else signed(line.mbps_per_year, language)
    if line.low is not None and line.high is not None:
        slope += f" ({signed(line.low, language)} – {signed(line.high, language)})"
    said = text(f"direction_{line.direction or 'unknown'}", language)
    mark = ""
    if line.direction is not None:
        mark = f'<b class="vl-mark vl-{escape(line.direction)}">{DIRECTION_MARKS[Direction(line.direction)]}</b> '
    network = text(f"network_{line.network}", language)
    return f"<td>{escape(network)}</td><td>{escape(slope)}</td><td>{mark}{escape(said)}</td>"


def uncovered_html(lines: Sequence[UncoveredLine], language: Language) -> str:
    """People outside all coverage of each technology; empty where the result does not count them."""
    if not lines:
        return ""
    heads = ("technology", "uncovered_people", "uncovered_share", "evidence")
    head = "".join(f"<th>{escape(text(key, language))}</th>" for key in heads)
    rows = [_uncovered_row(line, language) for line in lines]
    return _section("uncovered", _table(head, rows), language)


def _uncovered_row(line: UncoveredLine, language: Language) -> str:
    cells = (
        line.technology,
        figure(line.people, "people", language),
        figure(line.share, "share", language),
        text(f"evidence_{line.evidence or 'none'}", language),
    )
    return "".join(f"<td>{escape(cell)}</td>" for cell in cells)


def place_html(lines: Sequence[tuple[str, str]], language: Language) -> str:
    """Where people live, one fact a row; empty where nothing is known."""
    if not lines:
        return ""
    helps = {text("settlement", language): text("settlement_help", language)}
    rows = [
        f'<td title="{escape(helps.get(name, ""))}">{escape(name)}</td><td>{escape(value)}</td>'
        for name, value in lines
    ]
    return _section("place", _table("", rows), language)


def coverage_html(lines: Sequence[CoverageLine], language: Language) -> str:
    """A table per kind of evidence, operators down and technologies across: kinds never stand in one table."""
    kinds = [str(kind) for kind in Evidence]
    tables = [
        _evidence_html(kind, [line for line in lines if line.evidence == kind], language)
        for kind in [*kinds, *sorted({line.evidence for line in lines} - {*kinds})]
    ]
    return _section("coverage_table", "".join(tables), language) if any(tables) else ""


def _evidence_html(kind: str, lines: Sequence[CoverageLine], language: Language) -> str:
    if not lines:
        return ""
    days = sorted({line.as_of for line in lines if line.as_of})
    title = text(f"evidence_{kind}", language)
    if days:
        title += f" ({' – '.join(day(one, language) for one in dict.fromkeys((days[0], days[-1])))})"
    technologies = sorted({line.technology for line in lines})
    head = "".join(f"<th>{escape(name)}</th>" for name in (text("operator", language), *technologies))
    operators = dict.fromkeys(
        sorted((line.operator for line in lines), key=lambda one: (one == EVERY_OPERATOR, sort_key(one)))
    )
    rows = [
        _operator_row(one, [line for line in lines if line.operator == one], technologies, language)
        for one in operators
    ]
    note = (
        f'<p class="vl-note">{escape(text(_EVIDENCE_NOTES[kind], language))}</p>'
        if kind in _EVIDENCE_NOTES
        else ""
    )
    return f'<p class="vl-evidence">{escape(title)}{why_html(f"evidence_{kind}", language, place="section")}</p>{_table(head, rows)}{note}'


def _operator_row(
    operator: str, lines: Sequence[CoverageLine], technologies: Iterable[str], language: Language
) -> str:
    name = text("every_operator", language) if operator == EVERY_OPERATOR else operator
    by_technology = {line.technology: line for line in lines}
    cells = "".join(_coverage_cell(by_technology.get(one), language) for one in technologies)
    return f"<td>{escape(name)}</td>{cells}"


def _coverage_cell(line: CoverageLine | None, language: Language) -> str:
    """Share of people, that of area below it; nothing claimed is a dash, which is not 0."""
    if line is None:
        return f"<td>{MISSING}</td>"
    area = text("by_evidence_area", language, share=figure(line.area_share, "share", language))
    return f"<td>{escape(figure(line.people_share, 'share', language))}<small>{escape(area)}</small></td>"


def _section(key: str, body: str, language: Language) -> str:
    why = why_html(_TERMS.get(key, ""), language, place="section")
    return f"<h3>{escape(text(key, language))}{why}</h3>{body}"


def _table(head: str, rows: Iterable[str]) -> str:
    """Rows of ready cells as a table; `head` may be empty."""
    top = f"<thead><tr>{head}</tr></thead>" if head else ""
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table class="vl-table">{top}<tbody>{body}</tbody></table>'
